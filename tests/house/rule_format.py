"""C is formatted as .clang-format says, in a way on which all clang-formats since 14 agree."""

import os
import re
import subprocess

from house import HERE, line_of, strip_c, tool

ROOT = os.path.dirname(os.path.dirname(HERE))


# Up to clang-format 16 such a macro is a block of statements, later it is an initialiser.
BRACE_MACRO = re.compile(r"^#define [ \t]*\w+(?:\([^)]*\))?[ \t\\\n]*\{", re.MULTILINE)
UNFORMATTED = re.compile(r"/\* clang-format off \*/.*?(?:/\* clang-format on \*/|\Z)", re.DOTALL)


def find(context):
    for name in context.files(".c", ".h"):
        text = UNFORMATTED.sub(lambda part: re.sub(r"[^\n]", " ", part.group()), context.read(name))
        for match in BRACE_MACRO.finditer(strip_c(text)):
            yield (f"{name}:{line_of(text, match.start())}: a macro that is a list in braces; "
                   "put it between /* clang-format off */ and on")
    yield from unformatted(context)


def unformatted(context):
    command = [tool("clang-format"), "--dry-run", "-Werror"]
    command.append("--style=file:" + os.path.join(ROOT, ".clang-format"))
    names = context.files(".c", ".h")
    run = subprocess.run(command + names, cwd=context.root, capture_output=True, text=True, check=False)
    seen = set()
    for match in re.finditer(r"^([^:\n]+):(\d+):\d+: error:", run.stderr if names else "", re.MULTILINE):
        name, line = match.groups()
        if name not in seen:
            seen.add(name)
            yield f"{name}:{line}: not formatted (run: clang-format -i {name})"
    if names and run.returncode and not seen:
        yield "clang-format failed: " + run.stderr.strip()


BREACHES = {
    "an indent of spaces": {"lib/a.c": "int f(void)\n{\n    return 0;\n}\n"},
    "a line above 100 columns": {"lib/a.c": "int f(" + ", ".join(["int " + "a" * 20] * 5) + ");\n"},
    "a brace out of place": {"lib/a.c": "int f(void) {\n\treturn 0;\n}\n"},
    "a macro that is a list in braces": {"lib/a.c": "#define ROW(a) \\\n\t{ \\\n\t\ta, 1 \\\n\t}\n"},
}
FINE = {
    "lib/a.c": "int f(void)\n{\n\treturn 0;\n}\n",
    "lib/b.c": "/* clang-format off */\n#define ROW(a) { a, 1 }\n/* clang-format on */\n",
    "lib/c.c": "#define SHOW(a) show({ a, 1 })\n",
}
