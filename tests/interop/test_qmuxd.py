"""qmi-sim --qmuxd: our qmicli over qmuxd's socket against itself on the pty of the same modem, and programs at
that socket as qmuxd meets them.

usage: test_qmuxd.py QMICLI QMI-SIM ATFWD-DAEMON QMI-TRACE
"""

import os
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

from qmicli_arguments import TOGETHER
from qmicli_tool import CLOCK, actions, describe, run
from sim import PATIENCE, Sim, Tap
from test_qmicli import GUIDE

SDU, ALLOCATE, RELEASE, CTL = 0, 1, 2, 11
DMS = 2
GET_MODEL = bytes.fromhex("00010022000000")
VERSIONS = bytes.fromhex("000121000000")
SYNC = bytes.fromhex("000127000000")
# How many the socket serves at a time; who comes then waits.
LIMIT = 256
# What reads only, although its name does not say so; and what waits for ever.
ALSO = ["get-service-version-info", "uim-get-card-status"]
ENDLESS = ["wms-monitor", "nas-swi-get-status"]


class Program:
    """A program of the modem's Linux at qmuxd, by the layouts of the public descriptions."""

    def __init__(self, folder, wide=False, buffer=664):
        self.wide, self.buffer, self.transaction = wide, buffer, 0
        self.header = "<IIIIQiiIIBB6x" if wide else "<IIIIIiiIIBB2x"
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(PATIENCE)
        self.socket.connect(os.path.join(folder, "qmux_connect_socket"))
        self.number, = struct.unpack("<I", self.read(4))

    def read(self, size):
        data = b""
        while len(data) < size:
            piece = self.socket.recv(size - len(data))
            if not piece:
                raise EOFError
            data += piece
        return data

    def message(self, kind, payload, service=0, client=0):
        self.transaction += 1
        return struct.pack(self.header, struct.calcsize(self.header) + len(payload), self.number, kind, self.number,
                           self.transaction, 0, 0, 0, service, client, 0) + payload

    def send(self, *arguments, **named):
        self.socket.sendall(self.message(*arguments, **named))

    def receive(self):
        """The next message: a dictionary."""
        head = self.read(struct.calcsize(self.header))
        names = ("size", "number", "kind", "again", "transaction", "system", "qmi", "connection", "service",
                 "client", "flags")
        found = dict(zip(names, struct.unpack(self.header, head)))
        found["payload"] = self.read(found["size"] - len(head))
        return found

    def ask(self, *arguments, **named):
        self.send(*arguments, **named)
        return self.receive()

    def allocate(self, service):
        """A client id, 0 when it is refused."""
        answer = self.ask(ALLOCATE, struct.pack("<I", service).ljust(self.buffer, b"\0"))
        return struct.unpack_from("<I", answer["payload"])[0]

    def is_served(self):
        client = self.allocate(DMS)
        answer = self.ask(SDU, GET_MODEL, service=DMS, client=client)
        return client > 0 and b"QUECTEL" in answer["payload"]

    def ends(self):
        """Whether the socket is closed now; what comes before is passed over."""
        try:
            while self.socket.recv(65536):
                pass
        except ConnectionError:
            pass
        except TimeoutError:
            return False
        return True

    def close(self):
        self.socket.close()


def clients_of(qmicli, modem):
    """How many ids of DMS are free, by taking them all on the pty; they are given back."""
    taken = 0
    frame = bytes.fromhex("010f00000000000122000400010100") + bytes([DMS])
    port = os.open(modem.path, os.O_RDWR | os.O_NOCTTY)
    try:
        while True:
            os.write(port, frame)
            if not select.select([port], [], [], PATIENCE)[0]:
                raise TimeoutError
            answer = os.read(port, 4096)
            if answer[16] | answer[17] << 8:
                break
            taken += 1
        os.write(port, bytes.fromhex("010b00000000000127000000"))
        select.select([port], [], [], PATIENCE)
        os.read(port, 4096)
    finally:
        os.close(port)
    return taken


