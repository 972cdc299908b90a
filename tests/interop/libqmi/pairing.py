"""Which of libqmi-glib's names belongs to which definition, and with which C types.

The names follow from the definitions. The types come from libqmi's introspection data, so they are its own word; CTL
has none there, though the library has its functions: there the types follow from the definitions as well.
"""

import ctypes
import re
from dataclasses import dataclass

import gi   # from python3-gi, with gir1.2-qmi-1.0

gi.require_version("Qmi", "1.0")
from gi.repository import Qmi  # noqa: E402 (the version comes first)

import capi  # noqa: E402
from capi import INTEGERS, Shape, has, item_type, signal_id  # noqa: E402

ARRAY, POINTERS, BYTES = 1, 2, 3        # of GIArrayType
WITHOUT_INTROSPECTION = ("ctl",)
RESERVED = re.compile("reserved[0-9]*$")        # libqmi hides such fields and writes 0


class Different(Exception):
    """libqmi has the thing, and it is not like ours."""


@dataclass
class Accessor:
    """A setter or getter of one TLV: its C function and the values it takes, in the order of the definition."""

    tlv: object
    symbol: str
    parts: list         # [(path of field names, type, Shape)]


def c_words(name):
    return name.lower().replace("-", "_").replace(" ", "_")


def camel(name):
    return "".join(word.capitalize() for word in name.replace(" ", "-").split("-"))


def libqmi_name(thing):
    return thing.libqmi or thing.name


def prefix(message):
    """The start of the C names of a message: qmi_message_nas_reset_input."""
    kind = "indication" if message.kind == "indication" else "message"
    put = "input" if message.kind == "request" else "output"
    return f"qmi_{kind}_{message.service.name}_{c_words(libqmi_name(message))}_{put}"


def introspection_class(message):
    kind = "Indication" if message.kind == "indication" else "Message"
    put = "Input" if message.kind == "request" else "Output"
    return getattr(Qmi, f"{kind}{camel(message.service.name)}{camel(libqmi_name(message))}{put}", None)


def call_symbol(message):
    return f"qmi_client_{message.service.name}_{c_words(libqmi_name(message))}"


def signal_name(message):
    return c_words(libqmi_name(message)).replace("_", "-")


def everything():
    """{service: (requests, indications)}: what libqmi's introspection data has, by the names of its functions and
    signals. CTL is not there."""
    found = {}
    for name in dir(Qmi):
        info = getattr(getattr(Qmi, name), "__info__", None)
        if not name.startswith("Client") or name == "Client" or not hasattr(info, "get_signals"):
            continue
        functions = {f.get_name() for f in info.get_methods()}
        found[name.removeprefix("Client").lower()] = ({f for f in functions if f"{f}_finish" in functions},
                                                      {s.get_name() for s in info.get_signals()})
    return found


def type_of(info):
    return (getattr(info, "get_type_info", None) or info.get_type)()


def shape_of(info):
    """The Shape of a gi TypeInfo."""
    tag = info.get_tag_as_string()
    if tag in INTEGERS:
        return Shape("number", INTEGERS[tag])
    if tag in ("gboolean", "utf8"):
        return Shape("bool" if tag == "gboolean" else "text")
    if tag == "array" and info.get_array_type() in (ARRAY, POINTERS, BYTES):
        kind = "pointers" if info.get_array_type() == POINTERS else "array"
        return Shape(kind, item=shape_of(info.get_param_type(0)))
    interface = info.get_interface() if tag == "interface" else None
    if hasattr(interface, "get_values"):
        return Shape("enum", enum=interface)
    if hasattr(interface, "get_fields"):
        return struct_shape(interface)
    if tag in ("gfloat", "gdouble"):
        return Shape("number", ctypes.c_float if tag == "gfloat" else ctypes.c_double)
    raise Different(f"libqmi has a value of the type {tag} {interface}")


