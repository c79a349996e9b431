"""Problem details (RFC 9457): what every refusal of the API looks like, and which status each code has."""

import logging
from collections.abc import Mapping
from typing import Any, Final

import orjson
from django.http import HttpResponse

from regulars.core.errors import DomainError

log = logging.getLogger(__name__)

CONTENT_TYPE: Final = "application/problem+json"
Codes = Mapping[str, tuple[int, str]]
"""Code → status and title."""

COMMON_CODES: Final[Codes] = {
    "malformed_json": (400, "The body is not JSON"),
    "bad_api_key": (401, "No valid API key"),
    "scope_missing": (403, "The API key may not do this"),
    "not_found": (404, "There is nothing here"),
    "method_not_allowed": (405, "Not with this method"),
    "key_reused": (409, "The key was used for something else"),
    "length_required": (411, "The length is missing"),
    "too_large": (413, "Too large"),
    "unsupported_media_type": (415, "Not JSON"),
    "malformed_fact": (422, "A field is missing or wrong"),
    "bad_timestamp": (422, "The time is missing or wrong"),
    "nobody": (422, "Nobody is named"),
    "unsupported_type": (422, "This type is not taken"),
    "too_many_requests": (429, "Too many requests"),
    "internal_error": (500, "Something went wrong here"),
    "contended": (503, "Busy, try again"),
    "invalid_policy": (503, "The programme is not set up"),
    "database_unavailable": (503, "The database does not answer"),
}
COUPON_CODES: Final[Codes] = {
    "unknown_code": (404, "There is no such code"),
    "no_coupon_use": (404, "There is no such use"),
    "malformed_code": (422, "This is no code"),
    "coupon_voided": (422, "The coupon was taken back"),
    "coupon_not_yet_valid": (422, "The coupon is not valid yet"),
    "coupon_expired": (422, "The coupon has ended"),
    "coupon_used_up": (422, "The coupon was used"),
    "somebody_elses_coupon": (422, "The coupon is somebody else's"),
    "spend_missing": (422, "The total is missing"),
    "below_minimum_spend": (422, "The order is too small"),
    "too_many_guesses": (429, "Too many wrong codes"),
}
CHECKOUT_CODES: Final[Codes] = {
    "key_missing": (400, "The key is missing"),
    "unknown_customer": (404, "There is no such customer"),
    "unknown_command": (404, "There is no such hold or capture"),
    "insufficient_points": (422, "Not enough points"),
    "nothing_left": (422, "So much is not left"),
    "hold_ended": (422, "The hold has ended"),
}
CODES: Final[Codes] = {**COMMON_CODES, **COUPON_CODES, **CHECKOUT_CODES}
"""All of them. A code that is not listed is answered as a field that is wrong (422)."""

RETRY_SECONDS: Final = 1
CHALLENGE: Final = 'Bearer realm="Regulars", Basic realm="Regulars"'
TOLD: Final = ("field", "fact_id", "day", "store", "spendable", "left")
"""What of an error's context is shown; the rest is for logs."""


class NotFound(DomainError):
    """No such address, or nothing under it."""

    code = "not_found"


class MethodNotAllowed(DomainError):
    """The address exists, with other methods; `allow` in the context names them."""

    code = "method_not_allowed"


def problem(error: DomainError) -> dict[str, Any]:
    """The problem's members, for a body of its own or inside an answer."""
    status, title = CODES.get(error.code, CODES["malformed_fact"])
    members = {
        "type": f"urn:regulars:problem:{error.code}",
        "title": title,
        "status": status,
        "detail": str(error),
        "code": error.code,
    }
    return members | {name: error.context[name] for name in TOLD if error.context.get(name) not in (None, "")}


def refusal(error: DomainError) -> HttpResponse:
    """The whole response to a request that is refused."""
    return respond(problem(error), error)


def respond(members: dict[str, Any], error: DomainError) -> HttpResponse:
    """A response of these members, with the headers that belong to the error."""
    response = HttpResponse(orjson.dumps(members), status=members["status"], content_type=CONTENT_TYPE)
    response["Cache-Control"] = "no-store"
    # Django would write a line for every refusal; what matters was logged where it happened.
    response._has_been_logged = True  # type: ignore[attr-defined]
    if members["status"] == 401:
        response["WWW-Authenticate"] = CHALLENGE
    if members["status"] in (429, 503):
        response["Retry-After"] = str(error.context.get("retry_after") or RETRY_SECONDS)
    if allow := error.context.get("allow"):
        response["Allow"] = str(allow)
    return response


class Unavailable(DomainError):
    """The database is away; nothing was written."""

    code = "database_unavailable"


class InternalError(DomainError):
    """Our own mistake."""

    code = "internal_error"


def unexpected(error: Exception) -> HttpResponse:
    """The response to our own mistake: the log has everything, the caller learns that nothing was written."""
    log.error("The API failed.", exc_info=error)
    return refusal(InternalError("Nothing was written. The log of the server says more."))
