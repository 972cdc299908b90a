#!/usr/bin/env python3
"""Our codec and libqmi-glib agree on every message that protocol/ defines.

Usage: test_libqmi.py PROJECT-ROOT CODEC-TOOL. QMIKIT_SEEDS is how many seeds to try beside the extremes (2).

libqmi-glib runs here for real: its builders make each request, its parsers and getters read each response and
indication; the modem at the other end of the pty is our codec. Which name belongs to which follows from the
definitions, so a message is tested as soon as it is defined. What the installed libqmi lacks stands in expected.py.
"""

import os
import sys

sys.dont_write_bytecode = True
sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)), sys.argv[1]]

try:
    import capi
    import pairing
except (ImportError, OSError, ValueError) as missing:
    print(f"1..0 # SKIP needs libqmi-glib, its typelib and python3-gi: {missing}")
    sys.exit(0)
import expected  # noqa: E402
import names  # noqa: E402
import values  # noqa: E402
from codegen.load import load  # noqa: E402
from session import Codec, Modem, Session, get_result, get_tlv, new_input, set_tlv, tlv_places, unref  # noqa: E402

UNNAMED_ERROR = 60000
SUCCESS = {"status": "success", "error": "None"}
FAILURE = {"status": "failure", "error": "Internal"}
SEEDS = int(os.environ.get("QMIKIT_SEEDS", "2"))


class Mismatch(Exception):
    pass


class Skip(Exception):
    pass


def same(what, sent, got):
    if sent != got or isinstance(sent, bool) and not isinstance(got, (bool, int)):
        raise Mismatch(f"{what}: sent {sent!r}, read {got!r}")


def tlv_bytes(frame):
    """{type: value} of a frame's TLVs."""
    return {type_: frame[at:at + size].hex() for type_, at, size in tlv_places(frame)}


def visible(getter, value):
    """What libqmi shows of a TLV: reserved fields are not for its users."""
    if value is None or getter.tlv.type.kind != "struct":
        return value
    return {name: v for name, v in value.items() if not pairing.RESERVED.match(name)}


