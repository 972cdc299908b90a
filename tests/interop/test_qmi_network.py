#!/usr/bin/env python3
"""qmi-network beside Debian's script of that name, on virtual modems: the same lines and exit codes where both know a
case, each stops what the other started, and what only ours does: addresses and routes, and nothing left behind.

    test_qmi_network.py QMI_NETWORK QMI_SIM [PEER]     (PEER: /usr/bin/qmi-network)

As root it has a network, and a view of /sys, of its own."""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

from sim import PATIENCE, Sim, Tap

LINK = "wwan7"
SCRIPT = "/usr/bin/qmi-network"
QMICLI = "/usr/bin/qmicli"
# What the two say differently on purpose: the command lines in the script's text, where the state is, a password.
NORMAL = [
    (r" with '.*'\.\.\.$", "..."),
    (r"/\S*qmi-network-state-", "STATE-"),
    (r"(APN password:) (?!unset).*", r"\1 set"),
    (r"^usage: \S+", "usage: qmi-network"),
    # a program run by the script may speak to its stdout
    (r"^(\[/.*|\s+Connection status:.*)\n", ""),
    # the format is between the modem and a network interface, which a pty does not have
    (r"^(Checking data format|Device link|Getting expected|Expected link|Updating device|New device|Device and).*\n", ""),
]


# What the script runs: it says what the port speaks, and waits until the modem has seen it go.
WRAPPER = '''#!/bin/sh
{qmicli} --device-open-qmi "$@"
status=$?
for _ in 1 2; do {qmi_sim} ctl {control} clients >/dev/null; done
exit $status
'''


def own_world():
    """Runs this again in a network namespace of its own, as root; False where that cannot be."""
    if os.environ.get("QK_OWN_WORLD"):
        subprocess.run(["mount", "-t", "sysfs", "none", "/sys"], check=True)
        return True
    if os.geteuid() or subprocess.run(["unshare", "-n", "-m", "true"], capture_output=True, check=False).returncode:
        return False
    os.execvpe("unshare", ["unshare", "-n", "-m", sys.executable, *sys.argv], {**os.environ, "QK_OWN_WORLD": "1"})


class World:
    """One modem, a place for states and a configuration."""

    def __init__(self, program, qmi_sim, tap, modem, folder):
        self.program, self.qmi_sim, self.tap, self.modem = program, qmi_sim, tap, modem
        self.control = os.path.join(folder, "control")
        self.states, self.config = os.path.join(folder, "states"), os.path.join(folder, "conf")
        self.state = os.path.join(self.states, "qmi-network-state-" + os.path.basename(modem.path))
        self.configure("APN=internet")

    def configure(self, *lines):
        with open(self.config, "w", encoding="utf-8") as file:
            file.write("".join(line + "\n" for line in lines))

    def command(self, *words, options=("--no-ip-config",)):
        return [self.program, f"--state-directory={self.states}", f"--profile={self.config}", *options,
                self.modem.path, *words]

    def run(self, *words, options=("--no-ip-config",)):
        return self.settled(run(self.command(*words, options=options)))

    def peer(self, *words):
        return self.settled(run([SCRIPT, f"--profile={self.config}", self.modem.path, *words]))

    def qmicli(self, *words):
        return self.settled(run([QMICLI, "--device-open-qmi", "-d", self.modem.path, *words]))

    def settled(self, done):
        """Passes `done` on when the modem has seen that its port was closed."""
        self.ctl("clients")
        self.ctl("clients")
        return done

    def restart(self):
        """The modem forgets all client ids, as when it starts anew."""
        self.qmicli("--device-open-sync", "--wds-noop")

    def ctl(self, *words):
        done = run([self.qmi_sim, "ctl", self.control, *words])
        return json.loads(done.stdout)

    def clients(self):
        return [client for client in self.ctl("clients")["clients"] if client["service"] in ("wds", "wda")]

    def is_clean(self):
        return not self.clients() and not os.path.exists(self.state)


