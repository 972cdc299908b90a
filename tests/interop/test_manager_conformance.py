#!/usr/bin/env python3
"""The daemon on the bus, held to what is published: its interfaces against those of Debian's ModemManager, every
method with arguments of every kind, properties and signals against what is asked for.

    test_manager_conformance.py MODEM_MANAGER QMI_SIM SOURCE PEERS [PART...]

Debian's interfaces are the system's, or were unpacked below the folder PEERS (`./dev test` does that)."""

import glob
import os
import random
import shutil
import sys
import time
import xml.etree.ElementTree as ElementTree

from sim import PATIENCE, Tap

try:
    from gi.repository import Gio, GLib
    import yaml
    from manager_mirror import Mirror, parts
    from manager_world import DISABLED, MODEM, NAME, PROPERTIES, REGISTERED, ROOT, SIM, Variant, World
except (ImportError, ValueError) as missing:
    print(f"1..0 # SKIP what the test needs is not installed: {missing}")
    sys.exit(0)

# Interfaces that a modem of this kind has with nobody.
ABSENT = {f"{NAME}.Modem.ModemCdma", f"{NAME}.Modem.Oma"}
BEARER, SMS, CALL = f"{ROOT}/Bearer/0", f"{ROOT}/SMS/0", f"{ROOT}/Call/0"
ANSWER = 130  # seconds: what the network has a say in takes its time
# What ends the world of the test, or takes the modem away for a while: with right arguments it is tried elsewhere.
GRAVE = {"Reset", "FactoryReset", "SetPowerState", "InhibitDevice", "Enable", "Command"}
STANDARD = "org.freedesktop.DBus.Error."
OWN = NAME + ".Error."


# --- Introspection


def members(interface):
    """What an interface has, by kind and name: the types that travel."""
    found = {}
    for method in interface.findall("method"):
        args = method.findall("arg")
        found["method", method.get("name")] = tuple(
            "".join(arg.get("type") for arg in args if arg.get("direction", "in") == way) for way in ("in", "out"))
    for signal in interface.findall("signal"):
        found["signal", signal.get("name")] = "".join(arg.get("type") for arg in signal.findall("arg"))
    for one in interface.findall("property"):
        found["property", one.get("name")] = one.get("type"), one.get("access")
    return found


def interfaces_in(text):
    return {one.get("name"): members(one) for one in ElementTree.fromstring(text).findall("interface")}


def debians(peers):
    """The published interfaces, or nothing."""
    found = {}
    for folder in ("/usr", f"{peers}/modemmanager/usr"):
        for name in glob.glob(f"{folder}/share/dbus-1/interfaces/{NAME}*.xml"):
            with open(name, encoding="utf-8") as file:
                found |= interfaces_in(file.read())
        if found:
            return found
    return found


def introspect(world, path):
    return world.call("org.freedesktop.DBus.Introspectable", "Introspect", path=path)


def make_everything(world):
    """An object of each kind there is."""
    world.enable()
    world.becomes(REGISTERED)
    number = {"number": Variant("s", "+4915550102")}
    paths = {ROOT, MODEM, SIM}
    paths.add(world.call("Modem", "CreateBearer", "a{sv}", {"apn": Variant("s", "internet")}))
    paths.add(world.call("Modem.Messaging", "Create", "a{sv}", {**number, "text": Variant("s", "Hello")}))
    paths.add(world.call("Modem.Voice", "CreateCall", "a{sv}", number))
    return sorted(paths)


