#!/usr/bin/env python3
"""qmi-proxy and those who mean it harm, or do it: what they send is refused or limited, others go on, and nothing of
them is left in the broker.

    test_proxy_hostile.py QMI_SIM QMI_PROXY
"""

import os
import random
import resource
import socket
import struct
import sys
import time

from broker import Broker, Modem, own_world, until
from qmux import ALLOCATE, BROKER, CTL, DMS, INDICATION, OPEN, RELEASE, RESPONSE, SYNC, VERSIONS, Peer, connect, pack, tlv
from sim import Tap

GET_MODEL, NO_SUCH = 0x22, 0x5fff
MANY = 10000
FLOOD_SECONDS = 3
KIB_LEFT = 1536  # what a broker may keep of memory that it needed once


def goes_on(peer, client):
    """Whether a good client is served; how long it took."""
    began = time.monotonic()
    answer = peer.ask(DMS, client, GET_MODEL)
    return answer is not None and answer.error == 0, time.monotonic() - began


class Tests:
    def __init__(self, modem, broker):
        self.modem, self.broker, self.tap = modem, broker, Tap()
        self.good = Peer(modem.path)
        self.client = self.good.allocate(DMS)
        self.base = broker.descriptors()

    def after(self, name):
        """What holds behind each of them."""
        fine = goes_on(self.good, self.client)[0]
        self.tap.check(f"{name}: a good client goes on", fine and self.broker.lives(), self.broker.said())
        self.tap.check(f"{name}: no descriptor is left", until(lambda: self.broker.descriptors() == self.base, 10),
                       f"{self.broker.descriptors()}, not {self.base}")
        self.tap.check(f"{name}: no client id is left", until(lambda: self.modem.clients() == [(DMS, self.client)], 20),
                       self.modem.clients())

    def bytes_one_by_one(self):
        with Peer() as peer:
            for byte in pack(CTL, 0, 1, OPEN, tlv(1, self.modem.path.encode())):
                peer.socket.sendall(bytes([byte]))
            answer = peer.receive()
            self.tap.check("a frame a byte at a time is a frame", answer and answer.error == 0, answer)
            # and several in one piece
            peer.socket.sendall(b"".join(pack(CTL, 0, i, VERSIONS) for i in range(2, 12)))
            numbers = [peer.receive().transaction for _ in range(10)]
            self.tap.check("and ten at once are ten", numbers == list(range(2, 12)), numbers)

    def half_frames(self):
        frame = pack(CTL, 0, 1, OPEN, tlv(1, self.modem.path.encode()))
        peers = []
        for size in range(1, len(frame)):
            peers.append(Peer())
            peers[-1].socket.sendall(frame[:size])
        fine = goes_on(self.good, self.client)[0]
        self.tap.check("half frames hold nobody up", fine)
        for peer in peers:
            peer.close()

    def long_frames(self):
        before, peers = self.broker.own_kib(), []
        for _ in range(200):
            peer = Peer()
            # the length says 64 KiB, and all but the last byte come
            peer.socket.setblocking(False)
            try:
                peer.socket.send(struct.pack("<BHBBB", 1, 0xffff, 0, DMS, 1) + bytes(65529))
            except OSError:
                pass
            peers.append(peer)
        fine = goes_on(self.good, self.client)[0]
        grown = self.broker.own_kib() - before
        self.tap.check("200 frames of 64 KiB that lack a byte hold nobody up", fine and grown < 16384, f"{grown} KiB more")
        for peer in peers:
            peer.close()
        with Peer(self.modem.path) as peer:
            client = peer.allocate(DMS)
            answer = peer.ask(DMS, client, GET_MODEL, tlv(0xa0, bytes(0xffff - 12 - 3)))
            self.tap.check("the longest frame that there can be is answered", answer is not None, answer)
            peer.release(DMS, client)

    def noise(self):
        chance = random.Random(1)
        frames = [pack(CTL, 0, 1, OPEN, tlv(1, self.modem.path.encode())), pack(CTL, 0, 2, ALLOCATE, tlv(1, b"\2")),
                  pack(CTL, 0, 3, RELEASE, tlv(1, b"\2\1")), pack(DMS, self.client, 4, GET_MODEL), pack(CTL, 0, 5, SYNC)]
        for _ in range(300):
            data = bytearray(b"".join(chance.choice(frames) for _ in range(4)))
            for _ in range(chance.choice((1, 3, 10))):
                data[chance.randrange(len(data))] = chance.randrange(256)
            with Peer() as peer:
                try:
                    peer.socket.sendall(data[:chance.randrange(len(data))] if chance.random() < .3 else data)
                except OSError:
                    pass
        fine = goes_on(self.good, self.client)[0]
        self.tap.check("300 connections that send frames with wrong bytes harm nobody", fine)
        said = self.broker.said()
        self.tap.check("and do not fill the log", len(said.splitlines()) < 30, f"{len(said.splitlines())} lines")

    def not_requests(self):
        """What only a modem sends, and what needs a modem while none is open."""
        for name, kind in (("an answer", RESPONSE), ("an indication", INDICATION)):
            with Peer(self.modem.path) as peer:
                frame = bytearray(pack(DMS, self.client, 1, GET_MODEL))
                frame[6] = kind
                peer.socket.sendall(frame)
                peer.send(CTL, 0, VERSIONS)
                answer = peer.receive()
                self.tap.check(f"{name} from a client goes nowhere", answer is None or answer.message == VERSIONS, answer)
        for name, what in (("to DMS", (DMS, 1, GET_MODEL)), ("to CTL", (CTL, 0, VERSIONS)),
                           ("of an id", (CTL, 0, ALLOCATE, tlv(1, b"\2")))):
            with Peer() as peer:
                peer.send(*what)
                peer.send(CTL, 0, OPEN, tlv(1, self.modem.path.encode()))
                answer = peer.receive()
                self.tap.check(f"a request {name} before a modem is open is refused",
                               answer is None or answer.message == OPEN or answer.error, answer)

    def foreign_ids(self):
        with Peer(self.modem.path) as peer:
            error = peer.release(DMS, self.client)
            self.tap.check("nobody releases another's id", error and (DMS, self.client) in self.modem.clients(), error)
            self.good.send(DMS, self.client, NO_SUCH)
            answer = peer.ask(DMS, self.client, GET_MODEL)
            self.tap.check("nor speaks under it", answer is None or answer.error, answer)
            answer = self.good.receive()
            self.tap.check("and its owner has its own answer", answer.message == NO_SUCH, answer)
        with Peer(self.modem.path) as peer:
            for client in (0, 200, 255):
                answer = peer.ask(DMS, client, GET_MODEL)
                if answer is None:
                    break
                self.tap.check(f"an id that nobody has is refused: {client}", answer.error, answer)
            for what in (b"", b"\2", b"\2\1\0", b"\0\0", b"\2\0", b"\2\xff"):
                answer = peer.ask(CTL, 0, RELEASE, tlv(1, what))
                self.tap.check(f"a release of '{what.hex()}' is refused", answer is None or answer.error, answer)

    def no_modems(self, folder):
        fifo, link, sock = (os.path.join(folder, name) for name in ("fifo", "link", "socket"))
        os.mkfifo(fifo)
        os.symlink("/etc/shadow", link)
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(sock)
        paths = ["/etc/shadow", fifo, folder, link, sock, "/dev/null", "/dev/zero", "/dev/tty", "/proc/self/mem", "",
                 "cdc-wdm0", "../../etc/shadow", "/no/such/modem", "/" + "x" * 5000, "/dev/\0null", "/dev/\nnull",
                 "/dev/\xff\xfe", "%s%n%n", "qrtr://0"]
        for path in paths:
            began = time.monotonic()
            with Peer() as peer:
                answer = peer.open(path)
                self.tap.check(f"{path[:20]!r} is no modem", (answer is None or answer.error) and
                               time.monotonic() - began < 5, answer)
        for name in (fifo, link, sock):
            os.unlink(name)
        said = self.broker.said().replace("\n", "")
        self.tap.check("what they call it does no harm to the log", said.isprintable() and said.isascii(), ascii(said))

    def never_reads(self):
        """Somebody asks and asks and reads nothing."""
        before, worst, answered = self.broker.own_kib(), 0, True
        with Peer(self.modem.path) as peer:
            client = peer.allocate(DMS)
            block = b"".join(pack(DMS, client, i, GET_MODEL) for i in range(1, 100))
            peer.socket.setblocking(False)
            end, rest = time.monotonic() + FLOOD_SECONDS, block
            while time.monotonic() < end:
                try:
                    rest = rest[peer.socket.send(rest):] or block
                except BlockingIOError:
                    pass
                except OSError:
                    break
                fine, took = goes_on(self.good, self.client)
                answered, worst = answered and fine, max(worst, took)
            grown = self.broker.own_kib() - before
        said = self.broker.said()
        self.tap.check("the one that never reads is dropped for that", "does not read" in said, said)
        self.tap.check("others are served while one never reads", answered and worst < 2, f"{worst:.3f} s")
        self.tap.check("and the broker does not keep what it does not read", grown < 4096, f"{grown} KiB more")
        print(f"# the slowest answer to the good client took {worst * 1000:.1f} ms")

    def ctl_without_answers(self):
        """CTL has 255 transaction ids for all; somebody takes them while the modem does not answer CTL."""
        self.modem.ctl("fault", "drop-answer:ctl")
        with Peer(self.modem.path) as peer:
            # what the broker does not take may wait in the socket
            peer.socket.setblocking(False)
            try:
                for i in range(400):
                    peer.socket.send(pack(CTL, 0, i, VERSIONS))
            except BlockingIOError:
                pass
            self.good.socket.settimeout(20)
            try:
                fine = goes_on(self.good, self.client)[0]
            except TimeoutError:
                fine = False
            self.tap.check("hundreds of requests to CTL that get no answer do not hold up who asks DMS", fine)
            self.modem.ctl("fault-disarm")
            with Peer(self.modem.path) as other:
                other.socket.settimeout(20)
                try:
                    client = other.allocate(DMS)
                    self.tap.check("nor, once the modem answers, who asks CTL", other.release(DMS, client) == 0)
                except TimeoutError:
                    self.tap.check("nor, once the modem answers, who asks CTL", False, "no answer")

    def ten_thousand(self):
        before, lines = self.broker.own_kib(), len(self.broker.said().splitlines())
        sockets = []
        for _ in range(MANY):
            client = socket.socket(socket.AF_UNIX)
            try:
                connect(client, BROKER)
            except OSError:
                client.close()
                break
            sockets.append(client)
        fine = goes_on(self.good, self.client)[0]
        held, grown = self.broker.descriptors() - self.base, self.broker.own_kib() - before
        self.tap.check(f"{MANY} connections: those who are in go on", fine and len(sockets) == MANY, len(sockets))
        self.tap.check("there is a limit to what is held", held < MANY and grown < 16384, f"{held}, {grown} KiB more")
        for client in sockets:
            client.close()
        self.tap.check("then others can come again", until(self.comes))
        lines = len(self.broker.said().splitlines()) - lines
        self.tap.check("they are not worth many lines", lines < 20, f"{lines} lines")
        print(f"# {held} held, {grown} KiB more, {lines} lines")

    def comes(self):
        try:
            with Peer(self.modem.path):
                return True
        except (OSError, AttributeError):
            return False

    def done(self, before):
        self.tap.check("the memory is given back", until(lambda: self.broker.own_kib() < before + KIB_LEFT, 10),
                       f"{self.broker.own_kib()} KiB, {before} at first")
        self.good.close()
        print("# the broker said:")
        for line in self.broker.said().splitlines()[:40]:
            print(f"#   {line}")
        return self.tap.done()


def main():
    tap = Tap()
    if not own_world():
        tap.check("hostile clients # SKIP needs root, and a network of its own", True)
        return tap.done()
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if limit >= MANY + 100:
        resource.setrlimit(resource.RLIMIT_NOFILE, (MANY + 100, limit))
    with Modem(sys.argv[1]) as modem, Broker(sys.argv[2], "--no-exit", "--orphan-timeout", "1") as broker:
        tests = Tests(modem, broker)
        before = broker.own_kib()
        groups = ["bytes_one_by_one", "never_reads", "half_frames", "long_frames", "noise", "not_requests", "foreign_ids",
                  "no_modems", "ctl_without_answers", "ten_thousand"]
        for group in sys.argv[3:] or groups:
            if group == "no_modems":
                tests.no_modems(os.path.dirname(modem.path))
            elif group != "ten_thousand" or limit >= MANY + 100:
                getattr(tests, group)()
            tests.after(group.replace("_", " "))
        return tests.done(before)


if __name__ == "__main__":
    sys.exit(main())
