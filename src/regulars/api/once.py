"""Steps that make something: the caller's own key makes the same request, sent again, the same step."""

from hashlib import sha256
from typing import Final

import orjson
from django.http import HttpRequest

from regulars.api.asked import Asked
from regulars.api.bodies import Json
from regulars.api.checkout import KeyMissing
from regulars.facts.rules import MalformedFact
from regulars.staff.rules import Once

LONGEST_KEY: Final = 90
PARAMETERS: Final[list[Json]] = [
    {
        "name": "Idempotency-Key",
        "in": "header",
        "required": True,
        "description": "Your own key for this step. The same key and request: the same answer; another request: 409.",
        "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": r"^[!-~]+$"},
    }
]
"""How the OpenAPI document tells of it."""


def once_of(request: HttpRequest, asked: Asked) -> Once:
    """The key in the header, and what is asked with it.

    Raises:
        KeyMissing, MalformedFact: It is not there, or cannot be one.
    """
    key = request.headers.get("Idempotency-Key", "").strip()
    if not key:
        raise KeyMissing("Send a key of your own as Idempotency-Key; the same key again is the same step.")
    if len(key) > LONGEST_KEY or not (key.isascii() and key.isprintable()):
        raise MalformedFact(f"Idempotency-Key has 1 to {LONGEST_KEY} ASCII characters.", field="Idempotency-Key")
    body = orjson.dumps(asked.members, option=orjson.OPT_SORT_KEYS)
    return Once(_digest(f"{asked.source}:{key}".encode()), _digest(body))


def _digest(told: bytes) -> str:
    return sha256(told).hexdigest()[:32]
