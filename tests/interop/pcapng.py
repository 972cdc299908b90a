"""Reads a recording without any help of ours: pcapng by its specification, the link header by
trace/link-header.h."""

import struct


def blocks(data):
    """(type, body) of each block; ValueError where the file is broken."""
    at = 0
    while at < len(data):
        kind, size = struct.unpack_from("<II", data, at)
        if size < 12 or size % 4 or at + size > len(data) or data[at + size - 4:at + size] != data[at + 4:at + 8]:
            raise ValueError(f"byte {at}: no block")
        yield kind, data[at + 8:at + size - 4]
        at += size


def packet(body):
    interface, high, low, captured, original = struct.unpack_from("<IIIII", body)
    data, options = body[20:20 + captured], body[20 + (captured + 3) // 4 * 4:]
    version, transport, direction, service, size, large, pid, connection, node, port = \
        struct.unpack_from("<BBBBHHIIII", data)
    if (interface, version, captured, size % 4) != (0, 1, original, 0) or large and (service, large > 255) != (255, True):
        raise ValueError("no record of ours")
    if options != struct.pack("<HHIHH", 2, 4, 1 if direction else 2, 0, 0):
        raise ValueError(f"options {options.hex()}")
    name = data[40:size].rstrip(b"\0")
    return {"time": high << 32 | low, "transport": transport, "direction": direction, "service": large or service, "pid": pid,
            "connection": connection, "node": node, "port": port, "process": data[24:40].rstrip(b"\0").decode(),
            "device": name.decode(), "bytes": data[size:]}


def records(path):
    with open(path, "rb") as file:
        parts = list(blocks(file.read()))
    if [kind for kind, _ in parts[:2]] != [0x0a0d0d0a, 1] or {kind for kind, _ in parts[2:]} - {6}:
        raise ValueError("not one section with one interface and packets")
    return [packet(body) for _, body in parts[2:]]
