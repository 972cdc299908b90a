"""Includes follow the arrows of the architecture: programs -> sim, netdev, api -> lib, and in lib
json -> codec -> wire, proxy -> device -> transport, codec, wire."""

import os
import re

from house import line_of

# Which layers of lib/ a layer may include; itself goes without saying. `messages` is what the
# generator writes: the structs and tables of the protocol.
LIB = {
    "wire": set(),
    "ports": {"wire", "transport"},
    "3gpp": {"wire"},
    "transport": {"wire", "codec", "messages"},
    "codec": {"wire", "messages"},
    "messages": {"wire", "codec"},
    "json": {"wire", "codec", "messages"},
    "device": {"wire", "codec", "messages", "transport"},
    "proxy": {"wire", "codec", "messages", "transport", "device"},
}

# Without an interface of its own, but for the virtual modem and the programs to share.
SHARED = {"lib/3gpp"}

# Public headers whose box has another name.
PUBLIC = {"qmuxd": "wire"}

# Below the programs: each may include its own headers and the public ones.
MIDDLE = {"sim", "netdev", "api"}
# The programs, and what of the middle each may include.
PROGRAMS = {name: {"netdev", "api"} for name in ("proxy", "network", "trace", "manager", "mmcli")}
PROGRAMS["qmicli"] = PROGRAMS["qmi-sim"] = {"netdev", "api", "sim"}

# What lib needs besides libc: single headers, which bring no library along.
HEADER_ONLY = re.compile(r"ut(hash|list|array|string)\.h")
LIBC_FOLDERS = re.compile(r"(sys|linux|net|netinet|netpacket|arpa|asm|bits)/.*")
LIBC = set("""
    alloca argp assert byteswap complex ctype dirent dlfcn elf endian err errno error fcntl features fenv
    float fnmatch ftw getopt glob grp iconv ifaddrs inttypes langinfo libgen limits locale malloc math
    netdb paths poll pthread pty pwd regex sched search semaphore setjmp signal spawn stdalign stdarg
    stdatomic stdbool stddef stdint stdio stdlib stdnoreturn string strings syslog termios threads time
    uchar unistd wchar wctype
""".split())
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)


def box_of(path):
    """The box a file of the project belongs to, such as "lib/wire" or "sim"; None: it has none."""
    parts = path.split("/")
    if path.startswith("include/qmikit/"):
        stem = parts[2].removesuffix(".h")
        if stem in MIDDLE:
            return stem
        return "lib/" + (stem if stem in LIB else PUBLIC.get(stem, "messages"))
    if parts[0] == "lib" and len(parts) > 2:
        return "lib/" + parts[1]
    return parts[0] if parts[0] in MIDDLE or parts[0] in PROGRAMS else None


def locate(context, file, quote, name):
    """The project's file that an include names, or None where it is not the project's."""
    folders = [os.path.dirname(file)] if quote == '"' else []
    for folder in folders + ["", "include", "lib"]:
        path = os.path.normpath(os.path.join(folder, name))
        if os.path.isfile(context.path(path)):
            return path
    if name.startswith("qmikit/"):
        return "include/" + name  # generated: it is in the build directory
    return name if quote == '"' else None


def arrow_fits(file, target):
    """Whether `file` may include the project's file `target`."""
    source, box = box_of(file), box_of(target)
    public = target.startswith("include/")
    if source.startswith("lib/"):
        layer = source.removeprefix("lib/")
        return box == source or (box or "").removeprefix("lib/") in LIB.get(layer, set()) | {layer}
    if box == source:
        return True
    if box in MIDDLE:
        return box in PROGRAMS.get(source, set())
    return public or box in SHARED or box is None and not target.startswith(("tests/", "docs/"))


def foreign_fits(file, name):
    """Whether `file` may include `name`, which is not the project's."""
    source = box_of(file)
    if source == "lib/json" and name == "jansson.h":
        return True
    if source.startswith("lib/"):
        libc = name.removesuffix(".h") in LIBC or LIBC_FOLDERS.fullmatch(name)
        return bool(libc or HEADER_ONLY.fullmatch(name))
    # The virtual modem has no event loop and no data path of its own; one file of its program has both.
    if file == "sim/slirp.c" and name == "libslirp.h":
        return True
    return source != "sim" or not re.match(r"systemd/|slirp/|libslirp|libmnl/|glib|gio", name)


