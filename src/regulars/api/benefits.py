"""Benefits of a member at the till and in the web shop: what there is and what is left, using one, undoing that."""

from datetime import date
from typing import Any, Final

from django.http import HttpRequest, HttpResponse

from regulars.api import benefit_schemas as schemas
from regulars.api.access import Scope, ScopedRouter
from regulars.api.asked import Asked, answer, read, short
from regulars.api.people import child
from regulars.core.bilingual import Text
from regulars.core.money import minor_digits, to_major
from regulars.facts.kinds import fields
from regulars.facts.rules import MalformedFact
from regulars.flows import use_benefits
from regulars.loyalty.actions.commands import UnknownCustomer
from regulars.loyalty.benefits.actions import Receipt
from regulars.loyalty.benefits.rules import AppliedBenefit, Benefit, Bill
from regulars.loyalty.benefits.telling import Held
from regulars.loyalty.benefits.words import KINDS, name_of, refusal_said, said

router = ScopedRouter(tags=["Benefits"])
CHANNELS: Final = ("store", "online")
AMOUNTS: Final = ("total", "shipping", "fees")
MOST_FEES: Final = 20
LONGEST_CODE: Final = 60
LONGEST_KEY: Final = 200


@router.post("/of", auth=Scope(schemas.SCOPE), operation_id="list_benefits", openapi_extra=schemas.OF)
def of(request: HttpRequest) -> HttpResponse:
    """The benefits that this member's tier has: what is left, what each takes off this bill, or why not."""
    asked = read(request)
    bill = _bill(asked) if any(asked.members.get(name) is not None for name in AMOUNTS) else None
    held = use_benefits.benefits_of(
        customer_id=_who(asked), policies=asked.situation.policies, currency=asked.situation.currency, at=asked.at,
        bill=bill, store=asked.store(),
    )  # fmt: skip
    if held is None:
        raise UnknownCustomer("No such customer.")
    tier = held.names.tiers[held.holder.tier]
    return answer(
        {
            "tier": {"code": held.holder.tier, "name": tier._asdict()},
            "currency": asked.situation.currency,
            "benefits": [_offered(one, held, asked) for one in held.benefits],
        }
    )


@router.post("/use", auth=Scope(schemas.SCOPE), operation_id="use_benefit", openapi_extra=schemas.USE)
def use(request: HttpRequest) -> HttpResponse:
    """Use a benefit once. Sent again with the same key, it is the same use."""
    asked = read(request)
    order = fields.text(asked.members, "order_id")
    receipt = use_benefits.use_benefit(
        customer_id=_who(asked),
        code=fields.text(asked.members, "benefit", required=True),
        key=_key(asked),
        bill=_bill(asked),
        policies=asked.situation.policies,
        at=asked.at,
        order=(asked.source, order) if order else None,
        store=asked.store(),
        actor=asked.actor,
    )
    return _receipt(receipt, asked)


@router.post("/undo", auth=Scope(schemas.SCOPE), operation_id="undo_benefit", openapi_extra=schemas.UNDO)
def undo(request: HttpRequest) -> HttpResponse:
    """Give back the use that was made with this key; the quota has room for it again."""
    asked = read(request)
    receipt = use_benefits.undo_by_key(
        key=_key(asked), policies=asked.situation.policies, at=asked.at, actor=asked.actor
    )
    return _receipt(receipt, asked)


def _who(asked: Asked) -> int:
    customer_id = asked.customer()
    if customer_id is None:
        raise UnknownCustomer("Nobody is known by these ids and contacts.")
    return customer_id


def _key(asked: Asked) -> str:
    """Keys are the source's own, as the numbers of orders are: two tills may both count from 1."""
    key = fields.text(asked.members, "key", required=True)
    if len(key) > LONGEST_KEY:
        raise MalformedFact(f"key is longer than {LONGEST_KEY} characters.", field="key")
    return f"{asked.source}:{key}"


def _bill(asked: Asked) -> Bill:
    members, currency = asked.members, asked.situation.currency
    channel = short(members, "channel", LONGEST_CODE) or "store"
    if channel not in CHANNELS:
        raise MalformedFact("channel is store or online.", field="channel")
    told = child(members, "fees") if members.get("fees") is not None else {}
    if len(told) > MOST_FEES or any(len(name) > LONGEST_CODE for name in told):
        raise MalformedFact(f"fees has at most {MOST_FEES} fees, each with a short code.", field="fees")
    charged: dict[str, int] = {}
    for name in told:
        try:
            minor = fields.money(told, name, currency)
        except MalformedFact as error:
            raise MalformedFact(str(error), field=f"fees.{name}") from error
        if minor is not None:
            charged[name] = minor
    return Bill(fields.money(members, "total", currency), fields.money(members, "shipping", currency), charged, channel)


def _offered(one: AppliedBenefit, held: Held, asked: Asked) -> dict[str, Any]:
    told = {
        **_benefit(one.benefit),
        "said": said(one.benefit, held.names)._asdict(),
        "discount": asked.money(one.off_minor),
        **_left(one.left, one.again),
        "applies": one.refused is None,
    }
    if one.refused is None:
        return told
    words = refusal_said(one.refused, held.names) or Text(str(one.refused), str(one.refused))
    return {**told, "refused": {"code": one.refused.code, "said": words._asdict()}}


def _receipt(receipt: Receipt, asked: Asked) -> HttpResponse:
    use, zone = receipt.use, asked.situation.zone
    benefit = (
        _benefit(receipt.benefit)
        if receipt.benefit
        else {"code": use.code, "kind": use.kind, "name": KINDS[use.kind]._asdict(), "takes_off": "none"}
    )
    return answer(
        {
            **benefit,
            "discount": asked.money(use.off_minor),
            "currency": asked.situation.currency,
            **_left(receipt.left, receipt.again),
            "use_id": use.id,
            "used_at": use.at.astimezone(zone),
            "undone_at": use.undone_at.astimezone(zone) if use.undone_at else None,
            "coupon": use.coupon or None,
        }
    )


def _benefit(benefit: Benefit) -> dict[str, Any]:
    return {
        "code": benefit.code,
        "kind": benefit.kind,
        "name": name_of(benefit)._asdict(),
        "takes_off": benefit.effect.part,
    }


def _left(left: int | None, again: date | None) -> dict[str, Any]:
    return {"left": left, "again_from": again}


def _amount(minor: int, asked: Asked) -> str:
    currency = asked.situation.currency
    return f"{to_major(minor, currency):.{minor_digits(currency)}f}"
