#!/usr/bin/env python3
"""qmi-proxy among its users: Debian's qmicli and ours, alone and together, through our broker and through Debian's;
two hundred clients at once; clients that die at each step of their lives; what becomes of client ids.

    test_proxy.py QMICLI QMI_SIM QMI_PROXY QMI_NETWORK [GROUP…]
"""

import fcntl
import json
import os
import random
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time

from broker import Broker, Modem, THEIRS, answers, broker_pid, own_world, until
from qmux import (ALLOCATE, BROKER, CTL, DMS, EXHAUSTED, INDICATION, NAS, RELEASE, SYNC, VERSIONS, WDS, Peer, pack, tlv,
                  unpack)
from sim import PATIENCE, Tap

PEER = "/usr/bin/qmicli"
THEIR_QMI = "--device-open-qmi"  # a pty does not say what it speaks
ACTIONS = ["dms-get-manufacturer", "dms-get-model", "dms-get-ids", "nas-get-signal-info", "nas-get-home-network",
           "uim-get-card-status", "wds-get-packet-service-status"]
# DMS: get capabilities, manufacturer, model, revision, ids, hardware revision
MESSAGES = [0x20, 0x21, 0x22, 0x23, 0x25, 0x2c]
START_NETWORK, PACKET_STATUS, REGISTER, SERVING_SYSTEM = 0x20, 0x22, 0x03, 0x24
CROWD, CALLS_EACH = 200, 25
STEPS = ["connected", "opened", "allocating", "allocated", "calling", "called", "releasing", "released"]
MEMBERS = 4711  # a group
GRACE = 1  # seconds that an orphan waits, in these tests


def run(program, *options, **more):
    return subprocess.run([program, *options], capture_output=True, timeout=PATIENCE, check=False, **more)


