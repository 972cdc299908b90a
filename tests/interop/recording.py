"""Recordings for tests, written by hand: trace/link-header.h in pcapng. And a modem behind a relay that keeps
what passes, for tests without the recorder."""

import os
import select
import socket
import struct
import threading
import time
import tty

from sim import PATIENCE

QMUX, QRTR, QMUXD, MSM_IPC = 1, 2, 3, 4
USER0 = 147
CONTROL = 0xFFFFFFFE


def block(kind, body, order="<"):
    body += bytes(-len(body) % 4)
    size = len(body) + 12
    return struct.pack(order + "II", kind, size) + body + struct.pack(order + "I", size)


def head(link_type=USER0, order="<"):
    """A section with one interface in nanoseconds."""
    section = block(0x0A0D0D0A, struct.pack(order + "IHHQ", 0x1A2B3C4D, 1, 0, 2**64 - 1), order)
    options = struct.pack(order + "HHBxxxHH", 9, 1, 9, 0, 0)
    return section + block(1, struct.pack(order + "HHI", link_type, 0, 0) + options, order)


def packet(data, nsec=0, order="<", interface=0):
    return block(6, struct.pack(order + "IIIII", interface, nsec >> 32, nsec & 0xFFFFFFFF, len(data), len(data)) +
                 data, order)


def link(data, from_modem=False, transport=QMUX, service=0xFF, pid=100, connection=1, node=0, port=0,
         process="qmicli", device="/dev/cdc-wdm0"):
    """A link header of ours and the bytes behind it."""
    name = device.encode() + b"\0"
    name += bytes(-len(name) % 4)
    large = service if service > 255 else 0
    return struct.pack("<BBBBHHIIII16s", 1, transport, from_modem, 0xFF if large else service, 40 + len(name), large,
                       pid, connection, node, port, process.encode()) + name + data


def tlv(kind, value):
    return struct.pack("<BH", kind, len(value)) + value


def sdu(service, kind, transaction, message, tlvs=b""):
    """One QMI message without QMUX. `kind`: 0 request, 1 response, 2 indication."""
    if service == 0:
        return struct.pack("<BBHH", kind, transaction, message, len(tlvs)) + tlvs
    return struct.pack("<BHHH", kind << 1, transaction, message, len(tlvs)) + tlvs


def qmuxd(kind, service, client, payload, bits=32):
    """A message of qmuxd, as a program of 32 or 64 bits has it: include/qmikit/qmuxd.h."""
    head = struct.pack("<IIi" + ("I" if bits == 32 else "Q") + "iiIIBB", 7, kind, 7, 1, 0, 0, 0, service, client, 0)
    head += bytes(2 if bits == 32 else 6)
    return struct.pack("<I", len(head) + 4 + len(payload)) + head + payload


def frame(service, client, kind, transaction, message, tlvs=b""):
    body = sdu(service, kind, transaction, message, tlvs)
    return struct.pack("<BHBBB", 1, len(body) + 5, 0x80 if kind else 0, service, client) + body


def result(error=0):
    return tlv(2, struct.pack("<HH", 1 if error else 0, error))


def frames_of(data):
    """(whole frames, what is left) of a stream of good QMUX."""
    found = []
    while len(data) >= 3 and len(data) > (size := 1 + int.from_bytes(data[1:3], "little")) - 1:
        found.append(data[:size])
        data = data[size:]
    return found, data


class Relay:
    """with Relay(socket, pty, recording) …: a pty that leads to the Unix socket of a modem; each frame that passes is
    a record. Every opening of the pty is a process of its own, in the order they come."""

    def __init__(self, modem, path, recording):
        self.modem, self.path, self.packets = modem, path, []
        self.recording, self.pid, self.name = recording, 100, "qmicli"
        self.begin = time.time_ns()

    def __enter__(self):
        self.master, self.slave = os.openpty()
        tty.setraw(self.slave)
        os.symlink(os.ttyname(self.slave), self.path)
        self.upstream = socket.socket(socket.AF_UNIX)
        self.upstream.settimeout(PATIENCE)
        self.upstream.connect(self.modem)
        self.stop_read, self.stop = os.pipe()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()
        return self

    def run(self):
        rest = {False: b"", True: b""}
        while True:
            ready, _, _ = select.select([self.master, self.upstream, self.stop_read], [], [])
            if self.stop_read in ready:
                return
            for source, from_modem in ((self.master, False), (self.upstream, True)):
                if source not in ready:
                    continue
                data = self.upstream.recv(65536) if from_modem else os.read(self.master, 65536)
                found, rest[from_modem] = frames_of(rest[from_modem] + data)
                for one in found:
                    self.packets.append((time.time_ns(), link(one, from_modem, pid=self.pid, process=self.name)))
                if from_modem:
                    os.write(self.master, data)
                else:
                    self.upstream.sendall(data)

    def __exit__(self, *unused):
        os.write(self.stop, b"x")
        self.thread.join()
        for fd in (self.master, self.slave, self.stop_read, self.stop):
            os.close(fd)
        self.upstream.close()
        os.unlink(self.path)
        with open(self.recording, "wb") as file:
            file.write(head() + b"".join(packet(data, nsec) for nsec, data in self.packets))
