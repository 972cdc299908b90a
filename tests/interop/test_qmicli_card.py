"""What qmicli does with the card, ours and Debian's: PINs that are wrong and right, slots, what is watched.

usage: test_qmicli_card.py QMICLI QMI-SIM [PEER]     (PEER: /usr/bin/qmicli)

Each story is told by both programs, each on a modem of its own; stdout is the same to the byte.
"""

import json
import os
import re
import selectors
import signal
import subprocess
import sys
import time

from qmicli_tool import describe, environment_of, run
from recording import result, tlv
from sim import PATIENCE, Sim, Tap

# How long to listen for more once something was said.
QUIET = 0.7
# Cards are read at once.
SWIFT = ("--time-scale", "0.001")

PIN_STORY = [
    "uim-get-card-status", "uim-verify-pin=PIN1,0000", "uim-verify-pin=PIN1,1234", "uim-verify-pin=PIN1,1234",
    "uim-change-pin=PIN1,1234,4321", "uim-set-pin-protection=PIN1,disable,1234",
    "uim-set-pin-protection=PIN1,disable,4321", "uim-get-card-status", "uim-unblock-pin=PIN1,00000000,1111",
    "uim-sim-power-off=1", "uim-get-card-status", "uim-read-transparent=0x3F00,0x2FE2", "uim-sim-power-on=1",
]
SLOT_STORY = [
    "uim-get-slot-status", "uim-switch-slot=2", "uim-get-slot-status", "uim-switch-slot=2", "uim-switch-slot=3",
    "uim-switch-slot=1",
]
FILE = "0x3F00,0x7FFF,0x6F46"


