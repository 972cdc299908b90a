"""What the daemon and mmcli take, on a bus and modems of their own: rows of ./dev bench. Debian's daemon needs udev and
the kernel's drivers; tests/system/guest-contest.sh has both daemons side by side."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "interop"))
from broker import Broker  # noqa: E402
from mmcli_peers import Bus, find_stock  # noqa: E402

FLEET = 30
POLL_SECONDS = 5
IDLE_SECONDS = 20
LIST_RUNS = 101
STEP_RUNS = 5
SLOW_MS, SLOWER_MS = 32, 160
# A quarter of what Debian's daemon and broker take for as many modems in the guest.
MEMORY_GOAL = "goal 9800"


def processor_seconds(pid):
    total = 0
    for thread in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{thread}/schedstat", encoding="ascii") as file:
            total += int(file.read().split()[0])
    return total / 1e9


def own_kib(pid):
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        return int(re.search(r"^Pss: +(\d+) kB", file.read(), re.MULTILINE).group(1))


class Daemon:
    """with Daemon(build, bus, count, "--fault", …) as daemon: our daemon and broker on so many virtual modems.
    `said` is what bench-fleet says until its word `until`."""

    def __init__(self, build, bus, count, *options, poll=0, until="registered"):
        self.build, self.count, self.poll, self.until = build, count, poll, until
        self.folder = tempfile.TemporaryDirectory(prefix="qmi-bench-")
        path = os.path.join(self.folder.name, "cdc-wdm")
        self.ports = [path] if count == 1 else [f"{path}{i}" for i in range(count)]
        count = [] if count == 1 else ["--count", str(count)]
        self.sim = [f"{build}/bin/qmi-sim", *count, "--pty", path, *options]
        self.environment = {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": bus.address,
                            "STATE_DIRECTORY": self.folder.name, "RUNTIME_DIRECTORY": self.folder.name}
        self.said = {}

    def start(self, command, **named):
        return subprocess.Popen(command, env=self.environment, text=True, **named)

    def __enter__(self):
        self.modem = self.start(self.sim, stdout=subprocess.PIPE)
        if self.modem.stdout.readline().strip() != "ready":
            raise SystemExit("bench: the virtual modems did not start")
        self.broker = Broker(f"{self.build}/bin/qmi-proxy", "--no-exit").__enter__()
        fleet = self.start([f"{self.build}/tests/bench/bench-fleet", str(self.count), "0", str(self.poll)],
                           stdout=subprocess.PIPE)
        fleet.stdout.readline()
        words = [word for port in self.ports for word in ("--device", port)]
        self.manager = self.start([f"{self.build}/bin/ModemManager", "--test-no-udev", "--log-level", "ERR", *words])
        while self.until not in self.said:
            word, seconds = fleet.stdout.readline().split()
            self.said[word] = float(seconds)
        fleet.kill()
        fleet.communicate()
        return self

    def processor_seconds(self):
        return processor_seconds(self.manager.pid) + self.broker.processor_seconds()

    def __exit__(self, *unused):
        for process in (self.manager, self.modem):
            process.terminate()
            process.wait()
        self.broker.__exit__()
        self.modem.stdout.close()
        self.folder.cleanup()


def clients(build, row, environment):
    """mmcli's wall time and memory, Debian's and ours in turn, on our daemon."""
    program, library = find_stock("build/peers")
    if not program:
        print("mmcli: left out, as Debian's is not here (./dev test unpacks it)")
        return
    if library:
        environment = {**environment, "LD_LIBRARY_PATH": library}
    for words in (["-L"], ["-m", "0"]):
        out = subprocess.run([f"{build}/tests/bench/bench-process", str(LIST_RUNS), program, *words, "--",
                              f"{build}/bin/mmcli", *words], check=True, capture_output=True, text=True,
                             env=environment).stdout
        for line, name, unit, scale in zip(out.splitlines(), ("wall time", "peak memory"), ("ms", "MiB"), (1, 1 / 1024)):
            theirs, ours = (float(value) * scale for value in line.split("\t"))
            row(f"mmcli {' '.join(words)}, {name}", theirs, ours, unit, "goal 0.500" if unit == "ms" else "for comparison")


def steps(build, bus, figure):
    """How long one modem takes that answers after SLOW_MS; a modem that is slower yet tells how many answers it is that
    wait for one another."""
    def best(milliseconds):
        times = []
        for _ in range(STEP_RUNS):
            with Daemon(build, bus, 1, "--warm", "--fault", f"delay-answer={milliseconds}") as daemon:
                times.append(daemon.said["disabled"] * 1000)
        return min(times)

    slow, slower = best(SLOW_MS), best(SLOWER_MS)
    count = round((slower - slow) / (SLOWER_MS - SLOW_MS))
    figure("ModemManager, start to disabled", slow, "ms", f"on answers after {SLOW_MS} ms")
    figure("  answers that wait for one another", count, "", "")
    figure("  its time in theirs", slow / (count * SLOW_MS), "", "goal 1.300")


def fleet(build, bus, figure):
    with Daemon(build, bus, FLEET, "--warm", poll=POLL_SECONDS, until="polled") as daemon:
        figure(f"ModemManager, {FLEET} modems, start to registered", daemon.said["registered"] * 1000, "ms", "")
        time.sleep(POLL_SECONDS)
        before = daemon.processor_seconds()
        time.sleep(IDLE_SECONDS)
        percent = (daemon.processor_seconds() - before) / IDLE_SECONDS * 100
        figure("  memory, with the broker's", own_kib(daemon.manager.pid) + daemon.broker.own_kib(), "KiB", MEMORY_GOAL)
        figure("    the daemon alone", own_kib(daemon.manager.pid), "KiB", "")
        figure(f"  idle, signals polled every {POLL_SECONDS} s", percent, "%", "of one core, with the broker's")


def measure(build, row, figure):
    """Called in a world of its own."""
    if not shutil.which("dbus-daemon") or not os.access(f"{build}/bin/ModemManager", os.X_OK):
        print("ModemManager: left out, as it, or dbus-daemon, is not here")
        return
    with Bus() as bus:
        with Daemon(build, bus, 1, "--warm") as daemon:
            clients(build, row, daemon.environment)
        steps(build, bus, figure)
        fleet(build, bus, figure)