class Tests:
    def __init__(self, protocol, defined, session, modem):
        self.protocol, self.session, self.modem = protocol, session, modem
        self.defined = defined      # all services, those that libqmi lacks or no pty can carry among them
        self.lacking = set()        # what the installed libqmi does not have
        self.names_alone = 0        # enumerators that it does not name
        self.newer = capi.has(expected.NEWER_HAS)

    def accessors(self, message):
        """What libqmi reads or writes of a message; notes what it lacks."""
        title = f"{message.service.name} {message.name}"
        if not pairing.known(message):
            self.lacking.add(title if message.kind != "indication" else f"{title} indication")
            raise Skip("libqmi-glib has no such message")
        if title in expected.QRTR_ALONE:
            raise Skip("libqmi sends it over QRTR alone")
        found, missing = pairing.accessors(message)
        self.lacking.update(f"{title} {message.kind} {name}" for name in missing)
        return found

    def run_method(self, method, given, answer):
        """One exchange; gives the output and the request as (decoded, frame)."""
        setters = [a for a in pairing.accessors(method.request)[0] if a.tlv.name in given]
        source = new_input(method.request) if capi.has(pairing.prefix(method.request) + "_new") else None
        kept = []       # libqmi takes references to arrays, and the texts in them are ours
        try:
            for setter in setters:
                kept.append(set_tlv(setter, source, given[setter.tlv.name]))
            output = self.session.call(method, source, answer)
        finally:
            unref(method.request, source)
        same("requests that arrived", 1, len(self.modem.requests))
        return output, *self.modem.requests[0]

    # --- libqmi writes, we read

    def request(self, method):
        message = method.request
        setters = self.accessors(message)
        refusal = {"result": FAILURE, **expected.IN_REFUSALS.get(f"{message.service.name} {message.name}", {})}
        for name, case in values.cases(message, SEEDS):
            case = {**self.insisted(message), **case}
            given = {a.tlv.name: case[a.tlv.name] for a in setters if a.tlv.name in case}
            output, decoded, frame = self.run_method(method, given, refusal)
            unref(method.response, output)
            self.compare_request(message, name, given, decoded, frame)
        for setter in setters:
            if setter.tlv.mandatory:
                given = self.least(message, setter.tlv)
                self.refuses(f"a request without {setter.tlv.name}",
                             lambda given=given: self.run_method(method, given, refusal))

    def compare_request(self, message, name, given, decoded, frame):
        what = f"{message.name} ({name})"
        same(f"{what}: header", (message.service.name, message.name, "request", message.service.id),
             tuple(decoded[k] for k in ("service", "message", "type", "client")))
        value = decoded["value"]
        same(f"{what}: TLVs", sorted(given), sorted(value))
        for tlv in message.tlvs:
            if tlv.name in given:
                same(f"{what}: {tlv.name}", given[tlv.name], values.from_json(tlv.type, value[tlv.name]))
        same(f"{what}: missing TLV", -1, decoded["missing"])
        ours = self.modem.codec.encode(message, self.json(message, given))
        same(f"{what}: bytes of libqmi and of our encoder", tlv_bytes(frame), tlv_bytes(ours))
        self.compare_generic(message, what, ours)

    # --- we write, libqmi reads

    def response(self, method):
        message = method.response
        getters = self.accessors(message)
        given = {**self.insisted(method.request), **self.least(method.request)}
        for name, case in values.cases(message, SEEDS):
            answer = {"result": SUCCESS, **self.json(message, case)}
            output, *_ = self.run_method(method, given, answer)
            same(f"{message.name} ({name}): result", None, get_result(message, output))
            self.compare_output(message, name, getters, case, output)
            unref(message, output)
        self.conditions(method, getters)
        for getter in getters:
            if getter.tlv.mandatory:
                answer = {"result": SUCCESS, **self.json(message, self.least(message, getter.tlv))}
                self.refuses(f"a response without {getter.tlv.name}",
                             lambda answer=answer: self.run_method(method, given, answer))

    def indication(self, message):
        if f"{message.service.name} {message.name} indication" in expected.NEVER_SEEN and not self.newer:
            raise Skip("libqmi wants a TLV that no modem sends")
        getters = self.accessors(message)
        for name, case in values.cases(message, SEEDS):
            output = self.session.indicate(message, self.json(message, case))
            self.compare_output(message, name, getters, case, output)
            unref(message, output)
        for getter in getters:
            if getter.tlv.mandatory:
                # The one without it must not arrive: the first to arrive is the second, which has it.
                output = self.session.indicate(message, self.json(message, self.least(message, getter.tlv)),
                                               self.json(message, self.least(message)))
                if get_tlv(getter, output) is None:
                    raise Mismatch(f"libqmi takes an indication without {getter.tlv.name}, which ours calls mandatory")
                unref(message, output)

    @staticmethod
    def reads(message, tlv, case, error):
        """Whether libqmi looks at a TLV: some it reads only under a condition, and most in success only."""
        title = f"{message.service.name} {message.name} {tlv.name}"
        if tlv.name not in case or title in expected.IN_ANY_RESULT:
            return tlv.name in case
        field, number = expected.CONDITIONS.get(title, ("result", 0))
        if field == "result":
            return error == number
        tlv_name, _, member = field.partition("/")
        value = case.get(tlv_name)
        return not error and (value.get(member) if member and value else value) == number

    def conditions(self, method, getters):
        """Each TLV that libqmi reads under a condition, read under it."""
        message = method.response
        for getter in getters:
            name = f"{message.service.name} {message.name} {getter.tlv.name}"
            if name not in expected.CONDITIONS:
                continue
            field, number = expected.CONDITIONS[name]
            case = dict(values.cases(message, 0)[1][1])
            result, error = SUCCESS, 0
            if field == "result":
                result, error = {"status": "failure", "error": number}, number
            elif "/" in field:
                tlv_name, member = field.split("/")
                case[tlv_name] = {**case[tlv_name], member: number}
            else:
                case[field] = number
            answer = {"result": result, **self.json(message, case)}
            given = {**self.insisted(method.request), **self.least(method.request)}
            output, *_ = self.run_method(method, given, answer)
            self.compare_output(message, f"{field} is {number}", getters, case, output, error)
            unref(message, output)

    def compare_output(self, message, name, getters, case, output, error=0):
        what = f"{message.name} ({name})"
        for getter in getters:
            sent = case[getter.tlv.name] if self.reads(message, getter.tlv, case, error) else None
            same(f"{what}: {getter.tlv.name}", visible(getter, sent), get_tlv(getter, output))
        self.compare_generic(message, what, self.modem.last_frame)

    def compare_generic(self, message, what, frame):
        """libqmi's generic reader takes the frame, and its printer finds nothing odd in a TLV."""
        headers, printable = capi.generic(frame)
        same(f"{what}: service of the frame", message.service.id, headers["service"])
        same(f"{what}: message id of the frame", message.id, headers["message"])
        pairing.agree_with_print(message, printable)
        for complaint in (" ERROR: ", "Additional unexpected"):
            lines = [line for line in printable.splitlines() if complaint in line]
            if lines:
                raise Mismatch(f"{what}: libqmi's printer says {lines[0].strip()!r}")

    # --- the result

    def failure(self, service):
        """Every error code arrives under its number and our name is libqmi's."""
        method = next(m for m in service.methods if pairing.known(m.request))
        given = self.least(method.request)
        for error in self.protocol.errors:
            answer = {"result": {"status": "failure", "error": error.code}}
            if not error.code:
                continue
            output, *_ = self.run_method(method, given, answer)
            same(f"error {error.name}", (error.code, f"QMI protocol error ({error.code}): '{error.name}'"),
                 get_result(method.response, output))
            unref(method.response, output)
        output, *_ = self.run_method(method, given, {"result": {"status": "failure", "error": UNNAMED_ERROR}})
        same("an error without a name", UNNAMED_ERROR, get_result(method.response, output)[0])
        unref(method.response, output)

    # --- the tests themselves

    def notices(self, service):
        """One bit changed on the way makes the test of the message fail, whichever the TLV."""
        tests = [(m.request, self.request, m) for m in service.methods]
        tests += [(m.response, self.response, m) for m in service.methods]
        tests += [(m, self.indication, m) for m in service.indications]
        for message, test, subject in tests:
            found = pairing.accessors(message)[0] if pairing.known(message) else []
            for tlv in (accessor.tlv for accessor in found):
                if self.passes(message, tlv, test, subject):
                    raise Mismatch(f"a changed byte in {message.kind} {message.name} {tlv.name} is not noticed")

    def passes(self, message, tlv, test, subject):
        self.modem.spoil = message, tlv.number
        try:
            test(subject)
        except (Mismatch, Skip, pairing.Different, capi.Refused, ValueError, TimeoutError):
            return False            # libqmi drops an indication that lacks what is mandatory
        finally:
            self.modem.spoil = None
        return True

    # --- helpers

    def json(self, message, case):
        return {t.name: values.to_json(t.type, case[t.name]) for t in message.tlvs if t.name in case}

    @staticmethod
    def insisted(message):
        """Values for the TLVs without which libqmi does not send a request."""
        return {name: value for name, value in values.cases(message, 0)[1][1].items()
                if f"{message.service.name} {message.name} {name}" in expected.INSISTED} if message.tlvs else {}

    def least(self, message, without=None):
        """The least value of every mandatory TLV, but for one."""
        case = values.cases(message, 0)[0][1]
        return {t.name: case[t.name] for t in message.tlvs if t.mandatory and t is not without}

    def refuses(self, what, call):
        try:
            call()
        except capi.Refused:
            return
        raise Mismatch(f"libqmi takes {what}, which our definition calls mandatory")

    def newer_names(self, service):
        """What the definitions say of names that libqmi lacks: {("service type", number)}."""
        types = service.values + self.protocol.common.values
        return {(f"{service.name} {v.name}", number) for v in types for number in v.newer} | {
            ("ctl service-id", number) for number in expected.NEWER_IDS}

    def enumerators(self, service):
        found = {key: pair for key, pair in names.differences(service).items()
                 if pair != expected.SLIPS.get(key) and not (self.newer and pair[0] == pair[1])}
        newer = {key for key, (_, theirs) in found.items() if theirs is None and key in self.newer_names(service)}
        self.names_alone += len(newer)
        if wrong := sorted(found.keys() - newer):
            text = "; ".join("{} {}: we say {}, libqmi says {}".format(*k, *found[k]) for k in wrong)
            # Later versions renamed some; ours stay those of the version that the tools are compared with.
            raise Skip(text) if self.newer else Mismatch(text)

    def only_expected_is_missing(self):
        unexpected = self.lacking - expected.LACKING
        if unexpected:
            raise Mismatch("libqmi does not have " + "; ".join(sorted(unexpected)))
        ours_lack = [f"{m.service.name} {m.name} {m.kind} {name}" for s in self.protocol.services for m in s.messages
                     for name in pairing.extra_tlvs(m)]
        if ours_lack and not self.newer:
            raise Mismatch("the definitions do not have " + "; ".join(ours_lack))
        stale = expected.LACKING - self.lacking
        if stale and not self.newer:
            raise Mismatch("libqmi has, or the definitions lost, " + "; ".join(sorted(stale)))

    def nothing_is_left_out(self):
        """Walks libqmi's own list of its messages, so that no definition is needed for one to be missed."""
        ours = {s.name: s for s in self.defined}
        left_out = []
        for name, (requests, indications) in sorted(pairing.everything().items()):
            methods = [m.request for m in ours[name].methods] if name in ours else []
            have = {pairing.c_words(pairing.libqmi_name(m)) for m in methods}
            have_indications = {pairing.signal_name(m) for m in (ours[name].indications if name in ours else [])}
            print(f"# {name}: {len(requests & have)} of {len(requests)} requests, "
                  f"{len(indications & have_indications)} of {len(indications)} indications")
            left_out += [f"{name} {m}" for m in sorted((requests - have) | (indications - have_indications))]
        if left_out:
            raise Mismatch("the definitions do not have " + "; ".join(left_out))

    def all(self):
        """[(name, function)]"""
        for service in self.protocol.services:
            for m in service.methods:
                yield f"{service.name} {m.name} request", lambda m=m: self.request(m)
                yield f"{service.name} {m.name} response", lambda m=m: self.response(m)
            for m in service.indications:
                yield f"{service.name} {m.name} indication", lambda m=m: self.indication(m)
            yield f"{service.name} failures", lambda s=service: self.failure(s)
            yield f"{service.name} enumerators", lambda s=service: self.enumerators(s)
            yield f"{service.name}: a changed byte is noticed in every TLV", lambda s=service: self.notices(s)
        yield "libqmi lacks only what is expected", self.only_expected_is_missing
        yield "every message of libqmi is defined", self.nothing_is_left_out


