#!/usr/bin/env python3
"""Every fault of the virtual modem, armed at each step of what the daemon does with one: after each the caller has an
answer, the daemon serves, and nothing is left behind.

    test_manager_faults.py MODEM_MANAGER QMI_SIM [CASE...]

A case is PROCEDURE/FAULT or PROCEDURE/FAULT/MESSAGE, as the results name them. QMIKIT_SEEDS is how many cases to try
(60), of all that there are, chosen by QMIKIT_SEED; QMIKIT_ALL=1 tries all.
"""

import concurrent.futures
import itertools
import json
import os
import random
import shutil
import subprocess
import sys
import threading
import time

from broker import own_world
from sim import PATIENCE, Tap

try:
    import manager_world
    from manager_world import (CONNECTED, DISABLED, ENABLED, FAILED, Failure, LOCKED, MODEM, REGISTERED, ROOT,
                               SEARCHING, SIM, Variant, World)
except (ImportError, ValueError) as missing:
    print(f"1..0 # SKIP GLib's bindings for Python are not installed: {missing}")
    sys.exit(0)

PIN = "1234"
# Those of an answer that never comes take as long as the network may take, for a message 2 minutes, for a scan 5.
LOSING = ("drop-answer", "wrong-transaction", "wrong-length", "qmi-silent")
PATIENT = ("send", "scan", "ask", "dial")
PUBLISHED = ("Core.", "MobileEquipment.", "Connection.", "Message.")
BOUND = 330  # seconds: the longest that a call may take, and some

# What each procedure asks the modem, in its order. A message that is not asked is a case that fails.
START = ["ctl.get-version-info", "ctl.allocate-cid", "dms.get-capabilities", "dms.get-ids", "dms.get-manufacturer",
         "dms.get-model", "dms.get-revision", "dms.get-hardware-revision", "dms.get-operating-mode",
         "dms.get-band-capabilities", "nas.get-system-selection-preference", "uim.register-events",
         "uim.get-card-status", "uim.read-transparent", "dms.get-msisdn"]
ENABLE = ["nas.register-indications", "nas.get-serving-system", "nas.get-signal-info", "wms.set-routes",
          "wms.set-event-report", "wms.list-messages", "voice.indication-register", "voice.get-all-call-info"]
REGISTER = ["nas.set-system-selection-preference", "nas.get-serving-system"]
CONNECT = ["wda.get-data-format", "ctl.allocate-cid", "wds.set-ip-family", "wds.start-network",
           "wds.get-current-settings"]
DISCONNECT = ["wds.stop-network", "ctl.release-cid"]
UNLOCK = ["uim.verify-pin", "uim.get-card-status", "uim.read-transparent"]
DISABLE = ["nas.register-indications", "wms.set-event-report", "voice.indication-register"]
SEND = ["wms.raw-send"]
STORE = ["wms.raw-write"]
LOCATE = ["loc.register-events", "loc.start"]
ASK = ["voice.originate-ussd"]
DIAL = ["voice.dial-call"]
MODES = ["nas.set-system-selection-preference", "nas.get-system-selection-preference"]
SIGNAL = ["nas.get-signal-info"]
SCAN = ["nas.network-scan"]

# Faults of an answer. Those that end the port are apart: the modem has gone then.
BENT = ["drop-answer", "delay-answer=300", "delay-answer=12000", "answer-twice", "wrong-transaction", "wrong-length",
        "tlv-overrun", "duplicate-tlv", "bad-text", "huge-frame", "unknown-service", "error-result=3",
        "error-result=26", "error-result=52", "error-result=94", "noise=300"]
ENDING = ["cut-frame"]
# Faults that last through the whole procedure.
LASTING = ["qmi-silent", "no-clients", "lose-indications", "call-fails", "wedged=1", "bad-text", "huge-frame",
           "duplicate-tlv", "tlv-overrun", "error-result=3", "answer-twice", "noise"]


