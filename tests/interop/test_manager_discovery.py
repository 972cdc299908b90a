#!/usr/bin/env python3
"""How ModemManager finds modems and keeps them: a broker that ends, ports that come late or hang, modems that say
nothing.

    test_manager_discovery.py MODEM-MANAGER QMI-SIM QMI-PROXY POLICY PEERS QMICLI
"""

import json
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
        tap.check("without any broker the modem begins anew", wait_for(lambda: lines(manager, "is lost")), manager.log())
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


def write(path, text, mode):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, mode)


def read(path):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def check_config(tap, program, qmi_sim, folder):
    """What the administrator says of single modems."""
    config = os.path.join(folder, "config")
    path = os.path.join(config, "modems.conf")

    def manager(number, *words):
        return Manager(program, "--test-no-udev", *words, log=os.path.join(folder, f"config{number}.log"),
                       environment={"CONFIGURATION_DIRECTORY": config})

    with Modem(qmi_sim, name="named") as modem, Modem(qmi_sim, "--seed", "2", name="other") as other:
        write(path, f"[door]\ndevice = {modem.path}\n[shed]\ndevice = {other.path}\nignore = yes\n"
              "[wrong]\nimei = x\n", 0o644)
        with manager(0) as daemon:
            tap.check("a device that is named there is managed, and one that is to be ignored is not",
                      wait_for(is_in(DISABLED)) and modems() == [MODEM], (modems(), daemon.log()))
            tap.check("by its name", get(MODEM, "Modem", "Device") == "door", get(MODEM, "Modem", "Device"))
            imei = get(MODEM, "Modem", "EquipmentIdentifier")
            tap.check("what is wrong is told with its line", lines(daemon, path + ":7: imei: 'x' is not a number") and
                      lines(daemon, path + ":7: [wrong] has no imei"), daemon.log())
            tap.check("it is inhibited by its name", call(ROOT, NAME, "InhibitDevice", "sb", "door", "true")[1] == "")
        write(path, f"[roof]\nimei = {imei}\n", 0o644)
        with manager(1, "--device", modem.path, "--device", other.path):
            wait_for(lambda: len(modems()) == 2)
            names = sorted(get(path, "Modem", "Device") for path in modems())
            tap.check("a modem is known by its IMEI, too", names == sorted(["roof", other.path]), names)
        os.chmod(path, 0o666)
        with manager(2, "--device", modem.path) as daemon:
            tap.check("a file that others may write to is not read", wait_for(is_in(DISABLED)) and
                      get(MODEM, "Modem", "Device") == modem.path and lines(daemon, "is not read"), daemon.log())


HOOK = """#!/bin/sh
echo "$0" "$@" >>{}
"""


