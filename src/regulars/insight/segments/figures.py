"""What lists of segments show beside them."""

from dataclasses import dataclass

from django.db import connection

from regulars.core import bulk

MOVES = """
WITH causes AS (
  SELECT c.id, c.why, v.segment_id FROM insight_membershipcause c
  JOIN insight_segmentversion v ON v.id = c.version_id WHERE c.refresh_id = %s
), moves AS (
  SELECT c.segment_id, c.why, true AS entered FROM causes c JOIN insight_membership m ON m.entered_by_id = c.id
  UNION ALL
  SELECT c.segment_id, c.why, false FROM causes c JOIN insight_membership m ON m.left_by_id = c.id
  WHERE m.left_on IS NOT NULL
)
SELECT segment_id, count(*) FILTER (WHERE entered), count(*) FILTER (WHERE NOT entered), bool_or(why = 'first')
FROM moves GROUP BY segment_id
"""


@dataclass(frozen=True, slots=True)
class Moved:
    """How many came into a segment at a refresh, and how many left; `is_first` when it was never counted before."""

    entered: int
    left: int
    is_first: bool

    @property
    def net(self) -> int:
        """How many more there are than before."""
        return self.entered - self.left


def moves_of(refresh_id: int) -> dict[int, Moved]:
    """What a refresh changed, by segment; those in which nobody moved are left out."""
    rows = bulk.run(connection, MOVES, [refresh_id])
    return {row[0]: Moved(*row[1:]) for row in rows}
