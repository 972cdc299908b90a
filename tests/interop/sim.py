"""A virtual modem for a test: qmi-sim on a pty, started and stopped."""

import os
import signal
import subprocess
import tempfile


class Sim:
    """with Sim(program, "--seed", "2") as modem: … modem.path …

    Every modem of one process has the same path, so that what two programs print about it can be
    compared."""

    folder = None

    def __init__(self, program, *args):
        if Sim.folder is None:
            Sim.folder = tempfile.TemporaryDirectory(prefix="qmi-interop-")
        self.path = os.path.join(Sim.folder.name, "modem")
        self.command = [program, "--pty", self.path, *args]
        self.process = None

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, text=True)
        if self.process.stdout.readline().strip() != "ready":
            self.process.wait()
            raise RuntimeError(f"qmi-sim did not start: {' '.join(self.command)}")
        return self

    def __exit__(self, *unused):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=10)
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
