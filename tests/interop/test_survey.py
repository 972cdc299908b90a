#!/usr/bin/env python3
"""A survey of a virtual modem: it only reads, it ends, and nothing in its file tells whose modem it was.

    test_survey.py QMI-TRACE QMICLI QMI-SIM
"""

import json
import os
import re
import signal
import stat
import subprocess
import sys
import tempfile
import time

from pcapng import records
from sim import PATIENCE, Sim, Tap

ALLOCATE, RELEASE = 0x22, 0x23


def run(*command, **more):
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE + 120, **more)


def swapped(digits):
    """Digits as SIM files and SMS have them: two in a byte, the first one low."""
    digits += "f" * (len(digits) % 2)
    return bytes(int(digits[i + 1] + digits[i], 16) for i in range(0, len(digits), 2))


def message(record):
    frame = record["bytes"]
    at = 8 if frame[4] == 0 else 9
    return frame[4], int.from_bytes(frame[at:at + 2], "little")


def identities(qmicli, device):
    """What identifies this modem and its card, of what qmicli shows of it."""
    said = "".join(run(qmicli, "-d", device, action).stdout for action in ("--dms-get-ids", "--dms-get-msisdn",
                                                                          "--dms-uim-get-imsi", "--dms-uim-get-iccid"))
    return set(re.findall(r"\d{9,}", said))


def test_survey(tap, qmi_trace, qmicli, qmi_sim, folder):
    out, control = os.path.join(folder, "survey.pcapng"), os.path.join(folder, "control")
    scratch = os.path.join(folder, "scratch")
    os.mkdir(scratch)
    with Sim(qmi_sim, "--control", control) as modem:
        known = identities(qmicli, modem.path)
        before = run(qmi_sim, "ctl", control, "status").stdout
        done = run(qmi_trace, "survey", "--direct", "-d", modem.path, "-o", out, env={**os.environ, "TMPDIR": scratch})
        after = run(qmi_sim, "ctl", control, "status").stdout
    tap.check("it asks, and all is answered or refused", done.returncode == 0 and ", 0 without an answer" in done.stdout,
              done.stdout + done.stderr)
    tap.check("the modem is as it was", before and json.loads(before) == json.loads(after), f"{before}\n{after}")
    recorded = records(out)
    asked = [message(r) for r in recorded if r["direction"] == 0]
    tap.check("more than a hundred requests of ten services and more", len(asked) > 100 and
              len({service for service, _ in asked}) > 10, len(asked))
    tap.check("each client id is given back", 0 < asked.count((0, ALLOCATE)) == asked.count((0, RELEASE)))
    with open(out, "rb") as file:
        content = file.read()
    left = [value for value in known if value.encode() in content or swapped(value) in content]
    tap.check("no number of the modem or its card is left", len(known) >= 2 and not left, f"{known}: {left}")
    tap.check("its file is the owner's, and no other is left", stat.S_IMODE(os.stat(out).st_mode) == 0o600 and
              not os.listdir(scratch), os.listdir(scratch))
    shown = run(qmi_trace, "summary", out)
    tap.check("qmi-trace reads it", shown.returncode == 0 and "get-signal-info" in shown.stdout, shown.stderr)


def test_profile(tap, qmi_trace, qmicli, qmi_sim, folder):
    """A virtual modem made of the survey of another one: what is not personal it answers alike."""
    with open(os.path.join(folder, "other.json"), "w", encoding="utf-8") as file:
        json.dump({"base": "ec25-eux", "name": "other", "title": "Another", "identity": {"revision": "EC25EUGAR06A03M4G",
                   "certainty": {"revision": "C"}}, "cell": {"rsrp": -90, "certainty": {"rsrp": "C"}}}, file)
    out, made = os.path.join(folder, "other.pcapng"), os.path.join(folder, "made.json")
    actions = ("--dms-get-revision", "--nas-get-signal-info", "--nas-get-home-network", "--uim-get-card-status",
               "--wds-get-profile-list=3gpp")

    def answers(device):
        return [run(qmicli, "-d", device, action).stdout.replace(device, "DEVICE") for action in actions]

    with Sim(qmi_sim, "--seed", "77", "--profile", os.path.join(folder, "other.json")) as modem:
        original = answers(modem.path)
        run(qmi_trace, "survey", "--direct", "-d", modem.path, "-o", out)
    done = run(qmi_trace, "profile", out, "-o", made)
    with Sim(qmi_sim, "--seed", "3", "--profile", made) as modem:
        again = answers(modem.path)
    tap.check("a profile made of it answers as the modem did", done.returncode == 0 and "EC25EUGAR06A03M4G" in
              original[0] and original == again, f"{done.stderr}\n{original}\n{again}")


def test_stopped(tap, qmi_trace, qmi_sim, folder):
    """An interrupt in the middle: what was said is kept, and nothing is left behind."""
    out, scratch = os.path.join(folder, "stopped.pcapng"), os.path.join(folder, "stopped")
    os.mkdir(scratch)
    with Sim(qmi_sim, "--fault", "delay-answer=300:dms") as modem:
        survey = subprocess.Popen([qmi_trace, "survey", "--direct", "-d", modem.path, "-o", out], text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "TMPDIR": scratch})
        time.sleep(2)
        survey.send_signal(signal.SIGINT)
        said, errors = survey.communicate(timeout=PATIENCE)
    asked = [message(r) for r in records(out) if r["direction"] == 0] if os.path.exists(out) else []
    tap.check("an interrupt ends it with what was said", survey.returncode == 0 and 3 < len(asked) < 60 and
              "was stopped" in errors and errors.count("\n") == 1, f"{len(asked)} {said} {errors}")
    tap.check("its client id is given back, its file gone", 0 < asked.count((0, ALLOCATE)) == asked.count((0, RELEASE)) and
              not os.listdir(scratch), asked)


def test_trouble(tap, qmi_trace, qmi_sim, folder):
    out = os.path.join(folder, "trouble.pcapng")
    with Sim(qmi_sim, "--fault", "drop-answer:dms.get-model") as modem:
        done = run(qmi_trace, "survey", "--direct", "-d", modem.path, "-o", out)
        tap.check("an answer that never comes is counted", done.returncode == 0 and ", 1 without an answer" in done.stdout,
                  done.stdout + done.stderr)
        done = run(qmi_trace, "survey", "--direct", "-d", modem.path, "-o", out)
        tap.check("a file that is there stays", done.returncode == 1 and "File exists" in done.stderr, done.stderr)
    for words in ([], ["-d"], ["--what"], ["-d", "/dev/null", "--what"]):
        done = run(qmi_trace, "survey", *words)
        tap.check(f"survey {' '.join(words)}: says what is wrong", done.returncode == 2 and done.stderr.count("\n") == 1,
                  done.stderr)
    for device in (os.path.join(folder, "nothing"), "/dev/null", folder, "unix:/nowhere"):
        done = run(qmi_trace, "survey", "--direct", "-d", device, "-o", os.path.join(folder, "none"))
        tap.check(f"{device.replace(folder, 'FOLDER')} is no modem", done.returncode == 1 and done.stderr.count("\n") == 1 and
                  not os.path.exists(os.path.join(folder, "none")), done.stderr)


def main(qmi_trace, qmicli, qmi_sim):
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        test_survey(tap, qmi_trace, qmicli, qmi_sim, folder)
        test_profile(tap, qmi_trace, qmicli, qmi_sim, folder)
        test_stopped(tap, qmi_trace, qmi_sim, folder)
        test_trouble(tap, qmi_trace, qmi_sim, folder)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main(*map(os.path.abspath, sys.argv[1:])))
