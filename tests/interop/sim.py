"""A virtual modem for a test: qmi-sim on a pty, started and stopped."""

import os
import signal
import socket
import subprocess
import tempfile

# A broker that runs on this machine has nothing to do with a test; the tests of brokers have a world of their own.
os.environ["QMI_PROXY_SOCKET"] = "/nonexistent"

PATIENCE = 60  # seconds: for what happens at once on a machine that has nothing else to do
GET_VERSIONS = bytes.fromhex("010b00000000000121000000")


def settle(path):
    """Returns when a modem that listens on the Unix socket `path` has seen all that was done before: it takes
    events in the order they come in, and twice round it has taken those it was asleep for."""
    for _ in range(2):
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(PATIENCE)
            client.connect(path)
            client.sendall(GET_VERSIONS)
            client.recv(4096)


def sanitizer_environment():
    """For a program whose memory is looked at: with sanitizers, what is freed must not count as what is in use."""
    options = os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=1:thread_local_quarantine_size_kb=64"
    return {**os.environ, "ASAN_OPTIONS": options.strip(":")}


class Sim:
    """with Sim(program, "--seed", "2") as modem: … modem.path …

    Every modem of one process has the same path, so that what two programs print about it can be
    compared, unless it is given a name."""

    folder = None

    def __init__(self, program, *args, name="modem"):
        if Sim.folder is None:
            Sim.folder = tempfile.TemporaryDirectory(prefix="qmi-interop-")
        self.path = os.path.join(Sim.folder.name, name)
        self.command = [program, "--pty", self.path, *args]
        self.process = None

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, text=True,
                                        env=sanitizer_environment())
        if self.process.stdout.readline().strip() != "ready":
            self.process.wait()
            raise RuntimeError(f"qmi-sim did not start: {' '.join(self.command)}")
        return self

    def __exit__(self, *unused):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()


class Tap:
    """Test results on stdout."""

    def __init__(self):
        self.count = self.failed = 0

    def check(self, name, good, detail=""):
        self.count += 1
        self.failed += not good
        print(f"{'ok' if good else 'not ok'} {self.count} - {name}", flush=True)
        if not good:
            for line in str(detail).splitlines():
                print(f"#   {line}")

    def done(self):
        print(f"1..{self.count}")
        return 1 if self.failed else 0
