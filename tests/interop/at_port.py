"""An AT port that a test plays."""

import os
import pty
import select
import threading
import tty


class Port:
    """An AT port whose answers the test gives: answer(command) is what it says, None for nothing."""

    def __init__(self, path):
        self.path, self.master, self.slave = path, *pty.openpty()
        tty.setraw(self.slave)
        os.symlink(os.ttyname(self.slave), path)
        self.commands, self.answers, self.stopped = [], {}, False
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def say(self, text):
        os.write(self.master, f"\r\n{text}\r\n".encode("latin-1"))

    def answer(self, command):
        self.commands.append(command)
        for start, lines in self.answers.items():
            if command.startswith(start):
                for line in lines:
                    self.say(line)
                return
        for query in ("+CMEE?", "+CSCS?", "+CFUN?"):
            if command.endswith(query):
                self.say(f"{query[:-1]}: 1")
        self.say("OK")

    def run(self):
        text = ""
        while not self.stopped:
            if not select.select([self.master], [], [], 0.1)[0]:
                continue
            try:
                text += os.read(self.master, 4096).decode("latin-1")
            except OSError:
                return
            *lines, text = text.split("\r")
            for line in lines:
                self.answer(line)

    def close(self):
        """The port vanishes."""
        if self.stopped:
            return
        self.stopped = True
        self.thread.join()
        os.close(self.slave)
        os.close(self.master)
        os.unlink(self.path)
