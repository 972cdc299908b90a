"""ShellCheck finds nothing in the shell scripts."""

import json
import re
import subprocess

from house import tool

SHELL = re.compile(r"#!(/usr)?/bin/(env )?(ba|da|busybox )?sh\b|# shellcheck shell=")


def scripts(context):
    return [name for name in context.files() if SHELL.match(context.read(name))]


def find(context):
    program, names = tool("shellcheck"), scripts(context)
    # What a script reads in is looked for beside it, too.
    command = [program, "-x", "-P", "SCRIPTDIR", "-f", "json", *names]
    run = subprocess.run(command, cwd=context.root, capture_output=True, text=True, check=False)
    for found in json.loads(run.stdout) if names else []:
        yield f"{found['file']}:{found['line']}: {found['message']} (SC{found['code']})"


BREACHES = {
    "a word that is not quoted": {"a": "#!/bin/bash\nrm $1\n"},
    "a script with a suffix": {"a.sh": "#!/bin/sh\necho $1\n"},
    "a part of a script": {"a.sh": "# shellcheck shell=bash\necho $1\n"},
    "a script that cannot be read": {"a": "#!/bin/bash\nif true\n"},
}
FINE = {"a": '#!/bin/bash\nrm "$1"\n', "b.py": "#!/usr/bin/env python3\nprint($1)\n", "c": "rm $1\n"}
