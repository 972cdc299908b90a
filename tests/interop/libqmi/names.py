"""Enumerators: where libqmi has a name for a number, ours is the same name."""

import ctypes
import re

import capi
import pairing


def enums_in(t, shape):
    """Every (Values, gi's EnumInfo) in a value's type and shape. EnumInfo is None where there is no introspection."""
    if t.kind in ("list", "struct") and shape.kind in ("array", "pointers"):
        yield from enums_in(t.item, shape.item)
    elif t.kind == "struct":
        for f, (_, _, inner) in zip(t.struct.fields, shape.fields):
            yield from enums_in(f.type, inner)
    elif t.values and shape.kind == "enum":
        yield t.values, shape.enum


def function_stem(values, info):
    """What the names of an enum's C functions begin with."""
    if info is None:
        own = f"qmi_{values.owner}_" if values.owner else "qmi_"
        return own + pairing.c_words(values.name.removesuffix("-id"))
    if info.get_type_init():
        return info.get_type_init().removesuffix("_get_type")
    return "qmi" + re.sub("([A-Z])", r"_\1", info.get_name()).lower()


def nick(stem, flags, number):
    """libqmi's name of a number, or None."""
    name = stem + ("_build_string_from_mask" if flags else "_get_string")
    if not capi.has(name):
        raise pairing.Different(f"libqmi has no {name}()")
    function = getattr(capi.qmi, name)
    function.restype, function.argtypes = ctypes.c_void_p, [ctypes.c_uint64 if flags else ctypes.c_int]
    text = function(number)
    return ctypes.cast(text, ctypes.c_char_p).value.decode() if text else None


def pairs(service):
    """{libqmi's function stem: Values} of the enums that messages of a service use."""
    found = {}
    for message in service.messages:
        if not pairing.known(message):
            continue
        for accessor in pairing.accessors(message)[0]:
            for _, t, shape in accessor.parts:
                for values, info in enums_in(t, shape):
                    found[function_stem(values, info), values.name] = (values, info)
    return found


def numbers_to_ask(values, info):
    """Our numbers, and those for which libqmi may have a name that ours lacks."""
    numbers = {number for _, number in values.names}
    if values.flags:
        return numbers | {1 << bit for bit in range(values.width * 8)}
    if info is None:
        return numbers | set(range(1 << 8 * min(values.width, 2)))
    low = -1 << values.width * 8 - 1 if values.signed else 0
    return numbers | {v.get_value() for v in info.get_values() if v.get_value() >= low}    # libqmi's -1 is for its users


def differences(service):
    """What is not the same: {("service type", number): (our name, libqmi's)}."""
    different = {}
    for (stem, _), (values, info) in sorted(pairs(service).items()):
        ours = {number: name for name, number in values.names}
        for number in sorted(numbers_to_ask(values, info)):
            theirs = nick(stem, values.flags, number)
            if theirs != ours.get(number) or theirs and number in values.newer:
                different[f"{service.name} {values.name}", number] = (ours.get(number), theirs)
    return different
