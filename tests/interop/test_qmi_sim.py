#!/usr/bin/env python3
"""qmi-sim as a program: its faces as raw bytes, and Debian's qmicli on them where it is installed.

    test_qmi_sim.py QMI_SIM
"""

import errno
import os
import pathlib
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time

from sim import PATIENCE, Sim, Tap, settle

SYNC = bytes.fromhex("010b00000000 0001 2700 0000")
SYNCED = bytes.fromhex("011200800000 0101 2700 0700 02040000000000")
ALLOCATE_DMS = bytes.fromhex("010f00000000 0001 2200 0400 01010002")
DEBIAN = "/usr/bin/qmicli"
GUIDE = """--dms-get-manufacturer --dms-get-model --dms-get-revision --dms-get-ids --dms-get-capabilities
--dms-get-msisdn --nas-get-signal-strength --nas-get-signal-info --nas-get-serving-system
--nas-get-system-info --nas-get-home-network --nas-get-preferred-networks --uim-get-card-status
--uim-get-supported-messages --wds-get-packet-service-status --wds-get-data-bearer-technology
--wds-get-packet-statistics""".split()


def read_some(fd, seconds=PATIENCE):
    """What comes within `seconds`; b"" at the end or when nothing does."""
    if not select.select([fd], [], [], seconds)[0]:
        return b""
    try:
        return os.read(fd, 1 << 17)
    except OSError as error:
        if error.errno == errno.EIO:
            return b""
        raise


def open_port(path):
    return os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)


def ask(fd, request, size):
    """Writes a request and reads `size` bytes."""
    os.write(fd, request)
    data = b""
    while len(data) < size:
        more = read_some(fd)
        if not more:
            break
        data += more
    return data


