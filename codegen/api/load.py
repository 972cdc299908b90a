"""api/*.yaml to a model.Api. Everything wrong is noted as file:line: message."""

import os
import re

from codegen.source import Problems, read

from .model import Api, Argument, Dict, Interface, Member, Type, Values

# The polkit actions of org.freedesktop.ModemManager1, as members say them.
ACCESSES = ("control", "device-control", "messaging", "voice", "ussd", "location", "time", "firmware",
            "cell-broadcast")
MEMBER = re.compile(r"[A-Z][A-Za-z0-9]*")
ARGUMENT = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
RANGE = re.compile(r"([0-9]+)(?:-([0-9]+))?")
ALL = 0xFFFFFFFF


def complete_type(signature, at=0):
    """Where the complete type that begins at `at` ends; None where none does."""
    head = signature[at:at + 1]
    if head in tuple("ybnqiuxtdsogv") and head:
        return at + 1
    if head == "a":
        if signature[at + 1:at + 2] == "{":
            value = complete_type(signature, at + 3) if signature[at + 2:at + 3] in tuple("ybnqiuxtdso") else None
            return value + 1 if value and signature[value:value + 1] == "}" else None
        return complete_type(signature, at + 1)
    if head == "(":
        at += 1
        while at is not None and signature[at:at + 1] not in (")", ""):
            at = complete_type(signature, at)
        return at + 1 if at is not None and signature[at:at + 1] == ")" else None
    return None


class Scope:
    """The names of types.yaml."""

    def __init__(self):
        self.values, self.errors, self.dicts = {}, {}, {}

    def type(self, node):
        """`u modem-state`: a signature, and what its numbers and dictionaries are."""
        words = (node.text or "").split()
        if not words or complete_type(words[0]) != len(words[0]):
            node.problems.add(node, f"'{node.text}' is no type of D-Bus")
            return Type("s")
        result = Type(words[0])
        for name in words[1:]:
            if name in self.values and not result.values:
                result.values = self.values[name]
            elif name in self.dicts and not result.dict:
                result.dict = self.dicts[name]
            else:
                node.problems.add(node, f"there is no enumeration, flags or dictionary '{name}' left for this")
        if "{sv}" in result.signature and not result.dict:
            node.problems.add(node, "what do the keys of this dictionary hold?")
        return result


def numbers(node, base):
    """`[1-3, 5]` as the numbers it means."""
    for item in node.elements():
        match = RANGE.fullmatch(item.text or "")
        if not match:
            node.problems.add(item, f"'{item.text}' is neither a number nor a range")
            continue
        first, last = int(match[1]), int(match[2] or match[1])
        for number in range(first, last + 1):
            yield str(number), base + number


def run(node):
    """A part of an enumeration: names in a row, or a prefix with numbers."""
    m = node.members(("from", "names", "prefix", "base", "numbers"))
    if "prefix" in m and "numbers" in m and "base" in m:
        base = m["base"].number(0, ALL, "base")
        return [(m["prefix"].prose() + name, number) for name, number in numbers(m["numbers"], base)]
    if "names" not in m:
        node.problems.add(node, "names, or prefix, base and numbers")
        return []
    first = m["from"].number(-1, ALL, "from") if "from" in m else 0
    return [(item.prose(), first + i) for i, item in enumerate(m["names"].elements())]


def enumeration(name, node):
    if node.is_list:
        names = [(item.prose(), i) for i, item in enumerate(node.elements())]
    elif "runs" in dict(node.items()):
        names = [pair for part in node.members(("runs",))["runs"].elements() for pair in run(part)]
    else:
        names = run(node)
    return Values(name, False, names)


def flags(name, node):
    m = node.members(("none", "zero", "any", "bits"), ("bits",))
    names = [("none", 0)] if "none" in m else []
    if "zero" in m:
        names.append((m["zero"].prose(), 0))
    for bit, item in enumerate(m["bits"].elements() if "bits" in m else []):
        if item.text != "~":
            names.append((item.prose(), 1 << bit))
    return Values(name, True, names + ([("any", ALL)] if "any" in m else []))


def dictionary(name, node, scope):
    keys = []
    for key, value in node.names():
        if key == "base":
            if value.text in scope.dicts:
                keys += scope.dicts[value.text].keys
            else:
                node.problems.add(value, f"there is no dictionary '{value.text}'")
        else:
            keys.append((key, scope.type(value)))
    return Dict(name, keys)


def refuse_twins(node, values):
    for what, items in (("name", [n for n, _ in values.names]), ("number", [n for _, n in values.names])):
        for item in {i for i in items if items.count(i) > 1}:
            node.problems.add(node, f"the {what} {item} stands in '{values.name}' a second time")


def load_types(root, scope):
    known = ("enums", "flags", "errors", "dicts")
    sections = root.members(known, known)
    for section, make in (("enums", enumeration), ("flags", flags)):
        for name, node in sections[section].names() if section in sections else ():
            scope.values[name] = make(name, node)
            refuse_twins(node, scope.values[name])
    for name, node in sections["errors"].items() if "errors" in sections else ():
        scope.errors[name] = enumeration(name, node)
        refuse_twins(node, scope.errors[name])
    for name, node in sections["dicts"].names() if "dicts" in sections else ():
        scope.dicts[name] = dictionary(name, node, scope)


def arguments(node, scope):
    for name, value in node.items():
        if not ARGUMENT.fullmatch(name):
            node.problems.add(value, f"'{name}' is no name of an argument")
        yield Argument(name, scope.type(value))


def member(name, node, known, scope):
    m = node.members(known + ("doc", "since"), ("doc",))

    def text(key):
        return m[key].prose() if key in m else ""

    if not MEMBER.fullmatch(name):
        node.problems.add(node, f"'{name}' is no name of a member")
    result = Member(name, text("doc"), text("since"), text("access"), deprecated="deprecated" in m)
    if result.access and result.access not in ACCESSES:
        node.problems.add(m["access"], f"access: '{result.access}' is none of {', '.join(ACCESSES)}")
    result.inputs = list(arguments(m["in"], scope)) if "in" in m else []
    outputs = m.get("out") or m.get("args")
    result.outputs = list(arguments(outputs, scope)) if outputs else []
    if "type" in known:
        result.type = scope.type(m["type"]) if "type" in m else Type("s")
    return result


KINDS = {"methods": ("access", "in", "out"), "signals": ("args",), "properties": ("type", "deprecated")}


def interface(root, stem, scope):
    m = root.members(("interface", "doc", "since", *KINDS), ("interface", "doc"))
    parts = {kind: [member(name, node, known, scope) for name, node in m[kind].items()] if kind in m else []
             for kind, known in KINDS.items()}
    return Interface(m["interface"].prose() if "interface" in m else stem, stem, m["doc"].prose() if "doc" in m else "",
                     m["since"].prose() if "since" in m else "", **parts)


def load(folder):
    """(Api, problems) of a folder."""
    problems, scope, interfaces = Problems(), Scope(), []
    root = read(os.path.join(folder, "types.yaml"), problems)
    if root:
        load_types(root, scope)
    for file in sorted(os.listdir(folder)):
        if file.endswith(".yaml") and file != "types.yaml":
            root = read(os.path.join(folder, file), problems)
            if root:
                interfaces.append(interface(root, file.removesuffix(".yaml").replace("-", "_"), scope))
    return Api(list(scope.values.values()), list(scope.errors.values()), list(scope.dicts.values()), interfaces), problems
