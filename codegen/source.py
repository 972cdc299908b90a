"""YAML with line numbers: nodes that know their place, and the list of what is wrong."""

import re

import yaml

NAME = re.compile(r"[a-z0-9][a-z0-9-]*")
NUMBER = re.compile(r"-?(0x[0-9a-fA-F]+|[0-9]+)")
DEPTH_MAX = 32      # of nodes in nodes: far more than anyone writes


class Loader(yaml.SafeLoader):
    """YAML without aliases, which can nest for ever, and without endless depth."""

    depth = 0

    def compose_node(self, parent, index):
        problem = "an alias: write it out, or give the type a name" if self.check_event(yaml.AliasEvent) else None
        if self.depth > DEPTH_MAX:
            problem = f"more than {DEPTH_MAX} levels deep"
        if problem:
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=self.peek_event().start_mark)
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


class Problems(list):
    """What is wrong, as `file:line: message`."""

    def add(self, node, message):
        """A line; a name in `message` may hold anything."""
        self.append(f"{node.file}:{node.line}: " + " ".join(message.split()))


class Node:
    """One YAML value with its file and line. Mappings keep their order and refuse a key twice."""

    def __init__(self, file, raw, problems):
        self.file, self.raw, self.problems = file, raw, problems
        self.line = raw.start_mark.line + 1

    @property
    def is_map(self):
        return isinstance(self.raw, yaml.MappingNode)

    @property
    def is_list(self):
        return isinstance(self.raw, yaml.SequenceNode)

    def elements(self):
        """The values of a list."""
        if not self.is_list:
            self.problems.add(self, "expected a list")
            return []
        return [Node(self.file, value, self.problems) for value in self.raw.value]

    @property
    def text(self):
        """The scalar as text, or None."""
        return self.raw.value if isinstance(self.raw, yaml.ScalarNode) else None

    def prose(self):
        """The scalar as a line for people."""
        if self.text is None or not self.text.isprintable():
            self.problems.add(self, "expected a line of text")
            return ""
        return self.text

    def items(self):
        if not self.is_map:
            self.problems.add(self, "expected a mapping")
            return []
        found = {}
        for key, value in self.raw.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else "?"
            node = Node(self.file, value, self.problems)
            node.line = key.start_mark.line + 1
            if name in found:
                self.problems.add(node, f"'{name}' stands here a second time")
            found.setdefault(name, node)
        return list(found.items())

    def members(self, known, required=()):
        """The mapping as a dict; keys outside `known` are problems, missing `required` ones too."""
        found = dict(self.items())
        for name, node in found.items():
            if name not in known:
                self.problems.add(node, f"unknown key '{name}' (known: {', '.join(known)})")
        for name in required:
            if name not in found:
                self.problems.add(self, f"'{name}' is missing")
        return {k: v for k, v in found.items() if k in known}

    def names(self):
        """items() whose keys must be definition names."""
        for name, node in self.items():
            if not NAME.fullmatch(name):
                self.problems.add(node, f"'{name}' is no name: lower case, digits and dashes")
                continue
            yield name, node

    def number(self, low, high, what):
        text = self.text or ""
        value = int(text, 16 if "x" in text else 10) if NUMBER.fullmatch(text) and len(text) < 32 else None
        if value is None:
            self.problems.add(self, f"{what}: '{self.text}' is no number")
            return low
        if not low <= value <= high:
            self.problems.add(self, f"{what} {self.text} is out of range ({low:#x} to {high:#x})")
            return low
        return value


def read(path, problems):
    """The root node of a file, or None with a problem noted."""
    try:
        with open(path, encoding="utf-8") as f:
            text = f.read()
        raw = yaml.compose(text, Loader=Loader)
    except (OSError, UnicodeDecodeError) as e:
        problems.append(f"{path}:1: {e}")
        return None
    except yaml.MarkedYAMLError as e:
        problems.append(f"{path}:{e.problem_mark.line + 1 if e.problem_mark else 1}: {e.problem}")
        return None
    except yaml.reader.ReaderError as e:
        problems.append(f"{path}:{text.count(chr(10), 0, e.position) + 1}: a character that YAML does not allow")
        return None
    if raw is None:
        problems.append(f"{path}:1: the file is empty")
        return None
    return Node(path, raw, problems)
