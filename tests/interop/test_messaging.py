#!/usr/bin/env python3
"""Messages, calls, position and configurations of the virtual modem, as Debian's qmicli sees them.

    test_messaging.py QMI_SIM
"""

import os
import re
import subprocess
import sys
import tempfile

from sim import Sim, Tap

DEBIAN = "/usr/bin/qmicli"
# Time is ten times as fast: the first fix comes after two seconds.
OPTIONS = ["--time-scale", "0.1"]

# action, what its output holds
ASKED = [
    ("--wms-get-supported-messages", ["0x0020", "0x0022", "0x0031"]),
    ("--wms-get-routes", ["Got 5 SMS routes", "Storage Type: nv", "Receipt Action: store-and-notify"]),
    ("--wms-set-routes=type=point,class=2,storage=uim,receipt-action=store-and-notify", ["Successfully set SMS routes"]),
    ("--wms-get-routes", ["Storage Type: uim"]),
    ("--wms-reset", ["Successfully performed WMS service reset"]),
    ("--voice-get-supported-messages", ["0x0020", "0x002F", "0x003A", "0x0043"]),
    ("--voice-get-config", ["Auto Answer Status: 'disabled'", "Current TTY mode: 'off'"]),
    ("--loc-get-engine-lock", ["engine lock: none"]),
    ("--loc-set-engine-lock=mt", ["Successfully set engine lock"]),
    ("--loc-get-engine-lock", ["engine lock: mt"]),
    ("--loc-set-engine-lock=none", ["Successfully set engine lock"]),
    ("--loc-get-nmea-types", ["gga, rmc, gsv, gsa, vtg"]),
    ("--loc-set-nmea-types=gga|rmc", ["Successfully set NMEA types"]),
    ("--loc-get-nmea-types", ["NMEA types: gga, rmc"]),
    ("--loc-set-operation-mode=msb", ["Successfully set operation mode"]),
    ("--loc-get-operation-mode", ["operation mode: msb"]),
    ("--loc-delete-assistance-data", ["Successfully deleted assistance data"]),
    ("--pdc-list-configs=software", ["Total configurations: 4", "ROW_Generic_3GPP", "0x501081F"]),
    ("--pdc-list-configs=platform", ["Total configurations: 0"]),
]


class Peer:
    def __init__(self, path):
        self.path = path

    def run(self, *words):
        """(exit code, standard output)"""
        done = subprocess.run([DEBIAN, "--device-open-qmi", "-d", self.path, *words], capture_output=True, text=True,
                              timeout=60, check=False)
        return done.returncode, done.stdout


def asked(tap, peer):
    for action, expected in ASKED:
        code, output = peer.run(action)
        tap.check(f"{action}: {expected[0]}", code == 0 and all(text in output for text in expected), output)


def position(tap, peer):
    code, output = peer.run("--loc-start", "--client-no-release-cid")
    found = re.search(r"CID: '(\d+)'", output)
    tap.check("a session starts", code == 0 and found, output)
    if not found:
        return
    client = f"--client-cid={found.group(1)}"
    keep = "--client-no-release-cid"
    code, output = peer.run("--loc-get-gnss-sv-info", "--loc-timeout=30", client, keep)
    tap.check("satellites are told", code == 0 and "gps" in output, output)
    for _ in range(40):
        code, output = peer.run("--loc-get-position-report", "--loc-timeout=30", client, keep)
        if "latitude:" in output and "n/a" not in output.split("latitude:")[1].splitlines()[0]:
            break
    place = {name: float(re.search(rf"{name}: +(-?[\d.]+)", output).group(1))
             for name in ("latitude", "longitude") if re.search(rf"{name}: +-?[\d.]+", output)}
    tap.check("the place is on the profile's route",
              52.46 < place.get("latitude", 0) < 52.48 and 13.39 < place.get("longitude", 0) < 13.43, output)
    code, output = peer.run("--loc-stop", client)
    tap.check("the session stops", code == 0, output)


def configurations(tap, peer):
    ids = re.findall(r"ID: +([0-9A-F:]+)", peer.run("--pdc-list-configs=software")[1])
    tap.check("each configuration has an id", len(ids) == 4, ids)
    code, output = peer.run(f"--pdc-activate-config=software,{ids[1]}")
    tap.check("another one is activated", code == 0, output)
    output = peer.run("--pdc-list-configs=software")[1]
    status = re.findall(r"Description: (\S+).*?Status: +(\S+)", output, re.DOTALL)
    tap.check("and is the active one", ("Commercial-DT", "Active") in status and
              ("ROW_Generic_3GPP", "Inactive") in status, output)
    code, output = peer.run(f"--pdc-deactivate-config=software,{ids[1]}")
    tap.check("and is deactivated", code == 0, output)
    code, output = peer.run(f"--pdc-delete-config=software,{ids[2]}")
    tap.check("a third one is deleted", code == 0, output)
    output = peer.run("--pdc-list-configs=software")[1]
    tap.check("and gone", "Total configurations: 3" in output and ids[2] not in output, output)
    with tempfile.NamedTemporaryFile() as file:
        # as long as the trailer that qmicli looks for, and of more than one chunk
        file.write(os.urandom(3000))
        file.flush()
        code, output = peer.run(f"--pdc-load-config={file.name}")
        tap.check("a file is loaded", code == 0 and "Finished" in output, output)
    tap.check("and is in the list", "Total configurations: 4" in peer.run("--pdc-list-configs=software")[1])


def main(qmi_sim):
    tap = Tap()
    if not os.access(DEBIAN, os.X_OK):
        print("1..0 # SKIP libqmi-utils is not installed")
        return 0
    with Sim(qmi_sim, *OPTIONS) as modem:
        peer = Peer(modem.path)
        asked(tap, peer)
        position(tap, peer)
        configurations(tap, peer)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
