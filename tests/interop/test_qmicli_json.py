"""What --json prints: for each action one document on one line, with the names of the definitions, or a failure.

usage: test_qmicli_json.py QMICLI QMI-SIM SOURCE

Each action runs on a modem that answers everything, on an EC25, which refuses much, and on one that refuses all.
"""

import json
import os
import re
import sys

from qmicli_arguments import TOGETHER
from qmicli_tool import ENDLESS, actions, describe, run, stop_when_quiet
from sim import PATIENCE, Sim, Tap

# A frame that --verbose shows.
FRAME = re.compile(r"^< ([a-z0-9]+) (response|indication) [a-z0-9-]+ \(0x([0-9a-f]+)\)", re.MULTILINE)
# Documents that are no message, by what they have.
OWN = {
    "link-list": {"links"}, "link-add": {"link"}, "get-wwan-iface": {"interface"}, "pdc-list-configs": {"configs"},
    "get-expected-data-format": {"expected-data-format"}, "set-expected-data-format": {"expected-data-format"},
}
FAILURE = {"kind", "exit-code", "message", "hint", "action"}
REFUSAL = FAILURE | {"code", "name", "sentence"}
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
REFUSED = 2
# One line of the manual page says each: exit code, name.
KINDS = re.compile(r"^\|  (\d+)\n:  ([a-z-]+)$", re.MULTILINE)
EVERYTHING = ["--profile", "everything"]
# Services in their order of arms: as many as a modem can have faults at once.
SERVICES = ["dms", "nas", "wds", "uim", "wms", "loc", "pbm", "pdc", "voice", "qos", "dsd", "dpm", "wda", "gas", "sar", "atr"]


def names_of(source):
    """The names of the TLVs of each message: (service, kind, number) to a set; a number may be of several vendors."""
    sys.path.insert(0, source)
    from codegen.load import load
    protocol, problems = load(os.path.join(source, "protocol"))
    assert not problems, problems
    found = {}
    for service in protocol.services:
        for method in service.methods:
            message = method.response
            found.setdefault((service.name, "response", message.id), set()).update(tlv.name for tlv in message.tlvs)
        for message in service.indications:
            found.setdefault((service.name, "indication", message.id), set()).update(tlv.name for tlv in message.tlvs)
    return found


class Documents:
    def __init__(self, qmicli, sim, source):
        self.qmicli, self.sim, self.tap = qmicli, sim, Tap()
        self.names = names_of(source)
        with open(f"{source}/docs/man/qmicli.1.scd.in", encoding="utf-8") as page:
            self.kinds = {int(code): name for code, name in KINDS.findall(page.read())}

    def run(self, modem, action):
        words = ["--json", "-v", "--" + action, *TOGETHER.get(action.split("=")[0], [])]
        if any(ENDLESS.match(word) for word in words):
            return stop_when_quiet([self.qmicli, "-d", modem.path, *words])
        return run(self.qmicli, modem.path, *words, timeout=PATIENCE)

    def wrong_failure(self, error, names, code):
        """What is wrong with the document of a failure; nothing when all is well."""
        refused = error.get("kind") == "refused"
        if not set(error) <= (REFUSAL if refused else FAILURE) or not {"kind", "exit-code", "message"} <= set(error):
            return f"members {sorted(error)}"
        told_later = "the modem says: " in error["message"]  # by an indication, which has no QMI error
        if refused and not told_later and not {"code", "name", "sentence"} <= set(error):
            return "a refusal without code, name or sentence"
        wanted = self.kinds.get(code, "interrupted" if code > 128 else None)
        if (error["exit-code"], error["kind"]) != (code, wanted):
            return f"{error['kind']} with {error['exit-code']}, exit {code}"
        return "" if error.get("action") in (None, *names) else f"action {error['action']}"

    def wrong_answer(self, document, name, stderr):
        known = {"result", "unknown-tlvs"} | OWN.get(name, set())
        for service, kind, number in FRAME.findall(stderr):
            known |= self.names.get((service, kind, int(number, 16)), set())
        strange = sorted(set(document) - known)
        if strange:
            return f"members that no definition has: {strange}"
        if "result" in document and next(iter(document)) != "result":
            return "the result is not first"
        return self.wrong_names(document)

    def wrong_names(self, value):
        """Every name below is one of a definition too."""
        if isinstance(value, dict):
            bad = [key for key in value if not NAME.fullmatch(key)]
            return f"names {bad}" if bad else "".join(map(self.wrong_names, value.values()))
        return "".join(map(self.wrong_names, value)) if isinstance(value, list) else ""

    def check(self, what, modem, action):
        name, result = action.split("=")[0], self.run(modem, action)
        lines, wrong = result.stdout.decode().splitlines(), ""
        try:
            documents = [json.loads(line) for line in lines]
        except ValueError as error:
            documents, wrong = [], str(error)
        names = [name, *(word[2:].split("=")[0] for word in TOGETHER.get(name, []))]
        # One for each report; none came where the modem had nothing to say.
        if not wrong and len(documents) != 1 and not ENDLESS.match("--" + name):
            wrong = f"{len(documents)} documents"
        if not wrong and not all(isinstance(document, dict) for document in documents):
            wrong = "no object"
        if not wrong and any("error" in document for document in documents) != (result.returncode != 0):
            wrong = "success and failure at once"
        for document in documents if not wrong else []:
            error = document.get("error")
            wrong = wrong or (self.wrong_failure(error, names, result.returncode) if error else
                              self.wrong_answer(document, name, result.stderr.decode(errors="replace")))
        self.tap.check(f"{what}: --{action}", not wrong, f"{wrong}\n{describe(result)}")
        return result.returncode

    def all(self):
        every, codes = actions(self.qmicli), {}
        faults = [word for service in SERVICES for word in ("--fault", f"error-result=94:{service}")]
        for what, arguments in (("everything", EVERYTHING), ("ec25-eux", ["--time-scale", "0.02"]),
                                ("refusals", [*EVERYTHING, *faults])):
            with Sim(self.sim, *arguments) as modem:
                codes[what] = [self.check(what, modem, action) for action in every]
        refused = codes["refusals"].count(REFUSED)
        self.tap.check(f"{refused} actions were refused", refused > len(every) / 2, codes["refusals"])
        return self.tap.done()


if __name__ == "__main__":
    sys.exit(Documents(*map(os.path.abspath, sys.argv[1:])).all())
