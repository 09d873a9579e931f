"""Protocol errors as JSON answers (RFC 6749 section 5.2)."""

from newel.domain.errors import InvalidClient, ProtocolError
from newel.http.errors import oauth_error
from newel.http.responses import Response


def refused(error: ProtocolError) -> Response:
    """The JSON answer; a client that did not authenticate is told how it could."""
    headers = (("www-authenticate", 'Basic realm="newel"'),) if isinstance(error, InvalidClient) else ()
    return oauth_error(error.code, error.description, status=error.status, headers=headers)
