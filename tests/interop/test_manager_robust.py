#!/usr/bin/env python3
"""What breaks around the daemon and costs its clients nothing: a broker that ends, a daemon that starts again while a
connection is down, a network that is lost, a profile that somebody deletes. In a world of the test's own, with a virtual
modem on a pty behind our broker.

    test_manager_robust.py MODEM_MANAGER QMI_SIM QMI_PROXY [PART...]
"""

import glob
import json
import os
import signal
import sys
import time

from broker import Broker, own_world
from sim import Tap

try:
    from manager_world import (CONNECTED, DISABLED, ENABLED, FAILED, MODEM, REGISTERED, SEARCHING, Gio, Variant, World)
except (ImportError, ValueError) as missing:
    print(f"1..0 # SKIP GLib's bindings for Python are not installed: {missing}")
    sys.exit(0)

TABLES = "/run/qmi-proxy/table-*"
SYNC = bytes.fromhex("010b00000000000127000000")
HURRY = "50"  # 5 s are 100 ms
APN = {"apn": Variant("s", "internet"), "ip-type": Variant("u", 4)}


def connect(world, stay=False, properties=None):
    """Connects as mmcli does, which leaves the bus with its answer, or as a client that stays; the bearer."""
    kept = world.connection
    if not stay:
        flags = Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION
        world.connection = Gio.DBusConnection.new_for_address_sync(world.address, flags, None, None)
    try:
        return world.call("Modem.Simple", "Connect", "a{sv}", properties or APN)
    finally:
        if not stay:
            world.connection.close_sync(None)
        world.connection = kept


def calls(world):
    return [(call["state"], call["handle"]) for call in world.ctl("status")["data"]["calls"]]


def up(world, bearer):
    return world.get("Bearer", "Connected", path=bearer)


def removals(world):
    world.spin()
    return [signal for signal in world.signals if signal[2] == "InterfacesRemoved"]


def states(world):
    """Those that the modem was said to be in."""
    world.spin()
    return [signal[3][1] for signal in world.signals if signal[2] == "StateChanged"]


class Place:
    """A daemon behind a broker, whose files last."""

    def __init__(self, programs, *options):
        manager, qmi_sim, self.proxy = programs
        self.world = World(manager, qmi_sim, "--warm", "--time-scale", "0.05", *options,
                           manager_options=["--test-hurry", HURRY])
        os.environ["STATE_DIRECTORY"] = os.environ["RUNTIME_DIRECTORY"] = self.world.folder.name

    def __enter__(self):
        self.broker = Broker(self.proxy, "--no-exit")
        self.broker.__enter__()
        self.world.__enter__()
        return self

    def __exit__(self, *unused):
        self.world.__exit__()
        self.broker.__exit__()

    def another_broker(self):
        self.broker.__exit__()
        self.broker = Broker(self.proxy, "--no-exit")
        self.broker.__enter__()


def connected(world, stay=False):
    world.enable()
    world.becomes(REGISTERED)
    bearer = connect(world, stay)
    world.becomes(CONNECTED)
    world.signals.clear()
    return bearer


# --- The broker


def broker_killed(tap, place):
    world = place.world
    bearer = connected(world)
    before, ids = calls(world), world.clients()
    place.broker.stop(signal.SIGKILL)
    tap.check("without a broker the modem stays on the bus", world.wait(lambda: removals(world), 0.3) == [])
    tap.check("as it was", world.state() == CONNECTED and up(world, bearer))
    pending = [world.begin("Modem.Modem3gpp.ProfileManager", "List"), world.begin("Modem", "GetCellInfo")]
    world.ctl("sms", "+4915550100", "missed")
    place.another_broker()
    tap.check("what was asked meanwhile is answered with the next one", [world.finish(one) for one in pending] ==
              [None, None])
    tap.check("a message that came meanwhile is there", world.wait(
        lambda: len(world.get("Modem.Messaging", "Messages")) == 1), world.get("Modem.Messaging", "Messages"))
    tap.check("nothing left the bus, and the state was no other", not removals(world) and not states(world),
              (removals(world), states(world)))
    tap.check("the modem's call never ended", calls(world) == before and before, (before, calls(world)))
    tap.check("the client ids are what they were", world.wait(lambda: world.clients() == ids), world.ctl("clients"))
    world.ctl("data-drop", "regular")
    tap.check("what the modem tells is heard as before", world.wait(lambda: REGISTERED in states(world)), states(world))
    tap.check("and the connection is brought back", world.wait(lambda: up(world, bearer)), world.state())


