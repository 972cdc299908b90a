"""A host on the modem's network interface, as small as tests need it: IP, UDP, ping and enough of TCP to
fetch something, on the socket of qmi-sim --net-unix."""

import ipaddress
import socket
import struct
import time

from sim import PATIENCE

UDP, TCP = 17, 6
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


class Packet:
    """An IP packet, taken apart."""

    def __init__(self, data):
        self.data = data
        self.version = data[0] >> 4
        if self.version == 4:
            header = (data[0] & 15) * 4
            self.protocol = data[9]
            self.source, self.destination = map(ipaddress.ip_address, (data[12:16], data[16:20]))
        else:
            header = 40
            self.protocol = data[6]
            self.source, self.destination = map(ipaddress.ip_address, (data[8:24], data[24:40]))
        self.payload = data[header:]


class Host:
    """The host's end. Addresses are set once they are known."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.connect(path)
        self.address = {4: ipaddress.ip_address("0.0.0.0"), 6: ipaddress.ip_address("::")}
        self.port = 20000

    def close(self):
        self.socket.close()

    def send(self, destination, protocol, payload, field=None, hops=64):
        """Sends a packet; `field` is where in the payload its checksum stands."""
        destination = ipaddress.ip_address(destination)
        source = self.address[destination.version]
        if field is not None:
            pseudo = source.packed + destination.packed + struct.pack(">II", len(payload), protocol)
            sum_ = checksum((b"" if protocol == 1 else pseudo) + payload)
            payload = payload[:field] + struct.pack(">H", sum_) + payload[field + 2:]
        if destination.version == 4:
            header = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(payload), 0, 0x4000, hops, protocol, 0)
            header += source.packed + destination.packed
            header = header[:10] + struct.pack(">H", checksum(header)) + header[12:]
        else:
            header = struct.pack(">IHBB", 6 << 28, len(payload), protocol, hops) + source.packed + destination.packed
        self.socket.sendall(header + payload)

    def receive(self, wanted, timeout=PATIENCE):
        """The next packet for which wanted(packet) is true, or None."""
        end = time.monotonic() + timeout
        while (left := end - time.monotonic()) > 0:
            self.socket.settimeout(left)
            try:
                packet = Packet(self.socket.recv(65536))
            except TimeoutError:
                break
            if wanted(packet):
                return packet
        return None

    def next_port(self):
        self.port += 1
        return self.port

    def udp(self, destination, port, payload, source=None, timeout=PATIENCE):
        """Sends a datagram and returns what comes back to its port, or None."""
        source = source or self.next_port()
        self.send(destination, UDP, struct.pack(">HHHH", source, port, 8 + len(payload), 0) + payload, 6)
        packet = self.receive(lambda p: p.protocol == UDP and p.payload[2:4] == struct.pack(">H", source), timeout)
        return packet and packet.payload[8:]

    def ping(self, destination, timeout=PATIENCE):
        """The echo of a ping, or the ICMP type and code that came in its place, or None."""
        six = ipaddress.ip_address(destination).version == 6
        protocol, request, reply = (58, 128, 129) if six else (1, 8, 0)
        self.send(destination, protocol, bytes([request, 0, 0, 0]) + b"\0\1\0\1ping", 2)
        packet = self.receive(lambda p: p.protocol == protocol, timeout)
        if packet is None:
            return None
        return "echo" if packet.payload[0] == reply and packet.payload[4:] == b"\0\1\0\1ping" else tuple(packet.payload[:2])

    def flood(self, destination, port, count):
        """Begins so many connections and says nothing more. Those that were accepted."""
        begun = {}
        for _ in range(count):
            connection = Tcp(self, destination, port)
            connection.send(SYN)
            begun[struct.pack(">H", connection.port)] = connection
            time.sleep(0.001)
        accepted = []
        while (packet := self.receive(lambda p: p.protocol == TCP and p.payload[13] == SYN | ACK, 1)) is not None:
            connection = begun.pop(packet.payload[2:4], None)
            if connection:
                connection.next += 1
                accepted.append(connection)
        return accepted

    def fetch(self, destination, port, request, timeout=PATIENCE):
        """Sends `request` by TCP and returns all that comes until the other side closes, or None."""
        connection = Tcp(self, destination, port)
        return connection.fetch(request, timeout) if connection.open() else None


class Tcp:
    """One connection that sends a little and receives much, in order."""

    def __init__(self, host, destination, port):
        self.host, self.destination, self.peer = host, ipaddress.ip_address(destination), port
        self.port = host.next_port()
        self.next, self.expected = 1000, 0

    def send(self, flags, payload=b""):
        header = struct.pack(">HHIIBBHHH", self.port, self.peer, self.next & 0xffffffff, self.expected & 0xffffffff, 5 << 4, flags, 60000, 0, 0)
        self.host.send(self.destination, TCP, header + payload, 16)

    def receive(self, timeout):
        port = struct.pack(">H", self.port)
        return self.host.receive(lambda p: p.protocol == TCP and p.payload[2:4] == port, timeout)

    def open(self):
        for _ in range(3):
            self.send(SYN)
            packet = self.receive(2)
            if packet is not None and packet.payload[13] & (SYN | ACK | RST) == SYN | ACK:
                self.next += 1
                self.expected = struct.unpack(">I", packet.payload[4:8])[0] + 1
                self.send(ACK)
                return True
            if packet is not None:
                return False
        return False

    def fetch(self, request, timeout):
        data, end = [], time.monotonic() + timeout
        self.send(ACK | PSH, request)
        self.next += len(request)
        while (packet := self.receive(end - time.monotonic())) is not None:
            sequence, flags = struct.unpack(">I", packet.payload[4:8])[0], packet.payload[13]
            if flags & RST:
                return None
            body = packet.payload[(packet.payload[12] >> 4) * 4:]
            if sequence == self.expected & 0xffffffff:
                data.append(body)
                self.expected += len(body) + (flags & FIN)
                if flags & FIN:
                    self.send(ACK | FIN)
                    return b"".join(data)
            if body or flags & FIN:
                self.send(ACK)
        return None
