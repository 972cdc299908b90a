#!/usr/bin/env python3
"""The data path of qmi-sim, from the host's end of --net-unix to servers on this machine's loopback: what a
guest's kernel and its programs would do, without either. The modem connects by itself (autoconnect).

    test_datapath.py QMI_SIM PROFILE
"""

import hashlib
import ipaddress
import json
import os
import random
import socket
import struct
import sys
import tempfile
import threading
import time

from packets import RST, Host
from sim import PATIENCE, Sim, Tap

BODY = random.Random(1).randbytes(3 << 20)
FAR = "198.51.100.7"


def serve_udp(family, address):
    """A server that says everything twice. Its port."""
    server = socket.socket(family, socket.SOCK_DGRAM)
    server.bind((address, 0))

    def run():
        while True:
            data, peer = server.recvfrom(65536)
            server.sendto(data * 2, peer)

    threading.Thread(target=run, daemon=True).start()
    return server.getsockname()[1]


def serve_tcp(family, address):
    """A server that sends BODY to who has sent a line. Its port."""
    server = socket.create_server((address, 0), family=family)

    def serve(client):
        with client:
            line = client.recv(4096)
            if line.endswith(b"\n"):
                client.sendall(BODY)

    def run():
        while True:
            client, _ = server.accept()
            threading.Thread(target=serve, args=(client,), daemon=True).start()

    threading.Thread(target=run, daemon=True).start()
    return server.getsockname()[1]


def discover(host):
    """What DHCP offers, as a dictionary of options, or None."""
    fixed = bytes([1, 1, 6, 0]) + b"qmik" + bytes(228)
    message = b"\0\x44\0\x43" + struct.pack(">HH", 8 + 244, 0) + fixed + b"\x63\x82\x53\x63\x35\x01\x01\xff"
    host.send("255.255.255.255", 17, message, 6)
    packet = host.receive(lambda p: p.protocol == 17 and p.payload[:4] == b"\0\x43\0\x44", 1)
    if packet is None:
        return None
    reply, options = packet.payload[8:], {}
    options[0] = reply[16:20]
    at = 240
    while reply[at] != 255:
        options[reply[at]] = reply[at + 2:at + 2 + reply[at + 1]]
        at += 2 + reply[at + 1]
    return options


def connect(host):
    """Waits for the call. What DHCP offers."""
    for _ in range(PATIENCE):
        options = discover(host)
        if options:
            host.address[4] = ipaddress.ip_address(options[0])
            return options
    return None


def question(name, kind=1):
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return struct.pack(">HHHHHH", 7, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">HH", kind, 1)


def test_dhcp(tap, options):
    tap.check("DHCP offers an address once the call is up", options is not None)
    gateway, network = options[3], ipaddress.ip_network((options[0], str(ipaddress.ip_address(options[1]))), strict=False)
    tap.check("the gateway is its neighbour in a small network",
              ipaddress.ip_address(gateway) in network and network.prefixlen >= 27, network)
    tap.check("the server is the gateway, the lease 7200 s", options[54] == gateway and options[51] == struct.pack(">I", 7200), options)


def test_names(tap, host, options):
    for i in (0, 4):
        server = str(ipaddress.ip_address(options[6][i:i + 4]))
        answer = host.udp(server, 53, question("server.example"))
        tap.check(f"the name server {server} gives the gateway for any name", answer is not None and answer.endswith(options[3]), answer)
    answer = host.udp(server, 53, question("server.invalid"))
    tap.check("a name that ends in .invalid does not exist", answer is not None and answer[3] & 15 == 3, answer)


def test_loopback(tap, host, gateway, family, address):
    version = gateway.version
    tap.check(f"the gateway answers a ping, IPv{version}", host.ping(gateway) == "echo")
    answer = host.udp(gateway, serve_udp(family, address), b"hello")
    tap.check(f"UDP to the gateway reaches a server on {address}", answer == b"hellohello", answer)
    body = host.fetch(gateway, serve_tcp(family, address), b"GET\n")
    digest = hashlib.sha256(body or b"").hexdigest()
    tap.check(f"3 MiB come by TCP from a server on {address}, unharmed", digest == hashlib.sha256(BODY).hexdigest(), len(body or b""))
    tap.check("a port that nobody listens on refuses", host.fetch(gateway, 1, b"GET\n") is None)


