"""The D-Bus interfaces as objects: what load.py makes of api/*.yaml and the emitters read."""

from dataclasses import dataclass, field


@dataclass
class Values:
    """An enumeration or a set of flags."""
    name: str
    flags: bool
    names: list                 # of (name, number), by number


@dataclass
class Dict:
    """What the keys of an a{sv} hold."""
    name: str
    keys: list                  # of (key, Type)


@dataclass
class Type:
    """A D-Bus signature, and what its numbers and dictionaries mean."""
    signature: str
    values: Values = None
    dict: Dict = None


@dataclass
class Argument:
    name: str
    type: Type


@dataclass
class Member:
    """A method, a signal or a property."""
    name: str
    doc: str
    since: str = ""
    access: str = ""            # of methods: the polkit action that it takes; empty: anyone may
    inputs: list = field(default_factory=list)
    outputs: list = field(default_factory=list)     # of a signal: its arguments
    type: Type = None           # of properties
    deprecated: bool = False


@dataclass
class Interface:
    name: str
    stem: str                   # of its file: modem3gpp
    doc: str
    since: str
    methods: list
    signals: list
    properties: list


@dataclass
class Api:
    values: list
    errors: list                # of Values; `name` is the domain
    dicts: list
    interfaces: list
