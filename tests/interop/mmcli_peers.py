"""For tests of mmcli: a bus without a daemon, a daemon that is none, and Debian's mmcli."""

import os
import shutil
import subprocess
import sys
import tempfile

from sim import PATIENCE

CONFIGURATION = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path=PATH</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_type="method_call"/>
<allow send_destination="*"/><allow receive_type="method_call"/><allow receive_type="signal"/>
<allow receive_type="method_return"/><allow receive_type="error"/></policy></busconfig>
"""


class Bus:
    """with Bus() as bus: … bus.address …"""

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="qmi-mmcli-")
        configuration = self.path("bus.conf")
        with open(configuration, "w", encoding="ascii") as file:
            file.write(CONFIGURATION.replace("PATH", self.path("bus")))
        self.process = subprocess.Popen(["dbus-daemon", "--config-file", configuration, "--nofork", "--nopidfile",
                                         "--print-address=1"], stdout=subprocess.PIPE, text=True)
        self.address = self.process.stdout.readline().strip()
        return self

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def __exit__(self, *unused):
        self.process.terminate()
        self.process.communicate(timeout=PATIENCE)
        self.folder.cleanup()


def find_stock(peers):
    """Debian's mmcli, and the folder of its library if it has one of its own."""
    unpacked = os.path.join(peers, "modemmanager")
    program = os.path.join(unpacked, "usr/bin/mmcli")
    if os.path.exists(program):
        found = (folder for folder, _, names in os.walk(os.path.join(unpacked, "usr/lib"))
                 if any(name.startswith("libmm-glib.so") for name in names))
        return program, next(found, "")
    return shutil.which("mmcli"), ""


class Fake:
    """with Fake(source, bus, seed) as calls: the daemon that is none."""

    def __init__(self, source, bus, seed):
        self.calls = bus.path(f"calls.{seed}")
        self.command = [sys.executable, os.path.join(os.path.dirname(__file__), "fake_manager.py"), source, bus.address,
                        str(seed), self.calls]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, text=True)
        if not self.process.stdout.readline().startswith("ready"):
            raise RuntimeError("the daemon that is none did not start")
        return self.calls

    def __exit__(self, *unused):
        self.process.terminate()
        self.process.communicate(timeout=PATIENCE)
