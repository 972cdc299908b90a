#!/usr/bin/env python3
"""What ModemManager tells udev of whose a port is, on a made-up tree of sysfs, in which an event of the kernel's is a
text in a file.

    test_manager_names.py MODEM-MANAGER QMI-SIM POLICY
"""

import os
import re
import sys
import tempfile
import time

from broker import Modem, own_world
from bus import NAME, ROOT, Bus, Manager, busctl, get, modems, wait_for
from sim import Tap
from sysfs import QMI, SERIAL, Tree, write

IDS = "2c7c:0125"
EVENT = re.compile(r"change [0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12} IMEI=(\d+)")


class Device:
    """The QMI port of a modem and one more of its ports, on the made-up bus."""

    def __init__(self, tree, place, number, modem, known=""):
        self.port, database = tree.port(IDS, place, 4, f"cdc-wdm{number}", QMI, node=modem.path)
        self.other, beside = tree.port(IDS, place, 0, f"ttyUSB{number}", SERIAL)
        self.event = f"action=add,subsystem=usbmisc,name=cdc-wdm{number}\n"
        # udev has been through its rules
        write(beside, "I:1\n")
        write(database, f"I:1\nE:ID_MODEM_IMEI={known}\n" if known else "I:1\n")

    def told(self):
        """Of which IMEI the kernel was told to tell, for the one port and the other."""
        texts = []
        for path in (self.port, self.other):
            with open(f"{path}/uevent", encoding="ascii") as file:
                match = EVENT.match(file.read())
            texts.append(match.group(2) if match else None)
        return texts


def manager_of(program, folder, devices, log):
    events = os.path.join(folder, log + "-events")
    write(events, "".join(device.event for device in devices))
    return Manager(program, "--no-auto-scan", "--test-no-qrtr", "--initial-kernel-events", events,
                   log=os.path.join(folder, log), environment=Tree.environment)


def scan():
    """Reports a port again, as an event of the kernel's would."""
    return busctl("call", NAME, ROOT, NAME, "ReportKernelEvent", "a{sv}", "3", "action", "s", "add", "subsystem", "s",
                  "usbmisc", "name", "s", "cdc-wdm0")


def imei(number):
    return get(f"{ROOT}/Modem/{number}", "Modem", "EquipmentIdentifier")


def check_one(tap, program, qmi_sim, folder, tree):
    with Modem(qmi_sim) as modem:
        device = Device(tree, "1-1", 0, modem)
        with manager_of(program, folder, [device], "one") as manager:
            wait_for(lambda: modems() and device.told()[1])
            tap.check("udev is told of both ports", device.told() == [imei(0)] * 2 and imei(0), (device.told(), manager.log()))
            device = Device(tree, "1-1", 0, modem)
            done = scan()
            time.sleep(2)
            tap.check("once", done.returncode == 0 and device.told() == [None, None], (done.stderr, device.told()))
            number = imei(0)
        device = Device(tree, "1-1", 0, modem, known=number)
        with manager_of(program, folder, [device], "known") as manager:
            wait_for(lambda: device.told()[1])
            tap.check("and not of one that it knows", device.told() == [None, number], (device.told(), manager.log()))


def check_two(tap, program, qmi_sim, folder, tree):
    with Modem(qmi_sim) as first, Modem(qmi_sim, "--seed", "2", name="second") as second:
        devices = [Device(tree, "1-1", 0, first), Device(tree, "1-2", 1, second)]
        with manager_of(program, folder, devices, "two") as manager:
            wait_for(lambda: all(device.told()[1] for device in devices))
            tap.check("two modems have two names", [device.told() for device in devices] == [[imei(0)] * 2, [imei(1)] * 2] and
                      imei(0) != imei(1), ([device.told() for device in devices], manager.log()))
    with Modem(qmi_sim) as first, Modem(qmi_sim, name="second") as second:
        devices = [Device(tree, "1-1", 0, first), Device(tree, "1-2", 1, second)]
        with manager_of(program, folder, devices, "twins") as manager:
            wait_for(lambda: "gets no name" in manager.log())
            number = imei(0)
            told = sorted([device.told() for device in devices], key=str)
            tap.check("of two that say the same one has it", told == [[imei(0)] * 2, [None] * 2], (told, manager.log()))
            tap.check("and a line for each port of the other", wait_for(lambda: manager.log().count("gets no name") == 2),
                      manager.log())
    with Modem(qmi_sim) as first, Modem(qmi_sim, name="second") as second:
        devices = [Device(tree, "1-1", 0, first), Device(tree, "1-2", 1, second, known=number)]
        with manager_of(program, folder, devices, "second") as manager:
            wait_for(lambda: devices[1].told()[1] and manager.log().count("gets no name") == 2)
            tap.check("who has it has it after a restart, too", [device.told() for device in devices] ==
                      [[None, None], [None, number]], ([device.told() for device in devices], manager.log()))


def check_forbidden(tap, program, qmi_sim, folder, tree):
    """Where the kernel cannot be told, as in many containers, all else goes on."""
    with Modem(qmi_sim) as modem:
        device = Device(tree, "1-1", 0, modem)
        os.unlink(f"{device.other}/uevent")
        os.symlink("/nowhere/else", f"{device.other}/uevent")
        with manager_of(program, folder, [device], "forbidden"):
            wait_for(lambda: modems() and imei(0))
            time.sleep(2)
            tap.check("without the kernel's help it is a modem all the same", imei(0))


def main(program, qmi_sim, policy):
    if not own_world():
        print("1..0 # SKIP it needs to be root")
        return 0
    tap = Tap()
    tempfile.tempdir = "/dev/shm"  # where the nodes of modems may be: libsystemd knows none that is not below /dev
    with tempfile.TemporaryDirectory() as folder:
        tree = Tree()
        with Bus(folder, policy):
            check_one(tap, program, qmi_sim, folder, tree)
            check_two(tap, program, qmi_sim, folder, tree)
            check_forbidden(tap, program, qmi_sim, folder, tree)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main(*map(os.path.abspath, sys.argv[1:])))