def cpu_ticks(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


def memory_kib(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0


def test_one_user_after_the_other(tap, program, folder):
    with Sim(program, "--unix", f"{folder}/unix") as modem:
        good = 0
        for _ in range(200):
            fd = open_port(modem.path)
            good += ask(fd, SYNC, len(SYNCED)) == SYNCED
            os.close(fd)
        tap.check("pty: 200 users one after the other", good == 200, good)
        settle(f"{folder}/unix")
        before = cpu_ticks(modem.process.pid)
        time.sleep(0.5)
        tap.check("pty: idle when nobody has it open", cpu_ticks(modem.process.pid) - before <= 2)


def test_others_that_come_and_go(tap, program, folder):
    unix = f"{folder}/unix"
    with Sim(program, "--unix", unix) as modem:
        user = open_port(modem.path)
        tap.check("pty: one user is served", ask(user, SYNC, len(SYNCED)) == SYNCED)
        # a stopped modem sees what happened late, and equal events merged by the kernel
        modem.process.send_signal(signal.SIGSTOP)
        others = [open_port(modem.path) for _ in range(3)]
        modem.process.send_signal(signal.SIGCONT)
        for other in others:
            settle(unix)
            os.close(other)
        settle(unix)
        os.write(user, SYNC[:5])
        os.close(open_port(modem.path))
        settle(unix)
        answer = ask(user, SYNC[5:], len(SYNCED))
        tap.check("pty: who has it open loses nothing when others come and go", answer == SYNCED, answer.hex())
        os.close(user)


def test_unread_output(tap, program, folder):
    unix = f"{folder}/unix"
    with Sim(program, "--unix", unix) as modem:
        fd = open_port(modem.path)
        for _ in range(5):
            os.write(fd, ALLOCATE_DMS)
        settle(unix)
        os.close(fd)
        # the modem hears of the close a moment later: who opens within it still finds the rest
        settle(unix)
        fd = open_port(modem.path)
        tap.check("pty: what was not read is gone", read_some(fd, 0.3) == b"")
        answer = ask(fd, ALLOCATE_DMS, 24)
        tap.check("pty: ids stay allocated after a close", answer[-1:] == b"\x06", answer.hex())
        os.close(fd)
        # the request is written and the port closed before the modem has looked
        modem.process.send_signal(signal.SIGSTOP)
        fd = open_port(modem.path)
        os.write(fd, ALLOCATE_DMS)
        os.close(fd)
        modem.process.send_signal(signal.SIGCONT)
        settle(unix)
        fd = open_port(modem.path)
        answer = ask(fd, SYNC, len(SYNCED))
        tap.check("pty: the answer to who has gone is not told", answer[-len(SYNCED):] == SYNCED, answer.hex())
        os.close(fd)
        # half a frame of one user is not the start of the next one's
        fd = open_port(modem.path)
        os.write(fd, bytes.fromhex("01ff0f0002"))
        settle(unix)
        os.close(fd)
        settle(unix)
        fd = open_port(modem.path)
        tap.check("pty: half a frame is forgotten", ask(fd, SYNC, len(SYNCED)) == SYNCED)
        os.close(fd)


def test_reader_that_does_not_read(tap, program, folder):
    with Sim(program, "--unix", f"{folder}/unix") as modem:
        fd = open_port(modem.path)
        before = memory_kib(modem.process.pid)
        for _ in range(20000):
            try:
                os.write(fd, SYNC)
            except BlockingIOError:
                time.sleep(0.001)
        settle(f"{folder}/unix")
        grown = memory_kib(modem.process.pid) - before
        tap.check("pty: a reader that does not read costs no memory", grown < 2048, f"{grown} KiB")
        os.close(fd)
        settle(f"{folder}/unix")
        fd = open_port(modem.path)
        tap.check("pty: the next one is served", ask(fd, SYNC, len(SYNCED)) == SYNCED)
        os.close(fd)


def test_cut_frame(tap, program, folder):
    with Sim(program, "--unix", f"{folder}/unix", "--fault", "cut-frame:ctl.sync:1") as modem:
        fd = open_port(modem.path)
        half = ask(fd, SYNC, len(SYNCED))
        tap.check("pty: a cut frame is half of it", half == SYNCED[:len(SYNCED) // 2], half.hex())
        end = time.monotonic() + PATIENCE
        hung_up = False
        while not hung_up and time.monotonic() < end:
            poll = select.poll()
            poll.register(fd, select.POLLIN)
            hung_up = any(events & select.POLLHUP for _, events in poll.poll(100))
        tap.check("pty: and then the modem hangs up", hung_up)
        os.close(fd)
        settle(f"{folder}/unix")
        fd = open_port(modem.path)
        tap.check("pty: a new one is at the same path", ask(fd, SYNC, len(SYNCED)) == SYNCED)
        os.close(fd)


def connect(path):
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(PATIENCE)
    client.connect(path)
    return client


def test_unix(tap, program, folder):
    path = f"{folder}/socket"
    with Sim(program, "--unix", path) as modem:
        clients = [connect(path) for _ in range(20)]
        for client in clients:
            client.sendall(ALLOCATE_DMS)
        ids = [client.recv(64)[-1] for client in clients]
        tap.check("unix: connections share the modem's ids", ids == list(range(1, 21)), ids)
        for client in clients:
            client.close()
        fd = open_port(modem.path)
        answer = ask(fd, ALLOCATE_DMS, 24)
        tap.check("unix: and so does the pty", answer[-1:] == bytes([21]), answer.hex())
        os.close(fd)
        idle_before = cpu_ticks(modem.process.pid)
        crowd = [connect(path) for _ in range(300)]
        time.sleep(0.5)
        tap.check("unix: idle when there is no room for all", cpu_ticks(modem.process.pid) - idle_before <= 5)
        for client in crowd[:256]:
            client.close()
        crowd[-1].sendall(SYNC)
        tap.check("unix: who waited is served in the end", crowd[-1].recv(64) == SYNCED)
        for client in crowd[256:]:
            client.close()
    tap.check("unix: the socket is gone at the end", not os.path.exists(path))
    with Sim(program, "--unix", path, "--fault", "cut-frame"):
        client = connect(path)
        client.sendall(SYNC)
        data = b""
        while more := client.recv(64):
            data += more
        tap.check("unix: a cut frame ends the connection", data == SYNCED[:len(SYNCED) // 2], data.hex())


STEPS = """{"steps": [
{"at": 1.0, "do": "cell", "rsrp": -118},
{"at": 1.2, "do": "registration", "state": "lost"},
{"at": 1.4, "do": "registration", "state": "home"}]}"""
# Allocate a client of NAS, whose id is 2; its Register Indications of serving system, system info and signal info.
SUBSCRIBE = [bytes.fromhex("010f00000000 0001 2200 0400 01010003"),
             bytes.fromhex("011800000302 000100 0300 0c00 13010001 18010001 19010001")]


def session(program, folder, seed):
    """Every byte that one run of the program says to the same host: a scenario's indications, then the
    answers to what is asked when they are through."""
    path = f"{folder}/socket"
    scenario = pathlib.Path(folder, "scenario.json")
    scenario.write_text(STEPS)
    requests = [bytes.fromhex(f"010c0000{service:02x}{client:02x} 00{serial:02x}00 {message} 0000")
                for serial, (service, client, message) in enumerate([
                    (3, 2, "2400"), (3, 2, "4f00"), (3, 2, "4d00"), (3, 2, "2500"),
                    (2, 1, "2500"), (2, 1, "2100"), (2, 1, "2400")], 2)]
    with Sim(program, "--unix", path, "--seed", seed, "--scenario", str(scenario)):
        client = connect(path)
        said = b""
        for request in SUBSCRIBE:
            client.sendall(request)
            said += client.recv(4096)
        answered = len(said)
        time.sleep(2.5)
        client.sendall(ALLOCATE_DMS)
        said += client.recv(1 << 16)
        told = len(said) - answered
        for request in requests:
            client.sendall(request)
            said += client.recv(4096)
        client.close()
    return said, told


def test_two_runs(tap, program, folder):
    first, told = session(program, folder, "7")
    second, _ = session(program, folder, "7")
    other, _ = session(program, folder, "8")
    tap.check("the scenario was told by indications", told > 200, told)
    tap.check("two runs with one seed and scenario say the same bytes", first == second,
              f"{first.hex()}\n{second.hex()}")
    tap.check("another seed is another modem", first != other and len(first) > 300)


def run(program, *args):
    return subprocess.run([program, *args], capture_output=True, text=True, timeout=PATIENCE, check=False)


def test_errors(tap, program, folder):
    file = f"{folder}/file"
    pathlib.Path(file).write_text("keep")
    bad = f"{folder}/bad.json"
    pathlib.Path(bad).write_text('{"name": 3}')
    cases = [[], ["--pty"], ["--what"], ["--pty", file], ["--unix", file], ["--pty", f"{folder}/no/such"],
             ["--unix", "/" + 200 * "x"], ["--profile", "nope", "--pty", f"{folder}/p"],
             ["--profile", bad, "--pty", f"{folder}/p"], ["--count", "0", "--pty", f"{folder}/p"], ["--qrtr", "--count", "2"],
             ["--pty", ""], ["--unix", ""], ["--seed", "x", "--pty", f"{folder}/p"], ["--fault", "x", "--pty", f"{folder}/p"],
             ["--pty", f"{folder}/p", "word"], ["--usb", "--usbip", "3240"], ["--usbip", "65536"],
             ["--cold", "--warm", "--pty", f"{folder}/p"], ["--time-scale", "1001", "--pty", f"{folder}/p"]]
    for case in cases:
        result = run(program, *case)
        lines = result.stderr.splitlines()
        good = result.returncode == 1 and len(lines) == 1 and lines[0].startswith("error: ")
        tap.check(f"error: one line for {' '.join(case)[:40] or 'nothing'}", good and not result.stdout,
                  result.stderr + result.stdout)
    faces = ("--pty", "--at", "--unix", "--qmuxd", "--qrtr", "--net-unix", "--usb", "--usbip")
    said = run(program).stderr.replace(",", "").split()
    tap.check("error: without a face all of them are named", all(face in said for face in faces), said)
    for option in ("-h", "-V"):
        tap.check(f"{option} is a short form", run(program, option).returncode == 0)
    tap.check("error: files in the way are kept", pathlib.Path(file).read_text() == "keep")
    tap.check("error: nothing is left behind", sorted(os.listdir(folder)) == ["bad.json", "file"],
              os.listdir(folder))
    for option in ("--help", "--version"):
        result = run(program, option)
        tap.check(f"{option} succeeds", result.returncode == 0 and "qmi-sim" in result.stdout)
        with open("/dev/full", "wb") as full:
            result = subprocess.run([program, option], stdout=full, stderr=subprocess.PIPE, timeout=PATIENCE, check=False)
        tap.check(f"{option} tells when the disk is full", result.returncode == 1 and b"No space" in result.stderr)


def test_standard_output(tap, program, folder):
    with open("/dev/full", "wb") as full:
        result = subprocess.run([program, "--pty", f"{folder}/full"], stdout=full, stderr=subprocess.PIPE, timeout=10,
                                check=False)
    tap.check("who cannot hear that it is ready would wait for ever",
              result.returncode == 1 and result.stderr == b"error: stdout: No space left on device\n", result)
    tap.check("and no path is left", not os.path.lexists(f"{folder}/full"))
    # nothing that it opens becomes its standard output: "ready" would be said there
    process = subprocess.Popen(["sh", "-c", 'exec "$0" --unix "$1" <&- >&- 2>&-', program, f"{folder}/closed"])
    deadline = time.monotonic() + 10
    while not os.path.exists(f"{folder}/closed") and time.monotonic() < deadline:
        time.sleep(0.01)
    links = [os.readlink(f"/proc/{process.pid}/fd/{i}") for i in range(3)]
    process.terminate()
    tap.check("started without descriptors it has them", links == ["/dev/null"] * 3, links)
    tap.check("and ends with 0", process.wait(timeout=10) == 0)


def test_start_and_end(tap, program, folder):
    notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    notify.bind(f"{folder}/notify")
    notify.settimeout(PATIENCE)
    for name in ("SIGTERM", "SIGINT", "SIGHUP"):
        process = subprocess.Popen([program, "--count", "3", "--pty", f"{folder}/m", "--unix", f"{folder}/u"],
                                   stdout=subprocess.PIPE, text=True,
                                   env={**os.environ, "NOTIFY_SOCKET": f"{folder}/notify"})
        tap.check(f"{name}: it said that it is ready", process.stdout.readline() == "ready\n")
        tap.check(f"{name}: and told the service manager", notify.recv(64) == b"READY=1")
        paths = [f"{folder}/{face}{i}" for face in "mu" for i in range(3)]
        tap.check(f"{name}: each modem has its paths", all(os.path.exists(path) for path in paths))
        process.send_signal(getattr(signal, name))
        tap.check(f"{name}: it ends with 0", process.wait(timeout=PATIENCE) == 0)
        process.stdout.close()
        tap.check(f"{name}: its paths are gone", not any(os.path.lexists(path) for path in paths))
    notify.close()
    os.unlink(f"{folder}/notify")


def test_after_a_kill(tap, program, folder):
    for _ in range(2):
        process = subprocess.Popen([program, "--pty", f"{folder}/k", "--unix", f"{folder}/ku"],
                                   stdout=subprocess.PIPE, text=True)
        tap.check("kill: it starts over what a dead one left", process.stdout.readline() == "ready\n")
        process.kill()
        process.wait()
        process.stdout.close()
    os.unlink(f"{folder}/k")
    os.unlink(f"{folder}/ku")


def test_debian(tap, program):
    if not os.access(DEBIAN, os.X_OK):
        tap.check("the guide's commands by Debian's qmicli # SKIP not installed", True)
        return
    with Sim(program) as modem:
        for action in GUIDE * 2:
            result = subprocess.run([DEBIAN, "--device-open-qmi", "-d", modem.path, action], capture_output=True,
                                    text=True, timeout=PATIENCE, check=False)
            tap.check(f"the guide's {action} by Debian's qmicli", result.returncode == 0 and result.stdout,
                      result.stderr)


def main(program):
    tap = Tap()
    for test in (test_one_user_after_the_other, test_others_that_come_and_go, test_unread_output,
                 test_reader_that_does_not_read, test_cut_frame, test_unix, test_two_runs, test_errors, test_standard_output, test_start_and_end,
                 test_after_a_kill):
        with tempfile.TemporaryDirectory(prefix="qmi-sim-") as folder:
            test(tap, program, folder)
    test_debian(tap, program)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
