"""libqmi-glib talking to a modem that is our codec: a QmiDevice on a pty, whose other end is this program."""

import ctypes
import json
import os
import subprocess
import tty
from ctypes import byref, c_int, c_size_t, c_uint, c_void_p

from gi.repository import GLib

import capi
import pairing

SECONDS = 5             # until an exchange counts as lost
PTY_ROOM = 8000         # bytes that a pty takes at once
HOOK = ctypes.CFUNCTYPE(c_int, c_void_p, c_uint, c_void_p, c_void_p)     # GSignalEmissionHook
SIZEOF_GVALUE = 24
FRAME_HEADER = (13, 12) # bytes before the TLVs; in CTL one less
LOG = ctypes.CFUNCTYPE(None, ctypes.c_char_p, c_int, ctypes.c_char_p, c_void_p)     # GLogFunc
ALL_LEVELS = 0xfc


def tlv_places(frame):
    """(type, place of the value, size) of each TLV of a frame."""
    at = FRAME_HEADER[frame[4] == 0]
    while at < len(frame):
        size = int.from_bytes(frame[at + 1:at + 3], "little")
        yield frame[at], at + 3, size
        at += 3 + size


class Codec:
    """Our codec, in a process of its own (codec-tool.c)."""

    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, **command):
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if "error" in answer:
            raise ValueError(f"codec: {answer['error']} ({json.dumps(command)[:300]})")
        return answer

    def decode(self, frame, vendor=0):
        return self.ask(op="decode", frame=frame.hex(), vendor=vendor)

    def decode_sdu(self, sdu, service):
        return self.ask(op="decode", sdu=sdu.hex(), service=service.name)

    def encode_both(self, message, value, transaction=0, client=0):
        """(the message as QRTR has it, the frame; of a service above 255 no bytes)."""
        answer = self.ask(op="encode", service=message.service.name, message=message.name, type=message.kind,
                          value=value, transaction=transaction, client=client)
        return bytes.fromhex(answer["sdu"]), bytes.fromhex(answer.get("frame", ""))

    def encode(self, message, value, transaction=0, client=0):
        return self.encode_both(message, value, transaction, client)[1]

    def close(self):
        self.process.stdin.close()
        return self.process.wait()


class Modem:
    """The far end of the pty: answers each request from `answers`, or as `answer_by_itself` does."""

    def __init__(self, protocol, codec):
        self.codec = codec
        self.master, self.slave = os.openpty()
        tty.setraw(self.master)
        tty.setraw(self.slave)
        self.path = os.ttyname(self.slave)
        self.methods = {(s.name, m.name): m for s in protocol.services for m in s.methods}
        self.service_ids = dict(protocol.service_ids.names)
        self.bytes = b""
        self.requests, self.answers = [], {}
        self.last_frame = None
        self.vendor = 0             # whose messages the requests are
        self.trouble = None         # an exception; it cannot leave through the main loop
        self.spoil = None           # (Message, TLV number): a byte to change, for tests of the tests
        GLib.unix_fd_add_full(GLib.PRIORITY_DEFAULT, self.master, GLib.IOCondition.IN, self.readable)

    def readable(self, *_):
        self.bytes += os.read(self.master, 65536)
        while len(self.bytes) >= 3 and len(self.bytes) > (size := int.from_bytes(self.bytes[1:3], "little")):
            frame, self.bytes = self.bytes[:size + 1], self.bytes[size + 1:]
            try:
                self.request(self.spoiled(frame, "request"))
            except ValueError as e:
                self.trouble = e
        return True

    def request(self, frame):
        request = self.codec.decode(frame, self.vendor)
        self.requests.append((request, frame))
        key = request["service"], request["message"]
        value = self.answers[key] if key in self.answers else self.answer_by_itself(request)
        self.send(self.codec.encode(self.methods[key].response, value, request["transaction"], request["client"]))

    def answer_by_itself(self, request):
        """What libqmi needs to open a device: the service's id is the client's id."""
        value = {"result": {"status": "success", "error": "None"}}
        if request["message"] == "allocate-cid":
            service = request["value"]["service"]
            value["allocation-info"] = {"service": service, "cid": self.service_ids[service]}
        return value

    def send(self, frame):
        if len(frame) > PTY_ROOM:
            raise ValueError(f"a frame of {len(frame)} bytes is too long for a pty")
        self.last_frame = self.spoiled(frame, "response", "indication")
        os.write(self.master, self.last_frame)

    def spoiled(self, frame, *kinds):
        """The frame with a bit changed in the first byte of the TLV that `spoil` names, if it is in there."""
        if not self.spoil:
            return frame
        message, number = self.spoil
        id_at = FRAME_HEADER[frame[4] == 0] - 4
        if message.kind in kinds and (frame[4], *frame[id_at:id_at + 2]) == (message.service.id,
                                                                             *message.id.to_bytes(2, "little")):
            for type_, at, size in tlv_places(frame):
                if type_ == number and size:
                    return frame[:at] + bytes([frame[at] ^ 1]) + frame[at + 1:]
        return frame


