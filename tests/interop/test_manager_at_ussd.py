#!/usr/bin/env python3
"""USSD by AT, where the modem's VOICE service lacks it or is not there at all, and AT ports that misbehave.

    test_manager_at_ussd.py MODEM_MANAGER QMI_SIM PROFILE [PART...]
"""

import json
import os
import sys
import tempfile

from at_port import Port

try:
    from manager_world import DISABLED, Failure, REGISTERED, World, ends_well, run_parts
except (ImportError, ValueError) as missing:
    print(f"1..0 # SKIP GLib's bindings for Python are not installed: {missing}")
    sys.exit(0)

USSD = "Modem.Modem3gpp.Ussd"
UNKNOWN, IDLE, ACTIVE, USER_RESPONSE = range(4)


def ask(world, method, *words):
    """The answer, or the name of the error."""
    try:
        return world.call(USSD, method, "s" * len(words), *words)
    except Failure as failure:
        return failure.name


def session(world):
    return world.get(USSD, "State")


def ready(tap, world):
    world.enable()
    tap.check("the modem is registered", world.becomes(REGISTERED), world.state())
    tap.check("there is no session", session(world) == IDLE, session(world))


def sessions(tap, world):
    """All that a session can be."""
    tap.check("a modem that is off asks nothing", ask(world, "Initiate", "*100#") == "Core.WrongState")
    ready(tap, world)
    answer = ask(world, "Initiate", "*100#")
    tap.check("the network answers a code", answer == "Your balance is 10.00 EUR.", answer)
    tap.check("the session is over", session(world) == IDLE)
    answer = ask(world, "Initiate", "*102#")
    tap.check("a text that is not ASCII comes whole", answer == "Привет", answer)
    tap.check("an unknown code is not supported", ask(world, "Initiate", "*999#") == "MobileEquipment.NotSupported",
              ask(world, "Initiate", "*999#"))
    tap.check("a network that does not answer is an error",
              ask(world, "Initiate", "*103#") == "MobileEquipment.NetworkTimeout", ask(world, "Initiate", "*103#"))
    tap.check("a code may have other letters", ask(world, "Initiate", "ü" * 80) == "MobileEquipment.NotSupported")
    tap.check("one that is too long is refused", ask(world, "Initiate", "1" * 183) == "Core.InvalidArgs")
    tap.check("the longest is not", ask(world, "Initiate", "1" * 182) == "MobileEquipment.NotSupported")
    tap.check("without a question there is no reply", ask(world, "Respond", "1") == "Core.WrongState")
    answer = ask(world, "Initiate", "*101#")
    tap.check("a menu is told", answer == "1 Balance\n2 Data\n0 End", repr(answer))
    tap.check("and wants a reply", session(world) == USER_RESPONSE, session(world))
    tap.check("no other session begins", ask(world, "Initiate", "*100#") == "Core.WrongState")
    tap.check("one leads to the next", ask(world, "Respond", "2").startswith("1 This month"))
    tap.check("and to an end", ask(world, "Respond", "1") == "You used 120 MB." and session(world) == IDLE)
    ask(world, "Initiate", "*101#")
    answer = ask(world, "Respond", "0")
    tap.check("the last word of the network is an answer", answer == "Goodbye.", answer)
    tap.check("behind which there is no session", session(world) == IDLE)


def network(tap, world):
    """What the network says by itself."""
    ready(tap, world)
    world.ctl("ussd", "Guten Tag, größer")
    tap.check("the network speaks by itself",
              world.wait(lambda: world.get(USSD, "NetworkNotification") == "Guten Tag, größer"),
              world.get(USSD, "NetworkNotification"))
    world.ctl("ussd", "Yes or no?", "true")
    tap.check("and asks", world.wait(lambda: world.get(USSD, "NetworkRequest") == "Yes or no?"))
    tap.check("which wants a reply", session(world) == USER_RESPONSE)
    tap.check("that is cancelled", ask(world, "Cancel") is None and session(world) == IDLE)
    world.ctl("ussd", "Yes or no?", "true")
    world.wait(lambda: session(world) == USER_RESPONSE)
    world.ctl("ussd-release")
    tap.check("or ended by the network", world.wait(lambda: session(world) == IDLE), session(world))
    tap.check("nothing to cancel is no error", ask(world, "Cancel") is None)
    world.call("Modem", "Enable", "b", False)
    tap.check("a modem that is off has no session", session(world) == UNKNOWN)
    world.ctl("ussd", "Nobody hears this")
    world.enable()
    tap.check("nor words from that time", world.get(USSD, "NetworkNotification") != "Nobody hears this")
    tap.check("it is enabled again", world.becomes(REGISTERED) and
              ask(world, "Initiate", "*100#").startswith("Your balance"))


def released(world):
    """Whether there was a session to be ended: the code may still be on its way."""
    try:
        world.ctl("ussd-release")
    except RuntimeError:
        return False
    return True