class Case:
    """One run: a world, the state before the procedure, a fault, the procedure."""

    def __init__(self, name):
        self.name = name
        self.procedure, self.fault, *message = name.split("/")
        self.message = message[0] if message else None
        self.wrong = []
        self.lost_ids = 0
        self.status = None

    def spec(self):
        if not self.message:
            return self.fault
        times = ":1" if "@" not in self.fault else ""
        return f"{self.fault}:{self.message}{times}"

    def loses_ids(self):
        """Whether the modem gave an id away that nobody can have heard of, or took none back."""
        kind = self.fault.split("=")[0]
        return ((self.message == "ctl.allocate-cid" and kind in (
            "drop-answer", "wrong-transaction", "wrong-length", "tlv-overrun", "duplicate-tlv")) or
                (self.message == "ctl.release-cid" and kind == "error-result"))

    def check(self, name, good, detail=""):
        if not good:
            self.wrong.append(f"{name}: {detail}")


def daemon_fds(world):
    """What the daemon has open, by what it is: the numbers of sockets and pipes do not count."""
    folder = f"/proc/{world.manager.pid}/fd"
    found = []
    for name in os.listdir(folder):
        try:
            found.append(os.readlink(os.path.join(folder, name)).split(":")[0])
        except FileNotFoundError:
            pass
    return sorted(found)


def objects(world):
    return world.call("org.freedesktop.DBus.ObjectManager", "GetManagedObjects", path=ROOT)


def create_sms(world):
    return world.call("Modem.Messaging", "Create", "a{sv}", {"number": Variant("s", "+4915550102"),
                                                             "text": Variant("s", "Hello")})


# --- The procedures: what is before, what is done (an error ends it), what undoes it.


def nothing(*_unused):
    return None


def enabled(world):
    world.enable()
    if not world.becomes(REGISTERED):
        raise RuntimeError(f"not registered, but in state {world.state()}")


def connected(world):
    enabled(world)
    world.call("Modem.Simple", "Connect", "a{sv}", {"apn": Variant("s", "internet")})


def with_sms(world):
    enabled(world)
    return create_sms(world)


def unlock(world, _before):
    world.call("Sim", "SendPin", "s", PIN, path=SIM)


def enable(world, _before):
    world.enable()


def disable(world, _before):
    world.call("Modem", "Enable", "b", False)


def register(world, _before):
    world.call("Modem.Modem3gpp", "Register", "s", "00101")


def connect(world, _before):
    world.call("Modem.Simple", "Connect", "a{sv}", {"apn": Variant("s", "internet"), "ip-type": Variant("u", 4)})


def disconnect(world, _before):
    world.call("Modem.Simple", "Disconnect", "o", "/")


def send(world, path):
    world.call("Sms", "Send", path=path)


def store(world, path):
    world.call("Sms", "Store", "u", 1, path=path)


def locate(world, _before):
    world.call("Modem.Location", "Setup", "ub", 7, True)


def ask(world, _before):
    world.call("Modem.Modem3gpp.Ussd", "Initiate", "s", "*100#")


def with_call(world):
    enabled(world)
    # One that was dialled, and whose number in the modem got lost, is still up.
    world.error("Modem.Voice", "HangupAll")
    world.wait(lambda: not world.ctl("status")["calls"], 10)
    return world.call("Modem.Voice", "CreateCall", "a{sv}", {"number": Variant("s", "+4915550102")})


def dial(world, path):
    world.call("Call", "Start", path=path)


def modes(world, _before):
    world.call("Modem", "SetCurrentModes", "(uu)", (8, 0))


def signal(world, _before):
    world.call("Modem.Signal", "Setup", "u", 1)


def scan(world, _before):
    world.call("Modem.Modem3gpp", "Scan")


