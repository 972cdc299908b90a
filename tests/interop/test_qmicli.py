"""Our qmicli and Debian's on the same virtual modem: stdout to the byte, and zero or not.

usage: test_qmicli.py QMICLI QMI-SIM [PEER] [--only BEGINNING,...]     (PEER: /usr/bin/qmicli)
Without the peer only what is ours alone is tested. test_qmicli_beside.py compares every action.
"""

import fcntl
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time

from qmicli_arguments import TOGETHER
from qmicli_tool import ENDLESS, actions, describe, options_of, run, stop_when_quiet, version_of
from sim import PATIENCE, Sim, Tap

PROFILE = os.path.join(os.path.dirname(__file__), "../../sim/profiles/ec25-eux.json")

GUIDE = [
    "dms-get-manufacturer", "dms-get-model", "dms-get-revision", "dms-get-ids", "dms-get-capabilities",
    "dms-get-msisdn", "wds-get-packet-service-status", "wds-get-data-bearer-technology",
    "wds-get-packet-statistics", "nas-get-signal-strength", "nas-get-signal-info", "nas-get-serving-system",
    "nas-get-system-info", "nas-get-home-network", "nas-get-preferred-networks", "uim-get-card-status",
    "uim-get-supported-messages",
]
# What the reference sheet of the EC25 says it refuses.
REFUSED = ["dms-uim-get-iccid", "dms-uim-get-imsi"]
# Where QRTR is missing that is said, not that the node is.
try:
    socket.socket(42, socket.SOCK_DGRAM).close()
    NO_QRTR = False
except OSError:
    NO_QRTR = True
# The libqmi whose bytes ours are; later ones know more of what the profile `everything` says.
JUDGE = "1.32"

# Faults that the tool survives or reports: name, arguments of qmi-sim, exit code, what stderr says.
FAULTS = [
    ("never answers", ["drop-answer"], 3, "did not answer in time"),
    ("never answers this message", ["drop-answer:dms.get-model"], 3, "did not answer in time"),
    ("answers late", ["delay-answer=3000:dms.get-model"], 3, "did not answer in time"),
    ("answers late, but in time", ["delay-answer=300:dms.get-model"], 0, ""),
    ("answers twice", ["answer-twice"], 0, ""),
    ("names another transaction", ["wrong-transaction:dms.get-model"], 3, "did not answer in time"),
    ("hangs up in the middle of a frame", ["cut-frame:dms.get-model"], 4, "hung up in the middle of an answer"),
    ("sends a wrong length", ["wrong-length:dms.get-model"], 3, "did not answer in time"),
    ("sends a TLV that is too long", ["tlv-overrun:dms.get-model"], 7, "answer cannot be read"),
    ("sends a TLV twice", ["duplicate-tlv:dms.get-model"], 0, ""),
    ("sends text that is not UTF-8", ["bad-text:dms.get-model"], 0, ""),
    ("sends 64 KiB", ["huge-frame:dms.get-model"], 0, ""),
    ("sends a frame of an unknown service", ["unknown-service"], 0, ""),
    ("refuses", ["error-result=94:dms.get-model"], 2, "QMI protocol error (94): 'NotSupported'"),
    ("refuses a client id", ["error-result=5:ctl.allocate-cid"], 2,
     "couldn't create client for the 'dms' service: QMI protocol error (5): 'ClientIdsExhausted'"),
    ("sends bytes that are no frame", ["noise=5"], 0, ""),
]
# Of these, the ones that the peer answers at once: both must come out alike.
BOTH = ["answer-twice", "duplicate-tlv:dms.get-model", "bad-text:dms.get-model", "unknown-service",
        "error-result=94:dms.get-model", "error-result=15:wds.get-data-bearer-technology",
        "error-result=15:wds.get-current-data-bearer-technology"]