def same_bytes(tap, qmicli, modem, folder):
    """What only reads says the same on both ports."""
    commands = [name for name in actions(qmicli) if "-get-" in f"-{name}" and "=" not in name and
                name not in ENDLESS]
    tap.check("the guide's commands are among them", not set(GUIDE) - set(commands), commands)
    for name in sorted(set(commands) | set(GUIDE) | set(ALSO)):
        device = f"qmuxd:{folder}"
        words = ["--" + name, *TOGETHER.get(name, [])]
        ours = run(qmicli, device, *words)
        pty = run(qmicli, modem.path, *words)
        text = ours.stdout.replace(device.encode(), modem.path.encode())
        good = CLOCK.sub(b"N", text) == CLOCK.sub(b"N", pty.stdout) and ours.returncode == pty.returncode
        tap.check(f"--{name}", good, f"qmuxd: {describe(ours)}\npty: {describe(pty)}")
    for device in (f"qmuxd:{folder}?layout=32", f"qmuxd:{folder}?layout=64", f"qmuxd:{folder}/qmux_connect_socket?buffer=664"):
        done = run(qmicli, device, "--device-open-sync", "--dms-get-model")
        tap.check(f"by {device[device.rindex('/'):]}", done.returncode == 0 and b"QUECTEL" in done.stdout, describe(done))


def layouts(tap, folder):
    for wide in (False, True):
        for buffer in (664, 808):
            program = Program(folder, wide, buffer)
            name = f"{64 if wide else 32} bits, a buffer of {buffer}"
            client = program.allocate(DMS)
            answer = program.ask(SDU, GET_MODEL, service=DMS, client=client)
            tap.check(f"{name}: an answer", client and b"QUECTEL" in answer["payload"] and answer["client"] == client and
                      answer["service"] == DMS and answer["kind"] == SDU and answer["again"] == program.number and
                      answer["transaction"] == program.transaction, answer)
            answer = program.ask(CTL, VERSIONS)
            tap.check(f"{name}: the versions", answer["kind"] == SDU and answer["service"] == 0 and
                      answer["payload"][:4] == bytes.fromhex("01012100"), answer)
            answer = program.ask(RELEASE, struct.pack("<II", DMS, client).ljust(buffer, b"\0"))
            tap.check(f"{name}: the id goes back", answer["kind"] == RELEASE and not answer["qmi"] and
                      len(answer["payload"]) == buffer, answer)
            answer = program.ask(SDU, GET_MODEL, service=DMS, client=client)
            tap.check(f"{name}: and is nobody's then", answer["system"] and answer["qmi"] == 7, answer)
            program.close()


def rights(tap, folder):
    """Nobody uses what is another's."""
    one, two = Program(folder), Program(folder, wide=True)
    client = one.allocate(DMS)
    tap.check("two programs have two numbers", one.number != two.number, (one.number, two.number))
    answer = two.ask(SDU, GET_MODEL, service=DMS, client=client)
    tap.check("an id of another program", answer["qmi"] == 7 and not answer["payload"], answer)
    answer = two.ask(RELEASE, struct.pack("<II", DMS, client).ljust(808, b"\0"))
    tap.check("to release it", answer["qmi"] == 7, answer)
    answer = two.ask(CTL, SYNC)
    tap.check("to release all by CTL", answer["system"] == -5, answer)
    answer = two.ask(ALLOCATE, struct.pack("<I", 0).ljust(808, b"\0"))
    tap.check("an id of CTL", answer["qmi"] == 31 and not any(answer["payload"]), answer)
    answer = two.ask(ALLOCATE, struct.pack("<I", 0x102).ljust(808, b"\0"))
    tap.check("an id of no service", answer["qmi"] == 31, answer)
    answer = two.ask(77, b"what")
    tap.check("an unknown message", answer["system"] == -5 and answer["kind"] == 77, answer)
    answer = one.ask(SDU, GET_MODEL, service=DMS, client=client)
    tap.check("the first one has noticed nothing", b"QUECTEL" in answer["payload"], answer)
    one.close()
    two.close()


