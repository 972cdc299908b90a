"""A model.Api as C: tables of the interfaces, vtables of sd-bus, macros by which programs name the members."""

import json
import re

HEAD = "/* Made by codegen from api/: do not edit. */\n"


def upper(name):
    """StateChanged, modem-state or modem3gpp as part of a macro."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).replace("-", "_").upper()


def c_name(name):
    return name.replace("-", "_").lower()


def quoted(text):
    return json.dumps(text) if text else "NULL"


def type_row(t):
    values = f"&api_values_{c_name(t.values.name)}" if t.values else "NULL"
    dictionary = f"&api_dict_{c_name(t.dict.name)}" if t.dict else "NULL"
    return f"{{ {quoted(t.signature)}, {values}, {dictionary} }}"


def fields(name, items):
    """A table of named types; nothing where there are none."""
    if items:
        yield f"static const struct api_field {name}[] = {{"
        for key, t in items:
            yield f"\t{{ {quoted(key)}, {type_row(t)} }},"
        yield "};"


def emit_values(values):
    name = f"api_values_{c_name(values.name)}"
    yield f"static const struct api_value {name}_rows[] = {{"
    for key, number in sorted(values.names, key=lambda pair: pair[1]):
        yield f"\t{{ {quoted(key)}, {number} }},"
    yield "};"
    yield f"const struct api_values {name} = {{"
    flags = "true" if values.flags else "false"
    yield f"\t{quoted(values.name)}, {flags}, {len(values.names)}, {name}_rows,"
    yield "};"


def emit_errors(values):
    """The names on the bus by the numbers that modems tell."""
    name = f"api_errors_{upper(values.name).lower()}"
    yield f"static const struct api_value {name}_rows[] = {{"
    for key, number in values.names:
        yield f"\t{{ MM_{upper(values.name)}_ERROR_{upper(key)}, {number} }},"
    yield "};"
    yield f"const struct api_values {name} = {{ {quoted(values.name)}, false, {len(values.names)}, {name}_rows }};"


def emit_dict(d):
    name = f"api_dict_{c_name(d.name)}"
    yield from fields(f"{name}_keys", d.keys)
    yield f"const struct api_dict {name} = {{ {quoted(d.name)}, {len(d.keys)}, {name}_keys }};"


def members(interface, kind, items):
    """The rows of methods or signals, behind the tables of their arguments."""
    stem = f"{interface.stem}_{kind}"
    for item in items:
        for side, arguments in (("in", item.inputs), ("out", item.outputs)):
            yield from fields(f"{stem}_{item.name}_{side}", [(a.name, a.type) for a in arguments])
    if items:
        yield f"const struct api_method api_{stem}[] = {{"
        for item in items:
            sides = [f"{stem}_{item.name}_{side}" if arguments else "NULL"
                     for side, arguments in (("in", item.inputs), ("out", item.outputs))]
            yield (f"\t{{ &api_interface_{interface.stem}, {quoted(item.name)}, {quoted(item.access)}, "
                   f"{len(item.inputs)}, {len(item.outputs)}, {', '.join(sides)} }},")
        yield "};"


def properties(interface):
    if interface.properties:
        yield f"const struct api_property api_{interface.stem}_properties[] = {{"
        for p in interface.properties:
            yield f"\t{{ &api_interface_{interface.stem}, {{ {quoted(p.name)}, {type_row(p.type)} }} }},"
        yield "};"


def bus_args(arguments, none):
    words = [word for a in arguments for word in (quoted(a.type.signature), a.name)]
    return f"SD_BUS_ARGS({', '.join(words)})" if words else none


def vtable(interface):
    yield f"static const sd_bus_vtable {interface.stem}_vtable[] = {{"
    yield "\tSD_BUS_VTABLE_START(0),"
    for m in interface.methods:
        yield f"\tSD_BUS_METHOD_WITH_ARGS({quoted(m.name)}, {bus_args(m.inputs, 'SD_BUS_NO_ARGS')},"
        yield f"\t\t{bus_args(m.outputs, 'SD_BUS_NO_RESULT').replace('SD_BUS_ARGS', 'SD_BUS_RESULT')},"
        yield "\t\tapi_object_method, SD_BUS_VTABLE_UNPRIVILEGED),"
    for s in interface.signals:
        yield f"\tSD_BUS_SIGNAL_WITH_ARGS({quoted(s.name)}, {bus_args(s.outputs, 'SD_BUS_NO_ARGS')}, 0),"
    for p in interface.properties:
        flags = "SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE" + (" | SD_BUS_VTABLE_DEPRECATED" if p.deprecated else "")
        yield f"\tSD_BUS_PROPERTY({quoted(p.name)}, {quoted(p.type.signature)}, api_object_property, 0,"
        yield f"\t\t{flags}),"
    yield "\tSD_BUS_VTABLE_END,"
    yield "};"


KINDS = ("methods", "signals", "properties")


def emit_interface(interface):
    yield ""
    yield from members(interface, "methods", interface.methods)
    yield from members(interface, "signals", interface.signals)
    yield from properties(interface)
    yield from vtable(interface)
    yield f"const struct api_interface api_interface_{interface.stem} = {{"
    counts = ", ".join(str(len(getattr(interface, kind))) for kind in KINDS)
    tables = ", ".join(f"api_{interface.stem}_{kind}" if getattr(interface, kind) else "NULL" for kind in KINDS)
    yield f"\t{quoted(interface.name)}, {interface.stem}_vtable, {counts}, {tables},"
    yield "};"


def source(api):
    yield HEAD
    yield "#include <systemd/sd-bus.h>\n"
    yield '#include "api/api-names.h"'
    yield '#include "api/object.h"\n'
    for values in api.values:
        yield from emit_values(values)
    for values in api.errors:
        yield from emit_errors(values)
    yield ""
    for d in api.dicts:
        yield from emit_dict(d)
    for interface in api.interfaces:
        yield from emit_interface(interface)
    yield "\nconst struct api_interface *const api_interfaces[] = {"
    for interface in api.interfaces:
        yield f"\t&api_interface_{interface.stem},"
    yield "};"
    yield "const size_t api_interface_count = sizeof(api_interfaces) / sizeof(api_interfaces[0]);"


def constants(api):
    """The numbers, under the names that the published headers give them."""
    for values in api.values:
        yield f"\nenum mm_{c_name(values.name)} {{"
        for name, number in values.names:
            shown = hex(number) if values.flags and number else number
            yield f"\tMM_{upper(values.name)}_{upper(name)} = {shown},"
        yield "};"


def error_names(api):
    for values in api.errors:
        yield ""
        for name, _ in values.names:
            yield (f"#define MM_{upper(values.name)}_ERROR_{upper(name)} "
                   f'"org.freedesktop.ModemManager1.Error.{values.name}.{name}"')


def names_of_interface(interface):
    stem = upper(interface.stem)
    yield f"\nextern const struct api_interface api_interface_{interface.stem};"
    yield f"#define API_{stem} (&api_interface_{interface.stem})"
    for kind, infix, row in (("methods", "METHOD_", "api_method"), ("signals", "SIGNAL_", "api_method"),
                             ("properties", "", "api_property")):
        items = getattr(interface, kind)
        if items:
            yield f"extern const struct {row} api_{interface.stem}_{kind}[];"
        for number, item in enumerate(items):
            yield f"#define API_{infix}{stem}_{upper(item.name)} (&api_{interface.stem}_{kind}[{number}])"


def header(api):
    yield HEAD
    yield "#pragma once\n"
    yield '#include "api/api.h"'
    yield from constants(api)
    yield from error_names(api)
    yield ""
    for values in api.values:
        yield f"extern const struct api_values api_values_{c_name(values.name)};"
    for values in api.errors:
        yield f"extern const struct api_values api_errors_{upper(values.name).lower()};"
    for d in api.dicts:
        yield f"extern const struct api_dict api_dict_{c_name(d.name)};"
    for interface in api.interfaces:
        yield from names_of_interface(interface)
    yield "\nextern const struct api_interface *const api_interfaces[];"
    yield "extern const size_t api_interface_count;"


def emit(api):
    """File name to text."""
    return {"api-names.h": "\n".join(header(api)) + "\n", "api-tables.c": "\n".join(source(api)) + "\n"}