def struct_shape(info):
    fields = []
    for f in info.get_fields():
        kind = type_of(f)
        untold = kind.get_tag_as_string() == "array" and kind.get_param_type(0).get_tag_as_string() == "void"
        fields.append((f.get_name(), f.get_offset(), untold_array(info, f) if untold else shape_of(kind)))
    return Shape("struct", fields=fields, size=info.get_size())


def untold_array(info, field_info):
    """An array in a struct: introspection data leaves out what its items are. A struct has a name that tells; what
    has none is a plain value, which the definition supplies (see agree())."""
    if type_of(field_info).get_array_type() != POINTERS:
        return Shape("array")
    start = info.get_name().removesuffix("Gir") + camel(field_info.get_name().replace("_", "-"))
    found = sorted((name for name in dir(Qmi) if name.startswith(start)), key=len)
    if not found:
        raise Different(f"libqmi has no struct for the items of {info.get_name()} {field_info.get_name()}")
    return Shape("pointers", item=struct_shape(getattr(Qmi, found[0]).__info__))


def shape_by_definition(t):
    """The Shape that libqmi gives to a type of the definitions."""
    if t.kind in ("uint", "int"):
        bits = next(b for b in (8, 16, 32, 64) if b >= t.width * 8)
        return Shape("enum") if t.values else Shape("number", INTEGERS[f"g{'u' if t.kind == 'uint' else ''}int{bits}"])
    if t.kind in ("bool", "string", "digits"):
        return Shape("bool" if t.kind == "bool" else "text")
    if t.kind in ("list", "bytes"):
        return Shape("array", item=shape_by_definition(item_type(t)))
    if t.kind == "struct":
        shapes = [(f.c_name, f.type, shape_by_definition(f.type)) for f in t.struct.fields]
        layout = type("Layout", (ctypes.Structure,), {"_fields_": [(n, s.wide(f)) for n, f, s in shapes]})
        return Shape("struct", fields=[(n, getattr(layout, n).offset, s) for n, _, s in shapes],
                     size=ctypes.sizeof(layout))
    raise Different(f"no C type is known for {t.kind} without introspection data")


def is_counted(struct, f):
    """Whether a field is the length of another, away from it: libqmi has no parameter for that."""
    return any(f.name == f"{other.name}-length" and other.type.kind == "bytes" for other in struct.fields)


def leaves(path, t):
    """The values that libqmi makes parameters of: the fields of a struct, and of a struct in it."""
    if t.kind == "struct":
        for f in t.struct.fields:
            if not is_counted(t.struct, f):
                yield from leaves((*path, f.name), f.type)
    else:
        yield path, t


FITS = {"uint": ("number", "enum", "bool"), "int": ("number", "enum"), "bool": ("bool", "number"), "string": ("text",),
        "digits": ("text",), "float": ("number",), "list": ("array", "pointers"), "bytes": ("array",), "struct": ("struct",)}


def wrap_item(shape, t):
    """A list of text is a list of structs in the definitions, which have no list of what varies in length."""
    if t.kind == "struct" and len(t.struct.fields) == 1 and shape.item.kind == "text":
        field = t.struct.fields[0]
        shape.item = Shape("struct", fields=[(field.c_name, 0, shape.item)], size=shape.item.item_size(field.type))


def agree(shape, t, where):
    """Raises Different unless the C type can hold the type of the definition, under the same names."""
    if capi.is_bare(shape, t):
        return agree(shape, t.struct.fields[0].type, where)
    if shape.kind not in FITS[t.kind]:
        raise Different(f"{where}: ours is {t.kind}, libqmi's is {shape.kind}")
    if shape.kind == "array" and shape.item is None:
        shape.item = shape_by_definition(item_type(t))
    if t.kind in ("list", "bytes"):
        wrap_item(shape, item_type(t))
        agree(shape.item, item_type(t), where + "[]")
    if t.kind == "struct":
        ours, theirs = [c_words(f.name) for f in t.struct.fields], [name for name, _, _ in shape.fields]
        if ours != theirs:
            raise Different(f"{where}: our fields are {ours}, libqmi's are {theirs}")
        for f, (_, _, inner) in zip(t.struct.fields, shape.fields):
            agree(inner, f.type, f"{where}.{f.name}")