def introspection(tap, world, files):
    """All that Debian's daemon shows is there, with the same types."""
    published = debians(files["peers"])
    paths = make_everything(world)
    shown, notified = {}, []
    for path in paths:
        text = introspect(world, path)
        shown |= interfaces_in(text)
        notified += [f"{path}: {one.get('value')}" for one in ElementTree.fromstring(text).iter("annotation")
                     if one.get("name", "").endswith("EmitsChangedSignal") and one.get("value") != "true"]
    ours = {name: found for name, found in shown.items() if name.startswith(NAME)}
    tap.check("every property tells of its changes", not notified, notified)
    if not published:
        tap.check("Debian's interfaces are there # SKIP modemmanager-dev was not unpacked", True)
        return
    for name in sorted(published.keys() - ABSENT):
        if name not in ours:
            tap.check(f"{name} is there", False)
            continue
        lacks = [f"{kind} {member} {published[name][kind, member]}, not {ours[name].get((kind, member))}"
                 for kind, member in published[name] if published[name][kind, member] != ours[name].get((kind, member))]
        tap.check(f"{name} has what Debian's has", not lacks, "\n".join(lacks))
        more = sorted(member for _kind, member in ours[name].keys() - published[name].keys())
        print(f"# {name} has more: {', '.join(more) or 'nothing'}")
    print(f"# interfaces that Debian's lacks: {', '.join(sorted(ours.keys() - published.keys())) or 'none'}")
    standard = {name for name in shown if not name.startswith(NAME)}
    tap.check("and the standard interfaces", {"org.freedesktop.DBus.Introspectable", PROPERTIES,
                                              "org.freedesktop.DBus.Peer", "org.freedesktop.DBus.ObjectManager"} <= standard,
              standard)


# --- Calls with all kinds of arguments


def deep(depth):
    value = Variant("u", 1)
    for _ in range(depth):
        value = Variant("v", value)
    return value


class Maker:
    """Arguments, right ones and hostile ones, for a signature."""

    def __init__(self, source, seed):
        self.random = random.Random(seed)
        with open(os.path.join(source, "api", "types.yaml"), encoding="utf-8") as file:
            dicts = yaml.safe_load(file)["dicts"]
        self.keys = {key: kind.split()[0] for keys in dicts.values() for key, kind in keys.items() if key != "base"}

    TEXTS = ("", "x" * 100000, "\x01\x1b\x7f", "../../../../etc/passwd", "%s%n%500d", "\U0001f600" * 300, "\ufffe",
             "+4915550102", "1234", "internet", "00101", "*100#", "-1", "A" * 256, "\n\n", "DEBUG", "9" * 400)
    PATHS = ("/", "/a" * 2000, ROOT, MODEM, SIM, BEARER, SMS, CALL, f"{ROOT}/SMS/999999", f"{ROOT}/Bearer/4294967295")
    NUMBERS = {"u": (0, 1, 2, 3, 7, 255, 65536, 0x7fffffff, 0x80000000, 0xffffffff),
               "i": (0, 1, -1, 5, -2147483648, 2147483647), "y": (0, 255), "b": (False, True),
               "d": (0.0, -1.5, 1e308, float("inf"), float("nan")), "x": (0, -2**63, 2**63 - 1), "t": (0, 2**64 - 1),
               "n": (-32768, 32767), "q": (0, 65535)}

    def dictionary(self):
        shape = self.random.randrange(8)
        if shape == 0:
            return {}
        if shape == 1:
            return {f"key{i}": Variant("s", "x") for i in range(10000)}
        if shape == 2:
            return {"apn": deep(50)}
        if shape == 3:
            return {key: Variant("as", ["wrong"]) for key in self.keys}
        if shape == 4:
            return {"k" * 5000: Variant("u", 1)}
        chosen = self.random.sample(sorted(self.keys), self.random.randrange(1, 6))
        return {key: Variant(self.keys[key], self.value(self.keys[key])) for key in chosen}

    def struct(self, signature):
        values, at = [], 0
        while at < len(signature):
            end = at + len(first_type(signature[at:]))
            values.append(self.value(signature[at:end]))
            at = end
        return tuple(values)

    def value(self, signature):
        if signature == "s":
            return self.random.choice(self.TEXTS)
        if signature == "o":
            return self.random.choice(self.PATHS)
        if signature == "v":
            return self.random.choice((Variant("u", 1), Variant("s", ""), deep(40), Variant("a{sv}", {})))
        if signature == "ay":
            return self.random.choice((b"", b"\0", bytes(range(256)) * 256))
        if signature in ("a{sv}", "a{su}"):
            return self.dictionary()
        if signature.startswith("a{"):
            return {}
        if signature[0] == "a":
            count = self.random.choice((0, 1, 2, 3000))
            # Many, or large ones.
            return [self.value(signature[1:]) for _ in range(count)] if count < 3 else [self.value(signature[1:])] * (
                3000 if signature[1] in self.NUMBERS else 3)
        if signature[0] == "(":
            return self.struct(signature[1:-1])
        return self.random.choice(self.NUMBERS[signature])


