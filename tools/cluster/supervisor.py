"""Starts again the instances that have ended, as systemd would."""

import threading

from party_server import StartError

# As in the systemd unit.
RESTART_S = 1


class Supervisor:
    """`tell(text)` is called with what happens, `show(instance)` with each one that runs again. As
    a context manager it has a thread of its own.
    """

    def __init__(self, instances, tell=lambda text: None, show=lambda instance: None):
        self._instances = instances
        self._tell = tell
        self._show = show
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self.run, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._is_over.set()
        self._thread.join()

    def run(self):
        while not self._is_over.wait(0.1):
            for instance in self._instances:
                if instance.has_ended:
                    self._revive(instance)

    def _revive(self, instance):
        self._tell(f"instance {instance.number} has ended, with status {instance.wait()}")
        if self._is_over.wait(RESTART_S):
            return
        try:
            instance.start()
        # Without its bucket it does not start. The next round tries again.
        except StartError as error:
            self._tell(f"instance {instance.number}: {error}")
        else:
            self._show(instance)
