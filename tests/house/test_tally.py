#!/usr/bin/env python3
"""tests/tally must not lose a failure: tries it on logs of every kind."""

import json
import os
import subprocess
import sys
import tempfile

from house import HERE, Tap

TALLY = os.path.join(os.path.dirname(HERE), "tally")

# name -> (programs as meson logs them: (result, stdout), the line at the end)
LOGS = {
    "programs count as one": ([("OK", ""), ("FAIL", "x")], "1 passed, 1 failed"),
    "TAP counts as its tests":
        ([("OK", "1..2\nok 1 - a\nok 2 - b\n"), ("FAIL", "ok 1\nnot ok 2 - c\n1..2\n")],
         "3 passed, 1 failed"),
    "skipped tests are told apart":
        ([("OK", "ok 1 - a\nok 2 - b # SKIP why\n"), ("SKIP", "1..0 # why\n")],
         "1 passed, 0 failed, 2 skipped"),
    "a crash after good tests fails": ([("ERROR", "ok 1 - a\n")], "1 passed, 1 failed"),
    "a time-out after good tests fails": ([("TIMEOUT", "ok 1 - a\n")], "1 passed, 1 failed"),
    "tests missing from the plan fail": ([("OK", "1..3\nok 1 - a\n")], "1 passed, 1 failed"),
    "a test that should pass but doesn't yet is skipped":
        ([("OK", "ok 1 - a\nnot ok 2 - b # TODO later\n")], "1 passed, 0 failed, 1 skipped"),
    "a run that did not start fails": (None, "0 passed, 1 failed"),
    "a run without tests fails": ([], "0 passed, 1 failed"),
    "a run of nothing but skipped tests fails": ([("SKIP", "")], "0 passed, 0 failed, 1 skipped"),
}


def tally(*words):
    return subprocess.run([sys.executable, TALLY, *words], capture_output=True, text=True, check=False)


def outcome(folder, programs):
    """(exit status, last line) for a run of these programs; None: the log is not there."""
    log, results = os.path.join(folder, "log"), os.path.join(folder, "results")
    if programs is not None:
        with open(log, "w", encoding="utf-8") as file:
            for number, (result, stdout) in enumerate(programs):
                print(json.dumps({"name": str(number), "result": result, "stdout": stdout}), file=file)
    tally("--add", results, "run", log)
    run = tally("--sum", results)
    return run.returncode, run.stdout.splitlines()[-1]


def main():
    tap = Tap()
    for name, (programs, line) in LOGS.items():
        with tempfile.TemporaryDirectory() as folder:
            status, said = outcome(folder, programs)
        good = " 0 failed" in line and not line.startswith("0 passed")
        tap.result(said == line and (status == 0) == good, f"tally: {name}", [f"{said}, exit {status}"])
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
