#!/usr/bin/env python3
"""qmi-trace on recordings: those of Debian's qmicli on a virtual modem, and what is no good recording.

    test_trace.py QMI_TRACE QMI_SIM QMICLI DISSECTOR GUIDE DOCUMENT
"""

import json
import os
import re
import shutil
import subprocess
import signal
import sys
import tempfile
import threading

import recording as rec
from dissected import compare_value, dissect, same
from sim import PATIENCE, Sim, Tap

QMICLI = "/usr/bin/qmicli"
MORE = ["--dms-get-operating-mode", "--dms-get-band-capabilities", "--dms-uim-get-pin-status",
        "--dms-noop", "--nas-get-cell-location-info", "--nas-get-technology-preference",
        "--nas-get-system-selection-preference", "--nas-get-rf-band-info", "--nas-get-supported-messages",
        "--uim-get-slot-status", "--wds-get-profile-list=3gpp", "--wds-get-default-settings=3gpp",
        "--wds-get-autoconnect-settings", "--wda-get-data-format", "--wms-get-supported-messages",
        "--uim-read-transparent=0x3F00,0x2FE2", "--uim-read-transparent=0x3F00,0x7FFF,0x6F07",
        "--uim-read-record=1,34,0x3F00,0x7FFF,0x6F40", "--get-service-version-info", "--dms-get-time",
        "--nas-network-scan", "--nas-get-operator-name", "--nas-get-plmn-name=1,1", "--loc-get-engine-lock"]


def run(*words, stdin=None, env=None):
    return subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE, check=False, input=stdin or "",
                          env={**os.environ, "TZ": "UTC", **(env or {})})


def describe(done):
    return f"exit {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-1000:]}"


IMEI, IMSI, ICCID = "862506040000017", "001010123456789", "89999010000000000017"


def swapped(digits):
    """BCD as SIM files have it."""
    digits += "f" * (len(digits) % 2)
    return bytes.fromhex("".join(digits[i + 1] + digits[i] for i in range(0, len(digits), 2)))


def septets(text, skip=0):
    """Seven bits a character, as in an SMS."""
    bits = sum(ord(c) << (7 * i + skip) for i, c in enumerate(text))
    return bits.to_bytes((7 * len(text) + skip + 7) // 8, "little")


def luhn(digits):
    total = sum(sum(divmod(int(d) * (1 + i % 2), 10)) for i, d in enumerate(reversed(digits)))
    return total % 10 == 0


def survivors(path, value):
    """The forms of a number or a word that are still in a file."""
    with open(path, "rb") as file:
        data = file.read()
    found = [form for form in ("ascii", "utf-16-le", "utf-16-be") if value.encode(form) in data]
    nibbles = data.hex()
    if value.isdigit() and len(value) > 5:
        crossed = "".join(nibbles[i + 1] + nibbles[i] for i in range(0, len(nibbles), 2))
        found += [form for form, text in (("bcd", nibbles), ("swapped bcd", crossed)) if value in text]
    for skip in range(8):
        packed = int.from_bytes(septets(value, skip), "little") >> skip
        inner = septets(value, skip)[1:-1]
        if inner in data and packed and len(inner) > 3:
            found.append(f"7 bits from {skip}")
    return [f"{value} as {form}" for form in found]


def hidden(shown, masked):
    """The texts that are shown in one and masked in the other."""
    if masked == "###":
        texts = {shown} if isinstance(shown, str) else set()
        return {text for text in texts if len(text) > 5 and len(set(text)) > 2}
    if isinstance(shown, dict):
        return set().union(*(hidden(value, masked.get(name)) for name, value in shown.items()))
    if isinstance(shown, list) and isinstance(masked, list):
        return set().union(*(hidden(a, b) for a, b in zip(shown, masked)))
    return set()


class UnixSim:
    """A virtual modem on a Unix socket."""

    def __init__(self, program, path, *args):
        self.command = [program, "--unix", path, "--time-scale", "0.01", *args]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, text=True)
        if self.process.stdout.readline().strip() != "ready":
            raise RuntimeError("qmi-sim did not start")
        return self

    def __exit__(self, *unused):
        self.process.terminate()
        self.process.wait(timeout=PATIENCE)
        self.process.stdout.close()


