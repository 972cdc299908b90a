#!/usr/bin/env python3
"""The completion of mmcli, by bash itself: what it offers for a line, and that it offers nothing which api/ has not.

    test_mmcli_completion.py MMCLI SOURCE"""

import os
import re
import shutil
import subprocess
import sys

from mmcli_peers import Bus
from sim import PATIENCE, Tap

SEED = 5
# Bash cuts words at these.
BREAKS = " \t\n\"'><=;|&(:"
# What the keys of an option's list are the arguments of.
DICTIONARIES = {
    "--simple-connect": ("Modem.Simple", "Connect"), "--create-bearer": ("Modem", "CreateBearer"),
    "--3gpp-set-initial-eps-bearer-settings": ("Modem.Modem3gpp", "SetInitialEpsBearerSettings"),
    "--3gpp-profile-manager-set": ("Modem.Modem3gpp.ProfileManager", "Set"),
    "--3gpp-profile-manager-delete": ("Modem.Modem3gpp.ProfileManager", "Delete"),
    "--3gpp-set-nr5g-registration-settings": ("Modem.Modem3gpp", "SetNr5gRegistrationSettings"),
    "--messaging-create-sms": ("Modem.Messaging", "Create"), "--voice-create-call": ("Modem.Voice", "CreateCall"),
    "--signal-setup-thresholds": ("Modem.Signal", "SetupThresholds"), "--report-kernel-event": ("", "ReportKernelEvent"),
}
# Line, what is offered.
LINES = [
    ("mmcli --list-m", ["--list-modems"]), ("mmcli --set-log", ["--set-logging="]), ("mmcli --help-vo", ["--help-voice"]),
    ("mmcli --set-logging=D", ["DEBUG"]), ("mmcli -G W", ["WARN"]), ("mmcli -m an", ["any"]), ("mmcli -m 1", ["1", "12"]),
    ("mmcli --modem=", ["any", "0", "1", "12"]), ("mmcli -b ", ["0", "1", "2"]), ("mmcli --bearer=1", ["1"]),
    ("mmcli -i an", ["any"]), ("mmcli -s ", ["0", "2", "3"]), ("mmcli -o ", ["0", "1"]),
    ("mmcli -m 0 --messaging-delete-sms=", ["0", "2", "3"]),
    ("mmcli -m 0 --set-allowed-modes=3", ["3g"]), ("mmcli -m 0 --set-allowed-modes=3g|4", ["4g"]),
    ("mmcli -m 0 --3gpp-set-packet-service-state=a", ["attached"]),
    ("mmcli -m 0 --3gpp-set-eps-ue-mode-operation=cs", ["csps-1", "csps-2"]),
    ("mmcli -m 0 --simple-connect=ap", ["apn=", "apn-type="]), ("mmcli -m any --simple-connect=pi", ["pin="]),
    ("mmcli -m 0 --simple-connect=apn=x,ip", ["x,ip-type="]),
    ("mmcli -m 0 --simple-connect=apn=x,ip-type=ipv4", ["ipv4", "ipv4v6"]),
    ("mmcli -m 0 --create-bearer=allow-roaming=", ["yes", "no"]), ("mmcli -m 0 --simple-disc", ["--simple-disconnect"]),
    ("mmcli -m 0 --location-inject-assistance-data=/dev/nul", ["/dev/null"]), ("mmcli --no-such", []), ("mmcli --cbm ", []), ("mmcli -m 0 --time --loc=", []),
    ("mmcli -m 0 --voice-st", ["--voice-status"]), ("mmcli -I ", []),
]


class Bash:
    def __init__(self, source, mmcli, address):
        self.script = os.path.join(source, "packaging/mmcli.bash")
        path = os.path.dirname(os.path.abspath(mmcli)) + ":/usr/bin:/bin"
        self.environment = {**os.environ, "PATH": path, "DBUS_SYSTEM_BUS_ADDRESS": address}

    def run(self, code, *arguments):
        done = subprocess.run(["bash", "--norc", "-c", f". {self.script}\n{code}", "bash", *arguments], text=True,
                              capture_output=True, env=self.environment, timeout=PATIENCE, check=False)
        return done.stdout.splitlines(), done.stderr

    def complete(self, line):
        return self.run("COMP_LINE=$1 COMP_POINT=${#1} COMP_WORDBREAKS=$2\n_mmcli\n"
                        "[ ${#COMPREPLY[@]} = 0 ] || printf '%s\\n' \"${COMPREPLY[@]}\"", line, BREAKS)

    def words(self, function, argument):
        return " ".join(self.run(f"{function} \"$1\"", argument)[0]).split()


def check_lines(tap, bash):
    for line, expected in LINES:
        offered, error = bash.complete(line)
        tap.check(f"offers for '{line}' what fits", sorted(set(offered)) == sorted(expected) and not error,
                  f"{offered} {error}")


def check_options(tap, bash, mmcli):
    text = subprocess.run([mmcli, "--help-all"], capture_output=True, text=True, check=True).stdout
    options = set(re.findall(r"^  (?:-., )?(--[a-z0-9-]+=?)", text, re.MULTILINE))
    offered = set(bash.complete("mmcli --")[0])
    tap.check(f"offers all {len(options)} options", len(options) > 130 and options <= offered, options - offered)


def check_names(tap, bash, source):
    """Its keys and values are those of api/."""
    sys.path.insert(0, source)
    from codegen.api.load import load
    api, problems = load(os.path.join(source, "api"))
    methods = {(interface.name.removeprefix("org.freedesktop.ModemManager1").lstrip("."), method.name): method
               for interface in api.interfaces for method in interface.methods}
    seen = {}
    for option, method in DICTIONARIES.items():
        keys = {key: kind for given in methods[method].inputs if given.type.dict for key, kind in given.type.dict.keys}
        offered = bash.words("_mmcli_keys", option)
        tap.check(f"{option} has these keys", not problems and offered and set(offered) <= set(keys),
                  set(offered) - set(keys))
        seen.update({key: keys[key] for key in offered if key in keys})
    for key, kind in sorted(seen.items()):
        names = {name for name, _ in kind.values.names} if kind.values else {"yes", "no"} if kind.signature == "b" else None
        offered = bash.words("_mmcli_values", key)
        if offered and names:
            tap.check(f"{key} has these values", set(offered) <= names, set(offered) - names)


def main(mmcli, source):
    if not shutil.which("dbus-daemon") or not shutil.which("bash"):
        print("1..0 # SKIP dbus-daemon, or bash, is not here")
        return 0
    try:
        from mmcli_peers import Fake
    except (ImportError, ValueError) as missing:
        print(f"1..0 # SKIP GLib's bindings for Python are not installed: {missing}")
        return 0
    tap = Tap()
    with Bus() as bus, Fake(source, bus, SEED):
        bash = Bash(source, mmcli, bus.address)
        check_lines(tap, bash)
        check_options(tap, bash, mmcli)
        check_names(tap, bash, source)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
