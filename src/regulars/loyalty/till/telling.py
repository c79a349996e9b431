"""What a step tells: the order and the stamps as facts of the till, and what the order uses as a step of a checkout."""

from django.db import transaction

from regulars.customers import lookup
from regulars.facts.kinds import custom, order_completed
from regulars.facts.rules import NewFact
from regulars.loyalty.actions.commands import UnknownCustomer
from regulars.loyalty.checkout import actions as checkout
from regulars.loyalty.checkout.actions import Desk
from regulars.loyalty.checkout.rules import Ask, Basket
from regulars.loyalty.rewards.rules import Ask as RewardAsk
from regulars.loyalty.rules import ItemKind
from regulars.loyalty.till.rules import SOURCE, Serve


def facts_of(serve: Serve, *, currency: str, off_minor: int) -> list[NewFact]:
    """The order first, then a fact for each stamp: one is one paid cup.

    Raises:
        UnknownCustomer: Nobody is known by this id.
    """
    names = lookup.names_of([serve.customer_id]).get(serve.customer_id)
    if not names:
        raise UnknownCustomer("No such customer.")
    who, store = (min(names),), serve.store or None
    found = []
    if serve.amount is not None:
        paid = serve.amount - off_minor
        body = order_completed.make_body(currency=currency, paid=paid, lines=(), discount=off_minor)
        found.append(NewFact(SOURCE, order_completed.CODE, serve.key, serve.at, body, who, amount=paid, store=store))
    for event, times in sorted(serve.stamps.items()):
        body = {**custom.normalise({}, currency), "event": event}
        found += [
            NewFact(SOURCE, custom.CODE, f"{serve.key}/{event}/{n}", serve.at, body, who, store=store)
            for n in range(1, times + 1)
        ]
    return found


def ask_of(serve: Serve, *, currency: str, store_id: int | None) -> Ask | None:
    """What a sale uses besides money; None if nothing."""
    if not (serve.coupons or serve.benefits):
        return None
    paid = serve.amount or 0
    body = order_completed.make_body(currency=currency, paid=paid, lines=())
    return Ask(
        ItemKind.REDEEM, f"till:{serve.key}", None, serve.customer_id, store=serve.store, actor=serve.actor,
        coupons=serve.coupons or None, benefits=serve.benefits or None,
        basket=Basket(serve.at, paid, body, store_id), order=(SOURCE, serve.key),
    )  # fmt: skip


def reward_of(serve: Serve) -> RewardAsk:
    """The claim of a reward that is handed over at once."""
    return RewardAsk(serve.reward, serve.customer_id, f"till:{serve.key}", serve.store, serve.actor)


def would_take_off(ask: Ask, desk: Desk) -> int:
    """What it would take off now, minor units; nothing is used.

    Raises:
        DomainError: As the checkout refuses it.
    """
    with transaction.atomic():
        step = checkout.take_step(ask=ask, desk=desk)
        transaction.set_rollback(True)
    return sum(one.off_minor for one in (*step.coupons, *step.benefits))