class Tests:
    def __init__(self, qmi_trace, qmi_sim, qmicli, dissector, guide, document):
        self.trace, self.sim, self.qmicli, self.dissector = qmi_trace, qmi_sim, qmicli, dissector
        self.document = document
        self.keys = set()       # of the JSON of decode
        self.tap, self.folder = Tap(), tempfile.mkdtemp(prefix="qmi-trace-")
        with open(guide, encoding="utf-8") as file:
            lines = re.findall(r"^qmicli -d /dev/cdc-wdm0 (.*)$", file.read(), re.MULTILINE)
        self.guide = list(dict.fromkeys(lines))

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, *packets):
        """A recording of packets (bytes, one after the other, a millisecond apart)."""
        with open(self.path(name), "wb") as file:
            file.write(rec.head())
            for index, data in enumerate(packets):
                file.write(rec.packet(data, (index + 1) * 1_000_000))
        return self.path(name)

    def show(self, *words):
        done = run(self.trace, "show", "--json", *words)
        return [json.loads(line) for line in done.stdout.splitlines()], done

    def record_qmicli(self, name, commands, *sim):
        """What Debian's qmicli prints for each command; its frames go to the recording `name`."""
        printed = {}
        with UnixSim(self.sim, self.path("modem.socket"), *sim):
            with rec.Relay(self.path("modem.socket"), self.path("cdc-wdm0"), self.path(name)) as relay:
                for command in commands:
                    relay.pid += 1
                    done = run(QMICLI, "-d", self.path("cdc-wdm0"), "--device-open-qmi", *command.split())
                    printed[command] = (done.returncode, done.stdout)
        return printed

    def exchange(self):
        """A recording with a bit of everything, all of it in its own words."""
        return self.write(
            "exchange.pcapng",
            rec.link(rec.frame(0, 0, 0, 1, 0x22, rec.tlv(1, b"\2"))),
            rec.link(rec.frame(0, 0, 1, 1, 0x22, rec.result() + rec.tlv(1, b"\2\5")), True),
            rec.link(rec.frame(2, 5, 0, 1, 0x25)),
            rec.link(rec.frame(2, 5, 1, 1, 0x25, rec.result() + rec.tlv(0x11, b"862506040000017") +
                               rec.tlv(0x77, b"862506040000017")), True),
            rec.link(rec.frame(2, 5, 0, 2, 0x25)),
            rec.link(rec.frame(2, 5, 1, 2, 0x25, rec.result(48)), True),
            rec.link(rec.frame(3, 1, 0, 7, 0x4F), pid=200, process="ModemManager"),
            rec.link(b"\1not QMI", True),
        )

    def shows(self):
        path = self.exchange()
        entries, done = self.show(path)
        self.tap.check("every record is shown", done.returncode == 0 and [e["number"] for e in entries] ==
                       list(range(1, 9)), describe(done))
        ids = entries[3]
        self.tap.check("a response names its request and how long it took", ids["request"] == 3 and
                       ids["latency-nsec"] == 1_000_000 and ids["message"] == "get-ids", ids)
        self.tap.check("personal fields and unknown TLVs are hidden", ids["fields"]["imei"] == "###" and
                       ids["fields"]["unknown-tlvs"][0]["bytes"] == "###" and "8625" not in done.stdout and
                       b"8625".hex() not in done.stdout, done.stdout)
        entries, done = self.show(path, "--unmask")
        self.tap.check("--unmask shows them", entries[3]["fields"]["imei"] == "862506040000017" and
                       b"862506040000017".hex() in entries[3]["bytes"], entries[3])
        self.tap.check("bytes that are no message are shown as such", "message" not in entries[7] and
                       entries[7]["bytes"] == b"\1not QMI".hex(), entries[7])
        text = run(self.trace, "show", path)
        self.tap.check("text says the same", "imei: ###" in text.stdout and "1.000 ms after #3" in text.stdout and
                       "error 48 InvalidArgument" in text.stdout, describe(text))
        for words, numbers in ((("--service", "dms"), [3, 4, 5, 6]), (("--message=get-ids",), [3, 4, 5, 6]),
                               (("--client", "1"), [7]), (("--errors",), [6]), (("--pid", "200"), [7]),
                               (("--process", "ModemManager"), [7]), (("--message", "0x22"), [1, 2]),
                               (("--device", "/dev/null"), [])):
            entries, done = self.show(path, *words)
            self.tap.check(f"show {' '.join(words)}", [e["number"] for e in entries] == numbers, describe(done))

    def qmuxd_exchange(self, bits):
        """A program on qmuxd: its number, a client id, a question and the answer; a CTL message; one cut short."""
        def link(data, from_modem=False):
            return rec.link(data, from_modem, rec.QMUXD, device="/var/qmux_connect_socket", process="atfwd_daemon")

        def message(kind, service, client, payload):
            return rec.qmuxd(kind, service, client, payload, bits)

        answer = message(0, 2, 5, rec.sdu(2, 1, 9, 0x25, rec.result() + rec.tlv(0x11, IMEI.encode())))
        return self.write(f"qmuxd-{bits}.pcapng", link(b"\7\0\0\0", True),
                          link(message(1, 0, 0, b"\2" + bytes(663))),
                          link(message(1, 0, 0, b"\5" + bytes(663)), True),
                          link(message(0, 2, 5, rec.sdu(2, 0, 9, 0x25))), link(answer, True),
                          link(message(11, 0, 0, rec.sdu(0, 0, 3, 0x21))), link(answer[:-1], True)), answer

    def shows_qmuxd(self):
        for bits in (32, 64):
            path, answer = self.qmuxd_exchange(bits)
            entries, done = self.show(path)
            said = [e.get("note") or e.get("message") for e in entries]
            self.tap.check(f"qmuxd, {bits} bits: every message is read", said == [
                "qmuxd client number 7", "qmuxd allocate a client id of service 2, request",
                "qmuxd allocate a client id, answer: 5", "get-ids", "get-ids", "get-version-info", None], describe(done))
            self.tap.check(f"qmuxd, {bits} bits: with service, client and request",
                           (entries[4]["service"], entries[4]["client"], entries[4]["request"]) == ("dms", 5, 4) and
                           entries[4]["fields"]["imei"] == "###", entries[4])
            done = run(self.trace, "decode", "--json", "--transport", "qmuxd", stdin=answer.hex())
            self.tap.check(f"qmuxd, {bits} bits: decode", done.returncode == 0 and
                           json.loads(done.stdout)["tlvs"][1]["value"] == IMEI, describe(done))
            out, done = self.anonymise(path)
            self.tap.check(f"qmuxd, {bits} bits: anonymise", done.returncode == 0 and not survivors(out, IMEI),
                           describe(done))

    def follows(self):
        path = self.path("live.pcapng")
        whole = open(self.exchange(), "rb").read()
        with open(path, "wb") as file:
            file.write(whole[:190])
        process = subprocess.Popen([self.trace, "show", "--json", "--follow", path], stdout=subprocess.PIPE, text=True)
        watchdog = threading.Timer(PATIENCE, process.kill)
        watchdog.start()
        seen = [json.loads(process.stdout.readline() or "{\"number\": 0}")["number"]]
        with open(path, "ab") as file:
            for at in range(190, len(whole), 37):
                file.write(whole[at:at + 37])
                file.flush()
        seen += [json.loads(process.stdout.readline() or "{\"number\": 0}")["number"] for _ in range(7)]
        os.unlink(path)
        self.tap.check("--follow shows what is appended, and ends with the file", seen == list(range(1, 9)) and
                       process.wait() == 0, seen)
        watchdog.cancel()
        process.stdout.close()

    def bad_files(self):
        whole = open(self.exchange(), "rb").read()
        head, packet = rec.head(), rec.packet(rec.link(rec.frame(2, 5, 0, 1, 0x25)))
        cases = [
            ("cut", whole[:-5], "ends within a block", 7), ("empty", b"", "byte 0: the file is empty", 0),
            ("text", b"hello, world\n", "byte 0: no pcapng section", 0),
            ("ethernet", rec.head(1) + rec.packet(b"x" * 60), "the first has link type 1", 0),
            ("bad length", head + packet + packet[:4] + b"\7\0\0\0" + packet[8:], "7 bytes, which cannot be", 1),
            ("two kinds", head + packet + rec.packet(b"no header of ours"), "1 packets are no QMI records", 1),
            ("pcap", b"\xd4\xc3\xb2\xa1" + bytes(20), "this is a pcap file", 0),
        ]
        for name, data, words, count in cases:
            with open(self.path("bad"), "wb") as file:
                file.write(data)
            entries, done = self.show(self.path("bad"))
            good = words in done.stderr and len(entries) == count and len(done.stderr.splitlines()) == 1
            self.tap.check(f"a file that is {name}", good and (done.returncode == 0) == (name == "two kinds"),
                           describe(done))
        for order in "<>":
            with open(self.path("order"), "wb") as file:
                file.write(rec.head(order=order) + rec.packet(rec.link(rec.frame(2, 5, 0, 1, 0x25)), 5, order))
            entries, done = self.show(self.path("order"))
            self.tap.check(f"byte order {order}", len(entries) == 1 and entries[0]["time-nsec"] == 5, describe(done))
        done = run(self.trace, "show", "/no/such/file")
        self.tap.check("a file that is not there", done.returncode == 1 and "No such file" in done.stderr,
                       describe(done))
        for words in (["show"], ["show", "--rubbish", "x"], ["show", "x", "--service", "rubbish"], ["rubbish"], []):
            done = run(self.trace, *words)
            self.tap.check(f"qmi-trace {' '.join(words)}: one line and 2", done.returncode == 2 and
                           len(done.stderr.splitlines()) == 1 and not done.stdout, describe(done))

    def decodes(self):
        frames = [rec.frame(2, 5, 1, 1, 0x25, rec.result() + rec.tlv(0x11, b"862506040000017")),
                  rec.frame(0, 0, 0, 1, 0x22, rec.tlv(1, b"\2")), rec.frame(0xE9, 1, 0, 1, 0x1234, rec.tlv(1, b"\2"))]
        done = run(self.trace, "decode", "--json", stdin="".join(frame.hex() + "\n" for frame in frames))
        found = [json.loads(line) for line in done.stdout.splitlines()]
        self.tap.check("decode: one record a line", done.returncode == 0 and len(found) == 3 and
                       found[0]["tlvs"][1] == {"id": 0x11, "name": "imei", "length": 15, "value": "862506040000017",
                                               "malformed": False} and found[1]["tlvs"][0]["value"] == "dms",
                       describe(done))
        self.tap.check("decode: what nobody has defined", {**found[2], "tlvs": None} == {
            "number": 3, "transport": "qmux", "direction": "to-modem", "service": None, "service_id": 0xE9,
            "type": "request", "message": None, "message_id": 0x1234, "client": 1, "transaction": 1, "result": None,
            "tlvs": None} and found[2]["tlvs"] == [
                {"id": 1, "name": None, "length": 1, "bytes": "02", "malformed": False}], found[2])
        self.decodes_what_is_odd()
        self.decodes_vendors()
        self.documents_keys()
        self.refuses_options()
        done = run(self.trace, "decode", "--json", stdin="zz\n" + frames[0].hex(" ").upper() + "\n010c\n")
        found = [json.loads(line) for line in done.stdout.splitlines()]
        self.tap.check("decode: lines that are no frame", done.returncode == 1 and len(found) == 3 and
                       "error" in found[0] and found[1]["message"] == "get-ids" and "error" in found[2],
                       describe(done))
        done = run(self.trace, "decode", "--json", "--transport", "qrtr", "--of-service", "nas",
                   stdin=rec.sdu(3, 0, 9, 0x4D).hex())
        self.tap.check("decode: QRTR", done.returncode == 0 and
                       json.loads(done.stdout)["message"] == "get-system-info", describe(done))
        lines = ["0" * (1 << 20), "01\0" + frames[0].hex(), "0x01, 0x0c:00", frames[0].hex()]
        done = run(self.trace, "decode", "--json", stdin="\n".join(lines))
        found = [json.loads(line) for line in done.stdout.splitlines()]
        self.tap.check("decode: a line without end, a NUL, half a frame", done.returncode == 1 and
                       [one.get("error", one.get("message")) for one in found] == [
                           "more than a frame", "no bytes in hex", "a QMUX frame that is cut off", "get-ids"],
                       describe(done))

    def decode(self, data, *options):
        """The record of one frame."""
        done = run(self.trace, "decode", "--json", *options, stdin=data.hex())
        found = json.loads(done.stdout)
        self.keys |= set(found) | {f"tlvs[].{key}" for tlv in found.get("tlvs", ()) for key in tlv}
        return found

    def documents_keys(self):
        """The keys of decode's JSON are those that docs/tracing.md has a row for."""
        self.decode(b"zz")
        with open(self.document, encoding="utf-8") as file:
            rows = set(re.findall(r"^\| `([a-z_.\[\]]+)` \| .* \|$", file.read(), re.MULTILINE))
        self.tap.check("decode: every key is documented, and every documented key is there",
                       {row for row in rows if row in self.keys or row.startswith("tlvs[]")} == self.keys and
                       {"transport", "service", "service_id", "type", "message", "message_id", "client", "transaction",
                        "result", "tlvs"} <= self.keys, (rows, self.keys))

    def decodes_what_is_odd(self):
        lte = rec.tlv(0x14, bytes.fromhex("9cf7a4ff1e00"))
        found = self.decode(rec.frame(3, 1, 1, 7, 0x4F, rec.result(14) + lte + lte + rec.tlv(0x11, b"\1\2\3\4") +
                                      rec.tlv(0x10, b"\1") + b"\x12\xff\xff\1"))
        strength = {"id": 0x14, "name": "lte-signal-strength", "length": 6, "malformed": False,
                    "value": {"rssi": -100, "rsrq": -9, "rsrp": -92, "snr": 30},
                    "unit": {"rssi": "dBm", "rsrq": "dB", "rsrp": "dBm", "snr": "0.1dB"}}
        self.tap.check("decode: a result", found["result"] == {"status": "failure", "error": "CallFailed", "code": 14},
                       found)
        self.tap.check("decode: units, a second TLV, bytes behind, too short, too long", found["tlvs"][1:] == [
            strength, {**strength, "repeated": True},
            {"id": 0x11, "name": "hdr-signal-strength", "length": 4, "bytes": "01020304", "malformed": True},
            {"id": 0x10, "name": "cdma-signal-strength", "length": 1, "bytes": "01", "malformed": True},
            {"id": 0x12, "name": "gsm-signal-strength", "length": 65535, "bytes": "01", "malformed": True}], found)
        found = self.decode(rec.frame(3, 1, 1, 7, 0x4F, rec.tlv(2, b"\7\0\x60\xea") + rec.tlv(0x12, b"\1\2") + b"\x12"))
        self.tap.check("decode: numbers without names, and half a TLV", found["result"] == {
            "status": 7, "error": None, "code": 60000} and found["tlvs"][1:] == [
                {"id": 0x12, "name": "gsm-signal-strength", "length": 2, "value": 1, "malformed": False, "unit": "dBm",
                 "rest": "02"},
                {"id": 0x12, "name": "gsm-signal-strength", "length": None, "bytes": "", "malformed": True}], found)
        found = self.decode(rec.sdu(400, 2, 9, 0x21, rec.tlv(1, bytes(8)) + rec.tlv(2, b"\1\0\xaa")), "--transport=qrtr",
                            "--of-service", "ssc")
        self.tap.check("decode: a service above 255", (found["service"], found["service_id"], found["message"],
                       found["client"], found["result"], found["tlvs"][1]["value"]) == (
                           "ssc", 400, "report-small", None, None, "aa"), found)

    def decodes_vendors(self):
        data = rec.frame(2, 1, 0, 1, 0x5571, rec.tlv(1, b"\0"))
        for vendors, message, owner in (((), None, None), (("hp",), None, None), (("foxconn",),
                                        "foxconn-set-fcc-authentication", "foxconn"),
                                        (("hp", "sierra", "foxconn-v2"), "foxconn-set-fcc-authentication-v2",
                                         "foxconn-v2"), (("0x489",), "foxconn-set-fcc-authentication", "foxconn")):
            found = self.decode(data, *(f"--vendor={name}" for name in vendors))
            self.tap.check(f"decode: a message of a vendor, told {vendors}", found["message"] == message and
                           found.get("vendor") == owner, found)
        path = self.write("vendor.pcapng", rec.link(data))
        entries, done = self.show(path, "--vendor", "foxconn")
        self.tap.check("show: a message of a vendor", entries[0]["message"] == "foxconn-set-fcc-authentication",
                       describe(done))

    def refuses_options(self):
        for option, value, words in (("--service", "me", "name or the number of a service"), ("--client", "256", "255"),
                                     ("--message", "me", "name or the number of a message"), ("--pid", "-1", "a number")):
            done = run(self.trace, "show", option, value, "/dev/null")
            self.tap.check(f"show {option} {value}: says what it takes", done.returncode == 2 and not done.stdout and
                           all(word in done.stderr for word in (option, value, words)) and
                           len(done.stderr.splitlines()) == 1, describe(done))
        for option, value, words in (("--transport", "mbim", "qmux, qrtr, qmuxd or msm-ipc"), ("--vendor", "me", "sierra"),
                                     ("--of-service", "65536", "name or the number of a service")):
            done = run(self.trace, "decode", option, value, stdin="")
            self.tap.check(f"decode {option} {value}: says what it takes", done.returncode == 2 and not done.stdout and
                           all(word in done.stderr for word in (option, value, words)) and
                           len(done.stderr.splitlines()) == 1, describe(done))

    def sums_up(self):
        done = run(self.trace, "summary", "--json", self.exchange())
        total = json.loads(done.stdout)
        ids = next(row for row in total["requests"] if row["message"] == "get-ids")
        signal = next(row for row in total["requests"] if row["message"] == "get-signal-info")
        self.tap.check("summary: counts, errors, latencies", ids["count"] == 2 and ids["errors"] ==
                       {"InvalidArgument": 1} and ids["latency-nsec"]["p50"] == 1_000_000 and not ids["unanswered"],
                       ids)
        self.tap.check("summary: what nobody answered", signal["unanswered"] == 1 and signal["process"] ==
                       "ModemManager", signal)
        self.tap.check("summary: a client id that was not given back", [(c["service"], c["client"], c["released"])
                       for c in total["clients"]] == [("dms", 5, False)], total["clients"])
        done = run(self.trace, "summary", self.exchange())
        self.tap.check("summary as text", "1 allocated, 1 not released" in done.stdout and
                       "dms 5, given in #2" in done.stdout, describe(done))

    def session(self):
        """Debian's qmicli, all the guide's commands and more."""
        if not os.access(QMICLI, os.X_OK):
            return None
        if not os.path.exists(self.path("qmicli.pcapng")):
            self.record_qmicli("qmicli.pcapng", self.guide + MORE)
        return self.path("qmicli.pcapng")

    def qmicli_is_understood(self):
        path = self.session()
        if not path:
            self.tap.check("a recording of Debian's qmicli # SKIP no qmicli", True)
            return
        entries, done = self.show(path)
        unknown = [e for e in entries if not e.get("message")]
        self.tap.check("all that Debian's qmicli says is known", len(entries) > 200 and not unknown and
                       done.returncode == 0, unknown[:3])
        total = json.loads(run(self.trace, "summary", "--json", path).stdout)
        self.tap.check("it gives its client ids back", total["clients"] and
                       all(c["released"] for c in total["clients"]), total["clients"])

    def anonymise(self, path, *words):
        out = self.path("anonymous.pcapng")
        if os.path.exists(out):
            os.unlink(out)
        return out, run(self.trace, "anonymise", path, out, *words)

    def personal_exchange(self):
        """An IMEI, an IMSI and an ICCID in all the forms they have, and a message."""
        imsi_file, iccid_file = b"\x08" + swapped("9" + IMSI), swapped(ICCID)
        pdu = bytes.fromhex("07919799000000F1040B919799000000F20000623010112233000AE8329BFD4697D9EC37")
        noise = b"x" + IMEI.encode() + b"\1" + swapped(IMEI + "f") + b"\2" + IMEI.encode("utf-16-le") + b"\3" + \
            IMEI.encode("utf-16-be") + b"\4" + septets(IMEI) + b"\5" + bytes.fromhex(IMEI + "f") + b"\6" + \
            bytes.fromhex("f" + IMEI)
        read = rec.tlv(1, b"\0\0") + rec.tlv(2, b"\x07\x6f\4\x00\x3f\xff\x7f")
        iccid = rec.tlv(1, b"\0\0") + rec.tlv(2, b"\xe2\x2f\2\x00\x3f")
        content = lambda data: rec.tlv(0x11, len(data).to_bytes(2, "little") + data)
        return self.write(
            "personal.pcapng",
            rec.link(rec.frame(2, 5, 1, 1, 0x25, rec.result() + rec.tlv(0x11, IMEI.encode()) + rec.tlv(0x77, noise)),
                     True),
            rec.link(rec.frame(11, 1, 0, 2, 0x20, read)),
            rec.link(rec.frame(11, 1, 1, 2, 0x20, rec.result() + content(imsi_file)), True),
            rec.link(rec.frame(11, 1, 0, 3, 0x20, iccid)),
            rec.link(rec.frame(11, 1, 1, 3, 0x20, rec.result() + content(iccid_file)), True),
            rec.link(rec.frame(5, 1, 1, 4, 0x22, rec.result() + rec.tlv(1, b"\1\6" + len(pdu).to_bytes(2, "little") +
                                                                       pdu)), True),
            rec.link(rec.frame(2, 5, 1, 5, 0x43, rec.result() + rec.tlv(1, IMSI.encode())), True),
            rec.link(rec.frame(0xE9, 1, 2, 0, 0x1234, rec.tlv(1, noise + ICCID.encode() + imsi_file)), True),
            rec.link(b"AT+CIMI " + IMSI.encode() + b" 491701234567890 " + IMEI.encode(), True),
        ), pdu

    def anonymises(self):
        path, pdu = self.personal_exchange()
        before, _ = self.show(path, "--unmask")
        for words in ([], ["--imei-luhn"]):
            out, done = self.anonymise(path, *words)
            after, _ = self.show(out, "--unmask")
            name = " ".join(["anonymise", *words])
            left = [form for value in (IMEI, IMSI, ICCID, "97990000001", "97990000002", "491701234567890")
                    for form in survivors(out, value)]
            self.tap.check(f"{name}: no number survives in any form", done.returncode == 0 and not left, left)
            self.tap.check(f"{name}: everything keeps its length", [e["size"] for e in before] ==
                           [e["size"] for e in after], describe(done))
            imei, imsi = after[0]["fields"]["imei"], after[6]["fields"]["imsi"]
            file = after[2]["fields"]["read-result"]
            self.tap.check(f"{name}: one value has one replacement", imei != IMEI and imei[:5] == IMEI[:5] and
                           imei.isdigit() and swapped("9" + imsi).hex() in file and file.startswith("08") and
                           imei.encode().hex() in after[0]["bytes"][-400:] and imei.encode().hex() in after[7]["bytes"],
                           after)
            self.tap.check(f"{name}: the text of a message is gone", pdu[-10:].hex() not in after[5]["bytes"] and
                           after[5]["bytes"][:40] == before[5]["bytes"][:40], after[5])
            if words:
                self.tap.check(f"{name}: the check digit is right", luhn(imei), imei)
            self.tap.check(f"{name}: readable by its owner alone", os.stat(out).st_mode & 0o777 == 0o600)
        done = run(self.trace, "anonymise", path, out)
        self.tap.check("anonymise does not overwrite", done.returncode == 1 and "File exists" in done.stderr,
                       describe(done))

    def anonymises_qmicli(self):
        path = self.session()
        if not path:
            return
        values, _ = self.show(path, "--unmask")
        personal = set()
        for entry, masked in zip(values, self.show(path)[0]):
            personal |= hidden(entry.get("fields"), masked.get("fields"))
        out, done = self.anonymise(path)
        left = {form for value in personal for form in survivors(out, value)}
        self.tap.check("anonymise: of what the virtual modem has told nothing is left", done.returncode == 0 and
                       len(personal) > 3 and not left, f"{personal}\n{left}\n{describe(done)}")
        after, _ = self.show(out)
        same = [e for e in self.show(path)[0]]
        self.tap.check("anonymise: all that is not personal stays", after == same,
                       [pair for pair in zip(after, same) if pair[0] != pair[1]][:2])

    def profiles(self):
        """What was recorded of one modem, another answers: other digits, another cell, another card."""
        if not self.session():
            return
        with open(self.path("other.json"), "w", encoding="utf-8") as file:
            json.dump({"base": "ec25-eux", "name": "other", "title": "Another modem",
                       "identity": {"revision": "EC25EUGAR06A03M4G", "imei": "86107502", "certainty":
                                    {"revision": "C", "imei": "C"}},
                       "cell": {"rssi": -61, "rsrp": -90, "band": 3, "channel": 1300, "certainty":
                                {"rssi": "C", "rsrp": "C", "band": "C", "channel": "C"}},
                       "power": {"external-supply": False, "battery": True, "battery-level": 77, "certainty":
                                 {"external-supply": "C", "battery": "C", "battery-level": "C"}}}, file)
        commands = self.guide + MORE
        plain = self.record_qmicli("plain.pcapng", commands)
        printed = self.record_qmicli("other.pcapng", commands, "--seed", "77", "--profile", self.path("other.json"))
        done = run(self.trace, "profile", self.path("other.pcapng"), "-o", self.path("made.json"))
        self.tap.check("profile: made of a recording", done.returncode == 0 and "answers" in done.stdout,
                       describe(done))
        again = self.record_qmicli("again.pcapng", commands, "--seed", "3", "--profile", self.path("made.json"))
        # the clock is the model's: a modem that was recorded yesterday tells the time of today
        wrong = [name for name in commands if again[name] != printed[name] and name != "--dms-get-time"]
        self.tap.check("profile: Debian's qmicli prints the same bytes", not wrong,
                       "\n".join(f"{name}\n{printed[name]}\n{again[name]}" for name in wrong[:3]))
        differ = sum(plain[name] != printed[name] for name in commands)
        self.tap.check("profile: the two modems were not alike", differ > 5, differ)
        after = self.record_qmicli("changed.pcapng", ["--dms-get-operating-mode", "--nas-get-signal-info",
                                                      "--dms-set-operating-mode=low-power",
                                                      "--dms-get-operating-mode", "--nas-get-serving-system"],
                                   "--profile", self.path("made.json"))
        self.tap.check("profile: what was changed is told by the model", "low-power" in
                       after["--dms-get-operating-mode"][1] and "not-registered" in
                       after["--nas-get-serving-system"][1], after)

    def profile_limits(self):
        """What a profile cannot hold is not in it, or there is none; what is made can be loaded."""
        def exchange(number, more):
            asked = rec.tlv(0x77, number.to_bytes(2, "little"))
            return [rec.link(rec.frame(2, 5, 0, number, 0x25, asked)),
                    rec.link(rec.frame(2, 5, 1, number, 0x25, rec.result() + more), True)]

        made = self.path("limits.json")
        broken = exchange(1, b"\x11\xff\xff1") + exchange(2, rec.tlv(0x11, b"86107502\0\xff"))
        done = run(self.trace, "profile", self.write("limits.pcapng", *broken), "-o", made)
        self.tap.check("profile: an answer that is no TLVs is left out", done.returncode == 0 and
                       done.stdout.endswith(": 1 answers\n"), describe(done))
        self.tap.check("profile: nobody else may read it", os.stat(made).st_mode & 0o777 == 0o600)
        with UnixSim(self.sim, self.path("limits.socket"), "--profile", made):
            self.tap.check("profile: the virtual modem takes it", True)
        os.unlink(made)
        large = sum((exchange(number, rec.tlv(0x78, bytes(60000))) for number in range(1, 12)), [])
        for name, packets, words in (("too large", large, "more than the 1 MiB"), ("of nothing", [], "has an answer")):
            done = run(self.trace, "profile", self.write("limits.pcapng", *packets), "-o", made)
            self.tap.check(f"profile: {name}: one line and none is made", done.returncode == 1 and words in done.stderr and
                           done.stderr.count("\n") == 1 and not os.path.exists(made), describe(done))
        done = run(self.trace, "profile", self.write("limits.pcapng", *broken), "-o", "/dev/full")
        self.tap.check("profile: a full disk", done.returncode == 1 and "No space left" in done.stderr, describe(done))

    def documentation(self):
        """docs/tracing.md as it stands, but for the modem and the place of the dissector."""
        with open(self.document, encoding="utf-8") as file:
            blocks = re.findall(r"^```sh$\n(.*?)^```$", file.read(), re.MULTILINE | re.DOTALL)
        links = self.path("bin")
        os.mkdir(links)
        for program in (self.trace, self.qmicli):
            os.symlink(program, os.path.join(links, os.path.basename(program)))
        with Sim(self.sim) as modem:
            for line in "".join(blocks).splitlines():
                if line.startswith("wireshark") or line.startswith("tshark") and not shutil.which("tshark"):
                    continue
                line = line.replace("/dev/cdc-wdm0", modem.path)
                line = line.replace("/usr/share/qmikit/qmikit.lua", self.dissector)
                done = subprocess.run(["sh", "-c", line], cwd=self.folder, capture_output=True, text=True, check=False,
                                      timeout=PATIENCE, stdin=subprocess.DEVNULL,
                                      env={**os.environ, "PATH": f"{links}:{os.environ['PATH']}"})
                self.tap.check(f"documentation: {line.replace(modem.path, '…')}", done.returncode == 0 and done.stdout,
                               describe(done))

    def wireshark(self):
        path = self.session()
        if not shutil.which("tshark") or not path:
            self.tap.check("Wireshark reads recordings # SKIP no tshark", True)
            return
        for name, path in (("a bit of everything", self.exchange()), ("qmuxd, 32 bits", self.qmuxd_exchange(32)[0]),
                           ("qmuxd, 64 bits", self.qmuxd_exchange(64)[0]), ("qmicli", path)):
            entries, _ = self.show(path, "--unmask")
            packets, done = dissect(self.dissector, path)
            wrong = []
            for entry, packet in zip(entries, packets):
                self.compare(entry, packet, wrong)
            self.tap.check(f"tshark reads {name} as qmi-trace does", len(packets) == len(entries) and not wrong and
                           "error" not in done.stderr.lower(), "\n".join(wrong[:9]) + done.stderr)
        done = run("tshark", "-X", f"lua_script:{self.dissector}", "-r", path, "-Y",
                   "qmi.nas.get_signal_info.lte_signal_strength.rssi < 0", "-T", "fields", "-e",
                   "qmi.nas.get_signal_info.lte_signal_strength.rssi", "-e", "qmi.name")
        self.tap.check("a display filter finds a field", re.search(r"^-\d+\tnas get-signal-info$", done.stdout,
                                                                   re.MULTILINE), describe(done))

    def compare(self, entry, packet, wrong):
        where = f"#{entry['number']} {entry.get('message')}"
        for name, field in (("service", "qmi.service"), ("client", "qmi.client"), ("process", "qmi.link.process"),
                            ("transaction", "qmi.transaction"), ("device", "qmi.link.device"),
                            ("request", "qmi.request_in")):
            if name in entry and not same(entry[name], *packet.get(field, [("", "")])[0]):
                wrong.append(f"{where}: {name} {entry[name]}: {packet.get(field)}")
        head = f"qmi.{entry.get('service')}.{(entry.get('message') or '').replace('-', '_')}"
        wrong += [f"{where}: {text}" for text in compare_value(entry.get("fields", {}), head, entry.get("type"), packet)]


def main():
    signal.alarm(4 * PATIENCE)  # nothing here waits for ever
    tests = Tests(*(os.path.abspath(word) for word in sys.argv[1:]))
    try:
        tests.shows()
        tests.shows_qmuxd()
        tests.follows()
        tests.bad_files()
        tests.decodes()
        tests.sums_up()
        tests.qmicli_is_understood()
        tests.anonymises()
        tests.anonymises_qmicli()
        tests.wireshark()
        tests.profiles()
        tests.profile_limits()
        tests.documentation()
    finally:
        shutil.rmtree(tests.folder)
    return tests.tap.done()


if __name__ == "__main__":
    sys.exit(main())
