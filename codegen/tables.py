"""What rows refer to by number instead of by pointer, and tables.c, which holds it: names, values, structs.

A pointer in a table is written by the loader at each start of each program; a number is just read.
"""

from .load import result_fields
from .model import Field, Struct, all_fields

LINE = 160          # names and numbers are packed into lines of this many columns


def packed(head, words, tail):
    """`words`, each with a comma behind it, between `head` and `tail`, in lines of at most LINE columns."""
    line = head
    for word in words:
        if len(line) + len(word) + 2 > LINE:
            yield line
            line = "\t" + word + ","
        else:
            line += f" {word},"
    yield f"{line} {tail}"


def literal(number, as_hex=False):
    """A number that C takes as it is: the ends of 64 bits need help."""
    if number == -(1 << 63):
        return "(-0x7fffffffffffffff - 1)"
    return f"{hex(number) if as_hex else number}{'ULL' if number >> 63 > 0 else ''}"


def inner_structs(fields, known):
    """The structs below `fields` that no type names, inner ones first."""
    for f in fields:
        t = f.type.item if f.type.kind == "list" else f.type
        if t.kind == "struct" and t.struct.tag not in known:
            yield from inner_structs(t.struct.fields, known)
            known.add(t.struct.tag)
            yield t.struct


def all_structs(protocol):
    """Every struct once, that of the result first."""
    yield Struct("qk_result", [Field(name, t, None) for name, t in result_fields(protocol)])
    everyone = [protocol.common, *protocol.services]
    known = {s.tag for service in everyone for s in service.structs}
    for service in everyone:
        for struct in service.structs:
            yield from inner_structs(struct.fields, known)
            yield struct
        for message in service.messages:
            yield from inner_structs(message.tlvs, known)


RUN_MAX = 32         # bytes of a step, which is what the mask of bools can tell


def is_byte(t):
    return t.kind in ("uint", "int", "bool") and t.width == 1


def step_kind(t):
    """How one copy moves a value of `t`, or None when it takes more than that."""
    if is_byte(t):
        return "BYTES"
    if t.kind in ("uint", "int", "float") and t.width in (2, 4, 8) and not t.big_endian:
        return "NUMBER"
    return "DIGITS" if t.kind == "digits" else None


def steps(fields):
    """[(kind, size, first field, mask of bools)]: a struct as copies, neighbours of one byte by one. [] when a field
    takes more than a copy."""
    found = []
    for f in fields:
        kind = step_kind(f.type)
        if kind is None:
            return []
        size, is_bool = f.type.min_bytes, f.type.kind == "bool"
        if kind == "BYTES" and found and found[-1][0] == kind and found[-1][1] < RUN_MAX:
            _, before, first, bools = found[-1]
            found[-1] = (kind, before + size, first, bools | is_bool << before)
        else:
            found.append((kind, size, f, int(is_bool)))
    return found


def step_row(struct, step):
    kind, size, f, bools = step
    return f"{{ .step = {{ QK_STEP_{kind}, {size}, offsetof(struct {struct.tag}, {f.c_name}), {bools:#x} }} }}"


def by_number(values):
    return sorted(values.names, key=lambda n: n[1])


class Tables:
    """Numbers for all of a protocol. Number 0 is none: no name, no values, no struct."""

    def __init__(self, protocol):
        self.protocol = protocol
        self.structs = list(all_structs(protocol))
        self.values = [v for service in [protocol.common, *protocol.services] for v in service.values]
        self.struct_numbers, number = {}, 1
        for s in self.structs:
            self.struct_numbers[s.tag] = number
            number += 1 + len(steps(s.fields))
        self.values_numbers = {v.c_name: i for i, v in enumerate(self.values, 1)}
        self.offsets, end = {}, 0
        for text in self.texts():
            if text not in self.offsets:
                self.offsets[text] = end
                end += len(text) + 1

    def texts(self):
        """Every name, those of a service together: what is read together is near."""
        yield ""
        yield "result"
        yield from (f.name for f in self.structs[0].fields)
        for service in [self.protocol.common, *self.protocol.services]:
            for m in service.messages:
                yield m.name
                yield from (path[-1] for path, _ in all_fields(m.tlvs))
            for struct in service.structs:
                yield from (path[-1] for path, _ in all_fields(struct.fields))
            for values in service.values:
                yield from (name for name, _ in by_number(values))

    def name(self, text):
        """Where `text` begins in qk_names."""
        return self.offsets[text]

    def below(self, t):
        """What is behind a field: a struct its members, a number its names."""
        if t.kind == "struct":
            return self.struct_numbers[t.struct.tag]
        return self.values_numbers[t.values.c_name] if t.values else 0

    def values_rows(self):
        """{C name: struct qk_values}"""
        first = newer = 0
        rows = {}
        for v in self.values:
            rows[v.c_name] = f"{{ {first}, {len(v.names)}, {newer}, {len(v.newer)} }}"
            first, newer = first + len(v.names), newer + len(v.newer)
        return rows

    def values_lines(self):
        names = [n for v in self.values for n in by_number(v)]
        yield from packed("const struct qk_values qk_all_values[] = { { 0 },", self.values_rows().values(), "};")
        yield from packed("const int64_t qk_all_numbers[] = {", (literal(number) for _, number in names), "};")
        yield from packed("const uint32_t qk_number_names[] = {", (str(self.name(name)) for name, _ in names), "};")
        newer = [literal(number) for v in self.values for number in v.newer]
        yield from packed("const int64_t qk_newer_numbers[] = {", newer or ["0"], "};")

    def names_lines(self):
        yield from text_lines("const char qk_names[] =", self.offsets)


def text_lines(head, texts):
    """One text of many, each ended by a 0."""
    line = head
    for text in texts:
        word = f' "{text}\\0"'
        if len(line) + len(word) > LINE:
            yield line
            line = "\t" + word[1:]
        else:
            line += word
    yield line + ";"
