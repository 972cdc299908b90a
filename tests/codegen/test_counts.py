#!/usr/bin/env python3
"""How many messages each service has beside those of libqmi's main branch (2026): no service may have fewer. And the
dissector knows a number as one message, or as one of each vendor."""

import collections
import os
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])

from codegen.emit_lua import emit_lua  # noqa: E402 (the path comes first)
from codegen.load import load  # noqa: E402

# (requests, indications), counted in its data/qmi-service-*.json.
LIBQMI = {
    "atr": (1, 1), "ctl": (9, 1), "dms": (62, 1), "dpm": (2, 0), "dsd": (4, 1), "fox": (2, 0), "gas": (7, 0),
    "gms": (2, 0), "ims": (5, 2), "imsa": (5, 2), "imsdcm": (2, 1), "imsp": (1, 0), "loc": (18, 23), "nas": (34, 8),
    "oma": (8, 1), "pbm": (4, 0), "pdc": (13, 9), "pds": (10, 2), "qos": (7, 2), "sar": (2, 0), "ssc": (1, 2),
    "uim": (26, 3), "voice": (17, 5), "wda": (6, 1), "wds": (38, 5), "wms": (19, 3),
}


def main():
    protocol, problems = load(os.path.join(sys.argv[1], "protocol"))
    if problems:
        print("Bail out! " + problems[0])
        return 1
    ours = {s.name: (len(s.methods), len(s.indications)) for s in protocol.services}
    names = sorted(LIBQMI.keys() | ours.keys())
    print(f"1..{len(names) + 1}")
    keys = collections.Counter(re.findall(r'^M\["([^"]+)"\]', emit_lua(protocol), re.MULTILINE))
    twice = [key for key, count in keys.items() if count > 1]
    failed = 0
    for n, name in enumerate(names, 1):
        have, libqmi = ours.get(name, (0, 0)), LIBQMI.get(name, (0, 0))
        good = have[0] >= libqmi[0] and have[1] >= libqmi[1]
        failed += not good
        print(f"{'ok' if good else 'not ok'} {n} - {name}: {have[0]} requests and {have[1]} indications, libqmi has "
              f"{libqmi[0]} and {libqmi[1]}")
    good = keys and not twice
    failed += not good
    print(f"{'ok' if good else 'not ok'} {len(names) + 1} - the dissector has each of {len(keys)} messages once {twice or ''}")
    for what, counts in (("libqmi has", LIBQMI), ("defined here are", ours)):
        print(f"# {what} {sum(c[0] for c in counts.values())} requests and {sum(c[1] for c in counts.values())} "
              f"indications in {len(counts)} services")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
