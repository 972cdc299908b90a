#!/usr/bin/env python3
"""The daemon's interfaces about the radio and the device, on a bus of the test's own.

    test_manager_radio.py MODEM_MANAGER QMI_SIM [PART...]
"""

import hashlib
import os
import sys
import tempfile


try:
    from manager_world import FAILED, LOCKED, REGISTERED, Variant, World, ends_well, run_parts
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
    tap.check("no image is listed", world.call("Modem.Firmware", "List") == ("", []), world.call("Modem.Firmware", "List"))
    tap.check("nor chosen", world.error("Modem.Firmware", "Select", "s", "x") == "Core.NotFound")


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


def location(tap, world):
    """The place, by cell and by satellites."""
    tap.check("a modem that is off knows no place", world.error("Modem.Location", "GetLocation") == "Core.WrongState")
    tap.check("nor is a source on", world.get("Modem.Location", "Enabled") == 0)
    tap.check("the cell and satellites are known, and A-GPS", world.get("Modem.Location", "Capabilities") == 0x67,
              world.get("Modem.Location", "Capabilities"))
    world.enable()
    world.becomes(REGISTERED)
    place = world.wait(lambda: world.call("Modem.Location", "GetLocation"))
    tap.check("the cell is told from the start", set(place) == {1} and place[1].startswith("001,01,FFFE,"), place)
    tap.check("not to everybody", world.get("Modem.Location", "Location") == {})
    tap.check("an unknown source is refused", world.error("Modem.Location", "Setup", "ub", 8, False) ==
              "Core.Unsupported")
    tap.check("satellites are turned on", world.error("Modem.Location", "Setup", "ub", 7, True) is None and
              world.get("Modem.Location", "Enabled") == 7)
    world.call("Modem.Location", "SetGpsRefreshRate", "u", 0)
    place = world.wait(lambda: (lambda now: now if {1, 2, 4} <= set(now) else None)(
        world.call("Modem.Location", "GetLocation")))
    tap.check("the position is told", place and 52.4 < place[2]["latitude"] < 52.5 and
              13.3 < place[2]["longitude"] < 13.5 and len(place[2]["utc-time"]) == 9, place)
    tap.check("and NMEA, a sentence of a kind", place and "$GP" in place[4] and
              all(line.startswith("$") for line in place[4].split("\r\n")) and
              place[4].count("GGA") == 1, place)
    tap.check("and the property tells of it", world.wait(lambda: 2 in world.get("Modem.Location", "Location")))
    tap.check("they are turned off", world.error("Modem.Location", "Setup", "ub", 1, False) is None and
              set(world.call("Modem.Location", "GetLocation")) == {1} and
              world.get("Modem.Location", "Location") == {})
    tap.check("in the modem too", world.wait(lambda: not world.ctl("status")["gnss"]["on"]), world.ctl("status")["gnss"])
    world.call("Modem.Location", "Setup", "ub", 3, False)
    world.call("Modem", "Enable", "b", False)
    tap.check("nor are they on in a modem that is off", world.wait(lambda: not world.ctl("status")["gnss"]["on"]) and
              world.get("Modem.Location", "Enabled") == 0, world.get("Modem.Location", "Enabled"))
    world.enable()
    tap.check("on again, the cell alone is told", world.get("Modem.Location", "Enabled") == 1)


