#!/usr/bin/env python3
"""AT commands as Debian's mmcli sends them, by Debian's daemon and by ours, each with --debug and with a virtual modem
like the other's: what is printed, how it ends, the error's name, and how long that takes.

    test_manager_command.py MODEM_MANAGER QMI_SIM BUS_TOOL PEERS

Debian's daemon takes no pty for a port. It has options for its own tests: then it takes Unix sockets, and a modem that
has an AT port alone; the test carries what is said there to the virtual modem's pty and back.
"""

import ctypes
import os
import re
import select
import socket
import subprocess
import sys
import tempfile
import threading
import time
import tty

from mmcli_peers import Bus, find_stock
from sim import PATIENCE, Sim, Tap, sanitizer_environment

CLONE_NEWNET = 0x40000000
NAME = "org.freedesktop.ModemManager1"

# What is sent; to a modem that nobody has enabled, in this order.
COMMANDS = ["ATI", "AT", 'AT+CSCS="GSM"', "+CSQ", "AT+CPIN?;+CFUN?", "AT+CSQ;+CPIN?;+CFUN?", "AT+CREG=2", "AT+CREG?",
            "AT+CREG=0", "AT+CEREG?;+CFUN?", "AT+CGDCONT?", "AT+CGDCONT=?", "AT+CLAC", "AT+CNUM", "AT+COPS?", 'AT+QCFG="usbnet"', "AT+GSN", "AT+CGMR",
            "AT+NOSUCH", "NOSUCH", "AT+CFUN=99", "AT+CFUN=", "AT+CSQ;+NOSUCH", "AT+NOSUCH;+CSQ", "AT+CPIN?",
            'AT+CLCK="SC",2', 'AT+CLCK="SC",1,"9999"', "AT+CMGR=200", "AT+CMGD=200", "AT+CPBR=600",
            'AT+CPWD="SC","9999","1111"', "AT+CSCS?", "at+csq", "AT+CMEE=2", "AT+CMGR=200", "AT+CPBR=600",
            "AT+QGPSEND", "AT+NOSUCH", "AT+CMEE=0", "AT+CMGR=200", "AT+CPBR=600", "AT+CMEE=1", "AT+CPBR=600",
            "AT+CUSD?", "AT+COPS=?", "AT+CPIN?\r", "AT+QLTS", "AT+QNWINFO", "AT&V", "ATV1", "ATE1", "AT+CPIN?",
            "ATE0", "AT+CPIN?"]
# What is not the same, and why.
EATEN = "Debian's daemon takes the answer for news, where the modem has an AT port alone"
WORDS = "Debian's daemon does not know the words of the error"
DIFFERENT = {"AT+CREG?": EATEN, "AT+CEREG?;+CFUN?": EATEN, "AT+CUSD?": EATEN,
             "at+csq": "Debian's daemon puts AT in front of small letters"}
DIFFERENT_IN_WORDS = {"AT+CMGR=200": WORDS, "AT+CPBR=600": WORDS}


class Bridge:
    """A Unix socket whose one caller speaks to a tty."""

    def __init__(self, path, port):
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen()
        self.port = os.open(port, os.O_RDWR | os.O_NOCTTY)
        tty.setraw(self.port)
        self.stopped = False
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        caller = None
        while not self.stopped:
            watched = [self.port, self.listener, *([caller] if caller else [])]
            for ready in select.select(watched, [], [], 0.1)[0]:
                try:
                    caller = self.carry(ready, caller)
                except OSError:
                    caller = None  # it has hung up

    def carry(self, ready, caller):
        """From one to the other; who calls then."""
        if ready is self.listener:
            return self.listener.accept()[0]
        if ready is self.port:
            text = os.read(self.port, 4096)
            if caller:
                caller.sendall(text)
        elif ready is caller:  # not one that has hung up while the next one called
            text = caller.recv(4096)
            os.write(self.port, text)
            return caller if text else None
        return caller

    def close(self):
        self.stopped = True
        self.thread.join()
        self.listener.close()
        os.close(self.port)


