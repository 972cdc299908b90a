#!/usr/bin/env python3
"""The recorder under programs that do everything odd: what they say they sent is what was recorded.

    test_recorder.py LIBRARY PLAY STATIC-PLAY ROUTER QMI-TRACE QMICLI QMI-SIM
"""

import collections
import os
import shutil
import subprocess
import sys
import tempfile
import time

from pcapng import records
from sim import PATIENCE, Sim, Tap

NAS, SSC, UNKNOWN, CONTROL = 3, 400, 0xff, 0xfffffffe


class Stage:
    def __init__(self, library, play, folder):
        self.library, self.play, self.folder = library, play, folder
        self.file = os.path.join(folder, "recording.pcapng")

    def run(self, scene, *behind, program=None, command=None, **more):
        """Plays a scene, or another command, under the recorder; (done, expected, recorded)."""
        if os.path.exists(self.file):
            os.unlink(self.file)
        environment = {"PATH": os.environ["PATH"], "LD_PRELOAD": ":".join([self.library, *behind]),
                       "QMITRACE_FILE": self.file, "QMITRACE_DEVICES": "/none:@recorder-play-*", **more}
        done = subprocess.run(command or [program or self.play, scene, self.folder], capture_output=True, text=True, timeout=PATIENCE,
                              env=environment, cwd=self.folder)
        expected = [tuple(line.split(" ")) for line in done.stdout.splitlines()]
        recorded = records(self.file) if os.path.exists(self.file) else []
        return done, expected, recorded


def seen(recorded):
    return [(str(r["transport"]), str(r["direction"]), r["bytes"].hex()) for r in recorded]


def differences(expected, recorded):
    for i, (left, right) in enumerate(zip(expected, recorded)):
        if left != right:
            return f"record {i}: expected {left}, is {right}"
    return f"{len(expected)} expected, {len(recorded)} recorded: {recorded[len(expected):][:3]}"


IN_ORDER = ["plain", "ways-to-open", "in-pieces", "copies", "numbers-used-again", "children", "ways-to-send", "qmuxd",
            "strangers", "clean-sweeps", "closed-behind", "sealed", "file-limit", "errors-stay", "many"]


def test_scenes(tap, stage):
    for scene in IN_ORDER:
        done, expected, recorded = stage.run(scene)
        tap.check(f"{scene}: the program notices nothing", done.returncode == 0 and not done.stderr,
                  f"{done.returncode} {done.stderr}")
        tap.check(f"{scene}: every frame is there, once, in order", expected == seen(recorded),
                  differences(expected, seen(recorded)))
    tap.check("something was recorded at all", recorded)


def test_concurrency(tap, stage):
    done, expected, recorded = stage.run("threads")
    tap.check("threads: the program notices nothing", done.returncode == 0, done.stderr)
    tap.check("threads: every frame is there, once, whole",
              expected and collections.Counter(expected) == collections.Counter(seen(recorded)),
              f"{len(expected)} expected, {len(recorded)} recorded")
    done, handled, recorded = stage.run("signals", QMITRACE_DEVICES="/dev/null")
    counts = collections.Counter(frame[14:16] for _, _, frame in seen(recorded))  # by transaction
    tap.check("signals: a handler that writes where it interrupted a write comes to no harm",
              done.returncode == 0 and counts == {"09": 5000, "07": int(handled[0][1])},
              f"{done.returncode} {done.stderr} {handled} {counts}")


def test_headers(tap, stage):
    done, _, recorded = stage.run("children")
    people = {r["pid"] for r in recorded}
    tap.check("each record has its process", len(people) == 3 and {r["process"] for r in recorded} == {"recorder-play"},
              people)
    tap.check("the device is named as the program named it", all(r["device"].startswith("/dev/pts/") for r in recorded))
    times = [r["time"] for r in recorded]
    tap.check("times go on", done.returncode == 0 and times == sorted(times), times)
    mode = os.stat(stage.file).st_mode & 0o777
    tap.check("nobody else may read it", mode == 0o600, oct(mode))


