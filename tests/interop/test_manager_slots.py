#!/usr/bin/env python3
"""A modem with two slots for SIMs: what the daemon tells of them, and what follows when another one is used.

    test_manager_slots.py MODEM_MANAGER QMI_SIM MMCLI PEERS [PART...]
"""

import os
import subprocess
import sys

from sim import PATIENCE

try:
    from mmcli_peers import find_stock
    from manager_world import (CONNECTED, DISABLED, FAILED, LOCKED, MM, MODEM, REGISTERED, ROOT, SIM, Variant, World,
                               ends_well, run_parts)
except (ImportError, ValueError) as missing:
    print(f"1..0 # SKIP GLib's bindings for Python are not installed: {missing}")
    sys.exit(0)

SECOND = ROOT + "/SIM/100000"
UNKNOWN, PHYSICAL, ESIM = 0, 1, 2
NO_PROFILES, WITH_PROFILES = 1, 2
SIM_MISSING = 2
EID = "89049032000000000000000000000066"


def choose(world, slot):
    """The error's name, or None."""
    return world.error("Modem", "SetPrimarySimSlot", "u", slot)


def slot(world):
    return world.get("Modem", "PrimarySimSlot")


def mark(world):
    """Where the signals that come from now on begin."""
    world.spin()
    return len(world.signals)


def came_and_went(world, since):
    """The signals about the modem object, by name."""
    world.spin()
    return [name for _, _, name, arguments in world.signals[since:]
            if name in ("InterfacesAdded", "InterfacesRemoved") and arguments[0] == MODEM]


def switch(tap, world, number, state):
    """Uses the slot; the modem is begun anew and ends in the state."""
    before = mark(world)
    tap.check(f"slot {number} is chosen", choose(world, number) is None)
    tap.check("the modem leaves and is there again", world.wait(
        lambda: came_and_went(world, before) == ["InterfacesRemoved", "InterfacesAdded"]), came_and_went(world, before))
    added = next(arguments[1] for _, _, name, arguments in world.signals[before:] if name == "InterfacesAdded")
    tap.check(f"with slot {number} in use", added[MM + "Modem"]["PrimarySimSlot"] == number, added[MM + "Modem"])
    tap.check("and its state", world.becomes(state), world.state())


def never_failed(tap, world):
    tap.check("it was never said to have failed", not any(
        name == "StateChanged" and arguments[1] == FAILED for _, _, name, arguments in world.signals))


def told(tap, world):
    """What is on the bus."""
    sim = lambda name, path: world.get("Sim", name, path=path)
    tap.check("both slots have a SIM", world.get("Modem", "SimSlots") == [SIM, SECOND], world.get("Modem", "SimSlots"))
    tap.check("the first is in use", slot(world) == 1 and world.get("Modem", "Sim") == SIM)
    tap.check("which is active", sim("Active", SIM) is True and sim("Imsi", SIM).startswith("00101"))
    tap.check("and no eUICC", (sim("SimType", SIM), sim("EsimStatus", SIM), sim("Eid", SIM)) == (PHYSICAL, UNKNOWN, ""))
    tap.check("the second has a number", sim("SimIdentifier", SECOND).startswith("8999902"))
    tap.check("and is not active", sim("Active", SECOND) is False and sim("Imsi", SECOND) == "")
    tap.check("it is an eUICC", (sim("SimType", SECOND), sim("EsimStatus", SECOND)) == (ESIM, WITH_PROFILES))
    tap.check("with its number", sim("Eid", SECOND) == EID)
    tap.check("whether it can be taken out is not told", sim("Removability", SECOND) == UNKNOWN)
    tap.check("it takes no PIN", world.error("Sim", "SendPin", "s", "1234", path=SECOND) == "Core.Unsupported")
    before = mark(world)
    tap.check("the slot in use may be chosen", choose(world, 1) is None)
    for wrong in (0, 3, 2 ** 32 - 1):
        tap.check(f"slot {wrong} may not", choose(world, wrong) == "Core.InvalidArgs")
    tap.check("nothing follows", came_and_went(world, before) == [] and slot(world) == 1)


