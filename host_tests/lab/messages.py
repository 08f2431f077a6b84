"""Numbered messages that show whether they are whole. On both sides."""

FINISH = "finish"  # the server's: send what waits, close and report


def made(number):
    """Message `number`: of 10 to 210 characters, all of which depend on it."""
    check = (number * 40503 + 12345) & 0xFFFF
    return f"{number} {check:04x} " + chr(97 + number % 26) * (number * 7 % 200)


def number_of(data):
    """The number of the message that `data` is, or None if it was damaged on its way."""
    try:
        number = int(data.split(" ", 1)[0])
    except (AttributeError, TypeError, ValueError):
        return None
    return number if data == made(number) else None
