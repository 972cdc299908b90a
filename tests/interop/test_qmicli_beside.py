"""Every option of Debian's qmicli beside ours, on the same virtual modem: stdout to the byte, and zero or not.

usage: test_qmicli_beside.py QMICLI QMI-SIM [PEER] [--only BEGINNING,...]     (PEER: /usr/bin/qmicli)

Three runs: on the virtual EC25; on the profile `everything`, whose answers are made of seeds; and on modems that
refuse with one error after the other. Three more look at a modem that leaves out half of what an answer may lack, at one
whose radio is off, and at other arguments. At the end stands how many are the same, and each one that is not, with its reason from DIFFERENCES.

--only, or QMIKIT_ONLY in the environment, compares the options alone that begin so; what stands behind an option is
in qmicli_arguments.py. QMIKIT_SEEDS is how many seeds to try (2).
"""

import concurrent.futures
import json
import os
import re
import shlex
import subprocess
import sys
import threading

from qmicli_arguments import ARGUMENTS, CASES, TOGETHER
from qmicli_tool import (CLOCK, ENDLESS, actions, compare_options, describe, options_of, options_of_peer, run,
                         stop_when_quiet, version_of)
from sim import PATIENCE, Sim, Tap

# Not actions: how the device is opened, how much is said, what another option does.
NO_ACTIONS = re.compile(r"(help|device$|device-open-|client-|verbose|silent|version$)")
# What libqmi has no option for.
OURS_ALONE = {"wds-get-profile-settings"}
# Options of libqmi's main branch (972c8b78) that 1.32.2 lacks: no peer here can judge them.
NEWER_OPTIONS = set("""
    atr-monitor atr-noop atr-send atr-send-only
    fox-set-fcc-authentication gas-dms-get-ethernet-mac-address gas-dms-get-firmware-auto-sim
    gas-dms-set-firmware-auto-sim ims-bind ims-get-ims-services-enabled-setting ims-noop imsa-bind
    imsa-get-ims-registration-status imsa-get-ims-services-status imsa-noop imsp-get-enabler-state imsp-noop
    loc-get-predicted-orbits-data-source loc-get-predicted-orbits-data-validity loc-inject-position-latitude
    loc-inject-position-longitude loc-inject-time nas-get-endc-config nas-get-network-time
    nas-incremental-network-scan pbm-get-emergency-list uim-close-logical-channel uim-open-logical-channel
    uim-remote-unlock uim-send-apdu wda-get-ethernet-config wda-set-capability wda-set-loopback-configuration
    wms-get-cbs-channels wms-set-cbs-channels""".split())
# Names that libqmi 1.32 lacks and newer versions have: there the peer cannot judge.
NEWER_NAMES = re.compile(r"(\t|: |, |')(uim-rmt|uim-http|atr|gw-service-provider-name|gw-sp-ehplmn|gw-iccid|gw-impi|"
                         r"gw-network-subset-service-provider|gw-carrier|5gnr|dun|supl|hipri|cbs|ut|mcx)\b")
# The libqmi whose bytes ours are. Later ones know more of what only the profile `everything` says, and
# there a difference in the text is no fault.
JUDGE = "1.32"
# Refusals, and which options they come to: one like all others, and those that libqmi's tool has a part of its own
# for: NotSupported, ExtendedInternal, CallFailed, OutOfCall, NotProvisioned. With QMIKIT_ALL each comes to all.
ERRORS = {94: "", 81: "(wds|dms|nas|uim)-", 14: "wds-", 15: "wds-", 16: "(nas|dms)-"}
# Of a command of several messages each later one is refused as well, so.
LATER_ERRORS = (94, 81)
# Services by the beginnings of options; the kernel's own have none.
SERVICE = re.compile(r"([a-z]+)-")
CTL = {"get-service-version-info": "ctl.get-version-info", "device-set-instance-id": "ctl.set-instance-id"}
NO_SERVICE = re.compile(r"(link-|get-wwan-iface|(get|set)-expected-data-format)")
# A process takes two of them for each comparison, so thousands of seeds are not for this test.
SEEDS = min(int(os.environ.get("QMIKIT_SEEDS", "2")), 20)
# Differences that are meant: the run, the option, why. One that is found no more fails the test.
DIFFERENCES = [
    ("half", "--uim-get-card-status", "libqmi's tool shows a card of zeros when the answer has none"),
]
# What the peer never ends, and ours has to end by itself with a failure: the run, the option, why.
HANGS = [
    ("errors", "--pdc-activate-config=.*", "libqmi's tool waits on when the modem refuses what it selects"),
    ("half", "--pdc-load-config=.*", "libqmi's tool waits on when an answer lacks what is to be loaded next"),
    ("everything", "--pdc-load-config=.*", "libqmi's tool sends empty chunks to a modem that wants more than there is"),
]
HANG_PATIENCE = 5
SAME, MEANT, ALONE, WRONG = "same", "meant", "alone", "wrong"
REQUEST = re.compile(r"^> (?!ctl )([a-z0-9]+) request ([a-z0-9-]+) ", re.MULTILINE)
# A scan takes 45 seconds on an EC25.
HASTE = {"nas-network-scan": ["--time-scale", "0.02"]}
# What only waits there.
WAITS = re.compile(r"--loc-timeout")
# Half of the TLVs are there that may miss.
HALF = {"base": "everything", "name": "half", "title": "half of everything",
        "behaviour": {"presence-percent": 50, "certainty": "C"}}
