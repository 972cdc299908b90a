"""A model.Protocol as a Wireshark dissector: tables of Lua, then the engine in dissector.lua that runs them."""

import os

from .load import result_fields
from .model import Field, Struct, Type

ENGINE = os.path.join(os.path.dirname(__file__), "dissector.lua")
HEAD = "-- Made by codegen from protocol/: do not edit.\n"
LINE = 160


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def values_key(values):
    return f"{values.owner}.{values.name}"


def value_key(values, number):
    """Flags by the number of their bit, whole values by text."""
    if values.flags and (not number or number & (number - 1)):
        return f'["whole {number}"]'
    return f"[{number.bit_length() - 1 if values.flags else number}]"


def values_lines(values):
    """Names by number, several on a line."""
    line = f"V[{quoted(values_key(values))}] = {{"
    for name, number in values.names:
        entry = f" {value_key(values, number)}={quoted(name)},"
        if len(line) + len(entry) > LINE:
            yield line
            line = "\t"
        line += entry
    yield line + " }"


def type_words(t):
    """The members of a row that say how a value looks on the wire."""
    words = [f"k={quoted(t.kind)}"]
    if t.kind in ("uint", "int", "float", "bool"):
        words.append(f"w={t.width}")
    if t.big_endian:
        words.append("be=true")
    if t.prefix:
        words.append(f"p={t.prefix}")
    if t.fixed:
        words.append(f"x={t.fixed}")
    if t.max:
        words.append(f"max={t.max}")
    if t.values:
        words.append(f"v={quoted(values_key(t.values))}")
        if t.values.flags:
            words.append("flags=true")
    if t.unit:
        words.append(f"u={quoted(t.unit)}")
    if t.kind == "struct":
        words.append(f"m={members(t.struct.fields)}")
    if t.kind == "list":
        words.append(f"i={{{', '.join(type_words(t.item))}}}")
    return words


def row(f):
    return f"{{n={quoted(f.name)}, {', '.join(type_words(f.type))}}}"


def members(fields):
    return "{" + ", ".join(row(f) for f in fields) + "}"


def message_lines(message, result):
    vendor = f"{message.vendor}:" if message.vendor else ""
    yield (f"M[{quoted(f'{vendor}{message.service.id}.{message.kind}.{message.id}')}] = "
           f"{{s={quoted(message.service.name)}, n={quoted(message.name)}, t={{")
    if message.kind == "response":
        yield f"\t[2]={row(result)},"
    for t in message.tlvs:
        yield f"\t[{t.number}]={row(t)},"
    yield "}}"


def emit_lua(protocol):
    """The text of qmikit.lua."""
    struct = Struct("result", [Field(name, t, None) for name, t in result_fields(protocol)])
    result = Field("result", Type("struct", struct=struct), None)
    lines = ["local V, M, S, O = {}, {}, {}, {}"]
    for values in protocol.common.values + [v for s in protocol.services for v in s.values]:
        lines.extend(values_lines(values))
    for name, number in protocol.service_ids.names:
        lines.append(f"S[{number}] = {quoted(name)}")
    for values in protocol.common.values:
        if values.name == "vendor":
            lines.extend(f"O[{quoted(name)}] = {number}" for name, number in values.names)
    for service in protocol.services:
        for message in service.messages:
            lines.extend(message_lines(message, result))
    with open(ENGINE, encoding="utf-8") as file:
        return HEAD + "\n".join(lines) + "\n" + file.read()