def cancelled(tap, world):
    """A session that ends while somebody waits."""
    ready(tap, world)
    world.ctl("time-scale", "20")
    waiting = world.begin(USSD, "Initiate", "s", "*100#")
    tap.check("a code waits for the network", world.wait(lambda: session(world) == ACTIVE))
    tap.check("another does not", ask(world, "Initiate", "*100#") == "Core.WrongState")
    tap.check("it can be cancelled", ask(world, "Cancel") is None)
    error = world.finish(waiting)
    tap.check("which its caller is told", error == "Core.Aborted", error)
    tap.check("there is no session then", world.wait(lambda: session(world) == IDLE), session(world))
    waiting = world.begin(USSD, "Initiate", "s", "*100#")
    tap.check("the network can end one", world.wait(lambda: released(world)))
    error = world.finish(waiting)
    tap.check("which its caller is told, too", error == "Core.Aborted", error)
    world.ctl("time-scale", "0.1")
    tap.check("the next one is answered", ask(world, "Initiate", "*100#").startswith("Your balance"))


def silent(tap, world):
    """A port that says nothing while it is needed."""
    ready(tap, world)
    world.ctl("fault", "at-silent")
    error = ask(world, "Initiate", "*100#")
    tap.check("a port that is silent is an error", error == "Serial.ResponseTimeout", error)
    tap.check("there is no session then", session(world) == IDLE, session(world))
    world.ctl("fault-disarm")
    tap.check("it answers again", world.wait(
        lambda: ask(world, "Initiate", "*100#").startswith("Your balance"), 30), ask(world, "Initiate", "*100#"))


def refused(tap, world):
    """VOICE is there and knows nothing of USSD."""
    ready(tap, world)
    tap.check("the modem has calls by QMI", "Modem.Voice" in world.interfaces(), world.interfaces())
    answer = ask(world, "Initiate", "*100#")
    tap.check("a code goes by AT", answer == "Your balance is 10.00 EUR.", answer)
    tap.check("so does the next", ask(world, "Initiate", "*101#").startswith("1 Balance"))
    tap.check("and a reply", ask(world, "Respond", "1") == "Your balance is 10.00 EUR.")


def without_port(tap, world):
    """Neither way is there."""
    ready(tap, world)
    error = ask(world, "Initiate", "*100#")
    tap.check("what the modem lacks is not supported", error == "Core.Unsupported", error)


def without_both(tap, world):
    """No VOICE and no port."""
    world.enable()
    tap.check("the modem has no such interface", USSD not in world.interfaces(), world.interfaces())


def digits(text):
    return text.encode("utf-16-be").hex().upper()


def strange(tap, world, port):
    """A port of a modem that is not well made."""
    ready(tap, world)
    tap.check("the port was told to tell", 'AT+CSCS="UCS2"' in port.commands and "AT+CUSD=1" in port.commands,
              port.commands)
    port.answers["AT+CSCS"] = [f'+CUSD: 0,"{digits("early")}",72', "OK"]
    answer = ask(world, "Initiate", "*100#")
    tap.check("an answer before its OK is one", answer == "early", answer)
    tap.check("what was said is in digits", port.commands[-1] == f'AT+CSCS="UCS2";+CUSD=1,"{digits("*100#")}",15',
              port.commands[-1])
    port.answers["AT+CSCS"] = ["OK", '+CUSD: 0,"plain text, \x80 "quoted"",15']
    answer = ask(world, "Initiate", "*100#")
    tap.check("a text that is not in digits is taken as it stands", answer == 'plain text, ? "quoted"', answer)
    port.answers["AT+CSCS"] = ["OK", "+CUSD: 0"]
    tap.check("no text is an error", ask(world, "Initiate", "1") == "Core.Failed")
    for code, name in ((2, "Core.Aborted"), (3, "Core.Aborted"), (4, "MobileEquipment.NotSupported"),
                       (5, "MobileEquipment.NetworkTimeout")):
        port.answers["AT+CSCS"] = ["OK", f"+CUSD: {code}"]
        error = ask(world, "Initiate", "1")
        tap.check(f"{code} is {name}", error == name, error)
    for answer, name in (("ERROR", "MobileEquipment.Unknown"), ("+CME ERROR: 100", "MobileEquipment.Unknown"),
                         ("+CME ERROR: 30", "MobileEquipment.NoNetwork")):
        port.answers["AT+CSCS"] = [answer]
        error = ask(world, "Initiate", "1")
        tap.check(f"{answer} is {name}", error == name, error)
    tap.check("there is no session then", session(world) == IDLE)
    # None of these is news, and all are survived.
    for line in ("+CUSD:", "+CUSD: ", '+CUSD: "', "+CUSD: 7", "+CUSD: 12", '+CUSD: 0,"D8', "+CUSD: x,y", "+CUSD",
                 '+CUSD: 0,"' + "00" * 2000, '+CUSD: 1,"D800",72', "+CUSD: 0," * 100, "RING" * 1000, "+CMTI:",
                 '+CMTI: "XX",99999999999999', "+CBM: 88\r\nzz", "+CBM: 1\r\n" + "0" * 3000, "+QIND:", "+CREG:",
                 "+CPIN:", "\x1b[2J", "\xff\xfe\xfd", "RDY" * 10, "+CTZE: ,,,"):
        port.say(line)
    port.say(f'+CUSD: 1,"{digits("still here?")}",72')
    tap.check("a hostile line harms nobody", world.wait(lambda: world.get(USSD, "NetworkRequest") == "still here?"),
              world.get(USSD, "NetworkRequest"))
    port.answers["AT+CSCS"] = ["OK", f'+CUSD: 0,"{digits("good bye")}",72']
    tap.check("and the port is used on", ask(world, "Respond", "1") == "good bye")