def links(tap, modem, folder):
    """The host and the programs inside have a link each."""
    program = Program(folder)
    client = program.allocate(DMS)
    port = os.open(modem.path, os.O_RDWR | os.O_NOCTTY)
    os.write(port, bytes.fromhex("010b00000000000127000000"))
    select.select([port], [], [], PATIENCE)
    os.read(port, 4096)
    os.close(port)
    answer = program.ask(SDU, GET_MODEL, service=DMS, client=client)
    tap.check("the host's Sync takes no id of a program inside", b"QUECTEL" in answer["payload"], answer)
    program.close()


def bad_input(tap, folder):
    for name, data in (("a size of 0", bytes(60)), ("a size of 39", struct.pack("<I", 39) + bytes(60)),
                       ("a size of 2 GiB", struct.pack("<I", 0x7fffffff) + bytes(60)),
                       ("random bytes", bytes((i * 151 + 7) & 255 for i in range(4096)))):
        program = Program(folder)
        program.socket.sendall(data)
        tap.check(f"{name}: it hangs up", program.ends())
        program.close()
    slow = Program(folder)
    for byte in slow.message(ALLOCATE, struct.pack("<I", DMS).ljust(64, b"\0")):
        slow.socket.sendall(bytes([byte]))
    tap.check("a byte at a time", struct.unpack_from("<I", slow.receive()["payload"])[0] > 0)
    slow.socket.sendall(slow.message(SDU, GET_MODEL, service=DMS)[:30])
    other = Program(folder)
    tap.check("half a message keeps nobody waiting", other.is_served())
    inner = Program(folder)
    client = inner.allocate(DMS)
    for payload in (b"", b"\0" * 6, GET_MODEL[:5] + b"\xff\xff", GET_MODEL + b"\1", b"\0" * 60000):
        answer = inner.ask(SDU, payload, service=DMS, client=client)
        tap.check(f"a QMI message of {len(payload)} bytes that is none", answer["system"] == -5, answer)
    tap.check("and the next one is served", inner.is_served())
    for program in (slow, other, inner):
        program.close()


def status_of(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        resident = next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))
    return len(os.listdir(f"/proc/{pid}/fd")), resident


def settle_at(pid, descriptors):
    """Until the program has closed what it has to."""
    until = time.monotonic() + PATIENCE
    while status_of(pid)[0] > descriptors and time.monotonic() < until:
        time.sleep(0.02)
    return status_of(pid)


def crowd(tap, qmicli, modem, folder):
    """A thousand programs: as many as fit are served, the others wait, and all of it is given back."""
    pid = modem.process.pid
    free = clients_of(qmicli, modem)
    before = status_of(pid)
    last = None
    for round_ in range(4):
        programs = [Program(folder) for _ in range(LIMIT)]
        waiting = socket.socket(socket.AF_UNIX)
        waiting.connect(os.path.join(folder, "qmux_connect_socket"))
        if round_ == 0:
            waiting.settimeout(0.3)
            try:
                early = waiting.recv(4)
            except TimeoutError:
                early = b""
            tap.check("the one too many waits", early == b"", early)
            ids = [program.allocate(DMS) for program in programs]
            tap.check("ids are given until there are none", sum(map(bool, ids)) == free and
                      len(set(filter(None, ids))) == free, (free, ids))
        for program in programs:
            program.close()
        waiting.settimeout(PATIENCE)
        tap.check(f"round {round_ + 1} of {LIMIT}: then it is served", len(waiting.recv(4)) == 4)
        waiting.close()
        last = settle_at(pid, before[0])
    tap.check("no descriptor is left over", last[0] == before[0], (before, last))
    tap.check("nor memory", last[1] < before[1] + 16 * 1024, (before, last))
    tap.check("nor a client id", clients_of(qmicli, modem) == free, free)


