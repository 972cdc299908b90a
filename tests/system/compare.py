#!/usr/bin/env python3
"""Says what differs between what was seen of two daemons.

    compare.py look                     prints what is on the bus
    compare.py THEIRS OURS DIFFERENCES reads|bus SCENE
    compare.py THEIRS OURS DIFFERENCES states|listed

compare-lib.sh says what is in the folders THEIRS and OURS. The file DIFFERENCES has a line for each difference that
is known: patterns (as of a shell) of the scene, of what was read and of the key in it, and a reason, which begins with
`perhaps:` where the two may be equal by chance. `listed` finds the other lines that no scene of the folders needs."""

import fnmatch
import json
import os
import re
import sys

NAME = "org.freedesktop.ModemManager1"
ROOT = "/org/freedesktop/ModemManager1"
FORMATS = (".-K", ".-J", ".human")
OBJECT = re.compile(ROOT + r"/(SIM|Bearer|SMS|Call)/\d+")
# What tells objects of a kind apart, in what mmcli reads of them.
MARKS = {"Bearer": ("bearer.type", "bearer.properties.apn", "bearer.properties.ip-type"),
         "SMS": ("sms.content.text",), "Call": ("call.properties.number",), "SIM": ()}
# The interface of an object that no manager lists.
INTERFACES = {"SIM": "Sim", "Bearer": "Bearer", "SMS": "Sms", "Call": "Call"}
# The properties whose way is followed, and the signals that come in one order among all kinds.
STATES = {("Modem", "State"), ("Modem", "PowerState"), ("Modem", "UnlockRequired"), ("Modem", "StateFailedReason"),
          ("Modem.Modem3gpp", "RegistrationState"), ("Modem.Modem3gpp.Ussd", "State"), ("Bearer", "Connected"),
          ("Sms", "State"), ("Call", "State"), ("Sim", "Active")}
# Interfaces that the peer is too old for.
NEWER = {"Modem.CellBroadcast"}
FIRST = (" added", " removed", ".Modem.StateChanged", "Modem.State", "Bearer.Connected")


def lines_of(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read().splitlines()
    except FileNotFoundError:
        return []


# --- What is on the bus


def plain(variant):
    """A value as JSON, with the type of each variant."""
    signature = variant.get_type_string()
    if signature == "v":
        return [variant.get_variant().get_type_string(), plain(variant.get_variant())]
    children = [variant.get_child_value(i) for i in range(variant.n_children())] if variant.is_container() else []
    if signature.startswith("a{"):
        return dict(sorted((str(child.get_child_value(0).unpack()), plain(child.get_child_value(1)))
                           for child in children))
    return [plain(child) for child in children] if variant.is_container() else variant.unpack()


def look():
    """A line for each interface of each object: path, interface, properties."""
    from gi.repository import Gio, GLib
    bus = Gio.bus_get_sync(Gio.BusType.SYSTEM, None)

    def call(path, interface, method, arguments):
        return bus.call_sync(NAME, path, interface, method, arguments, None, Gio.DBusCallFlags.NONE, 20000, None)

    managed = call(ROOT, "org.freedesktop.DBus.ObjectManager", "GetManagedObjects", None)
    objects = plain(managed)[0]
    manager = call(ROOT, "org.freedesktop.DBus.Properties", "GetAll", GLib.Variant("(s)", (NAME,)))
    objects[ROOT] = {NAME: plain(manager)[0]}
    for path in sorted({found.group() for found in OBJECT.finditer(json.dumps(objects))}):
        interface = f"{NAME}.{INTERFACES[path.split('/')[-2]]}"
        arguments = GLib.Variant("(s)", (interface,))
        try:
            answer = call(path, "org.freedesktop.DBus.Properties", "GetAll", arguments)
        except GLib.Error:
            continue  # it is gone, or only spoken of
        objects[path] = {interface: plain(answer)[0]}
    for path, interfaces in objects.items():
        for interface, properties in interfaces.items():
            print(json.dumps([path, interface, properties]))


# --- What was seen


def flatten(value, key=""):
    """JSON as {key: text}, in the manner of mmcli -K."""
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list) and any(isinstance(item, (dict, list)) for item in value):
        items = enumerate(value)
    else:
        return {key: json.dumps(value, sort_keys=True)}
    found = {}
    for name, item in items:
        found.update(flatten(item, f"{key}.{name}" if key else str(name)))
    return found