def assistance(tap, world):
    """What helps the receiver."""
    servers = [f"http://xtrapath{i}.izatcloud.net/xtra2.bin" for i in (1, 2, 3)]
    tap.check("data about satellites is taken, and where from is told",
              world.wait(lambda: world.get("Modem.Location", "SupportedAssistanceData")) == 1 and
              world.get("Modem.Location", "AssistanceDataServers") == servers)
    tap.check("a modem that is off takes none",
              world.error("Modem.Location", "InjectAssistanceData", "ay", bytes(10)) == "Core.WrongState" and
              world.error("Modem.Location", "SetSuplServer", "s", "supl.example.org:7275") == "Core.WrongState" and
              world.error("Modem.Location", "SetGpsRefreshRate", "u", 1) == "Core.WrongState")
    world.enable()
    for wrong in ("", "supl.example.org", "supl.example.org:", ":7275", "a:0", "a:65536", "a:1b", "[::1]:7275", "a:1:2",
                  "x" * 255 + ":1"):
        tap.check(f"'{wrong[:20]}' is no server", world.error("Modem.Location", "SetSuplServer", "s", wrong) ==
                  "Core.InvalidArgs")
    for server in ("supl.example.org:7275", "192.0.2.7:7276"):
        tap.check(f"{server} is taken", world.error("Modem.Location", "SetSuplServer", "s", server) is None and
                  world.get("Modem.Location", "SuplServer") == server)
    world.ctl("fault", "error-result=3:loc.set-server:1")
    tap.check("a refusal changes nothing", world.error("Modem.Location", "SetSuplServer", "s", "other:1") == "Core.Failed" and
              world.get("Modem.Location", "SuplServer") == server)
    for size in (0, 1, 1024, 1025, 102400):
        tap.check(f"{size} bytes about satellites are taken",
                  world.error("Modem.Location", "InjectAssistanceData", "ay", bytes(size)) is None)
    tap.check("more are too many",
              world.error("Modem.Location", "InjectAssistanceData", "ay", bytes(102401)) == "Core.TooMany")
    world.ctl("fault", "error-result=94:loc.inject-predicted-orbits-data:1")
    tap.check("a modem that lacks the message has the other",
              world.error("Modem.Location", "InjectAssistanceData", "ay", bytes(3000)) is None)
    world.ctl("fault", "error-result=3:loc.inject-predicted-orbits-data:1")
    tap.check("a refusal is told",
              world.error("Modem.Location", "InjectAssistanceData", "ay", bytes(3000)) == "Core.Failed")
    tap.check("A-GPS is assisted or based", world.error("Modem.Location", "Setup", "ub", 0x61, False) == "Core.Failed")
    tap.check("it is assisted", world.error("Modem.Location", "Setup", "ub", 0x21, False) is None and
              world.get("Modem.Location", "Enabled") == 0x21)
    tap.check("the receiver is off, as nobody wants a position", not world.ctl("status")["gnss"]["on"])
    tap.check("it is based, with positions", world.error("Modem.Location", "Setup", "ub", 0x43, False) is None and
              world.get("Modem.Location", "Enabled") == 0x43 and world.ctl("status")["gnss"]["on"])
    world.ctl("fault", "error-result=3:loc.set-operation-mode:1")
    tap.check("what the modem refuses is not on", world.error("Modem.Location", "Setup", "ub", 0x21, False) ==
              "Core.Failed" and world.get("Modem.Location", "Enabled") == 0x43, world.get("Modem.Location", "Enabled"))
    world.ctl("fault", "error-result=3:loc.set-operation-mode:1")
    tap.check("what it keeps does not hinder disabling", world.error("Modem", "Enable", "b", False) is None and
              world.get("Modem.Location", "Enabled") == 0 and not world.ctl("status")["gnss"]["on"])


def server_kept(tap, world):
    """A server that somebody else set."""
    world.enable()
    world.call("Modem.Location", "SetSuplServer", "s", "192.0.2.7:7276")
    world.end()
    world.start()
    tap.check("the server is the modem's to keep", world.wait(lambda: world.get("Modem.Location", "SuplServer")) ==
              "192.0.2.7:7276", world.get("Modem.Location", "SuplServer"))


