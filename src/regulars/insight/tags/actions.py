"""Verbs of tags."""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection, transaction

from regulars.core import bulk
from regulars.core.bilingual import Text
from regulars.core.errors import DomainError
from regulars.insight.models import Segment, Tag
from regulars.insight.naming import names_of

ENDED = """
UPDATE insight_taggiven SET taken_at = until
WHERE tag_id = %s AND customer_id = ANY(%b::bigint[]) AND source = %s AND taken_at IS NULL AND until <= %s
"""
GIVE = f"""
INSERT INTO insight_taggiven (tag_id, customer_id, source, given_by, given_at, until, taken_by)
SELECT %s, who, %s, %s, %s, %s, '' FROM {bulk.unnest("bigint")} AS n (who)
ON CONFLICT (tag_id, customer_id, source, segment_id) WHERE taken_at IS NULL DO UPDATE SET until = EXCLUDED.until
RETURNING xmax = 0
"""
TAKE = """
UPDATE insight_taggiven g SET taken_at = greatest(g.given_at, least(g.until, %s)), taken_by = %s
FROM customers_customer c JOIN customers_customer w ON w.canonical_id = c.canonical_id
WHERE g.customer_id = c.id AND w.id = ANY(%b::bigint[]) AND g.tag_id = %s AND g.source = %s AND g.taken_at IS NULL
RETURNING c.canonical_id
"""
TAKE_BY_RULE = """
UPDATE insight_taggiven g SET taken_at = greatest(g.given_at, %s)
WHERE g.source = 'rule' AND g.taken_at IS NULL AND NOT EXISTS (
  SELECT 1 FROM insight_membership m JOIN insight_segment s ON s.id = m.segment_id
  WHERE m.segment_id = g.segment_id AND m.customer_id = g.customer_id AND m.left_on IS NULL
    AND s.gives_id = g.tag_id AND s.archived_at IS NULL)
"""
GIVE_BY_RULE = """
INSERT INTO insight_taggiven (tag_id, customer_id, source, segment_id, given_by, given_at, taken_by)
SELECT s.gives_id, m.customer_id, 'rule', s.id, '', %s, ''
FROM insight_segment s JOIN insight_membership m ON m.segment_id = s.id AND m.left_on IS NULL
WHERE s.gives_id IS NOT NULL AND s.archived_at IS NULL
ORDER BY s.gives_id, m.customer_id
ON CONFLICT DO NOTHING
"""


class NoTag(DomainError):
    """There is no such tag, or it was put away."""

    code = "no_tag"


class TagInUse(DomainError):
    """A segment still gives this tag."""

    code = "tag_in_use"


def create(*, name: Text, actor: str, at: datetime) -> int:
    """A new tag; returns its id.

    Raises:
        NoName: It has none.
    """
    return Tag.objects.create(names=names_of(name), created_at=at, created_by=actor).pk


def rename(*, tag_id: int, name: Text) -> None:
    """Call a tag something else, wherever it hangs.

    Raises:
        NoName: It has none.
        NoTag: There is no such tag.
    """
    if not Tag.objects.filter(pk=tag_id).update(names=names_of(name)):
        raise NoTag("There is no such tag.")


@transaction.atomic
def archive(*, tag_id: int, at: datetime) -> None:
    """Put a tag away: it stays where it hangs but is not offered any more.

    Raises:
        NoTag: There is no such tag.
        TagInUse: A segment gives it; that has to be ended first.
    """
    _lock(tag_id)
    if Segment.objects.filter(gives_id=tag_id, archived_at=None).exists():
        raise TagInUse("A segment gives this tag to its members.")
    Tag.objects.filter(pk=tag_id).update(archived_at=at)


@transaction.atomic
def give(
    *, tag_id: int, customer_ids: Iterable[int], actor: str, at: datetime, until: datetime | None = None,
    source: str = "hand",
) -> int:  # fmt: skip
    """Hang a tag on customers, each on who stands for the group; returns how many did not have it from this source.

    Args:
        until: When it ends by itself; giving again sets it anew.
        source: 'hand', or 'model' with the model's name as the actor.
    Raises:
        NoTag: There is no such tag.
        ValueError: `until` is not after `at`, or the source is another.
    """
    if source not in ("hand", "model") or (until is not None and until <= at):
        raise ValueError("A tag is given by hand or by a model, and ends after it was given.")
    _lock(tag_id)
    rows = bulk.run(
        connection,
        "SELECT DISTINCT canonical_id FROM customers_customer WHERE id = ANY(%b::bigint[]) ORDER BY 1",
        [bulk.Column("bigint", sorted(set(customer_ids)))],
    )
    who = bulk.Column("bigint", [row[0] for row in rows])
    bulk.run(connection, ENDED, [tag_id, who, source, at])
    given = bulk.run(connection, GIVE, [tag_id, source, actor, at, until, who])
    return sum(1 for (new,) in given if new)


def take(*, tag_id: int, customer_ids: Iterable[int], actor: str, at: datetime, source: str = "hand") -> int:
    """Take a tag off customers and everybody in their groups; returns how many customers lost it.

    What a rule gave stays as long as the rule says so.
    """
    who = bulk.Column("bigint", sorted(set(customer_ids)))
    rows = bulk.run(connection, TAKE, [at, actor, who, tag_id, source])
    return len({row[0] for row in rows})


def follow_rules(*, at: datetime) -> None:
    """Give and take what segments give, now that it is known who is in them."""
    bulk.run(connection, TAKE_BY_RULE, [at])
    bulk.run(connection, GIVE_BY_RULE, [at])


def _lock(tag_id: int) -> None:
    if not Tag.objects.select_for_update(no_key=True).filter(pk=tag_id, archived_at=None).exists():
        raise NoTag("There is no such tag.")
