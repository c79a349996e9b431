"""Member Enrolled: somebody joined the programme. Body: place, where that was; never who they are.

Recorded here with the customer's own number as its key, so nobody can be welcomed twice.
"""

from collections.abc import Mapping
from typing import Any

from regulars.facts.kinds import fields
from regulars.facts.rules import Body

CODE = 10
NAME = "Member Enrolled"


def make_body(place: str) -> Body:
    """The body from a checked value."""
    return {"place": place}


def normalise(properties: Mapping[str, Any], currency: str) -> Body:
    """The body of an app that enrols members itself: place is where, such as 'web'.

    Raises:
        MalformedFact: place is no text.
    """
    return make_body(fields.text(properties, "place"))
