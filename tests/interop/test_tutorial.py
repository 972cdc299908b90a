#!/usr/bin/env python3
"""Runs the part without root of the tutorial in docs/virtual-modem.md, and the one-liners below it.

    test_tutorial.py QMICLI QMI_SIM DOCUMENT
"""

import os
import re
import subprocess
import sys
import tempfile

from sim import PATIENCE, Tap


def block(text, heading):
    """The lines of the first block of shell commands under a heading."""
    return re.search(rf"^### {re.escape(heading)}$.*?^```sh$\n(.*?)^```$", text, re.MULTILINE | re.DOTALL).group(1)


def run(script, programs, folder):
    """As somebody types it, in a shell that ends at the first command that fails."""
    links = os.path.join(folder, "bin")
    os.makedirs(links, exist_ok=True)
    for program in programs:
        link = os.path.join(links, os.path.basename(program))
        if not os.path.islink(link):
            os.symlink(os.path.abspath(program), link)
    environment = {**os.environ, "PATH": f"{links}:{os.environ['PATH']}"}
    script = script.replace("/tmp/modem", os.path.join(folder, "modem"))
    # what a failure leaves running would keep the output open
    script = "trap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n" + script
    return subprocess.run(["bash", "-emc", script], env=environment, capture_output=True, text=True,
                          timeout=PATIENCE, check=False)


def main(qmicli, qmi_sim, document):
    tap = Tap()
    with open(document, encoding="utf-8") as file:
        text = file.read()
    programs = [qmicli, qmi_sim]
    with tempfile.TemporaryDirectory() as folder:
        done = run(block(text, "For any program, without root"), programs, folder)
        tap.check("the part without root runs as it stands", done.returncode == 0, done.stdout + done.stderr)
        tap.check("the signal is what was said", "'-120 dBm'" in done.stdout or '"rsrp":-120' in done.stdout, done.stdout)
        tap.check("the message is in the store", "Hello modem" in done.stdout, done.stdout)
        lines = re.findall(r"^\|.*\| `(qmi-sim ctl PATH .*)` \|$", text, re.MULTILINE)
        tap.check("there are one-liners", len(lines) > 5, lines)
        for line in lines:
            start = "qmi-sim --pty /tmp/modem-one --control /tmp/modem-one-ctl >/dev/null &\nsleep 0.5\n"
            done = run(start + line.replace("PATH", "/tmp/modem-one-ctl") + "\nkill %1", programs, folder)
            tap.check(line, done.returncode == 0 and '"ok":true' in done.stdout, done.stdout + done.stderr)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
