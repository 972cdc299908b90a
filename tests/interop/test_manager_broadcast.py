#!/usr/bin/env python3
"""Cell broadcasts and OMA sessions of the daemon: what a cell says to everyone, what a server does to the modem.

    test_manager_broadcast.py MODEM_MANAGER QMI_SIM [PART...]
"""

import json
import os
import sys
import tempfile


try:
    from manager_world import DISABLED, REGISTERED, ROOT, World, ends_well, run_parts
except (ImportError, ValueError) as missing:
    print(f"1..0 # SKIP GLib's bindings for Python are not installed: {missing}")
    sys.exit(0)

BROADCAST = "Modem.CellBroadcast"
CHANNELS = [(50, 60), (4370, 4379)]  # the second are warnings, TS 23.041 9.4.1.2.2
UNKNOWN, RECEIVING, RECEIVED = 0, 1, 2


def pack(text):
    """Septets of ASCII letters in octets, filled up with CR to a page of 82."""
    bits = "".join(f"{ord(letter):07b}"[::-1] for letter in text.ljust(93, "\r"))
    return bytes(int(bits[i:i + 8][::-1].rjust(8, "0"), 2) for i in range(0, len(bits), 8))


def wide(text):
    """The same in UCS2."""
    return text.ljust(41, "\r").encode("utf-16-be")


def page(serial, channel, content, coding=0x01, number=1, pages=1):
    """A page as the control socket takes it; English by default."""
    return (serial.to_bytes(2, "big") + channel.to_bytes(2, "big") + bytes([coding, number << 4 | pages]) +
            content.ljust(82, b"\r")[:82]).hex()


def send(world, *arguments, **named):
    world.ctl("cell-broadcast", page(*arguments, **named))


def messages(world):
    return world.get(BROADCAST, "CellBroadcasts")