def test_routers(tap, stage, router):
    done, _, recorded = stage.run("routers", router)
    tap.check("routers: the program notices nothing", done.returncode == 0, done.stderr)
    rows = [(r["transport"], r["direction"], r["service"], r["node"], r["port"]) for r in recorded]
    # who announces a server is one: its requests come to the modem by being read
    qrtr = [(2, 1, UNKNOWN, 1, CONTROL), (2, 0, UNKNOWN, 1, CONTROL)] + 3 * [(2, 1, NAS, 3, 0x4001)] + 3 * [(2, 0, NAS, 3, 0x4001)]
    old = [(4, 0, NAS, 0, 0), (4, 1, NAS, 0, 0)]
    large = [(2, 1, UNKNOWN, 1, CONTROL), (2, 0, UNKNOWN, 1, CONTROL), (2, 1, SSC, 3, 0x4002), (2, 0, SSC, 3, 0x4002),
             (2, 0, SSC, 3, 0x4002)]
    tap.check("routers: each datagram with its service, node and port, above 255 too", rows == qrtr + old + large, rows)
    tap.check("routers: as the message without QMUX's header",
              [len(r["bytes"]) for r in recorded] == [20, 20] + 8 * [13] + [20, 20] + 3 * [13],
              [r["bytes"].hex() for r in recorded])


def test_files(tap, stage, static_play, folder):
    done, _, recorded = stage.run("nothing")
    tap.check("no modem, no file", done.returncode == 0 and not os.path.exists(stage.file), done.stderr)
    done, expected, recorded = stage.run("plain", program=static_play)
    tap.check("a static program is left alone", done.returncode == 0 and expected and not recorded, done.stderr)
    for name, content in (("a text", b"precious\n"), ("a recording of others", b"\n\r\r\n" + bytes(200))):
        path = os.path.join(folder, "there")
        with open(path, "wb") as file:
            file.write(content)
        os.chmod(path, 0o600)
        done, _, _ = stage.run("plain", QMITRACE_FILE=path, QMITRACE_VERBOSE="1")
        with open(path, "rb") as file:
            same = file.read() == content
        tap.check(f"{name} is not written to", done.returncode == 0 and same and "no recording" in done.stderr, done.stderr)
    for name, path in (("a folder that is not there", "/nowhere/x.pcapng"), ("a device", "/dev/full"), ("nothing", "")):
        done, expected, _ = stage.run("plain", QMITRACE_FILE=path)
        tap.check(f"{name} as the recording harms nobody", done.returncode == 0 and expected and not done.stderr, done.stderr)


def test_names(tap, stage):
    """What a name stands for: %p, and the guide's library without any setting."""
    done, expected, _ = stage.run("children", QMITRACE_FILE=os.path.join(stage.folder, "n-%p.pcapng"))
    files = [name for name in os.listdir(stage.folder) if name.startswith("n-")]
    found = sum((records(os.path.join(stage.folder, name)) for name in files), [])
    tap.check("%p: a file for each process that was executed", done.returncode == 0 and len(files) == 2 and
              sorted(seen(found)) == sorted(expected), files)
    guide = os.path.join(stage.folder, "qmuxd_wrapper.so")
    shutil.copy(stage.library, guide)
    done = subprocess.run([stage.play, "plain", stage.folder], capture_output=True, text=True, timeout=PATIENCE,
                          cwd=stage.folder, env={"LD_PRELOAD": guide})
    files = [name for name in os.listdir(stage.folder) if name.startswith("qmi-")]
    tap.check("as qmuxd_wrapper.so it records to the current folder and says where", len(files) == 1 and
              files[0] in done.stderr and "qmi-trace show" in done.stderr, f"{files} {done.stderr}")


def exchanges(recorded):
    """Requests and answers of one connection as (service, client, transaction, message) of their frames."""
    def key(frame):
        width = 1 if frame[4] == 0 else 2
        transaction, message = frame[7:7 + width], frame[7 + width:9 + width]
        return frame[4], frame[5], int.from_bytes(transaction, "little"), int.from_bytes(message, "little")

    return [[key(r["bytes"]) for r in recorded if r["direction"] == direction] for direction in (0, 1)]


def test_tools(tap, stage, qmicli, qmi_sim):
    """Tools on a virtual modem: each request with its answer, and nothing else."""
    socket = os.path.join(stage.folder, "modem.sock")
    with Sim(qmi_sim, "--unix", socket) as modem:
        tools = [("ours on a pty", [qmicli, "-d", modem.path]), ("ours on a socket", [qmicli, "-d", f"unix:{socket}"])]
        if shutil.which("qmicli"):
            tools.append(("Debian's on a pty", ["/usr/bin/qmicli", "--device-open-qmi", "-d", modem.path]))
        for name, command in tools:
            done, _, recorded = stage.run("--dms-get-ids", command=[*command, "--dms-get-ids"])
            requests, answers = exchanges(recorded)
            tap.check(f"{name}: it works", done.returncode == 0 and "IMEI" in done.stdout, done.stderr)
            tap.check(f"{name}: each request has its answer", len(requests) >= 3 and requests == answers and
                      0x25 in [key[3] for key in requests], f"{requests} {answers}")


