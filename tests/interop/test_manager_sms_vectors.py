#!/usr/bin/env python3
"""Messages of other projects' test suites, through the interface Messaging: those that arrive or lie in the modem are
read as these say, those that are made have the same octets.

    test_manager_sms_vectors.py MODEM_MANAGER QMI_SIM

They are in $QMIKIT_VECTORS/sms.jsonl; skipped where that is not set."""

import json
import os
import select
import shutil
import sys
import tempfile
import time

from sim import PATIENCE, Tap

try:
    from manager_world import Failure, REGISTERED, Variant, World
except (ImportError, ValueError) as missing:
    print(f"1..0 # SKIP GLib's bindings for Python are not installed: {missing}")
    sys.exit(0)

TYPES = {"deliver": 1, "submit": 2, "status-report": 3}
CODINGS = ("text", "number", "smsc", "timestamp")
# Where we know better, and why; what concerns the reading of a PDU is in tests/unit/test-sms-vectors.c.
EXCEPTIONS = {
    ("ofono/sms_charset_default", "number"): "it has 11 digits, not a twelfth that fills up",
    ("ofono/sms_charset_default_ext", "number"): "likewise",
}


class At:
    """The modem's AT port, for what is to lie in its store."""

    def __init__(self, path):
        self.fd = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        self.ask("ATE0")
        self.ask("AT+CMGF=0")
        self.ask('AT+CPMS="ME","ME","ME"')

    def read(self, *ends):
        data, until = b"", time.monotonic() + PATIENCE
        while not any(end in data for end in ends) and time.monotonic() < until:
            if select.select([self.fd], [], [], 0.2)[0]:
                data += os.read(self.fd, 65536)
        return data.decode("latin-1")

    def ask(self, command):
        os.write(self.fd, command.encode() + b"\r")
        return self.read(b"OK\r\n", b"ERROR")

    def store(self, pdu, state):
        """Where it lies; None: the modem refused it."""
        octets = len(pdu) // 2 - 1 - int(pdu[:2], 16)
        os.write(self.fd, f"AT+CMGW={octets},{state}\r".encode())
        if ">" not in self.read(b">", b"ERROR"):
            return None
        os.write(self.fd, pdu.encode() + b"\x1a")
        said = self.read(b"OK\r\n", b"ERROR")
        return int(said.split("+CMGW:")[1].split()[0]) if "+CMGW:" in said else None

    def fetch(self, index):
        """The PDU that lies there."""
        return self.ask(f"AT+CMGR={index}").split("+CMGR:")[1].splitlines()[1].strip()


def rows():
    folder = os.environ.get("QMIKIT_VECTORS")
    path = os.path.join(folder, "sms.jsonl") if folder else ""
    if not os.path.exists(path):
        return None
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def expected(row):
    """The suite's word, else ModemManager's."""
    peer, own = row.get("oracle_modemmanager") or {}, row["expect"]
    return {name: own.get(name, peer.get(name)) for name in CODINGS if isinstance(own.get(name, peer.get(name)), str)}


def differences(row, world, path):
    """What the object says otherwise than the vector."""
    wrong = []
    for name, want in expected(row).items():
        got = world.get("Sms", {"smsc": "SMSC"}.get(name, name.capitalize()), path=path)
        if name == "text" and bytes(world.get("Sms", "Data", path=path)):
            continue  # octets
        if got != want and (row["id"], name) not in EXCEPTIONS:
            wrong.append(f"{row['id']} {name}: {got!r}, not {want!r}")
    kind = world.get("Sms", "PduType", path=path)
    if kind != TYPES[(row.get("oracle_modemmanager") or {}).get("type", row["direction"])]:
        wrong.append(f"{row['id']}: its type is {kind}")
    return wrong


def is_part(row):
    return "concat_reference" in row["expect"] or "concat_reference" in (row.get("oracle_modemmanager") or {})