def run(command):
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)


def normal(text):
    for pattern, replacement in NORMAL:
        text = re.sub(pattern, replacement, text, flags=re.MULTILINE)
    return re.sub(r"(CID|PDH): \d+", r"\1: N", text)


# What both are given in this order: words, the exit status, and the configuration from then on.
SEQUENCE = [
    (["status"], 64, ["APN=internet"]),
    (["start"], 0, None),
    (["status"], 0, None),
    (["stop"], 0, None),
    (["stop"], 0, None),
    (["start"], 0, ["APN=internet", "APN_USER=me", "APN_PASS='secret'", "IP_TYPE=4", "PROXY=no"]),
    (["status"], 0, None),
    (["stop"], 0, None),
    (["start"], 0, ["PROFILE=1"]),
    (["stop"], 0, None),
    (["begin"], 255, None),
    (["status"], 64, ["# nothing"]),
]


def sequence(world, program):
    """What a program says to each of SEQUENCE."""
    for words, _, config in SEQUENCE:
        if config:
            world.configure(*config)
        yield program(*words)


def test_same(world):
    """One after the other: a call that one has started is in the other's way."""
    ours, theirs = (list(sequence(world, program)) for program in (world.run, world.peer))
    for (words, code, _), our, their in zip(SEQUENCE, ours, theirs):
        good = (normal(our.stdout), our.returncode) == (normal(their.stdout), their.returncode)
        world.tap.check(f"{words[0]}, which ends with {code}: as the script", good and our.returncode == code,
                        f"ours {our.returncode}:\n{normal(our.stdout)}{our.stderr}\n"
                        f"theirs {their.returncode}:\n{normal(their.stdout)}{their.stderr}")
    world.configure("APN=internet")
    world.tap.check("nothing is left of all this", world.is_clean(), world.clients())


def test_usage(world):
    for words in ([], ["start"], ["/dev/null"], ["--nonsense", "/dev/null", "start"], ["--profile=", "/dev/null", "start"]):
        ours, theirs = run([world.program, *words]), run([SCRIPT, *words])
        world.tap.check(f"usage: {words}", (normal(ours.stdout), ours.returncode) ==
                        (normal(theirs.stdout), theirs.returncode) and ours.stderr.count("\n") == 1,
                        [ours, theirs])
    ours = world.run("status", options=("--interface=a/b",))
    world.tap.check("an interface that is none", ours.returncode == 255 and "a/b" in ours.stderr, ours)
    world.configure("APN=a", "reboot")
    ours = world.run("start")
    world.tap.check("a configuration that only a shell could run", ours.returncode == 255 and
                    f"{world.config}:2: " in ours.stderr and world.is_clean(), ours)
    world.configure("APN=internet")
    ours = run([world.program, f"--state-directory={world.states}", "/dev/null", "status"])
    world.tap.check("a device that is none", ours.returncode == 2 and ours.stderr.startswith("error: "), ours)
    ours = run([world.program, f"--state-directory={world.states}", "/dev/nowhere", "start"])
    world.tap.check("a device that is not there", ours.returncode == 1 and "/dev/nowhere: no such device" in ours.stderr, ours)
    ours = run([world.program, f"--state-directory={world.states}", world.modem.path, "start"])
    world.tap.check("a modem without interface", ours.returncode == 4 and "--no-ip-config" in ours.stderr and
                    world.is_clean(), ours)


def test_each_other(world):
    """Needs root: the script's state is in /tmp, and believed when root wrote it."""
    theirs = world.peer("start")
    ours = world.run("status")
    world.tap.check("ours knows what the script started", (theirs.returncode, ours.returncode) == (0, 0) and
                    "Loading previous state from /tmp/qmi-network-state-" in ours.stdout, [theirs, ours])
    ours = world.run("start")
    world.tap.check("ours takes it over", ours.returncode == 0 and "already started" in ours.stdout, ours)
    ours = world.run("stop")
    world.tap.check("ours stops it", ours.returncode == 0 and world.is_clean(), [ours, world.clients()])
    theirs = world.peer("status")
    world.tap.check("the script's state is gone, too", "Previous CID" not in theirs.stdout, theirs)


