"""What lists of tags show beside them."""

from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection

from regulars.core import bulk
from regulars.insight.tags.queries import HANGS

BY_SOURCE = f"""
SELECT tag_id, source, count(DISTINCT who) FROM (
  SELECT g.tag_id, g.source, c.canonical_id AS who FROM insight_taggiven g
  JOIN customers_customer c ON c.id = g.customer_id WHERE {HANGS}) AS given
GROUP BY tag_id, source
"""


@dataclass(frozen=True, slots=True)
class Sources:
    """How many customers have a tag by hand, by a rule and by a model; one may have it in several ways."""

    by: dict[str, int] = field(default_factory=dict)

    @property
    def hand(self) -> int:
        """Given by people."""
        return self.by.get("hand", 0)

    @property
    def rule(self) -> int:
        """Given by segments."""
        return self.by.get("rule", 0)

    @property
    def model(self) -> int:
        """Given by models."""
        return self.by.get("model", 0)


def by_source(*, at: datetime) -> dict[int, Sources]:
    """For each tag that hangs on anybody, how many customers have it from whom."""
    found: dict[int, Sources] = {}
    for tag_id, source, customers in bulk.run(connection, BY_SOURCE, [at] * 3):
        found.setdefault(tag_id, Sources()).by[source] = customers
    return found
