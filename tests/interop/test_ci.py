#!/usr/bin/env python3
"""Runs the ten lines of docs/ci.md as they stand there, as a user without any rights.

    test_ci.py DOCUMENT BUILD PROGRAM...
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

from sim import PATIENCE, Tap

NOBODY = 65534


def recipe(document):
    with open(document, encoding="utf-8") as file:
        return re.search(r"^```sh\n(.*?)^```$", file.read(), re.MULTILINE | re.DOTALL).group(1)


def libraries(build, program):
    """Those of the build that a program needs, as (name, path)."""
    said = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    return [(name, path) for name, path in re.findall(r"^\s*(\S+) => (\S+)", said, re.MULTILINE)
            if os.path.realpath(path).startswith(os.path.realpath(build) + "/")]


def bring(folder, build, programs):
    """Copies that everybody can use, wherever the build is."""
    os.chmod(folder, 0o755)
    for name in ("bin", "tmp"):
        os.mkdir(os.path.join(folder, name))
    os.chmod(os.path.join(folder, "tmp"), 0o1777)
    for program in programs:
        for name, path in (*libraries(build, program), (os.path.basename(program), program)):
            shutil.copy(path, os.path.join(folder, "bin", name))


def run(script, folder):
    """As one types it into a file; whether it was another user's than root's is for the caller to know."""
    programs = os.path.join(folder, "bin")
    who = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
    environment = {"PATH": f"{programs}:/usr/bin:/bin", "LD_LIBRARY_PATH": programs,
                   "TMPDIR": os.path.join(folder, "tmp"), "QMI_PROXY_SOCKET": "/nonexistent",
                   **{name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")}}
    with tempfile.TemporaryFile("w+") as output:  # a modem that is left would keep a pipe open
        done = subprocess.run(["sh", "-c", script], env=environment, stdout=output, stderr=subprocess.STDOUT, check=False,
                              cwd="/", timeout=PATIENCE, **who)
        output.seek(0)
        return done.returncode, output.read()


def target(link):
    try:
        return os.readlink(link)
    except OSError:  # it has gone, or is the kernel's
        return ""


def left(folder):
    """Programs of ours that still run when they have had the time to end."""
    end = time.monotonic() + PATIENCE
    while True:
        pids = [pid for pid in os.listdir("/proc") if pid.isdigit() and target(f"/proc/{pid}/exe").startswith(folder)]
        if not pids or time.monotonic() > end:
            return pids
        time.sleep(0.05)


def main(document, build, *programs):
    tap = Tap()
    script = recipe(document)
    lines = [line for line in script.splitlines() if line and not line.startswith("#")]
    tap.check("the recipe has ten lines", len(script.splitlines()) == 10 and len(lines) == 9, script)
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:  # TMPDIR may be root's alone
        folder = os.path.realpath(folder)
        bring(folder, build, programs)
        status, output = run(script, folder)
        tap.check("it runs as it stands, without rights", status == 0 and output.count("Registration state") == 2,
                  (status, output))
        tap.check("and leaves nothing running", not left(folder), left(folder))
        status, output = run(script.replace("denied 33", "home"), folder)
        tap.check("it fails where a test does", status != 0, (status, output))
        tap.check("and leaves nothing running then, either", not left(folder), left(folder))
    return tap.done()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
