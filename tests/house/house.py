"""What the house rules share: which files the project has, how C is read, and running a rule.

A rule is a module with

    find(context)   yields a complaint, "file:line: what is wrong", for every breach
    BREACHES        name -> files ({path: text}) that the rule must complain about
    FINE            files that it must not complain about

and may have prepare(context), which readies the files of an example, and raise Skip where a tool
that it needs is not there.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))


class Skip(Exception):
    """The rule cannot be checked here; the text says why."""


class Context:
    """The tree that is checked and, where a rule needs one, a build of it."""

    def __init__(self, root, build=None):
        self.root = root
        self.build = build

    def path(self, name):
        return os.path.join(self.root, name)

    def read(self, name):
        with open(self.path(name), encoding="utf-8", errors="replace") as file:
            return file.read()

    def files(self, *endings, under=""):
        """The files of the project, as git tracks or would track them, relative to the root."""
        return [name for name in self._all_files()
                if name.endswith(endings or ("",)) and name.startswith(under)]

    def _all_files(self):
        git = ["git", "-C", self.root, "ls-files", "-co", "--exclude-standard", "-z"]
        listing = subprocess.run(git, capture_output=True, text=True, check=False)
        if os.path.exists(self.path(".git")) and listing.returncode == 0:
            names = set(listing.stdout.split("\0")) - {""}
        else:
            names = self._walk()
        return sorted(name for name in names if os.path.isfile(self.path(name)))

    def _walk(self):
        for folder, folders, names in os.walk(self.root):
            folders[:] = [sub for sub in folders if not sub.startswith((".", "build", "__"))]
            for name in names:
                yield os.path.relpath(os.path.join(folder, name), self.root)


def tool(*names):
    """The first of these programs that is installed; a rule without its tool is skipped."""
    for name in names:
        if shutil.which(name):
            return name
    raise Skip(f"no {names[0]} here")


def strip_c(text):
    """C source with comments and the insides of strings blanked; the lines stay."""
    pattern = r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'"

    def blank(match):
        return re.sub(r"[^\n]", " ", match.group())

    return re.sub(pattern, blank, text, flags=re.DOTALL)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def write_tree(root, files):
    for name, text in files.items():
        path = os.path.join(root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)


def complaints_in(rule, files):
    """What a rule says of a tree made of these files."""
    with tempfile.TemporaryDirectory() as root:
        write_tree(root, files)
        context = Context(root, root)
        if hasattr(rule, "prepare"):
            rule.prepare(context)
        return list(rule.find(context))


def allowed():
    """The breaches that are let pass. A rule of its own sees to it that there are none."""
    with open(os.path.join(HERE, "allow-list"), encoding="utf-8") as lines:
        return [line.strip() for line in lines if line.strip()]


class Tap:
    """Prints results in the Test Anything Protocol."""

    def __init__(self):
        self.count = 0
        self.failed = 0

    def result(self, good, name, details=()):
        self.count += 1
        self.failed += not good
        print(f"{'ok' if good else 'not ok'} {self.count} - {name}")
        for line in details:
            print(f"# {line}")

    def skip(self, name, why):
        self.count += 1
        print(f"ok {self.count} - {name} # SKIP {why}")

    def finish(self):
        print(f"1..{self.count}")
        return 1 if self.failed else 0


def run_rule(name, rule, context):
    """Tries the rule on its own examples, then on the project. Returns an exit status."""
    tap = Tap()
    try:
        for example, files in rule.BREACHES.items():
            tap.result(bool(complaints_in(rule, files)), f"{name}: notices {example}")
        said = complaints_in(rule, rule.FINE)
        tap.result(not said, f"{name}: is content with what is fine", said)
        passes = tuple(allowed())
        said = [line for line in rule.find(context) if not (passes and line.startswith(passes))]
        tap.result(not said, f"{name}: the project keeps to it", said)
    except Skip as why:
        tap.skip(name, why)
    return tap.finish()
