#!/usr/bin/env python3
"""Wireshark's dissector knows every message that protocol/ defines: tshark says of each what qmi-trace decode says.

    test_dissector.py PROJECT-ROOT CODEC-TOOL QMI-TRACE DISSECTOR
"""

import collections
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path[:0] = [sys.argv[1], os.path.join(os.path.dirname(os.path.abspath(__file__)), "libqmi")]

import recording as rec  # noqa: E402 (the path comes first)
import values  # noqa: E402
from codegen.load import load  # noqa: E402
from dissected import compare_value, dissect  # noqa: E402
from sim import PATIENCE, Tap  # noqa: E402

SEEDS = 2
RESULT = {"status": "success", "error": "None"}
HEADERS = {"service": "qmi.service", "client": "qmi.client", "transaction": "qmi.transaction",
           "message_id": "qmi.message", "service_id": "qmi.service"}


class Sample:
    """One message with values: its bytes, and how a recording has them."""

    def __init__(self, message, name, sdu, frame):
        self.message, self.name, self.sdu, self.frame = message, name, sdu, frame
        self.title = f"{message.service.name} {message.kind} {message.name} ({name})"

    def link(self, sdu):
        """The packet with `sdu` in the place of its own bytes."""
        from_modem = self.message.kind != "request"
        if self.frame:
            data = self.frame[:6] + sdu
            return rec.link(data[:1] + (len(data) - 1).to_bytes(2, "little") + data[3:], from_modem)
        return rec.link(sdu, from_modem, rec.QRTR, self.message.service.id, node=1, port=9)

    def head(self):
        return 6 if self.message.service.id == 0 else 7


