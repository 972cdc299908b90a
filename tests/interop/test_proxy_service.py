#!/usr/bin/env python3
"""qmi-proxy under a service manager, which this test plays: sockets that are passed, what the manager is told, open
modems that it keeps while the broker is killed.

    test_proxy_service.py QMI_SIM QMI_PROXY
"""

import array
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.parse
import zlib

from broker import Modem, own_world, until
from qmux import ALLOCATE, CTL, DMS, Peer, tlv
from sim import PATIENCE, Tap

RUN_DIR = "/run/qmi-proxy"
# The manager sets the process id of the one it starts, which has the descriptors from 3 on.
LAUNCH = 'n=3; for fd in $FDS; do eval "exec $n<&$fd"; n=$((n + 1)); done; LISTEN_PID=$$ exec "$0" "$@"'


class Manager:
    """Listens for the broker, starts it, and keeps what it is told to keep."""

    def __init__(self, program, folder):
        self.program, self.process, self.stderr = program, None, None
        self.kept = {}  # name -> descriptor
        self.said = []
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notify.bind(os.path.join(folder, "notify"))
        self.notify.settimeout(PATIENCE)
        os.makedirs(RUN_DIR, exist_ok=True)
        self.listeners = []
        for address in ("\0qmi-proxy", RUN_DIR + "/socket"):
            listener = socket.socket(socket.AF_UNIX)
            listener.bind(address)
            listener.listen(16)
            self.listeners.append(listener)

    def start(self, *options, with_kept=True):
        passed = [listener.fileno() for listener in self.listeners] + (list(self.kept.values()) if with_kept else [])
        # out of the way of the numbers that they get
        high = [os.dup2(fd, 100 + n) for n, fd in enumerate(passed)]
        self.stderr = tempfile.TemporaryFile("w+")  # pylint: disable=consider-using-with
        self.process = subprocess.Popen(
            ["bash", "-c", LAUNCH, self.program, *options], pass_fds=high, stdin=subprocess.DEVNULL, stderr=self.stderr,
            env={**os.environ, "FDS": " ".join(map(str, high)), "LISTEN_FDS": str(len(high)),
                 "NOTIFY_SOCKET": self.notify.getsockname()})
        for fd in high:
            os.close(fd)
        self.hear("READY=1")

    def hear(self, line):
        """Takes what the broker says until it says this; all that was said."""
        while line not in self.said:
            data, control, _, _ = self.notify.recvmsg(4096, socket.CMSG_LEN(4 * 4))
            lines = data.decode().split("\n")
            self.said += lines
            name = next((word.removeprefix("FDNAME=") for word in lines if word.startswith("FDNAME=")), None)
            for _, _, payload in control:
                self.forget(name)
                self.kept[name] = array.array("i", payload[:4])[0]
            if "FDSTOREREMOVE=1" in lines:
                self.forget(name)
        said, self.said = self.said, []
        return said

    def forget(self, name):
        if name in self.kept:
            os.close(self.kept.pop(name))

    def end(self, number):
        self.process.send_signal(number)
        self.process.wait(timeout=PATIENCE)
        self.stderr.seek(0)
        return self.stderr.read()

    def status(self):
        done = subprocess.run([self.program, "status", "--json"], capture_output=True, text=True, timeout=PATIENCE,
                              check=True)
        return json.loads(done.stdout)


def leases(status):
    return [(device["path"], lease["service"], lease["state"]) for device in status["devices"]
            for lease in device["leases"]]


