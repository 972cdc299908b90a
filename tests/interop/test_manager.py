#!/usr/bin/env python3
"""The daemon's interfaces, on a bus of the test's own, with a virtual modem on a pty.

    test_manager.py MODEM_MANAGER QMI_SIM [PART...]
"""

import sys


try:
    from manager_world import CONNECTED, DISABLED, FAILED, Failure, LOCKED, REGISTERED, SIM, Variant, World, ends_well, run_parts
except (ImportError, ValueError) as missing:
    print(f"1..0 # SKIP GLib's bindings for Python are not installed: {missing}")
    sys.exit(0)

PIN, SIM_LOCK, PUK_LOCK = "1234", 2, 4


def connect(world, **words):
    """All in one call; the error's name, or None."""
    return world.error("Modem.Simple", "Connect", "a{sv}",
                       {key.replace("_", "-"): Variant("s", value) for key, value in {"apn": "internet", **words}.items()})


def simple_unlock(tap, world):
    """A card whose PIN comes with the wish for a connection."""
    world.becomes(LOCKED)
    for wrong in ("123", "123456789", "12a4"):
        tap.check(f"{wrong} is no PIN", connect(world, pin=wrong) == "Core.InvalidArgs")
    tap.check("none was tried", world.get("Modem", "UnlockRetries").get(SIM_LOCK) == 3, world.get("Modem", "UnlockRetries"))
    tap.check("a wrong one is told", connect(world, pin="9999") == "MobileEquipment.IncorrectPassword")
    tap.check("and tried once", world.get("Modem", "UnlockRetries").get(SIM_LOCK) == 2, world.get("Modem", "UnlockRetries"))
    tap.check("the right one leads to a connection", connect(world, pin=PIN) is None, world.state())
    tap.check("which is there", world.becomes(CONNECTED), world.state())
    tap.check("the PIN is not kept with the bearer", "pin" not in world.get(
        "Bearer", "Properties", path=world.get("Modem", "Bearers")[0]))


def simple_operator(tap, world):
    """A network that comes with the wish for a connection."""
    for wrong in ("001", "00a01", "0010222"):
        tap.check(f"{wrong} is no operator", connect(world, operator_id=wrong) == "Core.InvalidArgs")
    tap.check("it connects abroad", connect(world, operator_id="00102") is None)
    tap.check("where it was told to", world.get("Modem.Modem3gpp", "OperatorCode") == "00102" and
              world.state() == CONNECTED, world.state())
    world.error("Modem.Simple", "Disconnect", "o", "/")
    tap.check("another one is looked for", connect(world, operator_id="00101") is None)
    tap.check("and found", world.get("Modem.Modem3gpp", "OperatorCode") == "00101", world.get("Modem.Modem3gpp", "OperatorCode"))
    world.error("Modem.Simple", "Disconnect", "o", "/")
    for index in ("3", "4"):  # 001/02 on its two radios
        world.ctl("network", index, "--cause", "11")
    tap.check("one that refuses says so", connect(world, operator_id="00102") == "MobileEquipment.NetworkNotAllowed")
    world.error("Modem.Modem3gpp", "Register", "s", "")


