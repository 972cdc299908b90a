"""What libqmi's printer says of a TLV, and what it should say by our definition of it."""

import ctypes
import re
import struct
from ctypes import c_char_p, c_int, c_uint16, c_void_p

import capi
import expected
import pairing
import values

TLV = re.compile(r'^TLV:\n  type       = "(.*)" \((0x[0-9a-f]{2})\)\n  length     = \d+\n  value      = .*\n'
                 r"  translated = (.*)$", re.MULTILINE)
MESSAGE = re.compile(r'^  message     = "(.*)" \((0x[0-9A-Fa-f]+)\)$', re.MULTILINE)
NEWER = capi.has(expected.NEWER_HAS)
ITEM_END = "'" if NEWER else " '"
NAMELESS = "(null)"         # what C prints of an enumerator that has no name

capi.declare(capi.qmi, "qmi_message_context_new", c_void_p)
capi.declare(capi.qmi, "qmi_message_context_set_vendor_id", None, c_void_p, c_uint16)
capi.declare(capi.qmi, "qmi_message_context_unref", None, c_void_p)
capi.declare(capi.qmi, "qmi_utils_set_show_personal_info", None, c_int)


def print_frame(frame, vendor):
    """libqmi's printable form, with what is personal."""
    capi.qmi.qmi_utils_set_show_personal_info(1)
    context = capi.qmi.qmi_message_context_new()
    capi.qmi.qmi_message_context_set_vendor_id(context, vendor)
    raw = capi.glib.g_byte_array_new()
    capi.glib.g_byte_array_append(raw, frame, len(frame))
    message = capi.checked("qmi_message_new_from_raw", c_void_p, c_void_p(raw))
    capi.glib.g_byte_array_unref(raw)
    if not message:
        raise ValueError("libqmi sees no whole message")
    text = capi.qmi.qmi_message_get_printable_full(message, context, b"")
    printed = ctypes.cast(text, c_char_p).value.decode(errors="replace")
    capi.glib.g_free(text)
    capi.qmi.qmi_message_unref(message)
    capi.qmi.qmi_message_context_unref(context)
    return printed


def large_frame(service, sdu):
    """How later versions of libqmi have a message of a service above 255."""
    return struct.pack("<BHHB", 2, len(sdu) + 5, service.id, 1) + sdu


def read(printed):
    """(the message's name or None, {TLV number: (name, text)})."""
    name = MESSAGE.search(printed)
    return name and name[1], {int(m[2], 16): (m[1], m[3]) for m in TLV.finditer(printed)}


def named(t, word):
    """What libqmi calls an enumerator that our JSON has as `word`."""
    number = None if isinstance(word, int) else dict(t.values.names).get(word)
    if number is None or (number in t.values.newer and not NEWER):
        return NAMELESS
    return expected.SLIPS.get((f"{t.values.owner} {t.values.name}", number), (word, word))[1]


def flags(t, words):
    return ", ".join(word for word in (named(t, w) for w in words) if word != NAMELESS) or NAMELESS


def items(t, found, where):
    fields = t.struct.fields if t.kind == "struct" else []
    if len(fields) == 1 and fields[0].type.kind == "string":     # our definitions have lists of text in this way
        t, found = fields[0].type, [value[fields[0].name] for value in found]
    return "{" + "".join(f" [{i}] = '{expect(t, value, where)}{ITEM_END}" for i, value in enumerate(found)) + "}"


def members(struct, value, where):
    text, sequence = "", ""
    for f in struct.fields:
        if where + "/" + f.name in expected.PRINTED_BEFORE:
            sequence = f"[[Seq:{value[f.name]}]] "
        elif not pairing.is_counted(struct, f):
            text += f" {pairing.c_words(f.name)} = '{sequence}{expect(f.type, value[f.name], where + '/' + f.name)}'"
            sequence = ""
    return "[" + text + " ]"


def expect(t, value, where):
    """The text of a value that our JSON has as `value`; `where` is "service message tlv", then "/field" of each struct."""
    if where in expected.PRINTED_AS_NUMBERS:
        return str(values.number_from_json(t, value))
    if where in expected.PRINTED_AS_NAMES:
        return expected.PRINTED_AS_NAMES[where].get(value, NAMELESS)
    if t.kind == "struct":
        return members(t.struct, value, where)
    if t.kind == "list":
        return items(t.item, value, where)
    if t.kind == "bytes":
        return "{" + "".join(f" [{i}] = '{byte}{ITEM_END}" for i, byte in enumerate(bytes.fromhex(value))) + "}"
    if t.kind == "bool":
        return "yes" if value else "no"
    if t.kind == "float":
        return f"{value:f}"
    if t.values:
        return flags(t, value) if t.values.flags else named(t, value)
    return str(value)
