#!/usr/bin/env python3
"""What Debian's udev makes of our rules, on a made-up tree of sysfs: names, group and hints of a modem's ports. Whether
names stay and go as they should shows in the guest (tests/system/guest-names.sh).

    test_udev_rules.py RULES PEERS
"""

import os
import re
import shutil
import subprocess
import sys

from broker import own_world
from sim import PATIENCE, Tap
from sysfs import QMI, SERIAL, Tree, hide, write

IMEI = "862506041787469"

# Vendor and product, place, interface, name and kind of a port; what it is called, and its hint.
ROWS = (
    ("2c7c:0125", "1-1", 0, "ttyUSB0", SERIAL, "diag", "QCDM"),
    ("2c7c:0125", "1-1", 1, "ttyUSB1", SERIAL, "nmea", "GPS"),
    ("2c7c:0125", "1-1", 2, "ttyUSB2", SERIAL, "at", "AT_PRIMARY"),
    ("2c7c:0125", "1-1", 3, "ttyUSB3", SERIAL, "modem", "AT_SECONDARY"),
    ("2c7c:0125", "1-1", 4, "cdc-wdm0", QMI, "qmi", None),
    ("2c7c:0125", "1-1", 5, "ttyUSB4", SERIAL, None, None),  # ADB, taken by an old driver
    ("05c6:9215", "3-1.4.2", 2, "ttyUSB5", SERIAL, "at", "AT_PRIMARY"),
    ("2c7c:0128", "1-1.2", 3, "ttyUSB6", SERIAL, "diag", "QCDM"),
    ("2c7c:0128", "1-1.2", 5, "ttyUSB7", SERIAL, "at", "AT_PRIMARY"),
    ("2c7c:0128", "1-1.2", 1, "ttyUSB8", SERIAL, None, None),
    ("2c7c:6026", "1-2", 2, "ttyUSB9", SERIAL, None, None),  # another chip: other interfaces
    ("1199:9091", "1-3", 8, "cdc-wdm1", QMI, "qmi", None),
    ("1199:9091", "1-3", 3, "ttyUSB10", SERIAL, None, None),
    ("0bdb:1911", "1-4", 1, "cdc-wdm2", ("class/usbmisc", "cdc_mbim", 180), None, None),
    ("0403:6001", "1-5", 0, "ttyUSB11", SERIAL, None, None),  # a serial cable
)


class Answer:
    def __init__(self, udevadm, path):
        done = subprocess.run([udevadm, "--debug", "test", "--action=add", path], capture_output=True, text=True,
                              timeout=PATIENCE, check=False,
                              env={**os.environ, **Tree.environment})
        self.text = done.stdout + done.stderr
        self.links = set((re.findall(r"^DEVLINKS=(.*)$", self.text, re.MULTILINE) or [""])[0].split())
        self.hints = re.findall(r"^ID_MM_PORT_TYPE_(\w+)=1$", self.text, re.MULTILINE)
        self.shared = "GROUP 20" in self.text and "MODE 0660" in self.text
        self.complaints = [line for line in self.text.splitlines() if ".rules:" in line and
                           re.search("nvalid|nknown|gnoring|rror", line)]


def bring(rules):
    """They are the only ones, and who is in the group is known."""
    with open(rules, encoding="utf-8") as file:
        text = file.read()
    hide("/etc", "/lib/udev")
    write("/etc/group", "root:x:0:\ndialout:x:20:\n")
    write("/etc/passwd", "root:x:0:0::/root:/bin/sh\n")
    write(f"/etc/udev/rules.d/{os.path.basename(rules)}", text)


def check_hints(tap, tree, udevadm, ours, theirs):
    """For each modem that the rules of Debian's ModemManager give hints for, ours give the same."""
    with open(theirs, encoding="utf-8") as file:
        products = sorted(set(re.findall(r'idProduct}=="(\w{4})".*ID_MM_PORT_TYPE', file.read())))
    paths = [tree.port(f"2c7c:{product}", f"5-{number + 1}", interface, f"ttyUSB{100 + 4 * number + interface}", SERIAL)[0]
             for number, product in enumerate(products) for interface in range(4)]
    got = []
    for rules in (theirs, ours):
        bring(rules)
        got.append([Answer(udevadm, path).hints for path in paths])
    tap.check(f"the {len(products)} modems that Debian's ModemManager has hints for have the same of ours",
              len(products) > 5 and all(got[0]) and got[0] == got[1], (products, got))


def check_rows(tap, tree, udevadm):
    for ids, place, interface, name, kind, called, hint in ROWS:
        path, _ = tree.port(ids, place, interface, name, kind)
        got = Answer(udevadm, path)
        wanted = {f"/dev/modems/{place}/{called}"} if called else set()
        tap.check(f"{ids}, interface {interface}: {called or 'no name'}", got.links == wanted, got.text)
        tap.check(f"{ids}, interface {interface}: {hint or 'no hint'}", got.hints == ([hint] if hint else []), got.text)
        tap.check(f"{ids}, interface {interface}: no complaint", "79-qmikit" in got.text and not got.complaints,
                  got.complaints or got.text)
        if kind[0] == "class/usbmisc":
            tap.check(f"{ids}, interface {interface}: the group's, if it is QMI's", got.shared == (kind == QMI), got.text)


def check_imei(tap, tree, udevadm):
    row, both = ROWS[4][:5], {"/dev/modems/1-1/qmi", f"/dev/modems/{IMEI}/qmi"}
    path, database = tree.port(*row, f"SYNTH_ARG_IMEI={IMEI}\n")
    tap.check("the event that tells the IMEI gives a name by it", Answer(udevadm, path).links == both)
    tree.port(*row)
    shutil.rmtree("/run/udev", ignore_errors=True)
    write(database, f"E:ID_MODEM_IMEI={IMEI}\n")
    tap.check("the next event leaves it", Answer(udevadm, path).links == both)
    shutil.rmtree("/run/udev", ignore_errors=True)
    tap.check("a port that comes anew has none", Answer(udevadm, path).links == {"/dev/modems/1-1/qmi"})


def main(rules, peers):
    udevadm = next((path for path in (f"{peers}/udev/bin/udevadm", "/usr/bin/udevadm", "/bin/udevadm")
                    if os.path.exists(path)), None)
    if not udevadm or not own_world():
        print("1..0 # SKIP there is no udevadm, or this is not root")
        return 0
    tap = Tap()
    tree = Tree()
    bring(rules)
    check_rows(tap, tree, udevadm)
    check_imei(tap, tree, udevadm)
    theirs = f"{peers}/modemmanager/lib/udev/rules.d/77-mm-quectel-port-types.rules"
    if os.path.exists(theirs):
        check_hints(tap, tree, udevadm, rules, theirs)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main(*map(os.path.abspath, sys.argv[1:])))
