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


def test_table(tap, manager, modem):
    """What is in the folder need not be a table."""
    for name, data in (("rubbish", b"\xff" * 1000), ("nothing", b""), ("half a table", b"qmi-proxy 1 x\nmodem a")):
        with open(RUN_DIR + "/table", "wb") as file:
            file.write(data)
        manager.start()
        good = Peer(modem.path).ask(CTL, 0, 0x21).error == 0
        said = manager.end(signal.SIGTERM)
        tap.check(f"it starts with {name} in place of its table, and says so", good and "damaged" in said, said)


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
    return tap.done()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
