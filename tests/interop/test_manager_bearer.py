#!/usr/bin/env python3
"""Connections of the daemon: that they are verified, watched, brought back and taken down, on a bus of the test's own,
with a virtual modem on a pty whose network drops and refuses calls.

    test_manager_bearer.py MODEM_MANAGER QMI_SIM [PART...]
"""

import sys
import time

from sim import PATIENCE

try:
    from manager_world import (CONNECTED, DISABLED, ERROR, FAILED, Failure, Gio, MM, MODEM, NAME, REGISTERED, Variant,
                               World, ends_well, run_parts)
except (ImportError, ValueError) as missing:
    print(f"1..0 # SKIP GLib's bindings for Python are not installed: {missing}")
    sys.exit(0)

HURRY = 50  # 5 s are 100 ms
WDS = 1
LONG = 1.5  # seconds in which a try would have come


def properties(**words):
    types = {str: "s", bool: "b", int: "u"}
    return {name.replace("_", "-"): Variant(types[type(value)], value) for name, value in words.items()}


def client(world):
    """Another client on the bus."""
    flags = Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION
    return Gio.DBusConnection.new_for_address_sync(world.address, flags, None, None)


def connect(world, on=None, **words):
    """Connects as mmcli does: asks, and leaves the bus; `on`: a client that stays. The bearer, or the error's name."""
    kept, world.connection = world.connection, on or client(world)
    try:
        return world.call("Modem.Simple", "Connect", "a{sv}", properties(**(words or {"apn": "internet"})))
    except Failure as failure:
        return failure.name
    finally:
        if not on:
            world.connection.close_sync(None)
        world.connection = kept


def up(world, bearer):
    return world.get("Bearer", "Connected", path=bearer)


def why(world, bearer):
    """The name and the text of its ConnectionError."""
    name, text = world.get("Bearer", "ConnectionError", path=bearer)
    return name.removeprefix(ERROR), text


def attempts(world, bearer):
    return world.get("Bearer", "Stats", path=bearer)["attempts"]


def registered(world):
    world.enable()
    world.becomes(REGISTERED)


def own_clients(world):
    """Client ids of WDS beside the daemon's one."""
    return len([row for row in world.ctl("clients")["clients"] if row["service"] in (WDS, "wds")]) - 1


def statistics(tap, world):
    registered(world)
    bearer = connect(world)
    first = world.get("Bearer", "Stats", path=bearer)
    tap.check("a bearer that came up counts its try", (first["attempts"], first["failed-attempts"]) == (1, 0), first)
    tap.check("and has a date", abs(first["start-date"] - time.time()) < 60, first)
    tap.check("the modem counts", world.get("Bearer", "ReloadStatsSupported", path=bearer) is True)
    tap.check("its duration is told by itself", world.wait(
        lambda: world.get("Bearer", "Stats", path=bearer)["duration"] >= 1), world.get("Bearer", "Stats", path=bearer))
    tap.check("it is disconnected", world.error("Bearer", "Disconnect", path=bearer) is None)
    last = world.get("Bearer", "Stats", path=bearer)
    tap.check("what was is not lost", last["total-duration"] >= 1 and last["start-date"] == first["start-date"], last)
    tap.check("disconnecting again is fine", world.error("Bearer", "Disconnect", path=bearer) is None)
    tap.check("it comes up again", world.error("Bearer", "Connect", path=bearer) is None)
    again = world.get("Bearer", "Stats", path=bearer)
    tap.check("and counts from there", again["attempts"] == 2 and again["duration"] == 0 and
              again["total-duration"] >= 1, again)