def broadcast(tap, world):
    """Messages of one page and of several."""
    tap.check("a modem that is off lists nothing", world.error(BROADCAST, "List") == "Core.WrongState")
    world.enable()
    tap.check("it is registered", world.becomes(REGISTERED), world.state())
    tap.check("no channel is listened to", world.get(BROADCAST, "Channels") == [], world.get(BROADCAST, "Channels"))
    tap.check("channels are chosen", world.error(BROADCAST, "SetChannels", "a(uu)", CHANNELS) is None and
              world.get(BROADCAST, "Channels") == CHANNELS, world.get(BROADCAST, "Channels"))
    for wrong in ([(60, 50)], [(0, 65536)], [(1, 1)] * 65):
        tap.check(f"{wrong[0]} and the like are none", world.error(BROADCAST, "SetChannels", "a(uu)", wrong) ==
                  "Core.InvalidArgs")
    tap.check("they stay", world.get(BROADCAST, "Channels") == CHANNELS)
    send(world, 0x4ab3, 50, pack("Storm is coming"))
    added = world.wait(lambda: world.signal("Added"))
    tap.check("a message is told of", added and messages(world) == [added[0]] and added[0].startswith(ROOT + "/CBM/"),
              (added, messages(world)))
    path = added[0]
    shown = {name: world.get("Cbm", name, path=path) for name in
             ("State", "Text", "Channel", "MessageCode", "Update", "Language")}
    tap.check("with all that it says", shown == {"State": RECEIVED, "Text": "Storm is coming", "Channel": 50,
                                                 "MessageCode": 0xab, "Update": 3, "Language": "en"}, shown)
    send(world, 0x4ab3, 50, pack("Storm is coming"))
    send(world, 0x4ab3, 49, pack("Nobody listens"))
    send(world, 0x4ab4, 50, pack("Storm is over"))
    tap.check("its update is another one, the same again is not", world.wait(lambda: len(messages(world)) == 2),
              messages(world))
    tap.check("the newest stands first", world.get("Cbm", "Text", path=messages(world)[0]) == "Storm is over")
    tap.check("they are listed", world.call(BROADCAST, "List") == messages(world))

    send(world, 0x0010, 4370, wide("zwei. "), coding=0x48, number=2, pages=3)
    tap.check("a page in the middle is a message", world.wait(lambda: len(messages(world)) == 3))
    path = messages(world)[0]
    tap.check("that is not whole", world.get("Cbm", "State", path=path) == RECEIVING and
              world.get("Cbm", "Text", path=path) == "")
    send(world, 0x0010, 4370, wide("drei €"), coding=0x48, number=3, pages=3)
    send(world, 0x0010, 4370, b"", coding=0x48, number=4, pages=4)
    send(world, 0x0010, 4370, wide("eins, "), coding=0x48, number=1, pages=3)
    tap.check("it is when all pages are there", world.wait(lambda: world.get("Cbm", "State", path=path) == RECEIVED),
              world.get("Cbm", "State", path=path))
    tap.check("and its text is in order", world.get("Cbm", "Text", path=path) == "eins, zwei. drei €",
              repr(world.get("Cbm", "Text", path=path)))
    tap.check("octets have no text", not send(world, 0x0020, 4371, b"\x01\x02", coding=0x44) and
              world.wait(lambda: len(messages(world)) == 4) and
              world.get("Cbm", "Text", path=messages(world)[0]) == "")

    path = messages(world)[0]
    tap.check("one is deleted", world.error(BROADCAST, "Delete", "o", path) is None and path not in messages(world) and
              world.wait(lambda: world.signal("Deleted") == (path,)))
    tap.check("once", world.error(BROADCAST, "Delete", "o", path) == "Core.NotFound")
    tap.check("it is off the bus", world.get("Cbm", "State", path=path) is None)
    for number in range(105):
        send(world, number << 4, 51, pack(f"Number {number}"))
    tap.check("the oldest make room", world.wait(lambda: messages(world) and world.get(
        "Cbm", "Text", path=messages(world)[0]) == "Number 104") and len(messages(world)) == 100, len(messages(world)))
    world.call("Modem", "Enable", "b", False)
    tap.check("a modem that is off has none", world.becomes(DISABLED) and messages(world) == [], messages(world))
    world.enable()
    tap.check("its channels last", world.becomes(REGISTERED) and world.get(BROADCAST, "Channels") == CHANNELS,
              world.get(BROADCAST, "Channels"))
    send(world, 0x4ab3, 50, pack("Again"))
    tap.check("and bring messages again", world.wait(lambda: len(messages(world)) == 1), messages(world))


OMA = "Modem.Oma"
FAILED, STARTED, CONNECTING, CONNECTED, COMPLETED = -1, 1, 3, 4, 20
CONFIGURE, NETWORK_PRL, NETWORK_CONFIGURE = 10, 21, 20


