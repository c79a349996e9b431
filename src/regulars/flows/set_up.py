"""Set a new instance up: the business, its first owner, a programme for all orders to come, and what is done
when a good customer is slipping away."""

from datetime import datetime

from regulars.core.money import minor_digits
from regulars.flows.transactions import again_if_contended
from regulars.loyalty import actions as loyalty
from regulars.loyalty import programme_view
from regulars.loyalty.presets import first_terms
from regulars.loyalty.rewards import actions as rewards
from regulars.loyalty.till.ready import FREE_CUP, REWARD
from regulars.playbooks import actions as playbooks
from regulars.staff import actions as staff
from regulars.staff.trades import trade_of


def set_up(
    *, business: str, time_zone: str, currency: str, language: str, email: str, name: str, password: str, at: datetime,
    trade: str = "",
) -> int:  # fmt: skip
    """Set everything up, or nothing; returns the owner's id.

    Args:
        trade: A code of `staff.trades`, whose defaults the shop begins with; '' for the retail programme as it is.
    Raises:
        AlreadySetUp: Somebody works here already.
    """

    def once() -> int:
        owner = staff.set_up_business(
            business=business, time_zone=time_zone, currency=currency, language=language, email=email, name=name,
            password=password, at=at, trade=trade,
        )  # fmt: skip
        if programme_view.current() is None:
            chosen = trade_of(trade)
            digits, card = minor_digits(currency), chosen.stamp_card
            terms = first_terms(chosen.programme, digits, pending_days=chosen.pending_days, stamp_card=card)
            loyalty.launch(terms=terms, live_from=at, time_zone=time_zone, actor=f"user:{owner.id}", at=at)
            if card:
                rewards.create(code=REWARD, terms=FREE_CUP, actor=f"user:{owner.id}", at=at)
        playbooks.install_presets(at=at)
        return owner.id

    return again_if_contended(once)
