#!/usr/bin/env python3
"""The daemon's interfaces, on a bus of the test's own, with a virtual modem on a pty.

    test_manager.py MODEM_MANAGER QMI_SIM [PART...]
"""

import shutil
import sys

from sim import Tap

try:
    from manager_world import DISABLED, FAILED, LOCKED, REGISTERED, SIM, Variant, World
except (ImportError, ValueError) as missing:
    print(f"1..0 # SKIP GLib's bindings for Python are not installed: {missing}")
    sys.exit(0)

PIN, SIM_LOCK, PUK_LOCK = "1234", 2, 4


def sim_unlock(tap, world):
    """A card that asks for its PIN."""
    tap.check("a modem whose SIM asks for its PIN is locked", world.becomes(LOCKED), world.state())
    tap.check("and has what a card is not needed for", world.interfaces() == {"Modem"}, world.interfaces())
    tap.check("a wrong PIN is an incorrect password",
              world.error("Sim", "SendPin", "s", "9999", path=SIM) == "MobileEquipment.IncorrectPassword")
    tap.check("a try is gone", world.get("Modem", "UnlockRetries").get(SIM_LOCK) == 2,
              world.get("Modem", "UnlockRetries"))
    tap.check("a PUK is not asked for", world.error("Sim", "SendPuk", "ss", "12345678", PIN, path=SIM) ==
              "Core.WrongState")
    tap.check("the right one is taken", world.error("Sim", "SendPin", "s", PIN, path=SIM) is None)
    tap.check("the modem is disabled", world.becomes(DISABLED), world.state())
    tap.check("the IMSI is known", world.wait(lambda: world.get("Sim", "Imsi", path=SIM)))
    tap.check("the other interfaces are there", world.wait(lambda: {"Modem.Modem3gpp", "Modem.Simple"} <=
                                                           world.interfaces()), world.interfaces())
    tap.check("a PIN that is not asked for is refused", world.error("Sim", "SendPin", "s", PIN, path=SIM) ==
              "Core.WrongState")
    tap.check("it registers", not world.error("Modem", "Enable", "b", True) and world.becomes(REGISTERED))


def sim_codes(tap, world):
    """Codes that are changed, and used up."""
    tap.check("the PIN can be asked for", world.error("Sim", "EnablePin", "sb", PIN, True, path=SIM) is None)
    tap.check("and changed", world.error("Sim", "ChangePin", "ss", PIN, "4321", path=SIM) is None)
    tap.check("the old one is wrong", world.error("Sim", "ChangePin", "ss", PIN, "4321", path=SIM) ==
              "MobileEquipment.IncorrectPassword")
    for _ in range(2):
        world.error("Sim", "ChangePin", "ss", PIN, "4321", path=SIM)
    tap.check("then the PUK is asked for", world.becomes(LOCKED) and
              world.get("Modem", "UnlockRequired") == PUK_LOCK, world.get("Modem", "UnlockRequired"))
    tap.check("the PUK brings it back", world.error("Sim", "SendPuk", "ss", "12345678", PIN, path=SIM) is None and
              world.becomes(DISABLED), world.state())
    tap.check("nothing asks for the PIN any more",
              world.error("Sim", "EnablePin", "sb", PIN, False, path=SIM) is None)


def sim_removal(tap, world):
    """A card that is taken out of a modem in use, and put back."""
    world.enable()
    tap.check("it is registered", world.becomes(REGISTERED))
    world.ctl("card-remove")
    tap.check("without its card it has failed", world.becomes(FAILED), world.state())
    tap.check("because the SIM is missing", world.get("Modem", "StateFailedReason") == 2,
              world.get("Modem", "StateFailedReason"))
    tap.check("there is no SIM", world.get("Modem", "Sim") == "/" and world.get("Sim", "Imsi", path=SIM) is None)
    tap.check("nor what needs one", world.interfaces() == {"Modem"}, world.interfaces())
    tap.check("it cannot be enabled", world.error("Modem", "Enable", "b", True) == "Core.WrongState")
    world.ctl("card-insert")
    tap.check("with its card it is disabled", world.becomes(DISABLED), world.state())
    tap.check("the IMSI is there", world.wait(lambda: world.get("Sim", "Imsi", path=SIM)))
    tap.check("it is enabled and registers", not world.error("Modem", "Enable", "b", True) and
              world.becomes(REGISTERED), world.state())


