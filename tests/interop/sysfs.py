"""A made-up /sys with the ports of USB devices, for what reads it: udev, and libsystemd."""

import ctypes
import os
import re

# Class, driver and major number of a port.
SERIAL = ("class/tty", "option", 188)
QMI = ("class/usbmisc", "qmi_wwan", 180)


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def link(path, target):
    os.makedirs(target, exist_ok=True)
    if not os.path.islink(path):
        os.symlink(os.path.relpath(target, os.path.dirname(path)), path)


def hide(*folders):
    """Each is empty, for this process and its children; to be called in a world of one's own."""
    libc = ctypes.CDLL(None, use_errno=True)
    for folder in folders:
        if os.path.isdir(folder) and libc.mount(b"none", folder.encode(), b"tmpfs", 0, None) < 0:
            raise OSError(ctypes.get_errno(), f"{folder} cannot be made anew")


class Tree:
    """A /sys of this process's own, with USB devices in it."""

    environment = {"SYSTEMD_DEVICE_VERIFY_SYSFS": "0"}  # libsystemd takes it for one

    def __init__(self):
        hide("/sys")

    def node(self, path, subsystem, uevent, **attributes):
        write(f"{path}/uevent", uevent)
        link(f"{path}/subsystem", f"/sys/{subsystem}")
        for name, value in attributes.items():
            write(f"{path}/{name}", value + "\n")

    def port(self, ids, place, interface, name, kind, more="", node=None):
        """Its folder, and the file that udev keeps of it. `node`: where it is, if not below /dev."""
        subsystem, driver, major = kind
        hub = "/sys/devices/usb1"
        usb, port = f"{hub}/{place}", f"{hub}/{place}/{place}:1.{interface}"
        self.node(hub, "bus/usb", "DEVTYPE=usb_device\n", idVendor="1d6b", idProduct="0002")
        self.node(usb, "bus/usb", "DEVTYPE=usb_device\n", idVendor=ids[:4], idProduct=ids[5:])
        self.node(port, "bus/usb", f"DEVTYPE=usb_interface\nDRIVER={driver}\n", bInterfaceNumber=f"{interface:02}")
        link(f"{port}/driver", f"/sys/bus/usb/drivers/{driver}")
        if major == 188:
            self.node(f"{port}/{name}", "bus/usb-serial", "DRIVER=option1\n")
            port = f"{port}/{name}/tty/{name}"
        else:
            port = f"{port}/usbmisc/{name}"
        minor = re.search(r"\d+$", name).group()
        self.node(port, subsystem, f"MAJOR={major}\nMINOR={minor}\nDEVNAME={node or name}\n{more}")
        link(f"/sys/{subsystem}/{name}", port)
        return port, f"/run/udev/data/c{major}:{minor}"