PROCEDURES = {
    "start": (START, nothing, enable),
    "unlock": (UNLOCK, nothing, unlock),
    "enable": (ENABLE, nothing, enable),
    "disable": (DISABLE, enabled, disable),
    "register": (REGISTER, enabled, register),
    "connect": (CONNECT, enabled, connect),
    "disconnect": (DISCONNECT, connected, disconnect),
    "send": (SEND, with_sms, send),
    "store": (STORE, with_sms, store),
    "scan": (SCAN, enabled, scan),
    "locate": (LOCATE, enabled, locate),
    "ask": (ASK, enabled, ask),
    "dial": (DIAL, with_call, dial),
    "modes": (MODES, enabled, modes),
    "signal": (SIGNAL, enabled, signal),
}


def all_cases():
    names = []
    for procedure, (messages, _before, _do) in PROCEDURES.items():
        names += [f"{procedure}/{fault}/{message}" for fault in BENT + ENDING for message in messages]
        if procedure != "start":
            names += [f"{procedure}/{fault}" for fault in LASTING]
        # The daemon is told to end meanwhile.
        names += [] if procedure == "start" else [f"{procedure}/end@{after}" for after in (0, 2, 5, 20, 100)]
        # It vanishes at any time: the modem takes 10 to 300 ms for most of these.
        names += [f"{procedure}/crash@{after}" for after in (0, 1, 3, 10, 30, 100, 300)]
    # Calls that meet each other and all sorts of faults.
    return names + [f"storm/{seed}" for seed in range(200)]


# --- One case


def try_procedure(case, world, do, before):
    """The name of the error with which it ended, or None."""
    begin = time.monotonic()
    failure = None
    try:
        do(world, before)
    except Failure as caught:
        failure = caught
    took = time.monotonic() - begin
    case.check("the caller has an answer in bounded time", took < BOUND, f"{took:.1f} s")
    if failure:
        case.check("the error is one that is published", failure.name.startswith(PUBLISHED), failure.name)
    return failure.name if failure else None


def removed(world):
    """Whether the modem was taken off the bus."""
    world.spin()
    return any(name == "InterfacesRemoved" and arguments[0] == MODEM for _, _, name, arguments in world.signals)


def is_at_rest(world):
    return world.state() in (FAILED, LOCKED, DISABLED, ENABLED, SEARCHING, REGISTERED, CONNECTED)


def disable_all(case, world):
    error = world.error("Modem.Simple", "Disconnect", "o", "/")
    case.check("it can be disconnected", error is None, error)
    error = world.error("Modem", "Enable", "b", False)
    case.check("it can be disabled", error is None, error)
    for bearer in world.get("Modem", "Bearers") or []:
        world.error("Modem", "DeleteBearer", "o", bearer)


def settle_down(case, world, before):
    """Without the fault the modem is as it was: disabled, with the client ids that it had."""
    fds, clients = before
    world.ctl("fault-disarm")
    case.check("the modem is there and at rest", world.wait(lambda: is_at_rest(world)), world.state())
    if (world.state() or FAILED) >= DISABLED:
        disable_all(case, world)
    limit = clients + case.lost_ids
    case.check("no client id is left over", world.wait(lambda: 0 < world.clients() <= limit, 15), world.ctl("clients"))
    now = daemon_fds(world)
    case.check("no descriptor is left over", len(now) <= len(fds), f"{fds} -> {now}")


def again(case, world):
    """What failed works now that nothing is wrong."""
    _messages, before, do = PROCEDURES[case.procedure]
    try:
        do(world, before(world))
    except (Failure, RuntimeError) as failure:
        return f"{getattr(failure, 'name', '')} {failure}"
    return None


