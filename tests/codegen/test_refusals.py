#!/usr/bin/env python3
"""What the compiler of protocol/ refuses: each definition here is wrong in one way, and the message says where."""

import os
import subprocess
import sys
import tempfile

COMMON = """services: {dms: 0x02, nas: 0x03}
errors:
  None: {code: 0, sentence: no error}
types:
  vendor: {enum: u16, values: {v: 2, w: 0x1199}}
"""

# name, the definition, the line that is wrong, words of the message
CASES = [
    ("good", "service: dms\nid: 2\ntitle: T\nmessages:\n  m:\n    id: 1\n    request:\n      a: {tlv: 1, type: u8 dBm}\n", 0, ""),
    ("unknown-key", "service: dms\nid: 2\ntitle: T\nmesages: {}\n", 4, "unknown key 'mesages'"),
    ("missing-title", "service: dms\nid: 2\n", 1, "'title' is missing"),
    ("not-yaml", "service: dms\nid: [2\n", 3, "expected"),
    ("id-out-of-range", "service: dms\nid: 0x10002\ntitle: T\n", 2, "out of range"),
    ("id-of-another", "service: dms\nid: 3\ntitle: T\n", 2, "not in common.yaml"),
    ("message-id-out-of-range", "M:\n    id: 0x10000\n", 6, "out of range"),
    ("message-id-twice", "M:\n    id: 1\n  n:\n    id: 1\n", 7, "is that of 'm'"),
    ("vendor-message", "M:\n    id: 1\n  n:\n    id: 1\n    vendor: 0x1199\n", 0, ""),
    ("vendor-message-twice", "M:\n    id: 1\n    vendor: 2\n  n:\n    id: 1\n    vendor: 2\n", 8, "is that of 'm'"),
    ("vendor-without-a-name", "M:\n    id: 1\n    vendor: 3\n", 7, "has no name"),
    ("vendor-out-of-range", "M:\n    id: 1\n    vendor: 0x10000\n", 7, "out of range"),
    ("message-twice", "M:\n    id: 1\n  m:\n    id: 2\n", 7, "a second time"),
    ("tlv-twice", "M:\n    id: 1\n    request:\n      a: {tlv: 1, type: u8}\n      b: {tlv: 1, type: u8}\n", 9, "is that of 'a'"),
    ("tlv-out-of-range", "M:\n    id: 1\n    request:\n      a: {tlv: 0x100, type: u8}\n", 8, "out of range"),
    ("result-tlv", "M:\n    id: 1\n    response:\n      a: {tlv: 2, type: u8}\n", 8, "understood"),
    ("unknown-type", "M:\n    id: 1\n    request:\n      a: {tlv: 1, type: u9}\n", 8, "unknown type 'u9'"),
    ("unknown-when", "M:\n    id: 1\n    request:\n      a: {tlv: 1, type: u8, when: never}\n", 8, "neither"),
    ("bad-count", "M:\n    id: 1\n    request:\n      a: {tlv: 1, type: {list: u8, count: i8}}\n", 8, "count 'i8'"),
    ("bad-prefix", "M:\n    id: 1\n    request:\n      a: {tlv: 1, type: string(u9)}\n", 8, "length is u8"),
    ("prefix-too-small", "M:\n    id: 1\n    request:\n      a: {tlv: 1, type: string(u8) max=300}\n", 8, "cannot hold"),
    ("count-too-small", "M:\n    id: 1\n    request:\n      a: {tlv: 1, type: {list: u8, count: u8, max: 300}}\n", 8, "cannot hold"),
    ("behind-the-rest", "M:\n    id: 1\n    request:\n      a: {tlv: 1, type: {s: string, n: u8}}\n", 8, "takes the rest"),
    ("empty-items", "M:\n    id: 1\n    request:\n      a: {tlv: 1, type: {list: {s: string}, count: u8}}\n", 8, "rest of the TLV"),
    ("list-of-lists", "M:\n    id: 1\n    request:\n      a: {tlv: 1, type: {list: {list: u8, count: u8}, count: u8}}\n", 8, "list of list"),
    ("too-large", "M:\n    id: 1\n    request:\n      a: {tlv: 1, type: {list: u32, count: 30000}}\n", 8, "more bytes"),
    ("unit-on-text", "M:\n    id: 1\n    request:\n      a: {tlv: 1, type: string dBm}\n", 8, "unit 'dBm'"),
    ("upper-case", "M:\n    id: 1\n    request:\n      aB: {tlv: 1, type: u8}\n", 8, "is no name"),
    ("c-collision", "M:\n    id: 1\n    request:\n      a: {tlv: 1, type: {int: u8, int: u8}}\n", 8, "second time"),
    ("enum-value-twice", "T:\n  e: {enum: u8, values: {a: 1, b: 1}}\n", 5, "has the value of 'a'"),
    ("enum-too-wide", "T:\n  e: {enum: u8, values: {a: 256}}\n", 5, "out of range"),
    ("exact-value-twice", "T:\n  e: {flags: u16, bits: {a: 3}, exact: {b: 8}}\n", 5, "has the value of"),
    ("newer-value-twice", "T:\n  e: {enum: u8, values: {a: 1}, newer: {b: 1}}\n", 5, "has the value of 'a'"),
    ("newer-name-twice", "T:\n  e: {enum: u8, values: {a: 1}, newer: {a: 2}}\n", 5, "a second time"),
    ("flag-too-high", "T:\n  e: {flags: u16, bits: {a: 16}}\n", 5, "out of range"),
    ("type-twice", "T:\n  e: {struct: {a: u8}}\n  error: {struct: {a: u8}}\n", 6, "known already"),
    ("empty", "", 1, "empty"),
    ("other-file", "service: nas\nid: 3\ntitle: T\n", 1, "is nas.yaml"),
    ("title-is-a-list", "service: dms\nid: 2\ntitle: [a]\n", 3, "line of text"),
    ("control-character", "service: dms\nid: 2\ntitle: \"a\\u0001\"\n", 3, "line of text"),
    ("when-is-a-map", "M:\n    id: 1\n    request:\n      a: {tlv: 1, type: u8, when: {a: b}}\n", 8, "line of text"),
    ("name-with-newline", "M:\n    id: 1\n    request:\n      \"a\\n\": {tlv: 1, type: u8}\n", 8, "is no name"),
    ("foreign-digits", "M:\n    id: 1\n    request:\n      a: {tlv: \u0661, type: u8}\n", 8, "is no number"),
    ("endless-number", "M:\n    id: " + "9" * 5000 + "\n", 6, "is no number"),
    ("signed-24", "T:\n  e: {enum: i24, values: {a: 1}}\n", 5, "signed integers"),
    ("signed-24-as", "T:\n  e: {enum: u8, values: {a: 1}}\n  s: {struct: {a: e as i24}}\n", 6, "signed integers"),
    ("signed-flags", "T:\n  e: {flags: i32, bits: {a: 31}}\n", 5, "flags have"),
    ("enum-and-flags", "T:\n  e: {enum: u8, values: {a: 1}, flags: u8, bits: {b: 1}}\n", 5, "unknown key 'enum'"),
    ("max-on-fixed", "M:\n    id: 1\n    request:\n      a: {tlv: 1, type: string(3) max=2}\n", 8, "just 3"),
    ("max-on-fixed-list", "M:\n    id: 1\n    request:\n      a: {tlv: 1, type: {list: u8, count: 3, max: 2}}\n", 8, "just 3"),
    ("end-of-comment", "M:\n    id: 1\n    request:\n      a: {tlv: 1, type: u8 */}\n", 8, "is no unit"),
    ("has-flag", "M:\n    id: 1\n    request:\n      a: {tlv: 1, type: u8}\n      has-a: {tlv: 2, type: u8}\n", 9, "is taken"),
    ("struct-tag", "M:\n    id: 1\n    request:\n      a: {tlv: 1, type: {b: {c: u8}}}\n      a-b: {tlv: 2, type: {d: u8}}\n",
     9, "in C is taken"),
    ("type-and-message", "T:\n  m-request: {enum: u8, values: {a: 1}}\nmessages:\n  m:\n    id: 1\n", 7, "in C is taken"),
    ("enumerators", "T:\n  a: {enum: u8, values: {b-c: 1}}\n  a-b: {enum: u8, values: {c: 1}}\n", 6, "in C is taken"),
    ("service-and-message", "service: dms\nid: 2\ntitle: T\nmessages:\n  service:\n    id: 1\n", 1, "in C is taken"),
    ("alias", "T:\n  a: &x {struct: {b: *x}}\n", 5, "alias"),
    ("too-deep", "M:\n    id: 1\n    request:\n      a: {tlv: 1, type: " + "{a: " * 999 + "u8" + "}" * 999 + "}\n", 8, "levels deep"),
    ("too-deep-by-name", "T:\n  t0: {struct: {a: u8}}\n" + "".join(
        f"  t{i}: {{struct: {{a: t{i - 1}}}}}\n" for i in range(1, 40)), 37, "structs in each other"),
    ("too-many-by-name", "T:\n  t0: {struct: {a: u8}}\n" + "".join(
        f"  t{i}: {{struct: {{a: t{i - 1}, b: t{i - 1}}}}}\n" for i in range(1, 31)), 21, "more bytes"),
    ("nul-byte", "service: dms\nid: 2\ntitle: \0\n", 3, "does not allow"),
]