def run(tests):
    """Prints TAP; the number of failures."""
    everything = list(tests.all())
    failed = 0
    print(f"1..{len(everything)}")
    for number, (name, function) in enumerate(everything, 1):
        try:
            function()
            print(f"ok {number} - {name}", flush=True)
        except Skip as skip:
            print(f"ok {number} - {name} # SKIP {skip}", flush=True)
        except Exception as e:      # whatever it is, the other tests still tell something
            failed += 1
            text = e if isinstance(e, (Mismatch, pairing.Different)) else repr(e)
            print(f"not ok {number} - {name}\n# {str(text)[:3000]}", flush=True)
    for what in sorted(tests.lacking):
        print(f"# not in this libqmi: {what}")
    print(f"# {len(tests.lacking)} of our messages and TLVs and {tests.names_alone} of our enumerators are not in this "
          f"libqmi; {SEEDS} seeds")
    return failed


def main():
    root, tool = sys.argv[1:]
    protocol, problems = load(os.path.join(root, "protocol"))
    defined = protocol.services
    here = {s.name for s in protocol.services if capi.has(f"qmi_client_{s.name}_get_type")}
    gone = {s.name for s in protocol.services} - here - expected.SERVICES - expected.NEWER_SERVICES
    protocol.services = [s for s in protocol.services if s.name in here and s.id <= 255]
    if gone:
        print("Bail out! this libqmi does not have " + ", ".join(sorted(gone)))
        return 1
    if problems:
        print("Bail out! " + problems[0])
        return 1
    codec = Codec(tool)
    modem = Modem(protocol, codec)
    failed = run(Tests(protocol, defined, Session(protocol, modem), modem))
    return 1 if codec.close() or failed else 0


if __name__ == "__main__":
    sys.exit(main())