def of_qmi_sim(context):
    """The stems of what is in programs alone in sim/, as its build file has them. All else is the modem, which
    has no descriptor of its own but a profile's."""
    build = "sim/meson.build"
    text = context.read(build) if os.path.exists(context.path(build)) else ""
    programs = re.findall(r"executable\(\s*'[\w-]+',\s*files\((.*?)\)", text, re.DOTALL)
    return set(re.findall(r"'([\w-]+)\.c'", " ".join(programs))) | {"face"} if programs else set()


def is_modem(file, program):
    stem = os.path.basename(file).rsplit(".", 1)[0]
    return file.startswith("sim/") and stem not in program


def modem_fits(target, name, program):
    """Whether the modem may include this: nothing of the program, nothing that waits or connects."""
    if target:
        return is_modem(target, program) or not target.startswith("sim/")
    waits = r"poll\.h|sys/(epoll|select|socket|un|timerfd|signalfd)\.h|netinet/.*"
    return not re.fullmatch(waits, name)


def find(context):
    program = of_qmi_sim(context)
    for file in context.files(".c", ".h"):
        if not box_of(file):
            continue
        text = context.read(file)
        for match in INCLUDE.finditer(text):
            quote, name = match.groups()
            target = locate(context, file, quote, name)
            fits = arrow_fits(file, target) if target else foreign_fits(file, name)
            if is_modem(file, program):
                fits = fits and modem_fits(target, name, program)
            if not fits:
                line = line_of(text, match.start(1))
                yield f"{file}:{line}: {box_of(file)} may not include {name}"


def includes(file, line):
    return {
        file: f"#include {line}\n",
        "include/qmikit/codec.h": "", "include/qmikit/wire.h": "", "include/qmikit/device.h": "",
        "lib/3gpp/a.h": "", "lib/codec/codec.h": "", "lib/device/device.h": "", "lib/wire/wire.h": "",
        "sim/modem.h": "", "qmicli/table.h": "", "proxy/broker.h": "",
    }


QMI_SIM = {"sim/loop.h": "", "sim/face.h": "",
           "sim/meson.build": "executable(\n\t'qmi-sim',\n\tfiles(\n\t\t'loop.c',\n\t),\n)\n"}

BREACHES = {
    "a modem that knows the loop of its program": {**includes("sim/a.c", '"loop.h"'), **QMI_SIM},
    "a modem that knows a face": {**includes("sim/a.h", '"face.h"'), **QMI_SIM},
    "a modem with a socket": {**includes("sim/a.c", "<sys/socket.h>"), **QMI_SIM},
    "wire that includes codec": includes("lib/wire/a.c", "<qmikit/codec.h>"),
    "wire that includes a generated header": includes("lib/wire/a.c", "<qmikit/nas.h>"),
    "codec that includes device by a path": includes("lib/codec/a.c", '"../device/device.h"'),
    "transport that includes device": includes("lib/transport/a.c", "<qmikit/device.h>"),
    "a public header that points up": includes("include/qmikit/transport.h", "<qmikit/device.h>"),
    "lib that includes sim": includes("lib/device/a.c", '"sim/modem.h"'),
    "lib that includes a program": includes("lib/json/a.c", '"qmicli/table.h"'),
    "lib that includes systemd": includes("lib/device/a.c", "<systemd/sd-event.h>"),
    "jansson outside lib/json": includes("lib/codec/a.c", "<jansson.h>"),
    "sim that includes the inside of lib": includes("sim/a.c", '"lib/codec/codec.h"'),
    "sim that includes a program": includes("sim/a.c", '"qmicli/table.h"'),
    "sim that includes an event loop": includes("sim/a.c", "<systemd/sd-event.h>"),
    "sim that includes libslirp": includes("sim/a.c", "<libslirp.h>"),
    "a program that includes another": includes("qmicli/a.c", '"proxy/broker.h"'),
    "a program that includes the inside of lib": includes("qmicli/a.c", '"lib/wire/wire.h"'),
    "the proxy that includes sim": includes("proxy/a.c", '"sim/modem.h"'),
}
FINE = {
    **includes("lib/device/a.c", "<qmikit/codec.h>\n#include <errno.h>\n#include <qmikit/nas.h>"),
    **includes("lib/json/a.c", "<jansson.h>\n#include <uthash.h>"),
    **includes("proxy/a.c", '"lib/3gpp/a.h"\n#include "broker.h"'),
    **includes("sim/a.c", '"modem.h"\n#include <qmikit/nas.h>\n#include <qmikit/device.h>'),
    **includes("sim/slirp.c", "<libslirp.h>"),
    **includes("sim/loop.c", '"loop.h"\n#include "modem.h"\n#include <sys/epoll.h>'), **QMI_SIM,
    **includes("qmicli/a.c", '"sim/modem.h"\n#include "table.h"\n#include <jansson.h>'),
}
