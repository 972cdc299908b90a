#!/usr/bin/env python3
"""Our mmcli and Debian's ask the same daemon: ours, on a virtual modem, and one that has no modem but every property
and takes every call. They print the same bytes, exit alike, and ask the same.

    test_mmcli.py MMCLI MODEM_MANAGER QMI_SIM SOURCE PEERS

Debian's mmcli is the system's, or was unpacked below the folder PEERS (`./dev test` does that: to install its package
would start its daemon)."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys

from mmcli_peers import Bus, Fake, find_stock
from sim import PATIENCE, Tap
from test_manual import examples

try:
    from manager_world import DISABLED, FAILED, LOCKED, MODEM, REGISTERED, World
except (ImportError, ValueError) as missing:
    print(f"1..0 # SKIP GLib's bindings for Python are not installed: {missing}")
    sys.exit(0)

SEEDS = 5
NEWER_SEED = 105
WRONG_SEED = 200
NEWER_KEYS = ("generic.physdev", "generic.ignored-ports.length", "3gpp.network-rejection-error",
              "3gpp.network-rejection-operator-id", "3gpp.network-rejection-operator-name",
              "3gpp.network-rejection-access-technology")
FORMATS = ([], ["-K"], ["-J"])
READS = [
    ["-L"], ["-m", "0"], ["-m", "any"], ["-m", "12"], ["-m", "/sys/devices/usb1/1-1"], ["-i", "0"], ["-i", "1"],
    ["-i", "any"], ["-i", "/sys/devices/usb1/1-0"], ["-b", "0"], ["-b", "1"], ["-b", "2"], ["-s", "0"], ["-s", "2"], ["-s", "3"],
    ["-o", "0"], ["-o", "1"], ["-B"],
] + [["-m", "0", word] for word in (
    "--3gpp-scan", "--3gpp-profile-manager-status", "--3gpp-profile-manager-list", "--3gpp-ussd-status",
    "--location-status", "--location-get", "--messaging-status", "--messaging-list-sms", "--voice-status",
    "--voice-list-calls", "--time", "--firmware-status", "--firmware-list", "--sar-status", "--signal-get",
    "--oma-status", "--get-cell-info", "--voice-query-call-waiting", "--3gpp-profile-manager-set=apn=x")]
ACTIONS = [
    ["-S"], ["-G", "DEBUG"], ["--report-kernel-event=action=add,name=ttyUSB0,subsystem=tty"],
    ["-b", "0", "-c"], ["-b", "1", "--disconnect"], ["-s", "0", "--send"], ["-s", "2", "--store"],
    ["-s", "3", "--store-in-storage=me"], ["-o", "0", "--start"], ["-o", "0", "--accept"],
    ["-o", "0", "--deflect=123"], ["-o", "1", "--join-multiparty"], ["-o", "1", "--leave-multiparty"],
    ["-o", "1", "--hangup"], ["-o", "0", "--send-dtmf=1"], ["-i", "0", "--pin=1234"],
    ["-i", "0", "--pin=1234", "--enable-pin"], ["-i", "0", "--pin=1234", "--disable-pin"],
    ["-i", "0", "--pin=1234", "--change-pin=0000"], ["-i", "0", "--puk=12345678", "--pin=1234"],
    ["-i", "0", "--sim-set-preferred-networks=310260,lte,26201"],
] + [["-m", "0", *words.split("!")] for words in (
    "-e", "-d", "-r", "--set-power-state-on", "--set-power-state-low", "--set-power-state-off", "--factory-reset=1",
    "--command=ATI", "--create-bearer=apn=x,ip-type=ipv4v6,allow-roaming=yes,allowed-auth=pap|chap,user='a, b'",
    "--delete-bearer=1", "--set-current-capabilities=gsm-umts|lte", "--set-allowed-modes=3g|4g",
    "--set-allowed-modes=3g|4g!--set-preferred-mode=4g", "--set-current-bands=egsm|eutran-3", "--set-primary-sim-slot=2",
    "--3gpp-register-home", "--3gpp-register-in-operator=00101", "--3gpp-set-eps-ue-mode-operation=ps-2",
    "--3gpp-set-initial-eps-bearer-settings=apn=y", "--3gpp-disable-facility-lock=net-pers,1234",
    "--3gpp-set-packet-service-state=attached", "--3gpp-set-nr5g-registration-settings=mico-mode=disabled",
    "--3gpp-profile-manager-delete=3", "--3gpp-profile-manager-delete=profile-id=3", "--3gpp-ussd-initiate=*100#",
    "--3gpp-ussd-respond=1", "--3gpp-ussd-cancel", "--cdma-activate=x", "--simple-connect=apn=x,pin=1234",
    "--simple-disconnect", "--location-enable-3gpp!--location-enable-gps-nmea", "--location-disable-gps-raw",
    "--location-set-enable-signal", "--location-set-disable-signal", "--location-set-supl-server=a:1",
    "--location-set-gps-refresh-rate=5", "--messaging-create-sms=number=1,text='hi, you',validity=5",
    "--messaging-delete-sms=2", "--voice-create-call=number=1", "--voice-delete-call=1", "--voice-hold-and-accept",
    "--voice-hangup-and-accept", "--voice-hangup-all", "--voice-transfer", "--voice-enable-call-waiting",
    "--voice-disable-call-waiting", "--firmware-select=a", "--sar-enable", "--sar-disable",
    "--sar-set-power-level=3", "--signal-setup=5", "--signal-setup-thresholds=rssi-threshold=5",
    "--oma-setup=prl-update|device-provisioning", "--oma-start-client-initiated-session=client-initiated-prl-update",
    "--oma-accept-network-initiated-session=3", "--oma-reject-network-initiated-session=3", "--oma-cancel-session")]
# What a modem without a usable card cannot do.
REFUSED = ["-e", "--3gpp-register-home", "--3gpp-register-in-operator=00101", "--3gpp-ussd-initiate=*100#",
           "--3gpp-set-packet-service-state=attached", "--3gpp-profile-manager-delete=profile-id=3",
           "--simple-connect=apn=x", "--simple-disconnect", "--location-enable-3gpp", "--messaging-create-sms=number=1,text=x",
           "--cdma-activate=x", "--sar-enable", "--signal-setup=5", "--oma-cancel-session"]
MISTAKES = [
    [], ["-m", "7"], ["-m", "x"], ["-b", "9"], ["-b", "x"], ["-s", "9"], ["-o", "9"], ["-i", "9"], ["-m", ""], ["-e"],
    ["-L", "-S"], ["-L", "-m", "0"], ["-K", "-J", "-L"], ["-K", "-v", "-L"], ["-J", "-v", "-L"], ["-M", "-K"],
    ["-i", "0", "--puk=1"], ["-m", "0", "-e", "-d"], ["-m", "0", "--set-preferred-mode=4g"],
    ["-m", "0", "--set-allowed-modes=9g"], ["-m", "0", "--set-allowed-modes=4g", "--set-preferred-mode=9g"],
    ["-m", "0", "--set-current-bands=x"], ["-m", "0", "--set-current-capabilities=x"], ["-m", "0", "--simple-connect=apn"],
    ["-m", "0", "--simple-connect=apn='x"], ["-m", "0", "--simple-connect=foo=1"], ["-m", "0", "--simple-connect=ip-type=x"],
    ["-m", "0", "--create-bearer=foo=1"], ["-m", "0", "--messaging-create-sms=foo=1"],
    ["-m", "0", "--messaging-create-sms-with-data=/nonexistent"],
    ["-m", "0", "--messaging-create-sms=number=1", "--messaging-create-sms-with-data=/nonexistent"],
    ["-m", "0", "--voice-create-call=x=1"], ["-m", "0", "--3gpp-set-eps-ue-mode-operation=x"],
    ["-m", "0", "--3gpp-disable-facility-lock=x"], ["-m", "0", "--3gpp-set-packet-service-state=x"],
    ["-m", "0", "--3gpp-set-nr5g-registration-settings=x=1"], ["-m", "0", "--3gpp-profile-manager-delete=x"],
    ["-m", "0", "--location-enable-3gpp", "--location-disable-3gpp"], ["-m", "0", "--location-set-gps-refresh-rate=x"],
    ["-m", "0", "--signal-setup=x"], ["-m", "0", "--signal-setup-thresholds=x=1"], ["-m", "0", "--oma-setup=x"],
    ["-m", "0", "--command=ATI", "--timeout=1"], ["-m", "0", "--location-status", "--location-get"],
    ["-i", "0", "--sim-set-preferred-networks=lte"], ["--report-kernel-event=foo=1"],
]


def notes(file):
    """What was asked for; keys of a dictionary are in no order, how stock looks for an object is its own affair, and a
    profile that is none is none."""
    calls = (line.replace("'profile-id': <-1>, ", "").replace(", 'profile-id': <-1>", "")
             for line in file if "List" not in line.split()[2])
    return [sorted(line.replace("({", ", ").replace("},)", ", ").split(", ")) for line in calls]


class Both:
    """The two programs, and what differs."""

    def __init__(self, tap, ours, stock, address):
        self.tap, self.ours, self.address = tap, ours, address
        self.stock, self.library = stock

    def run(self, program, words, library=""):
        environment = {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": self.address}
        if library:
            environment["LD_LIBRARY_PATH"] = library
        done = subprocess.run([program, *words], capture_output=True, env=environment, timeout=PATIENCE, check=False)
        # Its library complains there as well about what it does not know; nobody reads that.
        lines = [line for line in done.stderr.split(b"\n") if line.lower().startswith((b"error", b"failed"))]
        return done.returncode, done.stdout, b"\n".join(lines)

    def same(self, title, command, calls=None):
        """Whether both say the same, and ask the same of a daemon that notes what it is asked."""
        seen = []
        for program, library in ((self.stock, self.library), (self.ours, "")):
            if calls:
                open(calls, "w", encoding="ascii").close()
            seen.append(self.run(program, command, library))
            if calls:
                with open(calls, encoding="utf-8") as file:
                    seen[-1] += (notes(file),)
        self.tap.check(f"{title}: mmcli {' '.join(command)}", seen[0] == seen[1],
                       "\n".join(f"{name}: {s!r}" for name, s in zip(("stock", "ours"), seen)))

    def all_formats(self, title, commands, calls=None):
        for command in commands:
            for words in FORMATS:
                self.same(title, [*command, *words], calls)


def on_nothing(tap, programs):
    """No daemon, and no bus."""
    with Bus() as bus:
        Both(tap, *programs, bus.address).same("without a daemon", ["-L"])
    code, _, error = Both(tap, *programs, "unix:path=/nonexistent").run(programs[0], ["-L"])
    tap.check("without a bus it says so", code == 1 and error.startswith(b"error: couldn't get bus"), error)


def on_a_fake(tap, programs, source):
    with Bus() as bus:
        both = Both(tap, *programs, bus.address)
        for seed in range(SEEDS):
            with Fake(source, bus, seed):
                both.all_formats(f"values {seed}", READS)
        with Fake(source, bus, 3) as calls:
            for command in ACTIONS + MISTAKES:
                both.same("asks", command, calls)
            for command in READS + ACTIONS[::3]:
                both.same("asks without waiting", [*command, "--async"], calls)
                both.same("asks with patience", [*command, "--timeout=50"], calls)
            open(calls + ".refuse", "w", encoding="ascii").close()
            for command in ACTIONS + READS[18:]:
                both.same("is refused", command)


def is_json(text):
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def on_newer_fields(tap, programs, source):
    """What mmcli has learned since 1.20 is shown when asked for; no peer here knows it."""
    with Bus() as bus, Fake(source, bus, NEWER_SEED):
        both = Both(tap, *programs, bus.address)

        def ours(*words):
            return both.run(programs[0], [*words, "--newer-fields"])[1].decode()

        for command in READS:
            _, out, error = both.run(programs[0], [*command, "-J", "--newer-fields"])
            # Some say a sentence in every format, as stock's do.
            tap.check(f"newer: mmcli {' '.join(command)} -J is JSON",
                      error or not out.startswith(b"{") or is_json(out), out + error)
        out = ours("-m", "0", "-K")
        tap.check("newer: all fields are there", all(re.search(rf"^modem\.{key} *: ", out, re.MULTILINE) for key in NEWER_KEYS), out)
        plain = both.run(programs[0], ["-m", "0", "-K"])[1].decode()
        tap.check("newer: none is there without being asked for", not any(f"modem.{key}" in plain for key in NEWER_KEYS), plain)
        networks = json.loads(ours("-m", "0", "--3gpp-scan", "-J"))["modem"]["3gpp"]["scan-networks"]
        parts = {"operator-code", "operator-name", "access-technologies", "availability"}
        tap.check("newer: a network is an object", networks and all(set(n) == parts for n in networks), networks)
        words = ["-m", "0", "--messaging-create-sms=number=1,text=x"]
        made = json.loads(ours(*words, "-J"))
        tap.check("newer: a new message is told as a field",
                  made == {"modem": {"messaging": {"created-sms": "/org/freedesktop/ModemManager1/SMS/0"}}}, made)


def on_nonsense(tap, programs, source):
    """A daemon whose properties are of any type: what makes no sense is not there, or is said to be wrong."""
    commands = [c for c in READS if c[0] in ("-L", "-m", "-i", "-b")] + [["-m", "0", *words] for words in FORMATS]
    for seed in range(WRONG_SEED, WRONG_SEED + SEEDS):
        with Bus() as bus, Fake(source, bus, seed):
            both = Both(tap, *programs, bus.address)
            for command in commands:
                for words in ([], ["-K"], ["-J"]):
                    code, out, error = both.run(programs[0], [*command, *words, "--newer-fields"])
                    good = code == 0 or code == 1 and error.startswith(b"error: ")
                    tap.check(f"nonsense {seed}: mmcli {' '.join(command + words)}", good, f"{code} {out} {error}")


def in_short(tap, both, ours, when):
    """--simple-status, which no newer mmcli of others has: what it says is what all of the modem says of that."""
    said = {}
    for command in (["-m", "0"], ["-m", "0", "--simple-status"]):
        code, out, error = both.run(ours, [*command, "-K"])
        lines = [line.split(":", 1) for line in out.decode().splitlines()]
        said[len(command)] = {key.strip(): value.strip() for key, value in lines if value.strip() != "--"}
        tap.check(f"{when}: mmcli {' '.join(command)} -K", code == 0 and out, error)
    known = {key: value for key, value in said[2].items() if key in said[3]}
    tap.check(f"{when}: the state in short is the modem's", said[3] == known, (said[3], known))
    tap.check(f"{when}: it has the state", said[3].get("modem.generic.state") == when, said[3])
    code, out, error = both.run(ours, ["-m", "0", "--simple-status"])
    human = both.run(ours, ["-m", "0"])[1]
    lines = [line.partition(b"|")[2].strip() for line in out.splitlines() if b": " in line]
    tap.check(f"{when}: people see the same of it", code == 0 and len(lines) > 1 and all(line in human for line in lines),
              out + error)
    return said[3]


def on_a_modem(tap, programs, manager, qmi_sim, source):
    """Our daemon, with a modem that is off, on, and connected."""
    commands = [["-L"], ["-m", "0"], ["-m", "any"], ["-i", "0"], ["-b", "0"], ["-B"]] + [c for c in READS if len(c) == 3]
    # A profile without a number is another one each time.
    commands = [[word.replace("set=", "set=profile-id=2,") for word in command] for command in commands]
    with World(manager, qmi_sim, "--warm") as world:
        both = Both(tap, *programs, world.address)
        tap.check("the modem is disabled", world.becomes(DISABLED), world.state())
        # which is read at leisure, and not to come between one mmcli and the other
        tap.check("its carrier's configuration is known", world.wait(lambda: world.get("Modem", "CarrierConfiguration")))
        both.all_formats("disabled", commands)
        in_short(tap, both, programs[0], "disabled")
        for name in (MODEM, world.get("Modem", "Device"), world.get("Modem", "EquipmentIdentifier"),
                     world.get("Modem", "DeviceIdentifier")):
            same = both.run(programs[0], ["-m", name]) == both.run(programs[0], ["-m", "0"])
            tap.check(f"the modem is called {name}, too", name and same)
        tap.check("ours enables it", both.run(programs[0], ["-m", "0", "-e"])[0] == 0 and world.becomes(REGISTERED))
        connect = ["-m", "0", "--simple-connect=apn=internet,ip-type=ipv4v6"]
        tap.check("and connects it", both.run(programs[0], connect)[0] == 0)
        both.all_formats("connected", [c for c in commands if "--3gpp-scan" not in c])
        keys = in_short(tap, both, programs[0], "connected")
        tap.check("connected: it has the operator", "modem.3gpp.operator-name" in keys, keys)
        code, out, error = both.run(programs[0], ["-m", "7", "--simple-status"])
        tap.check("it fails for a modem that is not there", code == 1 and not out and error, error)
        both.run(programs[0], ["-m", "0", "--simple-disconnect"])  # the link is free again
        for line in examples(os.path.join(source, "docs/man/mmcli.1.scd")):
            code, out, error = both.run(programs[0], shlex.split(line)[1:])
            tap.check(f"the manual's example: {line}", code == 0 and out, error)


def on_a_useless_modem(tap, programs, manager, qmi_sim):
    """One without a card, and one whose card wants its PIN, lack most interfaces: what lacks is told alike."""
    commands = [c for c in READS if c[:2] == ["-m", "0"]] + [["-m", "0", word] for word in REFUSED]
    for title, state, words in (("no card", FAILED, ["card-remove"]),
                                ("locked", LOCKED, ["card-pin", "pin1", "enabled", "--code", "1234"])):
        with World(manager, qmi_sim, "--warm", before=(words,)) as world:
            tap.check(f"the modem: {title}", world.becomes(state), world.state())
            Both(tap, *programs, world.address).all_formats(title, commands)


def main(ours, manager, qmi_sim, source, peers):
    stock = find_stock(peers)
    if not stock[0] or not shutil.which("dbus-daemon"):
        print("1..0 # SKIP Debian's mmcli, or dbus-daemon, is not here")
        return 0
    tap, programs = Tap(), (ours, stock)
    on_nothing(tap, programs)
    on_a_fake(tap, programs, source)
    on_newer_fields(tap, programs, source)
    on_nonsense(tap, programs, source)
    on_a_modem(tap, programs, manager, qmi_sim, source)
    on_a_useless_modem(tap, programs, manager, qmi_sim)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
