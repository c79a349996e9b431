"""What is known of customers besides their names: when they joined, when they were born, the language they read."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import connection

from regulars.core import bulk

FOUND = """
SELECT canonical_id, min(joined_on), (array_agg(birthday ORDER BY id <> canonical_id, id)
         FILTER (WHERE birthday IS NOT NULL))[1],
       coalesce((array_agg(language ORDER BY id <> canonical_id, id) FILTER (WHERE language <> ''))[1], '')
FROM customers_customer WHERE {0} GROUP BY canonical_id
"""
"""Of a group: since when any of them is known, and what who stands for it told, or else somebody of it."""


@dataclass(frozen=True, slots=True)
class Particulars:
    """Of one group: the day they joined, their birthday, and their language, '' if they chose none."""

    joined_on: date
    birthday: date | None
    language: str


def particulars(canonical_ids: Iterable[int]) -> dict[int, Particulars]:
    """Of these groups, by who stands for them."""
    wanted = bulk.Column("bigint", sorted(set(canonical_ids)))
    rows = bulk.run(connection, FOUND.format("canonical_id = ANY(%b::bigint[])"), [wanted])
    return {row[0]: Particulars(*row[1:]) for row in rows}


def particulars_between(after: int, upto: int) -> dict[int, Particulars]:
    """Of every group that stands at an id in (after, upto]."""
    rows = bulk.run(connection, FOUND.format("canonical_id > %s AND canonical_id <= %s"), [after, upto])
    return {row[0]: Particulars(*row[1:]) for row in rows}
