"""Why an order or an event earned what it did: its base, and what each rule gave on top."""

from datetime import date

from regulars.core.calendar import add_months, business_date
from regulars.facts.figures import FactView
from regulars.facts.queries import event_name
from regulars.ledger.rules import Currency
from regulars.ledger.statements import Entry
from regulars.loyalty import growth_words
from regulars.loyalty.currencies import Spendable
from regulars.loyalty.earning.rounding import aside
from regulars.loyalty.earning.rules import Earning, Earns
from regulars.loyalty.earning.words import EVENTS, limit_said, name_of
from regulars.loyalty.rules import FROM_SPEND, ItemKind, Policy
from regulars.loyalty.wording import Wording


def earned(entry: Entry, order: FactView, policy: Policy, wording: Wording, earning: Earning | None) -> list[str]:
    """Why an order earned what it did: what was paid, the base, each rule, and how long it lasts."""
    paid, base = int(order.body["paid"]), int(order.body["base"])
    where = "，" if wording.language == "zh" else ", "
    where = where.join(filter(None, (wording.stores.get(order.store_id or 0), wording.day_of(order.occurred_at))))
    amounts = {"order": order.key, "where": where, "paid": wording.money(paid), "base": wording.money(base)}
    sentences = [wording.say("earn.less" if base < paid else "earn.all", **amounts, less=wording.money(paid - base))]
    if entry.currency == Currency.GROWTH:
        return [*sentences, *_growth(entry, order, base, policy, wording, earning)]
    what = own(entry, policy)
    more = by_rules(earning, Earns.POINTS if what is None else what.code, policy, wording)
    if what is None and (unit := policy.minor_per_point):
        rule = {
            "unit": wording.rate(unit), "rounded": aside(policy.rounding, wording.language),
            "total": wording.points(policy.rounding.whole(base, unit)), "version": policy.number,
        }  # fmt: skip
        sentences.append(wording.say("earn.base" if more else "earn.points", **rule))
    sentences += more
    days = (what or policy.points).pending_days.get(str(order.body["channel"]), 0)
    if days and entry.effective_at is not None:
        sentences.append(wording.say("pending", days=days, day=wording.day_of(entry.effective_at)))
    return [*sentences, good_through(entry, wording)]


def own(entry: Entry, policy: Policy) -> Spendable | None:
    """The currency of the programme's own that an entry is in; None for points and growth."""
    return next((one for one in policy.currencies.values() if one.number == entry.currency), None)


def _growth(
    entry: Entry, order: FactView, base: int, policy: Policy, wording: Wording, earning: Earning | None
) -> list[str]:
    """Why an order brought growth, by what growth counts; and until when it counts."""
    more = by_rules(earning, Earns.GROWTH, policy, wording)
    day = business_date(order.occurred_at, wording.zone)
    told: dict[str, object] = {"version": policy.number, "until": _until(day, policy, wording)}
    if policy.growth_from not in FROM_SPEND:
        own = (
            next((one.given for one in earning.awards if not one.code and one.earns is Earns.GROWTH), 0)
            if earning
            else 0
        )
        return [wording.say(f"earn.growth.{policy.growth_from}", total=f"{own:,}", **told), *more] if own else more
    unit = policy.minor_per_growth
    if not unit:
        return more
    key = "earn.base.growth" if more else "earn.growth"
    told |= {"unit": wording.rate(unit), "rounded": aside(policy.rounding, wording.language)}
    told |= {"total": f"{policy.rounding.whole(base, unit):,}"}
    return [growth_words.renamed(wording.say(key, **told), policy.growth_from, wording.language), *more]


def _until(day: date, policy: Policy, wording: Wording) -> str:
    """The day before which growth of a day counts; of a member's own year, the end of the latest that it can be."""
    if policy.keeping.window == "member_year":
        return wording.day(add_months(day, 12))
    return wording.day(policy.keeping.leaves(day, policy.window_months, day))


def event_earned(entry: Entry, fact: FactView, policy: Policy, wording: Wording, earning: Earning) -> list[str]:
    """Why a check-in, a review or another event earned what it did."""
    what = own(entry, policy)
    growth = entry.currency == Currency.GROWTH
    earns = what.code if what is not None else Earns.GROWTH if growth else Earns.POINTS
    event = event_said(fact, wording)
    first = wording.say(
        "earn.event", event=event[:1].upper() + event[1:], day=wording.day_of(fact.occurred_at), version=policy.number
    )
    sentences = [first, *by_rules(earning, earns, policy, wording)]
    return sentences if growth else [*sentences, good_through(entry, wording)]


def event_said(fact: FactView, wording: Wording) -> str:
    """What a fact that is no order is called, '' for an order and what is about one."""
    if fact.kind in (ItemKind.ORDER, ItemKind.REFUND, ItemKind.CANCEL):
        return ""
    if fact.kind == ItemKind.TAKEN_OVER:
        return wording.say("taken.from", source=fact.source)
    name = event_name(fact.kind, fact.body)
    return EVENTS[name].said(wording.language) if name in EVENTS else name


def by_rules(earning: Earning | None, earns: str, policy: Policy, wording: Wording) -> list[str]:
    """What each rule gave on top of the base, and what limits cut."""
    rules = {rule.code: rule for rules in policy.earning.values() for rule in rules}
    counted = policy.counted
    tiers = {tier.code: name_of(tier.names, tier.code, wording.language) for tier in policy.tiers}
    found = []
    for award in earning.awards if earning else ():
        if award.earns != earns or (not award.code and award.cut_by is None):
            continue
        wished, given = (_amount(number, earns, policy, wording) for number in (award.wished, award.given))
        limit = limit_said(award.cut_by, counted[earns], wording.language, tiers=tiers) if award.cut_by else ""
        if not award.code:
            found.append(wording.say("earn.cap", limit=limit, given=given))
            continue
        rule = name_of(rules[award.code].names, award.code, wording.language)
        key = "earn.rule.cut" if limit else "earn.rule"
        found.append(wording.say(key, name=rule, wished=wished, given=given, limit=limit))
    return found


def _amount(number: int, earns: str, policy: Policy, wording: Wording) -> str:
    if earns == Earns.GROWTH:
        return growth_words.counted(number, policy.growth_from, wording.language)
    return policy.counted[earns].of(number).said(wording.language)


def good_through(entry: Entry, wording: Wording) -> str:
    """How long the points of an entry last."""
    if entry.expires_at is None:
        return wording.say("forever")
    return wording.say("expires", day=wording.last_day(entry.expires_at))