def oma(tap, world):
    """Sessions of device management, of a modem that has them."""
    def changes():
        return [found[3] for found in world.signals if found[2] == "SessionStateChanged"]

    tap.check("a modem that is off takes no features", world.error(OMA, "Setup", "u", 1) == "Core.WrongState")
    world.enable()
    tap.check("it is registered", world.becomes(REGISTERED), world.state())
    tap.check("no feature is on, no session is there", [world.get(OMA, name) for name in (
        "Features", "SessionType", "SessionState", "PendingNetworkInitiatedSessions")] == [0, 0, 0, []])
    tap.check("features are chosen", world.error(OMA, "Setup", "u", 5) is None and world.get(OMA, "Features") == 5)
    tap.check("there is nothing to cancel", world.error(OMA, "CancelSession") == "Core.Failed",
              world.error(OMA, "CancelSession"))
    for wrong in (0, NETWORK_PRL, 99):
        tap.check(f"a client begins no session of type {wrong}",
                  world.error(OMA, "StartClientInitiatedSession", "u", wrong) == "Core.Unsupported")
    tap.check("it begins one", world.error(OMA, "StartClientInitiatedSession", "u", CONFIGURE) is None and
              world.get(OMA, "SessionType") == CONFIGURE)
    tap.check("that connects", world.wait(lambda: world.get(OMA, "SessionState") == CONNECTING))
    tap.check("one at a time", world.error(OMA, "StartClientInitiatedSession", "u", CONFIGURE) == "Core.Failed")
    world.ctl("oma", "session", "connected")
    world.ctl("oma", "session", "completed")
    tap.check("it is completed", world.wait(lambda: world.get(OMA, "SessionState") == COMPLETED))
    told = [(0, STARTED, 0), (STARTED, CONNECTING, 0), (CONNECTING, CONNECTED, 0), (CONNECTED, COMPLETED, 0)]
    tap.check("each state was told", world.wait(lambda: changes() == told), changes())
    world.ctl("oma", "alert", "prl-update", "7")
    world.ctl("oma", "alert", "device-configure", "8")
    tap.check("the network's wishes are told", world.wait(lambda: world.get(OMA, "PendingNetworkInitiatedSessions") ==
              [(NETWORK_PRL, 7), (NETWORK_CONFIGURE, 8)]), world.get(OMA, "PendingNetworkInitiatedSessions"))
    tap.check("what it does not wish is not taken", world.error(OMA, "AcceptNetworkInitiatedSession", "ub", 9, True) ==
              "Core.Unsupported")
    tap.check("nor what the modem has forgotten", world.error(OMA, "AcceptNetworkInitiatedSession", "ub", 7, True) ==
              "Core.Failed")
    tap.check("one is taken", world.error(OMA, "AcceptNetworkInitiatedSession", "ub", 8, True) is None and
              world.get(OMA, "SessionType") == NETWORK_CONFIGURE and
              world.get(OMA, "PendingNetworkInitiatedSessions") == [(NETWORK_PRL, 7)])
    tap.check("and cancelled", world.error(OMA, "CancelSession") is None and
              world.wait(lambda: world.get(OMA, "SessionState") == FAILED and changes()[-1][1:] == (FAILED, 5)),
              changes())
    world.ctl("oma", "alert", "device-configure", "10")
    world.wait(lambda: len(world.get(OMA, "PendingNetworkInitiatedSessions")) == 2)
    tap.check("a wish is refused", world.error(OMA, "AcceptNetworkInitiatedSession", "ub", 10, False) is None and
              world.get(OMA, "PendingNetworkInitiatedSessions") == [(NETWORK_PRL, 7)] and
              world.get(OMA, "SessionState") == FAILED)


def no_oma(tap, world):
    """A modem without the service."""
    tap.check("there is no interface", OMA not in world.interfaces(), world.interfaces())


def profile_with_oma(folder):
    """The default modem with one service more; the path of its profile."""
    with open(os.path.join(os.path.dirname(__file__), "../../sim/profiles/ec25-eux.json"), encoding="utf-8") as file:
        services = json.load(file)["services"]
    path = os.path.join(folder, "oma.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"name": "oma", "title": "An EC25 with OMA", "base": "ec25-eux",
                   "services": [*services, {"service": "oma", "major": 1, "minor": 0, "certainty": "C"}]}, file)
    return path


PARTS = {
    "broadcast": (broadcast, False),
    "oma": (oma, True),
    "no-oma": (no_oma, False),
}


def main():
    manager, qmi_sim, *wanted = sys.argv[1:]

    def play(tap, name, chosen):
        part, has_oma = chosen
        with tempfile.TemporaryDirectory(prefix="qmi-oma-") as folder:
            profile = ("--profile", profile_with_oma(folder)) if has_oma else ()
            with World(manager, qmi_sim, "--warm", "--time-scale", "0.01", *profile) as world:
                part(tap, world)
                ends_well(tap, name, world)

    return run_parts(PARTS, wanted, play)


sys.exit(main())
