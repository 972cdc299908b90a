"""A model.Protocol as pages for readers: an index, a page a service, a page of what all share.

Headings are such that their anchors, which the forges make of them, are one each on a page.
"""

import textwrap

from .model import c_name

HEAD = "<!-- Made by codegen from {source}: do not edit. -->\n"
HEX_LINE = 32       # bytes of a frame on a line
INTRO = """# The protocol

What QMI messages look like: every service, message, TLV and enumeration that qmikit knows, made from the
definitions in [protocol/](../../protocol/README.md). Numbers in frames are little endian unless said otherwise.

A QMUX frame is a header and a message:

| bytes | is |
|---|---|
| 1 | the marker, 0x01 |
| 2 | the bytes that follow the marker |
| 1 | 0x00 from the host, 0x80 from the modem |
| 1 | the service |
| 1 | the client id; 0 in CTL and for all clients of a service |
| 1 | of the message: flags; bit 1 a response, bit 2 an indication (in CTL bits 0 and 1) |
| 2 | the transaction, which a response repeats; in CTL one byte |
| 2 | the message id |
| 2 | the bytes of TLVs that follow |
| … | TLVs: a type of one byte, a length of two, the value |

QRTR carries the message alone, from the flags on; services above 255 are reached over it and nothing else. TLV 0x02 of
each response is its result: a status of two bytes, 0 for success, and an [error](errors.md) of two.

Of each message there is an example with made-up values: the frame in hex and what
[qmi-trace decode](../tracing.md#hex-that-came-from-elsewhere) prints of it.

| | service | id | requests | indications |
|---|---|---|---|---|
"""
KEYS = """
In the tables *mandatory* is what the message cannot lack (a response: when it is a success). A field below a
struct or a list begins with a dot. *personal* is what identifies a person or a SIM. Enumerators marked with a star are
not in libqmi 1.32.
"""


def anchor(heading):
    """The anchor that a forge makes of a heading."""
    return "".join(c for c in heading.lower().replace(" ", "-") if c.isalnum() or c in "-_")


def cell(text):
    return text.replace("|", "\\|").replace("\n", " ")


def message_heading(message):
    return f"{message.name} ({message.id:#06x})" + (" indication" if message.kind == "indication" else "")


def type_heading(name):
    return f"Type {name}"


def struct_name(struct, owner):
    return struct.tag.removeprefix(c_name("qk", owner.name) + "_").replace("_", "-")


class Page:
    """What one service's page needs: where names lead."""

    def __init__(self, protocol, service):
        self.service = service
        self.structs = {id(s): (owner.name, struct_name(s, owner)) for owner in (protocol.common, service)
                        for s in owner.structs}
        self.vendors = {number: name for v in protocol.common.values if v.name == "vendor" for name, number in v.names}

    def link(self, owner, name):
        page = "" if owner == self.service.name else "common.md"
        return f"[{name}]({page}#{anchor(type_heading(name))})"

    def number(self, t):
        text = {"uint": "u", "int": "i", "float": "f"}[t.kind] + str(t.width * 8) + ("be" if t.big_endian else "")
        return f"{self.link(t.values.owner, t.values.name)} ({text})" if t.values else text

    def kind(self, t):
        """A type in words."""
        if t.kind in ("uint", "int", "float"):
            text = self.number(t)
        elif t.kind == "list":
            count = f"{t.fixed} times" if t.fixed else f"a count (u{t.prefix * 8}) of" if t.prefix else "to the end:"
            text = f"list, {count} {self.kind(t.item)}" + (f", {t.max} at most" if t.max else "")
        elif t.kind == "struct":
            text = self.link(*self.structs[id(t.struct)]) if id(t.struct) in self.structs else "struct"
        elif t.kind == "bool":
            text = "bool"
        else:
            size = f"{t.fixed} bytes" if t.fixed else f"length (u{t.prefix * 8}) first" if t.prefix else "to the end"
            text = f"{t.kind}, {size}" + (f", {t.max} at most" if t.max else "")
        return text + (f", {t.unit}" if t.unit else "") + (", personal" if t.personal else "")

    def rows(self, fields, dots):
        """Rows of the fields below a struct or a list that no type names."""
        for f in fields:
            yield f"| | {dots}{f.name} | {self.kind(f.type)} | |"
            yield from self.below(f.type, dots)

    def below(self, t, dots):
        inner = t.item if t.kind == "list" else t
        if inner.kind == "struct" and id(inner.struct) not in self.structs:
            yield from self.rows(inner.struct.fields, "." + dots if dots else ".")

    def tlvs(self, message):
        yield "| TLV | name | type | |"
        yield "|---|---|---|---|"
        if message.kind == "response":
            yield "| 0x02 | result | [result](common.md#type-result) | mandatory |"
        for t in message.tlvs:
            notes = ["mandatory" if t.mandatory else "optional", t.doc, f"libqmi: {t.libqmi}" if t.libqmi else ""]
            yield f"| {t.number:#04x} | {t.name} | {self.kind(t.type)} | {cell('; '.join(filter(None, notes)))} |"
            yield from self.below(t.type, "")

    def part(self, message, example):
        yield ""
        if message.tlvs or message.kind == "response":
            yield f"{message.kind.capitalize()}:"
            yield ""
            yield from self.tlvs(message)
        else:
            yield f"{message.kind.capitalize()}: without TLVs."
        yield ""
        yield "```"
        frame, text = example
        yield from textwrap.wrap(frame, 2 * HEX_LINE)
        yield from text
        yield "```"

    def message(self, parts, made):
        """A request and its response, or an indication."""
        first = parts[0]
        notes = [f"since version {first.since}" if first.since else "",
                 f"of {self.vendors.get(first.vendor, '')} ({first.vendor:#06x}) alone" if first.vendor else "",
                 f"libqmi: {first.libqmi}" if first.libqmi else ""]
        yield from ("", f"### {message_heading(first)}")
        if first.doc:
            yield from ("", first.doc)
        if any(notes):
            text = ", ".join(filter(None, notes))
            yield from ("", text[0].upper() + text[1:] + ".")
        for part in parts:
            yield from self.part(part, made[self.service.name, part.kind, part.name])

    def values(self, values):
        kind = "flags" if values.flags else "enum"
        yield from ("", f"### {type_heading(values.name)}", "")
        yield f"{kind}, {'i' if values.signed else 'u'}{values.width * 8}" + (
            ", by the mask of each bit:" if values.flags else ":")
        yield ""
        for name, number in values.names:
            shown = f"{number:#x}" if values.flags or number > 0xFFFF else str(number)
            yield f"- {shown} {name}{'*' if number in values.newer else ''}"

    def struct(self, struct):
        yield from ("", f"### {type_heading(self.structs[id(struct)][1])}", "", "struct:", "")
        yield "| | field | type | |"
        yield "|---|---|---|---|"
        yield from self.rows(struct.fields, ".")

    def types(self):
        if self.service.values or self.service.structs:
            yield from ("", "## Types")
        for values in self.service.values:
            yield from self.values(values)
        for struct in self.service.structs:
            yield from self.struct(struct)


