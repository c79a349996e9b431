"""Serve a guest at the till: a sale with its stamps, or a reward, once for its key."""

from datetime import datetime

from regulars.catalogue.actions import ensure_stores
from regulars.facts import actions as inbox
from regulars.facts.rules import Answer
from regulars.flows.record_facts import record_facts
from regulars.flows.transactions import again_if_contended
from regulars.insight.segments.queries import memberships
from regulars.loyalty.checkout import actions as checkout
from regulars.loyalty.checkout.actions import Desk
from regulars.loyalty.coupons import actions as coupons
from regulars.loyalty.coupons.rules import Guesser, OrderKey
from regulars.loyalty.rewards import actions as rewards
from regulars.loyalty.till import actions, telling
from regulars.loyalty.till.rules import SOURCE, Serve, Shop, Step


def serve_guest(*, serve: Serve, shop: Shop, guesser: Guesser, at: datetime) -> Step:
    """Do it once; the same key and step again gives the same answer."""
    if known := actions.earlier(serve):
        return known
    actions.check_now(serve, policies=shop.policies, at=at)
    try:
        return _reward(serve, shop, at) if serve.reward else _sale(serve, shop, guesser, at)
    except actions.AlreadyTaken:
        return actions.just_taken(serve)


def takes_off(*, serve: Serve, shop: Shop, guesser: Guesser, at: datetime) -> int:
    """What the coupons and benefits of a sale would take off now, minor units; nothing is used."""
    desk = _desk(serve, shop, guesser, at)
    ask = telling.ask_of(serve, currency=shop.currency, store_id=desk.store_id)
    return again_if_contended(lambda: telling.would_take_off(ask, desk)) if ask else 0


def _sale(serve: Serve, shop: Shop, guesser: Guesser, at: datetime) -> Step:
    desk = _desk(serve, shop, guesser, at)
    ask = telling.ask_of(serve, currency=shop.currency, store_id=desk.store_id)
    off = again_if_contended(lambda: telling.would_take_off(ask, desk)) if ask else 0
    done: list[Step] = []

    def also(answers: list[Answer]) -> None:
        actions.check_recorded(answers)
        used = checkout.take_step(ask=ask, desk=desk) if ask else None
        facts = [one.fact_id for one in answers]
        step = actions.take(serve, shop=shop, at=at, store_id=desk.store_id, facts=facts, used=used, off_minor=off)
        done[:] = [step]

    facts = telling.facts_of(serve, currency=shop.currency, off_minor=off)
    record_facts(facts=facts, policies=shop.policies, zone=shop.zone, at=at, also=also)
    return done[0]


def _reward(serve: Serve, shop: Shop, at: datetime) -> Step:
    stores = ensure_stores([serve.store] if serve.store else [])
    among, store_id = frozenset(one.segment_id for one in memberships(serve.customer_id)), stores.get(serve.store)
    ask = telling.reward_of(serve)

    def once() -> Step:
        claim = rewards.claim(ask=ask, segments=among, store_id=store_id, policies=shop.policies, zone=shop.zone, at=at)
        claim = actions.hand_over(claim, key=ask.key, store_id=store_id, zone=shop.zone, actor=serve.actor, at=at)
        return actions.take(serve, shop=shop, at=at, store_id=store_id, claim=claim)

    return again_if_contended(once)


def _desk(serve: Serve, shop: Shop, guesser: Guesser, at: datetime) -> Desk:
    stores = ensure_stores([serve.store] if serve.store else [])
    found = coupons.look_up_all(told=serve.coupons, guesser=guesser, at=at)
    order = OrderKey(inbox.ensure_source(SOURCE), serve.key)
    return Desk(shop.policies, shop.zone, at, store_id=stores.get(serve.store), order=order, coupons=found)