def sim_unlock(tap, world):
    """A card that asks for its PIN."""
    tap.check("a modem whose SIM asks for its PIN is locked", world.becomes(LOCKED), world.state())
    tap.check("and has what works with a locked card", world.interfaces() == {
        "Modem", "Modem.Firmware", "Modem.Voice", "Modem.Modem3gpp", "Modem.Simple"}, world.interfaces())
    tap.check("which cannot be used to search", world.error("Modem.Modem3gpp", "Scan") == "Core.WrongState")
    tap.check("nor to connect", connect(world) == "Core.Unauthorized")
    tap.check("a wrong PIN is an incorrect password",
              world.error("Sim", "SendPin", "s", "9999", path=SIM) == "MobileEquipment.IncorrectPassword")
    tap.check("a try is gone", world.get("Modem", "UnlockRetries").get(SIM_LOCK) == 2,
              world.get("Modem", "UnlockRetries"))
    tap.check("a PUK is not asked for", world.error("Sim", "SendPuk", "ss", "12345678", PIN, path=SIM) ==
              "Core.WrongState")
    tap.check("the right one is taken", world.error("Sim", "SendPin", "s", PIN, path=SIM) is None)
    tap.check("the modem is disabled", world.becomes(DISABLED), world.state())
    tap.check("the IMSI is known", world.wait(lambda: world.get("Sim", "Imsi", path=SIM)))
    tap.check("the other interfaces are there", world.wait(lambda: {"Modem.Messaging", "Modem.Simple"} <=
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
    tap.check("nor what needs one", world.interfaces() == {"Modem", "Modem.Firmware", "Modem.Voice"},
              world.interfaces())
    tap.check("it cannot be enabled", world.error("Modem", "Enable", "b", True) == "Core.WrongState")
    world.ctl("card-insert")
    tap.check("with its card it is disabled", world.becomes(DISABLED), world.state())
    tap.check("the IMSI is there", world.wait(lambda: world.get("Sim", "Imsi", path=SIM)))
    tap.check("it is enabled and registers", not world.error("Modem", "Enable", "b", True) and
              world.becomes(REGISTERED), world.state())
    tap.check("its number is there, which the modem knows from then on",
              world.wait(lambda: world.get("Modem", "OwnNumbers")), world.get("Modem", "OwnNumbers"))


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


def sms(world, path, name):
    return world.get("Sms", name, path=path)


def messages(tap, world):
    """Messages that arrive, are there, and are deleted."""
    tap.check("a modem that is off tells of no message", world.error("Modem.Messaging", "List") == "Core.WrongState")
    world.ctl("sms", "+4915550100", "before")
    world.enable()
    world.becomes(REGISTERED)
    first = world.wait(lambda: world.call("Modem.Messaging", "List"))
    tap.check("one that came before is listed", len(first) == 1 and sms(world, first[0], "Text") == "before", first)
    tap.check("as received, by the other's number", sms(world, first[0], "State") == 3 and
              sms(world, first[0], "Number") == "+4915550100" and sms(world, first[0], "PduType") == 1)
    world.signals.clear()
    long = "Grüße " * 60
    world.ctl("sms", "+4915550101", long)
    path = world.wait(lambda: (world.signal("Added") or [None])[0])
    tap.check("one that comes is told of", path and world.signal("Added")[1] is True, world.signals)
    tap.check("in parts it is whole in the end", world.wait(lambda: sms(world, path, "Text") == long),
              sms(world, path, "Text"))
    tap.check("it is received, stored in the modem, and has a time", sms(world, path, "State") == 3 and
              sms(world, path, "Storage") == 2 and sms(world, path, "Timestamp").startswith("20"),
              sms(world, path, "Timestamp"))
    tap.check("both are in the list", len(world.get("Modem.Messaging", "Messages")) == 2)
    tap.check("it is deleted", world.error("Modem.Messaging", "Delete", "o", path) is None and
              world.signal("Deleted") == (path,))
    tap.check("from the modem too", len(world.ctl("sms-list", "me").get("messages", [])) == 1, world.ctl("sms-list", "me"))
    tap.check("there is no such message any more", world.error("Modem.Messaging", "Delete", "o", path) ==
              "Core.NotFound")
    world.call("Modem", "Enable", "b", False)
    tap.check("off, it has no messages", world.get("Modem.Messaging", "Messages") == [])


def message_out(tap, world):
    """Messages that are made, sent, reported and stored."""
    world.enable()
    world.becomes(REGISTERED)

    def create(**properties):
        kinds = {"number": "s", "text": "s", "data": "ay", "class": "i", "delivery-report-request": "b", "smsc": "s",
                 "validity": "(uv)"}
        return world.call("Modem.Messaging", "Create", "a{sv}",
                          {key.replace("_", "-"): Variant(kinds[key.replace("_", "-")], value)
                           for key, value in properties.items()})

    for wrong in ({"number": "+49155"}, {"text": "hello"}, {"number": "+49155", "text": "a", "data": b"b"},
                  {"number": "+49155", "text": "a", "class": 4}, {"number": "", "text": "a"},
                  {"number": "+49155", "data": bytes(141)}):
        try:
            create(**wrong)
            tap.check(f"{wrong} is refused", False)
        except Failure as failure:
            tap.check(f"{list(wrong)} is refused", failure.name == "Core.InvalidArgs", failure.name)
    path = create(number="+4915550102", text="Hello €", delivery_report_request=True)
    tap.check("one that was made is not sent yet", sms(world, path, "State") == 0 and sms(world, path, "PduType") == 2)
    tap.check("it is sent", world.error("Sms", "Send", path=path) is None and sms(world, path, "State") == 5)
    sent = world.ctl("sms-sent")
    tap.check("its text left the modem", "Hello €" in str(sent), sent)
    tap.check("it is delivered", world.wait(lambda: sms(world, path, "DeliveryState") == 0),
              sms(world, path, "DeliveryState"))
    tap.check("it is not sent twice", world.error("Sms", "Send", path=path) == "Core.WrongState")
    long = create(number="+4915550102", text="0123456789" * 40)
    tap.check("one of three parts is sent", world.error("Sms", "Send", path=long) is None)
    tap.check("all of it", len(world.ctl("sms-sent").get("messages", [])) >= 4, world.ctl("sms-sent"))
    world.ctl("sms-fail", "1")
    refused = create(number="+4915550102", text="no")
    tap.check("one that the network refuses is an error", world.error("Sms", "Send", path=refused) == "Core.Failed")
    tap.check("and can be sent again", sms(world, refused, "State") == 0 and
              world.error("Sms", "Send", path=refused) is None)
    data = create(number="+4915550102", data=bytes(range(8)), validity=(1, Variant("u", 60)))
    tap.check("one of octets is stored on the card", world.error("Sms", "Store", "u", 1, path=data) is None and
              sms(world, data, "State") == 1 and sms(world, data, "Storage") == 1, sms(world, data, "State"))
    tap.check("with what it was made of", bytes(sms(world, data, "Data")) == bytes(range(8)) and
              sms(world, data, "Validity") == (1, 60), sms(world, data, "Validity"))
    tap.check("a storage that is none is refused", world.error("Sms", "Store", "u", 5, path=refused) is not None)
    tap.check("messages are kept on the card by default", world.error("Modem.Messaging", "SetDefaultStorage", "u", 1)
              is None and world.get("Modem.Messaging", "DefaultStorage") == 1)
    world.signals.clear()
    world.ctl("sms", "+4915550103", "to the card")
    arrived = world.wait(lambda: (world.signal("Added") or [None])[0])
    tap.check("then one that comes is on the card", sms(world, arrived, "Storage") == 1)


def ussd(tap, world):
    """Sessions with the network."""
    def ask(method, *words):
        try:
            return world.call("Modem.Modem3gpp.Ussd", method, "s" * len(words), *words)
        except Failure as failure:
            return failure.name

    tap.check("a modem that is off asks nothing", ask("Initiate", "*100#") == "Core.WrongState")
    world.enable()
    world.becomes(REGISTERED)
    tap.check("the network answers a code", ask("Initiate", "*100#") == "Your balance is 10.00 EUR.")
    tap.check("the session is over", world.get("Modem.Modem3gpp.Ussd", "State") == 1)
    tap.check("an unknown code is an error", ask("Initiate", "*999#") == "Core.Failed")
    tap.check("so is no code", ask("Initiate", "") == "Core.InvalidArgs")
    tap.check("and one that is too long", ask("Initiate", "1" * 183) == "Core.InvalidArgs" and
              ask("Initiate", "ü" * 81) == "Core.InvalidArgs")
    tap.check("a code may have other letters", ask("Initiate", "ü" * 80) == "Core.Failed")
    tap.check("a text that is not ASCII comes whole", any(ord(letter) > 127 for letter in ask("Initiate", "*102#")))
    tap.check("without a question there is no reply", ask("Respond", "1") == "Core.Failed")
    tap.check("a menu is told", ask("Initiate", "*101#").startswith("1 Balance"))
    tap.check("and replied to", ask("Respond", "1") == "Your balance is 10.00 EUR.")
    world.ctl("ussd", "Good day")
    tap.check("the network speaks by itself", world.wait(
        lambda: world.get("Modem.Modem3gpp.Ussd", "NetworkNotification") == "Good day"))
    world.ctl("ussd", "Yes or no?", "true")
    tap.check("and asks", world.wait(lambda: world.get("Modem.Modem3gpp.Ussd", "NetworkRequest") == "Yes or no?") and
              world.get("Modem.Modem3gpp.Ussd", "State") == 3, world.get("Modem.Modem3gpp.Ussd", "State"))
    tap.check("a session is active then", ask("Initiate", "*100#") == "Core.WrongState")
    tap.check("that is cancelled", ask("Cancel") is None and world.get("Modem.Modem3gpp.Ussd", "State") == 1)
    world.ctl("ussd", "Yes or no?", "true")
    world.wait(lambda: world.get("Modem.Modem3gpp.Ussd", "State") == 3)
    world.ctl("fault", "lose-indications")
    waiting = world.begin("Modem.Modem3gpp.Ussd", "Respond", "s", "1")
    tap.check("a reply waits for the network", world.wait(
        lambda: world.get("Modem.Modem3gpp.Ussd", "State") == 2))
    tap.check("nothing else is asked meanwhile", ask("Respond", "1") == "Core.WrongState")
    tap.check("it can be cancelled", ask("Cancel") is None)
    tap.check("which its caller is told", world.finish(waiting) == "Core.Aborted")
    world.ctl("fault-disarm")


# Each part has a world of its own: what happens before the daemon comes, and what is tried.
PARTS = {
    "sim-unlock": ([["card-pin", "pin1", "enabled", "--code", PIN]], sim_unlock),
    "simple-unlock": ([["card-pin", "pin1", "enabled", "--code", PIN]], simple_unlock),
    "simple-operator": ([], simple_operator),
    "sim-codes": ([], sim_codes),
    "sim-removal": ([], sim_removal),
    "network": ([], network),
    "settings": ([], settings),
    "ussd": ([], ussd),
    "messages": ([], messages),
    "message-out": ([], message_out),
}


def main():
    manager, qmi_sim, *wanted = sys.argv[1:]

    def play(tap, name, chosen):
        before, part = chosen
        with World(manager, qmi_sim, "--warm", "--time-scale", "0.1", before=before) as world:
            part(tap, world)
            ends_well(tap, name, world)

    return run_parts(PARTS, wanted, play)


sys.exit(main())
