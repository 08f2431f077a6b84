"""How long to wait before the next dial, and for its answer: PartySocket's ceiling, and chance
below it. CONTRIBUTING.md, "A fleet that comes back", has the designs that were compared.
"""

from micropython import const

FLOOR_MS = 100  # no jittered wait is shorter: what refuses at once is not hammered
_PATIENCE = const(5)  # times max_reconnection_delay: a patient wait, and the longest asked for
_MOST_TURNS = const(6)  # times the second connection_timeout: 3 minutes by default


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
    least = 0
    width = ceiling
    if jitter == "equal":
        least = width = ceiling // 2
    elif ceiling_ms(options, minimum, retries - 1) == ceiling:
        # It grows no more. Its first wait has spread the fleet evenly; waits of about half of it
        # keep that, are as many, and keep nobody away for all of it once the server is back.
        width //= 5
        least = width * 2
    return max(FLOOR_MS, least + share(width, chance))


def patient_ms(options, chance):
    """The wait after an answer that only the server's owner can change: max_reconnection_delay x
    5, +-20 %.
    """
    wait = options["max_reconnection_delay"] * _PATIENCE
    if options["jitter"] == "none":
        return wait
    return max(FLOOR_MS, wait * 4 // 5 + share(wait * 2 // 5, chance))


def asked_ms(options, after_ms, spread_ms, chance):
    """The wait that a server has asked for: not before `after_ms`, plus chance of up to
    `spread_ms`, so that a fleet does not come at once. Each at most max_reconnection_delay x 5.
    """
    most = options["max_reconnection_delay"] * _PATIENCE
    spread = 0 if options["jitter"] == "none" else min(spread_ms, most)
    return min(after_ms, most) + share(spread, chance)


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


def turn_ms(options, retries):
    """The deadline of dial number `retries` from when the server has taken it: longer with each
    failure, as its queue may be deep. 0 with a fixed connection_timeout.
    """
    timeout = options["connection_timeout"]
    return 0 if isinstance(timeout, int) else timeout[1] * min(retries + 1, _MOST_TURNS)


def share(most, chance):
    """`most` times chance / 2**16: uniform from 0 to below `most`."""
    return most * chance >> 16


def drawn(value, chance):
    """An option that may be a pair: its value, or one drawn between the two."""
    if isinstance(value, int):
        return value
    return value[0] + share(value[1] - value[0] + 1, chance)
