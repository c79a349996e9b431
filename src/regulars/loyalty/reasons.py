"""Why an entry stands in the books: sentences for people, in Chinese and in English. Pure: callers bring the names."""

from collections.abc import Collection
from datetime import datetime

from regulars.facts.figures import FactView
from regulars.ledger.rules import Account, Currency, OriginKind, Purpose
from regulars.ledger.statements import Entry
from regulars.loyalty import growth_words
from regulars.loyalty.earning.rules import Earning
from regulars.loyalty.queries import CommandView
from regulars.loyalty.reason_words import SAY, TITLES, UNKNOWN
from regulars.loyalty.reasons_of_earning import earned, event_earned, event_said, good_through
from regulars.loyalty.rules import ItemKind, Policies
from regulars.loyalty.wording import Wording as Wording

MOST_LINES = 3


Origin = FactView | CommandView | None


def name(entry: Entry, wording: Wording, policies: Policies | None = None) -> str:
    """What an entry is, in two or three words."""
    wording = meant(entry, wording, policies)
    return wording.renamed(TITLES[entry.purpose]) + ("" if entry.corrects_id is None else wording.say("correction"))


def meant(entry: Entry, wording: Wording, policies: Policies | None) -> Wording:
    """How to write about an entry: in its own currency, as the last version that has it calls it."""
    if policies is None or entry.currency in (Currency.POINTS, Currency.GROWTH):
        return wording
    code = policies.code_of(entry.currency)
    return wording.of(policies.currency(code).counted) if code else wording


def title(entry: Entry, origin: Origin, wording: Wording, policies: Policies | None = None) -> str:
    """What an entry is and of what: 'Earned · order A17'."""
    words = name(entry, wording, policies)
    if isinstance(origin, FactView):
        event = event_said(origin, wording)
        return f"{words} · {event or wording.say('order', order=_order_number(origin))}"
    if origin is not None and origin.reward is not None:
        return f"{words} · {origin.reward.said(wording.language)}"
    return f"{words} · {origin.note}" if origin is not None and origin.note else words


def why(
    entry: Entry,
    origin: Origin,
    *,
    policies: Policies,
    wording: Wording,
    order: FactView | None = None,
    regrouped_at: Collection[datetime] = (),
    earning: Earning | None = None,
) -> list[str]:
    """Why an entry was made, in one to five sentences.

    Args:
        origin: The fact or command that it comes from.
        order: The order that a refund is about, to name its goods.
        regrouped_at: When this customer was merged or parted.
        earning: The fold's trace of the fact, where a version with rules decided about it.
    """
    wording = meant(entry, wording, policies)
    sentences = [] if entry.corrects_id is None else _correction(entry, origin, regrouped_at, wording)
    if sentences and _is_back(entry):
        return sentences
    if origin is None:
        return sentences or [UNKNOWN[wording.language != "zh"]]
    if isinstance(origin, FactView):
        sentences += _because_of_fact(entry, origin, order, policies, wording, earning)
    else:
        sentences += _because_of_command(entry, origin, policies, wording)
    return sentences or [f"{name(entry, wording)}: {wording.points(entry.amount)}"]


FROM = {
    Purpose.EARN: Account.ISSUED,
    Purpose.GRANT: Account.ISSUED,
    Purpose.TAKE_OVER: Account.ISSUED,
    Purpose.MATURE: Account.PENDING,
    Purpose.CAPTURE: Account.HELD,
    Purpose.RELEASE: Account.HELD,
    Purpose.RESTORE: Account.REDEEMED,
}
INTO = {
    Purpose.EXPIRE: (Account.BREAKAGE,),
    Purpose.CLAWBACK: (Account.REVOKED,),
    Purpose.DEDUCT: (Account.REVOKED,),
    Purpose.REPAY: (Account.DEBT, Account.TRANSIT),
    Purpose.REDEEM: (Account.REDEEMED,),
    Purpose.HOLD: (Account.HELD,),
}


def _is_back(entry: Entry) -> bool:
    """Whether a correction goes the other way than what it corrects."""
    if entry.purpose == Purpose.TAKE_OVER and Account.REVOKED in (entry.source, entry.target):
        return entry.target != Account.REVOKED and entry.target != Account.DEBT
    if entry.purpose in FROM:
        return entry.source != FROM[Purpose(entry.purpose)]
    return entry.target not in INTO[Purpose(entry.purpose)]


def _correction(entry: Entry, origin: Origin, regrouped_at: Collection[datetime], wording: Wording) -> list[str]:
    """What made a correction necessary, and which way it goes."""
    growth = entry.currency == Currency.GROWTH
    amount = f"{entry.amount:,}" if growth else wording.points(entry.amount)
    way = wording.say("less" if _is_back(entry) else "more", points=amount)
    if entry.recorded_at in regrouped_at:
        return [wording.say("merged"), way]
    if isinstance(origin, FactView) and origin.retracted_at is not None and origin.retracted_at <= entry.recorded_at:
        return [wording.say("undone"), way]
    return [wording.say("late", corrects=entry.corrects_id, day=wording.day_of(entry.recorded_at)), way]


