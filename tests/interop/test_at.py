#!/usr/bin/env python3
"""The AT port of qmi-sim on a pty: the bytes of a line, and the questions hosts ask.

    test_at.py QMI_SIM
"""

import os
import select
import signal
import subprocess
import sys
import tempfile
import time

from sim import Tap


class Port:
    """An AT port: bytes and commands."""

    def __init__(self, path):
        self.fd = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)

    def close(self):
        os.close(self.fd)

    def read(self, end=None, seconds=5.0):
        """What comes until `end` is there, or for `seconds`."""
        data = b""
        until = time.monotonic() + seconds
        while (end is None or end not in data) and time.monotonic() < until:
            if select.select([self.fd], [], [], until - time.monotonic())[0]:
                data += os.read(self.fd, 65536)
        return data

    def raw(self, text, end):
        os.write(self.fd, text)
        return self.read(end)

    def ask(self, command):
        """The lines of the response, without echo."""
        os.write(self.fd, command.encode() + b"\r")
        data = b""
        until = time.monotonic() + 5
        while time.monotonic() < until:
            data += self.read(b"\n", 0.2)
            lines = [line for line in data.decode("latin-1").splitlines() if line]
            if any(line in ("OK", "ERROR", "NO CARRIER") or " ERROR: " in line for line in lines):
                return lines[1:] if lines[0].strip() == command else lines
        raise TimeoutError(f"{command}: {data!r}")


class Modem:
    """qmi-sim with an AT port."""

    def __init__(self, program, *args):
        self.folder = tempfile.TemporaryDirectory(prefix="qmi-at-")
        self.path = os.path.join(self.folder.name, "at")
        self.command = [program, "--at", self.path, *args]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, text=True)
        if self.process.stdout.readline().strip() != "ready":
            self.process.wait()
            raise RuntimeError(f"qmi-sim did not start: {' '.join(self.command)}")
        return self

    def __exit__(self, *unused):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=10)
        self.process.stdout.close()
        self.folder.cleanup()


def reopen(port, modem):
    """As another user, after the modem had time to see that the last one is gone."""
    port.close()
    time.sleep(0.2)
    return Port(modem.path)


def line_tests(tap, program):
    with Modem(program) as modem:
        port = Port(modem.path)
        said = port.raw(b"AT\r", b"OK\r\n")
        tap.check("a line is echoed and answered", said == b"AT\r\r\nOK\r\n", said)
        for byte in b"AT+CGMM":
            port.raw(bytes([byte]), bytes([byte]))
        said = port.raw(b"\r", b"OK\r\n")
        tap.check("bytes may come one at a time", said == b"\r\r\nEC25\r\n\r\nOK\r\n", said)
        port.ask("ATE0")
        os.write(port.fd, b"AT+CSU")
        port = reopen(port, modem)
        said = port.raw(b"AT\r", b"OK\r\n")
        tap.check("another user begins a new line, with what was set",
                  said.endswith(b"\r\nOK\r\n") and b"AT" not in said, said)
        os.write(port.fd, bytes(range(256)) * 16)
        port.read(seconds=0.3)
        port = reopen(port, modem)
        tap.check("noise does no harm", port.ask("AT+CSUB")[-2:] == ["SubEdition: V01", "OK"])
        port.close()


def main():
    tap = Tap()
    line_tests(tap, sys.argv[1])
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
