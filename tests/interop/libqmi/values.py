"""Seeded values for the TLVs of a message, and their JSON form.

A value is an int, bool, str, bytes, float, list or (for a struct) dict; enumerators and flags are their numbers.
"""

import itertools
import random
import string
import struct

TEXT = string.ascii_letters + string.digits + " !#$%&()*+,-./:;<=>?@[]^_{|}~"
LONG_TEXT = 200         # for text that nothing bounds
LIST_BYTES = 400        # of the longest list
NESTED_ITEMS = 3


def integer_range(t):
    # libqmi holds flags in a C enum, which has 32 bits, unless one of them has a name above
    narrow = t.values and t.values.flags and all(value < 1 << 32 for _, value in t.values.names)
    bits = min(t.width * 8, 32) if narrow else t.width * 8
    return (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if t.kind == "int" else (0, (1 << bits) - 1)


def varies(t):
    """Whether values of the type differ in length."""
    if t.kind == "struct":
        return any(varies(f.type) for f in t.struct.fields)
    return t.kind in ("string", "bytes", "list") and not t.fixed


class Source:
    """Chooses values. `mode` is 'least', 'most', 'distinct' (a number for each field, so that none can stand for
    another) or 'any'."""

    def __init__(self, mode, seed):
        self.mode = mode
        self.random = random.Random(seed)
        self.numbers = itertools.count(1)

    def integer(self, t):
        low, high = integer_range(t)
        if self.mode == "distinct":
            return low + next(self.numbers) % (high - low + 1)
        if self.mode != "any":
            return low if self.mode == "least" else high
        choices = [low, high, 0, self.random.randint(low, high)]
        if t.values:
            choices += [self.random.choice(t.values.names)[1] for _ in range(4)]
        if t.values and t.values.flags:
            choices.append(sum({self.random.choice(t.values.names)[1] for _ in range(3)}) & high)
        return self.random.choice([c for c in choices if low <= c <= high])

    def size(self, t, longest):
        """How many bytes of text or items of a list."""
        if t.fixed:
            return t.fixed
        longest = min(longest, t.max or longest, (1 << (8 * t.prefix)) - 1 if t.prefix else longest)
        if self.mode != "any":
            return {"least": 0, "distinct": min(2, longest), "most": longest}[self.mode]
        return self.random.choice([0, 1, min(3, longest), self.random.randint(0, longest)])

    def text(self, t):
        # "most" means the most that the length can say, where that is not much
        longest = (1 << 8) - 1 if t.prefix == 1 else LONG_TEXT
        return "".join(self.random.choice(TEXT) for _ in range(self.size(t, longest)))

    def items(self, t, depth):
        longest = NESTED_ITEMS if depth or varies(t.item) else max(LIST_BYTES // t.item.min_bytes, NESTED_ITEMS)
        if self.mode == "any" and not t.fixed:
            longest = min(longest, 12)
        return [self.value(t.item, depth + 1) for _ in range(self.size(t, longest))]

    def value(self, t, depth=0):
        if t.kind in ("uint", "int"):
            return self.integer(t)
        if t.kind == "bool":
            return {"least": False, "most": True}.get(self.mode, self.random.random() < 0.5)
        if t.kind == "float":
            return struct.unpack("<f", struct.pack("<f", self.random.uniform(-1000, 1000)))[0]
        if t.kind == "string":
            return self.text(t)
        if t.kind == "digits":      # as many as there can be: libqmi keeps what fills up fewer
            return "".join(self.random.choice("0123456789") for _ in range(t.fixed))
        if t.kind == "bytes":
            return self.text(t).encode() if self.mode == "least" else self.random.randbytes(self.size(t, LONG_TEXT))
        if t.kind == "list":
            return self.items(t, depth)
        made = {f.name: self.value(f.type, depth) for f in t.struct.fields}
        for f in t.struct.fields:       # the length of another field is what that has
            if f.name.endswith("-length") and isinstance(made.get(f.name[:-7]), bytes):
                made[f.name] = len(made[f.name[:-7]])
        return made


def cases(message, seeds):
    """[(name, {TLV name: value})]: the least and the most of everything and the like, then what the seeds choose."""
    title = f"{message.service.name} {message.name} {message.kind}"
    made = []
    for mode in ("least", "most", "distinct"):
        source = Source(mode, f"{title} {mode}")
        made.append((mode, {t.name: source.value(t.type) for t in message.tlvs}))
    made.append(("mandatory only", {n: v for n, v in made[1][1].items()
                                    if any(t.name == n and t.mandatory for t in message.tlvs)}))
    for seed in range(seeds):
        source = Source("any", f"{title} {seed}")
        made.append((f"seed {seed}", {t.name: source.value(t.type) for t in message.tlvs
                                      if t.mandatory or source.random.random() < 0.8}))
    return made if message.tlvs else made[:1]


def to_json(t, value):
    if t.kind == "struct":
        return {f.name: to_json(f.type, value[f.name]) for f in t.struct.fields}
    if t.kind == "list":
        return [to_json(t.item, item) for item in value]
    if t.kind == "bytes":
        return value.hex()
    if t.kind == "uint" and value > 0x7fffffffffffffff:
        return str(value)
    return value


def number_from_json(t, json):
    if isinstance(json, list):
        total = 0
        for word in json:
            total |= number_from_json(t, word)
        return total
    names = dict(t.values.names) if t.values else {}
    return names[json] if json in names else int(json)


def from_json(t, json):
    if t.kind == "struct":
        return {f.name: from_json(f.type, json[f.name]) for f in t.struct.fields}
    if t.kind == "list":
        return [from_json(t.item, item) for item in json]
    if t.kind == "bytes":
        return bytes.fromhex(json)
    return number_from_json(t, json) if t.kind in ("uint", "int") else json