def is_free(path):
    """Whether no program of ours has a node open for itself."""
    with open(path, "rb", buffering=0, opener=lambda name, flags: os.open(name, flags | os.O_NOCTTY)) as node:
        try:
            fcntl.flock(node, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def describe(result):
    return f"exit {result.returncode}\n{result.stdout.decode(errors='replace')}" \
           f"--- stderr:\n{result.stderr.decode(errors='replace')}"


def live(peer, path, last):
    """A client's life up to a step; one that ends in "ing" is a request whose answer is not waited for."""
    client = 0
    for step in STEPS[:STEPS.index(last) + 1]:
        if step == "opened":
            peer.open(path)
        elif step == "allocating" and step == last:
            peer.send(CTL, 0, ALLOCATE, tlv(1, bytes([DMS])))
        elif step == "allocated":
            client = peer.allocate(DMS)
        elif step == "calling" and step == last:
            peer.send(DMS, client, MESSAGES[2])
        elif step == "called":
            peer.ask(DMS, client, MESSAGES[2])
        elif step == "releasing" and step == last:
            peer.send(CTL, 0, RELEASE, tlv(1, bytes([DMS, client])))
        elif step == "released":
            peer.release(DMS, client)


class Tests:
    def __init__(self, qmicli, qmi_sim, qmi_proxy, qmi_network):
        self.qmicli, self.qmi_sim, self.qmi_proxy, self.qmi_network = qmicli, qmi_sim, qmi_proxy, qmi_network
        self.tap = Tap()

    def broker(self, *options):
        return Broker(self.qmi_proxy, "--no-exit", *options)

    def modem(self, *options, name="modem"):
        return Modem(self.qmi_sim, *options, name=name)

    # --- Tools

    def both(self, program, options, modem, direct, name):
        for action in ACTIONS:
            wanted = run(self.qmicli, "-d", modem.path, "--" + action, *direct)
            got = run(program, "-d", modem.path, *options, "--" + action)
            self.tap.check(f"{name}: --{action}", got.stdout == wanted.stdout and got.returncode == wanted.returncode,
                           f"{describe(got)}\nwanted: {describe(wanted)}")

    def tools(self):
        with self.modem() as modem, self.broker() as broker:
            self.both(PEER, ["--device-open-proxy", THEIR_QMI], modem, [], "Debian's qmicli through our broker")
            self.both(self.qmicli, ["-p"], modem, [], "our qmicli through our broker")
            self.tap.check("nothing is left of them", until(lambda: not modem.clients(), 5), modem.clients())
            self.tap.check("the broker had nothing to complain about", broker.lives() and not broker.said(),
                           broker.said())

    def their_broker(self):
        with self.modem() as modem, Broker(THEIRS, "--no-exit"):
            for options, through in ((["-p"], True), ([], True), (["--device-open-direct"], False)):
                got = run(self.qmicli, "-d", modem.path, *options, "-v", "--dms-get-model")
                self.tap.check(f"Debian's broker runs and our qmicli is called with {options or 'nothing'}",
                               got.returncode == 0 and (b"internal-proxy-open" in got.stderr) == through, describe(got))
            self.tap.check("and gives its ids back", until(lambda: not modem.clients(), 5), modem.clients())

    def all_at_once(self):
        """Both tools, in turn and at the same time, each on its own action."""
        with self.modem() as modem, self.broker():
            wanted = {action: run(self.qmicli, "-d", modem.path, "--" + action).stdout for action in ACTIONS}
            commands = [(action, [program, "-d", modem.path, "-p", THEIR_QMI, "--" + action])
                        for action in ACTIONS for program in (PEER, self.qmicli)]
            running = [(action, subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE))
                       for action, command in commands]
            wrong = []
            for action, process in running:
                out, err = process.communicate(timeout=PATIENCE)
                if process.returncode or out != wanted[action]:
                    wrong.append(f"{process.args[0]} --{action}: exit {process.returncode}\n{out}\n{err}")
            self.tap.check("both tools at once, each with its own answer", not wrong, "\n".join(wrong))
            self.tap.check("nothing is left of them either", until(lambda: not modem.clients(), 5), modem.clients())

    def plain(self):
        """Whether a tool goes through a broker by itself, and not where it is told otherwise."""
        with self.modem() as modem, self.broker():
            for options, through in (([], True), (["--device-open-direct"], False)):
                # The broker closes the port once it has given back the ids of whoever left.
                self.tap.check("nobody has the port", until(lambda: is_free(modem.path), 5))
                got = run(self.qmicli, "-d", modem.path, "-v", *options, "--dms-get-model")
                self.tap.check(f"a broker runs and qmicli is called with {options or 'nothing'}",
                               got.returncode == 0 and (b"internal-proxy-open" in got.stderr) == through, describe(got))
            got = run(self.qmicli, "-d", "/etc/shadow", "-p", "--dms-get-model")
            self.tap.check("-p for what is no device", got.returncode == 4 and b"it is no device" in got.stderr and
                           len(got.stderr.splitlines()) == 1, describe(got))
        for device in ("sim:", "unix:/nowhere", "qrtr://0"):
            got = run(self.qmicli, "-d", device, "-p", "--dms-get-model")
            self.tap.check(f"-p for {device}", got.returncode == 1 and b"shares paths alone" in got.stderr and
                           len(got.stderr.splitlines()) == 1, describe(got))

    def on_demand(self):
        with self.modem() as modem:
            command = [self.qmicli, "-d", modem.path, "-p", "--dms-get-model"]
            self.tap.check("no broker runs", not answers())
            # two at once: one of their brokers has to give way
            environment = {**os.environ, "NOTIFY_SOCKET": "/run/nobody", "LC_TEST": "1"}
            running = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)
                       for _ in range(2)]
            said = [(p.communicate(timeout=PATIENCE), p.returncode) for p in running]
            self.tap.check("qmicli -p starts one", all(code == 0 for _, code in said), said)
            pid = broker_pid()
            self.tap.check("which outlives it", pid and answers())
            if not pid:
                return
            self.tap.check("it is in a session of its own", os.getsid(pid) != os.getsid(0))
            left = [os.readlink(f"/proc/{pid}/fd/{fd}") for fd in (0, 1, 2)]
            self.tap.check("and has no descriptor of whoever started it", set(left) == {"/dev/null"}, left)
            with open(f"/proc/{pid}/environ", "rb") as file:
                environ = file.read()
            self.tap.check("nor what a service manager told that", b"LC_TEST=1" in environ and b"NOTIFY" not in environ)
            os.kill(pid, signal.SIGTERM)
            self.tap.check("and ends when it is told to", until(lambda: not answers()))

    def network(self):
        """qmi-network starts a broker of the same build by itself, leaves its call to it, and passes on what it says."""
        with self.modem() as modem, tempfile.TemporaryDirectory() as folder:
            with open(f"{folder}/conf", "w", encoding="ascii") as file:
                file.write("APN=internet\nPROXY=yes\n")

            def network(device, *words, wrap=()):
                return run(*wrap, self.qmi_network, f"--profile={folder}/conf", f"--state-directory={folder}/states",
                           "--no-ip-config", device, *words)

            self.tap.check("no broker runs for qmi-network", not answers())
            got = network(modem.path, "start")
            self.tap.check("qmi-network starts one", got.returncode == 0 and answers(), describe(got))
            pid = broker_pid()
            if not pid:
                return
            program = os.path.realpath(f"/proc/{pid}/exe")
            self.tap.check("that of its own build", program == os.path.realpath(self.qmi_proxy), program)
            self.tap.check("the call is up while nobody is connected", len(modem.calls()) == 1, modem.calls())
            os.kill(pid, signal.SIGKILL)
            until(lambda: not answers())
            got = network(modem.path, "start")
            self.tap.check("start when the broker was killed takes it up again", got.returncode == 0 and
                           b"Network already started" in got.stdout, describe(got))
            got = network(modem.path, "stop")
            self.tap.check("stop", got.returncode == 0 and until(lambda: not modem.clients(), 5), describe(got))
            for device, told in (("/dev/nowhere", b"No such file"), ("/etc/shadow", b"it is no device")):
                got = network(device, "start")
                self.tap.check(f"qmi-network says why {device} is refused", got.returncode == 1 and
                               b"qmi-proxy refuses it: " + told in got.stderr and b"QMI" not in got.stderr and
                               len(got.stderr.splitlines()) == 1, describe(got))
            os.kill(broker_pid(), signal.SIGTERM)
            until(lambda: not answers())

    def follower(self):
        """Who follows a call hears whose end it was, and the call is still up."""
        with self.modem() as modem, self.broker() as broker:
            words = [self.qmicli, "-d", modem.path, "--wds-start-network=apn=internet", "--wds-follow-network"]
            with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
                self.tap.check("a call is followed", until(modem.calls), modem.calls())
                until(lambda: b"Connection status" in os.read(process.stdout.fileno(), 4096))
                broker.stop(signal.SIGKILL)
                said = process.communicate(timeout=PATIENCE)
            self.tap.check("whoever follows it hears of the broker's end", process.returncode == 4 and
                           b"qmi-proxy or the modem hung up" in said[1], said)
            self.tap.check("the call is up", len(modem.calls()) == 1, modem.calls())

    def full_status(self):
        """Where the status does not fit its frame, no device is missing, and no list for another one."""
        with self.modem("--count", "8", "--profile", "everything") as modems, self.broker():
            peers = [Peer(f"{modems.path}{number % 8}", f"a-name-of-some-length-{number:042}") for number in range(160)]
            for peer in peers:
                for service in (DMS, NAS, WDS, 0x09, 0x0b):
                    peer.allocate(service)
            got = run(self.qmi_proxy, "status", "--json")
            status = json.loads(got.stdout)
            lists = [(len(d["leases"]), len(d["leases"]) + d["leases-left-out"]) for d in status["devices"]]
            self.tap.check("800 ids: the status has each device, with its part of them", len(lists) == 8 and
                           all(shown >= 20 and count == 100 for shown, count in lists), f"{lists}, {len(got.stdout)}")
            shown = len(status["connections"])
            self.tap.check("and its part of the connections", shown >= 20 and
                           shown + status["connections-left-out"] == 161, shown)
            text = run(self.qmi_proxy, "status").stdout.decode()
            self.tap.check("so does that for people", text.count(", 100 client ids, ") == 8 and
                           text.count("  and ") == 9, text[-3000:])
            for peer in peers:
                peer.close()

    def folder(self):
        """A table that others could have written says nothing: who shares the modem is told so, and served."""
        os.makedirs("/run/others/kept")
        os.symlink("others/kept", "/run/link")
        for name, path, owner, mode, why in (("is another user's", "/run/others", 65533, 0o755, "others than root"),
                                             ("anybody may write to", "/run/others", 0, 0o777, "others than root"),
                                             ("is a link", "/run/link", 0, 0o755, "Not a directory")):
            os.chown("/run/others", owner, 0)
            os.chmod("/run/others", mode)
            with self.broker(f"--run-dir={path}") as broker, self.modem() as modem:
                served = run(self.qmicli, "-p", "-d", modem.path, "--dms-get-model")
                made = os.listdir("/run/others/kept") + [n for n in os.listdir("/run/others") if n != "kept"]
                self.tap.check(f"a folder that {name} is left alone", served.returncode == 0 and not made and
                               f"{path}: " in broker.said() and why in broker.said(), f"{made}, {broker.said()}")

    def stranger(self):
        """Anybody may take an abstract name; what root has to say is not for everybody."""
        with self.modem() as modem, socket.socket(socket.AF_UNIX) as listener:
            pid = os.fork()
            if pid == 0:
                os.setresuid(65534, 65534, 65534)
                listener.bind(BROKER)
                listener.listen(8)
                signal.pause()
            try:
                self.tap.check("a stranger listens", until(answers))
                got = run(self.qmicli, "-d", modem.path, "-p", "--dms-get-model")
                self.tap.check("-p does not trust it", got.returncode == 5 and b"not root's" in got.stderr, describe(got))
                got = run(self.qmicli, "-d", modem.path, "--dms-get-model")
                self.tap.check("without -p the modem is opened directly", got.returncode == 0, describe(got))
            finally:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)

    def credentials(self):
        """Root and a group are let in; a member does not even learn of another's pty."""
        self.let_in("set when it was started", self.broker(f"--group={MEMBERS}"))
        self.let_in("set when it was built", Broker(self.qmi_proxy + "-grouped", "--no-exit"))

    def let_in(self, how, broker):
        with self.modem() as modem, broker:
            for name, group, wanted in (("a member of the group", MEMBERS, "opens: 52"), ("somebody else", 65533, "ends")):
                reading, writing = os.pipe()
                pid = os.fork()
                if pid == 0:
                    os.setgroups([])
                    os.setresgid(group, group, group)
                    os.setresuid(65533, 65533, 65533)
                    os.write(writing, self.knock(modem.path).encode())
                    os._exit(0)
                os.close(writing)
                os.waitpid(pid, 0)
                with open(reading, encoding="ascii") as file:
                    said = file.read()
                self.tap.check(f"{name}, {how}, comes as far as that: {wanted}", said == wanted, said)
            self.turned_away(modem.path)

    def turned_away(self, path):
        """Who may not connect is told that, by each program."""
        stranger = ["setpriv", "--reuid=65533", "--regid=65533", "--clear-groups"]
        for words, code, told in (([self.qmicli, "-p", "-d", path, "--dms-get-model"], 5, b"qmi-proxy does not let you in"),
                                  ([self.qmi_proxy, "status"], 1, b"root and the members of its group")):
            # it hangs up at once, or when the first request is there already
            wrong = [got for got in (run(*stranger, *words) for _ in range(10))
                     if got.returncode != code or told not in got.stderr or len(got.stderr.splitlines()) != 1]
            self.tap.check(f"somebody else is told so by {os.path.basename(words[0])}", not wrong,
                           "\n".join(map(describe, wrong)))

    @staticmethod
    def knock(path):
        try:
            with Peer() as peer:
                answer = peer.open(path)
                return "ends" if answer is None else f"opens: {answer.error}"
        except OSError:
            return "ends"

    # --- Clients

    def crowd(self):
        """Two hundred clients with a request each under way all the time."""
        with self.modem("--profile", "everything") as modem, self.broker():
            peers = [Peer(modem.path) for _ in range(CROWD)]
            # all of them at once, so that there are more than CTL has transaction ids for when some ask twice
            for peer in peers:
                peer.send(CTL, 0, VERSIONS)
                peer.send(CTL, 0, ALLOCATE, tlv(1, bytes([DMS])))
            ids, answers_ = [], []
            for peer in peers:
                answers_ += [peer.receive(), peer.receive()]
                ids.append(answers_[-1].tlvs[1][1])
            self.tap.check("CTL answers each in its turn",
                           all((a.message, a.transaction) == ((VERSIONS, ALLOCATE)[i % 2], 2 + i % 2)
                               for i, a in enumerate(answers_)), answers_[:4])
            self.tap.check("no id is given to two", len(set(ids)) == CROWD, sorted(ids))
            self.tap.check("the modem has given out as many", len(modem.clients()) == CROWD, modem.clients())
            wanted = {m: peers[0].ask(DMS, ids[0], m).tlvs for m in MESSAGES}
            strays = self.talk(peers, ids, wanted)
            self.tap.check(f"{CROWD * CALLS_EACH} calls of {CROWD} clients at once, and none sees another's answers",
                           not strays, "\n".join(map(str, strays[:10])))
            for peer, client in zip(peers, ids):
                peer.send(CTL, 0, RELEASE, tlv(1, bytes([DMS, client])))
            errors = [peer.receive().error for peer in peers]
            self.tap.check("all are released", not any(errors) and not modem.clients(), f"{errors}, {modem.clients()}")
            for peer in peers:
                peer.close()

    @staticmethod
    def talk(peers, ids, wanted):
        """Has every peer make its calls, three under way at a time; what came that was not asked for."""
        chance, strays = random.Random(4), []
        pending = [{} for _ in peers]
        left = [CALLS_EACH] * len(peers)

        def call(i):
            message = chance.choice(MESSAGES)
            # transaction ids of 16 bits, that two peers have at the same time more often than not
            transaction = chance.choice([t for t in range(0xff00, 0xff10) if t not in pending[i]])
            pending[i][transaction] = message
            left[i] -= 1
            peers[i].socket.sendall(pack(DMS, ids[i], transaction, message))

        numbers = {peer.socket.fileno(): i for i, peer in enumerate(peers)}
        poll = select.poll()
        for i, peer in enumerate(peers):
            poll.register(peer.socket, select.POLLIN)
            for _ in range(3):
                call(i)
        while any(pending):
            ready = poll.poll(PATIENCE * 1000)
            if not ready:
                return strays + [f"no answer to {sum(map(len, pending))} calls"]
            for fd, _ in ready:
                i = numbers[fd]
                peers[i].data += peers[i].socket.recv(1 << 16)
                while True:
                    frame, peers[i].data = unpack(peers[i].data)
                    if not frame:
                        break
                    message = pending[i].pop(frame.transaction, None)
                    if (frame.service, frame.client, frame.message) != (DMS, ids[i], message) or \
                            frame.tlvs != wanted[message]:
                        strays.append(f"client {ids[i]} wanted {message}: {frame}")
                    if left[i]:
                        call(i)
        return strays

    def indications(self):
        with self.modem() as modem, self.broker(), Peer(modem.path) as one, Peer(modem.path) as other, \
                Peer(modem.path) as bystander:
            ids = [peer.allocate(NAS) for peer in (one, other, bystander)]
            for peer, client in zip((one, other), ids):
                peer.ask(NAS, client, REGISTER, tlv(0x13, b"\1"))
            modem.ctl("registration", "denied")
            got = [peer.receive() for peer in (one, other)]
            self.tap.check("an indication reaches those who asked for it, under their own ids",
                           all(f.kind == INDICATION and f.client == c for f, c in zip(got, ids)), got)
            bystander.ask(NAS, ids[2], SERVING_SYSTEM)
            self.tap.check("and nobody else", not bystander.indications, bystander.indications)

    def lives(self):
        """A client is killed at each step of its life; when its time is over, the modem has no id of it."""
        with self.modem() as modem, self.broker("--orphan-timeout", str(GRACE)) as broker, Peer(modem.path) as other:
            client = other.allocate(DMS)
            before = broker.descriptors()
            for step in STEPS:
                # so late that the client is dead by then
                for slow in ("ctl.allocate-cid", "ctl.release-cid", "dms.get-model"):
                    if step.endswith("ing"):
                        modem.ctl("fault", f"delay-answer=200:{slow}:1")
                self.die(modem, step)
                modem.ctl("fault-disarm")
                alone = until(lambda: modem.clients() == [(DMS, client)], 20)
                self.tap.check(f"a client killed when it was {step} leaves nothing behind",
                               alone and until(lambda: broker.descriptors() == before, 5),
                               f"{modem.clients()}, {broker.descriptors()} descriptors and not {before}")
            answer = other.ask(DMS, client, MESSAGES[2])
            self.tap.check("another goes on all the while", answer and answer.error == 0, answer)
            self.tap.check("an id of the dead can be had again", other.allocate(DMS) > 0)

    @staticmethod
    def die(modem, last):
        """Runs a client up to this step in a process of its own, and kills that."""
        ready, tell = os.pipe()
        pid = os.fork()
        if pid == 0:
            live(Peer(), modem.path, last)
            os.write(tell, b"x")
            signal.pause()
        os.read(ready, 1)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(ready)
        os.close(tell)

    # --- Client ids

    def orphans(self):
        with self.modem() as modem, self.broker("--orphan-timeout", "60"):
            for first, second in ((PEER, PEER), (PEER, self.qmicli), (self.qmicli, PEER)):
                names = f"{'Debian' if first == PEER else 'our'} and {'Debian' if second == PEER else 'our'}"
                kept = run(first, "-d", modem.path, "-p", THEIR_QMI, "--dms-noop", "--client-no-release-cid")
                client = kept.stdout.decode().rsplit("CID: '", 1)[-1].split("'")[0]
                self.tap.check(f"{names}: an id is kept", kept.returncode == 0 and client.isdigit() and
                               modem.clients() == [(DMS, int(client))], describe(kept))
                used = run(second, "-d", modem.path, "-p", THEIR_QMI, "--dms-get-model", f"--client-cid={client}")
                self.tap.check(f"{names}: and used by the next one, which gives it back",
                               used.returncode == 0 and until(lambda: not modem.clients(), 5), describe(used))

    def exhausted(self):
        with self.modem() as modem, self.broker("--orphan-timeout", "60"), Peer(modem.path) as second:
            first = Peer(modem.path)
            ids = [first.allocate(NAS) for _ in range(11)]
            self.tap.check("the modem has ten ids of NAS", all(i > 0 for i in ids[:10]) and ids[10] == -EXHAUSTED, ids)
            self.tap.check("nobody's id is taken away", second.allocate(NAS) == -EXHAUSTED)
            first.close()
            got = second.allocate(NAS)
            self.tap.check("an orphan makes room, the oldest first", got > 0 and
                           (got == ids[0] or (NAS, ids[0]) not in modem.clients()), f"{got}, {modem.clients()}")
            more = [second.allocate(NAS) for _ in range(9)]
            self.tap.check("and one after the other all of them", all(i > 0 for i in more) and
                           len({got, *more}) == 10 and second.allocate(NAS) == -EXHAUSTED, more)
            modem.ctl("fault", "no-clients:1")
            got = second.allocate(DMS)
            self.tap.check("with no orphan to give, the refusal is passed on", got == -EXHAUSTED, got)

    def sync(self):
        with self.modem() as modem, self.broker(), Peer(modem.path) as one, Peer(modem.path) as other:
            mine, others = one.allocate(DMS), other.allocate(DMS)
            answer = one.ask(CTL, 0, SYNC)
            self.tap.check("SYNC is answered", answer is not None and answer.error == 0, answer)
            self.tap.check("and releases the ids of who asked", until(lambda: modem.clients() == [(DMS, others)], 5),
                           f"{modem.clients()}: {mine} is released, {others} is not")
            answer = other.ask(DMS, others, MESSAGES[2])
            self.tap.check("others go on", answer is not None and answer.error == 0, answer)
            got = run(PEER, "-d", modem.path, "-p", THEIR_QMI, "--device-open-sync", "--dms-get-model")
            self.tap.check("Debian's qmicli opens with SYNC", got.returncode == 0, describe(got))
            self.tap.check("and leaves others alone", modem.clients() == [(DMS, others)], modem.clients())

    def leases(self):
        with self.modem() as modem, self.broker("--orphan-timeout", str(GRACE)):
            with Peer(modem.path, "daemon") as peer:
                self.tap.check("the broker has leases, and nothing is resumed", 0x80 in peer.opened.tlvs and
                               not peer.resumed(), peer.opened)
                client = peer.allocate(WDS)
                self.tap.check("a call is up", peer.ask(WDS, client, START_NETWORK, tlv(0x19, b"\4")).error == 0)
                calls = modem.calls()
            time.sleep(3 * GRACE)
            self.tap.check("it stays up when its client is gone", modem.clients() == [(WDS, client)] and
                           len(calls) == 1 and modem.calls() == calls, f"{modem.clients()}, {modem.calls()}")
            with Peer(modem.path, "another") as peer:
                self.tap.check("another name resumes nothing", not peer.resumed(), peer.opened)
            with Peer(modem.path, "daemon") as peer:
                self.tap.check("its name resumes it", peer.resumed() == [(WDS, client)], peer.opened)
                answer = peer.ask(WDS, client, PACKET_STATUS)
                self.tap.check("and the call is still up", answer and answer.tlvs.get(1) == b"\2", answer)
                peer.release(WDS, client)

    def killed_broker(self):
        """kill -9 with five modems that have a call each, and a client without a lease."""
        with self.modem("--count", "5") as modems:
            paths = [f"{modems.path}{i}" for i in range(5)]
            with self.broker("--orphan-timeout", str(GRACE)) as broker:
                peers = [Peer(path, "daemon") for path in paths]
                ids = [peer.allocate(WDS) for peer in peers]
                started = [p.ask(WDS, i, START_NETWORK, tlv(0x19, b"\4")).error for p, i in zip(peers, ids)]
                self.tap.check("five modems have a call each", not any(started), started)
                calls = [modems.calls(i) for i in range(5)]
                with Peer(paths[0]) as nameless:
                    nameless.allocate(DMS)
                    broker.stop(signal.SIGKILL)
                self.tap.check("their clients hear of the end", all(peer.ends() for peer in peers))
                for peer in peers:
                    peer.close()
            began = time.monotonic()
            with self.broker("--orphan-timeout", str(GRACE)):
                peers = [Peer(path, "daemon") for path in paths]
                took = time.monotonic() - began
                resumed = [peer.resumed() for peer in peers]
                self.tap.check("the next broker gives them back their ids", resumed == [[(WDS, i)] for i in ids],
                               f"{resumed}, not {ids}")
                self.tap.check("within two seconds", took < 2, took)
                states = [peer.ask(WDS, i, PACKET_STATUS) for peer, i in zip(peers, ids)]
                self.tap.check("the modems' calls are those that were up before",
                               [modems.calls(i) for i in range(5)] == calls and all(len(c) == 1 for c in calls), calls)
                self.tap.check("and so their clients are told", all(s and s.tlvs.get(1) == b"\2" for s in states), states)
                self.tap.check("what was nobody's is released in its time",
                               until(lambda: modems.clients(0) == [(WDS, ids[0])], 20), modems.clients(0))
                for peer in peers:
                    peer.close()

    def restarted_modem(self):
        """A modem that was reset has forgotten every id: nobody may be given another's."""
        with self.broker("--orphan-timeout", "60") as broker:
            with self.modem() as modem:
                peer = Peer(modem.path, "daemon")
                client = peer.allocate(WDS)
            self.tap.check("when the modem goes, its clients hear of it", peer.ends())
            peer.close()
            with self.modem() as modem, Peer(modem.path, "daemon") as peer:
                self.tap.check("a modem that came anew has no ids to resume", not peer.resumed() and not modem.clients(),
                               peer.opened)
                self.tap.check("and gives out its own", peer.allocate(WDS) == client and
                               peer.ask(WDS, client, PACKET_STATUS).error == 0)
            self.tap.check("the broker lives", broker.lives(), broker.said())


GROUPS = ["tools", "their_broker", "all_at_once", "plain", "on_demand", "network", "follower", "full_status", "folder", "stranger", "credentials", "crowd",
          "indications", "lives", "orphans", "exhausted", "sync", "leases", "killed_broker", "restarted_modem"]


def main():
    tests = Tests(*sys.argv[1:5])
    if not own_world():
        tests.tap.check("the broker # SKIP needs root, and a network of its own", True)
        return tests.tap.done()
    if not os.access(PEER, os.X_OK) or not os.access(THEIRS, os.X_OK):
        tests.tap.check("the broker # SKIP Debian's libqmi-utils are not there", True)
        return tests.tap.done()
    for group in sys.argv[5:] or GROUPS:
        try:
            getattr(tests, group)()
        except (OSError, RuntimeError, ValueError, AttributeError, subprocess.SubprocessError) as error:
            tests.tap.check(f"{group} goes through", False, repr(error))
    return tests.tap.done()


if __name__ == "__main__":
    sys.exit(main())
