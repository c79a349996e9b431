"""The list of members: its pages are the whole list, in every order."""

from datetime import date

import pytest

from regulars.loyalty import membership
from regulars.loyalty.membership import Filter

from ..flows.world import World, cancel, order, query, when

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("sort", membership.SORTS)
def test_pages_follow_each_other_up_to_those_who_never_bought(sort: str) -> None:
    world = World()
    for number, who in enumerate("ABCDE"):
        world.tell(*(order(f"{who}{n}", who, when(f"2026-05-0{5 - number} 1{n}:00"), 900) for n in range(number + 1)))
    world.tell(cancel("x", "A0", when("2026-05-06 09:00")))
    query(
        """INSERT INTO customers_customer (id, canonical_id, name, language, joined_on, created_at, hidden)
           SELECT n, n, 'Guest', '', '2024-03-01', now(), false FROM generate_series(900001, 900003) n RETURNING id"""
    )

    def page(offset: int, most: int) -> list[int]:
        at, today = when("2026-05-09 09:00"), date(2026, 5, 9)
        found = membership.find(Filter(), today=today, at=at, sort=sort, offset=offset, most=most)
        return [one.customer_id for one in found]

    whole = page(0, 99)
    assert len(set(whole)) == 8
    for most in (1, 2, 3):
        assert [who for offset in range(0, 8, most) for who in page(offset, most)] == whole
