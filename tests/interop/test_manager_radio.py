#!/usr/bin/env python3
"""The daemon's interfaces about the radio and the device, on a bus of the test's own.

    test_manager_radio.py MODEM_MANAGER QMI_SIM [PART...]
"""

import hashlib
import shutil
import sys

from sim import Tap

try:
    from manager_world import REGISTERED, Variant, World
except (ImportError, ValueError) as missing:
    print(f"1..0 # SKIP GLib's bindings for Python are not installed: {missing}")
    sys.exit(0)


def identity(tap, world):
    """What the modem is, as far as it is computed here."""
    text = "".join(world.get("Modem", name) for name in ("EquipmentIdentifier", "Revision", "Model", "Manufacturer"))
    tap.check("the device's name is made of what it says", world.get("Modem", "DeviceIdentifier") ==
              hashlib.sha1(text.replace(" ", "").encode()).hexdigest(), world.get("Modem", "DeviceIdentifier"))
    tap.check("the carrier's configuration is told",
              world.wait(lambda: world.get("Modem", "CarrierConfiguration")) == "ROW_Generic_3GPP",
              world.get("Modem", "CarrierConfiguration"))
    tap.check("and its revision", world.get("Modem", "CarrierConfigurationRevision") == "0501081F",
              world.get("Modem", "CarrierConfigurationRevision"))
    tap.check("the capabilities can be set to what they are",
              world.error("Modem", "SetCurrentCapabilities", "u", 12) is None)
    tap.check("not to others", world.error("Modem", "SetCurrentCapabilities", "u", 8) == "Core.Unsupported")
    tap.check("a device without a bus has no name for updaters",
              world.get("Modem.Firmware", "UpdateSettings") == (0, {}), world.get("Modem.Firmware", "UpdateSettings"))
    tap.check("images cannot be listed", world.error("Modem.Firmware", "List") == "Core.Unsupported")
    tap.check("nor chosen", world.error("Modem.Firmware", "Select", "s", "x") == "Core.Unsupported")


def no_carrier(tap, world):
    """A modem that refuses PDC."""
    tap.check("it has no configuration of a carrier", world.get("Modem", "CarrierConfiguration") == "")


def no_sar(tap, world):
    """A modem that refuses SAR."""
    tap.check("there is no interface", "Modem.Sar" not in world.interfaces(), world.interfaces())


def sar(tap, world):
    """Limits of the transmit power."""
    def told():
        return world.get("Modem.Sar", "State"), world.get("Modem.Sar", "PowerLevel")

    tap.check("there is no limit", told() == (False, 0), told())
    tap.check("so none can be chosen", world.error("Modem.Sar", "SetPowerLevel", "u", 2) == "Core.WrongState")
    tap.check("limits are turned on", world.error("Modem.Sar", "Enable", "b", True) is None and told() == (True, 1), told())
    tap.check("another is chosen", world.error("Modem.Sar", "SetPowerLevel", "u", 8) is None and told() == (True, 8),
              told())
    tap.check("none is no level", world.error("Modem.Sar", "SetPowerLevel", "u", 0) == "Core.InvalidArgs")
    tap.check("nor is what QMI lacks", world.error("Modem.Sar", "SetPowerLevel", "u", 21) == "Core.InvalidArgs")
    world.ctl("fault", "error-result=3:sar.rf-set-state:1")
    tap.check("a refusal changes nothing", world.error("Modem.Sar", "SetPowerLevel", "u", 3) == "Core.Failed" and
              told() == (True, 8), told())
    tap.check("turned off, the level is kept", world.error("Modem.Sar", "Enable", "b", False) is None and
              told() == (False, 8), told())
    tap.check("and taken again", world.error("Modem.Sar", "Enable", "b", True) is None and told() == (True, 8), told())


def quality(tap, world):
    """Percents."""
    def told():
        return world.get("Modem", "SignalQuality")

    tap.check("a modem that is off has no signal, which is known", told() == (0, True), told())
    world.enable()
    world.becomes(REGISTERED)
    tap.check("percents are as published", world.wait(lambda: told() == (57, True)), told())
    world.ctl("signal", "--rssi", "-60")
    tap.check("a change is told", world.wait(lambda: told() == (86, True)), told())
    world.ctl("fault", "error-result=3:nas.get-signal-info:1")
    world.call("Modem.Signal", "SetupThresholds", "a{sv}", {"rssi-threshold": Variant("u", 5)})
    tap.check("what could not be read again is not recent", world.wait(lambda: told() == (86, False)), told())
    world.ctl("signal", "--rssi", "-51")
    tap.check("until it could", world.wait(lambda: told() == (100, True)), told())
    world.call("Modem", "Enable", "b", False)
    tap.check("off, there is none", told() == (0, True), told())


