#!/usr/bin/env python3
"""What a modem tells on its AT port alone: with every indication of QMI lost, the daemon still knows what happened.

    test_manager_urc.py MODEM_MANAGER QMI_SIM [PART...]
"""

import os
import sys
import tempfile

from at_port import Port

try:
    from manager_world import DISABLED, FAILED, REGISTERED, SEARCHING, World, ends_well, run_parts
except (ImportError, ValueError) as missing:
    print(f"1..0 # SKIP GLib's bindings for Python are not installed: {missing}")
    sys.exit(0)

RINGING_IN, ACTIVE, TERMINATED, WAITING = 3, 4, 7, 6
LOW = 2


def command(world, text):
    return world.call("Modem", "Command", "su", text, 10)


def deaf(world, *commands):
    """Registered, told of nothing by QMI."""
    world.enable()
    world.becomes(REGISTERED)
    for text in commands:
        command(world, text)
    world.ctl("fault", "lose-indications")


def calls(world):
    return world.get("Modem.Voice", "Calls") or []


def call_state(world, path):
    return world.get("Call", "State", path=path)


def voice(tap, world):
    """RING, +CLIP, +CCWA, NO CARRIER."""
    deaf(world, "AT+CLIP=1", "AT+CCWA=1,1")
    world.ctl("call", "+4915550101")
    tap.check("a call that rings is known", world.wait(lambda: calls(world)), calls(world))
    path = calls(world)[0]
    tap.check("it comes in", call_state(world, path) == RINGING_IN, call_state(world, path))
    tap.check("its number, too", world.get("Call", "Number", path=path) == "+4915550101")
    tap.check("it was told of", world.signal("CallAdded") == (path,), world.signal("CallAdded"))
    world.call("Call", "Accept", path=path)
    world.ctl("call", "+4915550102")
    tap.check("one that waits is known", world.wait(lambda: len(calls(world)) == 2), calls(world))
    other = next(one for one in calls(world) if one != path)
    tap.check("as one that waits", call_state(world, other) == WAITING, call_state(world, other))
    world.ctl("call-remote", "hang-up")
    tap.check("the end of a call is known", world.wait(
        lambda: TERMINATED in (call_state(world, path), call_state(world, other))))
    tap.check("nothing is told twice", len(calls(world)) == 2, calls(world))


def ring_alone(tap, world):
    """A call of which nothing else was ever switched on."""
    deaf(world)
    world.ctl("call", "+4915550101")
    tap.check("a call that rings is known", world.wait(lambda: calls(world)), calls(world))
    world.ctl("call-remote", "hang-up")
    tap.check("and its end", world.wait(lambda: call_state(world, calls(world)[0]) == TERMINATED))


def network(tap, world):
    """+CREG and its like, +QIND: "act"."""
    deaf(world, "AT+CREG=1;+CGREG=1;+CEREG=1")
    world.ctl("registration", "lost")
    tap.check("a network that is lost is known", world.becomes(SEARCHING), world.state())
    world.ctl("registration", "home")
    tap.check("and one that is found", world.becomes(REGISTERED), world.state())
    command(world, "AT+CREG=0;+CGREG=0;+CEREG=0")
    command(world, 'AT+QINDCFG="all",1')
    command(world, 'AT+QINDCFG="act",1')
    world.ctl("cell", "--radio-interface", "gsm")
    tap.check("another technology is known", world.wait(
        lambda: world.get("Modem", "AccessTechnologies") not in (None, 1 << 14)), world.get("Modem", "AccessTechnologies"))


def signal(tap, world):
    """+QIND: "csq"."""
    deaf(world, 'AT+QINDCFG="all",1', 'AT+QINDCFG="csq",1')
    before = world.get("Modem", "SignalQuality")[0]
    world.ctl("signal", "--rssi", "-105", "--rsrp", "-125", "--rsrq", "-19", "--snr", "-50")
    tap.check("a signal that fades is known", world.wait(
        lambda: world.get("Modem", "SignalQuality")[0] < before, 10), (before, world.get("Modem", "SignalQuality")))


def messages(tap, world):
    """+CMTI, with the message in the modem or on its card, and +QIND: "smsfull"."""
    deaf(world)
    world.ctl("sms", "+4915550100", "heard of by AT")
    listed = world.wait(lambda: world.get("Modem.Messaging", "Messages"))
    tap.check("a message is known", len(listed or []) == 1, listed)
    tap.check("it is read", world.get("Sms", "Text", path=listed[0]) == "heard of by AT")
    tap.check("as one that was received", world.signal("Added") == (listed[0], True), world.signal("Added"))
    world.ctl("sms", "+4915550100", "0123456789" * 20)
    tap.check("one of several parts likewise", world.wait(
        lambda: len(world.get("Modem.Messaging", "Messages")) == 2 and
        any(world.get("Sms", "Text", path=path) == "0123456789" * 20 for path in world.get("Modem.Messaging", "Messages"))))