def stored(tap, world, at, vectors):
    """They lie in the modem before it is enabled."""
    wrong, taken, refused = [], 0, 0
    for row in vectors:
        index = at.store(row["pdu"], 2 if row["direction"] == "submit" else 1)
        if index is None:
            refused += 1
            continue
        world.enable()
        paths = world.wait(lambda: world.get("Modem.Messaging", "Messages"), 10)
        taken += 1
        if not paths:
            wrong.append(f"{row['id']}: it was not read")
        elif not is_part(row):
            wrong += differences(row, world, paths[0])
        for path in paths or []:
            world.call("Modem.Messaging", "Delete", "o", path)
        at.ask(f"AT+CMGD={index}")
        world.call("Modem", "Enable", "b", False)
    print(f"# {taken} were stored and read, {refused} the modem did not take")
    tap.check("most lie in the modem", taken > 200, taken)
    tap.check("what lies in the modem is read as others read it", not wrong, "\n".join(wrong))


def arriving(tap, world, vectors):
    """They come while it is enabled, those of several parts, too."""
    wrong, count = [], 0
    world.enable()
    world.becomes(REGISTERED)
    for row in vectors:
        before = world.get("Modem.Messaging", "Messages")
        try:
            world.ctl("sms-pdu", row["pdu"])
        except RuntimeError:
            continue  # the message centre would not have sent it
        paths = world.wait(lambda: [path for path in world.get("Modem.Messaging", "Messages") if path not in before], 3)
        # A part, or a report, may have become part of what is there.
        if paths and not is_part(row):
            count += 1
            wrong += differences(row, world, paths[0])
    print(f"# {count} arrived whole")
    tap.check("most arrive", count > 30, count)
    tap.check("what arrives is read as others read it", not wrong, "\n".join(wrong))


def octets_of(row, world, at):
    """The PDU that is made of a vector's fields, as it lies in the modem; None: it is no text."""
    peer, own = row.get("oracle_modemmanager") or {}, row["expect"]
    text = own.get("text") or peer.get("text")
    properties = {"number": Variant("s", own["number"])}
    if peer.get("encoding") == "8BIT":
        properties["data"] = Variant("ay", bytes.fromhex(peer["data"]))
    else:
        properties["text"] = Variant("s", text)
    if expected(row).get("smsc"):
        properties["smsc"] = Variant("s", expected(row)["smsc"])
    if "validity_relative" in peer:
        properties["validity"] = Variant("(uv)", (1, Variant("u", peer["validity_relative"])))
    if "class" in peer:
        properties["class"] = Variant("i", peer["class"])
    if peer.get("delivery_report_request") == "yes":
        properties["delivery-report-request"] = Variant("b", True)
    path = world.call("Modem.Messaging", "Create", "a{sv}", properties)
    world.call("Sms", "Store", "u", 2, path=path)
    slots = world.ctl("sms-list", "me")["messages"]
    found = at.fetch(slots[-1]["index"])
    world.call("Modem.Messaging", "Delete", "o", path)
    return found


def made(tap, world, at, vectors):
    """They are made and stored. A validity until a certain time cannot be asked for."""
    vectors = [row for row in vectors if not row["expect"].get("set_validity", "").startswith("datetime")]
    wrong = []
    world.enable()
    for path in world.get("Modem.Messaging", "Messages"):
        world.call("Modem.Messaging", "Delete", "o", path)
    for row in vectors:
        try:
            got = octets_of(row, world, at)
        except Failure as failure:
            got = str(failure)
        if got != row["pdu"]:
            wrong.append(f"{row['id']}: {got}\n{' ' * len(row['id'])}  {row['pdu']}")
    print(f"# {len(vectors)} were made")
    tap.check("what is made has the octets that others make", not wrong, "\n".join(wrong))


def main():
    manager, qmi_sim = sys.argv[1:]
    vectors = rows()
    if not vectors or not shutil.which("dbus-daemon"):
        print("1..0 # SKIP QMIKIT_VECTORS has no sms.jsonl, or dbus-daemon is not installed")
        return 0
    tap = Tap()

    def of(*directions):
        return [row for row in vectors if row["direction"] in directions and not row.get("malformed")]

    with tempfile.TemporaryDirectory(prefix="qmi-sms-") as folder:
        path = os.path.join(folder, "at")
        with World(manager, qmi_sim, "--warm", "--time-scale", "0.02", "--at", path) as world:
            at = At(path)
            stored(tap, world, at, of("deliver", "submit", "status-report"))
            arriving(tap, world, of("deliver", "status-report"))
            made(tap, world, at, of("encode-submit"))
            tap.check("the daemon ends well", world.end() == 0)
    return tap.done()


sys.exit(main())
