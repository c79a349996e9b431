"""Contract Ended: the customer cancelled, closed the account, or did not renew.

Body: contract; seen is true where somebody only found it ended on that day, and its own day is not known.
"""

from collections.abc import Mapping
from typing import Any

from regulars.facts.kinds import fields
from regulars.facts.rules import Body

CODE = 8
NAME = "Contract Ended"


def make_body(contract: str, *, seen: bool = False) -> Body:
    """The body from checked values."""
    return {"contract": contract, "seen": True} if seen else {"contract": contract}


def normalise(properties: Mapping[str, Any], currency: str) -> Body:
    """The body of contract_id; why it ended stays out of facts, since such words may name people.

    Raises:
        MalformedFact: contract_id is missing.
    """
    return make_body(fields.text(properties, "contract_id", required=True))
