#!/usr/bin/env python3
"""docs/protocol is what the generator makes of protocol/, its links lead somewhere, and each message is in it.

    test_docs.py PROJECT-ROOT CODEC-TOOL QMI-TRACE
"""

import os
import re
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])

from codegen.emit_docs import anchor, message_heading  # noqa: E402 (the path comes first)
from codegen.load import load  # noqa: E402

LIMIT = 1_500_000       # bytes of all pages
LINK = re.compile(r"\]\(([^)#\s:]*)#([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)


def read_all(folder):
    found = {}
    for name in os.listdir(folder) if os.path.isdir(folder) else ():
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            found[name] = file.read()
    return found


def stale(root, codec, trace):
    """Pages that are not what the generator makes."""
    with tempfile.TemporaryDirectory(prefix="qmikit-docs-") as folder:
        done = subprocess.run([sys.executable, "-m", "codegen", "--docs", folder, "--codec", codec, "--trace", trace],
                              cwd=root, capture_output=True, text=True, check=False,
                              env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
        made, kept = read_all(folder), read_all(os.path.join(root, "docs/protocol"))
    if done.returncode:
        return [done.stderr]
    names = [name for name in sorted(made.keys() | kept.keys()) if made.get(name) != kept.get(name)]
    return [f"docs/protocol/{name} is not what codegen makes: run ninja -C build protocol-pages" for name in names]


def broken_links(pages):
    anchors = {name: [anchor(h) for h in HEADING.findall(text)] for name, text in pages.items()}
    for name, found in anchors.items():
        for twice in sorted({a for a in found if found.count(a) > 1}):
            yield f"{name}: {twice} is there twice"
    for name, text in pages.items():
        for page, target in LINK.findall(text):
            if "/" not in page and target not in anchors.get(page or name, ()):
                yield f"{name}: there is no {page}#{target}"


def missing(protocol, pages):
    """Messages without a section or an example that qmi-trace reads as just them."""
    for service in protocol.services:
        text = pages.get(f"{service.name}.md", "")
        for message in service.messages:
            section = text.partition(f"\n### {message_heading(message)}\n")[2].partition("\n### ")[0]
            said = f" {service.name} {message.kind} {message.name} ({message.id:#06x})"
            examples = re.findall(r"^```\n((?:[0-9a-f]{2,64}\n)+[<>]([^\n,]*),.*?)^```", section,
                                  re.MULTILINE | re.DOTALL)
            good = [body for body, head in examples if head == said]
            if len(good) != 1 or re.search(r"^  (unknown|malformed|rest|duplicate|\()", good[0], re.MULTILINE):
                yield f"{service.name} {message.kind} {message.name} has no good example"


def main():
    root, codec, trace = map(os.path.abspath, sys.argv[1:])
    protocol, problems = load(os.path.join(root, "protocol"))
    pages = read_all(os.path.join(root, "docs/protocol"))
    size = sum(len(text.encode()) for text in pages.values())
    checks = (("definitions", problems), ("the pages are those of the definitions", stale(root, codec, trace)),
              ("links", list(broken_links(pages))), ("a section and an example for each message",
                                                     list(missing(protocol, pages)) if pages else ["no pages"]),
              (f"{size} bytes in {len(pages)} pages", ["too many"] if size > LIMIT else []))
    print(f"1..{len(checks)}")
    for number, (name, wrong) in enumerate(checks, 1):
        print(f"{'not ok' if wrong else 'ok'} {number} - {name}")
        for line in wrong[:20]:
            print("# " + " ".join(line.split()))
    return 1 if any(wrong for _, wrong in checks) else 0


if __name__ == "__main__":
    sys.exit(main())
