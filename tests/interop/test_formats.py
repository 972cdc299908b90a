#!/usr/bin/env python3
"""The manual pages of file formats: the examples in them are taken by the programs that read such files, and what a
program knows is in the page.

    test_formats.py SOURCE QMI-SIM QMI-NETWORK [MODEM-MANAGER]
"""

import json
import os
import re
import subprocess
import sys
import tempfile

from broker import own_world
from bus import Bus, Manager, modems, wait_for
from sim import PATIENCE, Sim, Tap


class Pages:
    def __init__(self, source):
        self.source = source

    def read(self, *name):
        with open(os.path.join(self.source, *name), encoding="utf-8") as file:
            return file.read()

    def page(self, name):
        return self.read("docs/man", name + ".scd")

    def example(self, name):
        return re.search(r"^# EXAMPLE$.*?^```$\n(.*?)^```$", self.page(name), re.MULTILINE | re.DOTALL).group(1)

    def names(self, name):
        """What a page has in bold, or in the first column of a table."""
        return set(re.findall(r"\*([\w-]+)\*|^\|  (\w+)$", self.page(name), re.MULTILINE)) | {("", "")}


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, 0o644)
    return path


def missing(pages, name, known):
    said = {word for pair in pages.names(name) for word in pair}
    return sorted(set(known) - said)


def check_known(tap, pages, name, known, least):
    left = missing(pages, name, known)
    tap.check(f"{name} has all that there is", len(known) >= least and not left, left or known)


def members(profile):
    return [key for key in profile if key != "certainty"]


def check_sim(tap, pages, qmi_sim, folder):
    profile = write(folder, "profile.json", pages.example("qmi-sim.profile.5"))
    scenario = write(folder, "scenario.json", pages.example("qmi-sim.scenario.5"))
    with Sim(qmi_sim, "--profile", profile, "--scenario", scenario, "--control", os.path.join(folder, "control")):
        done = subprocess.run([qmi_sim, "ctl", os.path.join(folder, "control"), "modems"], capture_output=True, text=True,
                              timeout=PATIENCE, check=False)
        tap.check("the profile and the scenario are taken", '"profile":"ec21"' in done.stdout, done.stdout + done.stderr)
    broken = write(folder, "broken.json", pages.example("qmi-sim.profile.5").replace("0x0121", "EC21"))
    done = subprocess.run([qmi_sim, "--profile", broken, "--pty", os.path.join(folder, "x")], capture_output=True, text=True,
                          timeout=PATIENCE, check=False)
    tap.check("one with a mistake is refused", done.returncode and "product" in done.stderr, done.stderr)
    known = members(json.loads(pages.read("sim/profiles/ec25-eux.json"))) + ["base", "faults", "recorded"]
    check_known(tap, pages, "qmi-sim.profile.5", known, 20)


def check_network(tap, pages, qmi_sim, program, folder):
    config = write(folder, "qmi-network.conf", pages.example("qmi-network.conf.5").replace("PROXY=yes", "PROXY=no"))
    with Sim(qmi_sim) as modem:
        done = subprocess.run([program, f"--profile={config}", f"--state-directory={folder}/state", modem.path, "status"],
                              capture_output=True, text=True, timeout=PATIENCE, check=False)
    tap.check("the configuration is taken", "IP_TYPE: 46\n" in done.stdout and "Status: disconnected" in done.stdout and
              config + ":" not in done.stderr, (done.stdout, done.stderr))
    rows = re.search(r"config_rows\[\] = \{(.*?)\n\};", pages.read("network/config.c"), re.DOTALL).group(1)
    check_known(tap, pages, "qmi-network.conf.5", re.findall(r'\{ "(\w+)"', rows), 7)


def check_manager(tap, pages, program, folder):
    """It takes the example without a word, and has what is named in it."""
    text = pages.example("modems.conf.5")
    config = os.path.join(folder, "config")
    os.makedirs(config)
    write(config, "modems.conf", text)
    policy = os.path.join(pages.source, "packaging/dbus/org.freedesktop.ModemManager1.conf")
    with Bus(folder, policy):
        for name, config_text, complaints in (("the example", text, 0), ("a key that is none", text + "colour = red\n", 1)):
            write(config, "modems.conf", config_text)
            with Manager(program, "--test-no-udev", log=os.path.join(folder, name),
                         environment={"CONFIGURATION_DIRECTORY": config}) as manager:
                wait_for(lambda: modems() is not None)
                said = [line for line in manager.log().splitlines() if "modems.conf" in line]
                tap.check(f"modems.conf: {name}: {complaints} complaints", len(said) == complaints, manager.log())
    rows = re.search(r"\} keys\[\] = \{(.*?)\n\};", pages.read("manager/config.c"), re.DOTALL).group(1)
    check_known(tap, pages, "modems.conf.5", re.findall(r'\{ "([\w-]+)"', rows), 12)


def main(source, qmi_sim, qmi_network, manager=None):
    tap, pages = Tap(), Pages(source)
    with tempfile.TemporaryDirectory() as folder:
        check_sim(tap, pages, qmi_sim, folder)
        check_network(tap, pages, qmi_sim, qmi_network, folder)
        tap.check("modems.json has an example that is JSON", json.loads(pages.example("modems.json.5"))["modems"])
        if manager and own_world():
            check_manager(tap, pages, manager, folder)
        else:
            print("# no daemon, or not root: modems.conf is not read")
    return tap.done()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