def key_values(path):
    """What mmcli printed, as {key: text}."""
    lines = lines_of(path)
    if path.endswith(".human"):
        return {"text": "\n".join(lines)} if lines else {}
    if path.endswith(".-K"):
        return dict(re.split(r" *: ", line, maxsplit=1) for line in lines if ": " in line)
    text = "\n".join(line for line in lines if not re.match("(exit|error) : ", line))
    rest = dict(line.split(" : ", 1) for line in lines if re.match("(exit|error) : ", line))
    try:
        return {**flatten(json.loads(text)), **rest}
    except ValueError:
        return {"text": text, **rest}  # some options have one form alone


class Names:
    """Names for the objects of a scene by what they are, as their numbers are each daemon's own."""

    def __init__(self, place):
        self.of_path, self.of_file = {}, {}
        for file in sorted(name for name in os.listdir(place) if re.fullmatch(r"-[ibso]\d+\.-K", name)):
            found = key_values(os.path.join(place, file))
            path = next((text for key, text in found.items() if key.endswith(".dbus-path")), "")
            if not OBJECT.fullmatch(path):
                continue
            kind = path.split("/")[-2]
            marks = [found[key] for key in MARKS[kind] if found.get(key, "--") != "--"]
            name = kind + re.sub(r"[^a-z0-9+]+", "-", ":".join(["", *marks]).lower())[:40].rstrip("-")
            while name in self.of_path.values():
                name += "+"
            self.of_path[path] = name
            self.of_file[file.split(".")[0]] = name

    def put(self, text):
        return OBJECT.sub(lambda found: self.of_path.get(found.group(), found.group()), text)


def reads_of(folder, scene):
    """{(scene, what was read, key): text}"""
    found = {}
    place = os.path.join(folder, scene)
    names = Names(place)
    for file in sorted(os.listdir(place)):
        if file.endswith(FORMATS):
            read, shape = file.split(".", 1)
            for key, text in key_values(os.path.join(place, file)).items():
                found[scene, f"{names.of_file.get(read, read)}.{shape}", key] = names.put(text)
    return found


def bus_of(folder, scene):
    found = {}
    place = os.path.join(folder, scene)
    names = Names(place)
    for line in lines_of(os.path.join(place, "bus")):
        path, interface, properties = json.loads(line)
        name = names.of_path.get(path, kind_of(path))
        short = f"{name}:{interface.rsplit('.', 1)[1]}"
        found[scene, "bus", short] = "there"
        for key, value in properties.items():
            found[scene, "bus", f"{short}.{key}"] = names.put(json.dumps(value, sort_keys=True))
    return found


def signals_of(folder):
    """Each act with what was told meanwhile."""
    signals = lines_of(os.path.join(folder, "signals"))
    acts = lines_of(os.path.join(folder, "acts"))
    for i in range(0, len(acts) - 2, 3):
        first, last = int(acts[i + 1]), int(acts[i + 2])
        yield acts[i].removeprefix("act "), [json.loads(line) for line in signals[first:last]]


def kind_of(path):
    return "Manager" if path == ROOT else path.split("/")[-2]


def short(interface):
    return interface.removeprefix(NAME + ".")


