"""What the documentation promises is there: the files it links to and the verbs of ./dev."""

import os
import re

from house import line_of

LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
VERB = re.compile(r"\./dev ([a-z]+)")
README_LIMIT = 150


def verbs(context):
    """The verbs in the script's last `case`."""
    if not os.path.exists(context.path("dev")):
        return set()
    return set(re.findall(r"^([a-z]+)\)", context.read("dev").rpartition("\ncase ")[2], re.MULTILINE))


def find(context):
    known = verbs(context)
    for name in context.files(".md"):
        text = context.read(name)
        for match in LINK.finditer(text):
            target = os.path.join(os.path.dirname(name), match.group(1))
            if "://" not in match.group(1) and not os.path.exists(context.path(target)):
                yield f"{name}:{line_of(text, match.start())}: there is no {match.group(1)}"
        for match in VERB.finditer(text):
            if match.group(1) not in known:
                yield f"{name}:{line_of(text, match.start())}: ./dev has no verb {match.group(1)}"
        if name == "README.md" and text.count("\n") > README_LIMIT:
            yield f"{name}:1: {text.count(chr(10))} lines, not {README_LIMIT}: move some to docs/"


DEV = {"dev": "case ${1-} in\nold) ;;\nesac\ncase ${1-} in\nbuild) build ;;\nesac\n"}
BREACHES = {
    "a link to nowhere": {"README.md": "see [this](docs/this.md)\n"},
    "a link from below to nowhere": {"docs/a.md": "[up](README.md)\n", "README.md": ""},
    "a verb that ./dev lacks": {"README.md": "`./dev brew`\n", **DEV},
    "a README that is too long": {"README.md": "word\n" * 151},
}
FINE = {
    "README.md": "run `./dev build`, see [docs](docs/a.md#part) or [the web](https://example.org/x)\n",
    "docs/a.md": "[up](../README.md)\n",
    **DEV,
}
