"""API section 6, row by row."""

from partysocket.core.retry import GROWN, PATIENT, SOON, after_close, after_status


def test_ends_that_mean_nothing_are_tried_again_soon():
    for code in (1000, 1001, 1005, 1006, 1011, 1012, 1013, 1014, 1015, 1004):
        assert after_close(code, False) == SOON, code
        assert after_close(code, True) == SOON, code


def test_faults_of_the_protocol_and_the_applications_codes_keep_the_growth():
    for code in (1002, 1003, 1007, 1009, 1010, 3000, 3999, 4000, 4002, 4004, 4400, 4402, 4999):
        assert after_close(code, False) == GROWN, code
        assert after_close(code, True) == GROWN, code


def test_refused_credentials_are_patient_unless_a_provider_brings_new_ones():
    for code in (1008, 4001, 4003, 4401, 4403):
        assert after_close(code, False) == PATIENT, code
        assert after_close(code, True) == GROWN, code
    for status in (401, 403):
        assert after_status(status, False) == PATIENT, status
        assert after_status(status, True) == GROWN, status


def test_servers_in_trouble_are_tried_again_soon():
    for status in (408, 429, 500, 501, 502, 503, 504, 520, 530, 599):
        for renewable in (False, True):
            assert after_status(status, renewable) == SOON, status


def test_answers_that_only_the_servers_owner_can_mend_are_patient():
    # 101: it agreed, but wrongly
    for status in (101, 200, 204, 301, 302, 303, 307, 308, 400, 404, 405, 410, 418, 426, 451):
        for renewable in (False, True):
            assert after_status(status, renewable) == PATIENT, status


def test_hopes_differ():
    assert len({SOON, GROWN, PATIENT}) == 3