def plain(tap, world, port):
    """A firmware without UCS2."""
    port.answers['AT+CSCS="UCS2"'] = ["ERROR"]
    ready(tap, world)
    port.answers["AT+CUSD=1,"] = ["OK", '+CUSD: 0,"1234",15']
    answer = ask(world, "Initiate", "*100#")
    tap.check("its text is taken as it stands, or as digits of UCS2", answer in ("1234", "\u1234"), answer)
    tap.check("what was said, too", port.commands[-1] == 'AT+CUSD=1,"*100#",15', port.commands[-1])
    tap.check("what cannot be written there is refused", ask(world, "Initiate", "ü") == "Core.InvalidArgs" and
              ask(world, "Initiate", 'a"b') == "Core.InvalidArgs")
    tap.check("there is no session then", session(world) == IDLE)


def vanishing(tap, world, port):
    """The port goes while the network thinks."""
    ready(tap, world)
    waiting = world.begin(USSD, "Initiate", "s", "*100#")
    tap.check("a code waits for the network", world.wait(
        lambda: session(world) == ACTIVE and port.commands[-1].startswith("AT+CSCS")))
    world.wait(lambda: False, 0.3)
    port.close()
    error = world.finish(waiting)
    tap.check("a port that vanishes ends it", error == "Core.Aborted", error)
    tap.check("there is no session then", world.wait(lambda: session(world) == IDLE), session(world))
    error = ask(world, "Initiate", "*100#")
    tap.check("without a port there is none", error == "Serial.OpenFailedNoDevice", error)
    again = Port(port.path)
    again.answers["AT+CSCS"] = ["OK", f'+CUSD: 0,"{digits("here again")}",72']
    tap.check("a port that is back is used", ask(world, "Initiate", "*100#") == "here again")
    tap.check("and was told to tell", world.wait(lambda: "AT+CUSD=1" in again.commands), again.commands)
    again.close()


def late(tap, world, path):
    """A port that is not there when it is first looked for."""
    ready(tap, world)
    error = ask(world, "Initiate", "*100#")
    tap.check("without a port there is none", error == "Serial.OpenFailedNoDevice", error)
    port = Port(path)
    tap.check("one that comes is listened to", world.wait(lambda: "AT+CUSD=1" in port.commands), port.commands)
    port.say(f'+CUSD: 0,"{digits("welcome")}",72')
    tap.check("and heard", world.wait(lambda: world.get(USSD, "NetworkNotification") == "welcome"))
    port.close()


PARTS = {
    # name: part, messages of VOICE that are refused (None: there is no VOICE), whether there is an AT port
    "sessions": (sessions, None, "modem"),
    "network": (network, None, "modem"),
    "cancelled": (cancelled, None, "modem"),
    "silent": (silent, None, "modem"),
    "refused": (refused, ["0x003a"], "modem"),
    "without-port": (without_port, ["0x003a"], ""),
    "without-both": (without_both, None, ""),
    "strange": (strange, None, "test"),
    "plain": (plain, None, "test"),
    "vanishing": (vanishing, None, "test"),
    "late": (late, None, "nobody"),
}


def write_profile(source, refused_messages, path):
    """The EC25-EUX with less of VOICE."""
    with open(source, encoding="utf-8") as file:
        profile = json.load(file)
    if refused_messages is None:
        profile["services"] = [row for row in profile["services"] if row["service"] != "voice"]
    for message in refused_messages or []:
        profile["refuse"].append({"service": "voice", "message": message, "error": "NotSupported",
                                  "what": "Originate USSD", "certainty": "U"})
    with open(path, "w", encoding="utf-8") as file:
        json.dump(profile, file)


def main():
    manager, qmi_sim, source, *wanted = sys.argv[1:]

    def play(tap, name, chosen):
        part, refused_messages, whose = chosen
        with tempfile.TemporaryDirectory(prefix="qmi-ussd-") as folder:
            profile, path = os.path.join(folder, "modem.json"), os.path.join(folder, "at")
            write_profile(source, refused_messages, profile)
            port = Port(path) if whose == "test" else None
            options = ("--at", path) if whose == "modem" else ()
            with World(manager, qmi_sim, "--profile", profile, "--warm", "--time-scale", "0.1", *options,
                       manager_options=("--at-port", path, "--debug") if whose else ()) as world:
                tap.check("the modem is disabled", world.becomes(DISABLED), world.state())
                part(tap, world, *([port] if port else [path] if whose == "nobody" else []))
                ends_well(tap, name, world)
            if port:
                port.close()

    return run_parts(PARTS, wanted, play)


sys.exit(main())
