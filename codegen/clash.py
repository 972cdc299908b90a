"""Names that differ in protocol/ and are one in C. Found here, since the compiler of C knows no line of YAML."""

from .model import c_name


def structs_below(fields):
    """Every struct below `fields`, each time it is used."""
    for f in fields:
        struct = (f.type.item or f.type).struct
        if struct:
            yield struct
            yield from structs_below(struct.fields)


def names_of_values(values):
    yield f"enum or struct {values.c_name}", values.where, id(values)
    yield f"{values.c_name}_values", values.where, id(values)
    for name, _ in values.names:
        yield c_name(values.c_name, name).upper(), values.where, (id(values), name)


def names_of_message(message):
    yield f"enum or struct {message.c_name}", message.where, id(message)
    yield message.table, message.where, id(message)


def names(service):
    """(C name, where, whose) of what a service brings; whose tells two owners apart."""
    for values in service.values:
        yield from names_of_values(values)
    structs = service.structs + [s for m in service.messages for s in structs_below(m.tlvs)]
    for struct in structs + [s for t in service.structs for s in structs_below(t.fields)]:
        yield f"enum or struct {struct.tag}", struct.where, id(struct)
    for message in service.messages:
        yield from names_of_message(message)
    for method in service.methods:
        yield method.c_name, method.request.where, id(method)
        yield f"{method.c_name}_method", method.request.where, id(method)
    if service.name:
        yield f"qk_{service.name}_service", (service.path, 1), id(service)


def refuse_clashes(protocol, problems):
    owners = {}
    for service in [protocol.common, *protocol.services]:
        for name, where, owner in names(service):
            if owners.setdefault(name, owner) != owner:
                file, line = where or (service.path, 1)
                problem = f"{file}:{line}: '{name.split()[-1]}' in C is taken by another definition"
                if problem not in problems:
                    problems.append(problem)
