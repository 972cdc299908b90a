"""What a header of ours declares is there for somebody: each function is used outside of the file that
defines it, and by more than tests. Public headers are for others and stay out, as do the codecs of
3GPP, which have both directions of whatever they have one of."""

import collections
import glob
import os
import re

from house import line_of, strip_c

DECLARED = re.compile(r"\b(qk_\w+)\s*\(")
OPEN = ("include/", "lib/3gpp/")
WORD = re.compile(r"\bqk_\w+\b")


def sources(context):
    """name -> text of the project's C, and of what the build generated."""
    texts = {name: strip_c(context.read(name)) for name in context.files(".c", ".h")}
    for path in glob.glob(os.path.join(context.build or "", "**", "*.[ch]"), recursive=True):
        name = os.path.relpath(path, context.root)
        if context.build != context.root and name not in texts:
            texts[name] = strip_c(context.read(name))
    return texts


def is_product(name):
    return not name.startswith(("tests/", "docs/"))


def complaint(users):
    """What is wrong with a function that these files name so often."""
    product = {name: count for name, count in users.items() if is_product(name)}
    if sum(product.values()) < 2:
        return "is used by tests alone" if len(users) > len(product) else "is not used"
    return "is used in its own file alone: make it static" if len(users) == 1 else None


def find(context):
    texts = sources(context)
    users = collections.defaultdict(dict)  # function -> file -> how often, headers aside
    for name, text in texts.items():
        if name.endswith(".c"):
            for word, count in collections.Counter(WORD.findall(text)).items():
                users[word][name] = count
    for name in context.files(".h"):
        if name.startswith(OPEN) or not is_product(name):
            continue
        inside = texts[name]
        for match in DECLARED.finditer(inside):
            function = match.group(1)
            if len(re.findall(rf"\b{function}\b", inside)) > 1:
                continue  # the header itself uses it
            wrong = complaint(users[function])
            if wrong:
                yield f"{name}:{line_of(inside, match.start())}: {function}() {wrong}"


HEADER = "int qk_a(void);\n"
SOURCE = "int qk_a(void)\n{\n\treturn 1;\n}\n"
CALL = "int qk_b(void)\n{\n\treturn qk_a();\n}\n"
BREACHES = {
    "a function that nobody calls": {"sim/a.h": HEADER, "sim/a.c": SOURCE},
    "a function that is not there": {"sim/a.h": HEADER},
    "a function that could be static": {"sim/a.h": HEADER, "sim/a.c": SOURCE + CALL},
    "a function for tests alone": {"sim/a.h": HEADER, "sim/a.c": SOURCE, "tests/a.c": CALL},
    "a function in a comment": {"sim/a.h": HEADER, "sim/a.c": SOURCE, "sim/b.c": "/* qk_a() */\n"},
}
FINE = {"sim/a.h": HEADER, "sim/a.c": SOURCE, "sim/b.c": CALL,
        "sim/c.h": "int qk_c(void);\n", "tests/c.c": "int d = qk_c();\n",
        "sim/c.c": "int qk_c(void)\n{\n\treturn qk_c() + 1;\n}\n", "include/qmikit/e.h": "int qk_e(void);\n",
        "lib/3gpp/f.h": "int qk_f(void);\n"}