def test_life(tap, manager, modem):
    """Sockets, the first kill, and the modem that is handed on."""
    real = os.path.realpath(modem.path)
    manager.start()
    first = Peer(modem.path)
    tap.check("the abstract socket that was passed is served", first.ask(CTL, 0, 0x21).error == 0)
    second = Peer(modem.path, address=RUN_DIR + "/socket")
    tap.check("and so is the one in the folder", second.ask(CTL, 0, 0x21).error == 0)
    tap.check("the manager shall not poll what it keeps", "FDPOLL=0" in manager.hear("FDSTORE=1"))
    tap.check("the manager is given the modem's descriptor",
              [os.readlink(f"/proc/self/fd/{fd}") for fd in manager.kept.values()] == [real], manager.kept)
    tap.check("an id is allocated", first.ask(CTL, 0, ALLOCATE, tlv(1, bytes([DMS]))).error == 0)
    manager.end(signal.SIGKILL)

    # whoever opens the node itself is refused: the descriptor that is kept holds the lock
    manager.start(with_kept=False)
    tap.check("a broker that is not given the modem cannot have it", not leases(manager.status()), manager.status())
    said = manager.end(signal.SIGKILL)
    tap.check("and says so", "its ids are forgotten" in said, said)


def test_handing_on(tap, manager, modem):
    real = os.path.realpath(modem.path)
    before = len(modem.clients())
    manager.start()
    peer = Peer(modem.path)
    manager.hear("FDSTORE=1")
    peer.ask(CTL, 0, ALLOCATE, tlv(1, bytes([DMS])))
    manager.end(signal.SIGKILL)
    manager.start()
    tap.check("a broker that is given it has its ids again", leases(manager.status()) == [(real, "dms", "orphan")],
              manager.status())
    manager.end(signal.SIGKILL)
    manager.start("--orphan-timeout", "0")
    tap.check("they go back when nobody wants them", until(lambda: len(modem.clients()) == before), modem.clients())
    manager.hear("FDSTOREREMOVE=1")
    tap.check("and the manager is told to keep the modem no more", not manager.kept, manager.kept)
    said = manager.end(signal.SIGTERM)
    manager.hear("STOPPING=1")
    tap.check("it ends without a word", manager.process.returncode == 0 and not said, said)
    tap.check("the socket in the folder is the manager's, and stays", os.path.exists(RUN_DIR + "/socket"))


def table_of(path):
    return f"{RUN_DIR}/table-{urllib.parse.quote(os.path.realpath(path), safe=':')}"


def tables():
    return sorted(name for name in os.listdir(RUN_DIR) if name.startswith("table"))


def state_of(file):
    got = os.stat(file)
    return got.st_ino, got.st_mtime_ns, got.st_size, got.st_mode & 0o7777


def give(peer):
    return peer.ask(CTL, 0, ALLOCATE, tlv(1, bytes([DMS]))).error == 0


def test_two_tables(tap, manager, path):
    """An id costs a write of its own modem's table; what happens to that one is no matter of the other's."""
    first, second = path + "0", path + "1"
    manager.start("--orphan-timeout", "600")
    peer, other = Peer(first), Peer(second)
    tap.check("a modem without ids has no table", not tables(), tables())
    tap.check("each has an id", give(peer) and give(other))
    before, untouched = state_of(table_of(first)), state_of(table_of(second))
    tap.check("and a table that nobody else can read", before[3] == untouched[3] == 0o600, (before, untouched))
    tap.check("one has another id", give(peer))
    tap.check("its table is replaced", before[0] != state_of(table_of(first))[0], before)
    tap.check("that of the other modem is not", untouched == state_of(table_of(second)),
              (untouched, state_of(table_of(second))))
    tap.check("there is nothing else", len(tables()) == 2, tables())
    manager.hear("FDSTORE=1")
    manager.hear("FDSTORE=1")
    manager.end(signal.SIGKILL)