def sources(path):
    """What a definition says of where its facts are from: the comment at its top."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    lines = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        lines.append(line.lstrip("#").strip())
    return [" ".join(part.split("\n")).strip() for part in "\n".join(lines).split("\n\n") if part.strip()]


def contents(messages):
    yield "| id | message | since | |"
    yield "|---|---|---|---|"
    for m in messages:
        what = m.doc.partition(". ")[0].rstrip(".")
        yield f"| {m.id:#06x} | [{m.name}](#{anchor(message_heading(m))}) | {m.since} | {cell(what)} |"


def service_page(protocol, service, made):
    page = Page(protocol, service)
    yield f"# {service.name}: {service.title}"
    for paragraph in sources(service.path):
        yield from ("", paragraph)
    yield from ("", f"Service {service.id} ({service.id:#04x})" +
                (", over QRTR alone" if service.id > 0xFF else "") + ". [All services](README.md).")
    methods = sorted(service.methods, key=lambda m: (m.request.id, m.request.vendor))
    indications = sorted(service.indications, key=lambda m: m.id)
    for title, rows in (("Requests", [m.request for m in methods]), ("Indications", indications)):
        if rows:
            yield from ("", f"## {title}", "")
            yield from contents(rows)
    yield from ("", "## Messages")
    for m in methods:
        yield from page.message([m.request, m.response], made)
    for m in indications:
        yield from page.message([m], made)
    yield from page.types()


def common_page(protocol):
    page = Page(protocol, protocol.common)
    yield "# What all services share"
    yield from ("", "[All services](README.md). Errors have [a page of their own](errors.md).", "", "## Types")
    yield from ("", f"### {type_heading('result')}", "", "struct, TLV 0x02 of every response:", "")
    yield from ("| | field | type | |", "|---|---|---|---|",
                "| | .status | [result-status](#type-result-status) (u16) | |", "| | .error | [error](errors.md) (u16) | |")
    for values in protocol.common.values:
        if values.name != "error":
            yield from page.values(values)
        else:
            yield from ("", f"### {type_heading('error')}", "", "enum, u16: [the errors](errors.md).")
    for struct in protocol.common.structs:
        yield from page.struct(struct)


def errors_page(protocol):
    yield "# Errors"
    yield from ("", "What a modem answers when it refuses, in TLV 0x02. [All services](README.md).", "")
    yield from ("| code | name | means | what helps |", "|---|---|---|---|")
    for e in sorted(protocol.errors, key=lambda e: e.code):
        yield f"| {e.code} | {e.name} | {cell(e.sentence)} | {cell(e.hint)} |"


def index_page(protocol):
    yield INTRO.rstrip("\n")
    for service in protocol.services:
        yield (f"| [{service.name}]({service.name}.md) | {service.title} | {service.id:#04x} | {len(service.methods)} | "
               f"{len(service.indications)} |")
    yield (f"| | all {len(protocol.services)} | | {sum(len(s.methods) for s in protocol.services)} | "
           f"{sum(len(s.indications) for s in protocol.services)} |")
    yield KEYS.rstrip("\n")
    yield from ("", "Types that several services use are in [common](common.md).")


def emit_docs(protocol, made):
    """{file name: text}; `made` has the examples (example.py)."""
    files = {"README.md": ("protocol/", index_page(protocol)), "errors.md": ("protocol/common.yaml", errors_page(protocol)),
             "common.md": ("protocol/common.yaml", common_page(protocol))}
    for service in protocol.services:
        files[f"{service.name}.md"] = (f"protocol/{service.name}.yaml", service_page(protocol, service, made))
    return {name: HEAD.format(source=source) + "\n".join(lines) + "\n" for name, (source, lines) in files.items()}