def calls(tap, world):
    """Calls that are made and that come."""
    def call_state(path):
        return world.get("Call", "State", path=path)

    def create(number):
        return world.call("Modem.Voice", "CreateCall", "a{sv}", {"number": Variant("s", number)})

    tap.check("without a network, emergency calls alone", world.get("Modem.Voice", "EmergencyOnly") is True)
    normal, emergency = create("999"), create("112")
    tap.check("others are refused", world.error("Call", "Start", path=normal) == "Core.Unauthorized" and
              call_state(normal) == 0)
    tap.check("an emergency call is made", world.error("Call", "Start", path=emergency) is None and
              world.wait(lambda: call_state(emergency) == 4), call_state(emergency))
    tap.check("and ended", world.error("Call", "Hangup", path=emergency) is None and
              world.wait(lambda: call_state(emergency) == 7), call_state(emergency))
    for path in normal, emergency:
        world.call("Modem.Voice", "DeleteCall", "o", path)
    world.enable()
    world.becomes(REGISTERED)
    tap.check("with a network, all", world.get("Modem.Voice", "EmergencyOnly") is False)
    tap.check("a text is no number", world.error("Modem.Voice", "CreateCall", "a{sv}", {"number": Variant("s", "bob")})
              == "Core.InvalidArgs")
    path = create("+4915550100")
    tap.check("a call that was made is not dialled", call_state(path) == 0 and
              world.get("Modem.Voice", "Calls") == [path])
    tap.check("nor can it be ended", world.error("Call", "Hangup", path=path) == "Core.Failed")
    tap.check("it is dialled", world.error("Call", "Start", path=path) is None)
    tap.check("the other side answers", world.wait(lambda: call_state(path) == 4), call_state(path))
    def told():
        return [found[3][1] for found in world.signals if found[2] == "StateChanged" and found[0] == path]

    tap.check("the states were told", world.wait(lambda: told() == [1, 2, 4]), told())
    tap.check("a tone lasts half a second, where nobody chose", world.get("Call", "DtmfToneDuration", path=path) == 500)
    tap.check("tones are sent", world.error("Call", "SendDtmf", "s", "12#", path=path) is None and
              world.ctl("status")["calls"][0]["dtmf"] == "12#", world.ctl("status")["calls"])
    tap.check("others are refused", world.error("Call", "SendDtmf", "s", "x", path=path) == "Core.InvalidArgs")
    tap.check("it is ended", world.error("Call", "Hangup", path=path) is None and
              world.wait(lambda: call_state(path) == 7), call_state(path))
    tap.check("the modem has none", world.wait(lambda: not world.ctl("status")["calls"]), world.ctl("status")["calls"])
    tap.check("it is deleted", world.error("Modem.Voice", "DeleteCall", "o", path) is None and
              world.get("Modem.Voice", "Calls") == [])
    busy = create("99971")
    world.error("Call", "Start", path=busy)
    tap.check("a busy number is refused or busy", world.wait(lambda: call_state(busy) == 7) and
              world.get("Call", "StateReason", path=busy) == 5, world.get("Call", "StateReason", path=busy))
    world.signals.clear()
    world.ctl("call", "+4915550101")
    came = world.wait(lambda: (world.signal("CallAdded") or [None])[0])
    tap.check("a call that comes is told of, with who calls", call_state(came) == 3 and
              world.get("Call", "Number", path=came) == "+4915550101" and
              world.get("Call", "Direction", path=came) == 1, world.get("Call", "Number", path=came))
    tap.check("it cannot be sent on", world.error("Call", "Deflect", "s", "+4915550199", path=came) ==
              "Core.Unsupported")
    tap.check("it is accepted", world.error("Call", "Accept", path=came) is None and
              world.wait(lambda: call_state(came) == 4))
    world.ctl("call-remote", "hang-up")
    tap.check("the other side ends it", world.wait(lambda: call_state(came) == 7) and
              world.get("Call", "StateReason", path=came) == 4)
    tap.check("call waiting is turned on", world.error("Modem.Voice", "CallWaitingSetup", "b", True) is None and
              world.call("Modem.Voice", "CallWaitingQuery") is True)
    tap.check("and off", world.error("Modem.Voice", "CallWaitingSetup", "b", False) is None and
              world.call("Modem.Voice", "CallWaitingQuery") is False)
    last = create("+4915550102")
    world.error("Call", "Start", path=last)
    world.wait(lambda: call_state(last) == 4)
    tap.check("all are ended at once", world.error("Modem.Voice", "HangupAll") is None and
              world.wait(lambda: call_state(last) == 7))
    world.call("Modem", "Enable", "b", False)
    tap.check("off, it has no calls", world.get("Modem.Voice", "Calls") == [])


