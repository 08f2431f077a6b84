"""When and how often the board resets itself because nothing else helps."""

from .wifi_checks import whole


class ResetBudget:
    """An `on_stuck` that resets the board, at most `most` times in a row. The file `path` counts
    the resets. The count goes back to 0 when a link has lasted for 60 s. If the count can't be
    written, the board is not reset.
    """

    def __init__(self, most=3, path="wifi_resets"):
        self._most = whole("most", most, 1 << 20)
        if not isinstance(path, str) or not path:
            raise TypeError("path is the name of a file, not %r" % (path,))
        self._path = path

    def __call__(self):
        used = self.used()
        if used < self._most and self._keep(used + 1):
            _reset()

    def link_held(self):
        """The network works, so the count goes back to 0. Writes only if it is not 0 yet."""
        if self.used():
            self._keep(0)

    def used(self):
        """The number of resets since a link lasted."""
        try:
            with open(self._path) as file:
                return int(file.read())
        except (OSError, ValueError):
            return 0

    def _keep(self, used):
        """Write the count. Returns True if it can be read back."""
        try:
            with open(self._path, "w") as file:
                file.write(str(used))
        except OSError:
            return False
        return self.used() == used


def _reset():
    try:
        from machine import reset
    except ImportError:
        from microcontroller import reset
    reset()
