#!/usr/bin/env python3
"""ModemManager.h, which is made of api/, beside the one that Debian publishes: every name of theirs that is not listed
below has the same value in ours, and Debian's libmm-glib compiles with ours.

    test_api_header.py HEADER [PEERS]
"""

import os
import re
import subprocess
import sys
import tempfile

from sim import Tap

# What ours does not have. The constants of the errors are their names on the bus, where digits are no words.
CDMA = re.compile(r"MM_.*MODEMCDMA|MM_SMS_DELIVERY_STATE_(TEMPORARY_)?(TERMINAL|NETWORK|RADIO|GENERAL)_")
UNNAMED = {"MM_MODEM_LOCATION_SOURCE_FIRST", "MM_MODEM_LOCATION_SOURCE_LAST",
           *(f"MM_MOBILE_EQUIPMENT_ERROR_{name}" for name in (
               "NGKSI_ALREADY_IN_USE", "NON_3GPP_ACCESS_TO_5GCN_NOT_ALLOWED", "REDIRECTION_TO_5GCN_REQUIRED",
               "SYNTACTICAL_ERROR_IN_PACKET_FILTER", "UNSUPPORTED_QCI_OR_5QI_VALUE"))}
# The main branch has another value than 1.20.
CHANGED = {"MM_BEARER_IP_FAMILY_ANY"}


def constants(text):
    return set(re.findall(r"^\s+(MM_\w+)\s*=", text, re.M))


def strings(text):
    return dict(re.findall(r'^#define (MM_\w+)\s+("[^"]*"|MM_DBUS_PATH)\s*$', text, re.M))


def read(*paths):
    texts = []
    for path in paths:
        with open(path, encoding="utf-8") as f:
            texts.append(f.read())
    return "".join(texts)


def compiled(folder, text, *options):
    """The program's path, or what the compiler said, below None."""
    source, program = os.path.join(folder, "program.c"), os.path.join(folder, "program")
    with open(source, "w", encoding="utf-8") as f:
        f.write(text)
    done = subprocess.run(["cc", "-std=gnu11", "-Wall", "-Werror", *options, source, "-o", program],
                          capture_output=True, text=True, timeout=120)
    return (None, done.stderr) if done.returncode else (program, "")


def values(folder, include, names):
    rows = "".join(f'\tprintf("{name} %lld\\n", (long long){name});\n' for name in names)
    program, said = compiled(folder, "#include <stdio.h>\n#include <ModemManager.h>\n"
                             f"int main(void)\n{{\n{rows}}}\n", "-I", include)
    if not program:
        return said
    return subprocess.run([program], capture_output=True, text=True, timeout=30).stdout


def compare(tap, folder, header, published):
    ours = read(header)
    theirs = read(*(os.path.join(published, f"ModemManager-{part}.h") for part in ("enums", "errors", "names")))
    wanted = {name for name in constants(theirs) if not CDMA.match(name)} - UNNAMED
    tap.check("no number of theirs is missing", wanted and wanted <= constants(ours),
              "\n".join(sorted(wanted - constants(ours))))
    both = sorted((wanted & constants(ours)) - CHANGED)
    told = [values(folder, include, both) for include in (published, os.path.dirname(header))]
    tap.check(f"{len(both)} numbers are the same", told[0] == told[1] and told[0].count("\n") == len(both),
              "\n".join(a for a, b in zip(told[1].splitlines(), told[0].splitlines()) if a != b))
    differing = {name: text for name, text in strings(theirs).items()
                 if not CDMA.match(name) and name != "MM_DBUS_INTERFACE_MODEM_MODEMCDMA" and
                 strings(ours).get(name) != text}
    tap.check(f"{len(strings(theirs))} names of the bus are the same", not differing, str(differing))


def main():
    header, peers = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else ""
    tap = Tap()
    published = os.path.join(peers, "usr/include/ModemManager")
    with tempfile.TemporaryDirectory() as folder:
        program, said = compiled(folder, "#include <ModemManager.h>\nint main(void)\n"
                                 "{\n\treturn !MM_CHECK_VERSION(1, 24, 0) || MM_CHECK_VERSION(1, 99, 0);\n}\n",
                                 "-I", os.path.dirname(header))
        tap.check("it compiles alone and knows its version", program and subprocess.run([program]).returncode == 0,
                  said)
        if not os.path.isdir(published):
            tap.check("Debian's header has the same # SKIP there is none here", True)
            return tap.done()
        compare(tap, folder, header, published)
        glib = subprocess.run(["pkg-config", "--cflags", "gio-2.0"], capture_output=True, text=True).stdout.split()
        program, said = compiled(folder, "#include <libmm-glib.h>\nint main(void)\n{\n\treturn 0;\n}\n",
                                 "-I", os.path.dirname(header), "-I", os.path.join(peers, "usr/include/libmm-glib"),
                                 *glib, "-Wno-deprecated-declarations")
        tap.check("Debian's libmm-glib compiles with it", program, said)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
