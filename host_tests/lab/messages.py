"""Numbered messages that show whether they are complete. Used on both sides."""

# The server sends this: send what waits, close, and report.
FINISH = "finish"


def made(number):
    """Make message `number`: 10 to 210 characters, which all depend on the number."""
    check = (number * 40503 + 12345) & 0xFFFF
    return f"{number} {check:04x} " + chr(97 + number % 26) * (number * 7 % 200)


def number_of(data):
    """The number of the message `data`, or None if it was damaged on its way."""
    try:
        number = int(data.split(" ", 1)[0])
    except (AttributeError, TypeError, ValueError):
        return None
    return number if data == made(number) else None
