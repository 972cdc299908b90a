"""A world for the daemon: a bus of its own, a virtual modem on a pty, the daemon, a client."""

import ctypes
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time

import gi

gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib  # noqa: E402

from mmcli_peers import CONFIGURATION  # noqa: E402
from sim import PATIENCE, Sim, Tap, sanitizer_environment  # noqa: E402

Variant = GLib.Variant
NAME = "org.freedesktop.ModemManager1"
ROOT = "/org/freedesktop/ModemManager1"
MODEM = ROOT + "/Modem/0"
SIM = ROOT + "/SIM/0"
PROPERTIES = "org.freedesktop.DBus.Properties"
ERROR = NAME + ".Error."
MM = NAME + "."

UNKNOWN, INITIALIZING, LOCKED, DISABLED = 0, 1, 2, 3
CLONE_NEWNET = 0x40000000
ENABLED, SEARCHING, REGISTERED, CONNECTED = 6, 7, 8, 11
FAILED = -1


class Failure(Exception):
    """An error on the bus, by its name behind Error."""

    def __init__(self, error):
        super().__init__(error.message)
        self.name = (Gio.dbus_error_get_remote_error(error) or "").removeprefix(ERROR)


class World:
    """with World(manager, qmi_sim, "--seed", "2") as world: … world.call(…)"""

    def __init__(self, manager, qmi_sim, *options, before=(), manager_options=()):
        self.before = before
        self.manager_options = manager_options
        self.manager_program, self.qmi_sim = manager, qmi_sim
        self.folder = tempfile.TemporaryDirectory(prefix="qmi-manager-")
        self.control = os.path.join(self.folder.name, "ctl")
        self.modem = Sim(qmi_sim, "--control", self.control, *options, name=f"cdc-wdm{id(self) % 1000}")
        self.signals = []
        self.bus = self.manager = self.connection = None

    def __enter__(self):
        path = os.path.join(self.folder.name, "bus")
        configuration = os.path.join(self.folder.name, "bus.conf")
        with open(configuration, "w", encoding="ascii") as file:
            file.write(CONFIGURATION.replace("PATH", path))
        self.bus = subprocess.Popen(["dbus-daemon", "--config-file", configuration, "--nofork", "--nopidfile",
                                     "--print-address=1"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.address = self.bus.stdout.readline().decode().strip()
        self.modem.__enter__()
        for words in self.before:
            self.ctl(*words)
        self.start()
        return self

    def start(self):
        """The daemon, and a client once it is there."""
        self.environment = {**sanitizer_environment(), "DBUS_SYSTEM_BUS_ADDRESS": self.address}
        self.manager = subprocess.Popen([self.manager_program, "--device", self.modem.path,
                                         *self.manager_options],
                                        env=self.environment)
        flags = (Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT |
                 Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION)
        self.connection = Gio.DBusConnection.new_for_address_sync(self.address, flags, None, None)
        self.connection.signal_subscribe(NAME, None, None, None, None, Gio.DBusSignalFlags.NONE, self.on_signal)
        self.wait(lambda: self.state() not in (None, UNKNOWN, INITIALIZING))

    def on_signal(self, _connection, _sender, path, interface, name, arguments):
        self.signals.append((path, interface.removeprefix(MM), name, arguments.unpack()))

    def signal(self, name, since=0):
        """The arguments of the last signal of that name, or None."""
        self.spin()
        return next((found[3] for found in reversed(self.signals[since:]) if found[2] == name), None)

    def end(self):
        """Ends the daemon as a service manager does; its exit status."""
        self.manager.send_signal(signal.SIGTERM)
        try:
            return self.manager.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            self.manager.kill()
            return self.manager.wait()

    def __exit__(self, *unused):
        if self.manager.poll() is None:
            self.end()
        self.modem.__exit__()
        self.bus.terminate()
        self.bus.wait()
        self.bus.stdout.close()
        self.folder.cleanup()

    def ctl(self, *words):
        """Has something happen to the modem; the answer."""
        done = subprocess.run([self.qmi_sim, "ctl", self.control, *words], capture_output=True, text=True,
                              timeout=PATIENCE, check=False)
        if done.returncode:
            raise RuntimeError(f"ctl {' '.join(words)}: {done.stderr or done.stdout}")
        return json.loads(done.stdout.splitlines()[0]) if done.stdout else {}

    def clients(self):
        """How many client ids the modem has given out."""
        answer = self.ctl("clients")
        return next((len(value) for value in answer.values() if isinstance(value, list)), 0)

    def spin(self):
        """Takes the signals that came."""
        while GLib.MainContext.default().iteration(False):
            pass

    def wait(self, condition, seconds=PATIENCE):
        """Whether the condition came true; what it was last."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.spin()
            value = condition()
            if value:
                return value
            time.sleep(0.02)
        return condition()

    def call(self, interface, method, signature="", *arguments, path=MODEM):
        """What a method gives: None, its one output, or a tuple of them. Failure for an error."""
        parameters = GLib.Variant(f"({signature})", arguments)
        try:
            answer = self.connection.call_sync(NAME, path, interface if "." in interface and interface.startswith(
                "org.") else MM + interface, method, parameters, None, Gio.DBusCallFlags.NONE,
                PATIENCE * 1000, None).unpack()
        except GLib.Error as error:
            raise Failure(error) from error
        return None if not answer else answer[0] if len(answer) == 1 else answer

    def begin(self, interface, method, signature="", *arguments, path=MODEM):
        """Calls a method without waiting; what finish() takes."""
        pending = []
        self.connection.call(NAME, path, MM + interface, method, GLib.Variant(f"({signature})", arguments), None,
                             Gio.DBusCallFlags.NONE, PATIENCE * 1000, None,
                             lambda connection, result: pending.append(result))
        return pending

    def finish(self, pending):
        """The name of the error with which it ended, or None."""
        self.wait(lambda: pending)
        try:
            self.connection.call_finish(pending[0])
        except GLib.Error as error:
            return Failure(error).name
        return None

    def error(self, *arguments, **named):
        """The name of the error with which a method ends, or None."""
        try:
            self.call(*arguments, **named)
        except Failure as failure:
            return failure.name
        return None

    def get(self, interface, name, path=MODEM):
        """A property; None: there is no such object."""
        try:
            return self.call(PROPERTIES, "Get", "ss", MM + interface, name, path=path)
        except Failure:
            return None

    def state(self):
        return self.get("Modem", "State")

    def becomes(self, state, seconds=PATIENCE):
        return self.wait(lambda: self.state() == state, seconds)

    def interfaces(self):
        objects = self.call("org.freedesktop.DBus.ObjectManager", "GetManagedObjects", path=ROOT)
        return {name.removeprefix(MM) for name in objects.get(MODEM, {})}

    def enable(self):
        self.call("Modem", "Enable", "b", True)


def run_parts(parts, wanted, play):
    """play(tap, name, part) for each part, or the wanted ones; the exit status. Where this may be, in a network of its
    own: a broker that runs on this machine has nothing to do with it."""
    tap = Tap()
    if os.geteuid() == 0:
        ctypes.CDLL(None).unshare(CLONE_NEWNET)
    if not shutil.which("dbus-daemon"):
        print("1..0 # SKIP dbus-daemon is not installed")
        return 0
    for name, part in parts.items():
        if not wanted or name in wanted:
            print(f"# {name}")
            play(tap, name, part)
    return tap.done()


def ends_well(tap, name, world):
    """What holds at the end of each part."""
    tap.check(f"{name}: the daemon still serves", world.get("Modem", "State") is not None)
    tap.check(f"{name}: it ends well", world.end() == 0)
    tap.check(f"{name}: no client id is left in the modem", world.clients() == 0, world.ctl("clients"))
