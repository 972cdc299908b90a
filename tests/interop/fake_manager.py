#!/usr/bin/env python3
"""A ModemManager without modems: objects with every interface of api/, whose properties hold values that are drawn by
a seed, whose methods take everything and note it. What two clients show of it can be compared.

    fake_manager.py SOURCE ADDRESS SEED CALLS

Seed 0 has everything empty, those from 100 on have what came after 1.20, those from 200 on what no modem has; CALLS is the file that the calls are noted in. With the file CALLS.refuse, methods fail."""

import os
import random
import sys

import gi

gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib  # noqa: E402

WRONG = 200  # seeds from here on have modems' properties of any type
NEWER = 100  # seeds from here on have what came after 1.20
MM = "org.freedesktop.ModemManager1"
ROOT = "/org/freedesktop/ModemManager1"
MODEMS = (0, 1, 12)
# Where other objects are, by the end of their interface's name.
OTHERS = {"Bearer": ("Bearer", 3), "Sim": ("SIM", 2), "Sms": ("SMS", 4), "Call": ("Call", 3)}
WORDS = ["", "a", "none", "unknown", "--", "EC25", "Quectel \"EC25\"", "back\\slash", "tab\there", "line\nbreak",
         "Telefónica", "€uro", "x" * 70, "a, b, c", "\x1b[31m", "\x7f"]
# What mmcli 1.20 refuses in a dictionary.
UNKNOWN_KEYS = {"bearer-properties": {"force", "number", "roaming-allowance"}}
PROFILE_KEYS = {"profile-id", "profile-name", "apn", "allowed-auth", "user", "password", "ip-type", "apn-type",
                "access-type-preference", "profile-enabled", "roaming-allowance", "profile-source"}
# The numbers that 1.20 has names for are below these.
KNOWN = {"modem-access-technology": 1 << 15, "modem-band": 100, "modem-state-failed-reason": 5,
         "modem-3gpp-registration-state": 11, "modem-port-type": 9, "bearer-type": 3,
         "modem-firmware-update-method": 1 << 4, "modem-capability": 1 << 7}
ERRORS = ("", MM + ".Error.Core.Failed", MM + ".Error.MobileEquipment.MissingOrUnknownApn",
          MM + ".Error.Connection.NoCarrier")
CDMA = """<node><interface name="org.freedesktop.ModemManager1.Modem.ModemCdma">
<method name="Activate"><arg name="carrier_code" type="s" direction="in"/></method>
<method name="ActivateManual"><arg name="properties" type="a{sv}" direction="in"/></method>
<property name="Meid" type="s" access="read"/><property name="Esn" type="s" access="read"/>
<property name="Sid" type="u" access="read"/><property name="Nid" type="u" access="read"/>
<property name="Cdma1xRegistrationState" type="u" access="read"/>
<property name="EvdoRegistrationState" type="u" access="read"/>
<property name="ActivationState" type="u" access="read"/></interface></node>"""
MANAGER = """<node><interface name="org.freedesktop.DBus.ObjectManager">
<method name="GetManagedObjects"><arg name="objects" type="a{oa{sa{sv}}}" direction="out"/></method>
</interface></node>"""


