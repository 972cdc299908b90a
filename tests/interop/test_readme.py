#!/usr/bin/env python3
"""Types what the README shows, and compares what comes with what it shows; and what docs/getting-started.md has one ask a
modem first.

    test_readme.py SOURCE QMI-SIM QMICLI
"""

import os
import re
import subprocess
import sys
import tempfile

from sim import PATIENCE, Sim, Tap


def block(page, pattern):
    with open(page, encoding="utf-8") as file:
        return re.search(pattern + r"\n(.*?)^```$", file.read(), re.MULTILINE | re.DOTALL).group(1)


def script(shown):
    """Each command as it stands, behind what a terminal shows of it. One in the background has its time to speak up."""
    for line in shown.splitlines():
        if not line.startswith("$ "):
            continue
        command = line[2:]
        yield f"cat <<'LINE'\n{line}\nLINE\n{command}\n"
        if command.endswith("&"):
            yield "until grep -qx ready output; do sleep 0.05; done\n"


def check_transcript(tap, readme, programs):
    shown = block(readme, "^```console")
    with tempfile.TemporaryDirectory() as folder:
        os.makedirs(os.path.join(folder, "build/bin"))
        for program in programs:
            os.symlink(os.path.abspath(program), os.path.join(folder, "build/bin", os.path.basename(program)))
        text = "".join(script(shown)).replace("/tmp/", folder + "/")
        with open(os.path.join(folder, "output"), "w+", encoding="utf-8") as output:
            done = subprocess.run(["timeout", str(PATIENCE), "bash", "-c", text], cwd=folder, stdout=output,
                                  stderr=subprocess.STDOUT, check=False)
            output.seek(0)
            came = output.read().replace(folder + "/", "/tmp/")
        tap.check("the transcript is what a terminal shows", (done.returncode, came) == (0, shown), came)
        tap.check("it has commands and what they print", shown.count("\n$ ") >= 4 and shown.count("\n") > 10, shown)


def check_questions(tap, page, qmi_sim, qmicli):
    """Each line gives something, in the order in which they stand."""
    lines = block(page, r"^## Ask it\n.*?^```sh").splitlines()
    with Sim(qmi_sim) as modem:
        for line in lines:
            words = line.split("#")[0].replace("/dev/cdc-wdm0", modem.path).split()
            done = subprocess.run([qmicli, *words[1:]], capture_output=True, text=True, timeout=PATIENCE, check=False)
            tap.check(line, words[0] == "qmicli" and done.returncode == 0 and done.stdout, done.stdout + done.stderr)
    tap.check("there are questions", len(lines) > 3, lines)


def main(source, qmi_sim, qmicli):
    tap = Tap()
    check_transcript(tap, os.path.join(source, "README.md"), [qmi_sim, qmicli])
    check_questions(tap, os.path.join(source, "docs/getting-started.md"), qmi_sim, qmicli)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
