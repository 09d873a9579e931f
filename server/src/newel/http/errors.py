"""Errors as they leave: OAuth error bodies (RFC 6749 §5.2) and problem+json (RFC 9457)."""

from newel.http.responses import NO_STORE, Header, Response, json_bytes


class RequestError(Exception):
    """A request that cannot be read, or may not be answered: an HTTP status, a registered code and a sentence.

    The code is `invalid_request` unless a standard registers another. The sentence is for developers and holds nothing
    that the request brought along.
    """

    def __init__(
        self, status: int, detail: str, *, error: str = "invalid_request", headers: tuple[Header, ...] = ()
    ) -> None:
        super().__init__(detail)
        self.headers = headers
        self.status = status
        self.error = error
        self.detail = detail


def oauth_error(
    error: str, description: str, *, status: int = 400, headers: tuple[Header, ...] = (), **more: object
) -> Response:
    """Build the JSON error of an OAuth endpoint; `description` in printable ASCII without quotes (RFC 6749 §5.2)."""
    body = json_bytes({"error": error, "error_description": description, **more})
    return Response(status, (("content-type", "application/json"), *NO_STORE, *headers), body)
