#!/usr/bin/env python3
"""ModemManager as a service on a bus: who may call what, one who floods it, devices that are left alone, its log.

    test_manager_system.py MODEM-MANAGER QMI-SIM BUS-TOOL POLICY
"""

import os
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time

from broker import own_world
from bus import NAME, ROOT, Bus, Manager, busctl, call, get, modems, wait_for
from sim import PATIENCE, Sim, Tap

MODEM = ROOT + "/Modem/0"
NOBODY = "65534"
ERROR = NAME + ".Error.Core."


class Polkit:
    """What stands for polkit, and answers as it is told."""

    def __init__(self, tool, folder):
        self.command = [tool, "polkit", os.path.join(folder, "answer")]
        self.process = None

    def __enter__(self):
        self.answer("no")
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, text=True)
        self.process.stdout.readline()
        return self

    def __exit__(self, *unused):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()

    def answer(self, word):
        with open(self.command[2], "w", encoding="utf-8") as file:
            file.write(word + "\n")

    def asked(self):
        """The action that it was asked about, or nothing."""
        if not select.select([self.process.stdout], [], [], PATIENCE)[0]:
            return ""
        return self.process.stdout.readline().strip()


def check_access(tap, polkit):
    enable = (MODEM, NAME + ".Modem", "Enable", "b", "true")
    wrong = call(*enable, user=NOBODY)[1]
    tap.check("polkit is asked by the published action", polkit.asked() == NAME + ".Device.Control")
    tap.check("who may not is told what stock says",
              wrong.endswith(f"PolicyKit authorization failed: not authorized for '{NAME}.Device.Control'"), wrong)
    polkit.answer("challenge")
    wrong = call(*enable, user=NOBODY)[1]
    polkit.asked()
    tap.check("and who would have to authenticate", "challenge needed for" in wrong, wrong)
    tap.check("root is not asked about", call(*enable)[1] == "" and get(MODEM, "Modem", "State") >= 6)
    polkit.answer("yes")
    wrong = call(ROOT, NAME, "SetLogging", "s", "INFO", user=NOBODY)[1]
    tap.check("the daemon has an action of its own", (polkit.asked(), wrong) == (NAME + ".Control", ""), wrong)
    wrong = call(ROOT, NAME, "InhibitDevice", "sb", "x", "true", user=NOBODY)[1]
    tap.check("the bus keeps InhibitDevice for root", "Access denied" in wrong or "AccessDenied" in wrong, wrong)
    tap.check("everybody may look", busctl("introspect", NAME, MODEM, user=NOBODY).returncode == 0)


def check_flood(tap, tool, polkit):
    polkit.answer("never")
    flood = subprocess.Popen(["setpriv", f"--reuid={NOBODY}", "--clear-groups", tool, "flood", "1000", MODEM],
                             stdout=subprocess.PIPE, text=True)
    took = []
    while flood.poll() is None and len(took) < 20:
        began = time.monotonic()
        get(MODEM, "Modem", "State")
        took.append(time.monotonic() - began)
    said = flood.communicate(timeout=PATIENCE)[0].strip()
    # The bus itself refuses what comes faster than the daemon answers.
    tap.check("one client has 64 calls waiting at most", re.match("waiting 64 good 0 throttled [1-9]", said), said)
    tap.check("others are served meanwhile", max(took) < 2, took)
    print(f"# during the flood a property was read in {max(took) * 1000:.0f} ms at most")


def check_without_polkit(tap, program, sim, folder):
    enable = (MODEM, NAME + ".Modem", "Enable", "b", "true")
    with Manager(program, "--device", sim.path, "--group=nogroup", log=os.path.join(folder, "group.log")):
        wait_for(modems)
        wrong = call(*enable, user="1")[1]
        tap.check("without polkit, strangers may not", "not authorized for" in wrong, wrong)
        wrong = call(*enable, user=NOBODY)[1]
        tap.check("a member of the group may", wrong == "", wrong)
        wrong = call(ROOT, NAME, "ScanDevices", user=NOBODY)[1]
        tap.check("but not what is the daemon's", "not authorized for" in wrong, wrong)


