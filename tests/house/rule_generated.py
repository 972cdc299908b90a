"""The generator writes data: at most 4 lines of C for each field, TLV and message."""

import re
import subprocess
import sys

LIMIT = 4


def stats(context):
    """(lines, items) as `python3 -m codegen --stats` tells them."""
    run = subprocess.run([sys.executable, "-m", "codegen", "--stats"], cwd=context.root,
                         capture_output=True, text=True, check=False)
    numbers = re.search(r"lines=(\d+) items=(\d+)", run.stdout)
    if run.returncode or not numbers:
        return None, run.stderr.strip() or run.stdout.strip()
    return tuple(map(int, numbers.groups()))


def find(context):
    lines, items = stats(context)
    if lines is None:
        yield f"codegen/__main__.py:1: --stats failed: {items}"
    elif not items or lines > LIMIT * items:
        yield f"codegen:1: {lines} lines for {items} items, more than {LIMIT} each"


def says(text):
    return {"codegen/__main__.py": f"{text}\n"}


BREACHES = {
    "a generator that writes too much": says("print('lines=401 items=100')"),
    "a generator that writes for nothing": says("print('lines=0 items=0')"),
    "a generator that fails": says("raise SystemExit(1)"),
}
FINE = says("print('lines=400 items=100')")
