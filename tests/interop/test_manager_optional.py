#!/usr/bin/env python3
"""What the daemon can do without: a question of starting or enabling that is never answered costs its own part alone;
a modem that answers nothing at all is told of soon.

    test_manager_optional.py MODEM_MANAGER QMI_SIM [PART...]
"""

import concurrent.futures
import shutil
import subprocess
import sys
import time

from sim import Tap

try:
    import manager_world
    from manager_world import DISABLED, REGISTERED, World, ends_well, run_parts
except (ImportError, ValueError) as missing:
    print(f"1..0 # SKIP GLib's bindings for Python are not installed: {missing}")
    sys.exit(0)

# Each is answered by no modem here, the whole time.
START = ["dms.get-model", "dms.get-ids", "dms.get-hardware-revision", "dms.get-operating-mode",
         "dms.set-event-report", "dms.get-msisdn", "nas.get-system-selection-preference", "uim.register-events",
         "uim.read-record", "wds.get-lte-attach-pdn-list", "sar.rf-get-state"]
ENABLE = ["nas.register-indications", "nas.config-signal-info-v2", "wms.set-routes", "wms.set-event-report",
          "voice.get-all-call-info", "wds.indication-register", "wds.configure-profile-event-list"]
DISABLE = ["nas.register-indications", "wms.set-event-report"]
ONE = {"starting-once": ["dms.get-model", "dms.get-ids", "nas.get-system-selection-preference"],
       "enabling-once": ["nas.get-serving-system", "voice.get-all-call-info"]}


def lose(world, messages, times=""):
    for message in messages:
        world.ctl("fault", f"drop-answer:{message}{times}")


def starting(tap, world):
    """The faults are there before the daemon."""
    tap.check("the modem starts all the same", world.becomes(DISABLED, 90), world.state())
    tap.check("it lacks what was not answered", world.get("Modem", "Model") == "", world.get("Modem", "Model"))
    tap.check("it has what was answered", world.get("Modem", "Manufacturer") == "QUALCOMM INCORPORATED",
              world.get("Modem", "Manufacturer"))
    world.ctl("fault-disarm")
    world.enable()
    tap.check("it can be enabled", world.becomes(REGISTERED), world.state())


def starting_once(tap, world):
    """Answers that are lost once."""
    tap.check("the modem starts", world.becomes(DISABLED, 60), world.state())
    tap.check("what was lost was asked for again", world.get("Modem", "Model"), world.get("Modem", "Model"))
    tap.check("also who it is", len(world.get("Modem", "EquipmentIdentifier")) == 15)
    tap.check("also how it is set", world.get("Modem", "CurrentModes") != (0, 0), world.get("Modem", "CurrentModes"))


def enabling(tap, world):
    """Faults while it is enabled."""
    lose(world, ENABLE)
    begin = time.monotonic()
    tap.check("enabling ends well", world.error("Modem", "Enable", "b", True) is None)
    tap.check("in bounded time", time.monotonic() - begin < 60, time.monotonic() - begin)
    tap.check("the modem is registered", world.becomes(REGISTERED), world.state())
    world.ctl("fault-disarm")
    lose(world, DISABLE)
    tap.check("it can be disabled", world.error("Modem", "Enable", "b", False) is None)
    world.ctl("fault-disarm")
    tap.check("and enabled", world.error("Modem", "Enable", "b", True) is None)
    tap.check("and is registered again", world.becomes(REGISTERED), world.state())


def enabling_once(tap, world):
    """Answers that are lost once, while it is enabled."""
    lose(world, ONE["enabling-once"], ":1")
    tap.check("enabling ends well", world.error("Modem", "Enable", "b", True) is None)
    tap.check("where the modem is was asked for again", world.becomes(REGISTERED), world.state())


def mandatory(tap, world):
    """What cannot be done without."""
    world.call("Modem", "SetPowerState", "u", 2)
    lose(world, ["dms.set-operating-mode"], ":1")
    error = world.error("Modem", "Enable", "b", True)
    tap.check("a radio that cannot be turned on is an error", error == "Core.Timeout", error)
    tap.check("the modem is disabled as before", world.becomes(DISABLED), world.state())
    tap.check("the next time it goes on", world.error("Modem", "Enable", "b", True) is None)


def dead(tap, world):
    """A modem that says nothing."""
    world.ctl("fault", "qmi-silent")
    begin = time.monotonic()
    error = world.error("Modem", "Enable", "b", True)
    took = time.monotonic() - begin
    tap.check("enabling a dead modem is an error", error == "Core.Timeout", error)
    tap.check("which is known after two questions", took < 25, f"{took:.1f} s")
    world.ctl("fault-disarm")
    tap.check("it can be enabled again", world.wait(lambda: world.error("Modem", "Enable", "b", True) is None))
    tap.check("and is registered", world.becomes(REGISTERED), world.state())


def all_at(messages, times=""):
    return [["fault", f"drop-answer:{message}{times}"] for message in messages]


PARTS = {
    "starting": (starting, all_at(START)),
    "starting-once": (starting_once, all_at(ONE["starting-once"], ":1")),
    "enabling": (enabling, []),
    "enabling-once": (enabling_once, []),
    "mandatory": (mandatory, []),
    "dead": (dead, []),
}


def play(manager, qmi_sim, chosen):
    """One part, in this process."""

    def run(tap, name, part):
        with World(manager, qmi_sim, "--warm", "--time-scale", "0.1", before=part[1]) as world:
            part[0](tap, world)
            ends_well(tap, name, world)

    return run_parts(PARTS, [chosen], run)


def play_apart(manager, qmi_sim, chosen):
    """The same in a process of its own: most of the time each part waits."""
    done = subprocess.run([sys.executable, __file__, manager, qmi_sim, chosen], stdout=subprocess.PIPE, text=True,
                          timeout=280, check=False)
    return done.stdout.splitlines() or [f"not ok 1 - {chosen} has no end"]


def main():
    manager, qmi_sim, *wanted = sys.argv[1:]
    # Each answer that is missed takes its ten seconds.
    manager_world.PATIENCE = 120
    if len(wanted) == 1:
        return play(manager, qmi_sim, wanted[0])
    if not shutil.which("dbus-daemon"):
        print("1..0 # SKIP dbus-daemon is not installed")
        return 0
    tap = Tap()
    names = wanted or list(PARTS)
    with concurrent.futures.ThreadPoolExecutor() as pool:
        for lines in pool.map(lambda name: play_apart(manager, qmi_sim, name), names):
            for line in lines:
                result, _, name = line.partition(" - ")
                if result.startswith(("ok", "not ok")):
                    tap.check(name, result.startswith("ok"))
                elif not line.startswith("1.."):
                    print(line)
    return tap.done()


sys.exit(main())
