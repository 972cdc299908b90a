"""A model.Api as introspection XML, a file an interface, as D-Bus bindings and documentation tools read it."""

from xml.sax.saxutils import quoteattr

HEAD = """<?xml version="1.0" encoding="UTF-8" ?>
<!-- Made by codegen from api/: do not edit. -->
<node xmlns:doc="http://www.freedesktop.org/dbus/1.0/doc.dtd">
"""


def doc(text, indent):
    yield f"{indent}<annotation name={quoteattr('org.gtk.GDBus.DocString')} value={quoteattr(text)}/>"


def argument(a, direction):
    way = f" direction={quoteattr(direction)}" if direction else ""
    return f"      <arg name={quoteattr(a.name)} type={quoteattr(a.type.signature)}{way}/>"


def member(tag, m, inputs, outputs):
    yield f"    <{tag} name={quoteattr(m.name)}>"
    yield from doc(m.doc, "      ")
    yield from (argument(a, "in") for a in inputs)
    yield from (argument(a, "out" if tag == "method" else "") for a in outputs)
    yield f"    </{tag}>"


def interface_xml(interface):
    yield f"  <interface name={quoteattr(interface.name)}>"
    yield from doc(interface.doc, "    ")
    for m in interface.methods:
        yield from member("method", m, m.inputs, m.outputs)
    for s in interface.signals:
        yield from member("signal", s, [], s.outputs)
    for p in interface.properties:
        yield f'    <property name={quoteattr(p.name)} type={quoteattr(p.type.signature)} access="read">'
        yield from doc(p.doc, "      ")
        yield "    </property>"
    yield "  </interface>"


def emit(api):
    """File name to text."""
    return {f"{i.name}.xml": HEAD + "\n".join(interface_xml(i)) + "\n</node>\n" for i in api.interfaces}