def play(case, world):
    _messages, before, do = PROCEDURES[case.procedure]
    was = daemon_fds(world), world.clients()
    if case.procedure != "start":
        prepared = before(world)
        world.signals.clear()
        world.ctl("fault", case.spec())
        try_procedure(case, world, do, prepared)
        if "@" in case.fault:
            case.check("it vanished", world.wait(lambda: removed(world), 30))
    # An id is given back behind the answer.
    used = world.wait(lambda: world.ctl("fault-list")["used"], 5) if case.message else {}
    case.check("the fault was met", used or not case.message, used)
    case.lost_ids = sum(used.values()) if case.loses_ids() else 0
    case.check("the daemon lives", world.manager.poll() is None, world.manager.poll())
    if case.procedure == "start" and "@" in case.fault:
        # it may not have vanished yet
        world.wait(lambda: removed(world), int(case.fault.split("@")[1]) / 1000 + 2)
    if case.fault == "cut-frame":
        # at its start that may be over before anybody listens
        case.check("a modem that vanished was taken off the bus",
                   case.procedure == "start" or world.wait(lambda: removed(world)), world.signals)
        case.lost_ids = was[1] + 2  # by a port that hung up nothing can be given back
    settle_down(case, world, was)
    if world.state() == (LOCKED if case.procedure == "unlock" else DISABLED):
        wrong = again(case, world)
        # a code whose answer was spoilt may have been taken, and is read to be so only now
        opened = case.procedure == "unlock" and wrong and world.wait(lambda: world.state() == DISABLED)
        case.check("then it works", wrong is None or opened, wrong)


# --- Calls that meet

NUMBER = {"number": Variant("s", "+4915550102")}
TEXT = {**NUMBER, "text": Variant("s", "0123456789" * 20)}
APN, OTHER = {"apn": Variant("s", "internet")}, {"apn": Variant("s", "ipv4.test"), "ip-type": Variant("u", 4)}
# Who is asked, for what. {n} is drawn: objects that are there, were there, or come yet.
STORM = [
    (MODEM, "Modem", "Enable", "b", True), (MODEM, "Modem", "Enable", "b", True), (MODEM, "Modem", "Enable", "b", False),
    (MODEM, "Modem.Simple", "Connect", "a{sv}", APN), (MODEM, "Modem.Simple", "Connect", "a{sv}", OTHER),
    (MODEM, "Modem.Simple", "Disconnect", "o", "/"), (MODEM, "Modem", "CreateBearer", "a{sv}", APN),
    (MODEM, "Modem", "CreateBearer", "a{sv}", OTHER), (ROOT + "/Bearer/{n}", "Bearer", "Connect", ""),
    (ROOT + "/Bearer/{n}", "Bearer", "Disconnect", ""), (MODEM, "Modem", "DeleteBearer", "o", ROOT + "/Bearer/{n}"),
    (MODEM, "Modem.Messaging", "Create", "a{sv}", TEXT), (ROOT + "/SMS/{n}", "Sms", "Send", ""),
    (ROOT + "/SMS/{n}", "Sms", "Store", "u", 2), (ROOT + "/SMS/{n}", "Sms", "Store", "u", 1),
    (MODEM, "Modem.Messaging", "Delete", "o", ROOT + "/SMS/{n}"), (MODEM, "Modem.Voice", "CreateCall", "a{sv}", NUMBER),
    (ROOT + "/Call/{n}", "Call", "Start", ""), (ROOT + "/Call/{n}", "Call", "Hangup", ""),
    (MODEM, "Modem.Voice", "DeleteCall", "o", ROOT + "/Call/{n}"), (MODEM, "Modem.Voice", "HangupAll", ""),
    (MODEM, "Modem.Location", "Setup", "ub", 7, True), (MODEM, "Modem.Location", "Setup", "ub", 1, False),
    (MODEM, "Modem.Modem3gpp", "Scan", ""), (MODEM, "Modem.Modem3gpp", "Register", "s", ""),
    (MODEM, "Modem.Modem3gpp.Ussd", "Initiate", "s", "*101#"), (MODEM, "Modem.Modem3gpp.Ussd", "Respond", "s", "1"),
    (MODEM, "Modem.Modem3gpp.Ussd", "Cancel", ""), (MODEM, "Modem.Signal", "Setup", "u", 1),
    (MODEM, "Modem", "SetCurrentModes", "(uu)", (8, 0)), (MODEM, "Modem", "SetPowerState", "u", 2),
    (MODEM, "Modem.Modem3gpp.ProfileManager", "List", ""), (MODEM, "Modem", "GetCellInfo", ""),
    (SIM, "Sim", "EnablePin", "sb", PIN, False), (ROOT, "", "InhibitDevice", "sb", "{uid}", True),
    (ROOT, "", "InhibitDevice", "sb", "{uid}", False),
]
WEATHER = [["sms", "+4915550100", "Grüße " * 40], ["call", "+4915550101"], ["call-remote", "hang-up"],
           ["registration", "lost"], ["registration", "home"], ["card-remove"], ["card-insert"], ["card-insert"],
           ["data-drop", "emm-detached"], ["ussd", "Good day"], ["crash"], ["fault", "cut-frame:nas:1"],
           ["fault", "delay-answer=200:wds:3"], ["fault", "drop-answer:voice:1"], ["fault", "error-result=3:wms:2"],
           ["reset"], ["signal", "--rsrp", "-120"], ["fault", "no-clients:wds:1"]]


