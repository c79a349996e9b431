"""Contract Started: a customer entered into a contract: a subscription, a plan, an account.

Body: contract (the source's own number of it); where told, ends_on (the last day that was agreed, ISO 8601) and
attributes (name → text), which hold from then until a later fact tells others.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from regulars.facts.kinds import fields
from regulars.facts.rules import Body, MalformedFact

CODE = 6
NAME = "Contract Started"
MOST_ATTRIBUTES = 100
LONGEST_NAME = 100


def make_body(contract: str, *, ends_on: date | None = None, attributes: Mapping[str, str] | None = None) -> Body:
    """The body from checked values; what is blank leaves no trace."""
    body: Body = {"contract": contract}
    if ends_on is not None:
        body["ends_on"] = ends_on.isoformat()
    if told := {name: value for name, value in (attributes or {}).items() if value}:
        body["attributes"] = told
    return body


def normalise(properties: Mapping[str, Any], currency: str) -> Body:
    """The body of contract_id, ends_on and attributes.

    Raises:
        MalformedFact: A field is missing or wrong.
    """
    contract = fields.text(properties, "contract_id", required=True)
    return make_body(contract, ends_on=_day(properties, "ends_on"), attributes=_attributes(properties))


def _day(properties: Mapping[str, Any], name: str) -> date | None:
    told = fields.text(properties, name)
    try:
        return date.fromisoformat(told) if told else None
    except ValueError as error:
        raise MalformedFact(f"{name} must be a day such as 2026-12-31.", field=name) from error


def _attributes(properties: Mapping[str, Any]) -> dict[str, str]:
    told = properties.get("attributes")
    if told is None:
        return {}
    if not isinstance(told, Mapping) or len(told) > MOST_ATTRIBUTES:
        raise MalformedFact(f"attributes must be an object of at most {MOST_ATTRIBUTES}.", field="attributes")
    found: dict[str, str] = {}
    for name, value in told.items():
        if not 0 < len(str(name)) <= LONGEST_NAME or "\x00" in str(name):
            raise MalformedFact(f"A name has 1 to {LONGEST_NAME} characters.", field="attributes")
        if isinstance(value, bool):
            found[str(name)] = "yes" if value else "no"
        elif isinstance(value, float):
            # As text, so that hashes agree on every machine.
            found[str(name)] = repr(int(value) if value.is_integer() and abs(value) < 2**53 else value)
        else:
            found[str(name)] = _text(str(name), value)
    return found


def _text(name: str, value: Any) -> str:
    try:
        return fields.text({name: value}, name)
    except MalformedFact as error:
        raise MalformedFact(f"attributes: {error}", field="attributes") from error