def _because_of_fact(
    entry: Entry, fact: FactView, order: FactView | None, policies: Policies, wording: Wording,
    earning: Earning | None,
) -> list[str]:  # fmt: skip
    points, number = wording.points(entry.amount), _order_number(fact)
    match entry.purpose:
        case Purpose.EARN if fact.kind == ItemKind.ORDER:
            return earned(entry, fact, policies.at(fact.occurred_at), wording, earning)
        case Purpose.EARN if earning is not None:
            return event_earned(entry, fact, policies.at(fact.occurred_at), wording, earning)
        case Purpose.TAKE_OVER:
            return _taken_over(entry, fact, wording)
        case Purpose.MATURE:
            return [wording.say("mature", order=number, points=points, day=wording.day_of(entry.at))]
        case Purpose.EXPIRE:
            key = "expire.other" if event_said(fact, wording) else "expire"
            return [wording.say(key, order=number, points=points, day=wording.last_day(entry.at))]
        case Purpose.REPAY:
            across = Account.TRANSIT in (entry.source, entry.target)
            return [wording.say("repay.other" if across else "repay", points=points)]
        case Purpose.CLAWBACK if fact.kind != ItemKind.ORDER:
            clawed = _clawed(entry, wording)
            if entry.currency == Currency.GROWTH:
                clawed = growth_words.renamed(clawed, policies.at(entry.at).growth_from, wording.language)
            return [_given_back(fact, order, wording), clawed]
    return []


def _taken_over(entry: Entry, fact: FactView, wording: Wording) -> list[str]:
    """What came from another programme, or what went because it is contained in that."""
    growth = entry.currency == Currency.GROWTH
    amount = f"{entry.amount:,}" if growth else wording.points(entry.amount)
    if Account.REVOKED in (entry.source, entry.target):
        key = "debt" if entry.target == Account.DEBT else "growth" if growth else "points"
        return [wording.say(f"replaced.{key}", points=amount)]
    day = wording.day_of(fact.occurred_at)
    if growth:
        return [wording.say("taken.growth", points=amount, day=day, source=fact.source)]
    return [wording.say("taken.points", points=amount, day=day, source=fact.source), good_through(entry, wording)]


def _given_back(refund: FactView, order: FactView | None, wording: Wording) -> str:
    number = _order_number(refund)
    if refund.kind == ItemKind.CANCEL:
        return wording.say("cancel", order=number)
    lines = [(str(line[0]), int(line[1])) for line in refund.body.get("lines", ())]
    if not lines:
        if refund.amount is None or (order is not None and refund.amount == order.amount):
            return wording.say("refund.whole", order=number)
        return wording.say("refund.part", order=number, amount=wording.money(refund.amount))
    skus = {str(line[0]): str(line[1]) for line in order.body["lines"]} if order is not None else {}
    parts = []
    for line_id, amount in lines[:MOST_LINES]:
        sku = skus.get(line_id, "")
        name = wording.products.get(sku) or sku or wording.say("refund.nameless", name=line_id)
        parts.append(wording.say("refund.line", name=name, amount=wording.money(amount)))
    text = ("、" if wording.language == "zh" else ", ").join(parts)
    if len(lines) > MOST_LINES:
        text += ("" if wording.language == "zh" else ", ") + wording.say("refund.more", count=len(lines) - MOST_LINES)
    return wording.say("refund.lines", order=number, lines=text)


def _clawed(entry: Entry, wording: Wording) -> str:
    if entry.currency == Currency.GROWTH:
        return wording.say("claw.growth", points=f"{entry.amount:,}" + (" " if wording.language == "zh" else ""))
    places = {Account.PENDING: "pending", Account.BREAKAGE: "expired", Account.DEBT: "debt"}
    taken_from = entry.source if entry.target == Account.REVOKED else entry.target
    key = f"claw.{places.get(Account(taken_from), 'available')}"
    return wording.say(key, points=wording.points(entry.amount))


def _because_of_command(entry: Entry, command: CommandView, policies: Policies, wording: Wording) -> list[str]:
    points = wording.points(entry.amount)
    released = entry.purpose == Purpose.EXPIRE and command.kind == ItemKind.RELEASE
    keys = {Purpose.EXPIRE: "expire.released" if released else "expire.other", Purpose.MATURE: "mature.other"}
    key = keys.get(Purpose(entry.purpose), Purpose(entry.purpose).name.lower())
    day = wording.day_of(entry.at) if entry.purpose == Purpose.MATURE else wording.last_day(entry.at)
    sentences = []
    reward = command.reward.said(wording.language) if command.reward else ""
    key = f"{key}.reward" if reward and f"{key}.reward" in SAY else key
    if key in SAY:
        days = policies.lasting(entry.currency, entry.at).restore_days if entry.currency != Currency.GROWTH else 0
        sentences.append(wording.say(key, points=points, day=day, days=days, reward=reward))
    if entry.target == Account.DEBT and entry.purpose in (Purpose.RELEASE, Purpose.RESTORE):
        sentences.append(wording.say("forgiven"))
    elif entry.source == Account.DEBT:
        sentences.append(wording.say("owed"))
    elif entry.purpose in (Purpose.REDEEM, Purpose.HOLD, Purpose.DEDUCT) and entry.expires_at is not None:
        sentences.append(wording.say("soonest", day=wording.last_day(entry.expires_at)))
    elif entry.purpose == Purpose.GRANT:
        sentences.append(good_through(entry, wording))
    if command.note:
        sentences.append(wording.say("reason", note=command.note))
    if actor := wording.people.get(command.actor):
        sentences.append(wording.say("by", actor=actor))
    return sentences


def _order_number(fact: FactView) -> str:
    """The number of the order that a fact tells of or is about."""
    return fact.key if fact.kind == ItemKind.ORDER or not fact.subject else fact.subject


def origins_of(entries: Collection[Entry]) -> tuple[set[int], set[int]]:
    """Ids of the facts and of the commands that these entries come from."""
    return (
        {entry.origin_id for entry in entries if entry.origin_kind == OriginKind.FACT},
        {entry.origin_id for entry in entries if entry.origin_kind == OriginKind.COMMAND},
    )
