"""libqmi-glib as C sees it: ctypes calls, and values in its memory read and written by their shapes.

PyGObject itself is not used for the calls: it refuses enumerators that libqmi does not name.
"""

import ctypes
from ctypes import POINTER, byref, c_char_p, c_int, c_uint, c_uint16, c_void_p
from dataclasses import dataclass, field

from codegen.model import Type

qmi = ctypes.CDLL("libqmi-glib.so.5")
gobject = ctypes.CDLL("libgobject-2.0.so.0")
gio = ctypes.CDLL("libgio-2.0.so.0")
glib = ctypes.CDLL("libglib-2.0.so.0")

INTEGERS = {f"{sign}int{bits}": getattr(ctypes, f"c_{'u' if sign == 'gu' else ''}int{bits}")
            for sign in ("g", "gu") for bits in (8, 16, 32, 64)}
READY = ctypes.CFUNCTYPE(None, c_void_p, c_void_p, c_void_p)        # GAsyncReadyCallback


class Array(ctypes.Structure):
    """GArray, GPtrArray and GByteArray alike: where the items are, and how many."""

    _fields_ = [("data", c_void_p), ("count", c_uint)]


class Error(ctypes.Structure):
    _fields_ = [("domain", ctypes.c_uint32), ("code", c_int), ("message", c_char_p)]


class Refused(Exception):
    """A GError."""

    def __init__(self, error):
        self.code, self.text = error.contents.code, error.contents.message.decode()
        self.domain = ctypes.cast(glib.g_quark_to_string(error.contents.domain), c_char_p).value.decode()
        glib.g_error_free(error)
        super().__init__(f"{self.domain} {self.code}: {self.text}")


def declare(library, name, result, *arguments):
    function = getattr(library, name)
    function.restype, function.argtypes = result, arguments
    return function


declare(glib, "g_quark_to_string", c_void_p, ctypes.c_uint32)
declare(glib, "g_error_free", None, POINTER(Error))
declare(glib, "g_free", None, c_void_p)
declare(glib, "g_byte_array_new", c_void_p)
declare(glib, "g_byte_array_append", c_void_p, c_void_p, c_char_p, c_uint)
declare(glib, "g_byte_array_unref", None, c_void_p)
declare(glib, "g_array_new", c_void_p, c_int, c_int, c_uint)
declare(glib, "g_array_append_vals", c_void_p, c_void_p, c_void_p, c_uint)
declare(glib, "g_array_unref", None, c_void_p)
declare(glib, "g_ptr_array_new", c_void_p)
declare(glib, "g_ptr_array_add", None, c_void_p, c_void_p)
declare(glib, "g_ptr_array_unref", None, c_void_p)
declare(gio, "g_file_new_for_path", c_void_p, c_char_p)
declare(glib, "g_log_set_handler", c_uint, c_char_p, c_int, c_void_p, c_void_p)
declare(gobject, "g_signal_lookup", c_uint, c_char_p, ctypes.c_size_t)
declare(gobject, "g_value_get_boxed", c_void_p, c_void_p)
declare(gobject, "g_type_class_ref", c_void_p, ctypes.c_size_t)
declare(qmi, "qmi_message_new_from_raw", c_void_p, c_void_p, POINTER(POINTER(Error)))
declare(qmi, "qmi_message_get_printable_full", c_void_p, c_void_p, c_void_p, c_char_p)
declare(qmi, "qmi_message_unref", None, c_void_p)
for number in ("service", "client_id"):
    declare(qmi, f"qmi_message_get_{number}", c_int, c_void_p)
for number in ("message_id", "transaction_id"):
    declare(qmi, f"qmi_message_get_{number}", c_uint16, c_void_p)


def checked(name, result, *arguments):
    """Calls a libqmi function whose last parameter is a GError **; raises Refused when it sets that."""
    error = POINTER(Error)()
    function = getattr(qmi, name)
    function.restype = result
    value = function(*arguments, byref(error))
    if error:
        raise Refused(error)
    return value


def has(symbol):
    return hasattr(qmi, symbol)


def client_type(service):
    """The GType of a service's client, with its class (and so its signals) made known."""
    get_type = getattr(qmi, f"qmi_client_{service}_get_type")
    get_type.restype = ctypes.c_size_t
    gobject.g_type_class_ref(get_type())
    return get_type()


def signal_id(service, name):
    """The id of a signal of a service's client, or 0."""
    return gobject.g_signal_lookup(name.encode(), client_type(service))