def both_ways(tap, world):
    """QMI and AT tell of the same."""
    world.enable()
    world.becomes(REGISTERED)
    world.signals.clear()
    world.ctl("sms", "+4915550100", "once")
    world.ctl("call", "+4915550101")
    tap.check("a message and a call", world.wait(lambda: world.get("Modem.Messaging", "Messages") and calls(world)))
    world.wait(lambda: False, 0.5)
    names = [name for _, _, name, _ in world.signals]
    tap.check("each is told once", names.count("Added") == 1 and names.count("CallAdded") == 1, names)
    tap.check("and is there once", len(world.get("Modem.Messaging", "Messages")) == 1 and len(calls(world)) == 1)


def clock(tap, world):
    """+CTZE."""
    deaf(world, "AT+CTZR=2")
    world.signals.clear()
    world.ctl("network-time", "--utc", "1716000000", "--zone-quarters", "8", "--saving-hours", "1")
    tap.check("the network's time is known", world.wait(lambda: world.signal("NetworkTimeChanged"), 10),
              world.signals[-5:])
    tap.check("as it was told", (world.signal("NetworkTimeChanged") or [""])[0].startswith("2024-05-18T04:40:"),
              world.signal("NetworkTimeChanged"))
    tap.check("with its zone", (world.get("Modem.Time", "NetworkTimezone") or {}).get("offset") == 120,
              world.get("Modem.Time", "NetworkTimezone"))


def card(tap, world):
    """+QSIMSTAT, +CPIN."""
    deaf(world, "AT+QSIMSTAT=1")
    world.ctl("card-remove")
    tap.check("a card that is out is known", world.becomes(FAILED), world.state())
    world.ctl("card-insert")
    tap.check("and one that is in", world.becomes(DISABLED), world.state())


def packed(text):
    """A page of a cell broadcast: 93 characters of 7 bits."""
    bits = 0
    for position, letter in enumerate(text.ljust(93, "\r")):
        bits |= ord(letter) << 7 * position
    return bits.to_bytes(82, "little").hex().upper()


def lines(tap, world, port):
    """What this modem never says."""
    world.enable()
    world.becomes(REGISTERED)
    world.ctl("fault", "lose-indications")
    port.say("+CBM: 88\r\n" + "00101112" + "0F" + "11" + packed("Test of the alert"))
    found = world.wait(lambda: world.call("Modem.CellBroadcast", "List"))
    tap.check("a broadcast is known", len(found or []) == 1, found)
    tap.check("it is read", world.get("Cbm", "Text", path=found[0]) == "Test of the alert",
              world.get("Cbm", "Text", path=found[0]))
    world.ctl("mode", "low-power")
    port.say("+CFUN: 4")
    tap.check("a radio that is off is known", world.wait(lambda: world.get("Modem", "PowerState") == LOW),
              world.get("Modem", "PowerState"))
    world.ctl("mode", "online")
    port.say("RDY")
    tap.check("a modem that starts anew is looked at", world.wait(lambda: world.get("Modem", "PowerState") != LOW),
              world.get("Modem", "PowerState"))
    for line in ["POWERED DOWN", "NORMAL POWER DOWN", '+QIND: "smsfull","ME"', "+QIND: SMS DONE", "+QIND: PB DONE"]:
        port.say(line)
    # More than anybody can read.
    for number in range(3000):
        port.say(f"+CREG: {number % 7}")
        if number % 100 == 0:
            world.spin()
    tap.check("a flood is one change", world.wait(lambda: world.get("Modem", "State") is not None, 5))
    port.say("+CFUN: 1")
    tap.check("and the modem is as it was", world.becomes(REGISTERED), world.state())


PARTS = {
    "voice": voice,
    "ring-alone": ring_alone,
    "network": network,
    "signal": signal,
    "messages": messages,
    "both-ways": both_ways,
    "clock": clock,
    "card": card,
    "lines": lines,
}


def main():
    manager, qmi_sim, *wanted = sys.argv[1:]

    def play(tap, name, part):
        with tempfile.TemporaryDirectory(prefix="qmi-urc-") as folder:
            path = os.path.join(folder, "at")
            port = Port(path) if part == lines else None
            options = () if port else ("--at", path)
            with World(manager, qmi_sim, "--warm", "--time-scale", "0.1", *options,
                       manager_options=("--at-port", path, "--debug")) as world:
                part(tap, world, *([port] if port else []))
                ends_well(tap, name, world)
            if port:
                port.close()

    return run_parts(PARTS, wanted, play)


sys.exit(main())