def check_hooks(tap, program, qmi_sim, folder):
    """Programs that are run when something happens."""
    config, said = os.path.join(folder, "hooks"), os.path.join(folder, "said")
    hook = HOOK.format(said)
    # A network interface, which sysfs shows where it was mounted within this network.
    run("mount", "-t", "sysfs", "sysfs", "/sys")
    run("ip", "tuntap", "add", "mm0", "mode", "tun")
    for name, text, mode in (("20-second", hook, 0o755), ("10-first", hook, 0o700), ("30-open", hook, 0o757),
                             ("40-plain", hook, 0o644), ("50-empty", "", 0o755), ("60-suid", hook, 0o4755),
                             ("70-fails", "#!/bin/sh\nexit 3\n", 0o755), ("80-slow", "#!/bin/sh\nsleep 60\n", 0o755)):
        write(f"{config}/connection.d/{name}", text, mode)
    os.symlink("/dev/null", f"{config}/connection.d/90-masked")
    write(f"{config}/connection.d/95-strangers", hook, 0o755)
    os.chown(f"{config}/connection.d/95-strangers", 65534, 0)
    for name in ("modem-setup.d", "fcc-unlock.d"):
        write(f"{config}/{name}/0000:0000", hook, 0o755)
    with Modem(qmi_sim, name="hooked") as modem:
        modem.ctl("mode", "low-power")
        modem.ctl("fault", "error-result=60:dms.set-operating-mode:1")
        write(f"{config}/modems.conf", f"[door]\ndevice = {modem.path}\nnet-port = mm0\n", 0o644)
        with Manager(program, "--test-no-udev", log=os.path.join(folder, "hooks.log"),
                     environment={"CONFIGURATION_DIRECTORY": config}) as manager:
            wait_for(is_in(DISABLED))
            name = os.path.basename(modem.path)
            tap.check("modem-setup.d is run when it comes", read(said) ==
                      f"{config}/modem-setup.d/0000:0000 {modem.path} {name}\n", read(said))
            os.unlink(said)
            wrong = call(MODEM, NAME + ".Modem", "Enable", "b", "true")[1]
            tap.check("fcc-unlock.d is run when the radio is locked, and the radio is tried again", wrong == "" and
                      read(said) == f"{config}/fcc-unlock.d/0000:0000 {MODEM} {name}\n", (wrong, read(said)))
            os.unlink(said)
            done = connect()
            wait_for(lambda: read(said).count("\n") == 2, 10)
            bearer = get(MODEM, "Modem", "Bearers")
            wanted = "".join(f"{config}/connection.d/{program} {MODEM} {bearer[0] if bearer else ''} mm0 connected\n"
                             for program in ("10-first", "20-second"))
            tap.check("connection.d is run when it connects, in order", read(said) == wanted,
                      (read(said), done.stderr, manager.log()))
            for program, why in (("30-open", "others than root may write"), ("40-plain", "is not executable"),
                                 ("50-empty", "is empty"), ("60-suid", "set-user-ID"), ("70-fails", "with status 3"),
                                 ("80-slow", "took too long"), ("90-masked", "link to /dev/null"),
                                 ("95-strangers", "not root's")):
                tap.check(f"{program}: {why}", wait_for(
                    lambda hook=program, text=why: [line for line in lines(manager, hook) if text in line], 20),
                    manager.log())
            os.unlink(f"{config}/connection.d/80-slow")
            os.unlink(said)
            call(MODEM, NAME + ".Modem.Simple", "Disconnect", "o", "/")
            tap.check("and when it disconnects", wait_for(lambda: read(said).count("disconnected\n") == 2), read(said))


LAPTOP = {"base": "ec25-eux", "name": "laptop", "power": {"fcc-lock": "dms", "certainty": {"fcc-lock": "C"}}}


def check_lock(tap, program, qmi_sim, folder, qmicli):
    """A modem that its laptop has to vouch for: a hook does that, on a port of its own."""
    config, profile = os.path.join(folder, "laptop"), os.path.join(folder, "laptop.json")
    port, hook = os.path.join(folder, "port"), os.path.join(config, "fcc-unlock.d", "0000:0000")
    write(profile, json.dumps(LAPTOP), 0o644)
    with Modem(qmi_sim, "--profile", profile, "--unix", port, name="laptop") as modem, \
            Manager(program, "--test-no-udev", "--device", modem.path, log=os.path.join(folder, "laptop.log"),
                    environment={"CONFIGURATION_DIRECTORY": config}) as manager:
        wait_for(is_in(DISABLED))
        wrong = call(MODEM, NAME + ".Modem", "Enable", "b", "true")[1]
        tap.check("a radio that is locked stays off", "InvalidTransition" in wrong and state() == DISABLED,
                  (wrong, state(), manager.log()))
        write(hook, f"#!/bin/sh\nexec {qmicli} -d unix:{port} --dms-set-fcc-authentication\n", 0o755)
        wrong = call(MODEM, NAME + ".Modem", "Enable", "b", "true")[1]
        tap.check("a hook unlocks it", wrong == "" and wait_for(lambda: state() > DISABLED), (wrong, manager.log()))


def main():
    program, qmi_sim, proxy, policy, peers, qmicli = sys.argv[1:7]
    if not own_world():
        print("1..0 # SKIP it needs to be root")
        return 0
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder, Bus(folder, policy):
        check_options(tap, program, peers, folder)
        check_config(tap, program, qmi_sim, folder)
        check_hooks(tap, program, qmi_sim, folder)
        check_lock(tap, program, qmi_sim, folder, qmicli)
        check_broker(tap, program, proxy, qmi_sim, folder)
        check_port(tap, program, qmi_sim, folder)
        check_silence(tap, program, qmi_sim, folder)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
