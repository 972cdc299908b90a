"""Every option of qmicli with an argument, given what is none: an exit code of its own and one line that names both.

usage: test_qmicli_bad_arguments.py QMICLI

The device does not exist: an argument that was looked at after it was opened would be told as that. Options that
take any text say so in qmicli_arguments.py, and then it is the device that is told.
"""

import re
import socket
import sys
import tempfile

from qmicli_arguments import ANY, ARGUMENTS, TOGETHER
from qmicli_tool import describe, run
from sim import Tap

USAGE, GONE = 1, 4
BAD = {
    "empty": "", "garbage": "no-such-word", "negative": "-1", "too big": "99999999999999999999999",
    "control characters": "a\x01\x1b[31mb\nc", "not UTF-8": b"\xff\xfe", "too long": "x" * 70000,
}
# No actions, and of no use without one.
NO_ACTIONS = ("client-cid", "timeout", "device-open-net")
# What a key may be that takes any text.
ANYTHING = ("TEXT", "IFACE", "PREFIX")
TERMINAL = re.compile(rb"[\x00-\x09\x0b-\x1f\x7f]")


def together(option):
    return ["--dms-noop"] if option in NO_ACTIONS else TOGETHER.get(option, [])


def taking(qmicli):
    """Every option that takes an argument, or may."""
    text = run(qmicli, None, "--help-all").stdout.decode()
    return re.findall(r"^  (?:-\w, )?--([a-z0-9-]+)\[?=", text, re.MULTILINE)


def names(line, option, value):
    """Whether a line of stderr names both, the value as far as a terminal can show it."""
    value = value if isinstance(value, bytes) else value.encode()
    shown = TERMINAL.sub(b"?", value.replace(b"\n", b"?"))[:50]
    return line.startswith(f"error: --{option}".encode()) and (value == b"\xff\xfe" or shown in line)


def check(tap, qmicli, option):
    for kind, value in BAD.items():
        word = f"--{option}=".encode() + (value if isinstance(value, bytes) else value.encode())
        result = run(qmicli, "/nonexistent/modem", word, *together(option))
        lines = result.stderr.split(b"\n")
        good = result.returncode == USAGE and names(lines[0], option, value)
        if kind in ANY.get(option, ()):
            good = result.returncode == GONE
        good = good and not result.stdout and len(lines) == 2 and not lines[1] and not TERMINAL.search(result.stderr)
        tap.check(f"--{option}: {kind}", good, describe(result))


def keys_of(qmicli, option):
    """The keys of an option, what each may be, and what stands before them in an argument that is right."""
    pieces = ARGUMENTS.get(option, "").split(",")
    before = ",".join(pieces[:next((i for i, piece in enumerate(pieces) if "=" in piece), 0)])
    before += "," if before else ""
    told = run(qmicli, None, "--complete", f"--{option}={before}").stdout.decode().splitlines()
    keys = [line.split("=\t") for line in told if "=\t" in line]
    return before, {whole.rpartition("=")[2].rpartition(",")[2]: what for whole, what in keys}


def check_keys(tap, qmicli, option):
    """A key that is none, one without a value, and one with a value that it does not take. Returns how many."""
    before, keys = keys_of(qmicli, option)
    wrong = [(key, f"{key}={value}") for key, what in keys.items() if what not in ANYTHING
             for value in ("no-such-word", "-1", "9" * 30)]
    wrong += [("no-such-key", "no-such-key=1"), ("no-such-key", "no-such-key")] if keys else []
    wrong += [(key, f"{key}='x") for key in keys]
    bad = []
    for key, pair in wrong:
        if "=" not in pair and (before or "garbage" in ANY.get(option, ())):
            continue  # a word that has a place of its own
        result = run(qmicli, "/nonexistent/modem", f"--{option}={before}{pair}")
        line = result.stderr.decode(errors="replace")
        if result.returncode != USAGE or key not in line or line.count("\n") != 1 or not line.startswith("error: --" + option):
            bad.append(f"{pair}: {describe(result)}")
    if keys:
        tap.check(f"--{option}: {len(wrong)} wrong pairs of its {len(keys)} keys", not bad, "\n".join(bad))
    return len(keys)


def check_nothing_opened(tap, qmicli, options):
    """Nobody comes to a device that listens while an argument is wrong."""
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as modem:
        modem.bind(f"{folder}/modem")
        modem.listen()
        modem.setblocking(False)
        for option in options:
            run(qmicli, f"unix:{folder}/modem", f"--{option}=" + BAD["too long"], *together(option))
        try:
            came = modem.accept()
        except BlockingIOError:
            came = None
        tap.check("no device is opened for a wrong argument", came is None, came)


def main(qmicli):
    tap = Tap()
    options = [option for option in taking(qmicli) if option != "device"]
    tap.check("options with an argument are found", len(options) > 40, options)
    for option in options:
        check(tap, qmicli, option)
    keys = sum(check_keys(tap, qmicli, option) for option in options)
    tap.check(f"{keys} keys are found", keys > 50)
    check_nothing_opened(tap, qmicli, options)
    left = sorted(set(ANY) - set(options))
    tap.check("what takes any text is there", not left, left)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
