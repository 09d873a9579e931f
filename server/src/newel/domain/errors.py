"""Protocol errors: one class per registered code, each with its HTTP status."""


class ProtocolError(Exception):
    """An error with a registered code. `description` is for the developer at the other end, never for the person."""

    code = "server_error"
    status = 400

    def __init__(self, description: str) -> None:
        super().__init__(description)
        self.description = description


class InvalidRequest(ProtocolError):
    """RFC 6749 sections 4.1.2.1 and 5.2."""

    code = "invalid_request"


class InvalidClient(ProtocolError):
    """RFC 6749 section 5.2."""

    code = "invalid_client"
    status = 401


class InvalidGrant(ProtocolError):
    """RFC 6749 section 5.2."""

    code = "invalid_grant"


class UnauthorizedClient(ProtocolError):
    """RFC 6749 sections 4.1.2.1 and 5.2."""

    code = "unauthorized_client"


class UnsupportedGrantType(ProtocolError):
    """RFC 6749 section 5.2."""

    code = "unsupported_grant_type"


class UnsupportedResponseType(ProtocolError):
    """RFC 6749 section 4.1.2.1."""

    code = "unsupported_response_type"


class InvalidScope(ProtocolError):
    """RFC 6749 sections 4.1.2.1 and 5.2."""

    code = "invalid_scope"


class AccessDenied(ProtocolError):
    """RFC 6749 section 4.1.2.1: the person or the policy said no."""

    code = "access_denied"


class InvalidTarget(ProtocolError):
    """RFC 8707 section 2."""

    code = "invalid_target"


class InvalidAuthorizationDetails(ProtocolError):
    """RFC 9396 section 5."""

    code = "invalid_authorization_details"


class InvalidToken(ProtocolError):
    """RFC 6750 section 3.1."""

    code = "invalid_token"
    status = 401


class InsufficientScope(ProtocolError):
    """RFC 6750 section 3.1."""

    code = "insufficient_scope"
    status = 403


class LoginRequired(ProtocolError):
    """OpenID Connect Core 3.1.2.6."""

    code = "login_required"


class InteractionRequired(ProtocolError):
    """OpenID Connect Core 3.1.2.6."""

    code = "interaction_required"


class ConsentRequired(ProtocolError):
    """OpenID Connect Core 3.1.2.6."""

    code = "consent_required"


class AccountSelectionRequired(ProtocolError):
    """OpenID Connect Core 3.1.2.6."""

    code = "account_selection_required"


class UnmetAuthenticationRequirements(ProtocolError):
    """OpenID Connect Core Error Code unmet_authentication_requirements 1.0."""

    code = "unmet_authentication_requirements"


class RequestNotSupported(ProtocolError):
    """OpenID Connect Core 3.1.2.6."""

    code = "request_not_supported"


class RequestUriNotSupported(ProtocolError):
    """OpenID Connect Core 3.1.2.6."""

    code = "request_uri_not_supported"


class InvalidRequestUri(ProtocolError):
    """OpenID Connect Core 3.1.2.6."""

    code = "invalid_request_uri"


class TemporarilyUnavailable(ProtocolError):
    """RFC 6749 section 4.1.2.1."""

    code = "temporarily_unavailable"
    status = 503
