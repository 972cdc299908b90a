#!/usr/bin/env python3
"""Thirty modems that come at once and go at once, while twenty clients ask for all sorts of things; and one client
that asks without end.

    test_manager_load.py MODEM_MANAGER QMI_SIM

Figures are printed; what is tested is that everyone is answered, nothing is left behind and nobody waits for another.
QMIKIT_ALL=1 has them come and go more often."""

import os
import select
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

from sim import PATIENCE, Sim, Tap, sanitizer_environment

try:
    from gi.repository import Gio, GLib
    from manager_world import DISABLED, NAME, PROPERTIES, ROOT, Variant
    from mmcli_peers import CONFIGURATION
except (ImportError, ValueError) as missing:
    print(f"1..0 # SKIP GLib's bindings for Python are not installed: {missing}")
    sys.exit(0)

MODEMS, CLIENTS = 30, 20
FLOOD = 20000
STALL = 5  # seconds: on a machine that has much else to do
OWN = NAME + ".Error."
STANDARD = "org.freedesktop.DBus.Error."


class Client:
    """Somebody on the bus who asks, waits for the answer and asks again; what he was told, and how soon."""

    def __init__(self, address, number):
        flags = Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION
        self.connection = Gio.DBusConnection.new_for_address_sync(address, flags, None, None)
        self.number = number
        self.took, self.errors, self.wrong = [], 0, []
        self.asking = self.open = False
        self.turn = number

    def ask(self, path, interface, method, arguments, then=None):
        begin = time.monotonic()

        def done(connection, result):
            self.open = False
            answer = None
            self.took.append(time.monotonic() - begin)
            try:
                answer = connection.call_finish(result)
            except GLib.Error as error:
                self.errors += 1
                name = Gio.dbus_error_get_remote_error(error) or ""
                if not name.startswith((OWN, STANDARD)) or name == STANDARD + "NoReply":
                    self.wrong.append(f"{method}: {name} {error.message}")
            if then:
                then(answer)
            if self.asking:
                self.go_on()

        self.open = True
        self.connection.call(NAME, path, interface, method, arguments, None, Gio.DBusCallFlags.NONE, 120000, None, done)

    def start(self):
        self.asking = True
        if not self.open:
            self.go_on()

    def go_on(self):
        """One kind of question after the other, to one modem after the other."""
        self.turn += 1
        modem = f"{ROOT}/Modem/{self.turn * 7 % MODEMS}"
        kind = self.turn % 8
        if kind == 0:
            self.ask(ROOT, "org.freedesktop.DBus.ObjectManager", "GetManagedObjects", None)
        elif kind == 1:
            self.ask(modem, f"{NAME}.Modem.Simple", "GetStatus", None)
        elif kind == 2:
            self.ask(modem, PROPERTIES, "GetAll", Variant("(s)", (f"{NAME}.Modem",)))
        elif kind == 3:
            self.ask(modem, f"{NAME}.Modem", "Enable", Variant("(b)", (self.turn % 16 < 8,)))
        elif kind == 4:
            self.ask(modem, f"{NAME}.Modem", "CreateBearer", Variant("(a{sv})", ({"apn": Variant("s", "internet")},)),
                     lambda answer: self.delete(modem, answer))
        elif kind == 5:
            self.ask(modem, f"{NAME}.Modem.Messaging", "List", None)
        elif kind == 6:
            self.ask(modem, f"{NAME}.Modem.Simple", "Disconnect", Variant("(o)", ("/",)))
        else:
            self.ask(modem, PROPERTIES, "Get", Variant("(ss)", (f"{NAME}.Modem", "State")))

    def delete(self, modem, answer):
        if answer:
            self.connection.call(NAME, modem, f"{NAME}.Modem", "DeleteBearer", answer, None, Gio.DBusCallFlags.NONE,
                                 120000, None, lambda connection, result: None)

    def flood(self, count):
        """Asks without waiting for anything; the answers are not read here."""
        for number in range(count):
            message = Gio.DBusMessage.new_method_call(NAME, f"{ROOT}/Modem/{number % MODEMS}", f"{NAME}.Modem", "Enable")
            message.set_body(Variant("(b)", (bool(number % 2),)))
            self.connection.send_message(message, Gio.DBusSendMessageFlags.NONE)


