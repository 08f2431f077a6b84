"""The rules: intended differences from PartySocket's traces, and their rows in ROWS.md.

rules.mjs applies each to the npm package. With the rules applied, its traces must equal ours.
`also`: another rule that this one needs.
"""

RULES = {
    "reconnecting": ([37], "an event tells of the coming dial, its delay and count"),
    "giveup": ([11], "an event tells that there will be no more dials"),
    "ring": ([12], "the queue holds queue_bytes; `discard` tells of what it did not take"),
    "take back": ([21], "what is not written yet can be drained, also while open"),
    "error and 1006": ([31, 32], "a lost link is `error`, then `close` 1006, whatever ended it"),
    "no socket, no close": ([33], "what failed before there was a socket is an `error` alone"),
    "types": ([33], "a provider's wrong type is told by the same two texts, however it came"),
    "types at once": ([33], "a wrong type that is no provider's is refused by the constructor"),
    "one by one": ([33], "protocols are asked for when the URL is there"),
    "one deadline": ([10], "connection_timeout counts from asking the providers"),
    "wake": ([24, 26, 27], "reconnect() ends a wait, and counts as the first attempt"),
    "closed asks nobody": ([23], "close() ends a wait: no provider is asked after it"),
    "one socket": ([25], "a new dial waits until the old connection has ended"),
    "bounded close": ([22, 25], "a Close that is not answered is waited for 2 s"),
    "codes": ([22, 25], "what cannot stand in a Close frame raises"),
    "settled first": ([14], "the coming dial is counted before the predicate is asked"),
    "orders need no leave": ([14], "the predicate is not asked about close() and reconnect()"),
    "events as they are": ([36], "listeners hear the code, reason and was_clean there were"),
    "added later": ([36], "a listener added while an event is told hears the next one"),
    "handlers apart": ([29], "a handler that raises keeps no other from being called"),
    "bytes": ([41], "buffered_amount counts the bytes of text, not its UTF-16 units"),
    "ready state": ([13, 38], "0 from asking the providers on, 3 while it waits"),
}
