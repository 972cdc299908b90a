"""A client that believes signals: a picture of all objects of the daemon that is kept by signals alone, and held
against what the daemon says when it is asked."""

from gi.repository import Gio, GLib

NAME = "org.freedesktop.ModemManager1"
ROOT = "/org/freedesktop/ModemManager1"
PROPERTIES = "org.freedesktop.DBus.Properties"
MANAGER = "org.freedesktop.DBus.ObjectManager"
# What is told by a property of another object instead of by the ObjectManager.
POINTERS = {"Sim": "Sim", "Bearers": "Bearer", "Messages": "Sms", "Calls": "Call"}


def parts(variant):
    """{name: variant} of an a{sv}."""
    return {variant.get_child_value(i).get_child_value(0).get_string():
            variant.get_child_value(i).get_child_value(1).get_variant() for i in range(variant.n_children())}


def tree(variant):
    """{name: {name: variant}} of an a{sa{sv}}."""
    return {variant.get_child_value(i).get_child_value(0).get_string():
            parts(variant.get_child_value(i).get_child_value(1)) for i in range(variant.n_children())}


def shown(properties):
    """As text with types, so that 1 and True are two things; an empty interface is one, too."""
    return {name: value.print_(True) for name, value in properties.items()}


class Mirror:
    """Mirror(connection) of Gio, before the daemon starts or at any time; take() for what is there already."""

    def __init__(self, connection):
        self.connection = connection
        self.objects = {}     # path -> interface -> name -> variant
        self.others = {}      # the same, of objects that ObjectManager does not list
        self.wrong = []
        self.compared = self.told = self.waiting = 0
        connection.signal_subscribe(NAME, None, None, None, None, Gio.DBusSignalFlags.NONE, self.on_signal)

    def ask(self, path, interface, method, arguments, done):
        def answered(connection, result):
            self.waiting -= 1
            try:
                done(connection.call_finish(result))
            except GLib.Error as error:
                done(error)
        self.waiting += 1
        self.connection.call(NAME, path, interface, method, arguments, None, Gio.DBusCallFlags.NONE, 60000, None,
                             answered)

    def take(self):
        def done(answer):
            if not isinstance(answer, GLib.Error):
                for path, interfaces in self.listed(answer).items():
                    self.objects[path] = interfaces
                    self.follow(interfaces)
        self.ask(ROOT, MANAGER, "GetManagedObjects", None, done)

    @staticmethod
    def listed(answer):
        objects = answer.get_child_value(0)
        return {objects.get_child_value(i).get_child_value(0).get_string(): tree(objects.get_child_value(i).get_child_value(1))
                for i in range(objects.n_children())}

    def on_signal(self, _connection, _sender, path, interface, name, arguments):
        if interface == MANAGER:
            self.on_coming_or_going(name, arguments)
        elif interface == PROPERTIES and name == "PropertiesChanged":
            self.told += 1
            self.on_changed(path, arguments)

    def on_coming_or_going(self, name, arguments):
        path = arguments.get_child_value(0).get_string()
        if name == "InterfacesAdded":
            added = tree(arguments.get_child_value(1))
            for interface in added:
                if interface in self.objects.get(path, {}):
                    self.wrong.append(f"{path} has {interface} already")
            self.objects.setdefault(path, {}).update(added)
            self.follow(added)
            return
        for interface in arguments.get_child_value(1).unpack():
            if self.objects.get(path, {}).pop(interface, None) is None:
                self.wrong.append(f"{path} had no {interface} that could go")
        if not self.objects.get(path):
            self.objects.pop(path, None)

    def on_changed(self, path, arguments):
        interface = arguments.get_child_value(0).get_string()
        changed = parts(arguments.get_child_value(1))
        if arguments.get_child_value(2).n_children():
            self.wrong.append(f"{path} {interface}: properties are told without their values")
        where = self.objects if path in self.objects else self.others
        known = where.get(path, {}).get(interface)
        if known is None:
            # One that nobody has looked at, or that went, with its last change on the way.
            if where is self.objects:
                self.wrong.append(f"{path} {interface} changed, and was not told of")
            return
        for name, value in changed.items():
            if name not in known:
                self.wrong.append(f"{path} {interface} has no {name}")
            elif known[name].equal(value):
                self.wrong.append(f"{path} {name} was told to have changed, and has not: {value.print_(False)[:80]}")
        known.update(changed)
        self.follow({interface: changed})

    def follow(self, interfaces):
        """Looks at the objects that properties name."""
        for properties in interfaces.values():
            for name, value in properties.items():
                if name not in POINTERS:
                    continue
                paths = value.unpack()
                for path in [paths] if isinstance(paths, str) else paths:
                    if path != "/" and path not in self.others:
                        self.look(path, f"{NAME}.{POINTERS[name]}")

    def look(self, path, interface):
        def done(answer):
            if isinstance(answer, GLib.Error):
                self.others.pop(path, None)
            else:
                self.others[path] = {interface: parts(answer.get_child_value(0))}
        self.others[path] = {}
        self.ask(path, PROPERTIES, "GetAll", GLib.Variant("(s)", (interface,)), done)

    # --- Held against the daemon

    def differ(self, path, interface, mine, theirs):
        mine, theirs = shown(mine), shown(theirs)
        for name in mine.keys() | theirs.keys():
            if mine.get(name) != theirs.get(name):
                self.wrong.append(f"{path} {interface} {name}: told {mine.get(name)}, is {theirs.get(name)}"[:300])

    def compare(self):
        """Asks for everything; when the answer is there, all signals that were sent before it are, too."""
        def done(answer):
            if isinstance(answer, GLib.Error):
                return
            now = self.listed(answer)
            self.compared += 1
            for path in now.keys() | self.objects.keys():
                ours, theirs = self.objects.get(path, {}), now.get(path, {})
                if ours.keys() != theirs.keys():
                    self.wrong.append(f"{path}: told {sorted(ours)}, has {sorted(theirs)}")
                for interface in ours.keys() & theirs.keys():
                    self.differ(path, interface, ours[interface], theirs[interface])
        self.ask(ROOT, MANAGER, "GetManagedObjects", None, done)
        for path, interfaces in list(self.others.items()):
            for interface in interfaces:
                self.compare_other(path, interface)

    def compare_other(self, path, interface):
        def done(answer):
            if isinstance(answer, GLib.Error):
                self.others.pop(path, None)
            elif interface in self.others.get(path, {}):
                self.compared += 1
                self.differ(path, interface, self.others[path][interface], parts(answer.get_child_value(0)))
        self.ask(path, PROPERTIES, "GetAll", GLib.Variant("(s)", (interface,)), done)
