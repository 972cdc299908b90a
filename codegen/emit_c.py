"""A model.Protocol as C: structs, enums and descriptor tables. Data only, a line a fact.

For each service NAME.h and NAME.c, for what they share common.h, common.c and tables.c; lib/codec runs the tables.
"""

import json

from .model import Tlv, all_fields, c_name
from .tables import Tables, inner_structs, literal, packed, step_row, steps

HEAD = "/* Made by codegen from {source}: do not edit. */\n"
KINDS = {k: f"QK_KIND_{k.upper()}" for k in ("uint", "int", "bool", "float", "digits", "string", "bytes", "struct")}


def quoted(text):
    return json.dumps(text, ensure_ascii=False) if text else "NULL"


def memory_bits(width):
    return next(b for b in (8, 16, 32, 64) if b >= width * 8)


def c_type(t):
    """The C type of one value (of a list: of one item)."""
    if t.kind in ("uint", "int"):
        return f"{'u' if t.kind == 'uint' else ''}int{memory_bits(t.width)}_t"
    if t.kind == "struct":
        return f"struct {t.struct.tag}"
    return {"bool": "bool", "float": "float" if t.width == 4 else "double",
            "string": "struct qk_string", "bytes": "struct qk_bytes"}[t.kind]


def member(f):
    """One struct member, as a line without indent."""
    if f.type.kind == "list":
        return f"struct {{ {c_type(f.type.item)} *items; size_t count; }} {f.c_name};"
    if f.type.kind == "digits":
        return f"char {f.c_name}[{f.type.fixed + 1}];"
    return f"{c_type(f.type)} {f.c_name};"


def note(f):
    """The comment behind a member: what a reader must know of its number."""
    words = [f.type.unit]
    if f.type.values:
        words.append(f"{'flags' if f.type.values.flags else 'enum'} {f.type.values.c_name}")
    text = ", ".join(w for w in words if w)
    return f" /* {text} */" if text else ""


def struct_lines(struct):
    yield f"struct {struct.tag} {{"
    for f in struct.fields:
        yield f"\t{member(f)}{note(f)}"
    yield "};"


def enum_lines(values):
    prefix = values.c_name.upper()
    words = (f"{prefix}_{c_name(name).upper()} = {literal(number, values.flags)}" for name, number in values.names)
    yield from packed(f"enum {values.c_name} {{", words, "};")


def error_enum_lines(errors):
    """Error names are CamelCase: NotSupported is QK_ERROR_NOT_SUPPORTED."""
    def words(name):
        return "".join("_" + ch if ch.isupper() and i else ch for i, ch in enumerate(name)).upper()

    yield from packed("enum qk_error {", (f"QK_ERROR_{words(e.name)} = {e.code}" for e in errors), "};")


def flag_words(t, is_list):
    words = ["QK_FIELD_LIST"] if is_list else []
    if t.big_endian:
        words.append("QK_FIELD_BIG_ENDIAN")
    if t.values and t.values.flags:
        words.append("QK_FIELD_FLAGS")
    return words


def field_row(f, owner, tables):
    """struct qk_field of `f` in the C struct `owner`."""
    t, is_list = f.type, f.type.kind == "list"
    item = t.item if is_list else t
    flags = flag_words(item, is_list)
    if t.personal or item.personal:
        flags.append("QK_FIELD_PERSONAL")
    at = f"((struct {owner} *)0)->{f.c_name}"
    sized = t if is_list or t.kind in ("digits", "string", "bytes") else None
    # A list has one set of lengths, its own: types.py refuses lists of text, bytes and lists.
    return (f"{{ {tables.name(f.name)}, "
            f"offsetof(struct {owner}, {f.c_name}), sizeof({'*' if is_list else ''}{at}{'.items' if is_list else ''}), "
            f"{sized.fixed if sized else 0}, {sized.max if sized else 0}, {tables.below(item)}, {KINDS[item.kind]}, "
            f"{item.width}, {sized.prefix if sized else 0}, {' | '.join(flags) or 0}, {item.unit_number or t.unit_number} }}")


