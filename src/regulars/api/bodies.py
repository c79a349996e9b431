"""Reading a request's body: JSON of a bounded size, or a refusal that says what to send instead."""

from dataclasses import dataclass
from typing import Any

import orjson
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest

from regulars.core.errors import DomainError

Json = dict[str, Any]
LARGEST_KILOBYTES = 500
LARGEST_BYTES = LARGEST_KILOBYTES * 1024


class MalformedJson(DomainError):
    """Not JSON, or not a JSON object."""

    code = "malformed_json"


class UnsupportedMediaType(DomainError):
    """The body says that it is something else than JSON."""

    code = "unsupported_media_type"


class LengthRequired(DomainError):
    """The body is streamed, so nobody knows how long it will be."""

    code = "length_required"


class TooLarge(DomainError):
    """More than is taken at once."""

    code = "too_large"


@dataclass(frozen=True, slots=True)
class Body:
    """A JSON object, and whether a null character may stand anywhere in it."""

    members: Json
    may_hold_null: bool


def read_object(request: HttpRequest) -> Body:
    """The JSON object in the body; of a name that stands twice in an object, the last one counts.

    Raises:
        UnsupportedMediaType, LengthRequired, TooLarge, MalformedJson: With what to do.
    """
    if request.content_type != "application/json":
        raise UnsupportedMediaType("Send JSON, with `Content-Type: application/json`.")
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise UnsupportedMediaType("Send the body as it is, not packed.")
    if "Transfer-Encoding" in request.headers and not request.headers.get("Content-Length"):
        raise LengthRequired("Send the body whole, with its Content-Length.")
    try:
        body = request.body
    except RequestDataTooBig:
        body = None
    if body is None or len(body) > LARGEST_BYTES:
        raise TooLarge(f"A request takes at most {LARGEST_KILOBYTES} KB. Send several.")
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise MalformedJson(f"The body is not JSON: {error}.") from error
    if not isinstance(found, dict):
        raise MalformedJson("The body must be a JSON object.")
    return Body(found, b"\\u0000" in body)


def holds_null_character(value: Any) -> bool:
    """Whether a text or a name anywhere inside is not fit for PostgreSQL. Does not recurse: JSON nests deeply."""
    waiting = [value]
    while waiting:
        current = waiting.pop()
        if isinstance(current, str):
            if "\x00" in current:
                return True
        elif isinstance(current, dict):
            waiting.extend(current.keys())
            waiting.extend(current.values())
        elif isinstance(current, list):
            waiting.extend(current)
    return False
