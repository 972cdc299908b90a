"""Functions of at most 80 lines, files of at most 1000, in the C and the Python written by hand."""

import subprocess

from house import tool

FUNCTION_LIMIT = 80
FILE_LIMIT = 1000


def is_python(context, name):
    return name.endswith(".py") or context.read(name).startswith("#!/usr/bin/env python3")


def sources(context):
    return [name for name in context.files()
            if name.endswith((".c", ".h")) or (name.startswith("tests/") or name.endswith(".py"))
            and is_python(context, name)]


def functions(context, names):
    """(file, function, first line, last line) of every function."""
    # -G: a script without a suffix tells its language in its first line.
    command = [tool("ctags"), "-G", "-f", "-", "--sort=no", "--fields=+neK", "--languages=C,Python",
               "--map-C=+.h", "--kinds-C=f", "--kinds-Python=fm", "-L", "-"]
    tags = subprocess.run(command, cwd=context.root, input="\n".join(names), check=True,
                          capture_output=True, text=True).stdout
    for tag in tags.splitlines():
        name, file, rest = tag.split("\t", 2)
        fields = dict(part.split(":", 1) for part in rest.split("\t") if ":" in part)
        if fields.get("end", "").isdigit():
            yield file, name, int(fields["line"]), int(fields["end"])


def find(context):
    names = sources(context)
    for name in names:
        lines = context.read(name).count("\n")
        if lines > FILE_LIMIT:
            yield f"{name}:1: {lines} lines; a file has at most {FILE_LIMIT}"
    for file, function, first, last in functions(context, names):
        if last - first + 1 > FUNCTION_LIMIT:
            yield f"{file}:{first}: {function}() has {last - first + 1} lines, not {FUNCTION_LIMIT}"


def c_function(lines):
    return "int f(void)\n{\n" + "\tg();\n" * (lines - 4) + "\treturn 0;\n}\n"


BREACHES = {
    "a C function of 81 lines": {"lib/a.c": c_function(81)},
    "an inline function of 81 lines": {"lib/a.h": "static inline " + c_function(81)},
    "a Python function of 81 lines": {"a.py": "def f():\n" + "    g()\n" * 80},
    "a Python method of 81 lines": {"a.py": "class A:\n    def f():\n" + "        g()\n" * 80},
    "a Python script without a suffix":
        {"tests/a": "#!/usr/bin/env python3\ndef f():\n" + "    g()\n" * 80},
    "a file of 1001 lines": {"lib/a.h": "int a(void);\n" * 1001},
}
FINE = {
    "lib/a.c": c_function(80),
    "lib/a.h": "int a(void);\n" * 1000,
    "a.py": "def f():\n" + "    g()\n" * 79,
}