class Side:
    """A virtual modem, a bus, a daemon on it, and Debian's mmcli."""

    def __init__(self, name, qmi_sim, bus_tool, mmcli, library):
        self.name, self.qmi_sim, self.bus_tool, self.mmcli = name, qmi_sim, bus_tool, mmcli
        self.environment = {**sanitizer_environment(), **({"LD_LIBRARY_PATH": library} if library else {})}

    def __enter__(self):
        self.bus = Bus().__enter__()
        self.environment["DBUS_SYSTEM_BUS_ADDRESS"] = self.bus.address
        self.control, self.at = self.bus.path("ctl"), self.bus.path("at")
        self.modem = Sim(self.qmi_sim, "--warm", "--time-scale", "0.1", "--at", self.at, "--control", self.control,
                         name=self.name).__enter__()
        self.daemon = self.bridge = None
        answer = self.bus.path("answer")
        with open(answer, "w", encoding="ascii") as file:
            file.write("yes\n")
        # Debian's daemon refuses everything without polkit.
        self.polkit = subprocess.Popen([self.bus_tool, "polkit", answer], env=self.environment, stdout=subprocess.DEVNULL)
        return self

    def start(self, *command):
        with open(self.bus.path("log"), "wb") as log:
            self.daemon = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)

    def begin(self, *words):
        return subprocess.Popen([self.mmcli, *words], env=self.environment, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True)

    def end(self, process):
        """What it printed, the name of the error, whether it failed."""
        out, complaint = process.communicate(timeout=PATIENCE)
        name = re.search(r"GDBus\.Error:org\.freedesktop\.([\w.]+)", complaint)
        return out, name.group(1) if name else "", process.returncode

    def run(self, *words):
        return self.end(self.begin(*words))

    def send(self, command, seconds=20):
        return self.run("-m", "any", f"--timeout={seconds}", f"--command={command}")

    def ctl(self, *words):
        subprocess.run([self.qmi_sim, "ctl", self.control, *words], check=True, stdout=subprocess.DEVNULL)

    def until(self, condition, seconds=PATIENCE):
        end = time.monotonic() + seconds
        while not condition() and time.monotonic() < end:
            time.sleep(0.1)
        return condition()

    def knows_modem(self):
        return f"{NAME.replace('.', '/')}/Modem/" in self.run("-L")[0]

    def is_at_rest(self):
        return re.search(r"modem\.generic\.state *: *(disabled|registered|enabled)", self.run("-K", "-m", "any")[0])

    def log(self):
        with open(self.bus.path("log"), encoding="utf-8", errors="replace") as file:
            return "".join(file.readlines()[-30:])

    def __exit__(self, *unused):
        if self.daemon:
            self.daemon.terminate()
            self.daemon.wait(timeout=PATIENCE)
        if self.bridge:
            self.bridge.close()
        self.polkit.terminate()
        self.polkit.wait()
        self.modem.__exit__()
        self.bus.__exit__()


def start_ours(side, manager):
    side.start(manager, "--debug", "--device", side.modem.path, "--at-port", side.at)
    return True


def start_theirs(side, peers):
    """Debian's, by the options of its own tests."""
    folder = os.path.join(peers, "modemmanager/usr")
    plugins = next((os.path.join(where, "ModemManager") for where, names, _ in os.walk(folder) if "ModemManager" in names
                    and where.endswith("linux-gnu")), "")
    side.bridge = Bridge(side.bus.path("socket"), side.at)
    side.start(os.path.join(folder, "sbin/ModemManager"), "--debug", "--test-enable", "--test-no-udev", "--test-no-qrtr",
               "--test-no-suspend-resume", f"--test-plugin-dir={plugins}")

    def take():
        return subprocess.run(["dbus-send", f"--bus={side.bus.address}", "--print-reply", f"--dest={NAME}",
                               "/org/freedesktop/ModemManager1", f"{NAME}.Test.SetProfile", "string:test", "string:generic",
                               f"array:string:{side.bus.path('socket')}"], capture_output=True, check=False).returncode == 0

    return side.until(take, 10)


