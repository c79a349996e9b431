"""Custom: anything else that a business sends. Body: event, its name, and properties as they came (scalars only)."""

from collections.abc import Mapping
from typing import Any

from regulars.facts.kinds import fields
from regulars.facts.rules import Body, MalformedFact

CODE = 99
NAME = "Custom"
MOST_PROPERTIES = 50


def normalise(properties: Mapping[str, Any], currency: str) -> Body:
    """The body; numbers with a fraction are kept as text, so that hashes agree on every machine.

    Raises:
        MalformedFact: Too many properties, or one that is not a text, number, or yes/no.
    """
    if len(properties) > MOST_PROPERTIES:
        raise MalformedFact(f"A custom event takes at most {MOST_PROPERTIES} properties.", field="properties")
    kept: dict[str, Any] = {}
    for name, value in properties.items():
        if "\x00" in str(name):
            raise MalformedFact("A property's name holds a null character.", field="properties")
        if isinstance(value, float):
            kept[str(name)[:100]] = repr(value)
        elif value is None or isinstance(value, bool) or (isinstance(value, int) and abs(value) < 2**53):
            kept[str(name)[:100]] = value
        elif isinstance(value, str | int):
            kept[str(name)[:100]] = fields.text(properties, name)
        else:
            raise MalformedFact(f"{str(name)[:40]} must be a text, a number, or yes/no.", field=str(name)[:40])
    return {"properties": kept}
