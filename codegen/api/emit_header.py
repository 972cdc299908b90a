"""A model.Api as ModemManager.h: what programs that speak to the daemon compile against."""

from .emit_c import HEAD, upper

PREFIX = "org.freedesktop.ModemManager1"

# Where objects are: all of them below one path.
PATHS = ("MODEM", "BEARER", "SIM", "SMS", "CALL")


def camel(name):
    return "".join(part[:1].upper() + part[1:] for part in name.split("-"))


def parts(interface):
    """org.freedesktop.ModemManager1.Modem.Simple: MODEM_SIMPLE; nothing for the manager's own."""
    return interface.name[len(PREFIX) + 1:].replace(".", "_").upper()


def shown(number, flags=False):
    """A number of C that an enumeration may hold."""
    return f"{number:#x}u" if number > 0x7fffffff else f"{number:#x}" if flags else str(number)


def enumeration(type_name, prefix, values):
    yield "\ntypedef enum {"
    for name, number in values.names:
        yield f"\t{prefix}_{upper(name)} = {shown(number, values.flags)},"
    yield f"}} {type_name};"


def types(api):
    for values in api.values:
        yield from enumeration(f"MM{camel(values.name)}", f"MM_{upper(values.name)}", values)
    for values in api.errors:
        prefix = f"MM_{upper(values.name)}_ERROR"
        yield from enumeration(f"MM{values.name}Error", prefix, values)
        yield f'#define {prefix}_DBUS_PREFIX MM_DBUS_ERROR_PREFIX ".{values.name}"'


def names(api):
    yield f'\n#define MM_DBUS_SERVICE "{PREFIX}"'
    yield '#define MM_DBUS_PATH "/org/freedesktop/ModemManager1"'
    for path in PATHS:
        yield f"#define MM_DBUS_{path}_PREFIX MM_DBUS_PATH"
    yield f'#define MM_DBUS_ERROR_PREFIX "{PREFIX}.Error"'
    for interface in api.interfaces:
        stem = parts(interface)
        yield f'\n#define MM_DBUS_INTERFACE{"_" + stem if stem else ""} "{interface.name}"'
        for kind, items in (("METHOD", interface.methods), ("SIGNAL", interface.signals),
                            ("PROPERTY", interface.properties)):
            for item in items:
                yield f'#define MM_{stem or "MANAGER"}_{kind}_{item.name.upper()} "{item.name}"'


def version(numbers):
    for part, number in zip(("MAJOR", "MINOR", "MICRO"), numbers):
        yield f"#define MM_{part}_VERSION {number}"
    yield "#define MM_CHECK_VERSION(major, minor, micro) \\"
    yield "\t(MM_MAJOR_VERSION * 1000000 + MM_MINOR_VERSION * 1000 + MM_MICRO_VERSION >= \\"
    yield "\t (major) * 1000000 + (minor) * 1000 + (micro))"


def emit(api, interface_version):
    """File name to text. `interface_version`: of the published interface that it is equal to, as 1.24.0."""
    lines = [HEAD, "#pragma once\n", "#define __MODEM_MANAGER_H_INSIDE__ /* which headers of libmm-glib look for */",
             *version(interface_version.split(".")), *names(api), *types(api)]
    return {"ModemManager.h": "\n".join(lines) + "\n"}
