"""protocol/*.yaml to a model.Protocol. Everything wrong is noted as file:line: message."""

import os
import re

from .clash import refuse_clashes
from .model import ErrorCode, Message, Method, Protocol, Service, Tlv, Type, Values, all_fields, c_member, c_name
from .source import Problems, read
from .types import Scope, parse_type, parse_type_section

RESULT_TLV = 0x02
FIRST_OPTIONAL_TLV = 0x10
UNITS_MAX = 255
ERROR_NAME = re.compile(r"[A-Z][A-Za-z0-9]*")


def parse_tlvs(node, message, scope):
    numbers, c_names = {}, set()
    for name, value in node.names():
        m = value.members(("tlv", "type", "when", "doc", "libqmi"), ("tlv", "type"))
        if "tlv" not in m or "type" not in m:
            continue
        number = m["tlv"].number(0, 0xFF, "TLV")
        if number in numbers:
            node.problems.add(value, f"TLV {number:#04x} of '{name}' is that of '{numbers[number]}'")
        if message.kind == "response" and number == RESULT_TLV:
            node.problems.add(value, "TLV 0x02 of a response is its result, which is understood")
        members = {c_member(name), c_name("has", name)}
        if members & c_names or name in ("result", "has-result", "extras", "unknown-tlvs"):
            node.problems.add(value, f"'{name}' is taken")
        numbers.setdefault(number, name)
        c_names |= members
        when = m["when"].prose() if "when" in m else None
        if when not in (None, "mandatory", "optional"):
            node.problems.add(m["when"], f"when: '{when}' is neither mandatory nor optional")
        message.tlvs.append(Tlv(
            name, parse_type(m["type"], scope, c_name(message.c_name, name)), (value.file, value.line), number,
            when == "mandatory" if when else number < FIRST_OPTIONAL_TLV,
            m["doc"].prose() if "doc" in m else "", m["libqmi"].prose() if "libqmi" in m else ""))


def new_message(name, kind, m, node, service, scope, key):
    def text(k):
        return m[k].prose() if k in m else ""

    number = m["id"].number(0, 0xFFFF, "message id") if "id" in m else 0
    vendor = m["vendor"].number(1, 0xFFFF, "vendor") if "vendor" in m else 0
    known = scope.find("vendor")
    if vendor and known and vendor not in dict(known.names).values():
        node.problems.add(m["vendor"], f"vendor {vendor:#06x} has no name in common.yaml")
    message = Message(name, kind, number, service, [], (node.file, node.line), text("since"), text("doc"),
                      text("libqmi"), vendor)
    if key in m:
        parse_tlvs(m[key], message, scope)
    return message


def claim_id(node, message, taken):
    key = message.vendor, message.id
    if key in taken:
        node.problems.add(node, f"message id {message.id:#06x} is that of '{taken[key]}'")
    taken.setdefault(key, message.name)


def parse_messages(node, service, scope):
    taken = {}
    for name, value in node.names():
        m = value.members(("id", "vendor", "since", "doc", "libqmi", "request", "response"), ("id",))
        request = new_message(name, "request", m, value, service, scope, "request")
        response = new_message(name, "response", m, value, service, scope, "response")
        claim_id(value, request, taken)
        service.methods.append(Method(name, request, response))


def parse_indications(node, service, scope):
    taken = {}
    for name, value in node.names():
        m = value.members(("id", "vendor", "since", "doc", "libqmi", "tlvs"), ("id",))
        indication = new_message(name, "indication", m, value, service, scope, "tlvs")
        claim_id(value, indication, taken)
        service.indications.append(indication)


