"""Every C file says at its top what it is for, a header in four fixed words, and none calls what
cannot be used safely."""

import re

from house import line_of, strip_c

BANNED = re.compile(r"\b(v?sprintf|strcpy|stpcpy|strcat|atoi|atol|atoll|gets|strtok)[ \t]*\(")
HEAD = re.compile(r"/\*(.*?)\*/", re.DOTALL)
HEAD_WORDS = 3
HEADER_SAYS = ("Owns:", "Does not know:", "Lifetime:", "Called from:")


def head_complaint(name, text):
    head = HEAD.match(text)
    if not head or len(re.findall(r"\w+", head.group(1))) < HEAD_WORDS:
        return "begins without a comment that says what the module owns"
    if re.search(r"SPDX|Copyright", head.group(1)):
        return "begins with its licence; that is in LICENSE"
    if name.endswith(".h"):
        said = re.sub(r"\s*\*?\s+", " ", head.group(1))
        missing = [words for words in HEADER_SAYS if words not in said]
        if missing:
            return "its head does not say " + " ".join(missing)
        if text[head.end():].lstrip().split("\n", 1)[0] != "#pragma once":
            return "has no #pragma once behind its head"
    return None


def find(context):
    for name in context.files(".c", ".h"):
        text = context.read(name)
        wrong = head_complaint(name, text)
        if wrong:
            yield f"{name}:1: {wrong}"
        for match in BANNED.finditer(strip_c(text)):
            yield f"{name}:{line_of(text, match.start())}: {match.group(1)}() is banned"


HEAD_EXAMPLE = "/* Examples: shows what a head is. */\n"
HEADER = ("/*\n * Examples: what a header is.\n *\n * Owns: nothing. Does not\n * know: tests.\n"
          " * Lifetime: none. Called from: here.\n */\n#pragma once\n")
BREACHES = {
    "a file without a head": {"lib/a.c": "int a;\n"},
    "a head that says nothing": {"lib/a.h": "/* a */\nint a;\n"},
    "a head with a licence": {"lib/a.h": "/* SPDX-License-Identifier: MIT and more */\nint a;\n"},
    **{f"a header that does not say {words}": {"lib/a.h": HEADER.replace(words.split()[-1], "")}
       for words in HEADER_SAYS},
    "a header that may be read twice": {"lib/a.h": HEADER.replace("#pragma once", "int a;")},
    **{f"a call of {name}()": {"lib/a.c": HEAD_EXAMPLE + f"void f(void)\n{{\n\t{name}(a);\n}}\n"}
       for name in ("sprintf", "strcpy", "strcat", "atoi", "gets", "strtok")},
}
FINE = {"lib/a.h": HEADER,
        "lib/a.c": HEAD_EXAMPLE + '/* gets() */\nvoid f(void)\n{\n\tstrtok_r("atoi(1)");\n\tfgets(a);\n}\n'}
