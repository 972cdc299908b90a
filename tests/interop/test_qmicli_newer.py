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


    # --- Networks as they are found

    def scan(self):
        head = "Registered incremental network scan events...\n"
        with Sim(self.sim, "--time-scale", "0.02") as modem:
            ours = run(self.qmicli, modem.path, "--nas-incremental-network-scan")
            said = ours.stdout.decode()
            parts = said.split(f"[{modem.path}] Received incremental network scan indication:\n")
            rats = [sorted(set(re.findall(r"RAT: '(\w+)'", part))) for part in parts[1:]]
            self.tap.check("networks are told as they are found", ours.returncode == 0 and parts[0] == head
                           and rats == [["lte"], ["umts"], ["gsm"]]
                           and said.endswith("\n\nIncremental network scan complete\n")
                           and "\tMCC: '1'\n\tMNC: '1'\n\tMCC with PCS digit: 'no'\n\tStatus: 'current-serving, home, "
                           "not-forbidden, preferred'\n\tRAT: 'lte'\n\tDescription: 'Test PLMN 1-1'\n" in parts[1],
                           describe(ours))
            ours = run(self.qmicli, modem.path, "--nas-incremental-network-scan=umts|gsm", "--json")
            told = [json.loads(line) for line in ours.stdout.splitlines()]
            self.tap.check("of these radio technologies alone, in JSON", ours.returncode == 0
                           and [one["status"] for one in told] == ["partial", "complete"]
                           and told[1]["network-information"][0]["radio-interface"] == "gsm", describe(ours))
            alone = run(self.qmicli, modem.path, "--nas-network-scan=lte")
            self.tap.check("an ordinary scan takes them too", alone.returncode == 0 and b"RAT: 'lte'" in alone.stdout
                           and b"RAT: 'gsm'" not in alone.stdout, describe(alone))
            run(self.qmicli, modem.path, "--dms-set-operating-mode=low-power")
            self.check("no scan without radio", run(self.qmicli, modem.path, "--nas-incremental-network-scan"), 2, "",
                       "couldn't scan networks: QMI protocol error (52): 'DeviceNotReady'")
        self.interrupted_scan(head)

    def interrupted_scan(self, head):
        control = os.path.join(os.path.dirname(Sim(self.sim).path), "control")
        with Sim(self.sim) as modem:
            process = self.start(modem, "--nas-incremental-network-scan")
            said = self.read_to(process, head.encode())
            process.send_signal(signal.SIGINT)
            rest, errors = process.communicate(timeout=PATIENCE)
            self.tap.check("Ctrl+C ends a scan well", said == head and process.returncode == 0 and not rest and
                           not errors, f"exit {process.returncode}\n{said}{rest}\n{errors.decode()}")
        with Sim(self.sim, "--time-scale", "0.1", "--control", control) as modem:
            process = self.start(modem, "--nas-incremental-network-scan")
            self.read_to(process, head.encode())
            subprocess.run([self.sim, "ctl", control, "mode", "low-power"], capture_output=True, check=True,
                           timeout=PATIENCE)
            rest, errors = process.communicate(timeout=PATIENCE)
            self.tap.check("one that loses the radio says so", process.returncode == 0
                           and rest.endswith(b"\n\nIncremental network scan aborted\n"),
                           f"exit {process.returncode}\n{rest.decode()}\n{errors.decode()}")

    # --- The EC25 in a network without IMS

    def without_ims(self):
        with Sim(self.sim) as modem:
            self.check("IMS settings are bound", run(self.qmicli, modem.path, "--ims-bind=0"), 0,
                       f"[{modem.path}] IMS Settings bind successful\n")
            self.check("IMSA is bound", run(self.qmicli, modem.path, "--imsa-bind=1"), 0,
                       f"[{modem.path}] IMSA bind successful\n")
            self.check("to a subscription that can be", run(self.qmicli, modem.path, "--imsa-bind=3"), 2, "",
                       "couldn't bind to IMSA: QMI protocol error (48): 'InvalidArgument'")
            self.check("it is not registered", run(self.qmicli, modem.path, "--imsa-get-ims-registration-status"), 0,
                       f"[{modem.path}] IMS registration:\n\t    Status: 'not-registered'\n")
            ours = run(self.qmicli, modem.path, "--imsa-get-ims-services-status", "--json")
            known = {value for name, value in json.loads(ours.stdout).items() if name.endswith("-status")}
            self.tap.check("no service can be used", known == {"unavailable"}, describe(ours))
            run(self.qmicli, modem.path, "--dsd-set-apn-type=ims,mms|ims")
            ours = run(self.qmicli, modem.path, "--wds-get-profile-list=3gpp")
            self.tap.check("the types of an APN are those of its profile", b"APN type: 'mms, ims'" in ours.stdout
                           or b"APN type: 'ims, mms'" in ours.stdout, describe(ours))

    # --- What is shown, on answers made of seeds

    def shown(self):
        """The text has what the document has."""
        for seed in (1, 2, 3):
            with Sim(self.sim, *EVERYTHING, "--seed", str(seed)) as modem:
                self.services(modem, seed)
                self.network_time(modem, seed)

    def document(self, modem, option):
        return json.loads(run(self.qmicli, modem.path, "--json", option).stdout)

    def services(self, modem, seed):
        names = (("Voice", "voice-service"), ("Video Telephony", "video-telephony-service"),
                 ("Voice WiFi", "voice-wifi-service"), ("IMS registration", "registration-service"),
                 ("UE to TAS", "ut-service"), ("SMS", "sms-service"), ("USSD", "ussd-service"))
        known = self.document(modem, "--ims-get-ims-services-enabled-setting")
        text = f"[{modem.path}] IMS services:\n"
        for title, name in names:
            title += " enabled" if title == "IMS registration" else " service enabled"
            text += f"\t{title:>31}: {'yes' if known[f'ims-{name}-enabled'] else 'no'}\n"
        self.check(f"IMS services, seed {seed}", run(self.qmicli, modem.path, "--ims-get-ims-services-enabled-setting"),
                   0, text)
        known = self.document(modem, "--imsa-get-ims-services-status")
        text = f"[{modem.path}] IMS services:\n"
        for title, name in (("SMS", "sms"), ("Voice", "voice"), ("Video Telephony", "video-telephony"),
                            ("UE to TAS", "ue-to-tas"), ("Video Share", "video-share")):
            text += f"\t{title} service\n\t\t    Status: '{known[f'ims-{name}-service-status']}'\n" \
                    f"\t\tTechnology: '{known[f'ims-{name}-service-registration-technology']}'\n"
        self.check(f"IMSA services, seed {seed}", run(self.qmicli, modem.path, "--imsa-get-ims-services-status"), 0, text)
        known = self.document(modem, "--imsa-get-ims-registration-status")
        self.check(f"IMSA registration, seed {seed}",
                   run(self.qmicli, modem.path, "--imsa-get-ims-registration-status"), 0,
                   f"[{modem.path}] IMS registration:\n\t    Status: '{known['ims-registration-status']}'\n"
                   f"\tTechnology: '{known['ims-registration-technology']}'\n")
        ours = run(self.qmicli, modem.path, "--nas-incremental-network-scan")
        self.tap.check(f"a scan ends, seed {seed}", ours.returncode == 0
                       and ours.stdout.endswith(b"\nIncremental network scan complete\n"), describe(ours))
        known = self.document(modem, "--nas-get-endc-config")
        self.check(f"EN-DC, seed {seed}", run(self.qmicli, modem.path, "--nas-get-endc-config"), 0,
                   f"[{modem.path}] Successfully got EN-DC Config:\n"
                   f"\tEnabled:               {str(known['enabled']).lower()}\n"
                   f"\tImmediate SCG Release: {str(known['immediate-scg-release']).lower()}\n")
        known = self.document(modem, "--imsp-get-enabler-state")
        self.check(f"IMSP, seed {seed}", run(self.qmicli, modem.path, "--imsp-get-enabler-state"), 0,
                   f"[{modem.path}] IMSP enabler state retrieved:\n\tRegistration status: '{known['enabler-state']}'\n")

    def network_time(self, modem, seed):
        known = self.document(modem, "--nas-get-network-time")
        text = f"[{modem.path}] Successfully got network time:\n"
        for generation in ("3GPP2", "3GPP"):
            told = known[f"{generation.lower()}-time"]
            clock = told["universal-time"]
            saving = {"none": 0, "one-hour": 1, "two-hours": 2}[told["daylight-savings-adjustment"]]
            text += f"\t{generation} Date:                            " \
                    f"'{clock['year']}-{clock['month']:02}-{clock['day']:02}'\n" \
                    f"\t{generation} Time:                            " \
                    f"'{clock['hour']:02}:{clock['minute']:02}:{clock['second']:02}'\n" \
                    f"\t{generation} Day-of-Week:                     '{clock['day-of-week']}'\n" \
                    f"\t{generation} Timezone Offset:                 '{15 * told['timezone-offset']}' minutes\n" \
                    f"\t{generation} Daylight Saving Time Adjustment: '{saving}' hours\n" \
                    f"\t{generation} Radio Interface:                 '{told['radio-interface']}'\n"
        self.check(f"the network's time, seed {seed}", run(self.qmicli, modem.path, "--nas-get-network-time"), 0, text)


def main():
    tests = Tests(*sys.argv[1:3])
    tests.vendors()
    tests.at_commands()
    tests.monitor()
    tests.scan()
    tests.without_ims()
    tests.shown()
    return tests.tap.done()


if __name__ == "__main__":
    sys.exit(main())
