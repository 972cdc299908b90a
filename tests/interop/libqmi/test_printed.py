#!/usr/bin/env python3
"""libqmi's printer says of every message that our codec wrote what our decoder says of it: the same names and values.

Usage: test_printed.py PROJECT-ROOT CODEC-TOOL. QMIKIT_SEEDS is how many seeds to try beside the extremes (2).

This reaches what the getters of test_libqmi.py cannot: requests, the messages of CTL, and the messages between which
libqmi's functions choose by the vendor. What the installed libqmi lacks stands in expected.py.
"""

import os
import sys

sys.dont_write_bytecode = True
sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)), sys.argv[1]]

try:
    import pairing
except (ImportError, OSError, ValueError) as missing:
    print(f"1..0 # SKIP needs libqmi-glib, its typelib and python3-gi: {missing}")
    sys.exit(0)
import expected  # noqa: E402
import printed  # noqa: E402
import values  # noqa: E402
from codegen.load import load  # noqa: E402
from session import Codec  # noqa: E402

SEEDS = int(os.environ.get("QMIKIT_SEEDS", "2"))
SUCCESS = {"status": "success", "error": "None"}
RESULT = "Result", "SUCCESS"


class Tests:
    def __init__(self, codec):
        self.codec = codec
        self.lacking = {}       # what libqmi prints without a name: why
        self.messages = self.samples = self.tlvs = 0
        self.wrong = []

    def print(self, message, frame):
        """(name, {TLV: (name, text)}) by the vendor, or, where libqmi does not tell vendors apart, without."""
        name, tlvs = printed.read(printed.print_frame(frame, message.vendor))
        return (name, tlvs) if name or not message.vendor else printed.read(printed.print_frame(frame, 0))

    def message(self, message):
        title = f"{message.service.name} {message.name}" + (" indication" if message.kind == "indication" else "")
        large = message.service.id > 0xFF
        if large and not printed.NEWER:
            self.lacking[title] = "its service's id does not fit a frame"
            return
        for number, (name, case) in enumerate(values.cases(message, SEEDS)):
            value = {t.name: values.to_json(t.type, case[t.name]) for t in message.tlvs if t.name in case}
            if message.kind == "response":
                value["result"] = SUCCESS
            sdu, frame = self.codec.encode_both(message, value, client=message.service.id and 1)
            theirs, tlvs = self.print(message, printed.large_frame(message.service, sdu) if large else frame)
            if theirs is None:
                printed_not = message.service.name in expected.UNPRINTED_SERVICES
                self.lacking[title] = f"libqmi's printer does not know the {'service' if printed_not else 'message'}"
                return
            self.messages += not number
            self.samples += 1
            if pairing.c_words(theirs) != pairing.c_words(pairing.libqmi_name(message)):
                self.wrong.append(f"{title} is '{theirs}'")
            ours = self.codec.decode_sdu(sdu, message.service) if large else self.codec.decode(frame, message.vendor)
            self.compare(message, f"{message.kind} {title} ({name})", ours["value"], tlvs)

    def compare(self, message, what, value, tlvs):
        if message.kind == "response" and tlvs.get(2) != RESULT:
            self.wrong.append(f"{what}: the result is {tlvs.get(2)}")
        for tlv in [tlv for tlv in message.tlvs if tlv.name in value]:
            if tlv.number not in tlvs:
                self.lacking[f"{message.service.name} {message.name} {message.kind} {tlv.name}"] = \
                    "libqmi's printer does not know the TLV"
                continue
            name, text = tlvs[tlv.number]
            where = f"{message.service.name} {message.name} {tlv.name}"
            should = printed.expect(tlv.type, value[tlv.name], where)
            self.tlvs += 1
            if pairing.c_words(name) != pairing.c_words(pairing.libqmi_name(tlv)) or text != should:
                self.wrong.append(f"{what} {tlv.name}: libqmi says '{name}' {text[:300]}, we say {should[:300]}")

    def unexpected(self):
        """What libqmi lacks and expected.py does not have."""
        for title in self.lacking:
            service = title.partition(" ")[0]
            if title not in expected.LACKING and service not in (expected.SERVICES | expected.NEWER_SERVICES |
                                                                 expected.UNPRINTED_SERVICES):
                yield title


def main():
    root, tool = sys.argv[1:]
    protocol, problems = load(os.path.join(root, "protocol"))
    if problems:
        print("Bail out! " + problems[0])
        return 1
    codec = Codec(tool)
    tests, failed = Tests(codec), 0
    print(f"1..{len(protocol.services) + 1}")
    for number, service in enumerate(protocol.services, 1):
        tests.wrong.clear()
        before = tests.messages
        for message in service.messages:
            tests.message(message)
        failed += bool(tests.wrong)
        print(f"{'not ok' if tests.wrong else 'ok'} {number} - {service.name}: {tests.messages - before} of "
              f"{len(service.messages)} messages")
        for line in tests.wrong[:10]:
            print("# " + line[:1000])
    unexpected = [] if printed.NEWER else sorted(tests.unexpected())
    failed += bool(unexpected)
    print(f"{'not ok' if unexpected else 'ok'} {len(protocol.services) + 1} - what has no print is expected")
    print(f"# {tests.messages} messages with {tests.tlvs} TLVs in {tests.samples} samples are printed as ours are")
    for title, reason in sorted(tests.lacking.items()):
        print(f"# not compared: {title}: {reason}{' (unexpected)' if title in unexpected else ''}")
    return 1 if codec.close() or failed else 0


if __name__ == "__main__":
    sys.exit(main())
