"""Commands of more than one message: what they do when the modem refuses, says nothing, goes, or somebody interrupts.

usage: test_qmicli_steps.py QMICLI QMI-SIM

Whatever happens, there is one line on stderr, the right exit code, and the client id is given back.
"""

import contextlib
import json
import os
import pty
import signal
import subprocess
import sys
import time

from qmicli_arguments import ARGUMENTS, CONFIG, SPAIN
from qmicli_tool import describe, environment_of, run
from sim import PATIENCE, Sim, Tap

RELEASED = "> ctl request release-cid"
REGISTERED = "< loc response register-events"
# The faults of the modem, the command, the exit code, what the one line says.
ENDS = [
    ("loses indications", "lose-indications", "loc-get-engine-lock", 3, "told nothing within 1 s"),
    ("loses indications", "lose-indications", "pdc-load-config", 3, "told nothing within 1 s"),
    ("loses indications", "lose-indications", "pdc-activate-config", 3, "told nothing within 1 s"),
    ("loses the second one", "lose-indications:pdc.get-selected-config", "pdc-list-configs", 3, "told nothing"),
    ("loses the details", "lose-indications:pdc.get-config-info", "pdc-list-configs", 3, "told nothing"),
    ("never answers", "drop-answer:loc.get-engine-lock", "loc-get-engine-lock", 3, "did not answer in time"),
    ("never answers the third request", "drop-answer:pdc.get-config-info", "pdc-list-configs", 3, "did not answer"),
    ("refuses the second request", "error-result=3:pdc.get-selected-config", "pdc-list-configs", 2,
     "couldn't get selected config: QMI protocol error (3)"),
    ("refuses the details", "error-result=48:pdc.get-config-info", "pdc-list-configs", 2,
     "couldn't get config info: QMI protocol error (48)"),
    ("refuses to select", "error-result=50:pdc.set-selected-config", "pdc-activate-config", 2,
     "couldn't set selected config: QMI protocol error (50)"),
    ("refuses a chunk", "error-result=48:pdc.load-config", "pdc-load-config", 2, "couldn't load config: QMI protocol"),
    ("refuses to register", "error-result=94:loc.register-events", "loc-follow-nmea", 2, "couldn't register location"),
    ("hangs up", "cut-frame:pdc.get-config-info", "pdc-list-configs", 4, "hung up"),
    ("hangs up", "cut-frame:loc.register-events", "loc-follow-nmea", 4, "hung up"),
    ("sends what cannot be read", "tlv-overrun:pdc.list-configs", "pdc-list-configs", 7, "answer cannot be read"),
    ("sends twice", "answer-twice", "pdc-list-configs", 0, ""),
    ("sends twice", "answer-twice", "pdc-load-config", 0, ""),
]


def errors(said):
    """The lines on stderr that tell a failure."""
    return [line for line in said.split("\n") if line.startswith("error: ")]


def words_of(action):
    return f"--{action}={ARGUMENTS[action]}" if action in ARGUMENTS else f"--{action}"


