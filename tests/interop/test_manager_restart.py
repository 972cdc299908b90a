#!/usr/bin/env python3
"""ModemManager that starts again while a bearer is connected: the call stays up, and is the same bearer after that.

    test_manager_restart.py MODEM-MANAGER QMI-SIM QMI-PROXY POLICY
"""

import json
import os
import signal
import sys
import tempfile

from broker import Broker, Modem, own_world
from bus import NAME, ROOT, Bus, Manager, busctl, call, get, modems, wait_for
from sim import Tap

MODEM = ROOT + "/Modem/0"
REGISTERED, CONNECTED = 8, 11


def connect():
    done = busctl("call", NAME, MODEM, NAME + ".Modem.Simple", "Connect", "a{sv}", "2", "apn", "s", "internet",
                  "ip-type", "u", "4")
    return json.loads(done.stdout)["data"][0] if done.returncode == 0 else done.stderr


def seen(bearer):
    """What clients see of it."""
    names = ("Connected", "Ip4Config", "Ip6Config", "Properties")
    return get(MODEM, "Modem", "State"), [get(bearer, "Bearer", name) for name in names]


def services(clients):
    return sorted(service for service, _ in clients)


def states(path):
    """The states that a log tells of."""
    with open(path, encoding="utf-8") as file:
        return [line.split("-> ")[1].strip() for line in file if "state:" in line]


def main():
    program, qmi_sim, proxy, policy = sys.argv[1:5]
    if not own_world():
        print("1..0 # SKIP it needs to be root")
        return 0
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder, Bus(folder, policy), Broker(proxy, "--no-exit"), \
            Modem(qmi_sim) as modem:
        lasting = {"STATE_DIRECTORY": folder, "RUNTIME_DIRECTORY": folder}
        logs = [os.path.join(folder, f"{number}.log") for number in range(4)]

        def manager(number):
            return Manager(program, "--device", modem.path, log=logs[number], environment=lasting)

        with manager(0) as first:
            wait_for(modems)
            bearer = connect()
            before, ids = seen(bearer), modem.clients()
            tap.check("it connects", before[0] == CONNECTED and before[1][0], (bearer, first.log()))
        with manager(1) as second:
            wait_for(modems)
            tap.check("the next daemon has the same bearer", seen(bearer) == before, (seen(bearer), second.log()))
            tap.check("the modem was never anything else", states(logs[1]) == ["initializing", "connected"],
                      states(logs[1]))
            tap.check("no client id is left over", services(modem.clients()) == services(ids), (ids, modem.clients()))
            tap.check("who connects gets that bearer", connect() == bearer)
            second.process.send_signal(signal.SIGKILL)
        with manager(2) as third:
            wait_for(modems)
            tap.check("also one behind a daemon that was killed", seen(bearer) == before, (seen(bearer), third.log()))
            wrong = call(MODEM, NAME + ".Modem.Simple", "Disconnect", "o", "/")[1]
            tap.check("it is disconnected", wrong == "" and get(MODEM, "Modem", "State") == REGISTERED, wrong)
            with open(os.path.join(folder, "connections.json"), encoding="utf-8") as file:
                tap.check("nothing is noted then", json.load(file) == {})
            other = connect()
            tap.check("and connected again", other == bearer and get(MODEM, "Modem", "State") == CONNECTED, other)
            call(MODEM, NAME + ".Modem", "Enable", "b", "false")
        # A note that lies: ids that are nobody's, types that are wrong.
        with open(os.path.join(folder, "connections.json"), "w", encoding="utf-8") as file:
            json.dump({"0": {"bearers": [
                7, {}, {"number": -1, "properties": {}}, {"number": 4, "properties": {"apn": 3}, "legs": [
                    {"family": 4, "client": 200, "handle": 1}, {"family": 4, "client": 1e9}, []]}]}}, file)
        with manager(3) as fourth:
            tap.check("a note that lies is passed over", wait_for(modems) == [MODEM], fourth.log())
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
