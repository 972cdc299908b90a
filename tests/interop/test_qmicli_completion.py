"""Completion of qmicli, in the shells themselves, and what they ask: that nothing is offered which qmicli refuses.

usage: test_qmicli_completion.py QMICLI SOURCE
"""

import os
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time

from qmicli_tool import run
from sim import PATIENCE, Tap

# What is typed, and what it becomes. A word that ends with "=" or "/" goes on without a space.
LINES = [
    ("--dms-get-mod", "--dms-get-model "), ("--dms-set-op", "--dms-set-operating-mode="),
    ("--dms-set-operating-mode=onl", "--dms-set-operating-mode=online "), ("--help-dm", "--help-dms "),
    ("--dms-set-operating-mode shut", "--dms-set-operating-mode shutting-down "),
    ("--wds-start-network=ap", "--wds-start-network=apn="),
    ("--wds-start-network=apn=x,us", "--wds-start-network=apn=x,username="),
    ("--wds-start-network=apn=x,auth=P", "--wds-start-network=apn=x,auth=PAP "),
    ("--wds-create-profile=3gpp,apn=x,pdp-type=pp", "--wds-create-profile=3gpp,apn=x,pdp-type=ppp "),
    ("--wda-set-data-format=raw", "--wda-set-data-format=raw-ip "), ("-d sim:ep", "-d sim:ep06-e "),
    ("--device=/dev/nul", "--device=/dev/null "), ("-d /pro", "-d /proc/"), ("--link-list=l", "--link-list=lo "),
    ("--wds-stop-network=dis", "--wds-stop-network=disable-autoconnect "),
    ("-d sim: --timeo", "-d sim: --timeout="),
]
# What a word is joined to; a shell may quote the bar.
JOINED = ("--device-open-net=net-raw-ip|net-n", "--device-open-net=net-raw-ip|net-no-qos-header ")
# In quotes, as in libqmi's help. Bash closes them, zsh takes them away.
QUOTED = ('--wds-start-network="apn=x,us', "--wds-start-network=apn=x,username=")


class Typist:
    """An interactive shell on a terminal of its own."""

    def __init__(self, command, environment):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvpe(command[0], command, environment)

    def type(self, text, until):
        """What the terminal shows from then on, as far as `until`."""
        os.write(self.fd, text.encode())
        shown, end = b"", time.monotonic() + PATIENCE
        while not re.search(until, shown) and time.monotonic() < end:
            if select.select([self.fd], [], [], 1)[0]:
                shown += os.read(self.fd, 4096)
        return shown.decode(errors="replace")

    def complete(self, line):
        """The words that a line becomes at Tab and the letter that is typed behind it."""
        text = line.replace("|", BAR)
        shown = self.type(f"say {text}\tZ\r", rb"<end>\r?\n")
        return re.findall(r"^<(?!end)(.*)>\r?$", shown, re.MULTILINE), shown

    def close(self):
        os.close(self.fd)
        os.waitpid(self.pid, 0)


BAR = "\\|"
SAY = "say() { printf '<%s>\\n' \"$@\"; echo '<end>'; }"


def bash(source, environment, _):
    shell = Typist(["bash", "--norc", "--noprofile", "-i"], environment)
    shell.type(f". {source}/packaging/qmicli.bash; complete -F _say say; _say() {{ _qmicli qmicli; }}; {SAY}; "
               "PS1='> '; echo 're''ady'\r", rb"ready\r?\n")
    return shell


def zsh(source, environment, folder):
    shutil.copy(f"{source}/packaging/qmicli.zsh", f"{folder}/_qmicli")
    shell = Typist(["zsh", "-f", "-i"], environment)
    shell.type(f"fpath=({folder} $fpath); autoload -U compinit; compinit -u -D; compdef _say say; "
               f"_say() {{ words[1]=qmicli; _qmicli }}; {SAY}; PS1='> '; unsetopt beep; echo 're''ady'\r", rb"ready\r?\n")
    return shell


def check_typed(tap, name, begin, source, environment):
    """What bash and zsh make of a line: Tab, then a letter, which shows whether there is a space."""
    if not shutil.which(name):
        tap.check(f"{name} completes # SKIP it is not here", True)
        return
    with tempfile.TemporaryDirectory() as folder:
        shell = begin(source, environment, folder)
        for line, whole in [*LINES, JOINED, QUOTED]:
            words, shown = shell.complete(line)
            tap.check(f"{name}: '{line}'", words == f"{whole}Z".split(" "), f"{words}\n{shown}")
        shell.close()


def check_fish(tap, source, environment):
    if not shutil.which("fish"):
        tap.check("fish completes # SKIP it is not here", True)
        return
    with tempfile.TemporaryDirectory() as home:
        for line, whole in [*LINES, JOINED]:
            done = subprocess.run(["fish", "--no-config", "-c", f"source {source}/packaging/qmicli.fish\n"
                                   f"complete -C 'qmicli {line.replace('|', BAR)}'"], env={**environment, "HOME": home}, text=True,
                                  capture_output=True, timeout=PATIENCE, check=False)
            offered = [text.split("\t")[0].replace(BAR, "|") for text in done.stdout.splitlines()]
            tap.check(f"fish: '{line}'", offered == [whole.rstrip().split(" ")[-1]], done.stdout + done.stderr)


def completions(qmicli, *words):
    done = run(qmicli, None, "--complete", *words)
    return [line.split("\t")[0] for line in done.stdout.decode().splitlines()]


def check_options(tap, qmicli):
    listed = set(re.findall(r"^  (?:-\w, )?(--[a-z0-9-]+=?)", run(qmicli, None, "--help-all").stdout.decode(), re.MULTILINE))
    offered = set(completions(qmicli, "--"))
    tap.check(f"all {len(listed)} options are offered", len(listed) > 200 and listed <= offered, listed - offered)
    tap.check("and nothing else", {word.rstrip("=") for word in offered} == {word.rstrip("=") for word in listed},
              offered - listed)
    return sorted(word for word in offered if word.endswith("=") and not re.match("--(device|client-cid|timeout)", word))


def check_words(tap, qmicli, option):
    """Every key and every word that is offered behind an option is one that it knows."""
    words = completions(qmicli, option)
    words += [value for key in words if key.endswith("=") for value in completions(qmicli, key)]
    bad = []
    for word in (word for word in words if word[-1] not in "=/"):
        done = run(qmicli, "/nonexistent/modem", word)
        value = re.escape(re.split("[=,]", word)[-1].encode())
        if re.search(rb"(invalid|nrecognized)[^']*'" + value + b"'", done.stderr):
            bad.append(f"{word}: {done.stderr.decode()}")
    if words:
        tap.check(f"{option} knows the {len(words)} words that are offered", not bad, "\n".join(bad))
    return len(words)


def main(qmicli, source):
    tap = Tap()
    qmicli = os.path.abspath(qmicli)
    options = check_options(tap, qmicli)
    found = sum(check_words(tap, qmicli, option) for option in options)
    tap.check(f"{found} words are offered behind options", found > 300)
    tap.check("nothing is offered where nothing fits", not completions(qmicli, "--no-such")
              and not completions(qmicli, "--dms-get-model=x") and not completions(qmicli, "word"))
    environment = {**os.environ, "PATH": f"{os.path.dirname(qmicli)}:/usr/bin:/bin", "TERM": "dumb", "LC_ALL": "C.UTF-8"}
    check_typed(tap, "bash", bash, source, environment)
    check_typed(tap, "zsh", zsh, source, environment)
    check_fish(tap, source, environment)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
