"""Example values for messages, and what our own programs make of them: the bytes, and the text of a trace.

The values follow from the names alone: the same definitions give the same examples.
"""

import json
import struct
import subprocess
import zlib

RESULT = {"status": "success", "error": "None"}
LIMIT = 120         # bytes of an example's TLVs, from which on optional ones are left out
ITEMS = 2           # of a list that has no fixed number of them
TRANSACTION, CLIENT = 1, 1


class Values:
    """Chooses a value for each field of a message by a number that its path gives."""

    def __init__(self, message):
        self.seed = f"{message.service.name} {message.kind} {message.name}"

    def number(self, path, below):
        return zlib.crc32(f"{self.seed} {path}".encode()) % max(below, 1)

    def named(self, t, path):
        names = [name for name, value in t.values.names if value not in t.values.newer] or \
            [name for name, _ in t.values.names]
        chosen = names[self.number(path, len(names))]
        return [chosen] if t.values.flags else chosen

    def integer(self, t, path):
        if t.values and t.values.names:
            return self.named(t, path)
        if t.kind == "int":
            return -40 - self.number(path, 80)
        return self.number(path, min(1 << (8 * t.width), 250 if t.width == 1 else 60000))

    def text(self, t, path):
        word = path.rpartition(".")[2].partition("[")[0]
        size = t.fixed or min(len(word), t.max or len(word))
        return (word * (size // len(word) + 1))[:size]

    def value(self, t, path):
        if t.kind in ("uint", "int"):
            return self.integer(t, path)
        if t.kind == "bool":
            return bool(self.number(path, 2))
        if t.kind == "float":
            return struct.unpack("<f", struct.pack("<f", self.number(path, 1000) / 8))[0]
        if t.kind == "string":
            return self.text(t, path)
        if t.kind == "digits":
            return str(100 + self.number(path, 900))[:t.fixed]
        if t.kind == "bytes":
            size = t.fixed or min(4, t.max or 4)
            return bytes(self.number(f"{path} {i}", 256) for i in range(size)).hex()
        if t.kind == "list":
            return [self.value(t.item, f"{path}[{i}]") for i in range(t.fixed or min(ITEMS, t.max or ITEMS))]
        made = {f.name: self.value(f.type, f"{path}.{f.name}") for f in t.struct.fields}
        for f in t.struct.fields:       # the length of another field is what that has
            if f.name.endswith("-length") and isinstance(made.get(f.name[:-7]), str):
                made[f.name] = len(made[f.name[:-7]]) // 2
        return made


def size_of(value):
    """About the bytes that a value has on the wire."""
    if isinstance(value, dict):
        return sum(map(size_of, value.values()))
    if isinstance(value, list):
        return 1 + sum(map(size_of, value))
    return len(value) // 2 + 1 if isinstance(value, str) else 3


def example(message):
    """{TLV name: value}: what is mandatory, and of the rest as much as is short."""
    values, chosen, size = Values(message), {}, 0
    for t in sorted(message.tlvs, key=lambda t: not t.mandatory):
        value = values.value(t.type, t.name)
        if t.mandatory or size + size_of(value) <= LIMIT:
            chosen[t.name] = value
            size += 3 + size_of(value)
    return ({"result": RESULT} if message.kind == "response" else {}) | chosen


def encode(messages, codec):
    """The bytes of each message's example as hex: a frame, or of a service above 255 what QRTR carries."""
    lines = [json.dumps({"op": "encode", "service": m.service.name, "message": m.name, "type": m.kind,
                         "transaction": TRANSACTION, "client": CLIENT if m.service.id else 0, "value": example(m)})
             for m in messages]
    done = subprocess.run([codec], input="\n".join(lines) + "\n", capture_output=True, text=True, check=True)
    for message, line in zip(messages, done.stdout.splitlines(), strict=True):
        made = json.loads(line)
        if "error" in made:
            raise ValueError(f"{message.service.name} {message.kind} {message.name}: {made['error']}")
        yield made.get("frame", made["sdu"])


def examples(protocol, codec, trace):
    """{(service, kind, name): (hex, [line of the trace, …])} of every message."""
    vendors = {number: name for v in protocol.common.values if v.name == "vendor" for name, number in v.names}
    groups, found = {}, {}
    for service in protocol.services:
        for message in service.messages:
            key = message.vendor, service.name if service.id > 0xFF else None
            groups.setdefault(key, []).append(message)
    for (vendor, large), messages in groups.items():
        frames = list(encode(messages, codec))
        words = ["--vendor", vendors[vendor]] if vendor else []
        words += ["--transport", "qrtr", "--of-service", large] if large else []
        done = subprocess.run([trace, "decode", *words], input="\n".join(frames) + "\n", capture_output=True, text=True,
                              check=True)
        texts = [text.splitlines() for text in ("\n" + done.stdout).split("\n#")[1:]]
        for message, frame, text in zip(messages, frames, texts, strict=True):
            found[message.service.name, message.kind, message.name] = frame, [text[0].partition(" ")[2], *text[1:]]
    return found
