"""qmi-proxy for a test: started and stopped, in a network of the test's own, and looked at from outside."""

import ctypes
import json
import os
import re
import signal
import socket
import subprocess
import tempfile
import time

from qmux import BROKER
from sim import PATIENCE, Sim, sanitizer_environment

THEIRS = "/usr/libexec/qmi-proxy"
CLONE_NEWNS, CLONE_NEWNET, MS_REC, MS_PRIVATE = 0x20000, 0x40000000, 0x4000, 0x40000


def own_world():
    """A network and a /run of this process's own, so that neither the machine's broker nor another test's is met:
    abstract sockets belong to a network. Whether it could be done."""
    os.environ.pop("QMI_PROXY_SOCKET", None)
    libc = ctypes.CDLL(None, use_errno=True)
    return (os.geteuid() == 0 and libc.unshare(CLONE_NEWNS | CLONE_NEWNET) == 0 and
            libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None) == 0 and
            libc.mount(b"none", b"/run", b"tmpfs", 0, None) == 0)


def answers(address=BROKER):
    with socket.socket(socket.AF_UNIX) as client:
        return client.connect_ex(address) == 0


def until(condition, seconds=PATIENCE):
    """Waits for it; whether it came."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def broker_pid():
    """Of whoever listens; 0: nobody."""
    with socket.socket(socket.AF_UNIX) as client:
        if client.connect_ex(BROKER):
            return 0
        return int.from_bytes(client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)[:4], "little")


class Broker:
    """with Broker(program, "--no-exit") as broker: …"""

    def __init__(self, program, *options):
        self.command, self.process = [program, *options], None

    def __enter__(self):
        self.stderr = tempfile.TemporaryFile("w+", errors="replace")  # pylint: disable=consider-using-with
        self.process = subprocess.Popen(self.command, stderr=self.stderr, stdin=subprocess.DEVNULL,
                                        env=sanitizer_environment())
        if not until(lambda: answers() or self.process.poll() is not None) or self.process.poll() is not None:
            raise RuntimeError(f"{' '.join(self.command)} did not start: {self.said()}")
        return self

    def __exit__(self, *unused):
        self.stop(signal.SIGTERM)
        self.stderr.close()

    def stop(self, number):
        if self.process.poll() is None:
            self.process.send_signal(number)
            try:
                self.process.wait(timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def said(self):
        self.stderr.seek(0)
        return self.stderr.read()

    def lives(self):
        return self.process.poll() is None

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def processor_seconds(self):
        """Of all its threads."""
        total = 0
        for thread in os.listdir(f"/proc/{self.process.pid}/task"):
            with open(f"/proc/{self.process.pid}/task/{thread}/schedstat", encoding="ascii") as file:
                total += int(file.read().split()[0])
        return total / 1e9

    def own_kib(self):
        """Memory that is there because of it (PSS)."""
        with open(f"/proc/{self.process.pid}/smaps_rollup", encoding="ascii") as file:
            return int(re.search(r"^Pss: +(\d+) kB", file.read(), re.MULTILINE).group(1))


class Modem(Sim):
    """A virtual modem whose client ids can be counted."""

    def __init__(self, program, *options, name="modem"):
        super().__init__(program, *options, name=name)
        self.program = program
        self.control = self.path + "-control"
        self.command += ["--control", self.control]

    def ctl(self, *words):
        done = subprocess.run([self.program, "ctl", self.control, *words], capture_output=True, text=True,
                              timeout=PATIENCE, check=True)
        return json.loads(done.stdout)

    def calls(self, number=0):
        """Its data calls, as (state, handle)."""
        return [(call["state"], call["handle"]) for call in self.ctl("status", "--modem", str(number))["data"]["calls"]]

    def clients(self, number=0):
        """The ids that it has given out, as (service, id)."""
        return sorted((c["number"], c["id"]) for c in self.ctl("clients", "--modem", str(number))["clients"])