def broker_ended(tap, place):
    """The broker is told to end, as by an update of its package."""
    world = place.world
    bearer = connected(world)
    before, ids = calls(world), world.clients()
    place.another_broker()
    world.wait(lambda: removals(world), 1)
    tap.check("a broker that is started again costs nothing either", not removals(world) and not states(world) and
              up(world, bearer), (removals(world), states(world)))
    tap.check("neither call nor ids", calls(world) == before and world.clients() == ids, world.ctl("clients"))


def broker_killed_often(tap, place):
    """Amid connecting, disconnecting, enabling and disabling: whoever asked has an answer, and it works again."""
    world = place.world
    ids = world.clients()
    for number, delay in enumerate((0, 0.005, 0.01, 0.02, 0.04, 0.08)):
        for name, begin in (("enable", lambda: world.begin("Modem", "Enable", "b", True)),
                            ("connect", lambda: world.begin("Modem.Simple", "Connect", "a{sv}", APN)),
                            ("disconnect", lambda: world.begin("Modem.Simple", "Disconnect", "o", "/")),
                            ("disable", lambda: world.begin("Modem", "Enable", "b", False))):
            pending = begin()
            time.sleep(delay)
            place.broker.stop(signal.SIGKILL)
            place.another_broker()
            error = world.finish(pending)
            tap.check(f"{name}/{number}: the caller has an answer", error is None or error.startswith("Core."), error)
    tap.check("the modem is there", world.wait(lambda: world.state() in (DISABLED, ENABLED, SEARCHING, REGISTERED,
                                                                         CONNECTED)), world.state())
    tap.check("nothing left the bus", not [one for one in removals(world) if one[3][0] == MODEM], removals(world))
    bearer = connect(world)
    tap.check("it connects", up(world, bearer))
    world.call("Modem.Simple", "Disconnect", "o", "/")
    tap.check("no client id is left over", world.wait(lambda: world.clients() <= ids), (ids, world.ctl("clients")))


def broker_gone(tap, place):
    """No other broker comes: then the daemon opens the port itself."""
    world = place.world
    bearer = connected(world)
    place.broker.stop(signal.SIGKILL)
    tap.check("without any broker the modem begins anew", world.wait(lambda: removals(world)), world.state())
    tap.check("and is connected again, by the same bearer", world.wait(lambda: up(world, bearer)), world.state())


def broker_without_table(tap, place):
    """The next broker knows nothing of the ids: the modem begins anew."""
    world = place.world
    bearer = connected(world)
    place.broker.stop(signal.SIGKILL)
    for table in glob.glob(TABLES):
        os.unlink(table)
    place.another_broker()
    tap.check("with a broker that knows nothing the modem begins anew", world.wait(lambda: removals(world)))
    tap.check("and is connected again, by the same bearer", world.wait(lambda: up(world, bearer)), world.state())


def modem_forgot(tap, place):
    """The port was closed meanwhile, and the modem has forgotten all ids, which the broker cannot know."""
    world = place.world
    bearer = connected(world)
    place.broker.stop(signal.SIGKILL)
    with open(world.modem.path, "wb", buffering=0) as port:
        port.write(SYNC)
    world.wait(lambda: world.clients() == 0)
    place.another_broker()
    tap.check("a modem that has forgotten its clients begins anew", world.wait(lambda: removals(world)), world.state())
    tap.check("and is connected again, by the same bearer", world.wait(lambda: up(world, bearer)), world.state())


# --- A daemon that starts again while the connection is down


def again(world, ends=None):
    """Another daemon; `ends`: by what the first one ends, which is asked nicely without."""
    if ends:
        world.manager.send_signal(ends)
        world.manager.wait()
    else:
        world.end()
    world.signals.clear()
    return world.start()


def notes(world):
    with open(os.path.join(world.folder.name, "connections.json"), encoding="utf-8") as file:
        return json.load(file)


def dropped(world, stay=False):
    """A bearer that is wanted and down, for there is no network."""
    bearer = connected(world, stay)
    world.ctl("registration", "lost")
    world.wait(lambda: up(world, bearer) is False)
    return bearer


def wanted_when_it_restarts(tap, place):
    world = place.world
    for ends, how in ((None, "that ended"), (signal.SIGKILL, "that was killed")):
        bearer = dropped(world)
        again(world, ends)
        tap.check(f"what a daemon {how} was to bring up is there, and down", up(world, bearer) is False, notes(world))
        world.ctl("registration", "home")
        tap.check("it comes up with the network", world.wait(lambda: up(world, bearer)), world.state())
        world.call("Modem.Simple", "Disconnect", "o", "/")
        tap.check("and is noted no more when it was taken down", notes(world) == {}, notes(world))
        world.call("Modem", "DeleteBearer", "o", bearer)
    dropped(world)
    world.call("Modem", "Enable", "b", False)
    again(world)
    tap.check("who disables the modem wants nothing", world.get("Modem", "Bearers") == [] and world.state() == DISABLED)
    world.ctl("registration", "home")


