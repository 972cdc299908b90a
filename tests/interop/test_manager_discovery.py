#!/usr/bin/env python3
"""How ModemManager finds modems and keeps them: a broker that ends, ports that come late or hang, modems that say
nothing.

    test_manager_discovery.py MODEM-MANAGER QMI-SIM QMI-PROXY POLICY
"""

import os
import signal
import sys
import tempfile
import time

from broker import Broker, Modem, own_world
from bus import NAME, ROOT, Bus, Manager, busctl, get, modems, wait_for
from sim import Tap

MODEM = ROOT + "/Modem/0"
FAILED, DISABLED, CONNECTED = -1, 3, 11


def connect():
    return busctl("call", NAME, MODEM, NAME + ".Modem.Simple", "Connect", "a{sv}", "2", "apn", "s", "internet",
                  "ip-type", "u", "4")


def state():
    return get(MODEM, "Modem", "State")


def is_in(wanted):
    return lambda: state() == wanted


def lines(manager, text):
    return [line for line in manager.log().splitlines() if text in line]


def check_broker(tap, program, proxy, qmi_sim, folder):
    """The broker is killed, and starts again as systemd would have it."""
    lasting = {"STATE_DIRECTORY": folder, "RUNTIME_DIRECTORY": folder}
    with Modem(qmi_sim) as modem, Broker(proxy, "--no-exit") as broker, \
            Manager(program, "--device", modem.path, log=os.path.join(folder, "broker.log"),
                    environment=lasting) as manager:
        wait_for(modems)
        done = connect()
        tap.check("it connects through the broker", wait_for(is_in(CONNECTED)), done.stderr)
        bearers, calls = get(MODEM, "Modem", "Bearers"), modem.calls()
        broker.stop(signal.SIGKILL)
        tap.check("without the broker the modem leaves", wait_for(lambda: modems() == []), modems())
        with Broker(proxy, "--no-exit"):
            tap.check("with the next one it is there again, and connected", wait_for(is_in(CONNECTED)),
                      (state(), manager.log()))
            tap.check("by the same bearer", get(MODEM, "Modem", "Bearers") == bearers, get(MODEM, "Modem", "Bearers"))
            tap.check("the modem's call never ended", modem.calls() == calls and calls, (calls, modem.calls()))
            tap.check("one line says so", len(lines(manager, "is tried again")) == 1 and
                      len(lines(manager, "can be used again")) == 1, manager.log())


def check_port(tap, program, qmi_sim, folder):
    """A port that was named comes late, goes, and comes again."""
    modem = Modem(qmi_sim, name="late")
    with Manager(program, "--device", modem.path, log=os.path.join(folder, "port.log")) as manager:
        tap.check("there is no modem without its port", modems() == [], modems())
        with modem:
            tap.check("it is found when its port comes", wait_for(is_in(DISABLED)), manager.log())
        tap.check("it goes with its port", wait_for(lambda: modems() == []), modems())
        with modem:
            tap.check("and comes again, under its index", wait_for(is_in(DISABLED)), manager.log())


def check_silence(tap, program, qmi_sim, folder):
    """A modem that says nothing, to anything or to one question."""
    with Modem(qmi_sim, "--fault", "qmi-silent") as modem, \
            Manager(program, "--device", modem.path, log=os.path.join(folder, "silent.log")) as manager:
        tap.check("a modem that says nothing is no modem", wait_for(lambda: lines(manager, "is tried again")) and
                  modems() == [], manager.log())
        modem.ctl("fault-disarm", "qmi-silent")
        tap.check("once it answers it is one", wait_for(is_in(DISABLED)), manager.log())
        tap.check("and one line was said of each", len(lines(manager, "is tried again")) == 1 and
                  len(lines(manager, "can be used again")) == 1, manager.log())
    with Modem(qmi_sim, "--fault", "drop-answer:dms.get-capabilities") as modem, \
            Manager(program, "--device", modem.path, log=os.path.join(folder, "stuck.log")) as manager:
        began = time.monotonic()
        tap.check("one that stops answering is failed", wait_for(is_in(FAILED)), manager.log())
        print(f"# failed after {time.monotonic() - began:.1f} s")
        tap.check("for a reason", get(MODEM, "Modem", "StateFailedReason") == 1)
        modem.ctl("fault-disarm", "drop-answer")
        tap.check("and is one that works when it answers again", wait_for(is_in(DISABLED)), manager.log())


def main():
    program, qmi_sim, proxy, policy = sys.argv[1:5]
    if not own_world():
        print("1..0 # SKIP it needs to be root")
        return 0
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder, Bus(folder, policy):
        check_broker(tap, program, proxy, qmi_sim, folder)
        check_port(tap, program, qmi_sim, folder)
        check_silence(tap, program, qmi_sim, folder)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
