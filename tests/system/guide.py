#!/usr/bin/env python3
"""Runs what stands in docs/guide.md, as somebody types it who reads it.

    guide.py check GUIDE TABLE              whether each has a row, and each row something of the guide
    guide.py list GUIDE                     a line for each different command, in the guide's order
    guide.py run GUIDE TABLE CONTROL N      runs the Nth of them, and checks what the table says of it
    guide.py paths GUIDE                    the places of files that the guide names
    guide.py path GUIDE TABLE CONTROL PATH  checks what the table says of a place

CONTROL is the socket of the virtual modem that stands in for the real one. What the TABLE may say stands at its top.
A command or a place that has no row is a failure, and so is a row that the guide does not need."""

import json
import os
import pty
import re
import select
import shlex
import signal
import subprocess
import sys
import time

LONGEST = 400  # seconds, for apt on an emulated processor
SETTLE = 40  # seconds, within which what a command brings about has to be there
KEYS = ("before", "during", "for", "inside", "prints", "lacks", "then")


class Failure(Exception):
    """What is not as it should be."""


# --- The guide and the table


def blocks(guide):
    with open(guide, encoding="utf-8") as file:
        text = file.read()
    return re.findall(r"^```bash\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def commands_of(guide):
    """Key to text of each command: the key has one blank between words, the text is the guide's. And what the guide
    says to add to a file, by the key of the command that opens it."""
    commands, additions, key = {}, {}, None
    for block in blocks(guide):
        for line in re.sub(r"\\\n", "\\\\\0", block).splitlines():
            text = line.replace("\0", "\n")
            if line.startswith("# Add: "):
                additions[key] = line.removeprefix("# Add: ")
            elif line.strip() and not line.startswith("#"):
                key = " ".join(text.replace("\\\n", " ").split())
                commands.setdefault(key, text)
    return commands, additions


def paths_of(guide):
    with open(guide, encoding="utf-8") as file:
        text = file.read()
    part = re.search(r"^### Standard File System Locations$(.*?)^---$", text, re.MULTILINE | re.DOTALL)
    return re.findall(r"`(/[^`]*)`", part.group(1))


def rows_of(table):
    """Key to list of (word, rest)."""
    rows, row = {}, None
    with open(table, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            line = line.rstrip("\n")
            if line.startswith(("$ ", "@ ")):
                key = line[2:]
                if key in rows:
                    raise Failure(f"{table}:{number}: {key!r} has two rows")
                row = rows[key] = []
            elif line.startswith("\t"):
                word, _, rest = line.strip().partition(" ")
                if row is None or word not in KEYS:
                    raise Failure(f"{table}:{number}: what is {line!r}?")
                row.append((word, rest))
            elif line and not line.startswith("#"):
                raise Failure(f"{table}:{number}: what is {line!r}?")
    return rows


def row_of(rows, key, needed):
    unneeded = set(rows) - set(needed)
    if unneeded:
        raise Failure(f"the guide has no {sorted(unneeded)}")
    if not [word for word, _ in rows.get(key, []) if word in ("prints", "lacks", "then")]:
        raise Failure(f"the table does not say what {key!r} has to give")
    return rows[key]


def values(row, word):
    return [rest for have, rest in row if have == word]


# --- Doing


def shell(command):
    """A command of the table; returns what it printed, or raises."""
    run = subprocess.run(["bash", "-c", command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, timeout=LONGEST, check=False)
    said = run.stdout.decode("utf-8", "replace")
    if run.returncode:
        raise Failure(f"{command!r} failed with {run.returncode}: {said}")
    return said


def settle(command):
    """The command of the table succeeds soon."""
    end = time.monotonic() + SETTLE
    while True:
        try:
            return shell(command)
        except Failure:
            if time.monotonic() > end:
                raise
        time.sleep(0.5)


class Terminal:
    """A command on a terminal of its own."""

    def __init__(self, command):
        self.said = b""
        self.pid, self.end = pty.fork()
        if not self.pid:
            os.execvp("bash", ["bash", "-c", command])
        os.set_blocking(self.end, False)
        self.status = None

    def read(self, seconds):
        """Reads for so long, or until it ends; says whether it has ended."""
        until = time.monotonic() + seconds
        while self.status is None and (left := until - time.monotonic()) > 0:
            if not select.select([self.end], [], [], left)[0]:
                break
            try:
                data = os.read(self.end, 65536)
            except OSError:  # what a terminal says when nobody has it open any more
                data = b""
            self.said += data
            if not data:
                self.status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self.status is not None

    def stop(self):
        """By Ctrl-C, and if that is not heard, by force."""
        os.write(self.end, b"\3")
        if not self.read(10):
            os.killpg(self.pid, signal.SIGKILL)
            raise Failure("Ctrl-C does not end it")

    def text(self):
        """What is on its screen: without colours, and without what was written over."""
        text = re.sub(r"\r+\n", "\n", self.said.decode("utf-8", "replace"))
        return re.sub(r"[^\n]*\r", "", re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text))


def finish(terminal):
    if not terminal.read(LONGEST):
        os.killpg(terminal.pid, signal.SIGKILL)
        raise Failure(f"it did not end within {LONGEST} s: {terminal.text()}")
    if terminal.status:
        raise Failure(f"it failed with {terminal.status}: {terminal.text()}")


def follow(terminal, seconds, actions):
    """It goes on until it is ended; meanwhile something happens."""
    ended = terminal.read(2)
    for action in actions:
        settle(action)
    if ended or terminal.read(seconds):
        raise Failure(f"it ended by itself, with {terminal.status}: {terminal.text()}")
    terminal.stop()


def fill(pattern, control):
    """Puts what the modem itself says in the place of each {NAME.NAME}."""

    def value(match):
        found = json.loads(shell(f"qmi-sim ctl {shlex.quote(control)} status"))
        for name in match.group(1).split("."):
            found = found[int(name) if name.isdigit() else name]
        return re.escape(str(found))

    return re.sub(r"\{([a-z][a-z0-9.-]+)\}", value, pattern)


def check(row, said, control):
    for pattern in values(row, "prints"):
        if not re.search(fill(pattern, control), said, re.MULTILINE):
            raise Failure(f"there is no {pattern!r} in what it printed: {said}")
    for pattern in values(row, "lacks"):
        if re.search(fill(pattern, control), said, re.MULTILINE):
            raise Failure(f"there is {pattern!r} in what it printed: {said}")
    for command in values(row, "then"):
        settle(command)


def run(guide, table, control, number):
    commands, additions = commands_of(guide)
    key = list(commands)[int(number)]
    row = row_of(rows_of(table), key, list(commands) + paths_of(guide))
    os.environ["ADDITION"] = additions.get(key, "")
    text = commands[key]
    if values(row, "inside"):
        text = f"exec qmi-sim shell {shlex.quote(control)} -- sh -c {shlex.quote(text)}"
    for command in values(row, "before"):
        settle(command)
    terminal = Terminal(text)
    if values(row, "for"):
        follow(terminal, int(values(row, "for")[0]), values(row, "during"))
    else:
        finish(terminal)
    print(terminal.text())
    check(row, terminal.text(), control)


def check_table(guide, table):
    commands, additions = commands_of(guide)
    rows, needed = rows_of(table), list(commands) + paths_of(guide)
    for key in needed:
        row_of(rows, key, needed)
    for row in rows.values():
        for pattern in values(row, "prints") + values(row, "lacks"):
            re.compile(pattern)
    if None in additions:
        raise Failure("the guide says to add something, and not to what")
    print(f"{len(commands)} commands and {len(paths_of(guide))} places")


def path(guide, table, control, name):
    row = row_of(rows_of(table), name, list(commands_of(guide)[0]) + paths_of(guide))
    check(row, "", control)


def main(verb, guide, *arguments):
    try:
        if verb == "list":
            print("\n".join(commands_of(guide)[0]))
        elif verb == "paths":
            print("\n".join(paths_of(guide)))
        else:
            {"check": check_table, "run": run, "path": path}[verb](guide, *arguments)
    except (Failure, subprocess.TimeoutExpired) as error:
        sys.exit(f"guide.py: {error}")


if __name__ == "__main__":
    main(*sys.argv[1:])
