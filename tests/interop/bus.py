"""A bus of one's own with ModemManager on it, and a virtual modem behind that."""

import json
import os
import re
import subprocess
import time

from sim import PATIENCE

NAME = "org.freedesktop.ModemManager1"
ROOT = "/org/freedesktop/ModemManager1"

CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <deny own="*"/>
    <deny send_type="method_call"/>
    <allow send_type="signal"/>
    <allow send_requested_reply="true" send_type="method_return"/>
    <allow send_requested_reply="true" send_type="error"/>
    <allow receive_type="method_call"/>
    <allow receive_type="method_return"/>
    <allow receive_type="error"/>
    <allow receive_type="signal"/>
    <allow send_destination="org.freedesktop.DBus"/>
    <allow send_destination="org.freedesktop.PolicyKit1"/>
  </policy>
  <policy user="root"><allow own="org.freedesktop.PolicyKit1"/></policy>
  <include>{policy}</include>
</busconfig>
"""


def wait_for(condition, patience=PATIENCE):
    """What `condition` returned when it was true, or at last."""
    end = time.monotonic() + patience
    while not (found := condition()) and time.monotonic() < end:
        time.sleep(0.05)
    return found


class Bus:
    """with Bus(folder, policy): the system bus of this process and its children, in a world of their own: other
    users, who may not come to the folder of a test, find it in /run."""

    def __init__(self, folder, policy):
        self.socket = "/run/bus"
        self.config = os.path.join(folder, "bus.conf")
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(CONFIG.format(socket=self.socket, policy=policy))
        self.process = None

    def __enter__(self):
        self.process = subprocess.Popen(["dbus-daemon", f"--config-file={self.config}", "--nofork", "--nopidfile"],
                                        stderr=subprocess.DEVNULL)
        os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = f"unix:path={self.socket}"
        wait_for(lambda: os.path.exists(self.socket))
        return self

    def __exit__(self, *unused):
        self.process.terminate()
        self.process.wait()


class Manager:
    """with Manager(program, "--device", path) as manager: …; its log is the file manager.log."""

    def __init__(self, program, *args, log, environment=None):
        self.command = [program, *args]
        self.log_path = log
        self.environment = {**os.environ, **(environment or {})}
        self.process = None

    def __enter__(self):
        with open(self.log_path, "a", encoding="utf-8") as log:
            self.process = subprocess.Popen(self.command, stderr=log, env=self.environment)
        wait_for(lambda: self.process.poll() is not None or modems() is not None)
        return self

    def __exit__(self, *unused):
        self.process.terminate()
        self.process.wait(timeout=PATIENCE)

    def log(self):
        with open(self.log_path, encoding="utf-8") as file:
            return file.read()


def busctl(*args, user=None):
    """A finished process; of another user where one is named."""
    become = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"] if user else []
    return subprocess.run([*become, "busctl", "--json=short", *args], capture_output=True, text=True,
                          timeout=PATIENCE, check=False)


def call(path, interface, method, *args, user=None):
    """(what was answered as text, what went wrong)"""
    done = busctl("call", NAME, path, interface, method, *args, user=user)
    return done.stdout.strip(), done.stderr.strip()


def modems():
    """The paths that ObjectManager lists; None: nobody answers. (busctl has no JSON for what it lists.)"""
    done = subprocess.run(["busctl", "call", NAME, ROOT, "org.freedesktop.DBus.ObjectManager", "GetManagedObjects"],
                          capture_output=True, text=True, timeout=PATIENCE, check=False)
    return re.findall(f'"({ROOT}/Modem/[0-9]+)"', done.stdout) if done.returncode == 0 else None


def get(path, interface, name):
    done = busctl("get-property", NAME, path, f"{NAME}.{interface}", name)
    return json.loads(done.stdout)["data"] if done.returncode == 0 else None
