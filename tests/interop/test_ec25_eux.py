#!/usr/bin/env python3
"""The default profile, value by value: what is known of a real EC25-EUX, asked of the virtual one.

    test_ec25_eux.py QMICLI QMI_SIM

The tables are written from the facts about the modem, not from the profile."""

import json
import socket
import struct
import subprocess
import sys
import tempfile

from sim import PATIENCE, Sim, Tap

# action, path of the member in its JSON, value
VALUES = [
    ("dms-get-manufacturer", "manufacturer", "QUALCOMM INCORPORATED"),
    ("dms-get-model", "model", "QUECTEL Mobile Broadband Module"),
    ("dms-get-revision", "revision", "EC25EUXGAR08A05M1G"),
    ("dms-get-hardware-revision", "revision", "10000"),
    ("dms-get-ids", "esn", "0"),
    ("dms-get-ids", "meid", None),
    ("dms-get-ids", "imei-software-version", "06"),
    ("dms-get-capabilities", "info", {
        "max-tx-channel-rate": 50000000, "max-rx-channel-rate": 150000000,
        "data-service-capability": "non-simultaneous-cs-ps", "sim-capability": "supported",
        "radio-interface-list": ["gsm", "umts", "lte"]}),
    ("dms-get-band-capabilities", "band-capability",
     ["gsm-dcs-1800", "gsm-900-extended", "gsm-900-primary", "wcdma-2100", "wcdma-900"]),
    ("dms-get-band-capabilities", "lte-band-capability", ["1", "3", "7", "8", "20", "28", "38", "40", "41"]),
    ("dms-get-operating-mode", "mode", "online"),
    ("dms-get-operating-mode", "hardware-restricted-mode", False),
    ("dms-get-operating-mode", "offline-reason", None),
    ("dms-get-power-state", "info", {"power-state-flags": ["external-source"], "battery-level": 100}),
    ("nas-get-signal-info", "lte-signal-strength", {"rssi": -78, "rsrq": -9, "rsrp": -104, "snr": 110}),
    ("nas-get-serving-system", "serving-system", {
        "registration-state": "registered", "cs-attach-state": "attached", "ps-attach-state": "attached",
        "selected-network": "3gpp", "radio-interfaces": ["lte"]}),
    ("nas-get-serving-system", "roaming-indicator", "off"),
    ("nas-get-system-info", "lte-service-status.service-status", "available"),
    ("nas-get-system-info", "lte-service-status.true-service-status", "available"),
    ("nas-get-system-info", "lte-system-info-v2.domain", "cs-ps"),
    ("nas-get-system-info", "lte-system-info-v2.mnc", "01"),
    ("uim-get-card-status", "card-status.index-gw-primary", 0),
    ("uim-get-card-status", "card-status.index-1x-primary", 65535),
    ("uim-get-card-status", "card-status.cards.0.card-state", "present"),
    ("uim-get-card-status", "card-status.cards.0.upin-state", "not-initialized"),
    ("uim-get-card-status", "card-status.cards.0.applications.0", {
        "type": "usim", "state": "ready", "personalization-state": "ready", "personalization-feature": "gw-network",
        "personalization-retries": 0, "personalization-unblock-retries": 0, "upin-replaces-pin1": False,
        "pin1-state": "disabled", "pin1-retries": 3, "puk1-retries": 10,
        "pin2-state": "enabled-not-verified", "pin2-retries": 3, "puk2-retries": 10}),
    ("wds-get-data-bearer-technology", "current", "lte"),
    ("wds-get-packet-service-status", "connection-status", "disconnected"),
]
SERVICES = {
    0: (1, 5), 1: (1, 67), 2: (1, 0), 3: (1, 25), 4: (1, 12), 5: (1, 10), 7: (1, 3), 8: (1, 4), 9: (2, 1), 10: (2, 24),
    11: (1, 46), 12: (1, 4), 15: (1, 0), 16: (2, 0), 17: (1, 0), 18: (1, 0), 20: (1, 0), 23: (1, 0), 24: (1, 0),
    26: (1, 16), 29: (1, 1), 31: (1, 0), 33: (1, 0), 34: (1, 0), 36: (1, 0), 41: (1, 0), 42: (1, 0), 45: (1, 0),
    48: (1, 0), 54: (1, 0),
}
DMS, NAS, WDS, UIM = 2, 3, 1, 11
NOT_SUPPORTED, INVALID_COMMAND, INVALID_CLIENT, EXHAUSTED, INVALID_SERVICE = 94, 71, 7, 5, 31
REFUSED = [(DMS, message, NOT_SUPPORTED) for message in (0x27, 0x28, 0x2b, 0x3c, 0x43, 0x44)] + [
    (UIM, 0x47, NOT_SUPPORTED), (DMS, 0xfff0, INVALID_COMMAND), (NAS, 0xfff0, INVALID_COMMAND)]
