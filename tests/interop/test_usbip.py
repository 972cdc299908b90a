#!/usr/bin/env python3
"""USB/IP over TCP: a client written from the kernel's description of the protocol lists the modems,
imports one and talks to it, and hostile ones do no harm. `usbip` itself is asked where it is installed.

    test_usbip.py QMI_SIM
"""

import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time

from sim import PATIENCE, Tap

RECORD = struct.Struct(">256s32sIIIHHHBBBBBB")
SUBMIT = struct.Struct(">IIIIIIiiii8s")
REPLY = struct.Struct(">IIIIIiiiii8x")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Host:
    """A connection to the server."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.number = 0

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.socket.close()

    def take(self, size):
        data = b""
        while len(data) < size:
            piece = self.socket.recv(size - len(data))
            if not piece:
                raise EOFError(f"{len(data)} of {size} bytes came")
            data += piece
        return data

    def list(self):
        self.socket.sendall(struct.pack(">HHI", 0x0111, 0x8005, 0))
        head = struct.unpack(">HHII", self.take(12))
        devices = []
        for _ in range(head[3]):
            record = RECORD.unpack(self.take(RECORD.size))
            devices.append((record, [self.take(4) for _ in range(record[13])]))
        return head, devices, self.socket.recv(1)

    def take_device(self, busid):
        """Imports; the status, and the record if that is 0."""
        self.socket.sendall(struct.pack(">HHI32s", 0x0111, 0x8003, 0, busid.encode()))
        version, code, status = struct.unpack(">HHI", self.take(8))
        assert (version, code) == (0x0111, 0x0003)
        return status, RECORD.unpack(self.take(RECORD.size)) if status == 0 else None

    def submit(self, endpoint, length, setup=bytes(8), data=None):
        self.number += 1
        self.socket.sendall(SUBMIT.pack(1, self.number, 65537, data is None, endpoint, 0, length, 0, 0, 0,
                                        setup) + (data or b""))
        return self.number

    def reply(self, incoming=True):
        kind, number, _, _, _, status, size, *_ = REPLY.unpack(self.take(48))
        return kind, number, status, self.take(size) if incoming else size

    def control_in(self, request, value, index, length, kind=0x80):
        self.submit(0, length, struct.pack("<BBHHH", kind, request, value, index, length))
        return self.reply()[2:]

    def control_out(self, request, value, index, data=b"", kind=0):
        self.submit(0, len(data), struct.pack("<BBHHH", kind, request, value, index, len(data)), data)
        return self.reply(False)[2]


def is_closed(connection):
    try:
        return connection.socket.recv(64) == b""
    except ConnectionError:
        return True


def test_list(tap, port):
    with Host(port) as host:
        head, devices, rest = host.list()
    tap.check("the list has both modems", head == (0x0111, 0x0005, 0, 2) and rest == b"", (head, rest))
    record, interfaces = devices[1]
    text = [field.rstrip(b"\0").decode() for field in record[:2]]
    tap.check("a record says what it is", text[1] == "1-2" and record[2:8] == (1, 2, 3, 0x2C7C, 0x0125, 0x0318)
              and record[13] == 5, record)
    tap.check("its interfaces are listed", interfaces[0] == b"\xff\xff\xff\0"
              and interfaces[2] == b"\xff\0\0\0", interfaces)


def test_device(tap, port):
    sync = bytes.fromhex("010b00000000000127000000")
    with Host(port) as host, Host(port) as other:
        status, record = host.take_device("1-1")
        tap.check("a modem is imported", status == 0 and record[1].startswith(b"1-1\0"), status)
        tap.check("it is busy for the next", other.take_device("1-1")[0] == 2 and is_closed(other))
        with Host(port) as third:
            tap.check("it is listed no more", [entry[0][1][:3] for entry in third.list()[1]] == [b"1-2"])
        status, data = host.control_in(6, 0x0100, 0, 18)
        tap.check("the device descriptor is read", status == 0 and data[8:12] == b"\x7c\x2c\x25\x01", data.hex())
        tap.check("it is configured", host.control_out(9, 1, 0) == 0)
        host.control_out(0x22, 1, 4, kind=0x21)
        waiting = host.submit(9, 8)
        host.control_out(0, 0, 4, sync, 0x21)
        began = time.monotonic()
        told = host.reply()
        tap.check("QMI: an answer is notified", told == (3, waiting, 0, bytes.fromhex("a101000004000000")), told)
        tap.check("it is so within the rhythm", time.monotonic() - began < 5)
        status, data = host.control_in(1, 0, 4, 4096, 0xA1)
        tap.check("it is fetched", data.startswith(bytes.fromhex("0112008000000101")), data.hex())
    with Host(port) as host:
        deadline = time.monotonic() + PATIENCE
        while (status := host.take_device("1-1")[0]) == 2 and time.monotonic() < deadline:
            time.sleep(0.05)
            host = Host(port)
        tap.check("it is free when the host has gone", status == 0, status)


def test_hostile(tap, port):
    with Host(port) as host:
        tap.check("nobody has 1-3", host.take_device("1-3")[0] == 4 and is_closed(host))
    for name, data in {
            "HTTP": b"GET / HTTP/1.1\r\n\r\n",
            "another version": struct.pack(">HHI", 0x0106, 0x8005, 0),
            "an unknown code": struct.pack(">HHI", 0x0111, 0x8009, 0),
            "a bus id without an end": struct.pack(">HHI", 0x0111, 0x8003, 0) + b"1" * 32,
            "more than a request": struct.pack(">HHI", 0x0111, 0x8005, 0) + b"more",
    }.items():
        with Host(port) as host:
            host.socket.sendall(data)
            tap.check(f"{name} ends the connection", is_closed(host))
    with Host(port) as host:
        host.take_device("1-2")
        host.socket.sendall(b"\xff" * 48)
        tap.check("what is no transfer unplugs the modem", is_closed(host))
    idle = [Host(port) for _ in range(40)]
    tap.check("who comes last of too many is cut off", is_closed(idle[-1]))
    for host in idle:
        host.socket.close()
    with Host(port) as half:
        half.socket.sendall(struct.pack(">HH", 0x0111, 0x8005))
        began = time.monotonic()
        tap.check("who asks half is cut off", is_closed(half) and 3 < time.monotonic() - began < 30)


def test_tool(tap, port):
    tool = shutil.which("usbip", path=os.environ["PATH"] + ":/usr/sbin:/sbin")
    if not tool:
        print("# there is no usbip here: the guest has it")
        return
    said = subprocess.run([tool, "--tcp-port", str(port), "list", "-r", "127.0.0.1"], capture_output=True,
                          text=True, timeout=PATIENCE, check=False)
    tap.check("Debian's usbip lists them", "1-1:" in said.stdout and "(2c7c:0125)" in said.stdout,
              said.stdout + said.stderr)


def main(program):
    tap, port = Tap(), free_port()
    with subprocess.Popen([program, "--usbip", str(port), "--count", "2"], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True) as sim:
        tap.check("it gets ready", sim.stdout.readline() == "ready\n")
        test_list(tap, port)
        test_tool(tap, port)
        test_device(tap, port)
        test_hostile(tap, port)
        taken = subprocess.run([program, "--usbip", str(port)], capture_output=True, text=True, timeout=PATIENCE,
                               check=False)
        tap.check("a port that is taken is refused", taken.returncode != 0 and
                  taken.stderr == f"error: usbip: port {port} of 127.0.0.1: Address already in use\n",
                  taken.stderr)
        sim.send_signal(signal.SIGTERM)
        errors = sim.communicate(timeout=PATIENCE)[1]
        tap.check("it ends well", sim.returncode == 0, errors)
        tap.check("it says why it unplugged one", "usbip 1-2: the kernel sent what is not USB/IP" in errors, errors)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