LOW_POWER = ["dms-set-operating-mode=low-power"]


def words_of(case):
    """The words of an action that stands without its dashes: one, or a list of several."""
    return ["--" + word for word in ([case] if isinstance(case, str) else case)]


def only_newer(theirs, ours):
    """Whether all lines are equal but those with a name that the peer is too old for."""
    theirs, ours = (data.decode(errors="replace").split("\n") for data in (theirs, ours))
    return len(theirs) == len(ours) and all(t == o or NEWER_NAMES.search(o) for t, o in zip(theirs, ours))


def fault_of(name, error):
    """A refusal of what the option `name` asks for; None where nothing is asked."""
    if NO_SERVICE.match(name):
        return None
    return f"error-result={error}:" + (CTL.get(name) or SERVICE.match(name).group(1))


class Beside:
    def __init__(self, qmicli, sim, peer, only):
        self.qmicli, self.sim, self.peer, self.only, self.tap = qmicli, sim, peer, only, Tap()
        self.version, self.names = version_of(peer), threading.local()
        self.workers = iter(range(100))
        Sim(sim)  # makes their folder, before two want to at once
        self.half = os.path.join(Sim.folder.name, "half.json")
        self.peers, self.tally, self.told, self.used = set(), {}, [], set()

    # --- One comparison

    def run(self, program, sim_args, before, words, timeout=2 * PATIENCE, name=None):
        if not hasattr(self.names, "name"):
            self.names.name = f"modem{next(self.workers)}"
        with Sim(self.sim, *sim_args, name=name or self.names.name) as modem:
            for action in before:
                run(self.qmicli, modem.path, "--" + action)
            words = ["--device-open-qmi", *words]
            if any(ENDLESS.match(word) for word in words):
                return stop_when_quiet([program, "-d", modem.path, *words])
            return run(program, modem.path, *words, timeout=timeout)

    def judge(self, kind, words, sim_args, theirs, ours):
        """Whether they are the same; else whether that is as it should be, and why."""
        if "--dms-get-time" in words and not sim_args:
            theirs.stdout, ours.stdout = (CLOCK.sub(b"#", one.stdout) for one in (theirs, ours))
        same_end = (theirs.returncode == 0) == (ours.returncode == 0)
        if same_end and theirs.stdout == ours.stdout:
            return SAME, ""
        for row in DIFFERENCES:
            if row[0] in ("any", kind) and re.fullmatch(row[1], " ".join(words)):
                self.used.add(row)
                return MEANT, row[2]
        if same_end and only_newer(theirs.stdout, ours.stdout):
            return MEANT, f"a name that libqmi {JUDGE} lacks"
        if kind in ("everything", "half") and self.version != JUDGE:
            return ALONE, f"libqmi {self.version} says more than {JUDGE}"
        return WRONG, ""

    def compare(self, job):
        kind, what, sim_args, before, words = job
        name, nothing = f"{what}: {shlex.join(words)}", subprocess.CompletedProcess([], -1, b"", b"it does not end")
        hangs = next((row for row in HANGS if row[0] == kind and re.fullmatch(row[1], " ".join(words))), None)
        try:
            theirs = self.run(self.peer, sim_args, before, words, HANG_PATIENCE if hangs else 2 * PATIENCE)
        except subprocess.TimeoutExpired:
            theirs = nothing
        try:
            ours = self.run(self.qmicli, sim_args, before, words)
        except subprocess.TimeoutExpired:
            return kind, name, WRONG, "", theirs, nothing
        if theirs is nothing:
            good = hangs and ours.returncode > 0
            return kind, name, MEANT if good else WRONG, hangs[2] if good else "", theirs, ours
        return kind, name, *self.judge(kind, words, sim_args, theirs, ours), theirs, ours

    # --- All of them

    def jobs(self, common):
        for action in common:
            yield "ec25", "ec25-eux", HASTE.get(action.split("=")[0], []), [], self.words(action)
        for seed in range(1, SEEDS + 1):
            profile = ["--profile", "everything", "--seed", str(seed)]
            for action in common:
                yield "everything", f"everything, seed {seed}", profile, [], self.words(action)
        with open(self.half, "w", encoding="utf-8") as file:
            json.dump(HALF, file)
        for action in common:
            yield "half", "everything, half of it", ["--profile", self.half], [], self.words(action)
        for action in common:
            yield from self.refusals(action)
        for action in common:
            words = self.words(action)
            if not any(ENDLESS.match(word) or WAITS.match(word) for word in words):
                yield "low power", "low power", HASTE.get(action.split("=")[0], []), LOW_POWER, words
        for case in (case for cases in CASES.values() for case in cases):
            words = words_of(case)
            if words[0][2:].split("=")[0] in self.peers and words[0][2:].startswith(self.only):
                yield "more", "ec25-eux", [], [], words

    def refusals(self, action):
        """All that an option asks for is refused; then, one by one, what it asks for later."""
        faults = {error: fault_of(action.split("=")[0], error) for error, options in ERRORS.items()
                  if os.environ.get("QMIKIT_ALL") == "1" or re.match(options, action)}
        faults = [(error, fault) for error, fault in faults.items() if fault]
        asked = self.run(self.qmicli, ["--profile", "everything"], [], ["-v", *self.words(action)], name="asker")
        later = list(dict.fromkeys(REQUEST.findall(asked.stderr.decode(errors="replace"))))[1:]
        faults += [(f"{error} to {message}", f"error-result={error}:{service}.{message}")
                   for service, message in later for error in LATER_ERRORS]
        for what, fault in faults:
            yield "errors", f"error {what}", ["--profile", "everything", "--fault", fault], [], self.words(action)

    @staticmethod
    def words(action):
        return ["--" + action, *TOGETHER.get(action.split("=")[0], [])]

    def all_there(self):
        """Every option that libqmi's tools have, ours has. Returns the actions to compare."""
        listed = self.peers = {name for name in options_of_peer(self.peer) if not NO_ACTIONS.match(name)}
        ours = options_of(self.qmicli)
        no_value = sorted(name for name, takes in ours.items() if takes and name not in ARGUMENTS)
        self.tap.check("each argument is in qmicli_arguments.py", not no_value, no_value)
        missing = sorted((listed | NEWER_OPTIONS) - set(ours))
        self.tap.check("ours has every option of libqmi's tools", not missing, missing)
        unknown = sorted(set(ours) - listed - NEWER_OPTIONS - OURS_ALONE)
        self.tap.check("what libqmi has not is known as ours", not unknown or self.version != JUDGE, unknown)
        return [action for action in actions(self.qmicli)
                if action.split("=")[0] in listed and action.startswith(self.only)]

    def report(self, outcome):
        kind, name, verdict, why, theirs, ours = outcome
        tally = self.tally.setdefault(kind, dict.fromkeys((SAME, MEANT, ALONE, WRONG), 0))
        tally[verdict] += 1
        if verdict == ALONE:
            name += f" # SKIP {why}"
        if verdict == MEANT:
            self.told.append(f"{name}: {why}")
        self.tap.check(name, verdict != WRONG, f"theirs: {describe(theirs)}\nours: {describe(ours)}")
        if verdict == WRONG:
            self.told.append(f"{name}: not ok")

    def summary(self):
        for kind, tally in self.tally.items():
            print(f"# {kind}: {tally[SAME]} of {sum(tally.values())} are the same"
                  + "".join(f", {tally[other]} {what}" for other, what in
                            ((MEANT, "differ as they should"), (ALONE, "not judged"), (WRONG, "differ")) if tally[other]))
        for line in self.told:
            print(f"#   {line}")
        stale = [row for row in DIFFERENCES if row not in self.used]
        if self.only == ("",) and self.version == JUDGE:
            self.tap.check("every difference that is meant is there", not stale, stale)

    def all(self):
        common = self.all_there()
        self.tap.check("there is something to compare", common, self.only)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for outcome in pool.map(self.compare, self.jobs(common)):
                self.report(outcome)
        self.summary()
        return self.tap.done()


if __name__ == "__main__":
    sys.exit(compare_options(Beside))