def switched(tap, world):
    """There and back."""
    world.enable()
    world.becomes(REGISTERED)
    ids = world.clients()
    switch(tap, world, 2, DISABLED)
    never_failed(tap, world)
    tap.check("its SIM is the second", world.get("Modem", "Sim") == SECOND)
    tap.check("which is active now", world.get("Sim", "Active", path=SECOND) is True)
    tap.check("and was read", world.get("Sim", "OperatorName", path=SECOND) != "" and
              world.get("Sim", "Imsi", path=SECOND).startswith("00101"))
    tap.check("with what its slot tells", world.get("Sim", "Eid", path=SECOND) == EID)
    tap.check("the first is not", world.get("Sim", "Active", path=SIM) is False and
              world.get("Sim", "SimIdentifier", path=SIM).startswith("8999901"))
    tap.check("both are in their slots", world.get("Modem", "SimSlots") == [SIM, SECOND])
    world.enable()
    tap.check("it registers with it", world.becomes(REGISTERED))
    tap.check("and has the client ids that it had", world.clients() == ids, (world.clients(), ids))
    switch(tap, world, 1, DISABLED)
    tap.check("the first is in use again", world.get("Modem", "Sim") == SIM)
    tap.check("the modem has its index", world.call("org.freedesktop.DBus.ObjectManager", "GetManagedObjects",
                                                    path=ROOT).keys() >= {MODEM})


def connected(tap, world):
    """A connection goes with its SIM."""
    properties = {"apn": Variant("s", "internet")}
    bearer = world.call("Modem.Simple", "Connect", "a{sv}", properties)
    tap.check("it is connected", world.becomes(CONNECTED))
    switch(tap, world, 2, DISABLED)
    tap.check("its bearer has gone", world.get("Bearer", "Connected", path=bearer) is None)
    tap.check("nor is it up in the modem", all(
        call["state"] == "ended" for call in world.ctl("status")["data"]["calls"]), world.ctl("status")["data"])
    tap.check("it connects with the other SIM", world.get("Bearer", "Connected", path=world.call(
        "Modem.Simple", "Connect", "a{sv}", properties)) is True)


def empty(tap, world):
    """A slot without a card."""
    before = mark(world)
    world.ctl("card-remove", "--slot", "2")
    tap.check("its slot is empty", world.wait(lambda: world.get("Modem", "SimSlots") == [SIM, "/"]))
    tap.check("its SIM has gone", world.get("Sim", "Active", path=SECOND) is None)
    world.ctl("card-insert", "--slot", "2")
    tap.check("it is put in again", world.wait(lambda: world.get("Modem", "SimSlots") == [SIM, SECOND]))
    tap.check("the modem stayed", came_and_went(world, before) == [] and world.state() == DISABLED)
    world.ctl("card-remove", "--slot", "2")
    world.wait(lambda: world.get("Modem", "SimSlots") == [SIM, "/"])
    switch(tap, world, 2, FAILED)
    tap.check("no SIM is in use", world.get("Modem", "Sim") == "/" and
              world.get("Modem", "StateFailedReason") == SIM_MISSING)
    tap.check("the other slot has its own", world.get("Modem", "SimSlots") == [SIM, "/"])
    world.ctl("card-insert")
    tap.check("a SIM that is put in is used", world.becomes(DISABLED))
    tap.check("it is that of the second slot", world.wait(
        lambda: world.get("Modem", "SimSlots") == [SIM, SECOND] and world.get("Modem", "Sim") == SECOND))
    world.ctl("card-remove")
    world.becomes(FAILED)
    switch(tap, world, 1, DISABLED)


def others(tap, world):
    """Somebody else uses another slot."""
    before = mark(world)
    world.ctl("card-slot", "2")
    tap.check("the modem is begun anew", world.wait(
        lambda: came_and_went(world, before) == ["InterfacesRemoved", "InterfacesAdded"]))
    tap.check("with the slot that was chosen", world.wait(lambda: slot(world) == 2 and world.state() == DISABLED))
    tap.check("and its SIM", world.get("Modem", "Sim") == SECOND)
    never_failed(tap, world)


def locked(tap, world):
    """A PIN is that of its card."""
    switch(tap, world, 2, DISABLED)
    world.ctl("card-pin", "pin1", "enabled")
    world.becomes(LOCKED)
    switch(tap, world, 1, DISABLED)
    switch(tap, world, 2, LOCKED)
    tap.check("the other SIM takes none", world.error("Sim", "SendPin", "s", "1234", path=SIM) == "Core.Unsupported")
    world.call("Sim", "SendPin", "s", "1234", path=SECOND)
    tap.check("the PIN opens it", world.becomes(DISABLED))


def again(tap, world):
    """The daemon ends, and is there again."""
    switch(tap, world, 2, DISABLED)
    tap.check("it ends well", world.end() == 0)
    world.start()
    tap.check("the slot is as it was", world.becomes(DISABLED) and slot(world) == 2 and
              world.get("Modem", "Sim") == SECOND)


# What may happen to the answer of Switch Slot, and how the call may end.
FAULTS = {
    "drop-answer": {None, "Core.Timeout"},
    "delay-answer=3000": {None},
    "error-result=3": {"Core.Failed"},
    "cut-frame": {None, "Core.Timeout", "Core.Aborted", "Core.Failed"},
    "crash": {None, "Core.Aborted", "Core.Timeout"},
    "lose-indications": {None},
}


