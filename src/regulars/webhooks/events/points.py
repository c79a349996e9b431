"""Points that moved: why, how many, and what the customer has now."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from regulars.customers import queries as customers
from regulars.facts import noted as facts
from regulars.ledger import noted as ledger
from regulars.ledger.rules import Account, Balance, OriginKind, Purpose
from regulars.loyalty.checkout import noted as checkout
from regulars.loyalty.programme_view import currency_codes
from regulars.webhooks.rules import Event

OWN: Final = (Account.PENDING, Account.AVAILABLE, Account.HELD, Account.DEBT)


class _Cause(NamedTuple):
    """One customer, one fact or command, one posting, one currency: one event."""

    canonical_id: int
    origin_kind: int
    origin_id: int
    recorded_at: datetime
    currency: int


def changed(transfer_ids: Collection[int]) -> list[Event]:
    """What these transfers come to. The balance is as of now, when the event is made."""
    moves = ledger.moves(transfer_ids)
    groups = customers.canonicals({move.customer_id for move in moves})
    found: dict[_Cause, list[ledger.Moved]] = {}
    for move in moves:
        who = groups.get(move.customer_id, move.customer_id)
        cause = _Cause(who, move.origin_kind, move.origin_id, move.recorded_at, move.currency)
        found.setdefault(cause, []).append(move)
    codes = currency_codes()
    balances = ledger.balances({cause.canonical_id for cause in found})
    named = facts.named({cause.origin_id for cause in found if cause.origin_kind == OriginKind.FACT})
    steps = checkout.steps_of({cause.origin_id for cause in found if cause.origin_kind == OriginKind.COMMAND})
    return [
        Event(
            "points.changed",
            cause.recorded_at,
            {
                "purpose": _name(Purpose(of_it[0].purpose)),
                "currency": codes.get(cause.currency, ""),
                "amount": sum(_gained(move) for move in of_it),
                "moves": [_move(move) for move in of_it],
                "balance": balance_told(balances.get((cause.canonical_id, cause.currency), Balance(0, 0, 0, 0))),
                "cause": _cause(cause, named, steps),
                "occurred_at": of_it[0].at.isoformat(),
            },
            {"customer": cause.canonical_id},
        )
        for cause, of_it in found.items()
    ]


def balance_told(balance: Balance) -> dict[str, int]:
    """A balance, member by member."""
    return {
        "pending": balance.pending,
        "available": balance.available,
        "held": balance.held,
        "owed": balance.owed,
        "spendable": balance.spendable,
    }


def _gained(move: ledger.Moved) -> int:
    """What the customer has more by it, in all accounts together; below zero if less."""
    return move.amount * ((move.target in OWN) - (move.source in OWN))


def _move(move: ledger.Moved) -> dict[str, Any]:
    return {
        "purpose": _name(Purpose(move.purpose)),
        "from": _name(Account(move.source)),
        "to": _name(Account(move.target)),
        "points": move.amount,
    }


def _cause(
    cause: _Cause, named: Mapping[int, facts.NamedFact], steps: Mapping[int, Mapping[str, int]]
) -> dict[str, Any]:
    """The order or event behind it; or the command, and the step of a checkout that it was."""
    if cause.origin_kind != OriginKind.FACT:
        step = steps.get(cause.origin_id)
        return {"command_id": cause.origin_id, **({"checkout": dict(step)} if step else {})}
    fact = named.get(cause.origin_id)
    if fact is None:
        return {}
    return {"order": {"source": fact.source, "id": fact.order}} if fact.order else {"event": fact.event}


def _name(one: Purpose | Account) -> str:
    return one.name.lower()