FIRST_CLIENT = {DMS: 1, NAS: 2, WDS: 4, UIM: 1}
ABSENT = {"pds": 0x06, "cat": 0xe0, "oma": 0xe2}
NAS_CLIENTS = 10


class Modem:
    """Raw requests on a Unix socket."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(PATIENCE)
        self.socket.connect(path)

    def ask(self, service, client, message, tlvs=b""):
        """(error, {tlv: value}) of the response."""
        transaction = b"\x01" if service == 0 else b"\x01\x00"
        body = b"\x00" + transaction + struct.pack("<HH", message, len(tlvs)) + tlvs
        self.socket.sendall(struct.pack("<BHBBB", 1, len(body) + 5, 0, service, client) + body)
        frame = self.socket.recv(65536)
        rest, found = frame[6 + len(transaction) + 5:], {}
        while rest:
            size = struct.unpack_from("<H", rest, 1)[0]
            found[rest[0]], rest = rest[3:3 + size], rest[3 + size:]
        return struct.unpack("<HH", found[2])[1], found

    def allocate(self, service):
        """(error, client id or None)"""
        error, found = self.ask(0, 0, 0x22, bytes([1, 1, 0, service]))
        return error, found[1][1] if 1 in found else None


def member(value, path):
    for name in path.split("."):
        value = value[int(name)] if isinstance(value, list) else value.get(name)
    return value


def matches(value, expected):
    if isinstance(expected, dict):
        return isinstance(value, dict) and all(matches(value.get(name), item) for name, item in expected.items())
    return sorted(value) == sorted(expected) if isinstance(expected, list) else value == expected


def values(tap, qmicli):
    for action, path, expected in VALUES:
        done = subprocess.run([qmicli, "-d", "sim:", "--json", "--" + action], capture_output=True, check=False)
        value = member(json.loads(done.stdout), path)
        tap.check(f"{action}: {path} is {str(expected)[:40]}", matches(value, expected), value)


def ids(tap, modem):
    clients = {}
    for service, first in FIRST_CLIENT.items():
        error, clients[service] = modem.allocate(service)
        tap.check(f"the first client of service {service} is {first}", (error, clients[service]) == (0, first),
                  clients[service])
    for service, message, expected in REFUSED:
        error = modem.ask(service, clients[service], message)[0]
        tap.check(f"service {service}, message 0x{message:04x}: error {expected}", error == expected, error)
    for name, service in ABSENT.items():
        tap.check(f"there is no {name}", modem.allocate(service) == (INVALID_SERVICE, None))
    for _ in range(NAS_CLIENTS - 1):
        tap.check("a further client of NAS", modem.allocate(NAS)[0] == 0)
    tap.check("but no more than 10", modem.allocate(NAS) == (EXHAUSTED, None))
    tap.check("a sync succeeds", modem.ask(0, 0, 0x27)[0] == 0)
    tap.check("and leaves stale ids behind", modem.ask(NAS, clients[NAS], 0x4f)[0] == INVALID_CLIENT)
    tap.check("but frees them", modem.allocate(NAS)[0] == 0)


def main(qmicli, qmi_sim):
    tap = Tap()
    values(tap, qmicli)
    with tempfile.TemporaryDirectory() as folder, Sim(qmi_sim, "--unix", f"{folder}/modem"):
        modem = Modem(f"{folder}/modem")
        raw = modem.ask(0, 0, 0x21)[1][1]
        services = {id: (major, minor) for id, major, minor in struct.iter_unpack("<BHH", raw[1:])}
        tap.check("services and versions", services == SERVICES and raw[0] == len(SERVICES), services)
        ids(tap, modem)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
