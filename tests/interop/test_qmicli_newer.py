"""Options of qmicli that libqmi has since 1.34, so that Debian's 1.32 cannot judge them: what they print, and when
they end.

usage: test_qmicli_newer.py QMICLI QMI-SIM
"""

import json
import os
import re
import signal
import subprocess
import sys

from qmicli_tool import describe, environment_of, run
from sim import PATIENCE, Sim, Tap

EVERYTHING = ["--profile", "everything"]
MONITORING = "Monitoring unsolicited indications: press Ctrl+C to stop\n"
FINAL = "Successfully received final response\n"


class Tests:
    def __init__(self, qmicli, sim):
        self.qmicli, self.sim, self.tap = os.path.abspath(qmicli), os.path.abspath(sim), Tap()

    def check(self, name, result, code, *words):
        """Whether a run ended with `code` and said exactly the first of `words`, and the others on stderr."""
        said, errors = result.stdout.decode(), result.stderr.decode()
        good = result.returncode == code and (not words or said == words[0])
        self.tap.check(name, good and all(word in errors for word in words[1:]), describe(result))

    def start(self, modem, *options):
        command = [self.qmicli, "-d", modem.path, *options]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment_of())

    @staticmethod
    def read_to(process, end):
        """What a process says up to and with `end`."""
        said = b""
        while not said.endswith(end) and (more := process.stdout.read1(65536)):
            said += more
        return said.decode()

    def like(self, name, result, pattern):
        """Whether a run went well and said what is like `pattern`, a regular expression."""
        self.tap.check(name, result.returncode == 0 and re.fullmatch(pattern, result.stdout.decode()), describe(result))

    # --- Telit's and Foxconn's

    def vendors(self):
        address = r"([0-9A-F]{2}:)*[0-9A-F]{2}"
        with Sim(self.sim, *EVERYTHING) as modem:
            self.like("addresses for Ethernet", run(self.qmicli, modem.path, "--gas-dms-get-ethernet-mac-address"),
                      f"Ethernet MAC address 0: {address}\nEthernet MAC address 1: {address}\n")
            self.like("whether firmware follows the SIM", run(self.qmicli, modem.path, "--gas-dms-get-firmware-auto-sim"),
                      r"Firmware auto sim mode: (disable|enable|enable-one-shot|pending-one-shot)\n"
                      r"Firmware auto sim config id: \d+\n")
            self.check("it is set", run(self.qmicli, modem.path, "--gas-dms-set-firmware-auto-sim=mode=enable"), 0,
                       "Firmware auto sim successfully updated\n")
            self.check("a mode that is only told is not set",
                       run(self.qmicli, modem.path, "--gas-dms-set-firmware-auto-sim=mode=pending-one-shot"), 1, "",
                       "it may be disable, enable, enable-one-shot")
            self.check("Foxconn's radio is unlocked",
                       run(self.qmicli, modem.path, "--fox-set-fcc-authentication=foxc,48"), 0,
                       f"[{modem.path}] Successfully run Fox FCC authentication\n")
        with Sim(self.sim, *EVERYTHING, "--fault", "error-result=94:gas", "--fault", "error-result=94:fox") as modem:
            for option, words in (("gas-dms-get-ethernet-mac-address", "couldn't get Ethernet PDU MAC address: "),
                                  ("gas-dms-get-firmware-auto-sim", "couldn't get firmware auto sim values: "),
                                  ("gas-dms-set-firmware-auto-sim=mode=disable", "couldn't set firmware auto sim: "),
                                  ("fox-set-fcc-authentication=foxc,48", "couldn't run Fox FCC authentication: ")):
                self.check(f"a refusal of --{option}", run(self.qmicli, modem.path, "--" + option), 2, "",
                           words + "QMI protocol error (94): 'NotSupported'")

    # --- AT commands in QMI

    def at_commands(self):
        with Sim(self.sim, *EVERYTHING) as modem:
            self.check("an AT command is answered", run(self.qmicli, modem.path, "--atr-send=AT+COPS?"), 0,
                       f'AT+COPS?\r\r\n+COPS: 0,0,"Test PLMN 1-1",7\r\n\r\nOK\r\n{FINAL}')
            self.check("ERROR ends an answer too", run(self.qmicli, modem.path, "--atr-send=AT+NOSUCH"), 0,
                       f"AT+NOSUCH\r\r\nERROR\r\n{FINAL}")
            self.check("so does +CME ERROR, with its number",
                       run(self.qmicli, modem.path, "--atr-send=AT+CMEE=1;+CPIN=1"), 0,
                       f"AT+CMEE=1;+CPIN=1\r\r\n+CME ERROR: 3\r\n{FINAL}")
            self.check("no answer is waited for when none is wanted",
                       run(self.qmicli, modem.path, "--atr-send-only=AT"), 0, "Successfully sent AT command\n")
            ours = run(self.qmicli, modem.path, "--atr-send=AT", "--json")
            self.tap.check("an answer in JSON", ours.returncode == 0
                           and json.loads(ours.stdout) == {"message": "AT\r\r\nOK\r\n"}, describe(ours))
            ours = run(self.qmicli, modem.path, "--atr-send=" + "A" * 1024)
            self.check("a command that does not fit is refused", ours, 1, "", "at most 1023 characters")
            self.check("one that just fits is sent", run(self.qmicli, modem.path, "--atr-send-only=" + "A" * 1023), 0,
                       "Successfully sent AT command\n")
        with Sim(self.sim, *EVERYTHING, "--fault", "error-result=94:atr") as modem:
            self.check("a refusal is told", run(self.qmicli, modem.path, "--atr-send=AT"), 2, "",
                       "couldn't send AT command: QMI protocol error (94): 'NotSupported'")
        with Sim(self.sim) as modem:
            self.check("a modem without the service says so", run(self.qmicli, modem.path, "--atr-send=AT"), 2, "",
                       "'InvalidServiceType'")
        with Sim(self.sim, *EVERYTHING) as modem:
            ours = run(self.qmicli, modem.path, "--atr-send=AT+CFUN=1,1")
            self.tap.check("a command that restarts the modem does not hang", ours.returncode in (0, 3, 4),
                           describe(ours))

    def monitor(self):
        control = os.path.join(os.path.dirname(Sim(self.sim).path), "control")
        with Sim(self.sim, *EVERYTHING, "--control", control) as modem:
            process = self.start(modem, "--atr-monitor", "-v")
            said = self.read_to(process, MONITORING.encode())
            self.tap.check("monitoring begins, and does not show how", said == MONITORING, said)
            subprocess.run([self.sim, "ctl", control, "call", "+491715550"], capture_output=True, check=True,
                           timeout=PATIENCE)
            said = self.read_to(process, b"RING\r\n")
            self.tap.check("what the modem says unasked is shown at once", said == "\r\nRING\r\n", repr(said))
            process.send_signal(signal.SIGINT)
            rest, errors = process.communicate(timeout=PATIENCE)
            self.tap.check("Ctrl+C ends it well", process.returncode == 0 and b"> ctl request release-cid" in errors,
                           f"exit {process.returncode}\n{rest}\n{errors.decode()}")


def main():
    tests = Tests(*sys.argv[1:3])
    tests.vendors()
    tests.at_commands()
    tests.monitor()
    return tests.tap.done()


if __name__ == "__main__":
    sys.exit(main())