def test_proxy(tap, stage, qmi_sim):
    """Debian's qmicli with Debian's proxy, which it starts, in a network of their own: both record to one file."""
    unshare = shutil.which("unshare")
    if not unshare or os.geteuid() or not os.path.exists("/usr/libexec/qmi-proxy"):
        tap.check("Debian's proxy under the recorder # SKIP it needs root and libqmi-proxy", True)
        return
    with Sim(qmi_sim) as modem:
        script = f"qmicli --device-open-proxy --device-open-qmi -d {modem.path} --dms-get-ids"
        done, _, recorded = stage.run("", command=[unshare, "-n", "/bin/sh", "-c", script])
        time.sleep(0.2)
        recorded = records(stage.file)
    devices = collections.Counter((r["process"], r["device"]) for r in recorded)
    tap.check("through Debian's proxy it works", done.returncode == 0 and "IMEI" in done.stdout, done.stdout + done.stderr)
    client, server = ("qmicli", "@qmi-proxy"), ("qmi-proxy", "@qmi-proxy")
    tap.check("both ends of the proxy's socket are recorded, and the modem behind it",
              devices[client] >= 8 and devices[client] == devices[server] and len(devices) == 3, devices)
    modem_end = [r for r in recorded if (r["process"], r["device"]) == server]
    tap.check("a server's end has the client's directions", modem_end and
              sorted(seen(modem_end)) == sorted(seen([r for r in recorded if (r["process"], r["device"]) == client])))


def test_program(tap, qmi_trace, play, folder):
    path = os.path.join(folder, "program.pcapng")

    def run(*words):
        return subprocess.run([qmi_trace, "record", *words], capture_output=True, text=True, timeout=PATIENCE, cwd=folder)

    done = run("-o", path, "--", play, "plain", folder)
    before = len(records(path))
    tap.check("qmi-trace record records", done.returncode == 0 and before == 8, done.stderr)
    done = run("-o", path, "--", play, "plain", folder)
    tap.check("a recording is not overwritten", done.returncode == 1 and "--append" in done.stderr, done.stderr)
    done = run("--append", "-o", path, play, "plain", folder)
    tap.check("--append goes on with it", done.returncode == 0 and len(records(path)) == 2 * before, done.stderr)
    done = run("-o", os.path.join(folder, "failed"), "--", "sh", "-c", "exit 7")
    tap.check("the command's status is ours", done.returncode == 7, done.stderr)
    done = run("-o", os.path.join(folder, "missing"), "--", "/nowhere/command")
    tap.check("a command that is not there", done.returncode == 127 and done.stderr.count("\n") == 1, done.stderr)
    for words in ([], ["-o"], ["--what", "true"], ["-o", os.path.join(folder, "x"), "--"]):
        done = run(*words)
        tap.check(f"record {' '.join(words[:1])}: says what is missing", done.returncode == 2 and
                  done.stderr.count("\n") == 1, done.stderr)


def test_symbols(tap, library):
    """Nothing leaks into the program but the functions that are hooked."""
    out = subprocess.run(["nm", "-D", "--defined-only", library], capture_output=True, text=True, check=True).stdout
    names = {line.split()[-1].split("@")[0] for line in out.splitlines()}
    tap.check("no symbol of ours is seen", "read" in names and not any("qk" in name for name in names), names)
    needed = subprocess.run(["objdump", "-p", library], capture_output=True, text=True, check=True).stdout
    libraries = [line.split()[-1] for line in needed.splitlines() if "NEEDED" in line]
    tap.check("it needs the C library alone", libraries == ["libc.so.6"], libraries)


def main(library, play, static_play, router, qmi_trace, qmicli, qmi_sim):
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(library, play, folder)
        test_scenes(tap, stage)
        test_concurrency(tap, stage)
        test_headers(tap, stage)
        test_routers(tap, stage, router)
        test_files(tap, stage, static_play, folder)
        test_names(tap, stage)
        test_tools(tap, stage, qmicli, qmi_sim)
        test_proxy(tap, stage, qmi_sim)
        test_program(tap, qmi_trace, play, folder)
        test_symbols(tap, library)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main(*map(os.path.abspath, sys.argv[1:])))