def parse_service(path, common_scope, service_ids, problems):
    root = read(path, problems)
    if root is None:
        return None
    m = root.members(("service", "id", "title", "types", "messages", "indications"), ("service", "id", "title"))
    if len(m.keys() & {"service", "id", "title"}) < 3:
        return None
    name = m["service"].text
    service = Service(name, m["id"].number(0, 0xFFFF, "service id"), m["title"].prose(), path)
    if dict(service_ids.names).get(name) != service.id:
        problems.add(m["id"], f"service '{name}' {service.id:#04x} is not in common.yaml")
    elif os.path.basename(path) != f"{name}.yaml":
        problems.add(m["service"], f"the file of service '{name}' is {name}.yaml")
    scope = Scope(name, common_scope)
    if "types" in m:
        parse_type_section(m["types"], service, scope)
    if "messages" in m:
        parse_messages(m["messages"], service, scope)
    if "indications" in m:
        parse_indications(m["indications"], service, scope)
    return service


def parse_error_codes(node):
    errors, codes = [], {}
    for name, value in node.items():
        m = value.members(("code", "sentence", "hint"), ("code", "sentence"))
        if not ERROR_NAME.fullmatch(name):
            node.problems.add(value, f"'{name}' is no name of an error: NotSupported is one")
            continue
        if len(m.keys() & {"code", "sentence"}) < 2:
            continue
        code = m["code"].number(0, 0xFFFF, "error code")
        if code in codes:
            node.problems.add(value, f"code {code} is that of '{codes[code]}'")
        codes.setdefault(code, name)
        errors.append(ErrorCode(name, code, m["sentence"].prose(), m["hint"].prose() if "hint" in m else ""))
    return errors


def parse_service_ids(node):
    names = [(name, value.number(0, 0xFFFF, "service id")) for name, value in node.names()]
    if len({n for _, n in names}) != len(names):
        node.problems.add(node, "two services have one id")
    return Values("service-id", "", False, 1, False, names)


def parse_common(path, problems):
    """common.yaml: the service ids, the error codes and the shared types."""
    common, scope = Service("", path=path), Scope("")
    root = read(path, problems)
    m = root.members(("services", "errors", "types"), ("services", "errors")) if root else {}
    ids = parse_service_ids(m["services"]) if "services" in m else Values("service-id", "", False, 1, False, [])
    errors = parse_error_codes(m["errors"]) if "errors" in m else []
    codes = Values("error", "", False, 2, False, [(e.name, e.code) for e in errors])
    status = Values("result-status", "", False, 2, False, [("success", 0), ("failure", 1)])
    for values in (ids, codes, status):
        common.values.append(values)
        scope.known[values.name] = values
    if "types" in m:
        parse_type_section(m["types"], common, scope)
    return ids, errors, common, scope


def number_units(protocol, problems):
    """Gives each unit a number, which is what stands in a row of a table."""
    tables = [s.fields for service in [protocol.common, *protocol.services] for s in service.structs]
    tables += [m.tlvs for service in protocol.services for m in service.messages]
    types = [t for fields in tables for _, f in all_fields(fields) for t in (f.type, f.type.item) if t and t.unit]
    protocol.units = sorted({t.unit for t in types})
    if len(protocol.units) > UNITS_MAX:
        problems.append(f"{protocol.common.path}:1: more than {UNITS_MAX} units")
    for t in types:
        t.unit_number = protocol.units.index(t.unit) + 1


def load(folder):
    """Reads every definition below `folder`. Returns (Protocol, Problems)."""
    problems = Problems()
    ids, errors, common, scope = parse_common(os.path.join(folder, "common.yaml"), problems)
    services = []
    names = os.listdir(folder) if os.path.isdir(folder) else []
    for name in sorted(names):
        if name.endswith(".yaml") and name != "common.yaml":
            service = parse_service(os.path.join(folder, name), scope, ids, problems)
            if service:
                services.append(service)
    protocol = Protocol(ids, errors, common, sorted(services, key=lambda s: s.id))
    if not problems:
        number_units(protocol, problems)
        refuse_clashes(protocol, problems)
    return protocol, problems


def result_fields(protocol):
    """Name and type of what TLV 0x02 holds."""
    known = {v.name: v for v in protocol.common.values}
    return (("status", Type("uint", width=2, values=known["result-status"])),
            ("error", Type("uint", width=2, values=known["error"])))