def deaths(tap, qmicli, modem, folder):
    """Programs that are killed leave nothing."""
    free = clients_of(qmicli, modem)
    for wait in (0.0, 0.005, 0.02, 0.05):
        process = subprocess.Popen([qmicli, "-d", f"qmuxd:{folder}", "--dms-get-model", "--dms-get-ids",
                                    "--client-no-release-cid"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(wait)
        process.send_signal(signal.SIGKILL)
        process.wait()
    Program(folder).close()
    settle_at(modem.process.pid, status_of(modem.process.pid)[0])
    tap.check("qmicli, killed at four steps", clients_of(qmicli, modem) == free, free)
    running = [subprocess.Popen([qmicli, "-d", f"qmuxd:{folder}", "--dms-get-model"], stdout=subprocess.PIPE)
               for _ in range(8)]
    texts = {process.communicate(timeout=PATIENCE)[0] for process in running}
    tap.check("eight at a time", len(texts) == 1 and b"QUECTEL" in texts.pop(), texts)


def type_line(port, line):
    """What an AT port says to a line, up to how it ends."""
    said = b""
    os.write(port, line.encode() + b"\r")
    while not said.endswith((b"OK\r\n", b"ERROR\r\n")) and select.select([port], [], [], PATIENCE)[0]:
        said += os.read(port, 4096)
    return said.decode().replace(line + "\r", "", 1)


def forwarding(tap, daemon, path, folder):
    """AT commands that a program inside answers, from the AT port to it and back."""
    command = [daemon, "-d", f"qmuxd:{folder}"]
    with subprocess.Popen([*command, "-c", "+MINE=hello"], stdout=subprocess.PIPE, text=True) as process:
        tap.check("atfwd_daemon is ready", process.stdout.readline() == "ready\n")
        port = os.open(path, os.O_RDWR | os.O_NOCTTY)
        for line, answer in (("AT+MINE", "\r\n+MINE: hello\r\n\r\nOK\r\n"), ("AT+mine?", "\r\n+MINE: hello\r\n\r\nOK\r\n"),
                             ("AT+MINE=?", "\r\nOK\r\n"), ("AT+MINE=1", "\r\nERROR\r\n"),
                             ("AT+YOURS", "\r\nERROR\r\n")):
            said = type_line(port, line)
            tap.check(f"{line}: as the program says", said == answer, repr(said))
        said = type_line(port, "AT+QVERSION;+QLINUXCPU")
        tap.check("its own commands, two in a line", "+QVERSION: qmikit" in said and "+QLINUXCPU: " in said and
                  said.endswith("\r\n\r\nOK\r\n"), repr(said))
        again = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
        tap.check("a second one finds the names taken", again.returncode == 1 and
                  "DeviceInUse" in again.stderr and again.stderr.count("\n") == 1, again.stderr)
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=PATIENCE)
        Program(folder).close()
        said = type_line(port, "AT+MINE")
        tap.check("killed, its commands are nobody's", said == "\r\nERROR\r\n", repr(said))
    with subprocess.Popen([*command, "--once"], stdout=subprocess.PIPE, text=True) as process:
        process.stdout.readline()
        type_line(port, "AT+QVERSION")
        tap.check("--once ends after an answer", process.wait(timeout=PATIENCE) == 0)
    os.close(port)
    for words, said in ((["-d", "qmuxd:/no/such/folder"], "No such file"), (["-c", "MINE=x"], "no +NAME=TEXT"),
                        (["what"], "no option")):
        done = subprocess.run([daemon, *words], capture_output=True, text=True, timeout=PATIENCE, check=False)
        tap.check(f"atfwd_daemon {' '.join(words)}", done.returncode == 1 and said in done.stderr and
                  done.stderr.count("\n") == 1, done.stderr)


GUIDE_LINE = "LD_PRELOAD=/home/root/qmuxd_wrapper.so atfwd_daemon\n"


def trace(tap, qmi_sim, qmi_trace, control, at):
    """The guide's line, word for word, inside the modem: what it leaves can be read."""
    homes = os.listdir("/home")
    with tempfile.TemporaryDirectory() as folder:
        script = os.path.join(folder, "line")
        with open(script, "w", encoding="ascii") as file:
            file.write(GUIDE_LINE)
        shell = [qmi_sim, "shell", control, "--"]
        # the recorder comes without a sanitizer's runtime
        sanitizer = os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"
        environment = {**os.environ, "ASAN_OPTIONS": sanitizer.strip(":")}
        done = subprocess.run([*shell, "ls", "/home", "/home/root", "/var"], capture_output=True, text=True,
                              timeout=PATIENCE, check=False)
        if done.returncode == 1 and "needs root or user namespaces" in done.stderr:
            print("# no namespaces here: the shell is not tested")
            return
        seen = set(done.stdout.split())
        tap.check("inside there is what a modem has, and what there was", done.returncode == 0 and
                  {"qmuxd_wrapper.so", "qmux_connect_socket", *homes, *os.listdir("/var")} <= seen, done)
        with subprocess.Popen([*shell, "sh", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              cwd=folder, start_new_session=True, env=environment) as process:
            tap.check("the guide's line runs", process.stdout.readline() == "ready\n")
            port = os.open(at, os.O_RDWR | os.O_NOCTTY)
            said = type_line(port, "AT+QVERSION?")
            os.close(port)
            os.killpg(process.pid, signal.SIGTERM)
            errors = process.communicate(timeout=PATIENCE)[1]
        tap.check("an AT command is answered meanwhile", "+QVERSION: qmikit" in said, said)
        files = [name for name in os.listdir(folder) if name.endswith(".pcapng")]
        tap.check("it says where the recording is", len(files) == 1 and files[0] in errors, (files, errors))
        if files:
            file = os.path.join(folder, files[0])
            tap.check("which is its owner's alone", os.stat(file).st_mode & 0o777 == 0o600)
            text = subprocess.run([qmi_trace, "show", file], capture_output=True, text=True, timeout=PATIENCE,
                                  check=False).stdout
            wanted = ("qmuxd allocate a client id", "at request register-commands", "at indication command",
                      "form: name, question", "at request answer-command", "qmuxd release a client id")
            tap.check("and can be read", all(words in text for words in wanted), text)
    tap.check("outside all is as it was", sorted(homes) == sorted(os.listdir("/home")) and
              not os.path.exists("/var/qmux_connect_socket"))


def boot(tap, folder, qmi_sim, control):
    """The modem's Linux boots with the modem."""
    program = Program(folder)
    program.allocate(DMS)
    subprocess.run([qmi_sim, "ctl", control, "crash"], check=True, stdout=subprocess.DEVNULL, timeout=PATIENCE)
    tap.check("a crash of the modem ends the connection", program.ends())
    program.close()
    program = Program(folder)
    tap.check("and the next one is served", program.is_served())
    program.close()


def main(qmicli, qmi_sim, daemon, qmi_trace):
    tap = Tap()
    path = Sim(qmi_sim, name="for-qmuxd").path
    folder, control = path + ".d", path + ".ctl"
    with Sim(qmi_sim, "--qmuxd", folder, "--at", path + ".at", "--control", control, "--time-scale", "0.01",
             name="for-qmuxd") as modem:
        same_bytes(tap, qmicli, modem, folder)
        layouts(tap, folder)
        rights(tap, folder)
        links(tap, modem, folder)
        bad_input(tap, folder)
        crowd(tap, qmicli, modem, folder)
        deaths(tap, qmicli, modem, folder)
        forwarding(tap, daemon, path + ".at", folder)
        trace(tap, qmi_sim, qmi_trace, control, path + ".at")
        boot(tap, folder, qmi_sim, control)
    tap.check("the folder is gone with the modem", not os.path.exists(folder))
    return tap.done()


if __name__ == "__main__":
    sys.exit(main(*map(os.path.abspath, sys.argv[1:])))
