"""Each header compiles alone: public ones with gcc and clang, as C17 and as C++."""

import glob
import os
import shutil
import subprocess

from house import Skip

C = ["-std=c17", "-x", "c", "-Wall", "-Wextra"]
CXX = ["-std=c++17", "-x", "c++", "-Wall", "-Wextra"]
PUBLIC = {"gcc": C, "clang": C, "g++": CXX, "clang++": CXX}
INTERNAL = {"gcc": ["-std=gnu17", "-x", "c", "-D_GNU_SOURCE", "-Wall", "-Wextra"]}


def generated(context, *pattern):
    """What the build has of public headers; not what packages were made of, which may be older."""
    names = glob.glob(os.path.join(context.build, "**", "qmikit", *pattern), recursive=True)
    return sorted(name for name in names if not os.path.relpath(name, context.build).startswith("deb/"))


def include_options(context):
    folders = [context.path("include"), context.root]
    if context.build:
        folders += [os.path.dirname(folder) for folder in generated(context)] + [context.build]
    return [option for folder in folders for option in ("-I", folder)]


def public_headers(context):
    written = [context.path(name) for name in context.files(".h", under="include/qmikit/")]
    if not context.build:
        return written
    return written + [name for name in generated(context, "*.h") if name not in written]


def complaint(path, compiler, options):
    """What a compiler says of a source file that includes nothing but this header."""
    command = [compiler, *options, "-Werror", "-fsyntax-only", "-"]
    source = f'#include "{path}"\nint qk_header_test;\n'
    run = subprocess.run(command, input=source, capture_output=True, text=True, check=False)
    errors = [line for line in run.stderr.splitlines() if "error" in line] or [run.stderr.strip()]
    return f"{errors[0]} ({compiler})" if run.returncode else None


def find(context):
    if not shutil.which("gcc"):
        raise Skip("no gcc here")
    include = include_options(context)
    jobs = [(path, PUBLIC) for path in public_headers(context)]
    jobs += [(context.path(name), INTERNAL) for name in context.files(".h")
             if not name.startswith(("include/", "tests/", "docs/"))]
    for path, compilers in jobs:
        for compiler, options in compilers.items():
            said = shutil.which(compiler) and complaint(path, compiler, options + include)
            if said:
                yield said


BREACHES = {
    "a public header that misses an include": {"include/qmikit/a.h": "uint8_t f(void);\n"},
    "a public header that is no C++": {"include/qmikit/a.h": "int f(int class);\n"},
    "a generated header that is no C17": {"lib/qmikit/a.h": "typeof(1) a;\n"},
    "an internal header that misses an include": {"lib/wire/a.h": "size_t f(void);\n"},
}
FINE = {
    "include/qmikit/a.h": "#include <stdint.h>\nuint8_t f(uint8_t a);\n",
    "lib/wire/a.h": "#include <qmikit/a.h>\nint g(int class);\n",
}