class Maker:
    """Values of types, drawn."""

    def __init__(self, seed):
        self.random, self.empty = random.Random(seed), seed == 0

    def number(self, values):
        if values is None:
            return 0 if self.empty else self.random.choice((0, 1, 2, 5, 77, 1000))
        limit = KNOWN.get(values.name, 1 << 32)
        known = [number for _, number in values.names if number < limit]
        if self.empty:
            return 0 if 0 in known else known[0]
        if not values.flags:
            return self.random.choice(known)
        bits = [number for number in known if number and number & (number - 1) == 0]
        return sum({self.random.choice(bits) for _ in range(self.random.randrange(4))})

    def text(self):
        return "" if self.empty else self.random.choice(WORDS)

    def path(self):
        return "/" if self.empty else f"{ROOT}/Bearer/{self.random.randrange(3)}"

    def dictionary(self, kind, only=None):
        keys = [(key, t) for key, t in kind.keys
                if key not in UNKNOWN_KEYS.get(kind.name, ()) and (only is None or key in only)]
        drawn = {key: self.value(t.signature, t) for key, t in keys if not self.empty and self.random.random() < 0.8}
        if kind.name == "firmware-image":
            drawn |= {"unique-id": GLib.Variant("s", f"image {self.random.random()}"),
                      "image-type": GLib.Variant("u", self.random.choice((1, 2)))}
        if kind.name == "cell":
            drawn["cell-type"] = GLib.Variant("u", self.random.randrange(1, 7))
        return drawn

    def basic(self, signature, kind):
        if signature == "s":
            return self.text()
        if signature == "o":
            return self.path()
        if signature == "b":
            return not self.empty and self.random.random() < 0.5
        if signature == "d":
            return 0.0 if self.empty else self.random.choice((-71.5, 0.0, 3.14159, 1e6, -sys.float_info.max))
        if signature == "y":
            return self.random.randrange(256)
        return self.number(kind.values if kind and signature in "iu" else None)

    def plain(self, signature, kind, only=None):
        """What GLib.Variant() takes for `signature`."""
        if signature == "a{sv}":
            return self.dictionary(kind.dict, only)
        if signature in ("a{uu}", "a{uv}"):
            if signature == "a{uv}":
                return self.location()
            return {number: self.random.randrange(11) for number in
                    self.random.sample(range(2, 17), 0 if self.empty else self.random.randrange(1, 12))}
        if signature == "(uv)":
            return (0 if self.empty else self.random.randrange(2), GLib.Variant("u", 5))
        if signature[0] == "a":
            return [self.plain(signature[1:], kind, only) for _ in range(0 if self.empty else self.random.randrange(5))]
        if signature[0] == "(":
            return self.struct(signature[1:-1], kind)
        return self.basic(signature, kind)

    def struct(self, signature, kind):
        parts, rest = [], signature
        while rest:
            part = next(p for p in ("a{sv}", "ay", rest[0]) if rest.startswith(p))
            parts.append(self.plain(part, kind))
            rest = rest[len(part):]
        return tuple(parts)

    def value(self, signature, kind, only=None):
        return GLib.Variant(signature, self.plain(signature, kind, only))

    def location(self):
        """Sources are drawn one by one; sentences of NMEA by their types."""
        types = ("GPGGA", "GPRMC", "GPGSA", "GPVTG", "GNGNS", "GLGSV", "GPGLL", "GPZDA", "GAGSV", "BDGSA", "GPGST")
        lines = [f"${kind},{index}.0,N" for index, kind in enumerate(types) if self.random.random() < 0.6]
        lines += ["$GPGSV,3,1,10,01", "$GPGSV,3,2,10,02", "$GPGSV,3,3,10,03", "$GPGSV,3,2,10,02"]
        raw = {"utc-time": GLib.Variant("s", "120000.0"), "longitude": GLib.Variant("d", -3.70325),
               "latitude": GLib.Variant("d", 40.4167), "altitude": GLib.Variant("d", 667.1)}
        bs = {"longitude": GLib.Variant("d", 1.5), "latitude": GLib.Variant("d", -2.25)}
        all_of_them = {1: GLib.Variant("s", self.random.choice(("310,260,12A4,01A2D001,00BEEF", "1,01,0,0,0"))),
                       2: GLib.Variant("a{sv}", raw), 4: GLib.Variant("s", "\r\n".join(lines)),
                       8: GLib.Variant("a{sv}", bs)}
        return {} if self.empty else {key: value for key, value in all_of_them.items() if self.random.random() < 0.8}

    def anything(self, value):
        """Of any type, or the value itself."""
        wrong = (("s", "%s%n"), ("s", ""), ("i", -(1 << 31)), ("u", (1 << 32) - 1), ("x", -(1 << 63)), ("d", float("nan")),
                 ("d", float("inf")), ("b", True), ("o", "/"), ("ay", b"\0\1"), ("as", ["", "x" * 5000]), ("ao", ["/"]),
                 ("a{sv}", {"": GLib.Variant("s", ""), "x": GLib.Variant("aas", [[""]])}), ("a{sv}", {}),
                 ("a{uv}", {0xffffffff: GLib.Variant("u", 1)}), ("(uv)", (9, GLib.Variant("s", "x"))),
                 ("aa{sv}", [{}, {"lock": GLib.Variant("u", 7)}]), ("a(su)", [("", 1)]), ("v", GLib.Variant("s", "x")))
        drawn = self.random.randrange(len(wrong) * 2)
        return value if drawn >= len(wrong) else GLib.Variant(*wrong[drawn])

    def update(self):
        """A method of update has what it needs."""
        method = 0 if self.empty else self.random.randrange(4)
        settings = {"device-ids": GLib.Variant("as", ["USB\\VID_2C7C", "b"]), "version": GLib.Variant("s", "1.0"),
                    "fastboot-at": GLib.Variant("s", "AT+FB")}
        return GLib.Variant("(ua{sv})", (method, settings if method else {}))