def network(tap, world):
    """Networks that are looked for and chosen."""
    tap.check("a modem that is off cannot look for networks",
              world.error("Modem.Modem3gpp", "Scan") == "Core.WrongState")
    tap.check("the second PIN's lock is listed", world.get("Modem.Modem3gpp", "EnabledFacilityLocks") == 2,
              world.get("Modem.Modem3gpp", "EnabledFacilityLocks"))
    world.enable()
    world.becomes(REGISTERED)
    rows = world.call("Modem.Modem3gpp", "Scan")
    found = {row["operator-code"]: row for row in rows}
    tap.check("a scan finds home, in use on one radio, there on others",
              {row["status"] for row in rows if row["operator-code"] == "00101"} == {1, 2}, rows)
    tap.check("one that is forbidden", found.get("00103", {}).get("status") == 3, found)
    tap.check("and one to roam on, with its name and radio", found.get("00102", {}).get("status") == 1 and
              found["00102"].get("operator-long") and found["00102"].get("access-technology"), found)
    tap.check("it registers with that", world.error("Modem.Modem3gpp", "Register", "s", "00102") is None)
    tap.check("and is abroad", world.get("Modem.Modem3gpp", "OperatorCode") == "00102" and
              world.get("Modem.Modem3gpp", "RegistrationState") == 5, world.get("Modem.Modem3gpp", "OperatorCode"))
    for wrong in ("001", "00a01", "0010222"):
        tap.check(f"{wrong} is no operator", world.error("Modem.Modem3gpp", "Register", "s", wrong) ==
                  "Core.InvalidArgs")
    tap.check("by itself it goes home", world.error("Modem.Modem3gpp", "Register", "s", "") is None and
              world.wait(lambda: world.get("Modem.Modem3gpp", "OperatorCode") == "00101"),
              world.get("Modem.Modem3gpp", "OperatorCode"))
    for index in ("3", "4"):  # 001/02 on its two radios
        world.ctl("network", index, "--cause", "11")
    tap.check("a network that refuses it is an error",
              world.error("Modem.Modem3gpp", "Register", "s", "00102") == "MobileEquipment.NetworkNotAllowed")
    world.error("Modem.Modem3gpp", "Register", "s", "")
    world.becomes(REGISTERED)
    tap.check("it detaches", world.error("Modem.Modem3gpp", "SetPacketServiceState", "u", 1) is None and
              world.wait(lambda: world.get("Modem.Modem3gpp", "PacketServiceState") == 1))
    tap.check("and attaches", world.error("Modem.Modem3gpp", "SetPacketServiceState", "u", 2) is None and
              world.wait(lambda: world.get("Modem.Modem3gpp", "PacketServiceState") == 2))
    tap.check("there is no third state", world.error("Modem.Modem3gpp", "SetPacketServiceState", "u", 3) ==
              "Core.InvalidArgs")
    tap.check("a lock without a key cannot be disabled",
              world.error("Modem.Modem3gpp", "DisableFacilityLock", "(us)", (1, "1234")) == "Core.InvalidArgs")


def settings(tap, world):
    """Modes and bands."""
    bands = world.get("Modem", "CurrentBands")
    tap.check("it is held to 4G", world.error("Modem", "SetCurrentModes", "(uu)", (8, 0)) is None and
              world.get("Modem", "CurrentModes") == (8, 0), world.get("Modem", "CurrentModes"))
    tap.check("it prefers 3G to 4G", world.error("Modem", "SetCurrentModes", "(uu)", (12, 4)) is None and
              world.get("Modem", "CurrentModes") == (12, 4), world.get("Modem", "CurrentModes"))
    tap.check("5G it has not", world.error("Modem", "SetCurrentModes", "(uu)", (16, 0)) == "Core.Unsupported")
    tap.check("any mode is all of them", world.error("Modem", "SetCurrentModes", "(uu)", (0xffffffff, 0)) is None and
              world.get("Modem", "CurrentModes") == (14, 8), world.get("Modem", "CurrentModes"))
    tap.check("it is held to two bands", world.error("Modem", "SetCurrentBands", "au", [31, 33]) is None and
              world.get("Modem", "CurrentBands") == [31, 33], world.get("Modem", "CurrentBands"))
    tap.check("a band it lacks is refused", world.error("Modem", "SetCurrentBands", "au", [31, 96]) ==
              "Core.Unsupported")
    tap.check("so is no band", world.error("Modem", "SetCurrentBands", "au", []) == "Core.InvalidArgs")
    tap.check("any band is all of them", world.error("Modem", "SetCurrentBands", "au", [256]) is None and
              world.get("Modem", "CurrentBands") == bands, world.get("Modem", "CurrentBands"))