def storm(case, world):
    """Everything at once, from one client or another."""
    dice = random.Random(case.fault)
    waiting, wrong = [0], []

    def done(connection, result, what):
        waiting[0] -= 1
        try:
            connection.call_finish(result)
        except manager_world.GLib.Error as error:
            name = manager_world.Gio.dbus_error_get_remote_error(error) or str(error)
            # An object that went, or comes yet, is unknown to the bus.
            if not name.startswith((manager_world.ERROR, "org.freedesktop.DBus.Error.Unknown")):
                wrong.append(f"{what}: {name}")

    for _ in range(120):
        path, interface, method, signature, *arguments = dice.choice(STORM)
        drawn = {"n": dice.randrange(4), "uid": world.modem.path}
        arguments = [one.format(**drawn) if isinstance(one, str) else one for one in arguments]
        waiting[0] += 1
        world.connection.call(manager_world.NAME, path.format(**drawn), (manager_world.MM + interface).rstrip("."), method,
                              Variant(f"({signature})", arguments), None, 0, BOUND * 1000, None, done, method)
        if dice.random() < 0.12:
            weather = dice.choice(WEATHER)
            try:
                world.ctl(*weather)
            except RuntimeError:
                pass  # nothing of that kind was there
        world.wait(lambda: waiting[0] < 20, dice.choice((0, 0, 0.01, 0.1)))
    case.check("everybody has an answer", world.wait(lambda: not waiting[0], BOUND), waiting[0])
    case.check("errors are those that are published", not wrong, wrong[:10])
    for words in (["fault-disarm"], ["card-insert"], ["registration", "home"]):
        try:
            world.ctl(*words)
        except RuntimeError:
            pass  # as it is already
    world.error(manager_world.NAME, "InhibitDevice", "sb", world.modem.path, False, path=ROOT)


def end_amid(case, world):
    """The daemon is told to end while something is under way; the caller is a thread of its own."""
    _messages, before, do = PROCEDURES[case.procedure]
    prepared = before(world)
    if case.procedure == "connect":
        world.ctl("registration", "lost")  # so that it waits for a network
        world.wait(lambda: world.state() not in (REGISTERED, CONNECTED), 5)
    caller = threading.Thread(target=lambda: try_procedure(case, world, do, prepared), daemon=True)
    caller.start()
    time.sleep(int(case.fault.split("@")[1]) / 1000)
    case.status = world.end()
    caller.join(PATIENCE)
    # A daemon that has ended answers nobody; what it says before is looked at elsewhere.
    case.wrong = [line for line in case.wrong if "published" not in line]
    case.check("the caller heard of it", not caller.is_alive())


