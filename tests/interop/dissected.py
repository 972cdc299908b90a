"""What tshark reads with our dissector, compared with the JSON of qmi-trace."""

import collections
import os
import re
import subprocess
import xml.etree.ElementTree as ElementTree

from sim import PATIENCE

LABEL = 200     # from here on Wireshark may have cut a label


def flatten(value, path, found):
    """The leaves below a value of JSON as {path: [leaf, …]}, lists of structs left out of the paths. Flags and lists of
    numbers are leaves: they look alike."""
    if isinstance(value, dict) and set(value) != {"bytes"}:
        for name, inner in value.items():
            if name != "unknown-tlvs":
                flatten(inner, f"{path}.{name.replace('-', '_')}", found)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for inner in value:
            flatten(inner, path, found)
    else:
        found[path].append(value)


def run_tshark(dissector, path, *words):
    return subprocess.run(["tshark", "-X", f"lua_script:{dissector}", "-r", path, *words], capture_output=True,
                          text=True, timeout=4 * PATIENCE, check=False, stdin=subprocess.DEVNULL,
                          env={**os.environ, "TZ": "UTC"})


def dissect(dissector, path, *words):
    """[{field: [(show, showname), …]}] of every packet, as tshark reads it."""
    done = run_tshark(dissector, path, "-T", "pdml", *words)
    packets = []
    for packet in ElementTree.fromstring(done.stdout).iter("packet"):
        found = collections.defaultdict(list)
        for field in packet.iter("field"):
            if field.get("name"):
                found[field.get("name")].append((field.get("show"), field.get("showname") or ""))
        packets.append(found)
    return packets, done


def same_flags(words, show, showname):
    """Flags by name, and what is left of them as a number."""
    named = re.search(r"\(([^()]*)\)$", showname)
    if not named and len(showname) > LABEL and "(" in showname:     # Wireshark cuts labels
        return ", ".join(map(str, words)).startswith(showname.split("(", 1)[1].rstrip("…"))
    names = named[1].split(", ") if named and named[1] else []
    rest = words[len(names):]
    return words[:len(names)] == names and (not rest or len(rest) == 1 and int(rest[0]) & ~int(show, 16) == 0)


def same(value, show, showname):
    """Whether a leaf of JSON and a field of tshark say the same."""
    if isinstance(value, bool):
        return show == str(int(value))
    if isinstance(value, float):
        return abs(float(show) - value) <= abs(value) * 1e-5    # it shows 6 digits
    if isinstance(value, dict):  # text that is not UTF-8
        return True
    if isinstance(value, list):
        return same_flags(value, show, showname)
    return str(value) == show or show.replace(":", "") == value or f": {value} (" in showname


def same_leaves(leaves, fields):
    if len(leaves) == len(fields) and all(same(leaf, *field) for leaf, field in zip(leaves, fields)):
        return True
    items = [item for leaf in leaves for item in (leaf if isinstance(leaf, list) else [leaf])]
    if len(items) != len(fields):
        items = [item for item in items if item != ""]      # no field has no bytes
    return len(items) == len(fields) and all(same(item, *field) for item, field in zip(items, fields))


def compare_value(value, name, kind, packet):
    """What differs below the field `name`: [text, …]."""
    found = collections.defaultdict(list)
    flatten(value, name, found)
    return [f"{path}: {leaves} is not {packet.get(path)}" for path, leaves in found.items()
            if not any(same_leaves(leaves, packet.get(field, [])) for field in (path, f"{path}_{kind}"))]
