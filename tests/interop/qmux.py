"""QMUX on a Unix socket: a client of qmi-proxy that does what it is told, also what a good one would not do."""

import socket
import struct
from typing import NamedTuple

from sim import PATIENCE

CTL, WDS, DMS, NAS = 0, 1, 2, 3
REQUEST, RESPONSE, INDICATION = 0, 2, 4
VERSIONS, ALLOCATE, RELEASE, SYNC, OPEN = 0x21, 0x22, 0x23, 0x27, 0xff00
EXHAUSTED = 5  # QMI protocol error ClientIdsExhausted
BROKER = "\0qmi-proxy"


class Frame(NamedTuple):
    service: int
    client: int
    kind: int  # REQUEST, RESPONSE or INDICATION
    transaction: int
    message: int
    tlvs: dict

    @property
    def error(self):
        """The QMI protocol error; 0: success; None: there is no result."""
        result = self.tlvs.get(2)
        if result is None or len(result) < 4:
            return None
        status, error = struct.unpack("<HH", result[:4])
        return error if status else 0


def tlv(number, value):
    return struct.pack("<BH", number, len(value)) + value


def pack(service, client, transaction, message, tlvs=b""):
    """A request as bytes."""
    if service == CTL:
        body = struct.pack("<BBHH", 0, transaction & 0xff, message, len(tlvs)) + tlvs
    else:
        body = struct.pack("<BHHH", 0, transaction, message, len(tlvs)) + tlvs
    return struct.pack("<BHBBB", 1, 5 + len(body), 0, service, client) + body


def unpack(data):
    """The first frame of `data` and what is behind it; (None, data) where it is not whole."""
    if len(data) < 3 or len(data) < 1 + struct.unpack_from("<H", data, 1)[0]:
        return None, data
    marker, size, _, service, client = struct.unpack_from("<BHBBB", data)
    if marker != 1 or size < 11:
        raise ValueError(f"no frame: {data[:16].hex()}")
    if service == CTL:
        kind, transaction, message, _ = struct.unpack_from("<BBHH", data, 6)
        kind, at = kind << 1, 12
    else:
        kind, transaction, message, _ = struct.unpack_from("<BHHH", data, 6)
        at = 13
    tlvs = {}
    while at < 1 + size:
        number, length = struct.unpack_from("<BH", data, at)
        tlvs[number] = data[at + 3:at + 3 + length]
        at += 3 + length
    return Frame(service, client, kind, transaction, message, tlvs), data[1 + size:]


def connect(client, address):
    """Waits where the broker has not taken those who came before; a socket with a timeout would not."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("@ll", PATIENCE, 0))
    client.connect(address)
    client.settimeout(PATIENCE)


class Peer:
    """One connection; with a path it is opened as well."""

    def __init__(self, path=None, lease=None, address=BROKER):
        self.socket = socket.socket(socket.AF_UNIX)
        connect(self.socket, address)
        self.data, self.transaction, self.indications, self.opened = b"", 0, [], None
        if path is not None:
            self.opened = self.open(path, lease)
            if self.opened is None or self.opened.error != 0:
                raise OSError(f"the broker does not open {path}: {self.opened}")

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.socket.close()

    close = __exit__

    def send(self, service, client, message, tlvs=b""):
        """Sends a request; its transaction id."""
        self.transaction = self.transaction % (0xff if service == CTL else 0xffff) + 1
        self.socket.sendall(pack(service, client, self.transaction, message, tlvs))
        return self.transaction

    def receive(self):
        """The next frame; None at the end."""
        while True:
            frame, self.data = unpack(self.data)
            if frame:
                return frame
            try:
                more = self.socket.recv(1 << 16)
            except ConnectionResetError:
                more = b""
            if not more:
                return None
            self.data += more

    def ask(self, service, client, message, tlvs=b""):
        """Sends a request and returns its answer, or None at the end; keeps the indications that come first."""
        wanted = (service, client, self.send(service, client, message, tlvs), message)
        while frame := self.receive():
            if frame.kind != INDICATION:
                if (frame.service, frame.client, frame.transaction, frame.message) != wanted:
                    raise ValueError(f"an answer to another request: {frame}, not {wanted}")
                return frame
            self.indications.append(frame)
        return None

    def open(self, path, lease=None):
        return self.ask(CTL, 0, OPEN, tlv(1, path.encode()) + (tlv(0x80, lease.encode()) if lease else b""))

    def allocate(self, service):
        """An id, or a negative QMI protocol error."""
        answer = self.ask(CTL, 0, ALLOCATE, tlv(1, bytes([service])))
        if answer.error:
            return -answer.error
        if answer.tlvs[1][0] != service:
            raise ValueError(f"an id of another service: {answer}")
        return answer.tlvs[1][1]

    def release(self, service, client):
        """The QMI protocol error."""
        return self.ask(CTL, 0, RELEASE, tlv(1, bytes([service, client]))).error

    def resumed(self):
        """The ids that the lease held already, as (service, id)."""
        data = self.opened.tlvs.get(0x81, b"\0\0")
        return [(data[i], data[i + 1]) for i in range(2, len(data), 2)]

    def ends(self):
        """Waits for the end; whether nothing but indications came before it."""
        while (frame := self.receive()) and frame.kind == INDICATION:
            pass
        return frame is None

    def silent(self, seconds):
        """Whether nothing comes for so long, not even the end."""
        self.socket.settimeout(seconds)
        try:
            self.receive()
            return False
        except TimeoutError:
            return True
        finally:
            self.socket.settimeout(PATIENCE)