def test_stale(world):
    """States that are not true any more."""
    world.run("start")
    before = world.clients()
    done = world.run("start")
    world.tap.check("start twice", done.returncode == 0 and "Network already started" in done.stdout and
                    world.clients() == before, [done, world.clients()])
    world.ctl("data-drop")
    done = world.run("start")
    world.tap.check("start after the call was dropped", done.returncode == 0 and "started successfully" in done.stdout
                    and world.clients() == before, [done, world.clients()])
    world.restart()
    done = world.run("status")
    world.tap.check("status when the id is void", done.returncode == 64 and "void" in done.stderr, done)
    done = world.run("start")
    world.tap.check("start when the id is void", done.returncode == 0 and "void" in done.stderr and
                    len(world.clients()) == 1, [done, world.clients()])
    world.restart()
    done = world.run("stop")
    world.tap.check("stop when the id is void", done.returncode == 0 and world.is_clean(), done)
    for text in ("CID=\"$(reboot)\"\n", "\0\0", "CID=\"300\"\n", "x" * 70000):
        os.makedirs(world.states, mode=0o700, exist_ok=True)
        with open(world.state, "w", encoding="utf-8") as file:
            file.write(text)
        started, stopped = world.run("start"), world.run("stop")
        world.tap.check(f"a state that is broken ({text[:10]!r}…) is passed over", (started.returncode, stopped.returncode)
                        == (0, 0) and "passed over" in started.stderr and world.is_clean(), [started, stopped])


def test_refused(world):
    for apn, reason in (("no.such.invalid", "unknown-apn"), ("barred.test", "operator-determined-barring"),
                        ("secure.test", "authentication-failed")):
        world.configure(f"APN={apn}")
        done = world.run("start")
        world.tap.check(f"{apn} is refused", done.returncode == 2 and reason in done.stderr and world.is_clean(),
                        [done, world.clients()])
    world.configure("APN=ipv6.test", "IP_TYPE=46")
    done = world.run("start")
    world.tap.check("one family is enough", done.returncode == 0 and "ipv6-only-allowed" in done.stderr and
                    len(world.clients()) == 1, [done, world.clients()])
    world.run("stop")
    profiles = world.qmicli("--wds-get-profile-list=3gpp").stdout
    world.configure("APN=internet", "PROFILE=auto", "IP_TYPE=46")
    done = world.run("start")
    world.tap.check("a profile is made and deleted", done.returncode == 0 and "Deleting profile" in done.stdout, done)
    world.run("stop")
    after = world.qmicli("--wds-get-profile-list=3gpp")
    world.tap.check("after it there is none more than before", profiles and profiles == after.stdout, f"{after}\n{profiles}")
    world.configure("APN=internet")


def test_silence(world):
    """A modem that takes requests and says nothing."""
    options = ("--no-ip-config", "--timeout=1")
    world.ctl("fault", "qmi-silent")
    done = world.run("start", options=options)
    world.tap.check("start when the modem is silent", done.returncode == 1 and "no answer in time" in done.stderr and
                    not os.path.exists(world.state), done)
    done = world.run("status", options=options)
    world.tap.check("status when the modem is silent", done.returncode == 2 and "no answer in time" in done.stderr, done)
    world.ctl("fault-disarm")
    world.restart()
    world.run("start")
    world.ctl("fault", "qmi-silent")
    done = world.run("stop", options=options)
    world.tap.check("stop when the modem is silent", done.returncode == 2 and os.path.exists(world.state), done)
    world.ctl("fault-disarm")
    done = world.run("stop", options=options)
    world.tap.check("stop when it speaks again", done.returncode == 0 and world.is_clean(), done)


