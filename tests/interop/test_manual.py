#!/usr/bin/env python3
"""Runs the examples of the manual pages, as they stand there but for the paths of the modems.

    test_manual.py PROGRAM... PAGE.scd...
"""

import os
import re
import shlex
import subprocess
import sys
import tempfile

from sim import PATIENCE, Sim, Tap


def examples(page):
    """The command lines of the section EXAMPLES: what is indented, and what "++" continues."""
    with open(page, encoding="utf-8") as file:
        section = re.search(r"^# EXAMPLES$(.*?)(?=^# )", file.read(), re.MULTILINE | re.DOTALL).group(1)
    goes_on = False
    for line in section.splitlines():
        if line.startswith("\t") or goes_on:
            goes_on = line.endswith("++")
            yield line.strip().removesuffix("++").strip()


class Examples:
    def __init__(self, programs, device, modem):
        self.programs, self.device, self.modem, self.running = programs, device, modem, []

    def words(self, line):
        first, *rest = shlex.split(line.replace("/dev/cdc-wdm0", self.device).replace("/tmp/modem", self.modem))
        return [self.programs[first], *(word for word in rest if word != "&")]

    def run(self, tap, line):
        modem = line.startswith("qmi-sim ") and not line.startswith("qmi-sim ctl")
        if modem:
            self.stop()
        if modem or line.startswith("atfwd_daemon "):
            process = subprocess.Popen(self.words(line), stdout=subprocess.PIPE, text=True)
            self.running.append(process)
            tap.check(line, process.stdout.readline() == "ready\n")
            return
        done = subprocess.run(self.words(line), capture_output=True, text=True, timeout=PATIENCE, check=False)
        tap.check(line, done.returncode == 0 and done.stdout, done.stderr)

    def stop(self):
        for process in self.running:
            process.terminate()
            process.communicate(timeout=PATIENCE)
        self.running = []


def names(program, *words):
    """What a help lists: the first word of each line that is indented by two."""
    text = subprocess.run([program, *words], capture_output=True, text=True, timeout=PATIENCE, check=True).stdout
    return re.findall(r"^  ([a-z][a-z-]*)", text, re.MULTILINE)


def test_names(tap, qmi_sim, page):
    """Every fault, request and event of qmi-sim is in its page; a request may stand as two words."""
    with open(page, encoding="utf-8") as file:
        text = file.read()
    said = {word.replace(" ", "-") for bold in re.findall(r"\*([^*\n]+)\*", text) for word in (bold, *bold.split("|"))}
    said |= {" ".join(word.split()[:n]).replace(" ", "-") for bold in re.findall(r"\*([^*\n]+)\*", text)
             for word in [bold] for n in (1, 2)}
    for words in ([], ["ctl"]):
        listed = subprocess.run([qmi_sim, *words, "--help"], capture_output=True, text=True, timeout=PATIENCE,
                                check=True).stdout
        run_in = re.findall(r"^  [a-z-]+[A-Z].*", listed, re.MULTILINE)
        tap.check(" ".join(["qmi-sim", *words, "--help: names stand apart from what is said of them"]), not run_in, run_in)
    known = names(qmi_sim, "--help") + names(qmi_sim, "ctl", "--help")
    missing = [name for name in known if name not in said]
    tap.check("qmi-sim(1) names every fault, request and event", len(known) > 60 and not missing,
              f"{len(known)} names, not there: {missing}")


def test_actions(tap, qmicli, page):
    """Every option of qmicli is in its page with its form, and below it each piece with what it may be."""
    with open(page, encoding="utf-8") as file:
        text = re.sub(r"\\(.)", r"\1", file.read())
    told = subprocess.run([qmicli, "--help-all"], capture_output=True, text=True, timeout=PATIENCE, check=True).stdout
    # Actions have a service above them; what is ahead of the services is told by hand.
    actions = told.partition("\n\n")[2].partition("\n\n")[2]
    forms = re.findall(r"^  (?:-\w, )?--([a-z0-9-]+)(\[?)(?:=(\S+))?", actions, re.MULTILINE)
    missing = [name for name, may_miss, form in forms
               if f"*--{name}*" + (f"{may_miss}=_{form}_\n" if form else "\n") not in text]
    tap.check(f"qmicli(1) has the {len(forms)} actions and their forms", len(forms) > 200 and not missing, missing)
    pieces = re.findall(r"^ {10}(\S[^=]*)=(.*(?:\n {12}.*)*)", actions, re.MULTILINE)
    missing = [name for name, what in pieces if f"*{name}*=_" + re.sub(r"\n +", "", what) + "_" not in text]
    tap.check(f"qmicli(1) has the {len(pieces)} pieces of arguments", len(pieces) > 50 and not missing, missing)


def main(*arguments):
    programs = {os.path.basename(path): path for path in arguments if not path.endswith(".scd")}
    pages = [path for path in arguments if path.endswith(".scd")]
    tap = Tap()
    test_names(tap, programs["qmi-sim"], next(page for page in pages if os.path.basename(page).startswith("qmi-sim")))
    test_actions(tap, programs["qmicli"], next(page for page in pages if os.path.basename(page).startswith("qmicli")))
    for page in pages:
        with tempfile.TemporaryDirectory() as folder, Sim(programs["qmi-sim"]) as modem:
            runner = Examples(programs, modem.path, os.path.join(folder, "modem"))
            lines = list(examples(page))
            tap.check(f"{os.path.basename(page)} has examples", lines)
            try:
                for line in lines:
                    runner.run(tap, line)
            finally:
                runner.stop()
    return tap.done()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
