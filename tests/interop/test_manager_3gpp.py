#!/usr/bin/env python3
"""What the daemon has of 3GPP beside registration: profiles, the bearer of the attachment, locks, cells, preferred
networks. Debian's mmcli is the client where it has the words.

    test_manager_3gpp.py MODEM_MANAGER QMI_SIM PEERS [PART...]
"""

import os
import shutil
import subprocess
import sys
import tempfile

from sim import PATIENCE

try:
    from manager_world import REGISTERED, SIM, Variant, World, ends_well, run_parts
except (ImportError, ValueError) as missing:
    print(f"1..0 # SKIP GLib's bindings for Python are not installed: {missing}")
    sys.exit(0)

MANAGER = "Modem.Modem3gpp.ProfileManager"
IPV4, IPV6, IPV4V6 = 1, 2, 4


def dictionary(**words):
    """A profile for the bus, of texts, truths and numbers."""
    kinds = {str: "s", bool: "b", int: "u"}
    return {key.replace("_", "-"): Variant("i" if key == "profile_id" else kinds[type(value)], value)
            for key, value in words.items()}


class Stock:
    """Debian's mmcli as a client of a world's daemon; not there: every question is skipped."""

    def __init__(self, peers, world):
        unpacked = os.path.join(peers, "modemmanager/usr")
        self.program = os.path.join(unpacked, "bin/mmcli")
        self.environment = {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": world.address}
        if os.path.exists(self.program):
            found = (folder for folder, _, names in os.walk(os.path.join(unpacked, "lib"))
                     if any(name.startswith("libmm-glib.so") for name in names))
            self.environment["LD_LIBRARY_PATH"] = next(found, "")
        else:
            self.program = shutil.which("mmcli")

    def run(self, *words):
        """What it prints, both ways; None: there is no such program."""
        if not self.program:
            return None
        done = subprocess.run([self.program, "-m", "0", *words], capture_output=True, text=True, check=False,
                              env=self.environment, timeout=PATIENCE)
        return done.stdout + done.stderr

    def says(self, tap, title, words, *wanted):
        """Whether it was asked."""
        printed = self.run(*words)
        if printed is not None:
            tap.check(f"{title} (Debian's mmcli)", all(text in printed for text in wanted), printed)
        return printed is not None


def profiles(tap, world, stock):
    """Profiles that the modem keeps."""
    set_, delete = (lambda **words: world.call(MANAGER, "Set", "a{sv}", dictionary(**words)),
                    lambda **words: world.error(MANAGER, "Delete", "a{sv}", dictionary(**words)))
    refused = lambda **words: world.error(MANAGER, "Set", "a{sv}", dictionary(**words))
    tap.check("a profile is known by its number", world.get(MANAGER, "IndexField") == "profile-id")
    tap.check("a modem that is off tells none", world.error(MANAGER, "List") == "Core.WrongState")
    tap.check("nor takes one", refused(apn="x") == "Core.WrongState")
    world.enable()
    world.becomes(REGISTERED)
    found = world.call(MANAGER, "List")
    tap.check("it has three", [profile["profile-id"] for profile in found] == [1, 2, 3], found)
    tap.check("with their names", [profile["apn"] for profile in found] == ["", "ims", "sos"], found)
    stock.says(tap, "they are listed", ["--3gpp-profile-manager-list"], "profile-id: 3", "apn: ims", "apn type: emergency")
    made = set_(profile_name="mine", apn="my.apn", ip_type=IPV4V6, user="me", password="word", allowed_auth=6,
                apn_type=0x2)
    tap.check("a new one is made", made == {
        "profile-id": 4, "profile-name": "mine", "apn": "my.apn", "ip-type": IPV4V6, "user": "me", "password": "word",
        "allowed-auth": 6, "apn-type": 2}, made)
    tap.check("it is listed", made in world.call(MANAGER, "List"), world.call(MANAGER, "List"))
    made = set_(profile_id=4, apn="other.apn")
    tap.check("it is made another one, what was not named is as at first", made == {
        "profile-id": 4, "profile-name": "", "apn": "other.apn", "ip-type": IPV4, "allowed-auth": 1, "apn-type": 2}, made)
    made = set_(profile_id=4, apn="home", roaming_allowance=1, profile_enabled=False)
    tap.check("it is held to home and turned off", made.get("roaming-allowance") == 1 and
              made.get("profile-enabled") is False, made)
    for wrong, error in (({"profile_id": 9, "apn": "x"}, "Core.NotFound"), ({"profile_id": 300}, "Core.NotFound"),
                         ({"apn": "x", "ip_type": 8}, "Core.InvalidArgs"), ({"apn": "x" * 120}, "Core.Failed"),
                         ({"apn": "x", "allowed_auth": 0x20}, "Core.Unsupported"),
                         ({"apn": "x", "apn_type": 0x200}, "Core.Unsupported"),
                         ({"apn": "x", "roaming_allowance": 3}, "Core.Unsupported"),
                         ({"apn": "x", "number": "*99#"}, "Core.Unsupported")):
        tap.check(f"{str(wrong)[:60]} is {error}", refused(**wrong) == error, refused(**wrong))
    tap.check("no profile was made of it", len(world.call(MANAGER, "List")) == 4, world.call(MANAGER, "List"))
    tap.check("one without a number cannot be deleted", delete(apn="x") == "Core.InvalidArgs")
    tap.check("nor one that is not there", delete(profile_id=9) == "Core.NotFound", delete(profile_id=9))
    tap.check("nor the default one", delete(profile_id=1) == "Core.Failed", delete(profile_id=1))
    tap.check("the new one can", delete(profile_id=4) is None and len(world.call(MANAGER, "List")) == 3)
    stock.says(tap, "one is made", ["--3gpp-profile-manager-set=apn=debian,ip-type=ipv6"], "debian", "ipv6")
    stock.says(tap, "and deleted", ["--3gpp-profile-manager-delete=profile-id=4"], "successfully deleted")
    for number in range(4, 25):
        set_(apn=f"apn{number}")
    tap.check("there is an end", refused(apn="one.more") == "Core.Failed", refused(apn="one.more"))
    tap.check("as many as there is room for are listed", len(world.call(MANAGER, "List")) == 24)


def profile_news(tap, world, _stock):
    """Profiles that others change."""
    at = os.fdopen(os.open(world.at, os.O_RDWR | os.O_NOCTTY), "wb", buffering=0)
    world.enable()
    world.becomes(REGISTERED)
    world.call(MANAGER, "Set", "a{sv}", dictionary(profile_id=2, apn="ours"))
    count = lambda: sum(1 for found in world.signals if found[2] == "Updated")
    world.wait(lambda: False, 2.5)
    tap.check("what a client of the bus changes tells nobody anything", count() == 0, count())
    for apn in ("one", "two"):
        at.write(f'AT+CGDCONT=5,"IP","{apn}"\r'.encode())
    tap.check("what others change is told", world.wait(count, 5) == 1, count())
    world.wait(lambda: False, 2.5)
    tap.check("several in a row once", count() == 1, count())
    tap.check("and is there", world.call(MANAGER, "List")[-1]["apn"] == "two", world.call(MANAGER, "List"))
    world.call("Modem", "Enable", "b", False)
    at.write(b'AT+CGDCONT=5,"IP","three"\r')
    world.wait(lambda: False, 2.5)
    tap.check("a modem that is off tells nothing", count() == 1, count())
    at.close()


GSM_CELL, UMTS_CELL, LTE_CELL = 2, 3, 5


def cells(tap, world, stock):
    """The cells in sight."""
    info = lambda: world.call("Modem", "GetCellInfo")
    tap.check("a modem that is off sees none", world.error("Modem", "GetCellInfo") == "Core.WrongState")
    world.enable()
    world.becomes(REGISTERED)
    found = info()
    served = [cell for cell in found if cell["serving"]]
    tap.check("one cell serves", len(served) == 1 and served[0] == found[0], found)
    place = world.get("Modem.Location", "Location")
    tap.check("it is of LTE", served[0]["cell-type"] == LTE_CELL and served[0]["operator-id"] == "00101" and
              {"tac", "ci", "physical-ci", "earfcn", "rsrp", "rsrq"} <= set(served[0]), (served, place))
    tap.check("others of each kind are heard", {cell["cell-type"] for cell in found[1:]} ==
              {GSM_CELL, UMTS_CELL, LTE_CELL}, found)
    stock.says(tap, "they are told", ["--get-cell-info"], "cell type: lte", "serving: yes", f"ci: {served[0]['ci']}",
               "cell type: umts", "cell type: gsm")
    for mode, kind, words in ((4, UMTS_CELL, {"lac", "ci", "uarfcn", "psc", "rscp", "ecio"}),
                              (2, GSM_CELL, {"lac", "ci", "arfcn", "base-station-id", "rx-level"})):
        world.call("Modem", "SetCurrentModes", "(uu)", (mode, 0))
        world.wait(lambda: world.state() == REGISTERED and info()[0]["cell-type"] == kind)
        found = info()
        served = [cell for cell in found if cell["serving"]]
        tap.check(f"the cell is of type {kind} then", len(served) == 1 and served[0]["cell-type"] == kind and
                  words <= set(served[0]), found)
        stock.says(tap, "it is told", ["--get-cell-info"], f"ci: {served[0]['ci']}", f"lac: {served[0]['lac']}")
    world.ctl("registration", "lost")
    tap.check("without coverage there is an error", world.wait(lambda: world.error("Modem", "GetCellInfo") ==
                                                               "Core.Failed"), world.error("Modem", "GetCellInfo"))


ATTACH_TYPE = 2


def eps(tap, world, stock):
    """What the modem attaches to LTE with."""
    get = lambda name: world.get("Modem.Modem3gpp", name)
    change = lambda **words: world.error("Modem.Modem3gpp", "SetInitialEpsBearerSettings", "a{sv}", dictionary(**words))
    settings = get("InitialEpsBearerSettings")
    tap.check("it is known what it attaches with", settings and settings["profile-id"] == 1 and settings["apn"] == "" and
              settings["ip-type"] == IPV4V6, settings)
    tap.check("there is no bearer before it is enabled", get("InitialEpsBearer") == "/", get("InitialEpsBearer"))
    stock.says(tap, "it is shown", [], "ue mode of operation: csps-2", "initial bearer ip type: ipv4v6")
    world.enable()
    world.becomes(REGISTERED)
    path = world.wait(lambda: get("InitialEpsBearer") != "/" and get("InitialEpsBearer"))
    tap.check("there is one then", path and path.startswith("/org/freedesktop/ModemManager1/Bearer/"), path)
    of = lambda name: world.get("Bearer", name, path=get("InitialEpsBearer"))
    tap.check("connected, of its own type, without an interface", of("Connected") is True and
              of("BearerType") == ATTACH_TYPE and of("Interface") == "", (of("Connected"), of("BearerType")))
    tap.check("with what the network gave", of("Properties") == {"apn": "internet", "ip-type": IPV4V6}, of("Properties"))
    tap.check("it is nobody's to use", world.error("Bearer", "Connect", path=path) == "Core.Unsupported" and
              world.error("Bearer", "Disconnect", path=path) == "Core.Unsupported")
    tap.check("nor in the list of bearers", world.get("Modem", "Bearers") == [], world.get("Modem", "Bearers"))
    before = len(world.signals)
    tap.check("the same again is nothing to do", change(apn="", ip_type=IPV4V6) is None and
              world.signal("StateChanged", before) is None)
    tap.check("other settings are taken", change(apn="ims", ip_type=IPV4) is None, get("InitialEpsBearerSettings"))
    settings = get("InitialEpsBearerSettings")
    tap.check("and kept", settings["apn"] == "ims" and settings["ip-type"] == IPV4 and
              settings.get("profile-name") == "profile1", settings)
    tap.check("they are the profile's", world.call(MANAGER, "List")[0]["apn"] == "ims", world.call(MANAGER, "List")[0])
    tap.check("the modem attaches anew", world.becomes(REGISTERED) and world.wait(
        lambda: of("Properties") == {"apn": "ims", "ip-type": IPV4}), of("Properties"))
    for wrong, error in (({"ip_type": 8}, "Core.InvalidArgs"), ({"apn": "x" * 120}, "Core.Failed"),
                         ({"apn": "x", "allowed_auth": 0x20}, "Core.Unsupported")):
        tap.check(f"{str(wrong)[:40]} is {error}", change(**wrong) == error, change(**wrong))
    tap.check("and it is registered again", world.becomes(REGISTERED), world.state())
    world.call(MANAGER, "Set", "a{sv}", dictionary(profile_id=1, apn="sos"))
    tap.check("who changes the profile changes the settings", world.wait(
        lambda: get("InitialEpsBearerSettings")["apn"] == "sos"), get("InitialEpsBearerSettings"))
    if stock.says(tap, "they are set", ["--3gpp-set-initial-eps-bearer-settings=apn=internet,ip-type=ipv6"],
                  "Successfully set"):
        tap.check("and there", get("InitialEpsBearerSettings")["apn"] == "internet", get("InitialEpsBearerSettings"))
    world.becomes(REGISTERED)
    world.call("Modem", "SetCurrentModes", "(uu)", (4, 0))
    tap.check("on UMTS there is no such bearer", world.wait(lambda: get("InitialEpsBearer") == "/"), get("InitialEpsBearer"))
    world.call("Modem", "SetCurrentModes", "(uu)", (8, 0))
    tap.check("on LTE there is one", world.wait(lambda: get("InitialEpsBearer") != "/"), world.state())
    world.call("Modem", "Enable", "b", False)
    tap.check("a modem that is disabled has none", get("InitialEpsBearer") == "/", get("InitialEpsBearer"))


def mode_of_operation(tap, world, stock):
    """What comes first in LTE."""
    mode = lambda: world.get("Modem.Modem3gpp", "EpsUeModeOperation")
    change = lambda value: world.error("Modem.Modem3gpp", "SetEpsUeModeOperation", "u", value)
    tap.check("it is known", mode() == 4, mode())
    for value in (3, 2, 1, 4):
        tap.check(f"mode {value} is taken", change(value) is None and mode() == value, mode())
    tap.check("there is no mode 5", change(5) == "Core.InvalidArgs")
    tap.check("nor mode 0", change(0) == "Core.InvalidArgs")
    world.enable()
    if stock.says(tap, "it is set", ["--3gpp-set-eps-ue-mode-operation=ps-2"], "successfully"):
        tap.check("and read back", mode() == 2, mode())
    tap.check("settings of 5G it has not", world.get("Modem.Modem3gpp", "Nr5gRegistrationSettings") == {} and
              world.error("Modem.Modem3gpp", "SetNr5gRegistrationSettings", "a{sv}", {"mico-mode": Variant("u", 2)}) ==
              "Core.Unsupported")


def rejection(tap, world, _stock):
    """A network that refuses the modem."""
    why = lambda: world.get("Modem.Modem3gpp", "NetworkRejection")
    world.enable()
    world.becomes(REGISTERED)
    tap.check("nobody refused it", why() == {}, why())
    world.ctl("registration", "denied", "--cause", "11")
    tap.check("a refusal is told with its cause", world.wait(lambda: why().get("error") == 11), why())
    tap.check("and on which radio, whose", why().get("access-technology") and why().get("operator-id"), why())
    world.ctl("registration", "home")
    tap.check("a network that takes it is the end of that", world.becomes(REGISTERED) and world.wait(
        lambda: why() == {}), why())


def preferred(tap, world, stock):
    """The card's list of networks, and its other files."""
    get = lambda: world.get("Sim", "PreferredNetworks", path=SIM)
    change = lambda *networks: world.error("Sim", "SetPreferredNetworks", "a(su)", networks, path=SIM)
    gsm, umts, lte, nr5g = 0x2, 0x20, 0x4000, 0x8000
    tap.check("the card has two", get() == [("00101", lte), ("00102", gsm | umts | lte)], get())
    tap.check("others are written", change(("310260", lte), ("26201", gsm | umts)) is None)
    tap.check("and there, in order", get() == [("310260", lte), ("26201", gsm | umts)], get())
    tap.check("none at all is a list too", change() is None and get() == [], get())
    tap.check("a code that is none is refused", change(("26201", lte), ("2620", lte)) == "Core.InvalidArgs")
    tap.check("so are more than the card has room for", change(*((f"262{n:02}", lte) for n in range(60))) ==
              "Core.TooMany")
    tap.check("and more than any has", change(*((f"262{n % 100:02}", lte) for n in range(300))) == "Core.TooMany")
    tap.check("EDGE, which a card cannot say, is not kept", change(("26201", 0x8)) == "Core.Unsupported")
    tap.check("5G is", change(("00101", nr5g)) is None and get() == [("00101", nr5g)], get())
    printed = stock.run("--get-cell-info") and subprocess.run(
        [stock.program, "-i", "0", "--sim-set-preferred-networks=310260,lte,26201"], capture_output=True, text=True,
        check=False, env=stock.environment, timeout=PATIENCE)
    tap.check("Debian's mmcli writes them", not printed or printed.returncode == 0 and get() ==
              [("310260", lte), ("26201", 0)], (printed, get()))
    tap.check("emergency numbers are the card's", world.get("Sim", "EmergencyNumbers", path=SIM) == ["112", "911"],
              world.get("Sim", "EmergencyNumbers", path=SIM))
    tap.check("there is one slot", world.get("Modem", "SimSlots") == [] and world.get("Modem", "PrimarySimSlot") == 0)
    tap.check("it is not switched", world.error("Modem", "SetPrimarySimSlot", "u", 2) == "Core.Unsupported")


def locks(tap, world, _stock):
    """What the modem is bound to."""
    get = lambda: world.get("Modem.Modem3gpp", "EnabledFacilityLocks")
    free = lambda facility, key: world.error("Modem.Modem3gpp", "DisableFacilityLock", "(us)", (facility, key))
    pin2, network, corporate = 0x2, 0x10, 0x80
    tap.check("the second PIN's is on", get() == pin2, get())
    world.ctl("card-bind", "network", "12345678")
    world.ctl("card-bind", "corporate", "1111", "--retries", "1")
    tap.check("a modem that is bound to a network says so", world.wait(lambda: get() == pin2 | network | corporate), get())
    tap.check("a wrong key is an incorrect password", free(network, "87654321") ==
              "MobileEquipment.IncorrectPassword", free(network, "87654321"))
    tap.check("so is one that no modem takes", free(network, "1" * 40) == "MobileEquipment.IncorrectPassword")
    tap.check("the right one opens it", free(network, "12345678") is None and get() == pin2 | corporate, get())
    tap.check("twice is once too often", free(network, "12345678") == "Core.Failed", free(network, "12345678"))
    tap.check("without a try left", free(corporate, "2222") == "MobileEquipment.IncorrectPassword")
    tap.check("the right key is no use", free(corporate, "1111") == "MobileEquipment.IncorrectPassword" and
              get() == pin2 | corporate, get())
    tap.check("the card's locks have no key", free(pin2, "5678") == "Core.InvalidArgs")
    tap.check("a key of 300 digits is none", free(network, "1" * 300) == "Core.InvalidArgs")


PARTS = {
    "locks": ([], locks),
    "preferred": ([], preferred),
    "eps": ([], eps),
    "mode-of-operation": ([], mode_of_operation),
    "rejection": ([], rejection),
    "cells": ([], cells),
    "profiles": ([], profiles),
    "profile-news": ([], profile_news),
}


def main():
    manager, qmi_sim, peers, *wanted = sys.argv[1:]

    def play(tap, name, chosen):
        before, part = chosen
        with tempfile.TemporaryDirectory(prefix="qmi-3gpp-") as folder:
            at = os.path.join(folder, "at")
            with World(manager, qmi_sim, "--warm", "--time-scale", "0.1", "--at", at, before=before) as world:
                world.at = at
                part(tap, world, Stock(peers, world))
                ends_well(tap, name, world)

    return run_parts(PARTS, wanted, play)


sys.exit(main())
