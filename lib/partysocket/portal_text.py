"""Text from outside."""


def text_of(data):
    """The text of these bytes. ValueError if they have control characters, or are not UTF-8."""
    text = data.decode()
    for c in text:
        # MicroPython decodes halves of UTF-16 pairs.
        if c < " " or "\x7f" <= c < "\xa0" or "\ud800" <= c <= "\udfff":
            raise ValueError("a name or password with control characters")
    return text
