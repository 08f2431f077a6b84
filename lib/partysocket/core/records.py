"""The format of an outbox's readings on flash: chunks of records, each record with its own check.

A chunk. Integers have their highest byte first:

    size      2 bytes   length of the chunk
    count     1         number of records
    payload   2         bytes of their payload
    done      3         all records up to (number - done) were done when the chunk was written;
                        0xFFFFFF: unknown
    number    5         number of the first record
    time      6         time of the first record, as the outbox stamps it
    records, each with
        length          payload bytes that are stored here
        number          difference from the first record's number
        time            difference from the first record's time, with the sign in the lowest bit
        shared          payload bytes that are the same as at the start of the first record, and
                        so are not stored again: readings of one sensor begin alike
                        (these four have 7 bits a byte, the lowest first; the last byte is below
                        128)
        payload         the rest of the payload
        check           3 bytes of the CRC-32 over done, number and time of the chunk, and this
                        record with its whole payload

So a damaged record loses only itself, and no other record gets its number. A damaged first record
also loses the records that share bytes with it.
"""

HEAD_BYTES = 19
_MOST_RECORDS = 255
_MOST_PAYLOAD = 65535
# Where these fields begin.
_COUNT = 2
_DONE = 5
_FIRST = 8
_TIME = 13
_FAR = 0xFFFFFF


def add(chunk, done, number, time, payload, crc32, most_bytes):
    """Append a record to `chunk`, a bytearray of at most `most_bytes`. An empty chunk gets its
    head first. Returns False if there is no room. The first record always fits.
    """
    shared = 0
    first = number
    base = time
    if chunk:
        first = int.from_bytes(chunk[_FIRST:_TIME], "big")
        base = int.from_bytes(chunk[_TIME:HEAD_BYTES], "big")
        # Where the first payload begins.
        at = HEAD_BYTES + (4 if chunk[HEAD_BYTES] < 128 else 5)
        most = min(len(payload), len(chunk) - at)
        while shared < most and chunk[at + shared] == payload[shared]:
            shared += 1
    else:
        chunk.extend(bytes(_DONE))
        chunk.extend(min(number - done, _FAR).to_bytes(3, "big"))
        chunk.extend(number.to_bytes(5, "big"))
        chunk.extend(time.to_bytes(6, "big"))
    off = time - base
    record = bytearray()
    for value in (
        len(payload) - shared,
        number - first,
        -off * 2 + 1 if off < 0 else off * 2,
        shared,
    ):
        while value > 127:
            record.append(value & 127 | 128)
            value >>= 7
        record.append(value)
    check = _check(chunk, record, payload, crc32)
    record.extend(payload[shared:])
    record.extend(check)
    count = chunk[_COUNT] + 1
    size = (chunk[_COUNT + 1] << 8 | chunk[_COUNT + 2]) + len(payload)
    length = len(chunk) + len(record)
    if count > 1 and (length > most_bytes or count > _MOST_RECORDS or size > _MOST_PAYLOAD):
        return False
    chunk.extend(record)
    chunk[:_DONE] = bytes((length >> 8, length & 255, count, size >> 8, size & 255))
    return True


def records(buf, crc32):
    """Yield (number, time, payload) for each record of the chunk in `buf`, or None for a damaged
    record.
    """
    if len(buf) < HEAD_BYTES:
        return
    size = min(buf[0] << 8 | buf[1], len(buf))
    first = int.from_bytes(buf[_FIRST:_TIME], "big")
    base = int.from_bytes(buf[_TIME:HEAD_BYTES], "big")
    at = HEAD_BYTES
    alike = b""
    for _ in range(buf[_COUNT]):
        start = at
        four = []
        for _ in range(4):
            value = shift = 0
            while at < size:
                value |= (buf[at] & 127) << shift
                shift += 7
                at += 1
                if buf[at - 1] < 128:
                    break
            four.append(value)
        length, number, off, shared = four
        end = at + length
        if end + 3 > size:
            # The records after it can't be found either.
            yield None
            return
        payload = alike[:shared] + buf[at:end]
        if not alike:
            alike = payload
        if _check(buf, buf[start:at], payload, crc32) == buf[end : end + 3]:
            yield first + number, base + (-(off >> 1) if off & 1 else off >> 1), payload
        else:
            yield None
        at = end + 3


def _check(chunk, numbers, payload, crc32):
    check = crc32(payload, crc32(numbers, crc32(chunk[_DONE:HEAD_BYTES])))
    return (check & 0xFFFFFF).to_bytes(3, "big")
