"""Reading tags. A customer has what anybody in their group was given."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from regulars.core import bulk
from regulars.core.bilingual import Text
from regulars.core.conditions import Choice
from regulars.insight.compute.pictures import Tagged
from regulars.insight.models import Tag
from regulars.insight.naming import name_of

HANGS = "g.given_at <= %s AND (g.until IS NULL OR g.until > %s) AND (g.taken_at IS NULL OR g.taken_at > %s)"


@dataclass(frozen=True, slots=True)
class TagView:
    """A tag. `customers` have it now, merged ones counting once."""

    id: int
    name: Text
    created_at: datetime
    created_by: str
    archived_at: datetime | None
    customers: int


@dataclass(frozen=True, slots=True)
class GivenView:
    """A tag on a customer. `source` is 'hand', 'rule' or 'model'; `segment_id` the rule's; `until` its end, if set."""

    tag_id: int
    name: Text
    customer_id: int
    source: str
    segment_id: int | None
    given_by: str
    given_at: datetime
    until: datetime | None


def tags(*, at: datetime, archived: bool = False) -> list[TagView]:
    """All tags, oldest first, those put away only on request."""
    counted = dict(
        bulk.run(
            connection,
            f"""SELECT g.tag_id, count(DISTINCT c.canonical_id) FROM insight_taggiven g
                JOIN customers_customer c ON c.id = g.customer_id WHERE {HANGS} GROUP BY g.tag_id""",
            [at] * 3,
        )
    )
    found = Tag.objects.order_by("id") if archived else Tag.objects.filter(archived_at=None).order_by("id")
    return [
        TagView(one.pk, name_of(one.names), one.created_at, one.created_by, one.archived_at, counted.get(one.pk, 0))
        for one in found
    ]


def tags_of(customer_id: int, *, at: datetime) -> list[GivenView]:
    """What hangs on a customer's group, the latest first; one tag may hang there from several sources."""
    rows = bulk.run(
        connection,
        f"""SELECT g.tag_id, t.names ->> 'zh', t.names ->> 'en', g.customer_id, g.source, g.segment_id, g.given_by,
                   g.given_at, g.until
            FROM customers_customer w JOIN customers_customer c ON c.canonical_id = w.canonical_id
            JOIN insight_taggiven g ON g.customer_id = c.id JOIN insight_tag t ON t.id = g.tag_id
            WHERE w.id = %s AND {HANGS} ORDER BY g.given_at DESC, g.id DESC""",
        [customer_id, at, at, at],
    )
    return [GivenView(row[0], name_of({"zh": row[1], "en": row[2]}), *row[3:]) for row in rows]


def offered() -> list[tuple[int, Text]]:
    """The tags that can be given, oldest first, without counting who has them."""
    found = Tag.objects.filter(archived_at=None).order_by("id").values_list("pk", "names")
    return [(tag_id, name_of(names)) for tag_id, names in found]


def choices() -> tuple[Choice, ...]:
    """Every tag as a condition names it: by its id, as text. Those put away too, since old conditions may use them."""
    return tuple(Choice(str(one.pk), name_of(one.names)) for one in Tag.objects.order_by("id"))


def tagged(codes: Iterable[str], *, at: datetime) -> Tagged:
    """Who had these tags at a moment, by who stands for the group now."""
    rows = bulk.run(
        connection,
        f"""SELECT array_agg(who), array_agg(code) FROM (
              SELECT DISTINCT c.canonical_id AS who, g.tag_id::text AS code FROM insight_taggiven g
              JOIN customers_customer c ON c.id = g.customer_id
              WHERE g.tag_id = ANY(%b::bigint[]) AND {HANGS}) AS pairs""",
        [bulk.Column("bigint", sorted(int(code) for code in set(codes))), at, at, at],
    )
    customers: Sequence[int] = rows[0][0] or ()
    return Tagged(customers, rows[0][1] or ())