def test_signals(world):
    """A start that is interrupted at any time leaves nothing, or a network that is whole."""
    world.configure("APN=internet", "IP_TYPE=46", "PROFILE=auto")
    bad = []
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        for after in (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8):
            process = subprocess.Popen(world.command("start"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            time.sleep(after)
            process.send_signal(number)
            said = world.settled(process.communicate(timeout=PATIENCE))
            if number == signal.SIGKILL or process.returncode == 0:
                stopped = world.run("stop")
                said += (stopped.stdout, stopped.stderr)
            elif process.returncode not in (128 + number, -number):
                bad.append((number, after, process.returncode, said))
            # What was asked of the modem in the moment of death was not noted yet: one id at most.
            left = world.clients()
            if number == signal.SIGKILL and len(left) == 1 and not os.path.exists(world.state):
                world.restart()
                left = []
            if left or os.path.exists(world.state):
                bad.append((number, after, left, said))
                world.run("stop")
    world.tap.check("signals at any time leave nothing", not bad, "\n".join(map(str, bad)))
    world.configure("APN=internet")


def ip(*words):
    return json.loads(run(["ip", "-j", *words]).stdout or "[]")


def test_addresses(world):
    run(["ip", "link", "add", LINK, "type", "veth", "peer", "name", "other"])
    run(["ip", "link", "set", "other", "up"])
    world.configure("APN=internet", "IP_TYPE=46", "METRIC=33")
    options = (f"--interface={LINK}",)
    done = world.run("start", options=options)
    status = json.loads(world.run("--json", "status", options=options).stdout)
    calls = {call["family"]: call for call in status["calls"]}
    link = ip("address", "show", "dev", LINK)[0]
    addresses = {f"{address['local']}/{address['prefixlen']}" for address in link["addr_info"]}
    world.tap.check("the interface has what the modem was given", done.returncode == 0 and "UP" in link["flags"] and
                    {calls["ipv4"]["address"], calls["ipv6"]["address"]} <= addresses, [done, status, link])
    routes = [ip(family, "route", "show", "default") for family in ("-4", "-6")]
    world.tap.check("default routes", [(route[0]["gateway"], route[0]["dev"], route[0]["metric"]) for route in routes] ==
                    [(calls[family]["gateway"], LINK, 33) for family in ("ipv4", "ipv6")], routes)
    world.configure("APN=internet", "IP_TYPE=46", "METRIC=44")
    world.run("start", options=options)
    routes = [ip(family, "route", "show", "default") for family in ("-4", "-6")]
    world.tap.check("another metric takes their place", [[route["metric"] for route in family] for family in routes] ==
                    [[44], [44]], routes)
    done = world.run("stop")
    link = ip("address", "show", "dev", LINK)[0]
    world.tap.check("stop takes all of it away", done.returncode == 0 and world.is_clean() and "UP" not in link["flags"]
                    and not link["addr_info"] and not ip("-4", "route") and not ip("-6", "route", "show", "default"),
                    [done, link])
    run(["ip", "link", "set", LINK, "up", "mtu", "1400"])
    world.run("start", options=options)
    during = ip("link", "show", "dev", LINK)[0]
    world.run("stop")
    after = ip("link", "show", "dev", LINK)[0]
    world.tap.check("an interface that was up stays up, with its MTU", (during["mtu"], after["mtu"]) == (1500, 1400) and
                    "UP" in after["flags"], [during, after])
    world.run("start", options=options)
    run(["ip", "link", "delete", LINK])
    done = world.run("stop")
    world.tap.check("stop when the interface is gone", done.returncode == 0 and world.is_clean(), done)
    done = world.run("start", options=options)
    world.tap.check("start when it is gone", done.returncode == 4 and world.is_clean(), done)
    world.configure("APN=internet")


FAKE = """#!/bin/sh
echo "{name} $*" >>{log}
[ -t 0 ] || cat >>{log}
"""


def test_name_servers(world, folder):
    """Who takes name servers here is a script of this test's, where nobody else sees it."""
    import socket
    log = os.path.join(folder, "servers.log")
    run(["ip", "link", "add", LINK, "type", "veth", "peer", "name", "other"])
    options = (f"--interface={LINK}",)
    programs = os.path.join(folder, "programs")
    for name in ("resolvectl", "resolvconf"):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(FAKE.format(name=name, log=log))
        os.chmod(file.name, 0o755)
    # /usr/bin with these two on top of it
    os.makedirs(programs + "/upper")
    os.makedirs(programs + "/work")
    for number, (target, name) in enumerate((("/usr/bin", "resolvectl"), ("/usr/sbin", "resolvconf"))):
        upper, work = f"{programs}/upper/{number}", f"{programs}/work/{number}"
        os.makedirs(upper)
        os.makedirs(work)
        os.rename(os.path.join(folder, name), os.path.join(upper, name))
        if run(["mount", "-t", "overlay", "none", "-o", f"lowerdir={target},upperdir={upper},workdir={work}",
                target]).returncode:
            world.tap.check("name servers # SKIP no overlay can be mounted here", True)
            return
    done = world.run("start", options=options), world.run("stop")
    with open(log, "a+", encoding="utf-8") as file:
        file.seek(0)
        said = file.read()
    world.tap.check("resolvconf hears of them, and that they are gone", said ==
                    f"resolvconf -a {LINK}.qmi-network\nnameserver 8.8.4.4\nnameserver 8.8.8.8\n"
                    f"resolvconf -d {LINK}.qmi-network\n", [said, done])
    os.unlink(log)
    run(["mount", "-t", "tmpfs", "none", "/run"])
    os.makedirs("/run/systemd/resolve")
    with socket.socket(socket.AF_UNIX) as service:
        service.bind("/run/systemd/resolve/io.systemd.Resolve")
        service.listen()
        world.configure("APN=internet", "IP_TYPE=46")
        world.run("start", options=options)
        world.run("stop")
        world.configure("APN=internet")
    with open(log, encoding="utf-8") as file:
        said = file.read()
    both = "8.8.4.4 8.8.8.8 2001:4860:4860::8844 2001:4860:4860::8888"
    world.tap.check("while systemd-resolved runs, it does, with servers of both families", said ==
                    f"resolvectl dns {LINK} {both}\nresolvectl revert {LINK}\n", said)


def main():
    program, qmi_sim = sys.argv[1:3]
    alone = own_world()
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        # no other test's modem has this name, which is that of the script's state, too
        with Sim(qmi_sim, "--control", os.path.join(folder, "control"), name=f"network-{os.getpid()}") as modem:
            # The script's qmicli guesses what a port speaks by sysfs, where a pty is not.
            os.makedirs(os.path.join(folder, "bin"))
            with open(os.path.join(folder, "bin/qmicli"), "w", encoding="utf-8") as file:
                file.write(WRAPPER.format(qmicli=QMICLI, qmi_sim=qmi_sim, control=f"{folder}/control"))
            os.chmod(file.name, 0o755)
            os.environ["PATH"] = f"{folder}/bin:{os.environ['PATH']}"
            # a broker that runs here for somebody else would keep the modem open
            os.environ["QMI_PROXY_SOCKET"] = os.path.join(folder, "no-proxy")
            world = World(program, qmi_sim, tap, modem, folder)
            if os.access(SCRIPT, os.X_OK):
                test_usage(world)
                test_same(world)
                if os.geteuid() == 0:
                    test_each_other(world)
                test_stale(world)
            else:
                tap.check("beside the script # SKIP Debian's libqmi-utils are not there", True)
            test_refused(world)
            test_silence(world)
            test_signals(world)
            if alone:
                test_addresses(world)
                test_name_servers(world, folder)
            else:
                tap.check("addresses # SKIP needs root, and a network of its own", True)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
