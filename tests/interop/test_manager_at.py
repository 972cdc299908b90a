#!/usr/bin/env python3
"""The daemon and the AT port of a modem: commands, what the modem tells there alone.

    test_manager_at.py MODEM_MANAGER QMI_SIM [PART...]
"""

import os
import sys
import tempfile


try:
    from manager_world import DISABLED, FAILED, Failure, REGISTERED, World, ends_well, run_parts
except (ImportError, ValueError) as missing:
    print(f"1..0 # SKIP GLib's bindings for Python are not installed: {missing}")
    sys.exit(0)


def ask(world, command, seconds=10):
    """The answer, or the name of the error."""
    try:
        return world.call("Modem", "Command", "su", command, seconds)
    except Failure as failure:
        return failure.name


def commands(tap, world):
    """AT commands of clients."""
    answer = ask(world, "ATI")
    tap.check("a command is answered", answer.startswith("Quectel\r\n") and "Revision" in answer, answer)
    tap.check("AT is added", ask(world, "+CPIN?") == "+CPIN: READY", ask(world, "+CPIN?"))
    tap.check("its end may be there", ask(world, "AT+CPIN?\r\n") == "+CPIN: READY")
    tap.check("several in a line", ask(world, "AT+CPIN?;+CFUN?") == "+CPIN: READY\r\n\r\n+CFUN: 1",
              repr(ask(world, "AT+CPIN?;+CFUN?")))
    tap.check("nothing is a command, too", ask(world, "") == "")
    tap.check("a long answer comes whole", ask(world, "AT+CLAC").count("\r\n") > 100)
    tap.check("an unknown one is an error", ask(world, "AT+NOSUCH") == "MobileEquipment.Unknown",
              ask(world, "AT+NOSUCH"))
    tap.check("a number of an error has its name", ask(world, "AT+CMGR=200") == "Message.InvalidIndex",
              ask(world, "AT+CMGR=200"))
    tap.check("a wrong PIN likewise", ask(world, 'AT+CLCK="SC",1,"9999"') == "MobileEquipment.IncorrectPassword",
              ask(world, 'AT+CLCK="SC",1,"9999"'))
    ask(world, "AT+CMEE=2")
    tap.check("an error in words, too", ask(world, "AT+CMGR=200") == "Message.InvalidIndex", ask(world, "AT+CMGR=200"))
    tap.check("of either kind", ask(world, "AT+CPBR=600") == "MobileEquipment.InvalidIndex", ask(world, "AT+CPBR=600"))
    ask(world, "AT+CMEE=1")
    tap.check("what wants text gets none", ask(world, "AT+CMGS=10") in ("", ">", "MobileEquipment.Unknown"),
              ask(world, "AT+CMGS=10"))
    for wrong in ("AT\x1a", "AT\rAT+CFUN=0", "A" * 2000):
        tap.check(f"{wrong[:12]!r} is no command", ask(world, wrong) == "Core.InvalidArgs", ask(world, wrong))
    tap.check("and the port goes on", ask(world, "AT+CPIN?") == "+CPIN: READY")


def silent(tap, world):
    """A port that says nothing for a while."""
    world.ctl("fault", "at-silent")
    tap.check("a command that is not answered ends in time", ask(world, "ATI", 1) == "Serial.ResponseTimeout",
              ask(world, "ATI", 1))
    world.ctl("fault-disarm")
    tap.check("the next one has its own answer", world.wait(lambda: ask(world, "AT+CPIN?", 2) == "+CPIN: READY"),
              ask(world, "AT+CPIN?", 2))


def late(tap, world):
    """An answer that comes when nobody waits for it any more."""
    tap.check("a search takes too long", ask(world, "AT+COPS=?", 1) == "Serial.ResponseTimeout")
    tap.check("the next answer is its own", ask(world, "AT+CPIN?", 30) == "+CPIN: READY",
              ask(world, "AT+CPIN?", 30))


def news(tap, world):
    """A card of which QMI tells nothing."""
    world.enable()
    tap.check("it is registered", world.becomes(REGISTERED), world.state())
    world.ctl("fault", "lose-indications")
    world.ctl("card-remove")
    tap.check("without its card it has failed", world.becomes(FAILED), world.state())
    world.ctl("card-insert")
    tap.check("with its card it is disabled", world.becomes(DISABLED), world.state())
    world.ctl("fault-disarm")
    tap.check("and answers commands", ask(world, "AT+CPIN?") == "+CPIN: READY", ask(world, "AT+CPIN?"))


def amid_news(tap, world):
    """Commands while the modem rings, gets messages and changes networks."""
    world.enable()
    world.becomes(REGISTERED)
    for text in ("AT+CREG=2;+CGREG=2;+CEREG=2", "AT+CLIP=1", 'AT+QINDCFG="all",1', 'AT+QINDCFG="csq",1'):
        ask(world, text)
    answers = set()
    for number in range(20):
        world.ctl("signal", "--rsrp", str(-80 - number), "--rssi", str(-60 - number))
        world.ctl("sms", "+4915550100", f"message {number}")
        if number == 5:
            world.ctl("call", "+4915550101")
        if number == 15:
            world.ctl("call-remote", "hang-up")
        answers.add(ask(world, "AT+CPIN?"))
        answers.add(ask(world, "AT+CREG?").split(",")[0])
    tap.check("each answer is its own", answers == {"+CPIN: READY", "+CREG: 2"}, answers)
    waiting = [world.begin("Modem", "Command", "su", command, 30)
               for command in ("AT+CPIN?", "AT+CSQ", "AT+NOSUCH", "AT+CFUN?") * 5]
    ends = [world.finish(pending) for pending in waiting]
    tap.check("so they are of several at one time", ends == [None, None, "MobileEquipment.Unknown", None] * 5, ends)
    tap.check("nothing was missed", len(world.get("Modem.Messaging", "Messages")) == 20 and
              len(world.get("Modem.Voice", "Calls")) == 1)


def unauthorized(tap, world):
    """A daemon that is not for developers."""
    tap.check("commands are refused", ask(world, "ATI") == "Core.Unauthorized", ask(world, "ATI"))


def without_port(tap, world):
    """A modem without an AT port."""
    tap.check("commands are not supported", ask(world, "ATI") == "Core.Unsupported", ask(world, "ATI"))


PARTS = {
    "commands": (commands, True, ("--debug",)),
    "silent": (silent, True, ("--debug",)),
    "late": (late, True, ("--debug",)),
    "news": (news, True, ("--debug",)),
    "amid-news": (amid_news, True, ("--debug",)),
    "unauthorized": (unauthorized, True, ()),
    "without-port": (without_port, False, ("--debug",)),
}


def main():
    manager, qmi_sim, *wanted = sys.argv[1:]

    def play(tap, name, chosen):
        part, has_port, options = chosen
        with tempfile.TemporaryDirectory(prefix="qmi-at-") as folder:
            port = os.path.join(folder, "at")
            with World(manager, qmi_sim, "--warm", "--time-scale", "0.1", "--at", port,
                       manager_options=(("--at-port", port) if has_port else ()) + options) as world:
                part(tap, world)
                ends_well(tap, name, world)

    return run_parts(PARTS, wanted, play)


sys.exit(main())
