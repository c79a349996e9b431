"""Facts that go to another process arrive as they were told."""

import pickle
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from regulars.facts.rules import Bundle, Identity, IdentityKind, NewFact

ORDER = NewFact(
    source="till", kind=1, key="甲-1",
    occurred_at=datetime(2024, 3, 10, 1, 30, 0, 123456, ZoneInfo("America/New_York")),
    body={"paid": 1200, "base": 1200, "lines": [["1", "茶", "0.5", 1200]]},
    identities=(Identity(int(IdentityKind.PHONE), "", "+8613800000000"), Identity(5, "till", "7")), amount=1200,
    store="湖滨店", profile={"name": "王 芳", "birthday": date(1990, 2, 28), "joined_on": date(2020, 1, 1)},
)  # fmt: skip
REFUND = NewFact("till", 2, "R1", datetime(1890, 1, 1, tzinfo=UTC), {}, subject="甲-1")


@pytest.mark.parametrize("facts", [[], [ORDER], [REFUND, ORDER]])
def test_a_bundle_arrives_as_it_left(facts: list[NewFact]) -> None:
    arrived = pickle.loads(pickle.dumps(Bundle(facts)))
    assert list(arrived) == facts
    assert [fact.digest() for fact in arrived] == [fact.digest() for fact in facts]


def test_a_digest_does_not_follow_the_order_of_names() -> None:
    """Digests are kept for good: one that changed would turn every repeat into a conflict."""
    turned = NewFact("till", 1, "甲-1", ORDER.occurred_at, dict(reversed(ORDER.body.items())), ORDER.identities[::-1],
                     amount=1200, store="湖滨店")  # fmt: skip
    assert turned.digest() == ORDER.digest() == bytes.fromhex("b5dcf223165719c49baede26ab7a390b")
