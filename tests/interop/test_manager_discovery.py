#!/usr/bin/env python3
"""How ModemManager finds modems and keeps them: a broker that ends, ports that come late or hang, modems that say
nothing.

    test_manager_discovery.py MODEM-MANAGER QMI-SIM QMI-PROXY POLICY PEERS
"""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time

from broker import Broker, Modem, own_world
from bus import NAME, ROOT, Bus, Manager, busctl, call, get, modems, wait_for
from sim import PATIENCE, Tap

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


def run(*command, **more):
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False, **more)


def options_of(text):
    return set(re.findall(r"--[a-z][a-z-]+", text))


def check_options(tap, program, peers, folder):
    """The command line is ModemManager's, and more."""
    theirs = os.path.join(peers, "modemmanager")
    if os.path.exists(theirs + "/usr/sbin/ModemManager"):
        said = run(theirs + "/usr/sbin/ModemManager", "--help",
                   env={**os.environ, "LD_LIBRARY_PATH": theirs + "/usr/lib/x86_64-linux-gnu"}).stdout
        missing = options_of(said) - options_of(run(program, "--help").stdout)
        tap.check("it has every option that Debian's has", options_of(said) and not missing, missing or said)
    for words, text in ((["--filter-policy=legacy"], "legacy is no policy"), (["--log-level=LOUD"], "LOUD is no level"),
                        (["--log-file=/nowhere/log"], "/nowhere/log cannot be written"), (["--loud"], "--loud"),
                        (["word"], "word is no option")):
        done = run(program, *words)
        tap.check(f"{words[0]} is refused", done.returncode == 2 and text in done.stderr, done.stderr)
    events = os.path.join(folder, "events")
    with open(events, "w", encoding="utf-8") as file:
        file.write("action=add,subsystem=tty,name=ttyX99\n\naction=add,subsystem=block,name=sda\n" + "x" * 2000 + "\n")
    path = os.path.join(folder, "lines")
    with Manager(program, "--no-auto-scan", "--initial-kernel-events", events, "--log-file", path, "--log-timestamps",
                 "--filter-policy=ALLOWLIST-ONLY", "--test-plugin-dir=/x", log=os.path.join(folder, "stderr")) as manager:
        with open(path, encoding="utf-8") as file:
            lines_of_file = file.read()
        tap.check("the file of events has its lines told of", re.search(
            r"^<WARN> \[\d{10}\.\d{6}\] \S*/events:1: tty/ttyX99: .*\n<WARN> \S+ \S*/events:3: .*'block'\n"
            r"<WARN> \S+ \S*/events:4: the line is too long", lines_of_file, re.MULTILINE), lines_of_file)
        tap.check("nothing else is on stderr", manager.log() == "", manager.log())
        busctl("call", NAME, ROOT, NAME, "SetLogging", "s", "DEBUG")
        wrong = [call(ROOT, NAME, "ReportKernelEvent", "a{sv}", *words)[1] for words in (
            ["0"], ["1", "action", "s", "add"], ["3", "action", "s", "add", "subsystem", "s", "tty", "name", "s", "../x"],
            ["1", "action", "u", "7"], ["1", "colour", "s", "red"])]
        tap.check("events that make no sense are refused", all(wrong), wrong)
    with Manager(program, "--log-relative-timestamps", "--test-no-udev", log=os.path.join(folder, "relative")) as manager:
        wrong = call(ROOT, NAME, "ScanDevices")[1]
        tap.check("without udev nothing is scanned", "Cannot request manual scan" in wrong, wrong)
        busctl("call", NAME, ROOT, NAME, "SetLogging", "s", "DEBUG")
        tap.check("the time since the start is told", re.search(r"^ModemManager: \[00000\d\.\d{6}\] logging",
                                                               manager.log(), re.MULTILINE), manager.log())


def main():
    program, qmi_sim, proxy, policy, peers = sys.argv[1:6]
    if not own_world():
        print("1..0 # SKIP it needs to be root")
        return 0
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder, Bus(folder, policy):
        check_options(tap, program, peers, folder)
        check_broker(tap, program, proxy, qmi_sim, folder)
        check_port(tap, program, qmi_sim, folder)
        check_silence(tap, program, qmi_sim, folder)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