def refusals(tap, world):
    """A network that says no, in the published words."""
    registered(world)
    rows = (("unknown-apn", "MobileEquipment.MissingOrUnknownApn"),
            ("bad-login", "MobileEquipment.UserAuthenticationFailed"),
            ("regular", "MobileEquipment.RegularDeactivation"),
            ("no-service", "MobileEquipment.Unknown"))
    bearer = world.call("Modem", "CreateBearer", "a{sv}", properties(apn="internet"))
    for reason, name in rows:
        world.ctl("data-fail", reason)
        said = world.error("Bearer", "Connect", path=bearer)
        tap.check(f"{reason} is {name}", said == name, said)
        tap.check("and is kept", why(world, bearer)[0] == name, why(world, bearer))
    count = world.get("Bearer", "Stats", path=bearer)
    tap.check("failures are counted", (count["attempts"], count["failed-attempts"]) == (4, 4), count)
    time.sleep(LONG)
    tap.check("who was told no is not served later", attempts(world, bearer) == 4)
    tap.check("nothing is left in the modem", world.wait(lambda: own_clients(world) == 0), world.ctl("clients"))
    tap.check("the next one is good, and the error is gone", world.error("Bearer", "Connect", path=bearer) is None and
              why(world, bearer) == ("", ""), why(world, bearer))
    world.error("Bearer", "Disconnect", path=bearer)
    for words, error in (({"ip_type": 4}, "Core.InvalidArgs"), ({"apn": "internet", "ip_type": 8}, "Core.Unsupported"),
                         ({"apn": "internet", "user": "u", "password": "p", "allowed_auth": 8}, "Core.Unsupported")):
        tap.check(f"{words} is {error}", connect(world, **words) == error)


def given_up(tap, world):
    """A bearer that is coming up, which somebody wants down."""
    registered(world)
    bearer = world.call("Modem", "CreateBearer", "a{sv}", properties(apn="internet"))
    world.ctl("fault", "delay-answer=60000:wds.start-network:1")
    ends = []
    world.connection.call(NAME, bearer, MM + "Bearer", "Connect", None, None, Gio.DBusCallFlags.NONE, PATIENCE * 1000,
                          None, lambda source, result: ends.append(ending(source, result)))
    tap.check("it is connecting", world.becomes(10), world.state())
    time.sleep(0.3)
    tap.check("a second Connect is told so", world.error("Bearer", "Connect", path=bearer) == "Core.InProgress")
    began = time.monotonic()
    tap.check("Disconnect ends it", world.error("Bearer", "Disconnect", path=bearer) is None)
    tap.check("at once", time.monotonic() - began < 2, time.monotonic() - began)
    tap.check("who connected is told", world.wait(lambda: ends) == ["Core.Cancelled"], ends)
    tap.check("the modem is registered", world.becomes(REGISTERED), world.state())
    tap.check("and has nothing of it", world.wait(lambda: own_clients(world) == 0) and
              not world.ctl("status").get("calls"), world.ctl("clients"))
    tap.check("it can be connected", world.error("Bearer", "Connect", path=bearer) is None)
    world.ctl("fault", "delay-answer=60000:wds.start-network:1")
    other = world.call("Modem", "CreateBearer", "a{sv}", properties(apn="ims", multiplex=3))
    world.call("Bearer", "Disconnect", path=bearer)
    ends.clear()
    world.connection.call(NAME, other, MM + "Bearer", "Connect", None, None, Gio.DBusCallFlags.NONE, PATIENCE * 1000,
                          None, lambda source, result: ends.append(ending(source, result)))
    world.becomes(10)
    tap.check("disabling ends it too", world.error("Modem", "Enable", "b", False) is None and
              world.wait(lambda: ends) == ["Core.Cancelled"], ends)
    tap.check("the modem is disabled", world.state() == DISABLED, world.state())


def ending(source, result):
    """How a call ended: None, or the name of its error."""
    try:
        source.call_finish(result)
    except Exception as error:  # GLib.Error
        return (Gio.dbus_error_get_remote_error(error) or "").removeprefix(ERROR)
    return None


def kept(tap, world):
    """What drops is brought back, while nobody manages it."""
    registered(world)
    bearer = connect(world)
    world.spin()
    world.signals.clear()
    world.ctl("data-drop", "regular")
    tap.check("a bearer that dropped says why", world.wait(
        lambda: any(found[0] == bearer and found[2] == "PropertiesChanged" and
                    found[3][1].get("ConnectionError", ("",))[0].endswith("RegularDeactivation")
                    for found in world.signals)), why(world, bearer))
    tap.check("and is brought back under its path", world.wait(lambda: up(world, bearer)) and
              world.becomes(CONNECTED), why(world, bearer))
    tap.check("in one try", attempts(world, bearer) == 2, attempts(world, bearer))
    tap.check("its error is gone", why(world, bearer) == ("", ""), why(world, bearer))
    world.ctl("data-fail", "no-service", "--count", "2")
    world.ctl("data-drop")
    tap.check("tries that fail are followed by others", world.wait(lambda: up(world, bearer)) and
              attempts(world, bearer) == 5, attempts(world, bearer))
    tap.check("who takes it down has it down", world.error("Modem.Simple", "Disconnect", "o", "/") is None)
    time.sleep(LONG)
    tap.check("it stays so", up(world, bearer) is False and attempts(world, bearer) == 5, attempts(world, bearer))