class Tests:
    def __init__(self, qmicli, sim, peer):
        self.qmicli, self.sim, self.peer, self.tap = qmicli, sim, peer, Tap()
        missing = set(GUIDE) - set(options_of(qmicli))
        self.tap.check("the guide's actions are there", not missing, missing)

    def on_fresh_modem(self, program, sim_args, before, options, charset="C.UTF-8"):
        with Sim(self.sim, *sim_args) as modem:
            for action in before:
                run(self.qmicli, modem.path, "--" + action)
            return run(program, modem.path, *options, charset=charset)

    def compare(self, name, sim_args, before, options, charset="C.UTF-8"):
        theirs = self.on_fresh_modem(self.peer, sim_args, before, ["--device-open-qmi", *options], charset)
        ours = self.on_fresh_modem(self.qmicli, sim_args, before, ["--device-open-qmi", *options], charset)
        same = theirs.stdout == ours.stdout and (theirs.returncode == 0) == (ours.returncode == 0)
        if not same and "everything" in sim_args and version_of(self.peer) != JUDGE:
            name, same = f"{name} # SKIP this libqmi says more than {JUDGE}", True
        self.tap.check(name, same, f"theirs: {describe(theirs)}\nours: {describe(ours)}")

    def guide(self):
        """What the guide shows works on the EC25, and what its sheet says that it refuses is refused."""
        with Sim(self.sim) as modem:
            for action in [*GUIDE, *REFUSED]:
                ours = run(self.qmicli, modem.path, "--" + action)
                self.tap.check(f"ec25-eux: --{action} is as the sheet says",
                               ours.returncode == (2 if action in REFUSED else 0), describe(ours))

    def same_in_other_ways(self):
        changes = ["wds-create-profile=3gpp,name=n,apn=a,username=u,password=p,auth=chap,no-roaming=yes",
                   "wds-modify-profile=3gpp,2,apn=b,pdp-type=ip,disabled=yes", "wds-delete-profile=3gpp,3"]
        self.compare("profiles that were changed", [], changes, ["--wds-get-profile-list=3gpp"])
        for action in ("nas-get-serving-system", "nas-get-system-info", "nas-get-home-network"):
            self.compare(f"everything in ASCII: --{action}", ["--profile", "everything"], [], ["--" + action],
                         charset="C")

    def same_options(self):
        cases = [
            ["--dms-noop", "--client-no-release-cid"], ["--dms-get-ids", "--client-no-release-cid"],
            ["--dms-uim-get-imsi", "--client-no-release-cid"], ["--dms-get-ids", "--client-cid=200"],
            ["--dms-get-ids", "--client-cid", "0"], ["--dms-get-ids", "--client-cid=300"],
            ["--dms-get-model", "--device-open-version-info"], ["--dms-get-model", "--device-open-sync"],
            ["--dms-get-model", "--device-open-version-info", "--device-open-sync"],
            ["--dms-get-model", "--device-open-net=net-raw-ip|net-no-qos-header"],
            ["--dms-get-model", "--device-open-net=net-raw-ip"], ["--dms-get-model", "--device-open-net", "rubbish"],
            ["--dms-get-model", "--device-open-net="], ["--dms-get-model", "--device-open-net=sync|"],
            ["--dms-get-model", "--device-open-net=|net-raw-ip | net-no-qos-header"], ["--help=1"],
            ["--dms-get-model", "--silent"], ["--dms-get-model", "--dms-get-model"], ["--dms-get-model", "word"],
            ["--dms-set-operating-mode", "rubbish"], ["--dms-set-operating-mode"], ["--dms-get-model=1"],
            ["--no-such-option"], ["-x"], [], ["--device-set-instance-id=256"], ["--device-set-instance-id", "0"],
            ["--device-set-instance-id=rubbish"], ["-v", "--verbose-full", "--dms-get-model"],
            ["--device-open-auto", "--dms-get-model"],
        ]
        for options in cases:
            self.compare("options: " + " ".join(options or ["none"]), [], [], options)
        for fault in BOTH:
            action = "--" + fault.split(":")[1].replace(".", "-", 1) if ":" in fault else "--dms-get-model"
            self.compare(f"fault: {fault}", ["--fault", fault], [], [action])

    def control(self):
        return os.path.join(os.path.dirname(Sim(self.sim).path), "control")

    def follow(self, program, end):
        """Starts a data call and follows it until `end` has been done to it: all that is printed, and the status."""
        with Sim(self.sim, "--control", self.control()) as modem:
            command = [program, "-d", modem.path, "--device-open-qmi", "--wds-start-network=apn=internet,ip-type=4",
                       "--wds-follow-network"]
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            begin = b""
            while not begin.endswith(b"stop the network\n"):
                line = process.stdout.readline()
                if not line:
                    break
                begin += line
            end(process)
            stdout, stderr = process.communicate(timeout=PATIENCE)
            handles = rb"(?<=handle: ')\d+"
            output = re.sub(handles, b"#", begin + stdout)
            return subprocess.CompletedProcess(command, process.returncode, output, stderr)

    def following(self):
        """A data call that is followed: interrupted, and ended by the network, which is known at once."""
        def interrupt(process):
            process.send_signal(signal.SIGINT)

        def drop(_):
            subprocess.run([self.sim, "ctl", self.control(), "data-drop"], capture_output=True,
                           check=True, timeout=PATIENCE)

        ours = self.follow(self.qmicli, interrupt)
        self.tap.check("a followed data call stops at Ctrl+C", ours.returncode == 130
                       and ours.stdout.count(b"releasing resources") == 2, describe(ours))
        if os.access(self.peer, os.X_OK):
            theirs = self.follow(self.peer, interrupt)
            self.tap.check("and prints what the peer does", theirs.stdout == ours.stdout and theirs.returncode != 0,
                           f"theirs: {describe(theirs)}\nours: {describe(ours)}")
        began = time.monotonic()
        ours = self.follow(self.qmicli, drop)
        self.tap.check("its end is known at once", time.monotonic() - began < 15 and ours.returncode == 2
                       and b"Connection status: 'disconnected'\n" in ours.stdout
                       and b"Stopping after detecting disconnection\nNetwork cancelled" in ours.stdout
                       and b"'NoEffect'" in ours.stderr, describe(ours))
        alone = run(self.qmicli, "sim:", "--wds-follow-network", "--dms-get-model")
        self.tap.check("there is nothing to follow without a start", alone.returncode == 1
                       and b"must be used with `--wds-start-network'" in alone.stderr, describe(alone))

    def bad_modems(self):
        for name, faults, code, words in FAULTS:
            arguments = [word for fault in faults for word in ("--fault", fault)]
            with Sim(self.sim, *arguments) as modem:
                begin = time.monotonic()
                ours = run(self.qmicli, modem.path, "--dms-get-model", "--timeout=1")
                took = time.monotonic() - begin
            errors = [line for line in ours.stderr.decode().split("\n") if line.startswith("error: ")]
            good = took < 8 and words in ours.stderr.decode() and len(errors) == (ours.returncode != 0)
            good = good and (ours.returncode == code if code is not None else ours.returncode in (0, 3, 4, 7))
            self.tap.check(f"a modem that {name}", good, f"{took:.1f} s, {describe(ours)}")

    def bad_devices(self):
        folder = Sim.folder.name
        cases = [
            ("/no/such/path", 4, "no such device"), (folder, 4, "not a device"), ("/dev/null", 4, ""),
            (__file__, 4, "not a device"), ("unix:/no/such/socket", 4, "no such device"),
            ("qrtr://9", 4, "no QRTR" if NO_QRTR else "no such device"), ("qrtr://x", 4, "no such device"),
            ("qmuxd:/x", 4, "no such device"), ("", 1, "empty"),
            ("sim:no-such-profile", 4, "no-such-profile"), ("http://x", 8, "no such kind of device"),
        ]
        for device, code, words in cases:
            ours = run(self.qmicli, None, "-d", device, "--dms-get-model", "--timeout=1")
            good = ours.returncode == code and words in ours.stderr.decode() and not ours.stdout
            good = good and len(ours.stderr.decode().splitlines()) == 1
            self.tap.check(f"device '{os.path.basename(device)}'", good, describe(ours))

    def refused_devices(self):
        """A device that somebody holds, and one that is not ours to open. Root opens anything, so it gives that up."""
        drop = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
        with Sim(self.sim) as modem:
            # not as our terminal, whose end would end us
            held = os.open(modem.path, os.O_RDONLY | os.O_NOCTTY | os.O_CLOEXEC)
            fcntl.flock(held, fcntl.LOCK_EX)
            busy = run(self.qmicli, modem.path, "--dms-get-model")
            os.close(held)
            os.chmod(modem.path, 0)
            program, *options = [*drop, self.qmicli, "-d", modem.path, "--dms-get-model"]
            closed = run(program, None, *options)
        for name, ours, code, words in (("that is busy", busy, 6, "another program has it open"),
                                        ("that is not permitted", closed, 5, "not permitted; run as root")):
            good = ours.returncode == code and words in ours.stderr.decode() and not ours.stdout
            self.tap.check(f"a device {name}", good and len(ours.stderr.decode().splitlines()) == 1, describe(ours))

    def signals(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with Sim(self.sim, "--fault", "drop-answer:dms") as modem:
                process = subprocess.Popen([self.qmicli, "-d", modem.path, "-v", "--dms-get-model"],
                                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
                said = ""
                while "> dms request get-model" not in said and (line := process.stderr.readline()):
                    said += line
                process.send_signal(number)
                text = said + process.communicate(timeout=PATIENCE)[1]
            good = process.returncode == 128 + number and "> ctl request release-cid" in text
            self.tap.check(f"{number.name} gives the client id back", good and "error: cancelled" in text,
                           f"exit {process.returncode}\n{text}")

    def readers_that_leave(self):
        with Sim(self.sim) as modem:
            read, write = os.pipe()
            os.close(read)
            process = subprocess.Popen([self.qmicli, "-d", modem.path, "-v", "--dms-get-model"], stdout=write,
                                       stderr=subprocess.PIPE, text=True)
            os.close(write)
            text = process.communicate(timeout=PATIENCE)[1]
        self.tap.check("a reader that leaves does not cost a client id",
                       process.returncode == 128 + signal.SIGPIPE and "> ctl request release-cid" in text,
                       f"exit {process.returncode}\n{text}")
        with Sim(self.sim) as modem:
            closed = subprocess.run(["sh", "-c", 'exec "$@" <&- >&-', "sh", self.qmicli, "-d", modem.path, "-v",
                                     "--dms-get-model"], capture_output=True, check=False)
            again = run(self.qmicli, modem.path, "--dms-get-model")
        self.tap.check("with stdin and stdout closed nothing is printed into the modem",
                       closed.returncode == 9 and b"couldn't write to stdout" in closed.stderr and
                       again.returncode == 0, describe(closed))
        with open("/dev/full", "wb") as full:
            ours = subprocess.run([self.qmicli, "-dsim:", "--dms-get-model"], stdout=full, stderr=subprocess.PIPE,
                                  check=False)
        self.tap.check("a full disk is told", ours.returncode == 9 and b"No space left" in ours.stderr,
                       f"exit {ours.returncode}\n{ours.stderr}")

    def younger_service(self):
        """VOICE is asked for what its version 2.9 brought when that version is known."""
        with open(PROFILE, encoding="utf-8") as file:
            profile, count = re.subn(r'("service": "voice", "major": 2, "minor": )1', r"\g<1>9", file.read())
        self.tap.check("the EC25's VOICE is 2.1", count == 1, count)
        path = os.path.join(Sim.folder.name, "voice.json")
        with open(path, "w", encoding="utf-8") as file:
            file.write(profile)
        for known in ([], ["--device-open-version-info"]):
            options = ["--voice-get-config", *known]
            ours = self.on_fresh_modem(self.qmicli, ["--profile", path], [], options)
            self.tap.check(f"VOICE 2.9: {' '.join(options)}", ours.returncode == 0 and
                           (b"Voice Domain Preference: 'ps-preferred'" in ours.stdout) == bool(known), describe(ours))
            if os.access(self.peer, os.X_OK):
                self.compare(f"VOICE 2.9, both: {' '.join(options)}", ["--profile", path], [], options)

    def extras(self):
        with Sim(self.sim) as modem:
            ours = run(self.qmicli, modem.path, "--dms-get-model", "--dms-uim-get-imsi", "--nas-get-home-network",
                       "--json")
            lines = [json.loads(line) for line in ours.stdout.decode().splitlines()]
            good = len(lines) == 3 and lines[0]["model"] and lines[1]["error"]["name"] == "NotSupported"
            self.tap.check("several actions in JSON", good and "home-network" in lines[2] and ours.returncode == 2,
                           describe(ours))
            ours = run(self.qmicli, modem.path, "-vL", "--dms-get-model")
            self.tap.check("-L lists and does nothing else", ours.returncode == 0, describe(ours))
            ours = run(self.qmicli, modem.path, "-v", "--dms-get-ids")
            imei = re.search(r"IMEI: '(\d+)'", ours.stdout.decode()).group(1)
            self.tap.check("--verbose hides the IMEI", imei not in ours.stderr.decode(), describe(ours))
            hidden = ":".join(f"{ord(c):02x}" for c in imei)
            self.tap.check("--verbose hides its bytes", hidden.replace(":", " ") not in ours.stderr.decode())
            ours = run(self.qmicli, modem.path, "--verbose-full", "--dms-get-ids")
            self.tap.check("--verbose-full shows it", imei in ours.stderr.decode(), describe(ours))
        ours = run(self.qmicli, None, "-d", b"/no/\xff", "--json", "--dms-get-model")
        message = json.loads(ours.stdout)["error"].get("message", "")
        self.tap.check("a failure in JSON when a path is not UTF-8", "/no/\ufffd: " in message, describe(ours))
        for option in ("--help", "--help-dms", "-?"):
            ours = run(self.qmicli, None, option, "--rubbish")
            self.tap.check(f"{option} helps whatever follows", ours.returncode == 0 and b"Usage:" in ours.stdout,
                           describe(ours))
        ours = run(self.qmicli, None, "-dsim:", "--dms-get-modle")
        self.tap.check("a wrong name is answered with the right one",
                       ours.returncode == 1 and b"--dms-get-model?" in ours.stderr, describe(ours))


def main():
    peer = sys.argv[3] if len(sys.argv) > 3 else "/usr/bin/qmicli"
    tests = Tests(os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]), peer)
    tests.guide()
    if os.access(peer, os.X_OK):
        tests.same_in_other_ways()
        tests.same_options()
    else:
        tests.tap.check("same bytes as the peer # SKIP no peer installed", True)
    tests.following()
    tests.bad_modems()
    tests.bad_devices()
    tests.refused_devices()
    tests.signals()
    tests.readers_that_leave()
    tests.younger_service()
    tests.extras()
    return tests.tap.done()


if __name__ == "__main__":
    sys.exit(main())
