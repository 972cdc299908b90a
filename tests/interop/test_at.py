#!/usr/bin/env python3
"""The AT port of qmi-sim on a pty: the bytes of a line, and the questions hosts ask.

    test_at.py QMI_SIM
"""

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time

import at_reader
from sim import PATIENCE, Tap, settle

# What ModemManager 1.20 asks an EC25 on its AT ports, in its order: the probe, the time zone, the place, the
# firmware, and at last what it sets when it enables the modem.
MODEM_MANAGER = """AT;AT+GCAP;AT+CTZU=?;AT+CTZU=3;AT+CCLK?;AT+QGPS=?;AT+CGMR;AT+QFASTBOOT=?;AT+QGMR?;ATE0;ATV1;
AT+CMEE=1;ATX4;AT&C1;AT+QGPSCFG="outport","usbnmea";AT+QGPS=1;AT+QGPSXTRA=1;AT+QGPSEND"""
# What it asks where there is AT alone.
AT_ONLY = """AT+CGMI;AT+CGMM;AT+CGSN;AT+CPIN?;AT+CSIM=10,"0020000100";AT+CSIM=10,"002C000100";
AT+CSIM=10,"0020008100";AT+CSIM=10,"002C008100";AT+CRSM=176,12258,0,0,10;AT+CIMI;AT+CRSM=176,28589,0,0,4;
AT+CRSM=176,28486,0,0,17;AT+CNUM;AT+WS46=?;AT+CGDCONT=?;AT+CGDCONT?;AT+CFUN?;AT+CSCS=?;AT+CSCS="UCS2";AT+CSCS?;
AT+CSCS="GSM";AT+CLCK=?;AT+CLCK="SC",2;AT+CPMS=?;AT+CPMS?;AT+CPMS="ME","ME","ME";AT+CNMI=?;AT+CNMI=2,1,2,2,0;
AT+CMGF=?;AT+CMGF=0;AT+CMGL=4;AT+CREG=2;AT+CGREG=2;AT+CEREG=2;AT+CREG?;AT+CGREG?;AT+CEREG?;AT+COPS=3,2;AT+COPS?;
AT+COPS=3,0;AT+COPS?;AT+CESQ=?;AT+CESQ;AT+CSQ;AT+CUSD=?;AT+CUSD=1;AT+CLCC=?;AT+CLCC;AT+CLIP=1;AT+CRC=1;AT+CCWA=1;
AT+CCWA=1,2;AT+CGEREP=?;AT+CGEREP=2;AT+CGACT?;AT+IFC=?;AT+CEER;AT+CPOL?;AT+CHUP"""


class Port:
    """An AT port: bytes and commands."""

    def __init__(self, path):
        self.fd = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)

    def close(self):
        os.close(self.fd)

    def read(self, end=None, seconds=PATIENCE):
        """What comes until `end` is there, or for `seconds`."""
        data = b""
        until = time.monotonic() + seconds
        while (end is None or end not in data) and time.monotonic() < until:
            if select.select([self.fd], [], [], until - time.monotonic())[0]:
                data += os.read(self.fd, 65536)
        return data

    def raw(self, text, end):
        os.write(self.fd, text)
        return self.read(end)

    def ask(self, command):
        """The lines of the response, without echo."""
        os.write(self.fd, command.encode() + b"\r")
        data = b""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            data += self.read(b"\n", 0.2)
            lines = [line for line in data.decode("latin-1").splitlines() if line]
            if any(line in ("OK", "ERROR", "NO CARRIER") or " ERROR: " in line for line in lines):
                return lines[1:] if lines[0].strip() == command else lines
        raise TimeoutError(f"{command}: {data!r}")


class Modem:
    """qmi-sim with an AT port."""

    def __init__(self, program, *args):
        self.folder = tempfile.TemporaryDirectory(prefix="qmi-at-")
        self.path, self.unix = (os.path.join(self.folder.name, name) for name in ("at", "unix"))
        self.command = [program, "--at", self.path, "--unix", self.unix, *args]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, text=True)
        if self.process.stdout.readline().strip() != "ready":
            self.process.wait()
            raise RuntimeError(f"qmi-sim did not start: {' '.join(self.command)}")
        return self

    def __exit__(self, *unused):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=PATIENCE)
        self.process.stdout.close()
        self.folder.cleanup()


def reopen(port, modem):
    """As another user, after the modem has seen that the last one is gone."""
    port.close()
    settle(modem.unix)
    return Port(modem.path)


def line_tests(tap, program):
    with Modem(program) as modem:
        port = Port(modem.path)
        said = port.raw(b"AT\r", b"OK\r\n")
        tap.check("a line is echoed and answered", said == b"AT\r\r\nOK\r\n", said)
        for byte in b"AT+CGMM":
            port.raw(bytes([byte]), bytes([byte]))
        said = port.raw(b"\r", b"OK\r\n")
        tap.check("bytes may come one at a time", said == b"\r\r\nEC25\r\n\r\nOK\r\n", said)
        port.ask("ATE0")
        os.write(port.fd, b"AT+CSU")
        port = reopen(port, modem)
        said = port.raw(b"AT\r", b"OK\r\n")
        tap.check("another user begins a new line, with what was set",
                  said.endswith(b"\r\nOK\r\n") and b"AT" not in said, said)
        os.write(port.fd, bytes(range(256)) * 16)
        port.read(seconds=0.3)
        port = reopen(port, modem)
        tap.check("noise does no harm", port.ask("AT+CSUB")[-2:] == ["SubEdition: V01", "OK"])
        port.close()


