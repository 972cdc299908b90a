"""Every option of qmicli with an argument, given what is none: an exit code of its own and one line that names both.

usage: test_qmicli_bad_arguments.py QMICLI

The device does not exist: an argument that was looked at after it was opened would be told as that. Options that
take any text say so in qmicli_arguments.py, and then it is the device that is told.
"""

import re
import socket
import sys
import tempfile

from qmicli_arguments import ANY, TOGETHER
from qmicli_tool import describe, run
from sim import Tap

USAGE, GONE = 1, 4
BAD = {
    "empty": "", "garbage": "no-such-word", "negative": "-1", "too big": "99999999999999999999999",
    "control characters": "a\x01\x1b[31mb\nc", "not UTF-8": b"\xff\xfe", "too long": "x" * 70000,
}
# No actions, and of no use without one.
NO_ACTIONS = ("client-cid", "timeout", "device-open-net")
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
    check_nothing_opened(tap, qmicli, options)
    left = sorted(set(ANY) - set(options))
    tap.check("what takes any text is there", not left, left)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
