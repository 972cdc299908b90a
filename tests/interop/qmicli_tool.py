"""qmicli for a test, ours or Debian's: run, and asked what it can do."""

import argparse
import os
import re
import selectors
import signal
import subprocess
import time

from qmicli_arguments import ARGUMENTS
from sim import PATIENCE

# What runs on between two calls.
CLOCK = re.compile(rb"(?<=time: ')\d+|(?<=count: ')\d+")

# What libqmi's tool has and does not list.
HIDDEN = {"wds-get-default-profile-num", "wds-set-default-profile-num", "dms-dell-change-device-mode",
          "dms-dell-get-firmware-version"}

# These run until somebody stops them.
ENDLESS = re.compile(r"--[a-z]+-(follow|monitor)\b")


def environment_of(charset="C.UTF-8"):
    """What a run of either tool sees of ours."""
    kept = ("QMI_PROXY_SOCKET", "LD_LIBRARY_PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS")
    return {"PATH": os.environ.get("PATH", "/usr/bin"), "LC_ALL": charset,
            **{name: os.environ[name] for name in kept if name in os.environ}}


def run(program, device, *options, charset="C.UTF-8", timeout=60):
    command = [program, *(["-d", device] if device else []), *options]
    return subprocess.run(command, capture_output=True, timeout=timeout, env=environment_of(charset), check=False)


def stop_when_quiet(command, quiet=0.4, patience=2.0):
    """Runs what does not end by itself: Ctrl+C once it has said something and then nothing for a while."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment_of())
    said, errors, began, stopped = b"", b"", time.monotonic(), False
    with selectors.DefaultSelector() as selector:
        for pipe in (process.stdout, process.stderr):
            selector.register(pipe, selectors.EVENT_READ)
        while selector.get_map() and time.monotonic() - began < PATIENCE:
            ready = selector.select(quiet)
            if not stopped and not ready and (said or time.monotonic() - began > patience):
                process.send_signal(signal.SIGINT)
                stopped = True
            for key, _ in ready:
                data = os.read(key.fd, 65536)
                if not data:
                    selector.unregister(key.fileobj)
                elif key.fileobj is process.stdout:
                    said += data
                else:
                    errors += data
    if process.poll() is None and time.monotonic() - began >= PATIENCE:
        process.kill()
    process.wait(PATIENCE)
    process.stdout.close()
    process.stderr.close()
    return subprocess.CompletedProcess(command, process.returncode, said, errors)


def options_of(qmicli):
    """The name of each action of ours, and whether it needs an argument, as the help of its service lists it."""
    found = {}
    for service in re.findall(r"^  --help-(?!all)([\w-]+) ", run(qmicli, None, "--help").stdout.decode(), re.MULTILINE):
        text = run(qmicli, None, f"--help-{service}").stdout.decode()
        found.update({name: argument.startswith("=") for name, argument in
                      re.findall(r"^  (?:-\w, )?--([a-z0-9-]+)(\[?=\S+)?", text, re.MULTILINE)})
    return found


def options_of_peer(peer):
    """The name of each option of libqmi's tool, whatever it does."""
    text = run(peer, None, "--help-all").stdout.decode()
    return HIDDEN | set(re.findall(r"^  (?:-\w, )?--([a-z0-9-]+)", text, re.MULTILINE))


def actions(qmicli):
    """The actions with their arguments; those that may have one come without."""
    return [f"{name}={ARGUMENTS[name]}" if takes and name in ARGUMENTS else name
            for name, takes in options_of(qmicli).items()]


def describe(result):
    return f"exit {result.returncode}\n{result.stdout.decode(errors='replace')}" \
           f"--- stderr:\n{result.stderr.decode(errors='replace')}"


def version_of(peer):
    """The "1.32" of a libqmi 1.32.2; empty where there is none."""
    if not os.access(peer, os.X_OK):
        return ""
    found = re.search(rb"^qmicli (\d+\.\d+)", run(peer, None, "--version").stdout)
    return found.group(1).decode() if found else "of no known version"


def compare_options(comparison):
    """QMICLI QMI-SIM [PEER] [--only BEGINNING,...] as the command line has them, for `comparison`; its exit status."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("qmicli", type=os.path.abspath)
    parser.add_argument("sim", type=os.path.abspath)
    parser.add_argument("peer", nargs="?", default="/usr/bin/qmicli")
    parser.add_argument("--only", default=os.environ.get("QMIKIT_ONLY", ""))
    given = parser.parse_args()
    if not os.access(given.peer, os.X_OK):
        print(f"1..0 # SKIP {given.peer} is not installed")
        return 0
    return comparison(given.qmicli, given.sim, given.peer, tuple(given.only.split(","))).all()