class Tests:
    def __init__(self, qmicli, sim):
        self.qmicli, self.sim, self.tap = qmicli, sim, Tap()

    @contextlib.contextmanager
    def running(self, words, until, *sim_args):
        """A modem, and the command until it has said `until` on stderr; what it said then."""
        with Sim(self.sim, *sim_args) as modem:
            command = [self.qmicli, "-d", modem.path, "--device-open-qmi", "-v", *words]
            with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                  env=environment_of()) as process:
                said = ""
                while until not in said and (line := process.stderr.readline()):
                    said += line
                yield modem, process, said
                process.kill()

    def ends(self):
        for how, fault, action, code, says in ENDS:
            with Sim(self.sim, "--fault", fault) as modem:
                began = time.monotonic()
                ours = run(self.qmicli, modem.path, "-v", "--timeout=1", words_of(action))
                took = time.monotonic() - began
            said = ours.stderr.decode()
            lines = errors(said)
            good = ours.returncode == code and len(lines) == (code != 0) and says in "".join(lines)
            good = good and (RELEASED in said or code == 4) and took < PATIENCE / 2
            self.tap.check(f"--{action} of a modem that {how} ({fault})", good, f"{took:.1f} s, {describe(ours)}")

    def interrupted(self):
        """Following ends well by a signal; waiting for something is cut short by it."""
        cases = [
            (["--loc-follow-nmea"], REGISTERED, 0, ""),
            (["--loc-follow-position-report", "--loc-follow-gnss-sv-info", "--json"], REGISTERED, 0, ""),
            (["--pdc-monitor-refresh"], "< pdc response register", 0, ""),
            (["--loc-get-position-report"], REGISTERED, 128, "cancelled by"),
            (["--loc-get-engine-lock"], "< loc response get-engine-lock", 128, "cancelled by"),
        ]
        for words, until, code, says in cases:
            for number in (signal.SIGINT, signal.SIGTERM):
                faults = ["--fault", "lose-indications"]
                with self.running(words, until, *faults) as (_, process, said):
                    process.send_signal(number)
                    stdout, rest = process.communicate(timeout=PATIENCE)
                lines = errors(said + rest)
                good = process.returncode == (code and code + number) and len(lines) == (code != 0)
                good = good and RELEASED in rest and says in "".join(lines) and not stdout
                self.tap.check(f"{' '.join(words)} ended by {number.name}", good,
                               f"exit {process.returncode}\n{stdout}\n{said}{rest}")

    def gone(self):
        """The modem goes while somebody waits: told at once. When it was to restart, that is what it was asked."""
        for words, until in ((["--loc-follow-nmea"], REGISTERED), (["--loc-get-position-report"], REGISTERED)):
            with self.running(words, until) as (modem, process, said):
                modem.process.kill()
                began = time.monotonic()
                rest = process.communicate(timeout=PATIENCE)[1]
                took = time.monotonic() - began
            lines = errors(said + rest)
            self.tap.check(f"{' '.join(words)} of a modem that goes", process.returncode == 4 and len(lines) == 1
                           and took < PATIENCE / 2, f"exit {process.returncode}, {took:.1f} s\n{said}{rest}")
        for fault in ("cut-frame:pdc.activate-config", "lose-indications:pdc.activate-config"):
            with self.running([f"--pdc-activate-config=software,{SPAIN}"], "> pdc request activate-config",
                              "--fault", fault) as (modem, process, said):
                if fault.startswith("lose"):
                    said += process.stderr.readline()
                    modem.process.kill()
                stdout, rest = process.communicate(timeout=PATIENCE)
            good = "Successfully requested config activation" in stdout and not errors(said + rest)
            good = good and process.returncode == 0 and "couldn't release" not in rest
            self.tap.check(f"a modem that restarts for its new configuration ({fault})", good,
                           f"exit {process.returncode}\n{stdout}\n{said}{rest}")

    def followed(self):
        """What is followed is told as it comes, as text and as JSON, and all of it by one action."""
        words = ["--loc-start", "--loc-follow-nmea", "--loc-follow-position-report", "--loc-follow-gnss-sv-info"]
        with self.running(words, REGISTERED) as (_, process, _):
            said = ""
            while not ("$GPGSV" in said and "[gnss sv info]" in said and "[position report]" in said):
                said += process.stdout.readline() or "(it ended)\n"
                if "(it ended)" in said:
                    break
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=PATIENCE)
        self.tap.check("positions, satellites and sentences are told as they come", process.returncode == 0
                       and "(it ended)" not in said, f"exit {process.returncode}\n{said}")
        with self.running([*words, "--json"], REGISTERED) as (_, process, _):
            documents = [json.loads(process.stdout.readline()) for _ in range(9)]
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=PATIENCE)
        keys = set().union(*documents)
        self.tap.check("each is a document of JSON", {"result", "nmea-string", "list"} <= keys, documents)

    def monitored(self):
        """What another program changes is told at once."""
        path = os.path.join(Sim.folder.name, "socket")
        with Sim(self.sim, "--unix", path) as modem:
            command = [self.qmicli, "-d", f"unix:{path}", "-v", "--pdc-monitor-refresh"]
            with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                  env=environment_of()) as process:
                while (line := process.stderr.readline()) and "< pdc response register" not in line:
                    pass
                other = run(self.qmicli, modem.path, f"--pdc-activate-config=software,{SPAIN}")
                said = process.stdout.readline() + process.stdout.readline()
                process.send_signal(signal.SIGINT)
                process.communicate(timeout=PATIENCE)
        self.tap.check("a change of the configuration is told at once", other.returncode == 0
                       and process.returncode == 0 and said == f"[unix:{path}] Received refresh indication:\n"
                       "  Received event type complete\n", f"exit {process.returncode}\n{said}\n{describe(other)}")

    def reader_leaves(self):
        with self.running(["--loc-start", "--loc-follow-nmea"], REGISTERED) as (_, process, said):
            process.stdout.readline()
            process.stdout.readline()
            process.stdout.close()
            said += process.stderr.read()
            process.wait(PATIENCE)
        self.tap.check("a reader that leaves ends the following", process.returncode == 128 + signal.SIGPIPE
                       and RELEASED in said and not errors(said), f"exit {process.returncode}\n{said}")

    def on_terminal(self, words, *sim_args):
        """Loads a configuration with a terminal as stderr: how it ended, and what was shown there."""
        main, terminal = pty.openpty()
        with Sim(self.sim, *sim_args) as modem:
            ours = subprocess.run([self.qmicli, "-d", modem.path, "--pdc-load-config=" + CONFIG.name, *words],
                                  stdout=subprocess.PIPE, stderr=terminal, check=False, timeout=PATIENCE)
        os.close(terminal)
        shown = b""
        with contextlib.suppress(OSError):
            while data := os.read(main, 4096):
                shown += data
        os.close(main)
        return ours, shown.decode()

    def progress(self):
        """On a terminal, where what is printed goes elsewhere, a bar shows how far it got."""
        for words, wanted in ((["--json"], True), ([], True), (["--json", "--silent"], False)):
            ours, shown = self.on_terminal(words)
            good = ours.returncode == 0 and ("  44 %\r" in shown) == wanted and ("100 %\r\n" in shown) == wanted
            self.tap.check(f"loading with {words or 'text'} shows {'a bar' if wanted else 'none'}", good, shown)
        # a modem that goes silent in the middle, which on a busy machine comes later
        for after in (300, 600, 1200, 2400, 4800):
            ours, shown = self.on_terminal(["--timeout=1"], "--fault", "delay-answer=200:pdc.load-config",
                                           "--fault", f"qmi-silent@{after}")
            if "%" in shown and ours.returncode == 3:
                break
        self.tap.check("what goes wrong has a line of its own", ours.returncode == 3 and "%" in shown
                       and shown.splitlines()[-1].startswith(("error: ", "warning: ")), shown)

    def company(self):
        """Options that say something to others, and where they may stand."""
        cases = [
            (["--loc-session-id=3"], 1, "no actions specified"),
            (["--loc-session-id=256", "--loc-start"], 1, "0 to 255"),
            (["--loc-session-id=x", "--loc-start"], 1, "invalid loc-session-id value given: 'x'"),
            (["--loc-timeout=1", "--loc-start"], 1, "must be used with `--loc-get-position-report' or"),
            (["--loc-inject-position-latitude=1"], 1, "must be used with `--loc-inject-position-longitude'"),
            (["--loc-inject-position-longitude=181", "--loc-inject-position-latitude=1"], 1, "-180 to 180"),
            (["--loc-inject-position-longitude=1", "--loc-inject-position-latitude=nan"], 1, "-90 to 90"),
            (["--loc-inject-position-longitude=-1.5", "--loc-inject-position-latitude=-90"], 0, ""),
            (["--pdc-load-config=/dev/null"], 1, "it is no file"), (["--pdc-load-config=/"], 1, "directory"),
            (["--pdc-delete-config=software,0"], 1, "bytes in hex"),
        ]
        with Sim(self.sim) as modem:
            for words, code, says in cases:
                ours = run(self.qmicli, modem.path, *words)
                good = ours.returncode == code and says in ours.stderr.decode()
                self.tap.check(" ".join(words), good and len(ours.stderr.splitlines()) == (code != 0), describe(ours))
            ours = run(self.qmicli, modem.path, "--loc-session-id=7", "--loc-start", "--loc-stop")
            self.tap.check("a session's id goes to what starts and stops it", ours.returncode == 0
                           and ours.stdout.count(b"(session id 7)") == 2, describe(ours))

    def loaded(self):
        """What was loaded is in the list, can be activated, and is not deleted while it is active."""
        with Sim(self.sim) as modem:
            def ask(*words):
                return run(self.qmicli, modem.path, "--json", *words)

            before = json.loads(ask("--pdc-list-configs=software").stdout)["configs"]
            load = ask("--pdc-load-config=" + CONFIG.name)
            after = json.loads(ask("--pdc-list-configs=software").stdout)["configs"]
            new = [config for config in after if config["id"] not in {config["id"] for config in before}]
            self.tap.check("a configuration that was loaded is in the list", load.returncode == 0 and len(new) == 1
                           and new[0]["total-size"] == 2304 and new[0]["status"] == "Inactive", after)
            active = ask(f"--pdc-activate-config=software,{new[0]['id']}")
            now = json.loads(ask("--pdc-list-configs=software").stdout)["configs"]
            self.tap.check("it can be activated", active.returncode == 0 and
                           [config["id"] for config in now if config["status"] == "Active"] == [new[0]["id"]], now)
            self.tap.check("and not deleted then", ask(f"--pdc-delete-config=software,{new[0]['id']}").returncode == 2)
            again = run(self.qmicli, modem.path, "--pdc-load-config=" + CONFIG.name)
            self.tap.check("nor loaded again", again.returncode == 2 and b"NoEffect" in again.stderr, describe(again))


def main():
    tests = Tests(os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]))
    tests.ends()
    tests.interrupted()
    tests.gone()
    tests.followed()
    tests.monitored()
    tests.reader_leaves()
    tests.progress()
    tests.company()
    tests.loaded()
    return tests.tap.done()


if __name__ == "__main__":
    sys.exit(main())
