"""What the virtual modem does and no real one has shown is in the table of docs/virtual-modem.md: each
file of sim/ with a mark [C] or [U] has a row, and each file that a row names is there."""

import os
import re

PAGE = "docs/virtual-modem.md"
# The head of a file may explain the marks; that is none.
HEAD = re.compile(r"\A/\*.*?\*/", re.DOTALL)
MARK = re.compile(r"\[[CU]\]")
ROW = re.compile(r"^\|.*\|\s*[A-Z][A-Z, ]*\|\s*([^|]*)\|$", re.MULTILINE)
FILE = re.compile(r"[\w-]+\.[ch]\b")


def find(context):
    page = context.read(PAGE) if os.path.exists(context.path(PAGE)) else ""
    named = {}  # file -> line of its first row
    for row in ROW.finditer(page):
        for name in FILE.findall(row.group(1)):
            named.setdefault(name, page.count("\n", 0, row.start()) + 1)
    for name, line in named.items():
        if not os.path.exists(context.path("sim/" + name)):
            yield f"{PAGE}:{line}: there is no sim/{name}"
    stems = {name.rpartition(".")[0] for name in named}
    for name in context.files(".c", ".h", under="sim/"):
        text = context.read(name)
        head = HEAD.match(text)
        mark = MARK.search(text, head.end() if head else 0)
        if mark and os.path.basename(name).rpartition(".")[0] not in stems:
            line = text.count("\n", 0, mark.start()) + 1
            yield f"{name}:{line}: is marked {mark.group()}, and {PAGE} has no row for this file"


CODE = "/* Examples: what is marked [C] was not seen. */\n/* Three seconds [U]. */\nint a = 3;\n"
TABLE = "| rule | mark | where |\n|---|---|---|\n| It waits 3 s | U | a.c |\n"
BREACHES = {
    "a mark without a row": {"sim/a.c": CODE, PAGE: TABLE.replace("a.c", "b.c"), "sim/b.c": ""},
    "a mark without a page": {"sim/a.c": CODE},
    "a row of a file that is gone": {PAGE: TABLE},
}
FINE = {"sim/a.c": CODE, "sim/c.h": CODE.splitlines()[0] + "\n", PAGE: TABLE.replace("a.c", "a.h, a.c"), "sim/a.h": ""}