class Pinger:
    """with Pinger(address) as pinger: a client in a process of its own, who asks for little and often."""

    def __init__(self, address):
        self.address, self.longest = address, None

    def __enter__(self):
        self.process = subprocess.Popen([sys.executable, __file__, "--ping", self.address], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        return self

    def __exit__(self, *unused):
        said, _errors = self.process.communicate("", timeout=PATIENCE)
        took = [float(value) for value in said.split()]
        self.longest = max(took, default=None)
        print(f"# of another {len(took)} calls half were answered within {statistics.median(took) * 1000:.1f} ms, the "
              f"slowest after {self.longest * 1000:.0f} ms")


class Fleet:
    """with Fleet(manager, qmi_sim) as fleet: a bus, the daemon, clients; modems come and go."""

    def __init__(self, manager, qmi_sim):
        self.program, self.qmi_sim = manager, qmi_sim
        self.folder = tempfile.TemporaryDirectory(prefix="qmi-fleet-")
        self.path = os.path.join(self.folder.name, "modem")
        self.sim = None

    def __enter__(self):
        configuration = os.path.join(self.folder.name, "bus.conf")
        with open(configuration, "w", encoding="ascii") as file:
            file.write(CONFIGURATION.replace("PATH", os.path.join(self.folder.name, "bus")))
        self.bus = subprocess.Popen(["dbus-daemon", "--config-file", configuration, "--nofork", "--nopidfile",
                                     "--print-address=1"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.address = self.bus.stdout.readline().decode().strip()
        devices = [word for number in range(MODEMS) for word in ("--device", f"{self.path}{number}")]
        self.manager = subprocess.Popen([self.program, "--log-level", "ERR", *devices],
                                        env={**sanitizer_environment(), "DBUS_SYSTEM_BUS_ADDRESS": self.address})
        self.clients = [Client(self.address, number) for number in range(CLIENTS)]
        return self

    def plug(self):
        self.sim = Sim(self.qmi_sim, "--count", str(MODEMS), "--warm", "--time-scale", "0.05")
        self.sim.command[2] = self.path
        self.sim.__enter__()

    def unplug(self):
        self.sim.__exit__()
        self.sim = None

    def __exit__(self, *unused):
        if self.sim:
            self.unplug()
        self.manager.terminate()
        self.manager.wait(timeout=PATIENCE)
        self.bus.terminate()
        self.bus.wait()
        self.bus.stdout.close()
        self.folder.cleanup()

    def wait(self, condition, seconds=PATIENCE):
        """What the condition was last. It is asked now and then, as its own calls keep the clients waiting."""
        end = time.monotonic() + seconds
        context = GLib.MainContext.default()
        while not (value := condition()) and time.monotonic() < end:
            pause = time.monotonic() + 0.2
            while time.monotonic() < pause:
                if not context.iteration(False):
                    time.sleep(0.002)
        return value

    def call(self, path, interface, method, arguments=None):
        try:
            return self.clients[0].connection.call_sync(NAME, path, interface, method, arguments, None,
                                                        Gio.DBusCallFlags.NONE, 60000, None).unpack()[0]
        except GLib.Error:
            return None

    def states(self):
        """The states of the modems that there are."""
        objects = self.call(ROOT, "org.freedesktop.DBus.ObjectManager", "GetManagedObjects") or {}
        return [interfaces[f"{NAME}.Modem"]["State"] for interfaces in objects.values() if f"{NAME}.Modem" in interfaces]

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.manager.pid}/fd"))

    def kilobytes(self):
        with open(f"/proc/{self.manager.pid}/status", encoding="ascii") as file:
            return int(next(line for line in file if line.startswith("VmRSS:")).split()[1])

    def start(self):
        for client in self.clients:
            client.took.clear()
            client.start()

    def stop(self):
        for client in self.clients:
            client.asking = False
        return self.wait(lambda: not any(client.open for client in self.clients), 120)


def figures(clients):
    took = sorted(value for client in clients for value in client.took)
    return (f"{len(took)} answers, half of them within {statistics.median(took) * 1000:.1f} ms, the slowest after "
            f"{took[-1] * 1000:.0f} ms; {min(len(client.took) for client in clients)} to "
            f"{max(len(client.took) for client in clients)} a client")


def come_and_go(tap, fleet, rounds):
    """Under load from all clients."""
    fleet.wait(lambda: fleet.call(ROOT, PROPERTIES, "Get", Variant("(ss)", (NAME, "Version"))))
    idle, grown = fleet.descriptors(), []
    for turn in range(rounds):
        pinger = Pinger(fleet.address).__enter__()
        fleet.start()
        begin = time.monotonic()
        fleet.plug()
        there = fleet.wait(lambda: len([state for state in fleet.states() if state >= DISABLED]) == MODEMS, 120)
        tap.check(f"round {turn}: all come under load", there, sorted(fleet.states()))
        print(f"# after {time.monotonic() - begin:.1f} s")
        fleet.wait(lambda: False, 3)
        begin = time.monotonic()
        fleet.unplug()
        tap.check(f"round {turn}: all go under load", fleet.wait(lambda: not fleet.states(), 60), fleet.states())
        print(f"# after {time.monotonic() - begin:.1f} s")
        pinger.__exit__()
        tap.check(f"round {turn}: the daemon never stops answering", pinger.longest and pinger.longest < STALL, pinger.longest)
        tap.check(f"round {turn}: everybody was answered", fleet.stop(), [client.open for client in fleet.clients])
        print(f"# {figures(fleet.clients)}")
        tap.check(f"round {turn}: nobody was forgotten", all(len(client.took) > 5 for client in fleet.clients))
        wrong = [line for client in fleet.clients for line in client.wrong]
        tap.check(f"round {turn}: errors are those that are published", not wrong, "\n".join(wrong[:20]))
        tap.check(f"round {turn}: no descriptor is left", fleet.wait(lambda: fleet.descriptors() == idle, 20),
                  f"{idle} {fleet.descriptors()}")
        grown.append(fleet.kilobytes())
    print(f"# memory after each round: {grown} kB")
    # What the first rounds bring stays for those that follow.
    tap.check("memory does not grow from round to round", grown[-1] - grown[0] < 8192 and
              (rounds < 4 or grown[-1] - grown[rounds // 2] < 1024), grown)


def flooded(tap, fleet):
    """One asks without end, and the others are answered."""
    fleet.plug()
    tap.check("all are there", fleet.wait(lambda: len([s for s in fleet.states() if s >= DISABLED]) == MODEMS, 120))
    fleet.start()
    fleet.wait(lambda: False, 4)
    fleet.stop()
    quiet = figures(fleet.clients)
    slow = statistics.median(value for client in fleet.clients for value in client.took)
    with Pinger(fleet.address) as pinger:
        flooder = subprocess.Popen([sys.executable, __file__, "--flood", fleet.address])
        fleet.wait(lambda: False, 0.5)
        fleet.start()
        fleet.wait(lambda: flooder.poll() is not None, 120)
        during = figures(fleet.clients)
    tap.check("all others are answered meanwhile", fleet.stop() and all(len(client.took) > 5 for client in fleet.clients))
    print(f"# before: {quiet}\n# while {FLOOD} calls came from another: {during} (median before {slow * 1000:.1f} ms)")
    tap.check("nobody waits long for it", pinger.longest and pinger.longest < STALL, pinger.longest)
    tap.check("the daemon lives", fleet.manager.poll() is None)
    fleet.unplug()
    tap.check("and is at rest", fleet.wait(lambda: not fleet.states(), 60), fleet.states())


def flood(address):
    client = Client(address, 0)
    client.flood(FLOOD)
    client.connection.flush_sync(None)
    end = time.monotonic() + 5
    while time.monotonic() < end:
        GLib.MainContext.default().iteration(False)
        time.sleep(0.01)


def ping(address):
    """Until its standard input ends; then prints how long each answer took."""
    client, took = Client(address, 0), []
    while not select.select([sys.stdin], [], [], 0.01)[0]:
        begin = time.monotonic()
        try:
            client.connection.call_sync(NAME, f"{ROOT}/Modem/0", PROPERTIES, "Get", Variant("(ss)", (f"{NAME}.Modem", "State")),
                                        None, Gio.DBusCallFlags.NONE, 120000, None)
        except GLib.Error:
            pass  # there is no such modem just then, which is an answer
        took.append(time.monotonic() - begin)
    print(*took)


def main():
    if sys.argv[1] in ("--flood", "--ping"):
        {"--flood": flood, "--ping": ping}[sys.argv[1]](sys.argv[2])
        return 0
    manager, qmi_sim = sys.argv[1:]
    tap = Tap()
    if not shutil.which("dbus-daemon"):
        print("1..0 # SKIP dbus-daemon is not installed")
        return 0
    with Fleet(manager, qmi_sim) as fleet:
        come_and_go(tap, fleet, 8 if os.environ.get("QMIKIT_ALL") == "1" else 2)
        flooded(tap, fleet)
        fleet.manager.terminate()
        tap.check("the daemon ends well", fleet.manager.wait(timeout=PATIENCE) == 0, fleet.manager.returncode)
    return tap.done()


sys.exit(main())