class Tests:
    def __init__(self, root, codec, trace, dissector):
        self.protocol, problems = load(os.path.join(root, "protocol"))
        if problems:
            raise ValueError(problems[0])
        self.trace, self.dissector, self.tap = trace, dissector, Tap()
        self.vendors = {number: name for v in self.protocol.common.values if v.name == "vendor"
                        for name, number in v.names}
        self.folder = tempfile.mkdtemp(prefix="qmi-dissector-")
        self.samples = list(self.encode(codec))

    def encode(self, codec):
        """A sample for each case of each message."""
        asked, lines = [], []
        for service in self.protocol.services:
            for message in service.messages:
                for name, case in values.cases(message, SEEDS):
                    value = {t.name: values.to_json(t.type, case[t.name]) for t in message.tlvs if t.name in case}
                    if message.kind == "response":
                        value["result"] = RESULT
                    asked.append((message, name))
                    lines.append(json.dumps({
                        "op": "encode", "service": service.name, "message": message.name, "type": message.kind,
                        "value": value, "transaction": len(asked) % 255 + 1, "client": 0 if service.id == 0 else 7}))
        done = subprocess.run([codec], input="\n".join(lines) + "\n", capture_output=True, text=True, check=True,
                              timeout=PATIENCE)
        for (message, name), line in zip(asked, done.stdout.splitlines(), strict=True):
            made = json.loads(line)
            if "error" in made:
                raise ValueError(f"{message.name} ({name}): {made['error']}")
            yield Sample(message, name, bytes.fromhex(made["sdu"]), bytes.fromhex(made.get("frame", "")))

    def record(self, name, packets):
        path = os.path.join(self.folder, name)
        with open(path, "wb") as file:
            file.write(rec.head() + b"".join(rec.packet(data, i * 1000) for i, data in enumerate(packets, 1)))
        return path

    def decode(self, samples, vendor):
        """What qmi-trace says of each, in order."""
        found = {}
        kinds = collections.defaultdict(list)
        for sample in samples:
            kinds[None if sample.frame else sample.message.service.name].append(sample)
        for service, these in kinds.items():
            words = ["--transport", "qrtr", "--of-service", service] if service else []
            words += ["--vendor", vendor] if vendor else []
            done = subprocess.run([self.trace, "decode", "--json", *words], capture_output=True, text=True, check=True,
                                  input="\n".join((s.frame or s.sdu).hex() for s in these), timeout=PATIENCE)
            found.update(zip(map(id, these), map(json.loads, done.stdout.splitlines())))
        return [found[id(sample)] for sample in samples]

    def compare(self, sample, said, packet):
        """What tshark says otherwise."""
        wrong = []
        if (said["service"], said["message"], said["type"]) != (sample.message.service.name, sample.message.name,
                                                                sample.message.kind):
            wrong.append(f"qmi-trace says {said['service']} {said['type']} {said['message']}")
        if packet["qmi.name"] != [(f"{said['service']} {said['message']}", f"Message: {said['service']} "
                                   f"{said['message']}")]:
            wrong.append(f"its name is {packet['qmi.name']}")
        for key, field in HEADERS.items():
            show, showname = packet.get(field, [("None", "")])[0]
            shown = {show, showname.split(": ", 1)[-1].split(" (")[0], str(int(show, 0)) if show[0].isdigit() else show}
            if str(said[key]) not in shown:
                wrong.append(f"{key} {said[key]} is {shown}")
        if packet.get("qmi.malformed") or packet.get("_ws.lua.error") or "qmi.bytes" in packet:
            wrong.append("tshark calls it malformed")
        for tlv in said["tlvs"]:
            if "value" not in tlv or tlv["malformed"] or "rest" in tlv:
                wrong.append(f"qmi-trace does not read {tlv}")
                continue
            head = f"qmi.{said['service']}.{said['message']}.{tlv['name']}".replace("-", "_")
            wrong += compare_value(tlv["value"], head, said["type"], packet)
        return wrong

    def whole(self):
        """Every message whole: the same names and values."""
        for vendor in sorted({sample.message.vendor for sample in self.samples}):
            these = [sample for sample in self.samples if sample.message.vendor == vendor]
            name = self.vendors.get(vendor, "")
            words = ["-o", f"qmi.vendors:{name}"] if vendor else []
            path = self.record(f"whole-{vendor}.pcapng", [s.link(s.sdu) for s in these])
            packets, done = dissect(self.dissector, path, *words)
            said = self.decode(these, name)
            wrong = [f"{s.title}: {w}" for s, j, p in zip(these, said, packets) for w in self.compare(s, j, p)]
            messages = {id(s.message) for s in these}
            self.tap.check(f"tshark reads {len(messages)} messages of {name or 'everyone'} ({len(these)} samples) as qmi-trace "
                           "does", len(packets) == len(these) and not wrong and quiet(done),
                           f"{len(wrong)} wrong\n" + "\n".join(w[:400] for w in wrong[:25]) + done.stderr[-2000:])

    def unknown_to_others(self):
        """A vendor's message is bytes to who was not told of the vendor."""
        these = [sample for sample in self.samples if sample.message.vendor and sample.name == "most"]
        packets, done = dissect(self.dissector, self.record("vendors.pcapng", [s.link(s.sdu) for s in these]))
        wrong = [s.title for s, p in zip(these, packets) if "unknown 0x" not in p["qmi.name"][0][0]]
        self.tap.check("a vendor's message has no name without the preference", these and not wrong and quiet(done),
                       wrong)

    def broken(self):
        """Cut short, and with lengths at their extremes: shown as far as it goes, and no error of Lua."""
        packets = []
        for sample in self.samples:
            if sample.name != "distinct" or sample.message.vendor:
                continue
            head, sdu = sample.head(), sample.sdu
            for size in range(head, len(sdu), max(1, (len(sdu) - head) // 12)):
                packets.append(sample.link(sized(sdu[:size], head)))
            packets.append(sample.link(sdu[:-1]))
            at = head
            while at < len(sdu):
                size = int.from_bytes(sdu[at + 1:at + 3], "little")
                for length in (0, 1, 0x7FFF, 0xFFFF):
                    packets.append(sample.link(sdu[:at + 1] + length.to_bytes(2, "little") + sdu[at + 3:]))
                if size:        # a count, as large as it gets
                    packets.append(sample.link(sdu[:at + 3] + b"\xff" * min(size, 2) + sdu[at + 3 + min(size, 2):]))
                    packets.append(sample.link(sized(sdu[:at + 1] + b"\1\0\xff" + sdu[at + 3 + size:], head)))
                at += 3 + size
        found, done = dissect(self.dissector, self.record("broken.pcapng", packets))
        errors = [p["_ws.lua.error"] for p in found if p.get("_ws.lua.error")]
        silent = [n for n, p in enumerate(found, 1) if "qmi.link.version" not in p]
        self.tap.check(f"{len(packets)} broken messages do not break the dissector", len(found) == len(packets) and
                       not errors and not silent and quiet(done), f"{errors[:5]} {silent[:5]} {done.stderr[-2000:]}")
        marked = sum(1 for p in found if p.get("qmi.malformed"))
        self.tap.check("and are called malformed where they are", 0 < marked < len(found), marked)


def sized(sdu, head):
    """With the length of its TLVs as it is."""
    return sdu[:head - 2] + (len(sdu) - head).to_bytes(2, "little") + sdu[head:]


def quiet(done):
    return done.returncode == 0 and "error" not in done.stderr.lower()


def main():
    if not shutil.which("tshark"):
        print("1..0 # SKIP no tshark")
        return 0
    signal.alarm(10 * PATIENCE)  # nothing here waits for ever
    tests = Tests(*(os.path.abspath(word) for word in sys.argv[1:]))
    try:
        tests.whole()
        tests.unknown_to_others()
        tests.broken()
    finally:
        shutil.rmtree(tests.folder)
    return tests.tap.done()


if __name__ == "__main__":
    sys.exit(main())