def settles(tap, world, what):
    """What the bus says is what is in the modem."""
    in_use = lambda: world.ctl("status")["card"]["slot"]
    world.wait(lambda: world.ctl("status")["up"] and world.state() == DISABLED)
    tap.check(f"{what}: the modem is there", world.wait(
        lambda: world.state() == DISABLED and slot(world) == in_use()), (world.state(), slot(world), in_use()))
    tap.check(f"{what}: with both SIMs", world.get("Modem", "SimSlots") == [SIM, SECOND])
    tap.check(f"{what}: and that in use", world.get("Modem", "Sim") == (SIM, SECOND)[slot(world) - 1])


def faults(tap, world):
    """Whatever happens amid a switch, who has asked is told, and the daemon serves."""
    for fault, ends in FAULTS.items():
        before = slot(world)
        lasts = fault in ("crash", "lose-indications")
        world.ctl("fault", fault if lasts else f"{fault}:uim.switch-slot:1")
        ended = choose(world, 3 - before)
        tap.check(f"{fault}: the call ends", ended in ends, ended)
        world.ctl("fault-disarm")
        settles(tap, world, fault)
    for at_msec in (0, 20, 100, 400, 900):
        before = slot(world)
        pending = world.begin("Modem", "SetPrimarySimSlot", "u", 3 - before)
        world.wait(lambda: False, at_msec / 1000)
        before = mark(world)
        world.ctl("crash")
        world.wait(lambda: "InterfacesRemoved" in came_and_went(world, before))
        ended = world.finish(pending)
        tap.check(f"a crash after {at_msec} ms: the call ends", ended in (None, "Core.Aborted", "Core.Timeout", ""), ended)
        settles(tap, world, f"a crash after {at_msec} ms")


def one(tap, world):
    """A modem with one slot, which refuses to speak of slots."""
    tap.check("it tells of none", world.get("Modem", "SimSlots") == [] and slot(world) == 0)
    tap.check("none is chosen", choose(world, 1) == "Core.Unsupported")
    tap.check("nothing is known of its SIM's kind", world.get("Sim", "SimType", path=SIM) == UNKNOWN)


class Client:
    """mmcli on a world's bus."""

    def __init__(self, world, program, library=""):
        self.command = program
        self.environment = {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": world.address}
        if library:
            self.environment["LD_LIBRARY_PATH"] = library

    def ask(self, *words):
        done = subprocess.run([self.command, *words], capture_output=True, text=True, check=False,
                              env=self.environment, timeout=PATIENCE)
        return done.returncode != 0, done.stdout


def clients(tap, world):
    """Debian's mmcli and ours print the same of it."""
    program, library = find_stock(sys.argv[4])
    ours = Client(world, sys.argv[3])
    if not program:
        print("# mmcli of Debian's is not there")
        return
    stock = Client(world, program, library)
    for number in (1, 2):
        for words in (["-m", "0"], ["-i", "0"], ["-i", "100000"], ["-i", SECOND]):
            for form in ([], ["-K"], ["-J"]):
                asked = " ".join([*words, *form])
                a, b = ours.ask(*words, *form), stock.ask(*words, *form)
                tap.check(f"slot {number}: {asked}", a == b and not a[0], f"{a}\n{b}")
        tap.check(f"slot {number}: it names the slots", "sim slot paths" in ours.ask("-m", "0")[1])
        both = [client.ask("-m", "0", "--set-primary-sim-slot", str(number)) for client in (ours, stock)]
        tap.check(f"slot {number}: it is in use", both[0] == both[1] and not both[0][0], both)
        both = [client.ask("-m", "0", "--set-primary-sim-slot", wrong) for client in (ours, stock) for wrong in "3x"]
        tap.check(f"slot {number}: there are two", all(failed for failed, _ in both), both)
        if number == 1:
            tap.check("Debian's chooses the other", stock.ask("-m", "0", "--set-primary-sim-slot", "2")[0] is False)
            world.wait(lambda: slot(world) == 2 and world.state() == DISABLED)
    tap.check("ours chooses the first again", ours.ask("-m", "0", "--set-primary-sim-slot=1")[0] is False)
    tap.check("which is used", world.wait(lambda: slot(world) == 1))


PARTS = {"told": told, "switched": switched, "connected": connected, "empty": empty, "others": others,
         "locked": locked, "again": again, "faults": faults, "one": one, "clients": clients}


def play(tap, name, part):
    profile = "ec25-eux" if name == "one" else "ep06-e"
    with World(sys.argv[1], sys.argv[2], "--profile", profile, "--time-scale", "0.1") as world:
        part(tap, world)
        ends_well(tap, name, world)


if __name__ == "__main__":
    sys.exit(run_parts(PARTS, sys.argv[5:], play))
