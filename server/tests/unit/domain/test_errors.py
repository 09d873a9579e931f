"""Protocol errors: one class a registered code, each with the status its standard names."""

import pytest

from newel.domain import errors
from newel.domain.errors import ProtocolError

STATUS = {
    "invalid_client": 401,  # RFC 6749 section 5.2
    "invalid_token": 401,  # RFC 6750 section 3.1
    "insufficient_scope": 403,  # RFC 6750 section 3.1
    "temporarily_unavailable": 503,
}
ALL = ProtocolError.__subclasses__()


@pytest.mark.parametrize("error", ALL, ids=lambda error: error.code)
def test_each_code_is_the_name_of_its_class_and_has_its_status(error: type[ProtocolError]) -> None:
    assert error.code.replace("_", "") == error.__name__.lower()
    assert error.status == STATUS.get(error.code, 400)
    assert getattr(errors, error.__name__) is error


@pytest.mark.parametrize("error", [ProtocolError, *ALL], ids=lambda error: error.code)
def test_an_error_keeps_its_description_for_the_developer(error: type[ProtocolError]) -> None:
    raised = error("the redirect_uri is not registered")
    assert str(raised) == raised.description == "the redirect_uri is not registered"


def test_no_two_errors_share_a_code() -> None:
    assert len({error.code for error in ALL}) == len(ALL)