def structs_lines(tables):
    """The members of every struct, and the structs, each with its steps behind it."""
    rows, field = ["{ { 0 } }"], 0
    yield "const struct qk_field qk_all_members[] = {"
    for s in tables.structs:
        for f in s.fields:
            yield f"\t{field_row(f, s.tag, tables)},"
        its = steps(s.fields)
        rows.append(f"{{ {{ {field}, {len(s.fields)}, {len(its)}, {sum(size for _, size, _, _ in its)} }} }}")
        rows += [step_row(s, step) for step in its]
        field += len(s.fields)
    yield "};"
    yield from packed("const union qk_layout qk_all_structs[] = {", rows, "};")


def message_struct(message):
    result = " bool has_result; struct qk_result result;" if message.kind == "response" else ""
    head = f"struct {message.c_name} {{ struct qk_extras extras;{result}"
    if not message.tlvs:
        yield head + " };"
        return
    yield head
    for t in message.tlvs:
        yield f"\tbool has_{t.c_name.lstrip('_')}; {member(t)}{note(t)}"
    yield "};"


def tlv_row(t, message, tables):
    return (f"{{ {field_row(t, message.c_name, tables)}, offsetof(struct {message.c_name}, has_{t.c_name.lstrip('_')}), "
            f"{t.number:#04x}, {'true' if t.mandatory else 'false'} }}")


def result_row(message, tables):
    at = f"struct {message.c_name}"
    return (f"{{ {{ {tables.name('result')}, offsetof({at}, result), sizeof(struct qk_result), 0, 0, "
            f"{tables.struct_numbers['qk_result']}, QK_KIND_STRUCT, 0, 0, 0, 0 }}, offsetof({at}, has_result), 0x02, true }}")


def message_table(message, tables):
    """The descriptor of one message."""
    rows = [result_row(message, tables)] if message.kind == "response" else []
    rows += [tlv_row(t, message, tables) for t in message.tlvs]
    tail = (f"{tables.name(message.name)}, sizeof(struct {message.c_name}), {message.id:#06x}, {message.service.id:#04x}, "
            f"{message.vendor:#x}, {len(rows)}, QK_{message.kind.upper()} }};")
    linkage = "" if message.kind == "indication" else "static "
    start = f"{linkage}const struct qk_message {message.table} = {{ "
    if len(rows) == 0:
        yield f"{start}NULL, {tail}"
        return
    yield f"{start}(const struct qk_tlv_def[]) {{ {rows[0]},"
    for row in rows[1:]:
        yield f"\t{row},"
    yield f"}}, {tail}"


def service_header(service, shared):
    yield "#pragma once"
    yield "#include <qmikit/common.h>"
    yield "#include <qmikit/device.h>"
    yield "#ifdef __cplusplus\nextern \"C\" {\n#endif"
    for values in service.values:
        yield from enum_lines(values)
        yield f"extern QK_PUBLIC const struct qk_values {values.c_name}_values;"
    known = {s.tag for s in service.structs} | shared
    for struct in service.structs:
        for inner in inner_structs(struct.fields, known):
            yield from struct_lines(inner)
        yield from struct_lines(struct)
    for message in service.messages:
        for struct in inner_structs(message.tlvs, known):
            yield from struct_lines(struct)
        yield from message_struct(message)
    for method in service.methods:
        yield f"QK_METHOD({method.c_name});"
    for indication in service.indications:
        yield f"extern QK_PUBLIC const struct qk_message {indication.table};"
    yield f"extern QK_PUBLIC const struct qk_service qk_{service.name}_service;"
    yield "#ifdef __cplusplus\n}\n#endif"


def values_lines(service, tables):
    """What programs know by name; fields have the same rows by number."""
    rows = tables.values_rows()
    for values in service.values:
        yield f"const struct qk_values {values.c_name}_values = {rows[values.c_name]};"


def service_source(service, tables):
    yield "#include <stddef.h>"
    yield f"#include <qmikit/{service.name}.h>"
    yield from values_lines(service, tables)
    for message in service.messages:
        yield from message_table(message, tables)
    for method in service.methods:
        yield (f"const struct qk_method {method.c_name}_method = "
               f"{{ &{method.request.table}, &{method.response.table} }};")
    yield from service_table(service)