def test_far(tap, host):
    answer = host.ping(FAR)
    tap.check("nothing goes further than this machine", answer == (3, 13), answer)
    tap.check("and the call goes on", host.ping(host.gateway) == "echo")


def test_six(tap, host):
    host.address[6] = ipaddress.ip_address("fe80::1:2:3:4")
    host.send("ff02::2", 58, b"\x85\0\0\0\0\0\0\0", 2, hops=255)
    packet = host.receive(lambda p: p.version == 6 and p.payload[0] == 134)
    tap.check("the router advertises itself when it is solicited", packet is not None)
    if packet is None:
        return
    at = packet.payload.index(b"\x03\x04\x40")
    prefix = packet.payload[at + 16:at + 24]
    host.address[6] = ipaddress.ip_address(prefix + bytes([2, 0, 0, 0, 0, 0, 0, 9]))
    server = ipaddress.ip_address(packet.payload[packet.payload.index(b"\x19") + 8:][:16])
    answer = host.udp(server, 53, question("any.example", 28))
    tap.check("the IPv6 name server gives the gateway", answer is not None and answer[7] == 1, answer)
    if answer is not None and answer[7] == 1:
        test_loopback(tap, host, ipaddress.ip_address(answer[-16:]), socket.AF_INET6, "::1")


def test_flood(tap, host):
    port = serve_tcp(socket.AF_INET, "127.0.0.1")
    accepted = host.flood(host.gateway, port, 400)
    tap.check("a flood of connections gets some and no more", 100 < len(accepted) < 300, len(accepted))
    tap.check("names are answered meanwhile", host.udp("8.8.8.8", 53, question("a.example")) is not None)
    for connection in accepted:
        connection.send(RST)
    body = host.fetch(host.gateway, port, b"GET\n")
    tap.check("when they are gone, others are served", body == BODY, len(body or b""))


def own_address():
    """An address of this machine that is not its loopback, or None."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((FAR, 9))
        except OSError:
            return None
        address = probe.getsockname()[0]
    return None if address.startswith("127.") else address


def test_internet(tap, host, internet):
    """Whether a data call reaches this machine by its own address, as it would others."""
    address = own_address()
    if not address:
        return
    answer = host.udp(address, serve_udp(socket.AF_INET, address), b"far", timeout=PATIENCE if internet else 1)
    tap.check(f"{address} is {'' if internet else 'not '}reached {'with' if internet else 'without'} --internet",
              answer == (b"farfar" if internet else None), answer)


def test_new_user(tap, host, path):
    host.close()
    until = time.monotonic() + PATIENCE
    while True:
        try:
            other = Host(path)
            break
        except (ConnectionRefusedError, BlockingIOError):
            if time.monotonic() > until:
                raise
            time.sleep(0.01)
    other.address = host.address
    tap.check("the next user of the socket is served", other.ping(host.gateway) == "echo")
    other.socket.sendall(b"\0" * 2000)
    other.socket.sendall(bytes([255] * 12) + b"\x08\x06" + bytes(28))
    tap.check("noise harms nothing", other.ping(host.gateway) == "echo")
    other.close()


def has_loopback6():
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
        return True
    except OSError:
        return False


def main():
    program, profile_path = sys.argv[1:3]
    tap = Tap()
    with tempfile.TemporaryDirectory(prefix="qmi-net-") as folder:
        with open(profile_path, encoding="utf-8") as file:
            profile = json.load(file)
        profile["data"]["autoconnect"] = True
        profile_copy, path = os.path.join(folder, "profile.json"), os.path.join(folder, "net")
        with open(profile_copy, "w", encoding="utf-8") as file:
            json.dump(profile, file)
        with Sim(program, "--net-unix", path, "--profile", profile_copy):
            host = Host(path)
            options = connect(host)
            test_dhcp(tap, options)
            host.gateway = ipaddress.ip_address(options[3])
            test_names(tap, host, options)
            test_loopback(tap, host, host.gateway, socket.AF_INET, "127.0.0.1")
            test_far(tap, host)
            if has_loopback6():
                test_six(tap, host)
            test_flood(tap, host)
            test_internet(tap, host, False)
            test_new_user(tap, host, path)
        with Sim(program, "--net-unix", path, "--profile", profile_copy, "--internet"):
            host = Host(path)
            host.gateway = ipaddress.ip_address(connect(host)[3])
            test_internet(tap, host, True)
            test_loopback(tap, host, host.gateway, socket.AF_INET, "127.0.0.1")
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
