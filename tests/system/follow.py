#!/usr/bin/env python3
"""A program on libmm-glib, as desktops have them: says which modems there are, and follows what becomes of them.

A line each: "modem PATH MODEL IMEI STATE", "state PATH OLD NEW REASON", "property PATH STATE QUALITY", "gone PATH"."""

import sys

import gi

gi.require_version("ModemManager", "1.0")
from gi.repository import Gio, GLib, ModemManager  # noqa: E402


def say(*words):
    print(*words, flush=True)


def name(state):
    return ModemManager.ModemState.get_string(state)


def on_changed(modem, old, new, reason):
    reason = ModemManager.ModemStateChangeReason(reason)
    say("state", modem.dup_path(), name(ModemManager.ModemState(old)), name(ModemManager.ModemState(new)),
        ModemManager.ModemStateChangeReason.get_string(reason))


def on_property(modem, _property):
    say("property", modem.dup_path(), name(modem.get_state()), modem.get_signal_quality()[0])


def on_added(_manager, found):
    modem = found.get_modem()
    say("modem", modem.dup_path(), modem.dup_model(), modem.dup_equipment_identifier(), name(modem.get_state()))
    modem.connect("state-changed", on_changed)
    modem.connect("notify::state", on_property)


def on_removed(_manager, lost):
    say("gone", lost.get_object_path())


def main():
    bus = Gio.bus_get_sync(Gio.BusType.SYSTEM, None)
    manager = ModemManager.Manager.new_sync(bus, Gio.DBusObjectManagerClientFlags.DO_NOT_AUTO_START, None)
    for found in manager.get_objects():
        on_added(manager, found)
    manager.connect("object-added", on_added)
    manager.connect("object-removed", on_removed)
    say("ready", manager.get_version())
    GLib.MainLoop().run()


if __name__ == "__main__":
    sys.exit(main())
