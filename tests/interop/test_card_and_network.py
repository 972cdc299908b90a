#!/usr/bin/env python3
"""The card and the networks of the virtual modem, as Debian's qmicli sees them.

    test_card_and_network.py QMI_SIM
"""

import os
import re
import shutil
import subprocess
import sys

from sim import Sim, Tap

QMICLI = "/usr/bin/qmicli"
USIM = "0x3F00,0x7FFF"


class Modem:
    def __init__(self, path):
        self.path = path

    def ask(self, *arguments):
        """(exit status, all that was printed)"""
        run = subprocess.run([QMICLI, "-d", self.path, "--device-open-qmi", *arguments], capture_output=True,
                             text=True, timeout=60, check=False, env={**os.environ, "LC_ALL": "C"})
        return run.returncode, run.stdout + run.stderr


def says(tap, modem, name, arguments, *words, fails=False):
    """The command succeeds (or fails) and prints all of the words."""
    status, text = modem.ask(*arguments)
    missing = [word for word in words if word not in text]
    tap.check(name, (status != 0) == fails and not missing, f"status {status}, without {missing}:\n{text}")
    return text


def pins(tap, modem):
    says(tap, modem, "PIN1 is disabled", ["--uim-get-card-status"], "PIN1 state: 'disabled'", "state: 'ready'")
    says(tap, modem, "PIN1 is enabled", ["--uim-set-pin-protection=PIN1,enable,1234"], "PIN protection updated")
    says(tap, modem, "the card loses its power", ["--uim-sim-power-off=1"], "power off")
    says(tap, modem, "it looks absent", ["--uim-get-card-status"], "Card state: 'absent'")
    says(tap, modem, "the card has power", ["--uim-sim-power-on=1"], "power on")
    for _ in range(50):
        if "pin1-or-upin-pin-required" in modem.ask("--uim-get-card-status")[1]:
            break
    says(tap, modem, "it asks for its PIN", ["--uim-get-card-status"], "PIN1 state: 'enabled-not-verified'",
         "Application state: 'pin1-or-upin-pin-required'")
    says(tap, modem, "the IMSI asks for the PIN", [f"--uim-read-transparent={USIM},0x6F07"],
         "QMI protocol error (82): 'AccessDenied'", "SW1: '0x69'", "SW2: '0x82'", fails=True)
    says(tap, modem, "a wrong PIN", ["--uim-verify-pin=PIN1,0000"], "QMI protocol error (12): 'IncorrectPin'",
         "Verify: 2", "Unblock: 10", fails=True)
    for _ in range(2):
        modem.ask("--uim-verify-pin=PIN1,0000")
    says(tap, modem, "no tries left", ["--uim-verify-pin=PIN1,1234"], "QMI protocol error (35): 'PinBlocked'", fails=True)
    says(tap, modem, "the PUK is wanted", ["--uim-get-card-status"], "PIN1 state: 'blocked'",
         "Application state: 'puk1-or-upin-puk-required'")
    says(tap, modem, "a wrong PUK", ["--uim-unblock-pin=PIN1,11111111,4321"], "IncorrectPin", "Unblock: 9", fails=True)
    says(tap, modem, "the PUK", ["--uim-unblock-pin=PIN1,12345678,4321"], "PIN unblocked successfully")
    says(tap, modem, "a new PIN", ["--uim-change-pin=PIN1,4321,1234"], "PIN changed successfully")
    says(tap, modem, "PIN1 is disabled again", ["--uim-set-pin-protection=PIN1,disable,1234"], "PIN protection updated")


def files(tap, modem):
    says(tap, modem, "the ICCID begins as the profile says", ["--uim-read-transparent=0x3F00,0x2FE2"], "98:99:09")
    says(tap, modem, "the IMSI", [f"--uim-read-transparent={USIM},0x6F07"], "08:09:10:10", "SW1: '0x90'")
    says(tap, modem, "two digits of MNC", [f"--uim-read-transparent={USIM},0x6FAD"], "00:00:00:02")
    says(tap, modem, "the number", [f"--uim-get-file-attributes={USIM},0x6F40"], "File type: linear-fixed",
         "Record size: 30", "Record count: 2", "Read security attributes: (single) pin1")
    says(tap, modem, "no such file", [f"--uim-read-transparent={USIM},0x6FFF"],
         "QMI protocol error (80): 'SimFileNotFound'", "SW1: '0x6a'", "SW2: '0x82'", fails=True)
    says(tap, modem, "nothing is locked to a network", ["--uim-get-configuration"], "all disabled")
    says(tap, modem, "no slot status", ["--uim-get-slot-status"], "QMI protocol error (94): 'NotSupported'", fails=True)


