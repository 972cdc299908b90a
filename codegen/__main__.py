"""python3 -m codegen [--protocol DIR] (--check | --stats | --names | --out DIR | --lua FILE)"""

import argparse
import os
import sys

from .emit_c import count_items, emit
from .emit_lua import emit_lua
from .files import write
from .load import load
from .model import all_fields


def published_names(protocol):
    """Every name that JSON shows, a line each: what is released stays."""
    for service in protocol.services:
        for message in service.messages:
            head = f"{service.name} {message.kind} {message.name}"
            yield head
            for path, _ in all_fields(message.tlvs):
                yield f"{head} {'.'.join(path)}"


def main():
    parser = argparse.ArgumentParser(prog="codegen", description="compiles protocol/*.yaml")
    parser.add_argument("--protocol", default="protocol", help="the folder of the definitions")
    mode = parser.add_mutually_exclusive_group(required=True)
    mode.add_argument("--check", action="store_true", help="only say what is wrong")
    mode.add_argument("--stats", action="store_true", help="count generated lines and described items")
    mode.add_argument("--names", action="store_true", help="list the published JSON names")
    mode.add_argument("--out", metavar="DIR", help="write the C files here")
    mode.add_argument("--lua", metavar="FILE", help="write the Wireshark dissector here")
    args = parser.parse_args()
    protocol, problems = load(args.protocol)
    if problems:
        print("\n".join(problems), file=sys.stderr)
        return 1
    if args.out or args.lua:
        folder, name = (args.out, "") if args.out else os.path.split(args.lua)
        try:
            write(folder or ".", emit(protocol) if args.out else {name: emit_lua(protocol)})
        except OSError as e:
            print(f"{args.out or args.lua}: {e.strerror}", file=sys.stderr)
            return 1
    elif args.names:
        print("\n".join(published_names(protocol)))
    elif args.stats:
        lines = sum(1 for text in emit(protocol).values() for line in text.splitlines() if line.strip())
        items = count_items(protocol)
        print(f"lines={lines} items={items} ratio={lines / max(items, 1):.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