def signal(tap, world):
    """Signal values, at a rate and at thresholds."""
    tap.check("a rate is taken by a modem that is off", world.error("Modem.Signal", "Setup", "u", 1) is None and
              world.get("Modem.Signal", "Rate") == 1 and world.get("Modem.Signal", "Lte") == {})
    world.enable()
    world.becomes(REGISTERED)
    values = world.wait(lambda: world.get("Modem.Signal", "Lte"))
    tap.check("once it is on, values of LTE are there, of no other radio",
              set(values) == {"rssi", "rsrq", "rsrp", "snr"} and
              all(world.get("Modem.Signal", name) == {} for name in ("Gsm", "Umts", "Nr5g", "Cdma", "Evdo")), values)
    world.ctl("signal", "--rsrp", "-120")
    tap.check("they are renewed", world.wait(lambda: world.get("Modem.Signal", "Lte")["rsrp"] == -120),
              world.get("Modem.Signal", "Lte"))
    world.call("Modem", "Enable", "b", False)
    tap.check("off, it shows none and keeps its rate", world.get("Modem.Signal", "Lte") == {} and
              world.get("Modem.Signal", "Rate") == 1)
    world.enable()
    world.becomes(REGISTERED)
    tap.check("on again, it shows them", world.wait(lambda: world.get("Modem.Signal", "Lte")))
    world.call("Modem.Signal", "Setup", "u", 0)
    tap.check("then no more", world.get("Modem.Signal", "Lte") == {})
    tap.check("a threshold is taken", world.error("Modem.Signal", "SetupThresholds", "a{sv}",
                                                  {"rssi-threshold": Variant("u", 2)}) is None and
              world.get("Modem.Signal", "RssiThreshold") == 2)
    tap.check("a change is told", world.wait(lambda: world.get("Modem.Signal", "Lte")))
    world.ctl("signal", "--rssi", "-99")
    tap.check("and the next", world.wait(lambda: world.get("Modem.Signal", "Lte")["rssi"] == -99),
              world.get("Modem.Signal", "Lte"))
    tap.check("a threshold out of range is refused", world.error(
        "Modem.Signal", "SetupThresholds", "a{sv}", {"rssi-threshold": Variant("u", 100)}) == "Core.InvalidArgs")
    tap.check("one of the error rate is not supported", world.error(
        "Modem.Signal", "SetupThresholds", "a{sv}", {"error-rate-threshold": Variant("b", True)}) == "Core.Unsupported")
    world.ctl("fault", "error-result=71:nas.config-signal-info-v2:1")
    tap.check("an older modem is asked in its way", world.error(
        "Modem.Signal", "SetupThresholds", "a{sv}", {"rssi-threshold": Variant("u", 4)}) is None and
              world.get("Modem.Signal", "RssiThreshold") == 4)
    world.ctl("fault", "error-result=3:nas.config-signal-info-v2:1")
    tap.check("a refusal is told and changes nothing", world.error(
        "Modem.Signal", "SetupThresholds", "a{sv}", {"rssi-threshold": Variant("u", 7)}) == "Core.Failed" and
              world.get("Modem.Signal", "RssiThreshold") == 4)
    world.call("Modem.Signal", "SetupThresholds", "a{sv}", {"rssi-threshold": Variant("u", 0)})
    tap.check("without rate and threshold nothing is shown", world.get("Modem.Signal", "Lte") == {})


# What is done to the modem before the daemon starts, and what follows.
PARTS = {
    "identity": ([], identity),
    "no-carrier": ([["fault", "error-result=3:pdc.get-selected-config"]], no_carrier),
    "no-sar": ([["fault", "error-result=71:sar.rf-get-state"]], no_sar),
    "sar": ([], sar),
    "quality": ([], quality),
    "signal": ([], signal),
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
