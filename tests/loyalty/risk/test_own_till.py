"""Staff who serve themselves at the till are seen by the risk rules, from the second time on by that alone."""

from datetime import timedelta

import pytest

from regulars.customers.identities import Identity, IdentityKind
from regulars.flows.serve_till import serve_guest
from regulars.loyalty.coupons.rules import Guesser, GuesserKind
from regulars.loyalty.risk import activity
from regulars.loyalty.risk.detection import RISK_RULES
from regulars.loyalty.risk.rules import Sign
from regulars.loyalty.till.rules import STAMP, Serve
from regulars.staff import actions as staff
from regulars.staff.rules import SYSTEM
from tests.flows.test_serve_till import Till
from tests.flows.world import member, order, when

pytestmark = pytest.mark.django_db


def test_own_cups_are_counted_and_guests_are_not() -> None:
    till = Till()
    mine = Identity(IdentityKind.EMAIL, "", "lin@example.com")
    till.world.tell(order("l", [member("lin"), mine], when("2026-02-01 10:00"), 1_00))
    lin = staff.create_user(
        email="lin@example.com", role="cashier", name="Lin", password="tea-and-return", by=SYSTEM, at=till.world.now
    )  # fmt: skip
    who = {name: till.world.customer(name) for name in ("lin", "anna")}

    def serve(name: str, number: int) -> None:
        asked = Serve(
            f"{name}{number}", who[name], f"user:{lin.id}", till.world.now, amount=10_00, stamps={STAMP: 1}
        )  # fmt: skip
        serve_guest(serve=asked, shop=till.shop, guesser=Guesser(GuesserKind.STAFF, lin.id), at=till.world.now)

    def signs(name: str) -> list[Sign]:
        [found] = activity.activities([who[name]], {}, at=till.world.now + timedelta(minutes=1))
        return RISK_RULES["own_till"].find(found)

    serve("lin", 1)
    serve("anna", 1)
    [once] = signs("lin")
    assert once.score < 50
    serve("lin", 2)
    [twice] = signs("lin")
    assert twice.score > 50
    assert twice.figures == {"times": 2, "points": 20, "stamps": 2}
    assert len(twice.facts) == 4
    assert signs("anna") == []
