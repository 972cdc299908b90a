#!/usr/bin/env python3
"""The control socket of qmi-sim and its client, from outside: requests, events, hostile lines, exit codes.

    test_control.py QMI_SIM
"""

import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading
import time

from sim import PATIENCE, Sim, Tap


class Client:
    """A connection to the control socket."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(PATIENCE)
        self.socket.connect(path)
        self.data = b""

    def send(self, data):
        self.socket.sendall(data)

    def line(self):
        """The next line; b"" at the end."""
        while b"\n" not in self.data:
            try:
                more = self.socket.recv(1 << 16)
            except ConnectionResetError:
                more = b""
            if not more:
                return b""
            self.data += more
        line, _, self.data = self.data.partition(b"\n")
        return line

    def ask(self, **request):
        self.send(json.dumps(request).encode() + b"\n")
        return json.loads(self.line())

    def close(self):
        self.socket.close()


def ctl(program, *words, timeout=PATIENCE):
    return subprocess.run([program, "ctl", *words], capture_output=True, text=True, timeout=timeout, check=False)


def memory_kib(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0


def test_requests(tap, path):
    client = Client(path)
    answer = client.ask(do="cell", rsrp=-99)
    tap.check("a request is answered", answer == {"ok": True}, answer)
    other = Client(path)
    status = other.ask(do="status")
    tap.check("another client sees what it did", status["cell"]["rsrp"] == -99, status)
    answer = client.ask(do="cell", rsrp=5)
    tap.check("what makes no sense is refused in one line",
              answer == {"ok": False, "error": "cell: rsrp must be a number from -156 to -31"}, answer)
    client.send(b'{"do":"sta')
    time.sleep(0.05)
    client.send(b'tus"}\n{"do":"modems"}\n\n{"do":"help"}')
    lines = [json.loads(client.line()) for _ in range(2)]
    tap.check("lines come in any cut", "cell" in lines[0] and "modems" in lines[1])
    client.socket.shutdown(socket.SHUT_WR)
    tap.check("a last line needs no end", "requests" in json.loads(client.line()))
    tap.check("and then the socket is closed", client.line() == b"")
    client.close()
    other.close()


def test_events(tap, path):
    watcher, client = Client(path), Client(path)
    tap.check("watch is answered", watcher.ask(do="watch", only="mode") == {"ok": True})
    client.ask(do="mode", mode="low-power")
    event = json.loads(watcher.line())
    tap.check("an event comes", (event["event"], event["mode"], event["modem"]) == ("mode", "low-power", 0), event)
    client.ask(do="mode", mode="online")
    tap.check("and the next", json.loads(watcher.line())["mode"] == "online")
    watcher.close()
    tap.check("a watcher that is gone does no harm", client.ask(do="mode", mode="low-power") == {"ok": True})
    client.ask(do="mode", mode="online")
    client.close()


def hostile_lines():
    yield b"\n\n\n", 0
    yield b"{\n", 1
    yield b"\xff\xfe\x00\x01\n", 1
    yield b'{"do":"status","do":"modems"}\n', 1
    yield b"[" * 5000 + b"\n", 1
    yield b'{"do":"' + b"x" * 60000 + b'"}\n', 1
    yield b'{"do":"cell","rsrp":' + b"9" * 400 + b"}\n", 1
    yield b'{"do":"cell","rsrp":-1e400}\n', 1
    yield b'{"do":"status\\u0000"}\n', 1


def test_hostile(tap, path, modem):
    client = Client(path)
    for data, answers in hostile_lines():
        client.send(data)
        said = [json.loads(client.line()) for _ in range(answers)]
        tap.check(f"refused: {data[:24]!r}", all(not one["ok"] and "\n" not in one["error"] for one in said), said)
    tap.check("and then it goes on", client.ask(do="modems")["ok"])
    client.send(b"x" * 200000)
    answer = json.loads(client.line())
    tap.check("a line without end is refused", answer["error"] == "the line is too long", answer)
    tap.check("and hung up on", client.line() == b"")
    client.close()

    # who asks and never reads is not read any more; nobody else notices
    flood = Client(path)
    flood.socket.setblocking(False)
    before, sent = memory_kib(modem.process.pid), 0
    request = b'{"do":"status"}\n' * 1000
    full = 0
    while full < 30 and sent < 1 << 26:
        try:
            sent += flood.socket.send(request)
            full = 0
        except BlockingIOError:
            time.sleep(0.01)
            full += 1
    grown = memory_kib(modem.process.pid) - before
    tap.check("a client that does not read costs no memory", grown < 4096, f"{grown} KiB after {sent} bytes")
    other = Client(path)
    tap.check("and the others are served", other.ask(do="modems")["ok"])
    flood.socket.setblocking(True)
    flood.socket.settimeout(PATIENCE)
    # whole requests alone are answered; the last one may be cut
    answers = [json.loads(flood.line())["ok"] for _ in range(sent // 16)]
    tap.check("it gets every answer once it reads", all(answers), len(answers))
    flood.close()

    watchers = [Client(path) for _ in range(60)]
    good = sum(one.ask(do="watch") == {"ok": True} for one in watchers)
    tap.check("60 clients watch at one time", good == 60, good)
    for one in watchers:
        one.close()
    late = Client(path)
    tap.check("the next one is served", late.ask(do="modems")["ok"])
    late.close()
    other.close()


def test_lost_events(tap, path):
    watcher, client = Client(path), Client(path)
    watcher.ask(do="watch")
    for i in range(3000):
        client.ask(do="cell", rsrp=-60 - i % 60)
    lost, events, last = 0, 0, None
    try:
        while events + lost < 3000:
            event = json.loads(watcher.line())
            lost += event["count"] if event["event"] == "lost" else 0
            events += event["event"] == "signal"
            last = event
    except TimeoutError:
        pass
    tap.check("events that were not read are lost, whole ones, and it is told", lost > 0 and events + lost == 3000,
              f"{events} and {lost}, last {last}")
    client.ask(do="cell", rsrp=-44)
    tap.check("the next one comes again", json.loads(watcher.line()).get("rsrp") == -44)
    client.close()
    watcher.close()


def test_requests_behind_events(tap, path):
    """Requests that wait for room for their answers have their turn, whatever is told meanwhile."""
    asked = 3000
    asker, actor = Client(path), Client(path)
    asker.send(b'{"do": "watch", "only": "signal"}\n' + b'{"do": "status"}\n' * asked)
    actor.ask(do="modems")  # by now what was asked first waits

    def act():
        for _ in range(10):
            actor.send(b'{"do": "cell", "rsrp": -90}\n{"do": "cell", "rsrp": -91}\n' * 250)

    def listen():
        while actor.line():
            pass

    threads = [threading.Thread(target=act), threading.Thread(target=listen)]
    for thread in threads:
        thread.start()
    answers = 0
    try:
        while answers <= asked:
            line = asker.line()
            if not line:
                break
            answers += not line.startswith(b'{"event"')
    except TimeoutError:
        pass
    threads[0].join()
    actor.socket.shutdown(socket.SHUT_RDWR)
    threads[1].join()
    tap.check("no request is forgotten among events", answers == asked + 1, answers)
    asker.close()
    actor.close()


def test_ctl(tap, program, path):
    done = ctl(program, path, "cell", "--rsrp", "-88")
    tap.check("ctl: words", (done.returncode, done.stdout) == (0, '{"ok":true}\n'), done)
    done = ctl(program, path, '{"do": "status"}')
    tap.check("ctl: JSON", json.loads(done.stdout)["cell"]["rsrp"] == -88, done)
    done = ctl(program, path, "cell", "--rsrp", "88")
    tap.check("ctl: a refusal is 1 and one line",
              (done.returncode, done.stdout, done.stderr) ==
              (1, "", "error: cell: rsrp must be a number from -156 to -31\n"), done)
    for words in ([path, "nope"], [path, "cell", "--nope", "1"], [path, "{"], [path], []):
        done = ctl(program, *words)
        tap.check(f"ctl: {' '.join(words[1:]) or 'no words'} is 2",
                  done.returncode == 2 and done.stderr.count("\n") == 1 and not done.stdout, done)
    done = ctl(program, path + "-not", "status")
    tap.check("ctl: no socket is 1", done.returncode == 1 and "no qmi-sim --control listens there" in done.stderr, done)
    done = ctl(program, "--help")
    tap.check("ctl: help names requests and events", done.returncode == 0 and
              all(word in done.stdout for word in ("power-off", "fault-list", "registration", "boot")), done)
    done = ctl(program, path, "cell", "--help")
    tap.check("ctl: help of a request", done.returncode == 0 and "-156 to -31" in done.stdout, done)
    start = time.monotonic()
    done = ctl(program, path, "watch", "--until", "bus", "--timeout", "0.3")
    tap.check("ctl: what does not happen is 3", done.returncode == 3 and time.monotonic() - start >= 0.3, done)
    with subprocess.Popen([program, "ctl", path, "watch", "mode", "--until", "mode:mode=online", "--timeout", str(PATIENCE)],
                          stdout=subprocess.PIPE, text=True) as watch:
        tap.check("ctl: watch says that it watches", watch.stdout.readline() == '{"ok":true}\n')
        ctl(program, path, "mode", "low-power")
        ctl(program, path, "mode", "online")
        rest = watch.stdout.read().splitlines()
        tap.check("ctl: watch ends with what it waits for", watch.wait(timeout=PATIENCE) == 0 and len(rest) == 2, rest)


def test_socket_file(tap, program, path):
    with Sim(program, "--control", path):
        second = subprocess.run([program, "--pty", path + "-pty", "--control", path], capture_output=True, text=True,
                                timeout=PATIENCE, check=False)
        tap.check("a socket in use is refused", second.returncode == 1 and path in second.stderr, second)
    tap.check("the socket is gone afterwards", not os.path.exists(path))


def test_start(tap, program, path):
    with Sim(program, "--control", path, "--cold", "--time-scale", "0.5"):
        status = json.loads(ctl(program, path, "status").stdout)
        tap.check("--cold: it boots", not status["up"], status)
        done = ctl(program, path, "watch", "registration", "--until", "registration:state=registered", "--timeout", str(PATIENCE))
        tap.check("and registers", done.returncode == 0, done)
        status = json.loads(ctl(program, path, "status").stdout)
        tap.check("--time-scale is what it was told", status["time-scale"] == 0.5 and status["up"], status)
    for words in (["--cold", "--warm"], ["--at", path + "-pty"], ["--count", "257"],
                  ["--time-scale", "-1"], ["--time-scale", "nan"], ["--control", ""]):
        done = subprocess.run([program, "--pty", path + "-pty", *words], capture_output=True, text=True, timeout=PATIENCE,
                              check=False)
        tap.check(f"refused: {' '.join(words)}", done.returncode == 1 and done.stderr.count("\n") == 1, done)


def test_scenario(tap, program, folder):
    path, file = os.path.join(folder, "control"), os.path.join(folder, "story.json")
    pathlib.Path(file).write_text("""{"steps": [
        {"at": 2000, "do": "mode", "mode": "low-power"},
        {"at": 2100, "do": "plug"},
        {"at": 2200, "do": "mode", "mode": "online"}]}""")
    command = [program, "--pty", path + "-pty", "--control", path, "--scenario", file, "--time-scale", "0.001"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        process.stdout.readline()
        done = ctl(program, path, "watch", "mode", "--until", "mode:mode=online", "--timeout", str(PATIENCE))
        events = [json.loads(line) for line in done.stdout.splitlines()[1:]]
        # not before them; that it is at them the unit test says, whose clock does not run by itself
        late = [event["time"] - at for event, at in zip(events, (2.0, 2.2))]
        tap.check("a scenario's steps come at their times", done.returncode == 0 and len(events) == 2 and
                  all(0 <= seconds < PATIENCE for seconds in late), done)
        process.terminate()
        said = process.communicate(timeout=PATIENCE)[1]
        tap.check("what is refused is said", said == "scenario: step 2: plug: the cable is in\n", said)
    pathlib.Path(file).write_text('{"steps": [\n {"at": 1, "do": "reset"},\n {"at": 2, "do": "nope"}]}')
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    tap.check("a scenario with an error is refused with file, line and reason", done.returncode == 1 and
              f"{file}': line 3: step 2: do: there is no request 'nope'" in done.stderr and
              "ready" not in done.stdout, done)
    done = subprocess.run(command[:-3] + [folder], capture_output=True, text=True, timeout=PATIENCE, check=False)
    tap.check("a scenario that is no file is refused", done.returncode == 1 and done.stderr.count("\n") == 1, done)


GADGET = "/sys/class/android_usb/android0"


def test_shell(tap, program, path):
    def shell(script, *words):
        return subprocess.run([program, "shell", path, *words, "--", "sh", "-c", f"cd {GADGET}; {script}"],
                              capture_output=True, text=True, timeout=PATIENCE, check=False)

    done = shell("cat functions enable state idVendor f_serial/transports")
    if done.returncode == 1 and "needs root or user namespaces" in done.stderr:
        print("# no namespaces here: the shell is not tested")
        return
    tap.check("shell: the gadget is as it is delivered",
              done.stdout.splitlines()[:4] == ["diag,serial,rmnet", "1", "CONFIGURED", "2c7c"], done)
    with subprocess.Popen([program, "ctl", path, "watch", "bus"], stdout=subprocess.PIPE, text=True) as watch:
        watch.stdout.readline()
        # the guide's three lines, word for word but for the folder
        done = shell("echo 0 > enable; echo adb,diag,serial,rmnet > functions; echo 1 > enable; cat functions")
        tap.check("shell: the guide's lines change the functions",
                  (done.returncode, done.stdout, done.stderr) == (0, "adb,diag,serial,rmnet\n", ""), done)
        as_what = [json.loads(watch.stdout.readline())["as"] for _ in range(2)]
        tap.check("shell: it leaves the bus and comes back", as_what == ["nothing", "modem"], as_what)
        # each write acts, also those that are not seen from outside
        shell("for i in 1 2 3 4 5 6 7 8 9 10; do echo 0 > enable; echo 1 > enable; done")
        as_what = [json.loads(watch.stdout.readline())["as"] for _ in range(20)]
        tap.check("shell: each write acts", as_what == ["nothing", "modem"] * 10, as_what)
        watch.terminate()
    done = shell("echo diag > functions; cat functions; echo x > enable; cat enable")
    tap.check("shell: what the kernel refuses is refused",
              (done.stdout, done.stderr) == ("adb,diag,serial,rmnet\n1\n", "qmi-sim: functions: Device or resource busy\n"
                                             "qmi-sim: enable: Invalid argument\n"), done)
    ctl(program, path, "reset")
    ctl(program, path, "watch", "--until", "bus:as=modem", "--timeout", str(PATIENCE))
    tap.check("shell: a boot undoes it", shell("cat functions").stdout == "diag,serial,rmnet\n")
    tap.check("shell: the command's status is its own", shell("exit 7").returncode == 7)
    done = subprocess.run([program, "shell", path, "--", "true-not"], capture_output=True, text=True, timeout=PATIENCE,
                          check=False)
    tap.check("shell: no such command is 127", done.returncode == 127 and done.stderr.count("\n") == 1, done)
    done = shell("true", "--modem", "7")
    tap.check("shell: no such modem", done.returncode == 1 and "modem: must be" in done.stderr, done)
    for words in (["shell"], ["shell", path, "--nope"], ["shell", path + "-not"]):
        done = subprocess.run([program, *words], capture_output=True, text=True, timeout=PATIENCE, check=False)
        tap.check(f"shell: refused: {' '.join(words[2:]) or 'no path'}",
                  done.returncode != 0 and done.stderr.count("\n") == 1, done)
    tap.check("shell: the system's own folder is as it was", not os.path.exists(GADGET))


def main(program):
    tap = Tap()
    with tempfile.TemporaryDirectory(prefix="qmi-control-") as folder:
        path = os.path.join(folder, "control")
        with Sim(program, "--control", path) as modem:
            test_requests(tap, path)
            test_events(tap, path)
            test_hostile(tap, path, modem)
            test_lost_events(tap, path)
            test_requests_behind_events(tap, path)
            test_ctl(tap, program, path)
        test_socket_file(tap, program, path)
        with Sim(program, "--control", path, "--time-scale", "0.1"):
            test_shell(tap, program, path)
        test_start(tap, program, path)
        test_scenario(tap, program, folder)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
