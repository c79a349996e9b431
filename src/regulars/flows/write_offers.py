"""Write what coupons promise, with a line in the audit trail: whole, and again after a lost race."""

from collections.abc import Callable
from datetime import datetime

from regulars.core.bilingual import Text
from regulars.flows.transactions import again_if_contended
from regulars.loyalty.coupons import actions as coupons
from regulars.loyalty.coupons.rules import Terms
from regulars.staff import actions as staff
from regulars.staff.rules import Actor, Once


def create_offer(*, name: Text, terms: Terms, by: Actor, actor: str, at: datetime, once: Once | None = None) -> int:
    """A new offer; returns its id, of the one that was made if a program asks again."""

    def make() -> int:
        if once and (made := staff.done_before(by=by, action="coupons.create", once=once)):
            return int(made)
        offer_id = coupons.create(name=name, terms=terms, actor=actor, at=at)
        detail = once.detail if once else {}
        staff.record(
            by=by, action="coupons.create", at=at, subject_kind="offer", subject_id=offer_id, detail=detail
        )  # fmt: skip
        return offer_id

    return again_if_contended(make)


def change_offer(*, offer_id: int, name: Text, terms: Terms, after: int, by: Actor, actor: str, at: datetime) -> int:
    """Put an offer on other terms and call it so; returns the number of its version."""

    def change() -> int:
        version = coupons.change(offer_id=offer_id, terms=terms, after=after, actor=actor, at=at)
        coupons.rename(offer_id=offer_id, name=name)
        staff.record(
            by=by, action="coupons.change", at=at, subject_kind="offer", subject_id=offer_id,
            detail={"version": version},
        )  # fmt: skip
        return version

    return again_if_contended(change)


def end_offer(*, offer_id: int, by: Actor, at: datetime) -> None:
    """Put an offer away: nothing more is issued on it, and what is out stays good."""
    _noted("coupons.archive", offer_id, by, at, lambda: coupons.archive(offer_id=offer_id, at=at))


def resume_offer(*, offer_id: int, by: Actor, at: datetime) -> None:
    """Issue coupons on it again."""
    _noted("coupons.bring_back", offer_id, by, at, lambda: coupons.bring_back(offer_id=offer_id))


def _noted(action: str, offer_id: int, by: Actor, at: datetime, change: Callable[[], None]) -> None:
    def once() -> None:
        change()
        staff.record(by=by, action=action, at=at, subject_kind="offer", subject_id=offer_id)

    again_if_contended(once)
