"""The retry class of each close code, HTTP status and error."""

from partysocket.core.errors import HandshakeError, ProtocolError
from partysocket.core.retry import GROWN, PATIENT, SOON, after_close, after_end, after_status


def test_each_close_code_has_its_pace():
    for codes, plain, renewable in (
        # Ends without a special meaning.
        ((1000, 1001, 1004, 1005, 1006, 1011, 1012, 1013, 1014, 1015, 2999, 5000), SOON, SOON),
        # Errors of the protocol, and the application's own codes, keep the growth.
        ((1002, 1003, 1007, 1009, 1010, 3000, 3999, 4000, 4002, 4004, 4400, 4402), GROWN, GROWN),
        ((4404, 4999), GROWN, GROWN),
        # Credentials: a provider may give new ones.
        ((1008, 4001, 4003, 4401, 4403), PATIENT, GROWN),
    ):
        for code in codes:
            assert (after_close(code, False), after_close(code, True)) == (plain, renewable), code


def test_each_status_has_its_pace():
    for statuses, plain, renewable in (
        # Servers with problems.
        ((408, 429, 500, 501, 502, 503, 504, 520, 530, 599), SOON, SOON),
        # Only the server's owner can fix these. 101: it agreed, but with a wrong answer.
        (
            (101, 200, 204, 301, 302, 303, 307, 308, 400, 404, 405, 410, 418, 426, 451),
            PATIENT,
            PATIENT,
        ),
        # Credentials.
        ((401, 403), PATIENT, GROWN),
    ):
        for status in statuses:
            assert after_status(status, False) == plain, status
            assert after_status(status, True) == renewable, status


def test_the_cause_of_an_end_is_asked_before_its_code():
    refused = HandshakeError("no", 403)
    wrong = ProtocolError("bad", 1002)
    for error, code, is_refused, renewable, expected in (
        (None, 1000, False, False, SOON),
        (None, 1008, False, False, PATIENT),
        (None, 1008, False, True, GROWN),
        (wrong, 1002, False, False, GROWN),
        (refused, 1006, False, False, PATIENT),
        (refused, 1006, False, True, GROWN),
        (OSError(104), 1006, False, False, SOON),
        (OSError(104), 4001, False, False, SOON),
        (OSError(104), 1006, True, True, PATIENT),
        (MemoryError(), 1006, False, False, SOON),
    ):
        assert after_end(error, code, is_refused, renewable) == expected, (error, code)
