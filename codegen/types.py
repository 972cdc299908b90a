"""The type language of protocol/README.md: text and mappings to model.Type, with its checks."""

import re

from .model import Field, Struct, Type, Values, c_member, c_name
from .source import DEPTH_MAX

INTEGER = re.compile(r"^([ui])(8|16|24|32|40|48|56|64)(be)?$")
UNIT = re.compile(r"[-+0-9A-Za-z./%^°µ]+")
SIZED = re.compile(r"^(string|bytes)(?:\(([a-z0-9]+)\))?$")
DIGITS = re.compile(r"^digits\(([1-9][0-9]?)\)$")
PREFIX = {"u8": 1, "u16": 2, "u32": 4}


class Scope:
    """The names that a type may use: those of its file, then the common ones."""

    def __init__(self, owner, outer=None):
        self.owner, self.outer = owner, outer
        self.known = {}

    def find(self, name):
        if name in self.known:
            return self.known[name]
        return self.outer.find(name) if self.outer else None


def parse_integer(node, text):
    """(width, signed, big endian) of an integer type; None when it is none."""
    number = INTEGER.match(text or "")
    if not number:
        return None
    width, signed = int(number[2]) // 8, number[1] == "i"
    if signed and width not in (1, 2, 4, 8):
        node.problems.add(node, f"'{text}': signed integers have 8, 16, 32 or 64 bits")
    return width, signed, bool(number[3])


def parse_values(node, name, owner):
    """{enum: i8, values: {…}, newer: {…}} or {flags: u64, bits: {…}, newer: {…}, exact: {…}}"""
    flags = any(key == "flags" for key, _ in node.items())
    m = node.members(("flags", "bits", "newer", "exact") if flags else ("enum", "values", "newer"))
    width_node = m.get("flags" if flags else "enum")
    names_node = m.get("bits" if flags else "values")
    where = (node.file, node.line)
    width, signed, big = (width_node and parse_integer(width_node, width_node.text)) or (1, False, True)
    if big or names_node is None or (flags and signed):
        node.problems.add(node, f"type '{name}': an enum has `enum: u8, values:`, flags have `flags: u32, bits:`")
        return Values(name, owner, False, 1, False, [], where)
    low, high = (-(1 << (width * 8 - 1)), (1 << (width * 8 - 1)) - 1) if signed else (0, (1 << (width * 8)) - 1)
    if flags:
        low, high = 0, width * 8 - 1

    def read(names):
        return [(n, value, 1 << value.number(low, high, "bit") if flags else value.number(low, high, "value"))
                for n, value in names.names()]

    newer = read(m["newer"]) if "newer" in m else []
    names = read(names_node) + newer
    if flags and "exact" in m:
        names += [(n, value, value.number(0, (1 << width * 8) - 1, "value")) for n, value in m["exact"].names()]
    refuse_second_values(node, names)
    return Values(name, owner, flags, width, signed, [(n, number) for n, _, number in names], where,
                  sorted(number for _, _, number in newer))


def refuse_second_values(node, names):
    seen, seen_names = {}, set()
    for name, value, number in names:
        if name in seen_names:
            node.problems.add(value, f"'{name}' stands here a second time")
        seen_names.add(name)
        if number in seen:
            node.problems.add(value, f"'{name}' has the value of '{seen[number]}'")
        seen.setdefault(number, name)


def parse_words(node, t, words):
    """What follows a type: `personal`, `max=N` and the unit."""
    unit = []
    for word in words:
        if word == "personal":
            t.personal = True
        elif word.startswith("max="):
            t.max = int(word[4:]) if word[4:].isdigit() else 0
            limit = (1 << (8 * t.prefix)) - 1 if t.prefix else 0xFFFF
            if t.fixed:
                node.problems.add(node, f"'{word}' behind a length of just {t.fixed} bytes")
            elif t.kind not in ("string", "bytes") or not t.max:
                node.problems.add(node, f"'{word}' goes with string or bytes and is a number")
            elif t.max > limit:
                node.problems.add(node, f"a length of {t.prefix} byte(s) cannot hold {word}")
        else:
            unit.append(word)
    t.unit = " ".join(unit)
    if t.unit and not all(map(UNIT.fullmatch, unit)):
        node.problems.add(node, f"'{t.unit}' is no unit")
    if t.unit and t.kind not in ("uint", "int", "float"):
        node.problems.add(node, f"unit '{t.unit}' on a {t.kind}")
    return t


def parse_sized(node, kind, size):
    if size is None:
        return Type(kind)
    if size in PREFIX:
        return Type(kind, prefix=PREFIX[size])
    if not size.isdigit() or not 1 <= int(size) <= 0xFFFF:
        node.problems.add(node, f"'{kind}({size})': the length is u8, u16, u32 or a number of bytes")
        return Type(kind, fixed=1)
    return Type(kind, fixed=int(size))