def definition(text):
    """M: and T: stand for the head of a file up to its messages or types."""
    head = "service: dms\nid: 2\ntitle: T\n"
    if text.startswith("M:"):
        return head + "messages:\n  m:" + text[2:]
    return head + "types:" + text[2:] if text.startswith("T:") else text


def compile_one(root, text):
    with tempfile.TemporaryDirectory() as folder:
        for name, content in (("common.yaml", COMMON), ("dms.yaml", definition(text))):
            with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
                f.write(content)
        run = subprocess.run([sys.executable, "-m", "codegen", "--protocol", folder, "--check"], cwd=root,
                             capture_output=True, text=True, timeout=60)
        return run.returncode, run.stderr.replace(folder + "/", "")


def judge(code, said, line, words):
    if not line:
        return code == 0 and not said
    return code == 1 and any(s.startswith(f"dms.yaml:{line}:") and words in s for s in said.splitlines())


def main():
    root = sys.argv[1]
    print(f"1..{len(CASES)}")
    failed = 0
    for n, (name, text, line, words) in enumerate(CASES, 1):
        code, said = compile_one(root, text)
        good = judge(code, said, line, words)
        failed += not good
        print(f"{'ok' if good else 'not ok'} {n} - {name}")
        if not good:
            print(f"# expected dms.yaml:{line}: …{words}…, got {code}: {said.strip()}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
