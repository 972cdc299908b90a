#!/usr/bin/env python3
"""Writes a C file that holds profiles (JSON files) as arrays: embed-profiles.py OUTPUT PROFILE..."""

import json
import pathlib
import sys

HEAD = "/* Made by sim/embed-profiles.py from sim/profiles: do not edit. */\n"


def array(name, data):
    """The bytes as a C array; as a string it would pass the length that a compiler has to take."""
    lines = [", ".join(str(b) for b in data[i:i + 24]) + "," for i in range(0, len(data), 24)]
    body = "\n\t".join(lines)
    return f"static const char {name}[] = {{\n\t{body}\n}};\n"


def main(output, paths):
    rows, arrays = [], []
    for path in sorted(map(pathlib.Path, paths)):
        # without blanks: they are for people, who read the file
        data = json.dumps(json.loads(path.read_text()), separators=(",", ":")).encode("ascii")
        symbol = "json_" + path.stem.replace("-", "_")
        arrays.append(array(symbol, data))
        rows.append(f'\t{{"{path.stem}", {symbol}, sizeof({symbol})}},')
    text = (HEAD + '#include "sim/profile.h"\n\n' + "\n".join(arrays)
            + "\nconst struct qk_sim_builtin qk_sim_builtins[] = {\n" + "\n".join(rows) + "\n};\n"
            + f"const size_t qk_sim_builtin_count = {len(rows)};\n")
    pathlib.Path(output).write_text(text)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