def parse_named(node, scope, words):
    """The name of a type, and `as u16` behind it."""
    known = scope.find(words[0])
    if known is None:
        node.problems.add(node, f"unknown type '{words[0]}'")
        return Type("uint", width=1), words[1:]
    if isinstance(known, Struct):
        return Type("struct", struct=known), words[1:]
    width, signed, big = known.width, known.signed, False
    rest = words[1:]
    if rest[:1] == ["as"]:
        number = parse_integer(node, rest[1]) if len(rest) > 1 else None
        if number:
            width, signed, big = number
        else:
            node.problems.add(node, f"'{node.text}': an integer type follows `as`")
        rest = rest[2:]
    return Type("int" if signed else "uint", width=width, big_endian=big, values=known), rest


def parse_text(node, scope):
    words = (node.text or "").split()
    if not words:
        node.problems.add(node, "a type is missing")
        return Type("uint", width=1)
    base, rest = words[0], words[1:]
    integer, sized = parse_integer(node, base), SIZED.match(base)
    if integer:
        width, signed, big = integer
        t = Type("int" if signed else "uint", width=width, big_endian=big)
    elif sized:
        t = parse_sized(node, sized[1], sized[2])
    elif DIGITS.match(base):
        t = Type("digits", fixed=int(DIGITS.match(base)[1]))
    elif base == "bool":
        t = Type("bool", width=1)
    elif base in ("f32", "f64"):
        t = Type("float", width=int(base[1:]) // 8)
    else:
        t, rest = parse_named(node, scope, words)
    return parse_words(node, t, rest)


def parse_list(node, scope, tag):
    m = node.members(("list", "count", "max"), ("list",))
    t = Type("list", item=parse_type(m["list"], scope, tag) if "list" in m else Type("uint", width=1))
    count = m["count"].text if "count" in m else None
    if count in PREFIX:
        t.prefix = PREFIX[count]
    elif count is not None and count.isdigit() and 1 <= int(count) <= 0xFFFF:
        t.fixed = int(count)
    elif count is not None:
        node.problems.add(m["count"], f"count '{count}': u8, u16, u32 or a number of items")
    if "max" in m:
        t.max = m["max"].number(1, 0xFFFF, "max")
        if t.fixed:
            node.problems.add(m["max"], f"max {t.max} behind a count of just {t.fixed}")
        elif t.prefix and t.max >= 1 << (8 * t.prefix):
            node.problems.add(m["max"], f"a count of {t.prefix} byte(s) cannot hold max {t.max}")
    if t.item.takes_rest:
        node.problems.add(node, "a list item takes the rest of the TLV")
    elif t.item.kind in ("list", "string", "bytes", "digits"):
        node.problems.add(node, f"a list of {t.item.kind}s: put the {t.item.kind} into a struct")
    elif not t.item.min_bytes:
        node.problems.add(node, "a list item may have no bytes")
    if t.fixed * t.item.min_bytes > 0xFFFF:
        node.problems.add(node, "more bytes than a TLV can hold")
    return t


def parse_struct(node, scope, tag):
    fields, c_names = [], set()
    for name, value in node.names():
        f = Field(name, parse_type(value, scope, c_name(tag, name)), (value.file, value.line))
        if fields and fields[-1].type.takes_rest:
            node.problems.add(value, f"'{name}' stands behind a field that takes the rest of the TLV")
        if c_member(name) in c_names:
            node.problems.add(value, f"'{name}' is '{c_member(name)}' in C, which stands here already")
        c_names.add(c_member(name))
        fields.append(f)
    if not fields:
        node.problems.add(node, "a struct without fields")
    struct = Struct(tag, fields, (node.file, node.line))
    if struct.depth > DEPTH_MAX:
        node.problems.add(node, f"more than {DEPTH_MAX} structs in each other")
    if struct.min_bytes > 0xFFFF:
        node.problems.add(node, "more bytes than a TLV can hold")
    return Type("struct", struct=struct)


def parse_type(node, scope, tag):
    """A type; `tag` is the C tag of the struct that it may bring."""
    if not node.is_map:
        return parse_text(node, scope)
    if any(name == "list" for name, _ in node.items()):
        return parse_list(node, scope, tag)
    return parse_struct(node, scope, tag)


def parse_type_section(node, service, scope):
    """The `types:` of a file, into `service` and `scope`."""
    for name, value in node.names():
        if scope.find(name) is not None:
            node.problems.add(value, f"type '{name}' is known already")
        keys = [k for k, _ in value.items()]
        if keys == ["struct"]:
            inner = dict(value.items())["struct"]
            struct = parse_struct(inner, scope, c_name("qk", service.name, name)).struct
            service.structs.append(struct)
            scope.known[name] = struct
        else:
            values = parse_values(value, name, service.name)
            service.values.append(values)
            scope.known[name] = values
