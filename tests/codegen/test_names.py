#!/usr/bin/env python3
"""The names that JSON shows are published: none may vanish, and a new one is written down on purpose.

published-names.txt holds them. After adding to protocol/:
    python3 -m codegen --names > tests/codegen/published-names.txt
"""

import os
import subprocess
import sys


def main():
    root = sys.argv[1]
    run = subprocess.run([sys.executable, "-m", "codegen", "--names"], cwd=root, capture_output=True, text=True)
    now = set(run.stdout.splitlines())
    with open(os.path.join(root, "tests/codegen/published-names.txt"), encoding="utf-8") as f:
        published = set(f.read().splitlines())
    print("1..2")
    failed = False
    for n, (what, names, advice) in enumerate((
            ("no published name has vanished", published - now, "was published; keep it"),
            ("every name is in published-names.txt", now - published, "is new; see test_names.py")), 1):
        print(f"{'not ok' if names or run.returncode else 'ok'} {n} - {what}")
        for name in sorted(names):
            print(f"# '{name}' {advice}")
        failed = failed or bool(names) or run.returncode != 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
