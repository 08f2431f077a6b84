"""How long to wait before the next dial, and how long that dial may last.

A wait is random, below PartySocket's ceiling. CONTRIBUTING.md, "A fleet that comes back", compares
the designs that were tried.
"""

from micropython import const

# No jittered wait is shorter, so that a server that refuses at once is not hammered.
FLOOR_MS = 100
# Times max_reconnection_delay: a patient wait, and the longest wait that a server may ask for.
_PATIENCE = const(5)
_MOST_TURNS = const(6)  # times the second connection_timeout: 3 minutes by default


def ceiling_ms(options, minimum, retries):
    """The ceiling of wait number `retries`: minimum * factor^(retries - 1), at most
    max_reconnection_delay. 0 if `retries` is 0.
    """
    if retries < 1:
        return 0
    most = options["max_reconnection_delay"]
    factor = options["reconnection_delay_grow_factor"]
    wait = minimum
    while retries > 1 and 1 <= wait < most and factor != 1:
        wait *= factor
        retries -= 1
    # Boards with 30-bit floats compute 3899.999 instead of 3900.
    return int(min(wait, most) + 0.01)


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
        # The ceiling no longer grows. The first wait below it has spread the fleet evenly. Waits
        # of about half the ceiling keep that spread and cost as many dials, and once the server
        # is back no device stays away for the whole ceiling.
        width //= 5
        least = width * 2
    return max(FLOOR_MS, least + share(width, chance))


def patient_ms(options, chance):
    """The wait after a refusal that only the server's owner can fix: max_reconnection_delay x 5,
    +-20 %.
    """
    wait = options["max_reconnection_delay"] * _PATIENCE
    if options["jitter"] == "none":
        return wait
    return max(FLOOR_MS, wait * 4 // 5 + share(wait * 2 // 5, chance))


def asked_ms(options, after_ms, spread_ms, chance):
    """The wait that a server has asked for: `after_ms`, plus a random part of `spread_ms`, so that
    a fleet does not come back all at once. Each is at most max_reconnection_delay x 5.
    """
    most = options["max_reconnection_delay"] * _PATIENCE
    spread = 0 if options["jitter"] == "none" else min(spread_ms, most)
    return min(after_ms, most) + share(spread, chance)


def timeout_ms(options, retries):
    """The timeout of dial number `retries`. With a pair as connection_timeout it grows by half
    with each failure, from the first value to the second.
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
    """The timeout of dial number `retries` once the server has accepted the connection. It grows
    with each failure, because the server's queue may be deep. 0 with a fixed connection_timeout.
    """
    timeout = options["connection_timeout"]
    return 0 if isinstance(timeout, int) else timeout[1] * min(retries + 1, _MOST_TURNS)


def share(most, chance):
    """`most` times chance / 2**16: uniform from 0 to below `most`."""
    return most * chance >> 16


def drawn(value, chance):
    """Return an option's value. If the option is a pair, draw a value between the two."""
    if isinstance(value, int):
        return value
    return value[0] + share(value[1] - value[0] + 1, chance)
