"""How long to wait before the next dial: PartySocket's ceiling, and chance below it."""

from micropython import const

FLOOR_MS = 100  # no jittered wait is shorter: what refuses at once is not hammered
_PATIENCE = const(5)  # times max_reconnection_delay: a patient wait, and the longest Retry-After


def ceiling_ms(options, minimum, retries):
    """The ceiling of wait number `retries`: minimum * factor^(retries - 1) up to
    max_reconnection_delay; 0 for none.
    """
    if retries < 1:
        return 0
    most = options["max_reconnection_delay"]
    factor = options["reconnection_delay_grow_factor"]
    wait = minimum
    while retries > 1 and 1 <= wait < most and factor != 1:
        wait *= factor
        retries -= 1
    return int(min(wait, most) + 0.01)  # floats of 30 bits give 3899.999


def wait_ms(options, minimum, retries, chance):
    """The wait before dial number `retries`. `chance` is a random int of 16 bits."""
    ceiling = ceiling_ms(options, minimum, retries)
    jitter = options["jitter"]
    if jitter == "none" or retries < 1:
        return ceiling
    half = ceiling // 2 if jitter == "equal" else 0
    return max(FLOOR_MS, half + share(ceiling - half, chance))


def patient_ms(options, chance):
    """The wait after an answer that only the server's owner can change: max_reconnection_delay x
    5, +-20 %.
    """
    wait = options["max_reconnection_delay"] * _PATIENCE
    if options["jitter"] == "none":
        return wait
    return max(FLOOR_MS, wait * 4 // 5 + share(wait * 2 // 5, chance))


def retry_after_wait_ms(options, asked_ms, chance):
    """The wait after Retry-After: not before it, plus chance of the same size, so that a fleet
    does not come at once.
    """
    asked = min(asked_ms, options["max_reconnection_delay"] * _PATIENCE)
    return asked + (0 if options["jitter"] == "none" else share(asked, chance))


def timeout_ms(options, retries):
    """The deadline of dial number `retries`; a pair grows by half with each failure, from its
    first to its second.
    """
    timeout = options["connection_timeout"]
    if isinstance(timeout, int):
        return timeout
    now, most = timeout
    while retries > 0 and 0 < now < most:
        now += (now + 1) // 2
        retries -= 1
    return min(now, most)


def share(most, chance):
    """`most` times chance / 2**16: uniform from 0 to below `most`."""
    return most * chance >> 16


def drawn(value, chance):
    """An option that may be a pair: its value, or one drawn between the two."""
    if isinstance(value, int):
        return value
    return value[0] + share(value[1] - value[0] + 1, chance)
