"""A program that the demo runs."""

import os
import signal
import subprocess


class Process:
    """A process of the demo, in the folder `cwd`. Its output is kept in the file `log`."""

    def __init__(self, name, command, cwd, log, env=None):
        self.name = name
        self._log = log
        with open(log, "ab") as out:
            self._popen = subprocess.Popen(
                command,
                cwd=cwd,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                # Ctrl-C must only reach the demo, which ends its processes.
                start_new_session=True,
            )

    @property
    def has_ended(self):
        return self._popen.poll() is not None

    def output(self):
        return self._log.read_text(errors="replace")

    def kill(self):
        """Kill it and the processes that it started, like a power cut."""
        if not self.has_ended:
            os.killpg(self._popen.pid, signal.SIGKILL)
        self._popen.wait()

    def stop(self):
        """Ask it to end. After 5 s, kill it."""
        if not self.has_ended:
            self._popen.terminate()
            try:
                self._popen.wait(5)
            except subprocess.TimeoutExpired:
                self.kill()
        self._popen.wait()