class Session:
    """An open QmiDevice with a client for each service."""

    def __init__(self, protocol, modem):
        self.modem = modem
        self.kept = []
        self.hooked, self.signalled = set(), []
        # libqmi warns of ptys and of each frame that is wrong on purpose.
        self.silence = LOG(lambda *_: None)
        capi.glib.g_log_set_handler(b"Qmi", ALL_LEVELS, ctypes.cast(self.silence, c_void_p), None)
        file = capi.gio.g_file_new_for_path(modem.path.encode())
        self.device = self.finish("qmi_device_new", c_void_p, None, c_void_p(file))
        # QMI_DEVICE_OPEN_FLAGS_NONE: QMUX, and nothing sent before the first call.
        self.finish("qmi_device_open", c_int, self.device, c_uint(0), c_uint(SECONDS))
        self.clients = {s.name: self.new_client(s) for s in protocol.services
                        if capi.has(f"qmi_client_{s.name}_get_type")}

    def new_client(self, service):
        """A client; that of CTL is made by hand, since a device keeps its own to itself."""
        if service.id:
            return self.finish("qmi_device_allocate_client", c_void_p, self.device, c_uint(service.id), c_uint(0),
                               c_uint(SECONDS))
        new = capi.gobject.g_object_new
        new.restype = c_void_p
        return c_void_p(new(c_size_t(capi.client_type(service.name)), b"client-device", self.device, b"client-service",
                            c_int(service.id), b"client-cid", c_uint(0), None))

    def finish(self, function, result, owner, *arguments):
        """Calls an async function of libqmi, waits, and gives what its _finish() gives."""
        results = []

        def ready(_source, outcome, _data):
            capi.gobject.g_object_ref(c_void_p(outcome))
            results.append(c_void_p(outcome))

        callback = capi.READY(ready)
        start = getattr(capi.qmi, function)
        start.restype = None
        start(*([owner] if owner else []), *arguments, None, callback, None)
        self.wait(results, function)
        value = capi.checked(function + "_finish", result, *([owner] if owner else []), results[0])
        capi.gobject.g_object_unref(results[0])
        return c_void_p(value) if result is c_void_p else value

    def wait(self, results, what):
        """Runs the main loop until `results` has one."""
        late = []
        timer = GLib.timeout_add_seconds(2 * SECONDS, lambda: late.append(1) or GLib.SOURCE_CONTINUE)
        context = GLib.MainContext.default()
        while not results and not late and not self.modem.trouble:
            context.iteration(True)
        GLib.source_remove(timer)
        trouble, self.modem.trouble = self.modem.trouble, None
        if trouble:
            raise trouble
        if not results:
            raise TimeoutError(f"nothing came of {what}")

    def call(self, method, source, answer):
        """One exchange. `source` is the request's input (or None), `answer` the JSON of the response. Gives the output
        as libqmi parsed it, to be unreffed by the caller."""
        key = method.request.service.name, method.name
        self.modem.answers[key], self.modem.vendor = answer, method.request.vendor
        self.modem.requests.clear()
        try:
            return self.finish(pairing.call_symbol(method.request), c_void_p, self.clients[key[0]], source,
                               c_uint(SECONDS))
        finally:
            del self.modem.answers[key]
            self.modem.vendor = 0

    def indicate(self, message, *json_values):
        """Sends one indication for each value and waits for the client's first signal. Gives its output object (None
        where the signal has none), to be unreffed by the caller."""
        self.hook(message)
        self.signalled.clear()
        service = message.service
        for value in json_values:
            self.modem.send(self.modem.codec.encode(message, value, client=service.id))
        self.wait(self.signalled, f"{service.name} {message.name}")
        return self.signalled[0]

    def hook(self, message):
        """Sees to it that `signalled` gets every emission of the message's signal, whichever client it comes from."""
        signal = capi.signal_id(message.service.name, pairing.signal_name(message))
        if signal in self.hooked:
            return
        self.hooked.add(signal)

        def emitted(_hint, count, values, _data):
            output = None
            if count > 1:
                output = c_void_p(capi.gobject.g_value_get_boxed(values + SIZEOF_GVALUE))
                ref = getattr(capi.qmi, pairing.prefix(message) + "_ref")
                ref.restype = c_void_p
                ref(output)
            self.signalled.append(output)
            return 1

        callback = HOOK(emitted)
        self.kept.append(callback)
        capi.gobject.g_signal_add_emission_hook(c_uint(signal), c_uint(0), callback, None, None)


def new_input(message):
    new = getattr(capi.qmi, pairing.prefix(message) + "_new")
    new.restype = c_void_p
    return c_void_p(new())


def unref(message, thing):
    if thing:
        function = getattr(capi.qmi, pairing.prefix(message) + "_unref")
        function.restype = None
        function(thing)


def set_tlv(accessor, source, value):
    """Puts a TLV into a libqmi input. Gives what must live as long as the input."""
    memory, arguments = capi.Memory(), []
    for path, t, shape in accessor.parts:
        part = value
        for name in path:
            part = part[name]
        arguments.append(memory.value(shape, part, t))
    try:
        capi.checked(accessor.symbol, c_int, source, *arguments)
    finally:
        memory.free()
    return memory


def get_tlv(accessor, output):
    """A TLV out of a libqmi output, or None where libqmi says that it is not there."""
    rooms = [ctypes.c_uint64() for _ in accessor.parts]
    try:
        there = capi.checked(accessor.symbol, c_int, output, *map(byref, rooms))
    except capi.Refused:
        return None
    value = {}
    for room, (path, t, shape) in zip(rooms, accessor.parts):
        part = capi.read(shape, ctypes.addressof(room), t)
        place = value
        for name in path[:-1]:
            place = place.setdefault(name, {})
        if not path:
            value = part
        else:
            place[path[-1]] = part
    return value if there else None


def get_result(message, output):
    """The result of a response as libqmi tells it: None for success, else (code, words)."""
    try:
        capi.checked(pairing.prefix(message) + "_get_result", c_int, output)
    except capi.Refused as refused:
        return refused.code, refused.text
    return None