def first_type(signature):
    """The first complete type of a signature."""
    at = 0
    while signature[at] == "a":
        at += 1
    depth = 0
    while True:
        depth += signature[at] in "({"
        depth -= signature[at] in ")}"
        at += 1
        if depth == 0:
            return signature[:at]


def wrong_signatures(signature):
    """What is no call of the method: too little, too much, something else."""
    others = ["v", "s" if signature != "s" else "u", "a{sv}" if signature != "a{sv}" else "as", "(uu)" if signature != "(uu)" else "u"]
    if signature:
        others += ["", signature + "s"]
    return [one for one in others if one != signature]


class Volley:
    """Calls that are made at once; who waits for which, and what came."""

    def __init__(self, world):
        self.world = world
        self.open = 0
        self.answers = []

    def call(self, path, interface, method, arguments):
        begin = time.monotonic()

        def done(connection, result):
            self.open -= 1
            error = None
            try:
                connection.call_finish(result)
            except GLib.Error as caught:
                error = Gio.dbus_error_get_remote_error(caught) or f"local: {caught.message}"
            self.answers.append((path, f"{interface}.{method}", arguments.print_(False)[:80], error, time.monotonic() - begin))

        self.open += 1
        self.world.connection.call(NAME, path, interface, method, arguments, None, Gio.DBusCallFlags.NONE,
                                   ANSWER * 1000, None, done)

    def wait(self):
        self.world.wait(lambda: not self.open, ANSWER + 5)

    def wrong(self):
        return [f"{path} {what} {arguments}: {error}, after {took:.1f} s"
                for path, what, arguments, error, took in self.answers
                if error and not error.startswith((OWN, STANDARD)) or error == STANDARD + "NoReply"]


def methods_of(world, path):
    for name, found in interfaces_in(introspect(world, path)).items():
        if not name.startswith(NAME):
            continue
        for (kind, member), types in found.items():
            if kind == "method":
                yield name, member, types[0]


def daemon_fds(world):
    return len(os.listdir(f"/proc/{world.manager.pid}/fd"))


def shoot(world, maker, paths, rounds):
    """All methods of all objects."""
    volley = Volley(world)
    # Small objects before those that can take them away, and the SIM behind all that needs it.
    for path in sorted(paths, key=lambda path: (path == SIM, path == ROOT, path == MODEM)):
        for interface, method, signature in list(methods_of(world, path)):
            for other in wrong_signatures(signature):
                volley.call(path, interface, method, Variant(f"({other})", maker.struct(other)))
            for _ in range(0 if method in GRAVE else rounds if signature else 1):
                volley.call(path, interface, method, Variant(f"({signature})", maker.struct(signature)))
            volley.wait()
    return volley