class Card:
    def __init__(self, qmicli, sim, peer):
        self.qmicli, self.sim, self.peer, self.tap = qmicli, sim, peer, Tap()
        self.programs = [qmicli] + ([peer] if os.access(peer, os.X_OK) else [])
        Sim(sim)  # makes the folder
        self.control = os.path.join(Sim.folder.name, "control")

    def ctl(self, *words):
        subprocess.run([self.sim, "ctl", self.control, *words], capture_output=True, check=True, timeout=PATIENCE)

    def modem(self, *arguments):
        return Sim(self.sim, "--control", self.control, *arguments)

    def same(self, name, tell):
        """Has each program tell a story. What ours said."""
        told = [tell(program) for program in self.programs]
        for theirs, ours in zip(*reversed(told)) if len(told) > 1 else ():
            good = theirs.stdout == ours.stdout and (theirs.returncode == 0) == (ours.returncode == 0)
            self.tap.check(f"{name}: {ours.args[-1]} is the peer's", good,
                           f"theirs: {describe(theirs)}\nours: {describe(ours)}")
        return told[0]

    def steps(self, program, steps, prepare=(), arguments=()):
        with self.modem(*SWIFT, *arguments) as modem:
            for words in prepare:
                self.ctl(*words)
            while prepare and b"pin-required" not in run(self.qmicli, modem.path, "--uim-get-card-status").stdout:
                pass
            return [self.step(program, modem, step) for step in steps]

    def step(self, program, modem, step):
        """One action. Behind a switch of slots the card is read first: what is faster would ask before that."""
        told = run(program, modem.path, "--device-open-qmi", "--" + step)
        end = time.monotonic() + PATIENCE
        while (step.startswith("uim-switch-slot") and time.monotonic() < end and
               b"unknown" in run(self.qmicli, modem.path, "--uim-get-slot-status").stdout):
            pass
        return told

    # --- Stories

    def pins(self):
        prepare = [("card-pin", "pin1", "enabled", "--code", "1234")]
        told = self.same("PINs", lambda program: self.steps(program, PIN_STORY, prepare))
        ends = [one.returncode for one in told]
        self.tap.check("PINs: the right ones are taken", ends == [0, 2, 0, 0, 0, 2, 0, 0, 2, 0, 0, 2, 0], ends)
        self.tap.check("PINs: what is left is said", b"tries left: 2, with the unblocking code 10" in told[1].stderr,
                       describe(told[1]))

    def old_pins(self):
        """DMS had PINs before UIM did. The answers are those of such a modem: wrong, with the tries that are left."""
        asked = (("dms-uim-verify-pin=PIN,9999", 0x28, b"\1\x049999", b"\2\n"),
                 ("dms-uim-change-pin=PIN,9999,1234", 0x2A, b"\1\x049999\x041234", b"\2\n"),
                 ("dms-uim-set-ck-protection=pn,disable,12", 0x41, b"\0\0\x0212", b"\5"),
                 ("dms-uim-unblock-ck=pc,12", 0x42, b"\3\x0212", b"\4"))
        recorded = [{"service": "dms", "message": number, "request": tlv(1, request).hex(),
                     "response": (result(12) + tlv(0x10, left)).hex()} for _, number, request, left in asked]
        profile = os.path.join(os.path.dirname(Sim(self.sim).path), "old.json")
        with open(profile, "w", encoding="utf-8") as file:
            json.dump({"base": "ec25-eux", "name": "old", "title": "An old modem", "recorded": recorded}, file)
        steps = [step for step, *_ in asked]
        told = self.same("old PINs", lambda program: self.steps(program, steps, arguments=("--profile", profile)))
        for step, one, words in zip(steps, told, (b"tries left: 2, with the unblocking code 10",) * 2 +
                                    (b"tries left: 5", b"tries left: 4")):
            self.tap.check(f"old PINs: what is left is said: --{step}", words in one.stderr and one.returncode == 2,
                           describe(one))

    def slots(self):
        told = self.same("slots", lambda program: self.steps(program, SLOT_STORY, arguments=("--profile", "ep06-e")))
        ends = [one.returncode for one in told]
        self.tap.check("slots: one that is there is used", ends == [0, 0, 0, 2, 1, 0], ends)
        self.tap.check("slots: one that is not is named", b"physical slot 3 is unavailable" in told[4].stderr,
                       describe(told[4]))

    def channel(self):
        """Younger than the peer: a channel, the USIM selected on it, its file read, the channel closed."""
        with self.modem() as modem:
            told = [run(self.qmicli, modem.path, "--" + step) for step in (
                "uim-open-logical-channel=1", "uim-send-apdu=1,1,00:A4:04:04:07:A0:00:00:00:87:10:02",
                "uim-send-apdu=1,1,00:A4:00:04:02:6F:46", "uim-send-apdu=1,1,00:B0:00:00:11",
                "uim-close-logical-channel=1,1", "uim-close-logical-channel=1,1")]
        ends = [one.returncode for one in told]
        self.tap.check("a channel is opened, used and closed", ends == [0, 0, 0, 0, 0, 2], ends)
        answers = [one.stdout.decode().strip().split(": ", 1)[-1] for one in told[1:4]]
        self.tap.check("and the card answers on it", told[0].stdout.endswith(b"completed: 1\n") and
                       all(answer.endswith(":90:00") for answer in answers) and len(answers[2]) == 19 * 3 - 1, answers)

    # --- Watching

    def watch(self, program, options, first, events, arguments=(), json_too=False):
        """Watches `events`, each after what was told of the one before; then Ctrl+C. `first` is made until it is heard,
        and not told of here: nobody says when the watching begins."""
        with self.modem(*SWIFT, *arguments) as modem:
            command = [program, "-d", modem.path, "--device-open-qmi", *(["--json"] if json_too else []), *options]
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment_of())
            with selectors.DefaultSelector() as selector:
                selector.register(process.stdout, selectors.EVENT_READ)

                def listen(patience=QUIET):
                    heard = b""
                    while selector.select(patience) and (data := os.read(process.stdout.fileno(), 65536)):
                        heard, patience = heard + data, QUIET
                    return heard

                while process.poll() is None:
                    for event in first:
                        self.ctl(*event)
                    if listen():
                        break
                said = b""
                for event in events:
                    self.ctl(*event)
                    said += listen(PATIENCE / 4)
            process.send_signal(signal.SIGINT)
            stdout, stderr = process.communicate(timeout=PATIENCE)
            return [subprocess.CompletedProcess(command, process.returncode, said + stdout, stderr)]

    def watched(self):
        init = [("card-refresh", "init")]
        changes = [("card-refresh", "fcn", "--file", "0x6f46", "--bytes", "01414243"), *init, ("card-refresh", "reset")]
        moves = [("card-remove", "2"), ("card-insert", "2")]
        cases = [
            ("any file", ["--uim-monitor-refresh-all"], init, changes, ()),
            ("a file", ["--uim-monitor-refresh-file=0x3F00,0x7FFF,0x6F07", f"--uim-monitor-refresh-file={FILE}"],
             init, changes, ()),
            ("slots", ["--uim-monitor-slot-status"], moves, [*moves, ("card-slot", "2"), ("card-slot", "1")],
             ("--profile", "ep06-e")),
        ]
        for name, options, first, events, arguments in cases:
            ours = self.same(f"watching {name}",
                             lambda program: self.watch(program, options, first, events,  # pylint: disable=W0640
                                                        arguments))[0]                    # pylint: disable=W0640
            self.tap.check(f"watching {name}: told until Ctrl+C", ours.returncode == 0 and
                           ours.stdout.count(b"Received") >= len(events), describe(ours))
        ours = self.watch(self.qmicli, ["--uim-monitor-refresh-all"], init, changes[:1], json_too=True)[0]
        told = [json.loads(line)["event"] for line in ours.stdout.decode().splitlines()]
        self.tap.check("watching in JSON", [(one["stage"], one["mode"]) for one in told] ==
                       [("start", "fcn"), ("end-with-success", "fcn")] and told[0]["files"][0]["file-id"] == 0x6f46,
                       describe(ours))

    def not_heard(self):
        """A client that watches another file hears nothing of this one; the file has changed all the same."""
        with self.modem() as modem:
            process = subprocess.Popen([self.qmicli, "-v", "-d", modem.path, "--uim-monitor-refresh-file=0x2FE2"],
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment_of())
            seen = b""
            while not re.search(rb"< uim response refresh-register", seen) and (line := process.stderr.readline()):
                seen += line
            self.ctl("card-refresh", "fcn", "--file", "0x6f46", "--bytes", "01414243")
            process.send_signal(signal.SIGINT)
            stdout, stderr = process.communicate(timeout=PATIENCE)
            changed = run(self.qmicli, modem.path, f"--uim-read-transparent={FILE}")
        self.tap.check("another file is not told of", process.returncode == 0 and not stdout,
                       f"{stdout}\n{seen + stderr}")
        self.tap.check("and has changed", b"\t01:41:42:43:" in changed.stdout, describe(changed))


def main():
    card = Card(*map(os.path.abspath, sys.argv[1:3]), sys.argv[3] if len(sys.argv) > 3 else "/usr/bin/qmicli")
    card.pins()
    card.old_pins()
    card.slots()
    card.channel()
    card.watched()
    card.not_heard()
    return card.tap.done()


if __name__ == "__main__":
    sys.exit(main())
