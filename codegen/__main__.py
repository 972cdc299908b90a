"""python3 -m codegen [--protocol DIR] (--check | --stats | --names | --out DIR | --lua FILE |
--docs DIR --codec PROGRAM --trace PROGRAM)"""

import argparse
import os
import subprocess
import sys

from .emit_c import count_items, emit
from .emit_docs import emit_docs
from .emit_lua import emit_lua
from .example import examples
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


def write_files(protocol, args):
    folder, name = os.path.split(args.lua) if args.lua else (args.out or args.docs, "")
    try:
        if args.docs:
            files = emit_docs(protocol, examples(protocol, args.codec, args.trace))
        else:
            files = emit(protocol) if args.out else {name: emit_lua(protocol)}
        write(folder or ".", files)
    except OSError as e:
        print(f"{e.filename or folder}: {e.strerror}", file=sys.stderr)
        return 1
    except (ValueError, subprocess.CalledProcessError) as e:
        print(f"an example: {e}", file=sys.stderr)
        return 1
    return 0


def main():
    parser = argparse.ArgumentParser(prog="codegen", description="compiles protocol/*.yaml")
    parser.add_argument("--protocol", default="protocol", help="the folder of the definitions")
    mode = parser.add_mutually_exclusive_group(required=True)
    mode.add_argument("--check", action="store_true", help="only say what is wrong")
    mode.add_argument("--stats", action="store_true", help="count generated lines and described items")
    mode.add_argument("--names", action="store_true", help="list the published JSON names")
    mode.add_argument("--out", metavar="DIR", help="write the C files here")
    mode.add_argument("--lua", metavar="FILE", help="write the Wireshark dissector here")
    mode.add_argument("--docs", metavar="DIR", help="write the pages of the protocol here")
    parser.add_argument("--codec", metavar="PROGRAM", help="of --docs: the tests' codec-tool, which makes the examples")
    parser.add_argument("--trace", metavar="PROGRAM", help="of --docs: qmi-trace, which prints them")
    args = parser.parse_args()
    if args.docs and not (args.codec and args.trace):
        parser.error("--docs needs --codec and --trace")
    protocol, problems = load(args.protocol)
    if problems:
        print("\n".join(problems), file=sys.stderr)
        return 1
    if args.out or args.lua or args.docs:
        return write_files(protocol, args)
    elif args.names:
        print("\n".join(published_names(protocol)))
    elif args.stats:
        lines = sum(1 for text in emit(protocol).values() for line in text.splitlines() if line.strip())
        items = count_items(protocol)
        print(f"lines={lines} items={items} ratio={lines / max(items, 1):.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