def calls_at_once(tap, world):
    """Several calls."""
    def call_state(path):
        return world.get("Call", "State", path=path)

    def dial(number):
        path = world.call("Modem.Voice", "CreateCall", "a{sv}", {"number": Variant("s", number),
                                                                 "dtmf-tone-duration": Variant("u", 120)})
        world.call("Call", "Start", path=path)
        world.wait(lambda: call_state(path) == 4)
        return path

    def come():
        seen = len(world.signals)
        world.ctl("call", "+4915550103")
        return world.wait(lambda: (world.signal("CallAdded", seen) or [None])[0])

    world.enable()
    world.becomes(REGISTERED)
    first = dial("+4915550101")
    tap.check("a tone's length is taken in steps of 100 ms", world.get("Call", "DtmfToneDuration", path=first) == 200)
    pending = [world.begin("Call", "SendDtmf", "s", tones, path=first) for tones in ("1", "22", "3")]
    tap.check("tones of several requests come in their order", all(world.finish(call) is None for call in pending) and
              world.ctl("status")["calls"][0]["dtmf"] == "1223", world.ctl("status")["calls"])
    world.ctl("fault", "error-result=3:voice.start-continuous-dtmf:1")
    pending = [world.begin("Call", "SendDtmf", "s", tones, path=first) for tones in ("4", "5")]
    tap.check("those behind one that failed are sent", [world.finish(call) for call in pending] ==
              ["Core.Failed", None] and world.ctl("status")["calls"][0]["dtmf"] == "12235", world.ctl("status")["calls"])
    second = come()
    tap.check("another waits", call_state(second) == 6, call_state(second))
    tap.check("it is taken, the first one held", world.error("Modem.Voice", "HoldAndAccept") is None and
              world.wait(lambda: call_state(second) == 4 and call_state(first) == 5),
              (call_state(first), call_state(second)))
    tap.check("no tone is sent to one that is held", world.error("Call", "SendDtmf", "s", "1", path=first) == "Core.Failed")
    tap.check("both are joined", world.error("Call", "JoinMultiparty", path=first) is None and
              world.wait(lambda: world.get("Call", "Multiparty", path=first) and
                         world.get("Call", "Multiparty", path=second)))
    tap.check("one is spoken to alone", world.error("Call", "LeaveMultiparty", path=second) is None and
              world.wait(lambda: call_state(first) == 5 and call_state(second) == 4),
              (call_state(first), call_state(second)))
    tap.check("the one that was held is taken, the other ended",
              world.error("Modem.Voice", "HangupAndAccept") is None and
              world.wait(lambda: call_state(second) == 7 and call_state(first) == 4),
              (call_state(first), call_state(second)))
    third = come()
    world.call("Modem.Voice", "HoldAndAccept")
    world.wait(lambda: call_state(third) == 4)
    tap.check("two others are connected with each other", world.error("Modem.Voice", "Transfer") is None and
              world.wait(lambda: call_state(first) == call_state(third) == 7), (call_state(first), call_state(third)))
    fourth = dial("+4915550104")
    fifth = world.call("Modem.Voice", "CreateCall", "a{sv}", {"number": Variant("s", "+4915550105")})
    pending = [world.begin("Modem.Voice", "DeleteCall", "o", fourth), world.begin("Call", "Start", path=fifth)]
    tap.check("the end of a call is not taken for that of the next one",
              all(world.finish(call) is None for call in pending) and
              world.wait(lambda: call_state(fifth) in (4, 7)) and call_state(fifth) == 4, call_state(fifth))
    fourth = fifth
    world.ctl("registration", "lost")
    tap.check("without a network the call ends", world.wait(lambda: call_state(fourth) == 7), call_state(fourth))