def weather_storm(case, world):
    fds, clients = daemon_fds(world), world.clients()
    storm(case, world)
    case.lost_ids = 8 * (clients + 2)  # ports that hung up
    case.check("the daemon lives", world.manager.poll() is None, world.manager.poll())
    case.check("the modem is there and at rest", world.wait(lambda: is_at_rest(world)), world.state())
    if (world.state() or FAILED) >= DISABLED:
        disable_all(case, world)
    if world.manager.poll() is not None:
        case.check("the daemon lives to the end", False, world.manager.poll())
        return
    now = daemon_fds(world)
    case.check("no descriptor is left over", len(now) <= len(fds), f"{fds} -> {now}")


class FaultyWorld(World):
    """One whose daemon may meet a fault at its start."""

    spec = None

    def start(self):
        if self.spec:
            self.ctl("fault", self.spec)
        super().start()

    def wait(self, condition, seconds=PATIENCE):
        if self.manager.poll() is not None:
            return None
        return super().wait(condition, seconds)


def run_case(manager, qmi_sim, name):
    """The whole of one case; what was wrong."""
    case = Case(name)
    before = [["card-pin", "pin1", "enabled", "--code", PIN]] if case.procedure == "unlock" else []
    seed = str(random.Random(name).randrange(1000))
    world = FaultyWorld(manager, qmi_sim, "--warm", "--time-scale", "0.05", "--seed", seed, before=before)
    if case.procedure == "start":
        world.spec = case.spec()
    with world:
        # a card that asks for its code since a moment ago may still be on its way
        case.check("it starts", case.procedure == "start" or
                   world.wait(lambda: world.state() in (DISABLED, LOCKED)), world.state())
        way = weather_storm if case.procedure == "storm" else end_amid if case.fault.startswith("end@") else play
        way(case, world)
        status = world.end() if case.status is None else case.status
        case.check("the daemon ends well", status == 0, status)
        left = world.clients()
        case.check("no client id is left in the modem", left <= case.lost_ids, world.ctl("clients"))
    return case.wrong


def one(manager, qmi_sim, name):
    """A case in a process of its own: (what was wrong, what it said)."""
    done = subprocess.run([sys.executable, __file__, manager, qmi_sim, "--one", name], capture_output=True, text=True,
                          timeout=600, check=False)
    try:
        wrong = json.loads(done.stdout.splitlines()[-1])
    except (IndexError, ValueError):
        wrong = ["the case did not end", done.stdout]
    if wrong or "Sanitizer" in done.stderr:
        return wrong or ["a sanitizer complained"], done.stderr
    return [], ""


def chosen():
    names = all_cases()
    if os.environ.get("QMIKIT_ALL") == "1":
        return names
    storms = [name for name in names if name.startswith("storm")]
    count = min(int(os.environ.get("QMIKIT_SEEDS", "60")), len(names))
    names = [name for name in names if not (name.startswith(PATIENT) and name.split("/")[1] in LOSING)]
    dice = random.Random(os.environ.get("QMIKIT_SEED", "1"))
    return dice.sample(names, count) + dice.sample(storms, count // 10)


def main():
    manager, qmi_sim, *wanted = sys.argv[1:]
    if wanted and wanted[0] == "--one":
        manager_world.PATIENCE = BOUND
        print(json.dumps(run_case(manager, qmi_sim, wanted[1])))
        return 0
    tap = Tap()
    if not shutil.which("dbus-daemon"):
        print("1..0 # SKIP dbus-daemon is not installed")
        return 0
    # Where it can be had: no broker of the machine's, or of another test, is met then.
    own_world()
    names = wanted or chosen()
    workers = int(os.environ.get("QMIKIT_JOBS", "6"))
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        for name, (wrong, said) in zip(names, pool.map(one, itertools.repeat(manager), itertools.repeat(qmi_sim), names)):
            tap.check(name, not wrong, "\n".join([*wrong, *said.splitlines()[-60:]]))
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
