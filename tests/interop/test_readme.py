#!/usr/bin/env python3
"""Types what the README shows, and compares what comes with what it shows.

    test_readme.py README PROGRAM...
"""

import os
import re
import subprocess
import sys
import tempfile

from sim import PATIENCE, Tap


def transcript(readme):
    with open(readme, encoding="utf-8") as file:
        return re.search(r"^```console\n(.*?)^```$", file.read(), re.MULTILINE | re.DOTALL).group(1)


def script(shown):
    """Each command as it stands, behind what a terminal shows of it. One in the background has its time to speak up."""
    for line in shown.splitlines():
        if not line.startswith("$ "):
            continue
        command = line[2:]
        yield f"cat <<'LINE'\n{line}\nLINE\n{command}\n"
        if command.endswith("&"):
            yield "until grep -qx ready output; do sleep 0.05; done\n"


def main(readme, *programs):
    tap = Tap()
    shown = transcript(readme)
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
    return tap.done()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
