#!/usr/bin/env python3
"""What goes on until Ctrl+C: our mmcli and Debian's follow the same daemon at the same time, and say the same.

    test_mmcli_follow.py MMCLI MODEM_MANAGER QMI_SIM PEERS

The daemon is ours on a virtual modem, and one that says what no daemon should. Debian's mmcli is the system's, or was
unpacked below the folder PEERS."""

import os
import shutil
import signal
import subprocess
import sys
import time

from mmcli_peers import Bus, find_stock
from sim import PATIENCE, Tap

try:
    from gi.repository import Gio, GLib

    from manager_world import DISABLED, MODEM, NAME, REGISTERED, ROOT, World
except (ImportError, ValueError) as missing:
    print(f"1..0 # SKIP GLib's bindings for Python are not installed: {missing}")
    sys.exit(0)

CELL = "310260,12A4,1A2D001"


class Followers:
    """with Followers(tap, programs, address, folder, words) as both: both.same(title)

    The two programs; `same` waits until both have said what `expected` names, and the same."""

    def __init__(self, tap, programs, world, words):
        self.tap, self.words, self.programs, self.world = tap, words, programs, world

    def __enter__(self):
        self.outs, self.processes = [], []
        for name, (program, library) in zip(("ours", "stock"), self.programs):
            path = os.path.join(self.world.folder.name, f"{name}-{len(os.listdir(self.world.folder.name))}")
            environment = {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": self.world.address}
            if library:
                environment["LD_LIBRARY_PATH"] = library
            # Stock leaves lines in its buffer when it does not write to a terminal.
            command = [*(["stdbuf", "-oL"] if name == "stock" else []), program, *self.words]
            with open(path, "wb") as out, open(path + ".err", "wb") as error:
                self.processes.append(subprocess.Popen(command, stdout=out, stderr=error, env=environment))
            self.outs.append(path)
        return self

    def said(self):
        texts = []
        for path in self.outs:
            with open(path, encoding="utf-8", errors="replace") as file:
                texts.append(file.read())
        return texts

    def same(self, title, expected, times=1):
        """Both say `expected` so often, and nothing else than the other."""
        end = time.monotonic() + PATIENCE
        texts = self.said()
        while time.monotonic() < end and (texts[0] != texts[1] or texts[0].count(expected) < times):
            time.sleep(0.02)
            texts = self.said()
        good = texts[0] == texts[1] and texts[0].count(expected) >= times
        self.tap.check(f"mmcli {' '.join(self.words)}: {title}", good, f"ours:  {texts[0]!r}\nstock: {texts[1]!r}")

    def end(self, how=signal.SIGINT):
        """How they end, when they are asked to."""
        for process in self.processes:
            if process.poll() is None and how is not None:
                process.send_signal(how)
        codes = [process.wait(timeout=PATIENCE) for process in self.processes]
        self.tap.check(f"mmcli {' '.join(self.words)} ends with 0, as stock's does", codes == [0, 0], codes)
        texts = self.said()
        self.tap.check("having said the same", texts[0] == texts[1], texts)
        errors = []
        for path in self.outs:
            with open(path + ".err", encoding="utf-8") as file:
                errors.append([line for line in file.read().splitlines() if line.startswith(("error", "cancel"))])
        self.tap.check("also on standard error", errors[0] == errors[1], errors)
        return texts[0]

    def __exit__(self, *unused):
        for process in self.processes:
            if process.poll() is None:
                process.kill()
                process.wait()


class Daemon:
    """A daemon of one modem that says what it is told to."""

    XML = """<node><interface name="org.freedesktop.DBus.ObjectManager"><method name="GetManagedObjects">
    <arg name="objects" type="a{oa{sa{sv}}}" direction="out"/></method></interface></node>"""
    PATH = ROOT + "/Modem/7"

    def __init__(self, bus):
        self.address, self.folder = bus.address, bus.folder
        flags = Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION
        self.connection = Gio.DBusConnection.new_for_address_sync(bus.address, flags, None, None)
        info = Gio.DBusNodeInfo.new_for_xml(self.XML).interfaces[0]
        self.connection.register_object(ROOT, info, self.answer, None, None)
        self.modem = {"Manufacturer": GLib.Variant("s", "Quectel"), "Model": GLib.Variant("s", "EC25"),
                      "State": GLib.Variant("i", 8), "Device": GLib.Variant("s", "/sys/x")}

    def answer(self, _connection, _sender, _path, _interface, _method, _arguments, invocation):
        interfaces = {NAME + ".Modem": self.modem, NAME + ".Modem.Location": {"Location": GLib.Variant("a{uv}", {})}}
        invocation.return_value(GLib.Variant("(a{oa{sa{sv}}})", ({self.PATH: interfaces},)))

    def name(self, method, *arguments):
        self.connection.call_sync("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", method,
                                  GLib.Variant("(su)" if arguments else "(s)", (NAME, *arguments)), None,
                                  Gio.DBusCallFlags.NONE, -1, None)

    def emit(self, path, interface, name, arguments):
        self.connection.emit_signal(None, path, interface, name, arguments)
        self.connection.flush_sync(None)

    def added(self, path, interfaces):
        self.emit(ROOT, "org.freedesktop.DBus.ObjectManager", "InterfacesAdded",
                  GLib.Variant("(oa{sa{sv}})", (path, interfaces)))

    def removed(self, path, names):
        self.emit(ROOT, "org.freedesktop.DBus.ObjectManager", "InterfacesRemoved", GLib.Variant("(oas)", (path, names)))

    def changed(self, interface, properties):
        self.emit(self.PATH, "org.freedesktop.DBus.Properties", "PropertiesChanged",
                  GLib.Variant("(sa{sv}as)", (interface, properties, [])))

    def serve(self, seconds=0.0):
        """Answers whoever asks, for a while."""
        end = time.monotonic() + seconds
        while GLib.MainContext.default().iteration(False) or time.monotonic() < end:
            time.sleep(0.002)


class Served:
    """A daemon's Followers wait while it serves."""

    def __init__(self, both, daemon):
        self.both, self.daemon = both, daemon

    def wait(self, expected, times):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and any(text.count(expected) < times for text in self.both.said()):
            self.daemon.serve(0.02)

    def same(self, title, expected, times=1):
        self.wait(expected, times)
        self.both.same(title, expected, times)


def follow_modems(tap, programs, world):
    with Followers(tap, programs, world, ["-M"]) as both:
        both.same("lists the modem that is there", "/Modem/0")
        world.modem.__exit__()
        both.same("tells that it went", "(-) ")
        world.end()
        world.modem.__enter__()
        world.start()
        both.same("tells what the next daemon has", "(+) ")
        world.end()
        both.same("tells that all go with the daemon", "(-) ", 2)
        world.start()
        both.same("tells what the next daemon has, again", "(+) ", 2)
        both.end()
    tap.check("the modem is there for the next part", world.becomes(DISABLED), world.state())


def follow_state(tap, programs, world):
    with Followers(tap, programs, world, ["-m", "0", "-w"]) as both:
        both.same("tells the state", "Initial state, 'disabled'")
        world.enable()
        both.same("follows it up", "--> 'registered' (Reason: ")
        world.call("Modem.Simple", "Connect", "a{sv}", {"apn": GLib.Variant("s", "internet")})
        both.same("to connected", "--> 'connected' (Reason: User request)")
        world.call("Modem", "Enable", "b", False)
        both.same("and down", "--> 'disabled' (Reason: User request)")
        both.end(signal.SIGTERM)
    with Followers(tap, programs, world, ["-m", "any", "--monitor-state"]) as both:
        both.same("tells the state", "Initial state")
        world.end()
        both.same("ends with the daemon", "Removed")
        both.end(None)
    world.start()
    with Followers(tap, programs, world, ["-m", "0", "-w"]) as both:
        both.same("tells the state", "Initial state")
        world.modem.__exit__()
        both.same("ends with the modem", "Removed")
        both.end(None)
    world.end()
    world.modem.__enter__()
    world.start()
    tap.check("the modem is there for the next part", world.becomes(DISABLED), world.state())


def follow_location(tap, programs, world):
    world.enable()
    tap.check("the modem registers", world.becomes(REGISTERED), world.state())
    world.call("Modem.Location", "Setup", "ub", 1, True)
    for number, words in enumerate(([], ["-K"], ["-J"])):
        with Followers(tap, programs, world, ["-m", "0", "--location-monitor", *words]) as both:
            both.same("tells where the modem is", "01929D02")
            for area in (7001, 7002):
                world.ctl("cell", "--area", str(area + 16 * number))
                both.same("follows it", f"{area + 16 * number:06X}")
            both.end()


def follow_inhibition(tap, programs, world):
    """One after the other, as one device is inhibited once."""
    for words in (["-m", "0", "--inhibit"], ["-I", world.get("Modem", "Device")]):
        said = []
        for program in programs:
            with Followers(tap, [program], world, words) as one:
                world.wait(lambda one=one: "Ctrl+C" in one.said()[0])
                gone = world.wait(lambda: world.state() is None)
                one.processes[0].send_signal(signal.SIGINT)
                said.append((one.processes[0].wait(timeout=PATIENCE), gone, one.said()[0]))
            tap.check("the modem comes back", world.wait(lambda: world.state() in (DISABLED, REGISTERED)), world.state())
        tap.check(f"mmcli {' '.join(words)} says what stock's does", said[0] == said[1] and said[0][0] == 0, said)


def follow_anything(tap, programs):
    """What a daemon may say, and what it should not."""
    with Bus() as bus:
        daemon = Daemon(bus)
        daemon.name("RequestName", 0)
        with Followers(tap, programs, daemon, ["-M"]) as both:
            served = Served(both, daemon)
            served.same("lists a modem", "EC25")
            daemon.changed(NAME + ".Modem", {"Model": GLib.Variant("s", "EG25-G")})
            daemon.added(daemon.PATH, {NAME + ".Modem.Time": {}})
            daemon.removed(daemon.PATH, [NAME + ".Modem.Time"])
            daemon.added(ROOT + "/Modem/8", {NAME + ".Modem": {"Model": GLib.Variant("s", "x\x1b[31m")}})
            served.same("a modem without a manufacturer comes", "/Modem/8")
            daemon.removed(ROOT + "/Modem/99", [NAME + ".Modem"])
            daemon.removed(ROOT + "/Modem/8", [NAME + ".Modem"])
            served.same("it goes", "(-) ", 1)
            daemon.removed(daemon.PATH, [NAME + ".Modem", NAME + ".Modem.Location"])
            served.same("the first goes, under its new name", "EG25-G")
            daemon.name("ReleaseName")
            daemon.name("RequestName", 0)
            served.same("the next daemon has it again", "(+) ", 2)
            both.end()
        with Followers(tap, programs, daemon, ["-m", "7", "-w"]) as both:
            served = Served(both, daemon)
            served.same("tells the state", "'registered'")
            for before, now, reason in ((8, 11, 1), (11, 8, 3), (8, 77, 0), (-1, 3, 2)):
                daemon.emit(daemon.PATH, NAME + ".Modem", "StateChanged", GLib.Variant("(iiu)", (before, now, reason)))
            daemon.emit(ROOT + "/Modem/9", NAME + ".Modem", "StateChanged", GLib.Variant("(iiu)", (8, 3, 0)))
            served.same("follows it", "State changed", 4)
            daemon.removed(daemon.PATH, [NAME + ".Modem.Location"])
            daemon.removed(daemon.PATH, [NAME + ".Modem"])
            served.same("ends with the last interface", "Removed")
            both.end(None)


def follow_nonsense(tap, program):
    """What ends stock's, or has it say that there are no modems, leaves ours as it is."""
    with Bus() as bus:
        daemon = Daemon(bus)
        daemon.name("RequestName", 0)
        with Followers(tap, [program], daemon, ["-M"]) as one:
            served = Served(one, daemon)
            served.wait("EC25", 1)
            daemon.added(ROOT + "/SIM/0", {NAME + ".Sim": {}})
            for signature, value in (("s", "no"), ("u", 1), ("o", daemon.PATH), ("ay", b"")):
                wrong = GLib.Variant(f"({signature})", (value,))
                for name in ("InterfacesAdded", "InterfacesRemoved"):
                    daemon.emit(ROOT, "org.freedesktop.DBus.ObjectManager", name, wrong)
                daemon.emit(daemon.PATH, "org.freedesktop.DBus.Properties", "PropertiesChanged", wrong)
                daemon.emit(daemon.PATH, NAME + ".Modem", "StateChanged", wrong)
            daemon.removed(daemon.PATH, [NAME + ".Modem", NAME + ".Modem.Location"])
            served.wait("(-) ", 1)
            line = f"{daemon.PATH} [Quectel] EC25\n"
            tap.check("signals that make no sense are passed over", one.said() == [f"    {line}(-) {line}"], one.said())


def main(ours, manager, qmi_sim, peers):
    stock = find_stock(peers)
    if not stock[0] or not shutil.which("dbus-daemon") or not shutil.which("stdbuf"):
        print("1..0 # SKIP Debian's mmcli, dbus-daemon or stdbuf is not here")
        return 0
    tap, programs = Tap(), ((ours, ""), stock)
    follow_anything(tap, programs)
    follow_nonsense(tap, programs[0])
    with World(manager, qmi_sim, "--warm") as world:
        tap.check("the modem is there", world.becomes(DISABLED), world.state())
        follow_modems(tap, programs, world)
        follow_state(tap, programs, world)
        follow_location(tap, programs, world)
        follow_inhibition(tap, programs, world)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
