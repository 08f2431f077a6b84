"""The two forms of a `presence`, for tests."""

MOST_BYTES = 4096


def is_in_form(message):
    """True for a single change in the first form, or for two or more in lists."""
    lists = [message[key] for key in ("online", "offline") if isinstance(message.get(key), list)]
    if not lists:
        fields = {"type": str, "device": str, "online": bool, "at": int}
        return {key: type(value) for key, value in message.items()} == fields
    names = [name for names in lists for name in names]
    is_whole = all(lists) and len(message) == 2 + len(lists) and message["at"] > 1.6e12
    return is_whole and len(names) == len(set(names)) >= 2