@dataclass
class Shape:
    """A C type. `kind` is number, bool, enum, text, array (of values) or pointers (to values) or struct."""

    kind: str
    ctype: type = None                          # number
    item: "Shape" = None                        # array, pointers
    fields: list = field(default_factory=list)  # struct: [(name, offset, Shape)]
    size: int = 0                               # struct
    enum: object = None                         # enum: gi's EnumInfo, where there is one

    def wide(self, t):
        """The ctypes type of one value whose definition has the type `t`."""
        if self.kind == "enum":
            # gcc makes an enum as wide as its largest value: libqmi has flags of 64 bits.
            bits = 64 if t.width == 8 else 32
            return getattr(ctypes, f"c_{'' if t.kind == 'int' else 'u'}int{bits}")
        return {"number": self.ctype, "bool": c_int, "text": c_char_p}.get(self.kind, c_void_p)

    def item_size(self, t):
        return self.size if self.kind == "struct" else ctypes.sizeof(self.wide(t))


BYTE = Type("uint", width=1)


def item_type(t):
    """The type of one item of a list, or of one of the bytes that the definition has as bytes."""
    return t.item if t.kind == "list" else BYTE


def is_bare(shape, t):
    """Whether a struct of the definition stands for its only field: definitions have lists of strings in this way."""
    return t.kind == "struct" and shape.kind != "struct" and len(t.struct.fields) == 1


def read(shape, address, t):
    """The value at `address`, in the terms of the definition's type `t`."""
    if is_bare(shape, t):
        return {t.struct.fields[0].name: read(shape, address, t.struct.fields[0].type)}
    if shape.kind == "struct":
        return {f.name: read(s, address + offset, f.type) for f, (_, offset, s) in zip(t.struct.fields, shape.fields)}
    value = shape.wide(t).from_address(address).value
    if shape.kind == "text":
        return None if value is None else value.decode()
    if shape.kind == "bool":
        return bool(value) if value in (0, 1) else value
    if shape.kind not in ("array", "pointers"):
        return value
    items = read_items(shape, value, item_type(t))
    return bytes(items) if t.kind == "bytes" else items


def read_items(shape, pointer, t):
    if not pointer:
        return []
    array = Array.from_address(pointer)
    if shape.kind == "pointers":
        places = (c_void_p * array.count).from_address(array.data) if array.count else ()
    else:
        places = (array.data + i * shape.item.item_size(t) for i in range(array.count))
    return [read(shape.item, place, t) for place in places]


class Memory:
    """C values made for one call; freed together."""

    def __init__(self):
        self.kept, self.arrays = [], []

    def value(self, shape, value, t):
        """`value` as an argument of a C function."""
        if is_bare(shape, t):
            return self.value(shape, value[t.struct.fields[0].name], t.struct.fields[0].type)
        if shape.kind in ("array", "pointers"):
            return c_void_p(self.array(shape, value, item_type(t)))
        return shape.wide(t)(value.encode() if shape.kind == "text" else value)

    def store(self, shape, address, value, t):
        if shape.kind == "struct":
            for f, (_, offset, s) in zip(t.struct.fields, shape.fields):
                self.store(s, address + offset, value[f.name], f.type)
            return
        made = self.value(shape, value, t)
        self.kept.append(made)
        ctypes.memmove(address, byref(made), ctypes.sizeof(made))

    def array(self, shape, items, t):
        pointers = shape.kind == "pointers"
        array = glib.g_ptr_array_new() if pointers else glib.g_array_new(0, 0, shape.item.item_size(t))
        self.arrays.append((glib.g_ptr_array_unref if pointers else glib.g_array_unref, array))
        for item in items:
            room = ctypes.create_string_buffer(shape.item.item_size(t))
            self.kept.append(room)
            self.store(shape.item, ctypes.addressof(room), item, t)
            if pointers:
                glib.g_ptr_array_add(array, ctypes.addressof(room))
            else:
                glib.g_array_append_vals(array, room, 1)
        return array

    def free(self):
        for unref, array in reversed(self.arrays):
            unref(array)


def generic(frame):
    """Has libqmi's generic reader take a frame: its headers, and the text of its printable form."""
    raw = glib.g_byte_array_new()
    glib.g_byte_array_append(raw, frame, len(frame))
    try:
        message = checked("qmi_message_new_from_raw", c_void_p, c_void_p(raw))
    finally:
        glib.g_byte_array_unref(raw)
    if not message:
        raise ValueError("qmi_message_new_from_raw() sees no whole message")
    text = qmi.qmi_message_get_printable_full(message, None, b"")
    headers = {"service": qmi.qmi_message_get_service(message), "client": qmi.qmi_message_get_client_id(message),
               "message": qmi.qmi_message_get_message_id(message),
               "transaction": qmi.qmi_message_get_transaction_id(message)}
    printable = ctypes.cast(text, c_char_p).value.decode(errors="replace")
    glib.g_free(text)
    qmi.qmi_message_unref(message)
    return headers, printable