def same(tap, name, ours, theirs):
    tap.check(name, ours == theirs, f"ours    {ours!r}\nDebian's {theirs!r}")


def one_by_one(tap, ours, theirs):
    different = DIFFERENT
    for number, command in enumerate(COMMANDS):
        ends = ours.send(command), theirs.send(command)
        if command.startswith("AT+CMEE="):
            different = DIFFERENT | (DIFFERENT_IN_WORDS if command == "AT+CMEE=2" else {})
        if command in different:
            tap.check(f"{number}: {command!r}: {different[command]}", ends[0] != ends[1], ends)
        else:
            same(tap, f"{number}: {command!r}", *ends)


def without_news(end):
    """Debian's daemon hands out what the modem says by itself amid an answer; ours takes it for what it is."""
    return re.sub(r'RING\n\n(\+CLIP: [^\n]*\n\n)?', "", end[0]), *end[1:]


def amid_news(tap, ours, theirs):
    """While the modem rings."""
    answers = []
    for side in (ours, theirs):
        side.send("AT+CLIP=1")
        side.ctl("call", "+4915550101")
        answers.append([side.send(command) for command in ("AT+CPIN?", "AT+CFUN?", "AT+GSN") * 5])
        side.ctl("call-remote", "hang-up")
    same(tap, "commands of a modem that rings", answers[0], [without_news(end) for end in answers[1]])


def at_once(tap, ours, theirs):
    answers = []
    for side in (ours, theirs):
        waiting = [side.begin("-m", "any", "--timeout=30", f"--command={command}")
                   for command in ("AT+CPIN?", "AT+CFUN?", "AT+NOSUCH", "AT+CMGR=200") * 3]
        answers.append([side.end(process) for process in waiting])
    same(tap, "several at one time", *answers)


def silent(tap, ours, theirs):
    """A port that says nothing, and goes on."""
    ends, times = [], []
    for side in (ours, theirs):
        side.ctl("fault", "at-silent")
        begin = time.monotonic()
        ends.append(side.send("ATI", 3))
        times.append(time.monotonic() - begin)
        side.ctl("fault-disarm")
    same(tap, "a port that is silent", *ends)
    # GLib's seconds begin when they like.
    tap.check("after the same time", abs(times[0] - times[1]) < 1.5 and min(times) > 1.5, times)
    same(tap, "one that answers again", *[
        side.until(lambda side=side: side.send("AT+CPIN?")[2] == 0, 30) and side.send("AT+CPIN?") for side in (ours, theirs)])


def main():
    manager, qmi_sim, bus_tool, peers = sys.argv[1:]
    stock, library = find_stock(peers)
    if not stock or not os.path.exists(os.path.join(peers, "modemmanager/usr/sbin/ModemManager")):
        print("1..0 # SKIP Debian's ModemManager is not unpacked")
        return 0
    if os.geteuid() == 0:
        ctypes.CDLL(None).unshare(CLONE_NEWNET)
    tap = Tap()
    with (Side("ours", qmi_sim, bus_tool, stock, library) as ours,
          Side("theirs", qmi_sim, bus_tool, stock, library) as theirs):
        tap.check("our daemon has a modem", start_ours(ours, manager) and ours.until(ours.knows_modem))
        good = start_theirs(theirs, peers) and theirs.until(theirs.knows_modem, 90)
        tap.check("Debian's has one", good, theirs.log())
        tap.check("both are at rest", ours.until(ours.is_at_rest) and theirs.until(theirs.is_at_rest),
                  theirs.run("-K", "-m", "any")[0])
        if good:
            for part in (one_by_one, amid_news, at_once, silent):
                part(tap, ours, theirs)
    return tap.done()


sys.exit(main())
