#!/usr/bin/env python3
"""Compiles the programs of docs/library.md by pkg-config, against what is installed, and runs them on a virtual modem:
each prints what stands behind it.

    test_library.py BUILD DOCUMENT QMI-SIM QMI-PROXY
"""

import os
import re
import subprocess
import sys
import tempfile

from broker import Broker, Modem, own_world
from sim import PATIENCE, Tap

PACKAGES = {"ask": "qmikit-json"}


def run(command, **more):
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False, **more)


def programs(document):
    """The blocks of C by the name in their first line, and the text behind each, up to the next."""
    with open(document, encoding="utf-8") as file:
        parts = re.split(r"^```c\n", file.read(), flags=re.MULTILINE)[1:]
    for part in parts:
        source, _, behind = part.partition("```\n")
        expected = re.search(r"^```text\n(.*?)^```$", behind, re.MULTILINE | re.DOTALL)
        yield re.match(r"/\* (\w+)\.c:", source).group(1), source, expected.group(1) if expected else None


def find(folder, name):
    return next((where for where, _, names in os.walk(folder) if name in names), "")


class World:
    """What is installed, and what is compiled against it."""

    def __init__(self, build, folder):
        self.folder, self.root = folder, os.path.join(folder, "root")
        self.installed = run(["meson", "install", "-C", build, "--no-rebuild", "--quiet", "--destdir", self.root])
        self.environment = {**os.environ, "LD_LIBRARY_PATH": find(self.root, "libqmikit.so"),
                            "PKG_CONFIG_PATH": find(self.root, "qmikit.pc"), "PKG_CONFIG_SYSROOT_DIR": self.root}

    def compile(self, name, source):
        """Returns what went wrong; a warning is wrong."""
        path = os.path.join(self.folder, name + ".c")
        with open(path, "w", encoding="utf-8") as file:
            file.write(source)
        flags = run(["pkg-config", "--cflags", "--libs", PACKAGES.get(name, "qmikit")], env=self.environment)
        done = run(["cc", "-Wall", "-Wextra", "-Werror", "-O1", "-o", path[:-2], path, *flags.stdout.split()])
        return flags.stderr + done.stderr

    def start(self, name, *words):
        return subprocess.Popen([os.path.join(self.folder, name), *words], stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True, env=self.environment)

    def run(self, name, *words):
        process = self.start(name, *words)
        return (*process.communicate(timeout=PATIENCE), process.returncode)


def check(tap, name, expected, got):
    tap.check(f"{name} prints what is said", got == (expected, "", 0), got)


def main(build, document, qmi_sim, qmi_proxy):
    tap = Tap()
    private = own_world()
    texts = {}
    with tempfile.TemporaryDirectory() as folder, Modem(qmi_sim) as modem:
        world = World(build, folder)
        tap.check("it installs", world.installed.returncode == 0, world.installed.stderr)
        for name, source, text in programs(document):
            wrong = world.compile(name, source)
            tap.check(f"{name}.c compiles by pkg-config, without a warning", not wrong, wrong)
            texts[name] = text
        tap.check("all programs are there", set(texts) == {"model", "watch", "ask", "shared", "list"}, texts)
        check(tap, "model", texts["model"], world.run("model", modem.path))
        check(tap, "ask", texts["ask"], world.run("ask", modem.path, "nas", "get-home-network"))
        watch = world.start("watch", modem.path)
        first = watch.stdout.readline()
        modem.ctl("registration", "roaming")
        rest, errors = watch.communicate(timeout=PATIENCE)
        check(tap, "watch", texts["watch"], (first + rest, errors, watch.returncode))
        tap.check("no client id is left in the modem", not [c for c in modem.clients() if c[0]], modem.clients())
        tap.check("model says what is wrong", world.run("model", "/dev/null")[2] == 1)
        tap.check("list runs", world.run("list")[1:] == ("", 0))
        if private:
            with Broker(qmi_proxy, "--no-exit"):
                check(tap, "shared", texts["model"], world.run("shared", modem.path))
        else:
            print("# not root: nothing is asked of a broker")
    return tap.done()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