def signal(tap, world):
    """Signal values, at a rate and at thresholds."""
    tap.check("a modem that is off measures nothing", world.error("Modem.Signal", "Setup", "u", 1) == "Core.WrongState")
    world.enable()
    world.becomes(REGISTERED)
    tap.check("nobody asked for values", world.get("Modem.Signal", "Lte") == {})
    tap.check("a rate is taken", world.error("Modem.Signal", "Setup", "u", 1) is None and
              world.get("Modem.Signal", "Rate") == 1)
    values = world.wait(lambda: world.get("Modem.Signal", "Lte"))
    tap.check("values of LTE are there, of no other radio", set(values) == {"rssi", "rsrq", "rsrp", "snr"} and
              world.get("Modem.Signal", "Umts") == {}, values)
    world.ctl("signal", "--rsrp", "-120")
    tap.check("they are renewed", world.wait(lambda: world.get("Modem.Signal", "Lte")["rsrp"] == -120),
              world.get("Modem.Signal", "Lte"))
    world.call("Modem.Signal", "Setup", "u", 0)
    tap.check("then no more", world.get("Modem.Signal", "Lte") == {})
    tap.check("a threshold is taken", world.error("Modem.Signal", "SetupThresholds", "a{sv}",
                                                  {"rssi-threshold": Variant("u", 2)}) is None)
    tap.check("a change is told", world.wait(lambda: world.get("Modem.Signal", "Lte")))
    world.ctl("signal", "--rssi", "-99")
    tap.check("and the next", world.wait(lambda: world.get("Modem.Signal", "Lte")["rssi"] == -99),
              world.get("Modem.Signal", "Lte"))
    tap.check("a threshold out of range is refused", world.error(
        "Modem.Signal", "SetupThresholds", "a{sv}", {"rssi-threshold": Variant("u", 100)}) == "Core.InvalidArgs")


def network_time(tap, world):
    """The network's clock."""
    tap.check("a modem that is off knows no time", world.error("Modem.Time", "GetNetworkTime") == "Core.WrongState")
    world.enable()
    world.becomes(REGISTERED)
    world.ctl("network-time", "1700000000", "8")
    told = world.wait(lambda: world.signal("NetworkTimeChanged"))
    tap.check("the network tells the time", told == ("2023-11-15T00:13:20+02:00",), told)
    tap.check("and its zone", world.get("Modem.Time", "NetworkTimezone").get("offset") == 120,
              world.get("Modem.Time", "NetworkTimezone"))
    tap.check("which can be asked for", world.call("Modem.Time", "GetNetworkTime").endswith("+02:00"))


# Each part has a world of its own: what happens before the daemon comes, and what is tried.
PARTS = {
    "sim-unlock": ([["card-pin", "pin1", "enabled", "--code", PIN]], sim_unlock),
    "sim-codes": ([], sim_codes),
    "sim-removal": ([], sim_removal),
    "network": ([], network),
    "settings": ([], settings),
    "signal": ([], signal),
    "network-time": ([], network_time),
}


def main():
    manager, qmi_sim, *wanted = sys.argv[1:]
    tap = Tap()
    if not shutil.which("dbus-daemon"):
        print("1..0 # SKIP dbus-daemon is not installed")
        return 0
    for name, (before, part) in PARTS.items():
        if wanted and name not in wanted:
            continue
        print(f"# {name}")
        with World(manager, qmi_sim, "--warm", "--time-scale", "0.1", before=before) as world:
            part(tap, world)
            tap.check(f"{name}: the daemon still serves", world.get("Modem", "State") is not None)
            tap.check(f"{name}: it ends well", world.end() == 0)
            tap.check(f"{name}: no client id is left in the modem", world.clients() == 0, world.ctl("clients"))
    return tap.done()


sys.exit(main())
