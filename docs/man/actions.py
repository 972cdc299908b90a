"""Puts the actions that qmicli's help lists into its manual page, in place of the line @ACTIONS@, and the help of each
service in place of @SERVICES@.

    actions.py QMICLI PAGE
"""

import re
import subprocess
import sys

SERVICE = re.compile(r"^  --help-(?!all\b)([\w-]+)", re.MULTILINE)
PIECE = re.compile(r"([^=]+)=(.*)", re.DOTALL)
ACTION = re.compile(r"^  (?:-(\w), )?--([a-z0-9-]+)(\[?=)?(\S+)?\s+(.+)\n((?: {10}\S.*\n(?: {12}\S.*\n)*)*)", re.MULTILINE)


def help_of(qmicli, option):
    return subprocess.run([qmicli, option], capture_output=True, text=True, check=True).stdout


def escape(text):
    """Without the meaning that scdoc gives to some characters."""
    return re.sub(r"([*_\\])", r"\\\1", text)


def pieces(text):
    """What the argument of an action is made of: "NAME=WHAT", indented, lines that go on further."""
    for piece in re.sub(r"\n {11,}", "", text).splitlines():
        name, what = PIECE.fullmatch(piece.strip()).groups()
        yield f"*{escape(name)}*=_{escape(what)}_"


def actions(qmicli):
    for service in SERVICE.findall(help_of(qmicli, "--help")):
        yield f"## {service.upper()}\n"
        for letter, name, equals, argument, text, more in ACTION.findall(help_of(qmicli, f"--help-{service}")):
            yield (f"*-{letter}*, " if letter else "") + f"*--{name}*" + escape(equals) \
                + (f"_{escape(argument)}_" if argument else "") + f"\n\t{escape(text)}.\n"
            lines = "++\n".join(pieces(more))
            if lines:
                yield f"\t{lines}\n"


def main(qmicli, page):
    with open(page, encoding="utf-8") as file:
        before, found, after = file.read().partition("@ACTIONS@\n")
    before, also_found, rest = before.partition("@SERVICES@")
    before += ", ".join(f"*--help-{service}*" for service in SERVICE.findall(help_of(qmicli, "--help"))) + rest
    if not found or not also_found:
        sys.exit(f"{page}: no line @ACTIONS@, or no @SERVICES@")
    print(before + "\n".join(actions(qmicli)) + after, end="")


if __name__ == "__main__":
    main(*sys.argv[1:])