def from_introspection(message, tlv, function):
    """The Accessor of a getter or setter that introspection data describes."""
    arguments = [(a.get_name(), shape_of(type_of(a))) for a in function.get_arguments()]
    parts = [(path, t) for path, t in leaves((), tlv.type) if not (path and RESERVED.match(path[-1]))]
    ours = ["_".join(["value", c_words(libqmi_name(tlv)), *map(c_words, path)]) for path, _ in parts]
    theirs = [name.removesuffix("_ptr") if shape.kind == "pointers" else name for name, shape in arguments]
    if ours != theirs:
        raise Different(f"{message.name} {tlv.name}: our values are {ours}, libqmi's are {theirs}")
    for (path, t), (_, shape) in zip(parts, arguments):
        agree(shape, t, f"{message.name} {'.'.join((tlv.name, *path))}")
    return Accessor(tlv, function.get_symbol(), [(path, t, shape) for (path, t), (_, shape) in zip(parts, arguments)])


def accessor(message, tlv):
    """The setter (of a request) or getter of a TLV in libqmi, or None where it has none."""
    name = f"{'set' if message.kind == 'request' else 'get'}_{c_words(libqmi_name(tlv))}"
    if message.service.name in WITHOUT_INTROSPECTION:
        symbol = f"{prefix(message)}_{name}"
        return Accessor(tlv, symbol, [(p, t, shape_by_definition(t)) for p, t in leaves((), tlv.type)]) \
            if has(symbol) else None
    function = getattr(introspection_class(message), name, None)
    return from_introspection(message, tlv, function) if function else None


def accessors(message):
    """(the accessors libqmi has, the names of the TLVs it has none for)."""
    found = [(tlv, accessor(message, tlv)) for tlv in message.tlvs]
    return [a for _, a in found if a], [tlv.name for tlv, a in found if not a]


PRINTED_TLV = re.compile(r'type +=.*\((0x[0-9a-f]+)\)$.*?translated = (.*?)$', re.DOTALL | re.MULTILINE)
PRINTED_FIELD = re.compile(r"(\w+) = '")


def agree_with_print(message, printable):
    """Raises Different unless libqmi's printer has our fields in our order: the only word that libqmi has on the
    structs of a service without introspection data."""
    if message.service.name not in WITHOUT_INTROSPECTION:
        return
    printed = {int(number, 16): PRINTED_FIELD.findall(text) for number, text in PRINTED_TLV.findall(printable)}
    for tlv in message.tlvs:
        is_list = tlv.type.kind == "list"
        t = tlv.type.item if is_list else tlv.type
        if t.kind != "struct" or tlv.number not in printed:
            continue
        ours, theirs = [c_words(f.name) for f in t.struct.fields], printed[tlv.number]
        if theirs != ours * (len(theirs) // len(ours) if is_list else 1):
            raise Different(f"{message.name} {tlv.name}: our fields are {ours}, libqmi prints {theirs}")


def known(message):
    """Whether libqmi has the message at all."""
    if message.kind == "indication":
        return bool(signal_id(message.service.name, signal_name(message)))
    return has(call_symbol(message))


def extra_tlvs(message):
    """libqmi's TLVs that ours lacks, by the names of its accessors."""
    info = introspection_class(message)
    start = "set_" if message.kind == "request" else "get_"
    ours = {start + c_words(libqmi_name(tlv)) for tlv in message.tlvs} | {"get_result", "get_compat_context",
                                                                           "set_compat_context"}
    return sorted(name for name in dir(info) if name.startswith(start) and name not in ours) if info else []