def check_inhibit(tap, tool):
    uid = get(MODEM, "Modem", "Device")
    holder = subprocess.Popen([tool, "inhibit", uid], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    said = holder.stdout.readline().strip()
    tap.check("a device is inhibited", said == "inhibited", said)
    tap.check("its modem has left the bus", modems() == [], modems())
    wrong = call(ROOT, NAME, "InhibitDevice", "sb", uid, "true")[1]
    tap.check("it cannot be inhibited twice", wrong.endswith(f"Device '{uid}' is already inhibited"), wrong)
    wrong = call(ROOT, NAME, "InhibitDevice", "sb", uid, "false")[1]
    tap.check("nobody else ends it", wrong.endswith(f"No inhibition found for uid '{uid}'"), wrong)
    holder.communicate("")
    tap.check("the end of the caller does", wait_for(modems), "it has not come back")
    wrong = call(ROOT, NAME, "InhibitDevice", "sb", "nothing", "true")[1]
    tap.check("what is not there cannot be inhibited", "No device found with uid 'nothing'" in wrong, wrong)


def check_log(tap, manager):
    wrong = call(ROOT, NAME, "SetLogging", "s", "LOUD")[1]
    tap.check("SetLogging knows its levels", wrong.endswith("Unknown log level 'LOUD'"), wrong)
    call(ROOT, NAME, "SetLogging", "s", "ERR")
    before = manager.log()
    tap.check("MM_LOGLEVEL=DEBUG logs steps", "[modem0] read the identity" in before, before)
    imei = get(MODEM, "Modem", "EquipmentIdentifier")
    tap.check("who the modem is is not in the text", imei and imei not in before, before)
    call(MODEM, NAME + ".Modem", "Enable", "b", "false")
    tap.check("at ERR nothing of that is logged", manager.log() == before, manager.log()[len(before):])
    call(ROOT, NAME, "SetLogging", "s", "debug")
    wrong = call(ROOT, NAME, "ReportKernelEvent", "a{sv}", "1", "action", "s", "add")[1]
    tap.check("events are udev's to report", wrong.endswith("udev monitoring already in place"), wrong)


def check_index(tap, program, folder, qmi_sim):
    """Two modems that are told apart by their IMEIs, in other places each time."""
    lasting = {"STATE_DIRECTORY": folder, "RUNTIME_DIRECTORY": folder}
    log = os.path.join(folder, "index.log")
    with Sim(qmi_sim, name="left") as left, Sim(qmi_sim, "--seed=7", name="right") as right:
        with Manager(program, "--device", left.path, log=log, environment=lasting):
            wait_for(modems)
            imei = get(MODEM, "Modem", "EquipmentIdentifier")
        with Manager(program, "--device", right.path, "--device", left.path, log=log, environment=lasting):
            wait_for(lambda: len(modems()) == 2)
            tap.check("a modem has its index again, whoever comes first",
                      get(MODEM, "Modem", "EquipmentIdentifier") == imei, modems())
            others = [path for path in modems() if path != MODEM]
            other = get(others[0], "Modem", "EquipmentIdentifier")
        os.rename(left.path, left.path + "x")
        os.rename(right.path, left.path)
        os.rename(left.path + "x", right.path)
        with Manager(program, "--device", right.path, "--device", left.path, log=log, environment=lasting):
            wait_for(lambda: len(modems()) == 2)
            tap.check("also when two have changed places",
                      (get(MODEM, "Modem", "EquipmentIdentifier"),
                       get(others[0], "Modem", "EquipmentIdentifier")) == (imei, other) and imei != other,
                      (imei, other))
    with open(os.path.join(folder, "modems.json"), "w", encoding="utf-8") as file:
        file.write('{"modems": [[[')
    with Sim(qmi_sim) as sim, Manager(program, "--device", sim.path, log=log, environment=lasting):
        tap.check("a broken file is started without", wait_for(modems) == [MODEM], modems())


def main():
    program, qmi_sim, tool, policy = sys.argv[1:5]
    if not own_world():
        print("1..0 # SKIP it needs to be root")
        return 0
    tap = Tap()
    # Other users run it, who may not come to a checkout in somebody's home.
    tool = shutil.copy(tool, "/run/bus-tool")
    with tempfile.TemporaryDirectory() as folder, Bus(folder, policy), Sim(qmi_sim) as sim:
        with Polkit(tool, folder) as polkit, Manager(program, "--device", sim.path, log=os.path.join(folder, "log"),
                                                     environment={"MM_LOGLEVEL": "DEBUG"}) as manager:
            tap.check("it has the modem", wait_for(modems), manager.log())
            check_access(tap, polkit)
            check_flood(tap, tool, polkit)
            check_log(tap, manager)
            check_inhibit(tap, tool)
        check_without_polkit(tap, program, sim, folder)
        check_index(tap, program, folder, qmi_sim)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
