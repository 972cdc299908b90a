#!/usr/bin/env python3
"""What a user of the library gets: installs into a folder, compiles the example with what pkg-config
says, and runs it on a virtual modem, over a pty and over a Unix socket.

    test_install.py BUILD SOURCE QMI-SIM
"""

import os
import re
import subprocess
import sys
import tempfile

from sim import Sim, Tap

# What comes with the daemon, where that is built.
MANAGER = (("ModemManager.service", "systemd/system"),
           ("org.freedesktop.ModemManager1.service", "dbus-1/system-services"),
           ("org.freedesktop.ModemManager1.conf", "dbus-1/system.d"),
           ("org.freedesktop.ModemManager1.policy", "polkit-1/actions"))
LIBRARY_MAX = 900 * 1024        # bytes of libqmikit.so with all definitions, stripped
WRITTEN_MAX = 48 * 1024         # bytes of its tables that the loader writes at each start of each program
QMICLI_MAX = 1536 * 1024        # bytes of qmicli and all that it loads but libc, stripped
EXPECTED = "LTE: RSSI -78 dBm, RSRP -104 dBm\n"


def run(command, **more):
    return subprocess.run(command, capture_output=True, text=True, timeout=120, **more)


def find(folder, name):
    """The directory below `folder` that holds a file `name`."""
    return next((where for where, _, names in os.walk(folder) if name in names), "")


def find_link(folder, name):
    """The symbolic link `name` below `folder`."""
    paths = (os.path.join(where, name) for where, _, names in os.walk(folder) if name in names)
    return next((path for path in paths if os.path.islink(path)), "")


def loaded(root, folder):
    """The bytes of qmicli and its libraries without their symbols; what belongs to libc does not count."""
    qmicli = os.path.join(find(root, "qmi-network"), "qmicli")
    libraries = f"{find(root, 'libqmikit.so')}:{find(root, 'libqmikit-json.so')}"
    told = run(["ldd", qmicli], env=dict(os.environ, LD_LIBRARY_PATH=libraries)).stdout
    paths = re.findall(r" => (/\S+)", told)
    total, copy = 0, os.path.join(folder, "stripped")
    for path in [qmicli, *(path for path in paths if not os.path.basename(path).startswith(("libc.so", "libm.so")))]:
        if run(["strip", "-o", copy, os.path.realpath(path)]).returncode:
            return 0
        total += os.path.getsize(copy)
    return total


def written(library):
    """The bytes of a library's constants that hold addresses."""
    told = re.search(r"^\.data\.rel\.ro +([0-9]+)", run(["size", "-A", "-d", library]).stdout, re.MULTILINE)
    return int(told[1]) if told else 0


def compile_example(source, root, program):
    """Compiles the example by pkg-config alone; returns what went wrong."""
    environment = dict(os.environ, PKG_CONFIG_PATH=find(root, "qmikit.pc"), PKG_CONFIG_SYSROOT_DIR=root)
    flags = run(["pkg-config", "--cflags", "--libs", "qmikit"], env=environment)
    if flags.returncode:
        return flags.stderr
    return run(["cc", "-o", program, os.path.join(source, "docs/examples/signal.c"), *flags.stdout.split()]).stderr


def main():
    build, source, qmi_sim = sys.argv[1:4]
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        root, program, socket = (os.path.join(folder, name) for name in ("root", "signal", "modem.sock"))
        done = run(["meson", "install", "-C", build, "--no-rebuild", "--quiet", "--destdir", root])
        tap.check("it installs", done.returncode == 0, done.stderr)
        for name in ("qmikit/device.h", "qmikit/nas.h", "qmikit/common.h"):
            tap.check(f"{name} is installed", find(root, os.path.basename(name)).endswith("include/qmikit"))
        for name, where in (("qmi-proxy.service", "systemd/system"), ("qmi-proxy.socket", "systemd/system"),
                            *(MANAGER if find(root, "ModemManager") else ())):
            tap.check(f"{name} is installed", find(root, name).endswith(where))
        tap.check("qmi-proxy is where libqmi looks for it", "/libexec/" in find_link(root, "qmi-proxy"))
        for name in ("libqmitrace.so", "qmuxd_wrapper.so"):
            tap.check(f"the recorder is installed as {name}", find(root, name).rpartition("/usr/local/lib")[2] ==
                      find(root, "libqmikit.so").rpartition("/usr/local/lib")[2] and find(root, name))
        for name, where in (("qmicli", "bash-completion/completions"), ("qmicli.fish", "fish/vendor_completions.d"),
                            ("_qmicli", "zsh/site-functions")):
            path = os.path.join(root, "usr/local/share", where, name)
            tap.check(f"the completion {where}/{name} is installed", os.path.exists(path), path)
        stripped = os.path.join(folder, "stripped.so")
        done = run(["strip", "-o", stripped, os.path.join(find(root, "libqmikit.so"), "libqmikit.so")])
        size = os.path.getsize(stripped) if not done.returncode else 0
        tap.check(f"the library is small: {size} bytes stripped", 0 < size <= LIBRARY_MAX, done.stderr)
        size = written(stripped)
        tap.check(f"few of its constants are addresses: {size} bytes", 0 < size <= WRITTEN_MAX)
        size = loaded(root, folder)
        tap.check(f"qmicli is small with all that it loads: {size} bytes stripped", 0 < size <= QMICLI_MAX)
        wrong = compile_example(source, root, program)
        tap.check("the example compiles by pkg-config", os.path.exists(program), wrong)
        environment = dict(os.environ, LD_LIBRARY_PATH=find(root, "libqmikit.so"))
        with Sim(qmi_sim, "--unix", socket) as modem:
            for device in (modem.path, f"unix:{socket}"):
                done = run([program, device], env=environment)
                tap.check(f"the example runs on {device.split(':')[0] if ':' in device else 'a pty'}",
                          (done.returncode, done.stdout) == (0, EXPECTED), done.stdout + done.stderr)
        done = run([program, os.path.join(folder, "nothing")], env=environment)
        tap.check("the example says what is wrong", done.returncode == 1 and "No such file" in done.stderr, done.stderr)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
