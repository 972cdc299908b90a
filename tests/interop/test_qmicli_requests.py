"""What every option of Debian's qmicli asks the modem for, and what ours does: the same requests, TLV for TLV.

usage: test_qmicli_requests.py QMICLI QMI-SIM [PEER] [--only BEGINNING,...]     (PEER: /usr/bin/qmicli)

The output of an option says little of what was sent: a modem may well answer another request alike. So each tool
speaks to a virtual modem through a pty that keeps the frames. Those of CTL are left out: when clients are allocated
and versions asked for is the tool's own business. Which options, with which arguments: as test_qmicli_beside.py.
"""

import concurrent.futures
import os
import re
import shlex
import sys
import threading

from qmicli_arguments import CASES, TOGETHER
from qmicli_tool import (ENDLESS, actions, compare_options, describe, options_of_peer, run, stop_when_quiet,
                         version_of)
from qmux import CTL, unpack
from recording import Relay
from sim import PATIENCE, Sim, Tap

# Modems that go on where others refuse: what is asked for after a first answer is seen as well. On the seeds 3 and 4
# the list of stored images has a pair.
SEEDS = (3, 4)
# What speaks to the kernel alone.
NO_MODEM = re.compile(r"(link-|get-wwan-iface|(get|set)-expected-data-format)")
# Requests that differ and are meant to: the option, and why.
DIFFERENCES = {
    r"--nas-get-plmn-name=\d{6}": "a network code of three digits is told to be one; libqmi's tool leaves that out",
    r"--wds-set-lte-attach-pdn-list=": "no profile at all is a bad argument; libqmi's tool sends an empty list",
}
JUDGE = "1.32"
EXIT_USAGE = 1


def request_of(record):
    """Service, message and TLVs of a record that is a request to a service; else None."""
    from_modem, head = record[2], int.from_bytes(record[4:6], "little")
    frame, _ = unpack(record[head:])
    if from_modem or frame.service == CTL:
        return None
    return frame.service, f"{frame.message:#06x}", {f"{number:#04x}": value.hex() for number, value in
                                                    sorted(frame.tlvs.items())}


class Requests:
    def __init__(self, qmicli, sim, peer, only):
        self.qmicli, self.sim, self.peer, self.only, self.tap = qmicli, sim, peer, only, Tap()
        self.asked = 0
        self.used, self.names, self.workers = set(), threading.local(), iter(range(100))
        Sim(sim)  # makes their folder, before two want to at once

    def listen(self, program, seed, words):
        """What `program` asks a fresh modem for, and the result of its run."""
        if not hasattr(self.names, "name"):
            self.names.name = f"requests{next(self.workers)}"
        path = os.path.join(Sim.folder.name, self.names.name)
        with Sim(self.sim, "--profile", "everything", "--seed", str(seed), "--unix", path + "-socket",
                 name=self.names.name + "-pty"), Relay(path + "-socket", path, os.devnull) as relay:
            words = ["--device-open-qmi", *words]
            if any(ENDLESS.match(word) for word in words):
                result = stop_when_quiet([program, "-d", path, *words])
            else:
                result = run(program, path, *words, timeout=2 * PATIENCE)
        return [request for _, record in relay.packets if (request := request_of(record))], result

    def compare(self, job):
        seed, words = job
        return seed, words, self.listen(self.peer, seed, words), self.listen(self.qmicli, seed, words)

    def report(self, outcome):
        seed, words, (theirs, their_result), (ours, our_result) = outcome
        why = next((row for row in DIFFERENCES if re.fullmatch(row, " ".join(words))), None)
        self.asked += bool(ours)
        # A bad argument asks for nothing, also where libqmi's tool looks at it only after a first answer.
        bad = our_result.returncode == EXIT_USAGE and not ours and their_result.returncode
        name, same = f"seed {seed}: {shlex.join(words)}", bool(bad) or theirs == ours
        if not same and why:
            self.used.add(why)
            name, same = f"{name} # SKIP {DIFFERENCES[why]}", True
        self.tap.check(name, same, f"theirs: {theirs}\nours:   {ours}\ntheirs: {describe(their_result)}\n"
                                   f"ours: {describe(our_result)}")

    def jobs(self):
        listed = options_of_peer(self.peer)
        for action in actions(self.qmicli):
            name = action.split("=")[0]
            if name in listed and name.startswith(self.only) and not NO_MODEM.match(name):
                for seed in SEEDS:
                    yield seed, ["--" + action, *TOGETHER.get(name, [])]
        for case in (case for cases in CASES.values() for case in cases):
            words = ["--" + word for word in ([case] if isinstance(case, str) else case)]
            name = words[0][2:].split("=")[0]
            if name in listed and name.startswith(self.only):
                yield SEEDS[0], words

    def all(self):
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for outcome in pool.map(self.compare, self.jobs()):
                self.report(outcome)
        # a noop asks for nothing, nor does what is refused before
        self.tap.check("most of them ask for something", self.asked > self.tap.count / 2, self.asked)
        if self.only == ("",) and version_of(self.peer) == JUDGE:
            stale = sorted(set(DIFFERENCES) - self.used)
            self.tap.check("every difference that is meant is there", not stale, stale)
        return self.tap.done()


if __name__ == "__main__":
    sys.exit(compare_options(Requests))