def network_time(tap, world):
    """The network's clock."""
    tap.check("a modem that is off knows no time", world.error("Modem.Time", "GetNetworkTime") == "Core.WrongState")
    world.enable()
    world.becomes(REGISTERED)
    world.ctl("network-time", "1700000000", "8")
    told = world.wait(lambda: world.signal("NetworkTimeChanged"))
    tap.check("the network tells the time", told == ("2023-11-15T00:13:20+02",), told)
    tap.check("and its zone", world.get("Modem.Time", "NetworkTimezone").get("offset") == 120,
              world.get("Modem.Time", "NetworkTimezone"))
    tap.check("which can be asked for", world.call("Modem.Time", "GetNetworkTime").endswith("+02"))


def time_by_at(tap, world):
    """The network told the time before anybody listened."""
    world.enable()
    world.becomes(REGISTERED)
    tap.check("its zone is known", world.get("Modem.Time", "NetworkTimezone") == {"offset": 120},
              world.get("Modem.Time", "NetworkTimezone"))
    tap.check("and the time, by the AT port", world.call("Modem.Time", "GetNetworkTime").startswith("2023-11-15T00:1"),
              world.call("Modem.Time", "GetNetworkTime"))


def time_unknown(tap, world):
    """The same without an AT port."""
    world.enable()
    world.becomes(REGISTERED)
    tap.check("its zone is known", world.get("Modem.Time", "NetworkTimezone") == {"offset": 120},
              world.get("Modem.Time", "NetworkTimezone"))
    tap.check("the time is not made up", world.error("Modem.Time", "GetNetworkTime") == "Core.Failed")


def card_lost(tap, world):
    """An emergency call of a modem whose card is taken out."""
    path = world.call("Modem.Voice", "CreateCall", "a{sv}", {"number": Variant("s", "112")})
    world.call("Call", "Start", path=path)
    tap.check("it is made", world.wait(lambda: world.get("Call", "State", path=path) == 4))
    seen = len(world.signals)
    world.ctl("card-remove")
    tap.check("the modem fails", world.becomes(FAILED), world.state())
    tap.check("the call goes on", world.get("Call", "State", path=path) == 4, world.get("Call", "State", path=path))
    gone = [name for found in world.signals[seen:] if found[2] == "InterfacesRemoved" for name in found[3][1]]
    tap.check("what needs no card never left", not {"org.freedesktop.ModemManager1.Modem.Voice",
                                                    "org.freedesktop.ModemManager1.Modem.Firmware"} & set(gone), gone)
    tap.check("it is ended", world.error("Call", "Hangup", path=path) is None and
              world.wait(lambda: world.get("Call", "State", path=path) == 7))


def power(tap, world):
    """Power states."""
    def told():
        return world.get("Modem", "PowerState"), world.ctl("status")["power"]["mode"]

    tap.check("it is on", told() == (3, "online"), told())
    for state, mode in ((2, "low-power"), (3, "online"), (1, "offline")):
        tap.check(f"its power state is {state}", world.error("Modem", "SetPowerState", "u", state) is None and
                  told() == (state, mode), told())
    for wrong in 0, 4:
        tap.check(f"there is no state {wrong}", world.error("Modem", "SetPowerState", "u", wrong) == "Core.InvalidArgs")
    tap.check("from off it comes back by a reset alone", world.error("Modem", "SetPowerState", "u", 3) == "Core.Failed" and
              told() == (1, "offline"), told())


def power_by_others(tap, world):
    """Somebody else turns the radio off and on."""
    world.ctl("mode", "low-power")
    tap.check("that is told", world.wait(lambda: world.get("Modem", "PowerState") == 2))
    world.ctl("mode", "online")
    tap.check("and the other way", world.wait(lambda: world.get("Modem", "PowerState") == 3))
    world.ctl("mode", "low-power")
    world.wait(lambda: world.get("Modem", "PowerState") == 2)
    tap.check("enabling turns it on", world.error("Modem", "Enable", "b", True) is None and
              world.becomes(REGISTERED) and world.get("Modem", "PowerState") == 3)


