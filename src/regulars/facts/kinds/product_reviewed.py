"""Product Reviewed: somebody rated a product. Body: product and stars; earns the same whatever the stars."""

from collections.abc import Mapping
from typing import Any

from regulars.facts.kinds import fields
from regulars.facts.rules import Body, MalformedFact

CODE = 5
NAME = "Product Reviewed"


def normalise(properties: Mapping[str, Any], currency: str) -> Body:
    """The body; the review's words stay out of facts, since they may name people.

    Raises:
        MalformedFact: The rating is not a whole number from 1 to 5.
    """
    stars = properties.get("rating")
    if stars is not None and (isinstance(stars, bool) or stars not in (1, 2, 3, 4, 5)):
        raise MalformedFact("rating must be a whole number from 1 to 5.", field="rating")
    product = fields.text(properties, "product_id") or fields.text(properties, "sku")
    return {"product": product, "stars": int(stars) if stars is not None else None}
