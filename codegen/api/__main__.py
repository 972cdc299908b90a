"""python3 -m codegen.api [--api DIR] (--check | --c DIR | --public DIR VERSION)"""

import argparse
import sys

from codegen.files import write

from . import emit_c, emit_header, emit_xml
from .load import load


def main():
    parser = argparse.ArgumentParser(prog="codegen.api", description="compiles api/*.yaml")
    parser.add_argument("--api", default="api", help="the folder of the definitions")
    mode = parser.add_mutually_exclusive_group(required=True)
    mode.add_argument("--check", action="store_true", help="only say what is wrong")
    mode.add_argument("--c", metavar="DIR", help="write the C files here")
    mode.add_argument("--public", nargs=2, metavar=("DIR", "VERSION"),
                      help="write introspection and ModemManager.h here, for what is equal to this version")
    args = parser.parse_args()
    api, problems = load(args.api)
    if problems:
        print("\n".join(problems), file=sys.stderr)
        return 1
    if args.c:
        write(args.c, emit_c.emit(api))
    elif args.public:
        folder, version = args.public
        write(folder, emit_xml.emit(api) | emit_header.emit(api, version))
    return 0


if __name__ == "__main__":
    sys.exit(main())