def managed(tap, world):
    """Who asked is there: it is theirs to ask again."""
    registered(world)
    manager = client(world)
    bearer = connect(world, on=manager)
    world.ctl("data-drop")
    world.becomes(REGISTERED)
    time.sleep(LONG)
    tap.check("a bearer is left to a client that stays", attempts(world, bearer) == 1 and not up(world, bearer),
              attempts(world, bearer))
    manager.close_sync(None)
    tap.check("when that has left, it is brought back", world.wait(lambda: up(world, bearer)), why(world, bearer))


def refused(tap, world):
    """The operator says no."""
    registered(world)
    bearer = connect(world)
    world.ctl("data-fail", "unknown-apn")
    world.ctl("data-drop")
    tap.check("a refusal is told", world.wait(lambda: why(world, bearer)[0] ==
                                              "MobileEquipment.MissingOrUnknownApn"), why(world, bearer))
    time.sleep(LONG)
    tap.check("and not asked again", attempts(world, bearer) == 2, attempts(world, bearer))
    world.ctl("registration", "roaming", "--mcc", "1", "--mnc", "2")
    tap.check("another network is another question", world.wait(lambda: up(world, bearer)),
              (why(world, bearer), world.get("Modem.Modem3gpp", "OperatorCode")))


def no_network(tap, world):
    """Nothing is asked that cannot be."""
    registered(world)
    bearer = connect(world)
    world.ctl("registration", "lost")
    tap.check("without coverage the bearer is down", world.wait(lambda: up(world, bearer) is False))
    time.sleep(LONG)
    tap.check("and not tried", attempts(world, bearer) == 1, attempts(world, bearer))
    world.ctl("registration", "home")
    tap.check("with it, it comes back", world.wait(lambda: up(world, bearer)), why(world, bearer))
    world.ctl("registration", "denied", "--cause", "11")
    tap.check("a network that refuses the modem ends it", world.wait(lambda: up(world, bearer) is False))
    count = attempts(world, bearer)
    time.sleep(LONG)
    tap.check("and is not asked", attempts(world, bearer) == count, attempts(world, bearer))
    world.ctl("registration", "home")
    world.wait(lambda: up(world, bearer))
    world.call("Modem", "Enable", "b", False)
    tap.check("disabling takes it down", up(world, bearer) is False and world.state() == DISABLED)
    tap.check("and gives its ids back", own_clients(world) == 0, world.ctl("clients"))
    registered(world)
    time.sleep(LONG)
    tap.check("and nobody wants it any more", up(world, bearer) is False)


def no_card(tap, world):
    registered(world)
    bearer = connect(world)
    world.ctl("card-remove")
    tap.check("without its card the modem has failed", world.becomes(FAILED), world.state())
    tap.check("the bearer is down", up(world, bearer) is False and own_clients(world) == 0, world.ctl("clients"))
    time.sleep(LONG)
    tap.check("and not tried", attempts(world, bearer) == 1)
    world.ctl("card-insert")
    tap.check("with the card the modem is enabled, and the bearer up", world.wait(lambda: up(world, bearer)) and
              world.becomes(CONNECTED), (world.state(), why(world, bearer)))


def roaming(tap, world):
    registered(world)
    bearer = connect(world, apn="internet", allow_roaming=False)
    tap.check("at home it connects", up(world, bearer), bearer)
    world.ctl("registration", "roaming", "--mcc", "1", "--mnc", "2")
    tap.check("abroad it is taken down", world.wait(lambda: up(world, bearer) is False))
    time.sleep(LONG)
    tap.check("and not tried", up(world, bearer) is False)
    tap.check("who asks is told", world.error("Bearer", "Connect", path=bearer) == "Core.Unauthorized")
    world.ctl("registration", "home")
    tap.check("at home it is back", world.wait(lambda: up(world, bearer)), why(world, bearer))


