"""What a deploy is asked for, and what it tells while it runs."""

from dataclasses import dataclass
from pathlib import Path

from . import forms


@dataclass
class Order:
    """The options of a deploy."""

    port: str
    # complete(the settings on the board, whether it has Wi-Fi) returns those that it shall have.
    # None: they stay as they are.
    complete: callable
    # tell(kind, **facts) is called for each event:
    #   say: text     a line for the user
    #   sent: bytes, of    how much of the files and of the ROM is on the board
    #   log: text     a line that the board has printed
    #   page: url     it is in the room, whose page this is
    # An exception that it raises ends the deploy. No text has a password or the token.
    tell: callable
    # None: the kind that the board reports.
    kind: forms.Kind = None
    # Whether the library goes into a ROMFS. None: it stays where it is.
    romfs: bool = None
    is_dry: bool = False
    # The folder with the compiled forms.
    library: Path = forms.FORMS
    wait_s: float = 90


def as_text(kind, facts):
    """The line of a terminal for an event, or None."""
    if kind == "page":
        return f"Dashboard: {facts['url']}"
    text = facts.get("text")
    return "  | " + text if kind == "log" else text


class Teller:
    """Hides the secrets in all texts. They may be in what a board prints."""

    def __init__(self, tell):
        self._tell = tell
        self._secrets = set()

    def hide(self, secrets):
        # Very short ones are in any text.
        self._secrets |= {secret for secret in secrets if len(secret) > 3}

    def clean(self, text):
        for secret in sorted(self._secrets, key=len, reverse=True):
            text = text.replace(secret, "***")
        return text

    def __call__(self, kind, **facts):
        cleaned = (self.clean(fact) if isinstance(fact, str) else fact for fact in facts.values())
        self._tell(kind, **dict(zip(facts, cleaned)))

    def say(self, text):
        self("say", text=text)