def service_table(service):
    methods = [f"{{ &{m.request.table}, &{m.response.table} }}"
               for m in sorted(service.methods, key=lambda m: m.request.id)]
    indications = [f"&{m.table}" for m in sorted(service.indications, key=lambda m: m.id)]
    head = (f"const struct qk_service qk_{service.name}_service = {{ {quoted(service.name)}, {quoted(service.title)}, "
            "(const struct qk_method[]) {")
    yield from packed(head, methods, f"}}, {len(methods)}, (const struct qk_message *const[]) {{")
    yield from packed("\t", indications, f"NULL }}, {len(indications)}, {service.id:#04x} }};")


def common_header(protocol):
    yield "#pragma once"
    yield "#include <qmikit/codec.h>"
    yield "#ifdef __cplusplus\nextern \"C\" {\n#endif"
    for values in protocol.common.values:
        yield from error_enum_lines(protocol.errors) if values.name == "error" else enum_lines(values)
        yield f"extern QK_PUBLIC const struct qk_values {values.c_name}_values;"
    known = set()
    for struct in protocol.common.structs:
        for inner in inner_structs(struct.fields, known):
            yield from struct_lines(inner)
        yield from struct_lines(struct)
    yield "#ifdef __cplusplus\n}\n#endif"


def common_source(protocol, tables):
    yield "#include <qmikit/common.h>"
    yield from values_lines(protocol.common, tables)


def tables_source(protocol, tables):
    yield "#include <stddef.h>"
    for service in protocol.services:
        yield f"#include <qmikit/{service.name}.h>"
    yield '#include "lib/codec/tables.h"'
    yield from tables.names_lines()
    yield from tables.values_lines()
    yield from structs_lines(tables)
    yield "const struct qk_error_info qk_all_errors[] = {"
    for e in sorted(protocol.errors, key=lambda e: e.code):
        yield f"\t{{ {e.code}, {quoted(e.name)}, {quoted(e.sentence)}, {quoted(e.hint)} }},"
    yield "};"
    yield f"const size_t qk_all_errors_count = {len(protocol.errors)};"
    yield from packed("const char *const qk_all_units[] = {", map(quoted, protocol.units), "NULL };")
    yield "const struct qk_service *const qk_all_services[] = {"
    for service in protocol.services:
        yield f"\t&qk_{service.name}_service,"
    yield "\tNULL };"


def emit(protocol):
    """{file name: text} of everything."""
    shared, tables = {s.tag for s in protocol.common.structs}, Tables(protocol)
    files = {
        "common.h": ("protocol/common.yaml", common_header(protocol)),
        "common.c": ("protocol/common.yaml", common_source(protocol, tables)),
        "tables.c": ("protocol/", tables_source(protocol, tables)),
    }
    for service in protocol.services:
        files[f"{service.name}.h"] = (f"protocol/{service.name}.yaml", service_header(service, shared))
        files[f"{service.name}.c"] = (f"protocol/{service.name}.yaml", service_source(service, tables))
    return {name: HEAD.format(source=source) + "\n".join(lines) + "\n" for name, (source, lines) in files.items()}


def count_items(protocol):
    """Fields, TLVs and messages: what the bound on generated lines is measured against."""
    items = 0
    for service in [protocol.common, *protocol.services]:
        named = {id(s) for s in service.structs}
        items += sum(len(list(all_fields(s.fields))) for s in service.structs)
        for m in service.messages:
            items += 1 + (m.kind == "response") + sum(count_tlv(t, named) for t in m.tlvs)
    return items


def count_tlv(t: Tlv, named):
    """A TLV and its fields; those of a named struct are counted with the type."""
    inner = t.type.item if t.type.kind == "list" else t.type
    if inner.kind != "struct":
        return 1
    if id(inner.struct) in named:
        return 1
    return 1 + sum(count_tlv(f, named) for f in inner.struct.fields)
