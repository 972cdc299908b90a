#!/usr/bin/env python3
"""What breaks around the daemon and costs its clients nothing: a broker that ends, a daemon that starts again while a
connection is down, a network that is lost, a profile that somebody deletes. In a world of the test's own, with a virtual
modem on a pty behind our broker.

    test_manager_robust.py MODEM_MANAGER QMI_SIM QMI_PROXY [PART...]
"""

import os
import signal
import subprocess
import sys
import time

from broker import Broker, own_world
from sim import Tap

try:
    from manager_world import (CONNECTED, DISABLED, MODEM, REGISTERED, SEARCHING, ENABLED, Failure, Gio, Variant, World,
                               ends_well)
except (ImportError, ValueError) as missing:
    print(f"1..0 # SKIP GLib's bindings for Python are not installed: {missing}")
    sys.exit(0)

TABLE = "/run/qmi-proxy/table"
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
    os.unlink(TABLE)
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


BROKER = {part.__name__: part for part in (broker_killed, broker_killed_often, broker_gone, broker_without_table,
                                           modem_forgot)}


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
    for name, part in BROKER.items():
        if not wanted or name in wanted:
            print(f"# {name}", flush=True)
            play(tap, programs, name, part)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
