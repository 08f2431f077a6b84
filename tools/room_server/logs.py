"""The log: lines for people, or a JSON object in each line for programs.

Callers must not pass tokens, headers or queries (a query may contain a token).
"""

import json
import logging
import re
from collections import OrderedDict
from datetime import datetime, timezone

FORMATS = ("text", "json")

_QUOTED = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""")
# Subjects that Warnings remembers. The one that was warned about first is forgotten first.
_MOST_SUBJECTS = 1000
_log = logging.getLogger("room_server")


def start(format, is_verbose):
    """Log to stderr from now on."""
    handler = logging.StreamHandler()
    text = logging.Formatter("%(asctime)s %(levelname)s %(message)s")
    handler.setFormatter(JsonFormatter() if format == "json" else text)
    logging.basicConfig(
        level=logging.INFO if is_verbose else logging.WARNING, handlers=[handler], force=True
    )
    # Its messages may quote a request line or a header, which may contain a token.
    logging.getLogger("aiohttp").setLevel(logging.CRITICAL + 1)


def info(event, text, **fields):
    """Log that `event` happened: `text` is for people, `fields` are for programs."""
    _tell(logging.INFO, event, text, fields)


def warning(event, text, **fields):
    _tell(logging.WARNING, event, text, fields)


def error(event, text, failure, **fields):
    """Log a fault of the server with the traceback of `failure`."""
    _tell(logging.ERROR, event, text, fields, failure)


def tell_fault(task):
    """Log that a task which should never end has failed, when it is done."""
    if not task.cancelled() and task.exception():
        error("fault", "a job of the server has ended", task.exception())


def without_values(text):
    """Return an error's text without its quoted parts, which may come from a query."""
    return _QUOTED.sub("'...'", text)


class Warnings:
    """Logs repeated warnings only once for each subject, until the text changes."""

    def __init__(self):
        # Subject: the last text.
        self._texts = OrderedDict()

    def warning(self, subject, event, text, **fields):
        if self._texts.get(subject) == text:
            return
        self.over(subject)
        self._texts[subject] = text
        if len(self._texts) > _MOST_SUBJECTS:
            self._texts.popitem(last=False)
        warning(event, text, **fields)

    def over(self, subject):
        """Note that nothing is wrong any more. The same text will be logged again then."""
        self._texts.pop(subject, None)


class JsonFormatter(logging.Formatter):
    """One line for each record: time, level, event, text, then the event's own fields."""

    def format(self, record):
        time = datetime.fromtimestamp(record.created, timezone.utc)
        line = {
            "time": time.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "event": getattr(record, "event", "log"),
            "text": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line)


def _tell(level, event, text, fields, failure=None):
    _log.log(level, "%s", text, exc_info=failure, extra={"event": event, "fields": fields})