def told_by(message):
    """What a signal tells that clients go by: (what, value) pairs; objects are named by their kind."""
    kind, member = kind_of(message["path"]), message.get("member")
    data = message["payload"]["data"]
    if member in ("InterfacesAdded", "InterfacesRemoved"):
        interfaces = sorted({short(name) for name in data[1] if name.startswith(NAME)} - NEWER)
        return [(f"{kind_of(data[0])} {member.removeprefix('Interfaces').lower()}", interfaces)] if interfaces else []
    if member == "PropertiesChanged":
        return [(f"{kind}.{name}", value["data"]) for name, value in sorted(data[1].items())
                if (short(data[0]), name) in STATES]
    return [(f"{kind}.{short(message['interface'])}.{member}",
             [kind_of(item) if str(item).startswith(ROOT) else item for item in data])]


def states_of(folder):
    """Of each act: what each of these became, one after the other; and those of them that come in one order."""
    found = {}
    for act, messages in signals_of(folder):
        told = [pair for message in messages for pair in told_by(message)]
        for name in {name for name, _ in told}:
            found[act, "signals", name] = json.dumps([value for other, value in told if other == name])
        order = [name for name, _ in told if name.endswith(FIRST)]
        found[act, "signals", "order"] = json.dumps([name for i, name in enumerate(order) if order[i - 1:i] != [name]])
    return found


# --- What differs


def differences(theirs, ours):
    return [(key, theirs.get(key), ours.get(key)) for key in sorted({*theirs, *ours})
            if theirs.get(key) != ours.get(key)]


class Table:
    """The differences that are known."""

    def __init__(self, path):
        rows = (line.split(None, 3) for line in lines_of(path) if line and not line.startswith("#"))
        self.rows = [tuple(row) for row in rows]

    def rows_of(self, key):
        # a key has brackets, and no pattern needs them
        return [row for row in self.rows if all(
            fnmatch.fnmatchcase(part, pattern.replace("[", "[[]")) for part, pattern in zip(key, row))]

    def unknown(self, found):
        """The differences that it has no row for. What people are shown follows from what -K shows."""
        known = {(key[0], key[1].split(".")[0]) for key, _, _ in found if self.rows_of(key)}
        return [(key, a, b) for key, a, b in found if not self.rows_of(key) and not (
            key[1].endswith(".human") and (key[0], key[1].split(".")[0]) in known)]


def show(found):
    for key, theirs, ours in found:
        if key[2] == "text":
            print(*key[:2])
            print("\n".join(f"  - {line}" for line in (theirs or "").splitlines()))
            print("\n".join(f"  + {line}" for line in (ours or "").splitlines()))
        else:
            print(f"{' '.join(key)}: Debian's {theirs}, ours {ours}")


def compare(theirs, ours, path, what, scene=""):
    table = Table(path)
    readers = {"reads": lambda folder: reads_of(folder, scene), "bus": lambda folder: bus_of(folder, scene),
               "states": states_of}
    seen = [readers[what](folder) for folder in (theirs, ours)]
    if not all(seen):
        print("nothing was seen")
        return 1
    left = table.unknown(differences(*seen))
    show(left)
    return 1 if left else 0


def check_list(theirs, ours, path):
    table = Table(path)
    scenes = sorted(name for name in os.listdir(theirs) if os.path.isdir(os.path.join(theirs, name)))
    found = differences(states_of(theirs), states_of(ours))
    for scene in scenes:
        for read in (reads_of, bus_of):
            found += differences(read(theirs, scene), read(ours, scene))
    needed = {row for key, _, _ in found for row in table.rows_of(key)}
    left = [row for row in table.rows if row not in needed and not row[3].startswith("perhaps:") and any(
        fnmatch.fnmatchcase(name, row[0]) for name in scenes)]
    for row in left:
        print("there is no such difference:", *row)
    return 1 if left else 0


if __name__ == "__main__":
    if sys.argv[1:] == ["look"]:
        sys.exit(look())
    sys.exit(check_list(*sys.argv[1:4]) if sys.argv[4] == "listed" else compare(*sys.argv[1:]))