class Fake:
    def __init__(self, api, xml, connection, seed, calls):
        self.maker, self.connection, self.calls, self.seed = Maker(seed), connection, calls, seed
        self.state = 3 if seed == 0 else self.maker.random.choice((-1, 3, 6, 8, 10, 11))
        self.types, self.outputs, self.infos = {}, {}, {}
        for interface in api.interfaces:
            # What 1.20 does not have would be shown by ours alone.
            self.types[interface.name] = {p.name: p.type for p in interface.properties if seed >= NEWER or not p.since}
            self.outputs.update({(interface.name, m.name): m.outputs for m in interface.methods})
        for text in (*xml.values(), CDMA, MANAGER):
            info = Gio.DBusNodeInfo.new_for_xml(text).interfaces[0]
            self.infos[info.name] = info
        self.objects = {}
        for index in MODEMS:
            names = [n for n in self.infos if n.startswith(MM + ".Modem") and "CellBroadcast" not in n]
            self.add(f"{ROOT}/Modem/{index}", names)
        for name, (folder, count) in OTHERS.items():
            for index in range(count):
                self.add(f"{ROOT}/{folder}/{index}", [f"{MM}.{name}"])
        self.add(ROOT, [MM, "org.freedesktop.DBus.ObjectManager"])

    def add(self, path, names):
        self.objects[path] = {}
        for name in sorted(names):
            self.objects[path][name] = {p.name: self.property(path, name, p) for p in self.infos[name].properties
                                        if name not in self.types or p.name in self.types[name]}
            self.connection.register_object(path, self.infos[name], self.on_method, self.on_get, None)

    def property(self, path, interface, info):
        """A value that is drawn; what leads to other objects leads there."""
        index = int(path.rsplit("/", 1)[1]) if path != ROOT else 0
        first = index == 0 and not self.maker.empty
        fixed = {
            "Device": GLib.Variant("s", f"/sys/devices/usb1/1-{index}"), "Version": GLib.Variant("s", "1.20.4"),
            "State": GLib.Variant("i", self.state) if interface == MM + ".Modem" else None,
            "Bearers": GLib.Variant("ao", [f"{ROOT}/Bearer/{i}" for i in range(2)] if first else []),
            "InitialEpsBearer": GLib.Variant("o", f"{ROOT}/Bearer/2" if first else "/"),
            "Sim": GLib.Variant("o", f"{ROOT}/SIM/0" if first else "/"),
            "SimSlots": GLib.Variant("ao", [f"{ROOT}/SIM/0", "/", f"{ROOT}/SIM/1"] if first else []),
            "Messages": GLib.Variant("ao", [f"{ROOT}/SMS/{i}" for i in (2, 0, 3)] if first else []),
            "Calls": GLib.Variant("ao", [f"{ROOT}/Call/{i}" for i in (1, 0)] if first else []),
            "UpdateSettings": self.maker.update(),
            "ConnectionError": GLib.Variant("(ss)", (self.maker.random.choice(ERRORS), "no \"carrier\"")),
        }.get(info.name)
        return fixed or self.maker.value(info.signature, self.types.get(interface, {}).get(info.name))

    def on_get(self, _connection, _sender, path, interface, name):
        return self.objects[path][interface].get(name)

    def managed(self):
        modems = {path: interfaces for path, interfaces in self.objects.items() if "/Modem/" in path}
        if self.seed < WRONG:
            return modems
        return {path: {interface: {name: self.maker.anything(value) for name, value in properties.items()}
                       for interface, properties in interfaces.items()} for path, interfaces in modems.items()}

    def answer(self, path, interface, method):
        only = PROFILE_KEYS if interface.endswith("ProfileManager") else None
        outputs = self.outputs.get((interface, method), [])
        values = [self.maker.value(o.type.signature, o.type, only) for o in outputs]
        if method == "CreateBearer" or method == "Connect" and outputs:
            values = [GLib.Variant("o", ROOT + "/Bearer/0")]
        elif method in ("Create", "CreateCall"):
            values = [GLib.Variant("o", ROOT + ("/SMS/0" if method == "Create" else "/Call/0"))]
        elif method in ("ListBearers", "ListCalls") or method == "List" and interface.endswith("Messaging"):
            kind = {"ListBearers": "Bearers", "ListCalls": "Calls", "List": "Messages"}[method]
            values = [self.objects[path][interface][kind]]
        return GLib.Variant.new_tuple(*values)

    def on_method(self, _connection, _sender, path, interface, method, arguments, invocation):
        if method == "GetManagedObjects":
            invocation.return_value(GLib.Variant("(a{oa{sa{sv}}})", (self.managed(),)))
            return
        with open(self.calls, "a", encoding="utf-8") as file:
            print(path, interface, method, arguments.print_(True), file=file)
        if os.path.exists(self.calls + ".refuse"):
            invocation.return_dbus_error(MM + ".Error.Core.WrongState", "not now")
        else:
            # The same question has the same answer, whoever asks.
            self.maker.random.seed(f"{path}{interface}{method}{self.calls.rsplit('.', 1)[1]}")
            invocation.return_value(self.answer(path, interface, method))


def main(source, address, seed, calls):
    sys.path.insert(0, source)
    from codegen.api import emit_xml
    from codegen.api.load import load
    api, problems = load(os.path.join(source, "api"))
    if problems:
        raise SystemExit(problems)
    flags = Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION
    connection = Gio.DBusConnection.new_for_address_sync(address, flags, None, None)
    fake = Fake(api, emit_xml.emit(api), connection, int(seed), calls)
    connection.call_sync("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "RequestName",
                         GLib.Variant("(su)", (MM, 0)), None, Gio.DBusCallFlags.NONE, -1, None)
    print("ready", len(fake.objects), flush=True)
    GLib.MainLoop().run()


if __name__ == "__main__":
    main(*sys.argv[1:])
