"""Product Viewed: somebody looked at a product. Body: product, and url without its query."""

from collections.abc import Mapping
from typing import Any

from regulars.facts.kinds import fields
from regulars.facts.rules import Body

CODE = 4
NAME = "Product Viewed"


def normalise(properties: Mapping[str, Any], currency: str) -> Body:
    """The body; a url loses its query, which often carries personal data.

    Raises:
        MalformedFact: A field is wrong.
    """
    product = fields.text(properties, "product_id") or fields.text(properties, "sku")
    return {"product": product, "url": fields.text(properties, "url").split("?")[0].split("#")[0]}