def wanted_without_a_card(tap, place):
    world = place.world
    bearer = dropped(world)
    world.end()
    world.ctl("card-remove")
    world.start()
    tap.check("without its card the modem has failed", world.becomes(FAILED), world.state())
    world.ctl("registration", "home")
    world.ctl("card-insert")
    tap.check("with its card the connection comes up", world.wait(lambda: up(world, bearer)),
              (world.state(), notes(world)))


def managed_when_it_restarts(tap, place):
    """Who manages a connection, and is there still, sees that it is gone, and asks again."""
    world = place.world
    bearer, kept = dropped(world, stay=True), world.connection
    again(world)
    tap.check("what somebody manages is that client's to ask for", up(world, bearer) is None, notes(world))
    world.ctl("registration", "home")
    kept.close_sync(None)
    tap.check("nothing is connected then", not world.wait(lambda: world.state() == CONNECTED, 1), world.state())


# --- The network


def outage(tap, place):
    """The modem says that it has no network, and nothing of the call, which may come from the modem late or never."""
    world = place.world
    bearer = connected(world)
    world.ctl("fault", "lose-indications:wds")
    world.ctl("registration", "denied", "11")
    tap.check("a connection without a network is taken down", world.wait(lambda: up(world, bearer) is False),
              world.get("Bearer", "Connected", path=bearer))
    said = world.get("Bearer", "ConnectionError", path=bearer)
    tap.check("for want of a carrier", said[0].endswith("Connection.NoCarrier") and said[1] == "the network was lost", said)
    tap.check("what it held is given back", world.wait(lambda: len(
        [row for row in world.ctl("clients")["clients"] if row["service"] == "wds"]) == 1), world.ctl("clients"))
    world.ctl("fault-disarm")
    world.ctl("registration", "home")
    tap.check("with the network it is brought back", world.wait(lambda: up(world, bearer)), world.state())


def profile_in_use(tap, place):
    world = place.world
    manager = "Modem.Modem3gpp.ProfileManager"
    world.enable()
    world.becomes(REGISTERED)
    made = world.call(manager, "Set", "a{sv}", {"apn": Variant("s", "internet"), "ip-type": Variant("u", 1)})["profile-id"]
    change = {"profile-id": Variant("i", made), "apn": Variant("s", "other")}
    bearer = connect(world, properties={"profile-id": Variant("i", made)})
    tap.check("it connects by a profile", world.get("Bearer", "ProfileId", path=bearer) == made)
    tap.check("which cannot be deleted", world.error(manager, "Delete", "a{sv}", {"profile-id": Variant("i", made)}) ==
              "Core.Connected")
    tap.check("nor changed", world.error(manager, "Set", "a{sv}", change) == "Core.Connected")
    tap.check("and is as it was", [one["apn"] for one in world.call(manager, "List") if one["profile-id"] == made] ==
              ["internet"])
    tap.check("another one can be", world.error(manager, "Set", "a{sv}", {"profile-id": Variant("i", 2),
                                                                        "apn": Variant("s", "x")}) is None)
    world.call("Modem.Simple", "Disconnect", "o", "/")
    pending = world.begin("Bearer", "Connect", path=bearer)
    tap.check("nor is it while the bearer comes up", world.error(manager, "Set", "a{sv}", change) == "Core.Connected")
    world.finish(pending)
    world.call("Modem.Simple", "Disconnect", "o", "/")
    tap.check("it can when nobody uses it", world.error(manager, "Set", "a{sv}", change) is None and
              world.error(manager, "Delete", "a{sv}", {"profile-id": Variant("i", made)}) is None)


PARTS = {part.__name__: part for part in (
    broker_killed, broker_ended, broker_killed_often, broker_gone, broker_without_table, modem_forgot, wanted_when_it_restarts,
    wanted_without_a_card, managed_when_it_restarts, outage, profile_in_use)}


def play(tap, programs, name, part):
    with Place(programs) as place:
        world = place.world
        world.wait(lambda: world.state() == DISABLED)
        part(tap, place)
        tap.check(f"{name}: the daemon still serves", world.get("Modem", "State") is not None)
        tap.check(f"{name}: it ends well", world.end() == 0)


def main():
    programs, wanted = sys.argv[1:4], sys.argv[4:]
    if not own_world():
        print("1..0 # SKIP it needs to be root")
        return 0
    tap = Tap()
    for name, part in PARTS.items():
        if not wanted or name in wanted:
            print(f"# {name}", flush=True)
            play(tap, programs, name, part)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