def test_broken_table(tap, manager, path):
    first, second = path + "0", path + "1"
    with open(table_of(second), "rb") as file:
        good = file.read()
    with open(table_of(second), "wb") as file:
        file.write(good[:-4])
    with open(RUN_DIR + "/table-of-mine", "wb"):
        pass
    manager.start("--orphan-timeout", "600")
    tap.check("a broken table costs its modem's ids alone",
              leases(manager.status()) == [(os.path.realpath(first), "dms", "orphan")] * 2, manager.status())
    tap.check("it is gone, and what has another name is not",
              tables() == [os.path.basename(table_of(first)), "table-of-mine"], tables())
    said = manager.end(signal.SIGKILL)
    tap.check("that is said once", said.count("damaged") == 1 and os.path.basename(table_of(second)) in said, said)
    os.unlink(RUN_DIR + "/table-of-mine")
    return good


def test_older_table(tap, manager, path, good):
    """A broker that had one table for all is followed by this one, as by an update."""
    first, second = path + "0", path + "1"
    with open(table_of(first), "rb") as file:
        text = b"".join(file.readlines()[:-1]) + b"".join(good.splitlines(True)[1:-1])
    os.unlink(table_of(first))
    with open(RUN_DIR + "/table", "wb") as file:
        file.write(text + b"sum %08x\n" % zlib.crc32(text))
    manager.start("--orphan-timeout", "600")
    wanted = [(os.path.realpath(first), "dms", "orphan")] * 2 + [(os.path.realpath(second), "dms", "orphan")]
    tap.check("the one table of an older broker is read", sorted(leases(manager.status())) == sorted(wanted),
              manager.status())
    wanted = sorted(os.path.basename(table_of(port)) for port in (first, second))
    tap.check("and replaced by one for each modem", tables() == wanted, tables())
    said = manager.end(signal.SIGTERM)
    tap.check("which stay when the broker ends without a word", not said and tables() == wanted, (said, tables()))


def test_tables_end(tap, manager, modems, path):
    """With the ids, and with the modem."""
    manager.start("--orphan-timeout", "0")
    tap.check("ids that went back leave no table", until(lambda: not tables()), tables())
    tap.check("nor the modem any", len(modems.clients(0)) == 0, modems.clients(0))
    for _ in range(2):
        manager.hear("FDSTOREREMOVE=1")
    manager.end(signal.SIGTERM)  # this one was started with the ports, and has them for as long as it runs
    manager.start("--orphan-timeout", "600")
    peer = Peer(path + "0")
    tap.check("a modem that vanishes", give(peer) and len(tables()) == 1, tables())
    modems.__exit__(None, None, None)
    tap.check("takes its table with it", until(lambda: not tables()), tables())
    manager.end(signal.SIGTERM)


def test_tables(tap, manager, qmi_sim):
    with Modem(qmi_sim, "--count", "2") as modems:
        test_two_tables(tap, manager, modems.path)
        good = test_broken_table(tap, manager, modems.path)
        test_older_table(tap, manager, modems.path, good)
        test_tables_end(tap, manager, modems, modems.path)


def test_table(tap, manager, modem):
    """What is in the folder need not be a table."""
    for name, data in (("rubbish", b"\xff" * 1000), ("nothing", b""), ("half a table", b"qmi-proxy 1 x\nmodem a")):
        with open(RUN_DIR + "/table", "wb") as file:
            file.write(data)
        manager.start()
        good = Peer(modem.path).ask(CTL, 0, 0x21).error == 0
        said = manager.end(signal.SIGTERM)
        tap.check(f"it starts with {name} in place of its table, and says so", good and "damaged" in said, said)
        tap.check(f"{name} is read once", not tables(), tables())


def main(qmi_sim, qmi_proxy):
    if not own_world():
        print("1..0 # SKIP a network of its own needs root")
        return 0
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        manager = Manager(qmi_proxy, folder)
        with Modem(qmi_sim) as modem:
            test_life(tap, manager, modem)
        for name in list(manager.kept):
            manager.forget(name)
        with Modem(qmi_sim) as modem:
            test_handing_on(tap, manager, modem)
            test_table(tap, manager, modem)
        for name in list(manager.kept):
            manager.forget(name)
        test_tables(tap, manager, qmi_sim)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