def hostile(tap, world, files):
    """Every method with right, wrong and hostile arguments."""
    maker = Maker(files["source"], os.environ.get("QMIKIT_SEED", "1"))
    rounds = 60 if os.environ.get("QMIKIT_ALL") == "1" else 12
    fds, ids = daemon_fds(world), world.clients()
    paths = make_everything(world)
    volley = shoot(world, maker, paths, rounds)
    errors = [error for *_, error, _took in volley.answers]
    tap.check("every call has an answer", volley.open == 0, volley.open)
    tap.check("errors are those that are published", not volley.wrong(), "\n".join(volley.wrong()[:40]))
    print(f"# {len(errors)} calls, {sum(error is None for error in errors)} good, the slowest {max(volley.answers, key=lambda a: a[4])}")
    for error in sorted(set(filter(None, errors))):
        print(f"#   {errors.count(error)} x {error}")
    tap.check("the daemon serves", world.wait(lambda: world.get("Modem", "State") is not None))
    for path in world.get("Modem", "Bearers") or []:
        world.error("Modem", "DeleteBearer", "o", path)
    world.error("Modem", "Enable", "b", False)
    tap.check("the modem's client ids are as before", world.wait(lambda: world.clients() <= ids), world.ctl("clients"))
    tap.check("and the daemon's descriptors", world.wait(lambda: daemon_fds(world) <= fds), f"{fds} -> {daemon_fds(world)}")


def nowhere(tap, world, _files):
    """Objects, interfaces, methods and properties that are not there; properties that are not to be set."""
    def error(*arguments, path=MODEM):
        return world.error(*arguments, path=path)

    tap.check("no such object", error("Modem", "Enable", "b", True, path=f"{ROOT}/Modem/77") ==
              STANDARD + "UnknownObject", error("Modem", "Enable", "b", True, path=f"{ROOT}/Modem/77"))
    tap.check("no such interface", error("Modem.Nothing", "Enable", "b", True) in (
        STANDARD + "UnknownInterface", STANDARD + "UnknownMethod"),
              error("Modem.Nothing", "Enable", "b", True))
    tap.check("no such method", error("Modem", "Nothing") == STANDARD + "UnknownMethod")
    tap.check("no such property", error(PROPERTIES, "Get", "ss", f"{NAME}.Modem", "Nothing") in (
        STANDARD + "UnknownProperty", STANDARD + "InvalidArgs"), error(PROPERTIES, "Get", "ss", f"{NAME}.Modem", "Nothing"))
    tap.check("no properties of no interface", error(PROPERTIES, "GetAll", "s", f"{NAME}.Nothing") in (
        STANDARD + "UnknownInterface", STANDARD + "InvalidArgs"))
    paths = make_everything(world)
    refused, unequal = [], []
    for path in paths:
        for interface, found in interfaces_in(introspect(world, path)).items():
            names = [member for kind, member in found if kind == "property"]
            if not interface.startswith(NAME):
                continue
            everything = parts(world.connection.call_sync(
                NAME, path, PROPERTIES, "GetAll", Variant("(s)", (interface,)), None, 0, PATIENCE * 1000, None).get_child_value(0))
            if sorted(everything) != sorted(names):
                unequal.append(f"{path} {interface}: {sorted(everything)} and {sorted(names)}")
            for name, value in everything.items():
                one = world.connection.call_sync(NAME, path, PROPERTIES, "Get", Variant("(ss)", (interface, name)), None,
                                                 0, PATIENCE * 1000, None).get_child_value(0).get_variant()
                kind = found["property", name][0]
                if one.get_type_string() != kind or value.get_type_string() != kind:
                    unequal.append(f"{path} {name} is {one.get_type_string()}, not {kind}")
                told = error(PROPERTIES, "Set", "ssv", interface, name, value, path=path)
                if told != STANDARD + "PropertyReadOnly":
                    refused.append(f"{path} {name}: {told}")
    tap.check("properties are of their types, each and all at once", not unequal, "\n".join(unequal))
    tap.check("none can be set", not refused, "\n".join(refused))
    objects = world.call("org.freedesktop.DBus.ObjectManager", "GetManagedObjects", path=ROOT)
    there = {name for name in interfaces_in(introspect(world, MODEM)) if name.startswith(NAME)}
    tap.check("what is listed is what can be introspected", set(objects) == {MODEM} and set(objects[MODEM]) == there,
              f"{sorted(objects)} {there ^ set(objects.get(MODEM, {}))}")


# --- Signals


