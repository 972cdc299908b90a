"""No mutable variable at file scope, nor a static one in a function: state hangs from objects.

Read from the object files, since only the compiler knows what is const through and through: a
`static const char *names[]` is not.

One file may have one: the library that is preloaded into other programs has no main() to hold its state.
"""

import json
import os
import re
import shlex
import subprocess

from house import Skip, tool

# An address, seven flags of which `d` marks debugging and section symbols, a section, size, name.
SYMBOL = re.compile(r"^[0-9a-f]+ .{5}[^d]. (\S+)\s+[0-9a-f]+(?: \.\S+)? (\S+)$")
PRELOADED = "trace/recorder.c"
MUTABLE = re.compile(r"\*COM\*|\.(t?data|t?bss)(?!\.rel\.ro).*")


def objects(context):
    """(source, object) of what the build compiled, what was generated included; not the tests."""
    commands = os.path.join(context.build or "", "compile_commands.json")
    if not os.path.exists(commands):
        raise Skip("no build to look at")
    with open(commands, encoding="utf-8") as file:
        entries = json.load(file)
    for entry in entries:
        source = os.path.realpath(os.path.join(entry["directory"], entry["file"]))
        name = os.path.relpath(source, os.path.realpath(context.root))
        if "-fsanitize" in entry["command"]:
            raise Skip("sanitizers add variables of their own")
        if not name.startswith(("tests/", "docs/")):
            yield name, os.path.join(entry["directory"], output_of(entry))


def output_of(entry):
    words = shlex.split(entry["command"])
    return words[words.index("-o") + 1]


def variables(path):
    """The mutable variables in an object file."""
    symbols = subprocess.run([tool("objdump"), "-t", path], capture_output=True, text=True, check=True)
    for line in symbols.stdout.splitlines():
        match = SYMBOL.match(line)
        if match and MUTABLE.fullmatch(match.group(1)):
            yield match.group(2)


def find(context):
    for source, path in objects(context):
        if not os.path.exists(path):
            continue
        mutable = sorted(variables(path))
        for name in mutable[1:] if source == PRELOADED else mutable:
            yield f"{source}:1: the variable {name} is mutable and outlives its caller"


def prepare(context):
    """Compiles an example, as a build would have done."""
    entries = []
    for source in context.files(".c"):
        target = context.path(source.replace("/", "-") + ".o")
        command = ["gcc", "-fPIC", "-O2", "-c", context.path(source), "-o", target]
        subprocess.run(command, check=True)
        entries.append({"directory": context.root, "file": context.path(source), "command": shlex.join(command)})
    with open(context.path("compile_commands.json"), "w", encoding="utf-8") as file:
        json.dump(entries, file)


USE = "int f(void)\n{\n\tstatic int n;\n\treturn n++;\n}\n"
BREACHES = {
    "a variable": {"lib/a.c": "int count;\n"},
    "a static variable with a value": {"lib/a.c": USE.replace(" n;", " n = 1;")},
    "a static variable in a function": {"lib/a.c": USE},
    "a thread's variable": {"lib/a.c": "_Thread_local int count;\n"},
    "a second variable of the preloaded library": {PRELOADED: "int count;\nint more;\n"},
    "a table of texts that can be changed": {"lib/a.c": 'const char *names[] = {"a", "b"};\n'},
}
FINE = {PRELOADED: "int count;\n",
        "lib/a.c": 'const char *const names[] = {"a", "b"};\n' + USE.replace("static", "volatile")}
