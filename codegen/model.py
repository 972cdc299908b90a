"""What a definition says, as plain objects: the result of load.py, the input of every emitter."""

from dataclasses import dataclass, field
from functools import cached_property


@dataclass
class Values:
    """An enum or a flags type: names for the values (flags: bit masks) of a number."""

    name: str           # as written, "radio-interface"
    owner: str          # "nas", or "" for what all services share
    flags: bool
    width: int          # default bytes on the wire
    signed: bool
    names: list         # [(name, number)], in the order written; flags: number is the mask
    where: tuple = None
    newer: list = field(default_factory=list)   # the numbers among them that Debian's libqmi does not name

    @property
    def c_name(self):
        return c_name("qk", self.owner, self.name)


@dataclass
class Type:
    """How one value looks on the wire and in C."""

    kind: str           # uint int bool float digits string bytes struct list
    width: int = 0      # bytes of a number
    big_endian: bool = False
    prefix: int = 0     # bytes of the length or count in front; 0: fixed, or the rest of the TLV
    fixed: int = 0      # exactly this many bytes or items
    max: int = 0        # at most this many bytes or items; 0: what the prefix can count
    values: Values = None
    struct: "Struct" = None
    item: "Type" = None
    unit: str = ""
    unit_number: int = 0    # its place among the units of the protocol, from 1; 0: none
    personal: bool = False

    @property
    def takes_rest(self):
        if self.kind in ("string", "bytes", "list"):
            return not self.prefix and not self.fixed
        return self.kind == "struct" and self.struct.takes_rest

    @property
    def min_bytes(self):
        """The fewest bytes a value can have on the wire."""
        if self.kind == "struct":
            return self.struct.min_bytes
        if self.kind == "list":
            return self.prefix + self.fixed * self.item.min_bytes
        return self.prefix + self.fixed if self.kind in ("string", "bytes", "digits") else self.width


@dataclass
class Field:
    name: str
    type: Type
    where: tuple        # (file, line)

    @property
    def c_name(self):
        return c_member(self.name)


@dataclass
class Struct:
    """Fields in wire order. `tag` is the C struct tag."""

    tag: str
    fields: list
    where: tuple = None

    @cached_property
    def takes_rest(self):
        return any(f.type.takes_rest for f in self.fields)

    @cached_property
    def min_bytes(self):
        return sum(f.type.min_bytes for f in self.fields)

    @cached_property
    def depth(self):
        """How many structs stand in each other."""
        return 1 + max((t.struct.depth for t in (f.type.item or f.type for f in self.fields) if t.struct), default=0)


@dataclass
class Tlv(Field):
    number: int = 0
    mandatory: bool = False
    doc: str = ""
    libqmi: str = ""    # libqmi's name, where ours is not its mechanical form


@dataclass
class Message:
    """One message in one direction."""

    name: str
    kind: str           # request response indication
    id: int
    service: "Service"
    tlvs: list
    where: tuple
    since: str = ""
    doc: str = ""
    libqmi: str = ""
    vendor: int = 0     # the USB vendor id of those whose message it is alone; 0: everyone's

    @property
    def c_name(self):
        return c_name("qk", self.service.name, self.name, self.kind)

    @property
    def table(self):
        """The C name of its descriptor: that of an indication is public."""
        return c_name("qk", self.service.name, self.name, "message") if self.kind == "indication" \
            else f"{self.c_name}_table"


@dataclass
class Method:
    name: str
    request: Message
    response: Message

    @property
    def c_name(self):
        return c_name("qk", self.request.service.name, self.name)


@dataclass
class Service:
    name: str
    id: int = 0
    title: str = ""
    path: str = ""
    values: list = field(default_factory=list)      # Values, in the order written
    structs: list = field(default_factory=list)     # named Struct types
    methods: list = field(default_factory=list)
    indications: list = field(default_factory=list)

    @property
    def messages(self):
        both = [m for method in self.methods for m in (method.request, method.response)]
        return both + self.indications


@dataclass
class ErrorCode:
    name: str
    code: int
    sentence: str
    hint: str


@dataclass
class Protocol:
    service_ids: Values
    errors: list
    common: Service     # the types that every service may use
    services: list
    units: list = field(default_factory=list)   # each once


# Words of C and C++, and what gcc defines as macros on Linux.
C_RESERVED = set(
    "alignas alignof asm bitand bitor compl constexpr decltype linux noexcept nullptr typeid typeof unix xor auto break case char const continue default do double else enum extern float for goto if inline int long "
    "register restrict return short signed sizeof static struct switch typedef union unsigned void volatile while "
    "class delete explicit export friend mutable namespace new operator private protected public template this "
    "throw try typename using virtual bool true false and or not xor".split()
)


def c_name(*parts):
    return "_".join(p.replace("-", "_") for p in parts if p)


def c_member(name):
    """A definition name as a C member: no leading digit, no reserved word."""
    c = c_name(name)
    if c[0].isdigit():
        return "_" + c
    return c + "_" if c in C_RESERVED else c


def all_fields(struct_or_tlvs):
    """Every field below a list of fields, depth first, with its path."""
    for f in struct_or_tlvs:
        yield (f.name,), f
        t = f.type
        inner = t.item if t.kind == "list" else t
        if inner.kind == "struct":
            for path, sub in all_fields(inner.struct.fields):
                yield (f.name, *path), sub