def slots(tap, modem):
    says(tap, modem, "two slots", ["--uim-get-slot-status"], "2 physical slots found", "Physical slot 2",
         "Slot status: active", "Slot status: inactive", "ICCID: 8999901", "ICCID: 8999902", "Is eUICC: yes",
         "EID: 89049032000000000000000000000066")
    says(tap, modem, "the second one is used", ["--uim-switch-slot=2"], "Successfully switched slots")
    wait_registered(tap, modem, "its card is registered", "Registration state: 'registered'")
    text = says(tap, modem, "its ICCID can be read", ["--uim-read-transparent=0x3F00,0x2FE2"], "98:99:09:")
    tap.check("it is that of the second slot", re.search("98:99:09:.2", text), text)
    says(tap, modem, "a third one there is not", ["--uim-switch-slot=3"], "unavailable", fails=True)


def networks(tap, modem):
    text = says(tap, modem, "a scan finds the networks", ["--nas-network-scan"],
                "'current-serving, home, not-forbidden, preferred'", "'available, roaming, forbidden, not-preferred'",
                "Description: 'Test PLMN 1-2'", "RAT: 'umts'")
    tap.check("it finds six of them", "Network [5]" in text and "Network [6]" not in text, text)
    says(tap, modem, "everything may be used", ["--nas-get-system-selection-preference"],
         "Mode preference: 'gsm, umts, lte'", "Acquisition order preference: 'lte, umts, gsm'",
         "Network selection preference: 'automatic'", "Usage preference: 'data-centric'")
    says(tap, modem, "UMTS alone", ["--nas-set-system-selection-preference=umts"], "successfully")
    wait_registered(tap, modem, "registered on UMTS", "[0]: 'umts'")
    says(tap, modem, "the cell of UMTS", ["--nas-get-cell-location-info"], "UMTS Info", "PLMN: '00101'")
    says(tap, modem, "abroad", ["--nas-set-system-selection-preference=lte|umts,manual=00102"], "successfully")
    wait_registered(tap, modem, "registered abroad", "Roaming status: 'on'", "Description: 'Test PLMN 1-2'")
    says(tap, modem, "a forbidden network", ["--nas-set-system-selection-preference=manual=00103"], "successfully")
    wait_registered(tap, modem, "denied", "Registration state: 'registration-denied'", "Forbidden: 'yes'")
    says(tap, modem, "home again", ["--nas-set-system-selection-preference=automatic"], "successfully")
    wait_registered(tap, modem, "registered at home", "Registration state: 'registered'", "Roaming status: 'off'")
    says(tap, modem, "names", ["--nas-get-operator-name"], "Name             : 'qmikit SIM'", "'Test PLMN 1-1'")
    says(tap, modem, "the band", ["--nas-get-rf-band-info"], "eutran-20", "'6300'")
    says(tap, modem, "no network time", ["--nas-get-serving-system"], "3GPP time zone offset: '60' minutes")


def wait_registered(tap, modem, name, *words):
    text = ""
    for _ in range(100):
        text = modem.ask("--nas-get-serving-system")[1]
        if all(word in text for word in words):
            break
    tap.check(name, all(word in text for word in words), text)


def modes(tap, modem):
    says(tap, modem, "low power", ["--dms-set-operating-mode=low-power"], "successfully")
    says(tap, modem, "no scan without a radio", ["--nas-network-scan"], "QMI protocol error", fails=True)
    says(tap, modem, "not registered", ["--nas-get-serving-system"], "Registration state: 'not-registered'")
    says(tap, modem, "online", ["--dms-set-operating-mode=online"], "successfully")
    wait_registered(tap, modem, "registered again", "Registration state: 'registered'")


def power(tap, modem):
    says(tap, modem, "full power", ["--sar-rf-get-state"], "SAR RF state: 0")
    says(tap, modem, "less power", ["--sar-rf-set-state=5"], "success")
    says(tap, modem, "it is kept", ["--sar-rf-get-state"], "SAR RF state: 5")
    says(tap, modem, "a lock of the user's", ["--dms-get-user-lock-state"], "Enabled: 'no'")
    says(tap, modem, "its code", ["--dms-set-user-lock-state=enable,9999"], "AuthenticationFailed", fails=True)
    says(tap, modem, "it locks", ["--dms-set-user-lock-state=enable,0000"], "updated")
    says(tap, modem, "it is on", ["--dms-get-user-lock-state"], "Enabled: 'yes'")


def main():
    if not shutil.which(QMICLI):
        print("1..0 # SKIP Debian's qmicli is not installed")
        return 0
    tap = Tap()
    for part in (pins, files, slots, networks, modes, power):
        profile = "ep06-e" if part == slots else "ec25-eux"
        # a fresh modem each: a scan takes 0.45 s, a registration 0.04 s
        with Sim(sys.argv[1], "--profile", profile, "--time-scale", "0.01") as modem:
            part(tap, Modem(modem.path))
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