def commands(text):
    return text.replace(";\n", ";").replace("\n", "").split(";")


def host_tests(tap, program):
    """Every question of a host has an answer that is none of an error."""
    with Modem(program) as modem:
        port = Port(modem.path)
        for name, list_ in (("ModemManager", MODEM_MANAGER), ("ModemManager by AT alone", AT_ONLY)):
            refused = {}
            for command in commands(list_):
                answer = port.ask(command)
                if answer[-1] != "OK":
                    refused[command] = answer
            tap.check(f"{name} gets an answer to all it asks", not refused, refused)
        port.close()


def reading_tests(tap, program):
    """Readers that agree with the answers of other modems read ours, and find what the modem is."""
    with Modem(program) as modem:
        port = Port(modem.path)

        def check(command, reader, want):
            text = "\n".join(port.ask(command))
            got = at_reader.flat(reader(text))
            wrong = {key: got.get(key) for key, value in want.items() if not at_reader.same(value, got.get(key))}
            tap.check(f"{command} is read", not wrong, f"{text}\n{wrong}")

        place = {"state": "home", "lac": 0x1234, "ci": 0x1929D02, "act": "lte"}
        for name in ("+CREG", "+CGREG", "+CEREG"):
            port.ask(f"AT{name}=2")
            check(f"AT{name}?", lambda text, name=name: at_reader.creg(text, name), place)
        check("AT+COPS?", at_reader.operator, {"mode": 0, "format": 0, "operator": "Test PLMN 1-1", "act": "lte"})
        check("AT+CSQ", at_reader.csq, {"rssi_dbm": -79, "ber": None})
        check("AT+CESQ", at_reader.cesq, {"rxlev": 99, "rscp": 255, "rsrq": 22, "rsrp": 37})
        check("AT+CFUN?", at_reader.cfun, {"state": 1})
        check("AT+CPIN?", at_reader.cpin, {"lock": "ready"})
        check('AT+CSIM=10,"0020000100"', at_reader.csim_retries, {"retries": 3})
        check("AT+CRSM=176,28589,0,0,4", at_reader.crsm, {"sw1": 144, "sw2": 0, "hex": "00000002"})
        check("AT+CTZU=?", at_reader.ctzu, {"disable": 1, "enable": 1, "enable_update_rtc": 1})
        check("AT+CSCS=?", at_reader.cscs, {"charsets": ["IRA", "GSM", "UCS2"]})
        check("AT+CPMS=?", at_reader.cpms_test, {"mem2": ["me", "sm", "mt"], "mem3": ["me", "sm", "mt"]})
        check("AT+CPMS?", at_reader.cpms, {"mem1": "me", "mem2": "me"})
        check("AT+WS46=?", at_reader.ws46,
              {"modes": ["2g", "3g", "4g", "2g, 3g", "2g, 4g", "3g, 4g", "2g, 3g, 4g"]})
        check("AT+CCWA=1,2", at_reader.ccwa, {"status": 1})
        check("AT+QNWINFO", at_reader.qnwinfo, {"value.act": "FDD LTE", "value.oper": "00101",
                                                "value.band": "LTE BAND 20", "value.channel": 6300})
        check('AT+QENG="servingcell"', at_reader.qeng,
              {"value.state": "NOCONN", "value.lte.mcc": 1, "value.lte.mnc": "01", "value.lte.cid": 0x1929D02,
               "value.lte.tac": 0x1234, "value.lte.earfcn": 6300, "value.lte.rsrp": -104, "value.lte.sinr": 11})
        check("AT+CGDCONT=?", at_reader.cgdcont_test,
              {"formats": [{"min_cid": 1, "max_cid": 24, "type": kind} for kind in ("ipv4", "ipv6", "ipv4v6")]})
        port.ask('AT+CGDCONT=1,"IP","internet"')
        port.ask("AT+CGACT=1,1")
        text = "\n".join(port.ask("AT+CGDCONT?"))
        tap.check("AT+CGDCONT? is read", {"cid": 1, "type": "ipv4", "apn": "internet"}
                  in at_reader.cgdcont(text)["contexts"], text)
        check("AT+CGCONTRDP=1", at_reader.cgcontrdp, {"cid": 1, "bearer_id": 5, "apn": "internet"})
        port.ask("ATD+4912345;")
        check("AT+CLCC", at_reader.clcc, {"calls": [{"index": 1, "direction": "outgoing", "state": "dialing",
                                                     "number": "+4912345"}]})
        check("AT+QGMR", at_reader.revision, {"release": 8, "minor": 5})
        port.close()


def vector_tests(tap):
    """The readers read what other modems said as other hosts did."""
    folder = os.environ.get("QMIKIT_VECTORS")
    path = os.path.join(folder or "", "at.jsonl")
    if not folder or not os.path.exists(path):
        tap.check("answers of other modems are read # SKIP QMIKIT_VECTORS does not say where they are", True)
        return
    with open(path, encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    agreed, wrong = 0, {}
    for prefix, command, reader in at_reader.READERS:
        for row in rows:
            if not row["id"].startswith(prefix) or command not in (None, row["command"]) or row["id"] in at_reader.ODD:
                continue
            difference = at_reader.agrees(row, reader)
            agreed += difference is None
            if difference not in (None, "unread"):
                wrong[row["id"]] = difference
    tap.check("answers of other modems are read", agreed >= 180 and not wrong, f"{agreed} agree\n{wrong}")


def main():
    tap = Tap()
    line_tests(tap, sys.argv[1])
    host_tests(tap, sys.argv[1])
    vector_tests(tap)
    reading_tests(tap, sys.argv[1])
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