def power_untold(tap, world):
    """The same with a modem that does not tell."""
    world.ctl("mode", "low-power")
    tap.check("enabling turns the radio on all the same", world.error("Modem", "Enable", "b", True) is None and
              world.becomes(REGISTERED), world.state())


def power_enabled(tap, world):
    """Power states of a modem that cannot have them."""
    world.enable()
    world.becomes(REGISTERED)
    for state in 1, 2, 3:
        tap.check(f"an enabled modem does not take {state}",
                  world.error("Modem", "SetPowerState", "u", state) == "Core.WrongState")


def power_failed(tap, world):
    """Power states of a modem without a card."""
    for state in 2, 3, 1:
        tap.check(f"its power state is {state}", world.error("Modem", "SetPowerState", "u", state) is None and
                  world.get("Modem", "PowerState") == state)


def power_locked(tap, world):
    """Power states of a modem that asks for a PIN."""
    world.becomes(LOCKED)
    for state in 2, 3:
        tap.check(f"it does not take {state}", world.error("Modem", "SetPowerState", "u", state) == "Core.WrongState")
    tap.check("it is turned off", world.error("Modem", "SetPowerState", "u", 1) is None and
              world.get("Modem", "PowerState") == 1)


def resets(tap, world):
    """Resets."""
    tap.check("what it was delivered with, this modem has not",
              world.error("Modem", "FactoryReset", "s", "000000") == "Core.Failed")
    world.ctl("fault", "error-result=3:dms.set-operating-mode:1")
    tap.check("a reset may be refused", world.error("Modem", "Reset") == "Core.Failed")
    tap.check("or taken", world.error("Modem", "Reset") is None)
    tap.check("it resets", world.wait(lambda: world.ctl("status")["power"]["mode"] != "offline"), world.ctl("status")["power"]["mode"])


# What is done to the modem before the daemon starts, and what follows.
PARTS = {
    "identity": ([], identity),
    "no-carrier": ([["fault", "error-result=3:pdc.get-selected-config"]], no_carrier),
    "no-sar": ([["fault", "error-result=71:sar.rf-get-state"]], no_sar),
    "sar": ([], sar),
    "quality": ([], quality),
    "signal": ([], signal),
    "location": ([], location),
    "assistance": ([], assistance),
    "server-kept": ([], server_kept),
    "calls": ([], calls),
    "calls-at-once": ([], calls_at_once),
    "network-time": ([], network_time),
    "card-lost": ([], card_lost),
    "power": ([], power),
    "resets": ([], resets),
    "power-by-others": ([], power_by_others),
    "power-untold": ([["fault", "error-result=71:dms.set-event-report"]], power_untold),
    "power-enabled": ([], power_enabled),
    "power-failed": ([["card-remove"]], power_failed),
    "power-locked": ([["card-pin", "pin1", "enabled", "--code", "1234"]], power_locked),
    "time-by-at": ([["network-time", "1700000000", "8"]], time_by_at),
    "time-unknown": ([["network-time", "1700000000", "8"]], time_unknown),
}
# Those that have the modem's AT port.
WITH_AT = {"time-by-at"}


def main():
    manager, qmi_sim, *wanted = sys.argv[1:]

    def play(tap, name, chosen):
        before, part = chosen
        with tempfile.TemporaryDirectory(prefix="qmi-radio-") as folder:
            port = os.path.join(folder, "at")
            with World(manager, qmi_sim, "--warm", "--time-scale", "0.1", "--at", port, before=before,
                       manager_options=("--at-port", port) if name in WITH_AT else ()) as world:
                part(tap, world)
                ends_well(tap, name, world)

    return run_parts(PARTS, wanted, play)


sys.exit(main())