def story(world):
    """What happens to a modem in its life: calls of the caller, and things that come."""
    yield lambda: world.call("Modem", "Enable", "b", True)
    yield lambda: world.becomes(REGISTERED)
    yield lambda: world.ctl("signal", "--rsrp", "-118")
    yield lambda: world.call("Modem.Signal", "Setup", "u", 1)
    yield lambda: world.call("Modem.Location", "Setup", "ub", 7, True)
    yield lambda: world.call("Modem.Simple", "Connect", "a{sv}", {"apn": Variant("s", "internet"), "ip-type": Variant("u", 4)})
    yield lambda: world.ctl("sms", "+4915550100", "Grüße " * 40)
    yield lambda: world.wait(lambda: world.get("Modem.Messaging", "Messages"))
    yield lambda: world.ctl("call", "+4915550101")
    yield lambda: world.wait(lambda: world.get("Modem.Voice", "Calls"))
    yield lambda: world.call("Modem.Voice", "HangupAll")
    yield lambda: world.ctl("registration", "lost")
    yield lambda: world.wait(lambda: world.state() not in (REGISTERED, 11))
    yield lambda: world.ctl("registration", "home")
    yield lambda: world.wait(lambda: world.state() in (REGISTERED, 11))
    yield lambda: world.ctl("ussd", "Good day")
    yield lambda: world.call("Modem.Signal", "Setup", "u", 0)
    yield lambda: world.call("Modem.Simple", "Disconnect", "o", "/")
    yield lambda: world.call("Modem", "Enable", "b", False)
    yield lambda: world.ctl("card-remove")
    yield lambda: world.becomes(-1)
    yield lambda: world.ctl("card-insert")
    yield lambda: world.becomes(DISABLED)
    yield lambda: world.ctl("reset")
    yield lambda: world.wait(lambda: world.state() is None, 10)
    yield lambda: world.becomes(DISABLED)


def signals(tap, world, _files):
    """A client that believes signals has at all times the picture that a client has who asks."""
    flags = Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION
    mirror = Mirror(Gio.DBusConnection.new_for_address_sync(world.address, flags, None, None))
    mirror.take()
    world.wait(lambda: not mirror.waiting)
    failed = []
    comparing = GLib.timeout_add(5, lambda: mirror.waiting > 3 or mirror.compare() or True)
    for at, step in enumerate(story(world)):
        try:
            step()
        except Exception as failure:  # what went wrong with a step is a result like any other
            failed.append(f"step {at}: {failure}")
        world.wait(lambda: False, 0.1)
    GLib.source_remove(comparing)
    world.wait(lambda: not mirror.waiting)
    mirror.compare()
    world.wait(lambda: not mirror.waiting)
    tap.check("all that should happen did", not failed, "\n".join(failed))
    tap.check("the pictures were the same each time", not mirror.wrong, "\n".join(list(dict.fromkeys(mirror.wrong))[:30]))
    tap.check("they were compared many times, and changed", mirror.compared > 100 and mirror.told > 30,
              f"{mirror.compared} {mirror.told}")
    print(f"# {mirror.compared} comparisons, {mirror.told} changes")


PARTS = {"introspection": introspection, "nowhere": nowhere, "signals": signals, "hostile": hostile}


def main():
    manager, qmi_sim, source, peers, *wanted = sys.argv[1:]
    tap = Tap()
    if not shutil.which("dbus-daemon"):
        print("1..0 # SKIP dbus-daemon is not installed")
        return 0
    for name, part in PARTS.items():
        if wanted and name not in wanted:
            continue
        print(f"# {name}")
        with World(manager, qmi_sim, "--warm", "--time-scale", "0.05") as world:
            part(tap, world, {"source": source, "peers": peers})
            tap.check(f"{name}: the daemon ends well", world.end() == 0)
            tap.check(f"{name}: no client id is left in the modem", world.clients() == 0, world.ctl("clients"))
    return tap.done()


sys.exit(main())