def changed(tap, world):
    """What changes while it is up."""
    registered(world)
    bearer = connect(world, apn="internet", ip_type=4)
    before = world.get("Bearer", "Ip4Config", path=bearer)["address"]
    tap.check("both families have addresses", world.get("Bearer", "Ip6Config", path=bearer).get("address"))
    world.ctl("data-renumber")
    tap.check("new addresses are told", world.wait(
        lambda: world.get("Bearer", "Ip4Config", path=bearer)["address"] != before), before)
    tap.check("it was up all the time", attempts(world, bearer) == 1)
    world.ctl("fault", "lose-indications:wds")
    world.ctl("data-drop")
    tap.check("an end that nobody told is found", world.wait(lambda: attempts(world, bearer) > 1),
              attempts(world, bearer))
    world.ctl("fault-disarm")
    tap.check("and mended", world.wait(lambda: up(world, bearer)), why(world, bearer))


def silent(tap, world):
    """A bearer over which nothing passes."""
    registered(world)
    bearer = connect(world)
    tap.check("it is up and all is well", up(world, bearer) and why(world, bearer) == ("", ""), why(world, bearer))
    tap.check("what passes nothing is named", world.wait(lambda: why(world, bearer)[0]) == "Connection.NoAnswer" and
              "nothing was sent" in why(world, bearer)[1], why(world, bearer))
    tap.check("and is up", up(world, bearer) and world.state() == CONNECTED)


def multiplexed(tap, world):
    """Two at one time."""
    registered(world)
    first = connect(world, apn="internet", multiplex=3)
    tap.check("a bearer can share the link", world.get("Bearer", "Multiplexed", path=first) is True, first)
    second = connect(world, apn="ims", multiplex=2)
    tap.check("another is up beside it", up(world, first) and up(world, second), second)
    addresses = {world.get("Bearer", "Ip4Config", path=path).get("address") for path in (first, second)}
    tap.check("with an address of its own", len(addresses) == 2 and None not in addresses, addresses)
    tap.check("the link is not to be had alone", connect(world, apn="private") == "Core.NotFound")
    world.spin()
    world.signals.clear()
    tap.check("one goes down", world.error("Bearer", "Disconnect", path=second) is None)
    tap.check("and the modem is connected all the time", world.state() == CONNECTED and not world.signal("StateChanged"),
              world.signals)
    world.ctl("data-drop")
    tap.check("the other is brought back", world.wait(lambda: attempts(world, first) == 2 and up(world, first)))
    world.error("Modem.Simple", "Disconnect", "o", "/")
    plain = connect(world)
    tap.check("then the link is one bearer's", up(world, plain) and
              world.get("Bearer", "Multiplexed", path=plain) is False, plain)


def deleted(tap, world):
    """Those that go while something is done with them."""
    registered(world)
    bearer = connect(world)
    ends = []
    for _ in range(3):
        world.connection.call(NAME, MODEM, MM + "Modem", "DeleteBearer", Variant("(o)", (bearer,)), None,
                              Gio.DBusCallFlags.NONE, PATIENCE * 1000, None,
                              lambda source, result: ends.append(ending(source, result)))
    tap.check("it is deleted once", world.wait(lambda: len(ends) == 3) and ends[0] is None, ends)
    tap.check("and is no more", world.get("Bearer", "Connected", path=bearer) is None and
              world.get("Modem", "Bearers") == [])
    tap.check("its ids are free", world.wait(lambda: own_clients(world) == 0), world.ctl("clients"))
    made = [world.call("Modem", "CreateBearer", "a{sv}", properties(apn=f"a{number}")) for number in range(4)]
    tap.check("there are so many at most", len(made) == 4 and world.error(
        "Modem", "CreateBearer", "a{sv}", properties(apn="b")) == "Core.TooMany")
    tap.check("Simple has its place", up(world, connect(world)))


PARTS = {
    "statistics": statistics,
    "refusals": refusals,
    "given-up": given_up,
    "kept": kept,
    "managed": managed,
    "refused": refused,
    "no-network": no_network,
    "no-card": no_card,
    "roaming": roaming,
    "changed": changed,
    "silent": silent,
    "multiplexed": multiplexed,
    "deleted": deleted,
}


def main():
    manager, qmi_sim, *wanted = sys.argv[1:]

    def play(tap, name, part):
        with World(manager, qmi_sim, "--warm", "--time-scale", "0.1",
                   manager_options=("--test-hurry", str(HURRY))) as world:
            part(tap, world)
            ends_well(tap, name, world)

    return run_parts(PARTS, wanted, play)


sys.exit(main())
