"""Issuing coupons: to one member, to many in a job with progress, as codes for anybody; and reading what is out."""

from collections.abc import Sequence
from typing import Any, Final

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from regulars.api import issuing_schemas as schemas
from regulars.api.access import Scope, ScopedRouter
from regulars.api.asked import Asked, answer, read
from regulars.api.offers import LARGEST_ID, whole
from regulars.api.once import once_of
from regulars.core.errors import DomainError
from regulars.customers import lookup
from regulars.customers import queries as customers
from regulars.customers.rules import normalise_number
from regulars.facts.rules import Identity, IdentityKind, MalformedFact
from regulars.flows import issue_coupons, jobs
from regulars.loyalty.actions.commands import UnknownCustomer
from regulars.loyalty.coupons import batches, codes, queries
from regulars.loyalty.coupons.batches import BatchView
from regulars.loyalty.coupons.queries import CouponView
from regulars.loyalty.coupons.rules import MOST_IN_BATCH, last_day
from regulars.loyalty.coupons.words import terms_said
from regulars.loyalty.membership import id_of, number_of

router = ScopedRouter(tags=["Issuing coupons"])
PAGE: Final = 50
MOST_COUPONS: Final = 500
SHOWN: Final = 20
"""So many unknown members are named."""


class UnknownMembers(DomainError):
    """Some of the members are not known; `unknown` in the context names the first of them. Nothing was issued."""

    code = "unknown_members"


@router.post("/issue", auth=Scope(schemas.SCOPE), operation_id="issue_coupon", openapi_extra=schemas.ISSUE)
def issue(request: HttpRequest) -> HttpResponse:
    """Issue one coupon to a member. Sent again with the same key, it is the same coupon."""
    asked = read(request)
    offer_id, key = whole(asked, "offer_id", LARGEST_ID), f"api:{once_of(request, asked).key}"
    issue_coupons.issue_coupon(offer_id=offer_id, customer_id=_who(asked), key=key, by=asked.caller.actor, at=asked.at)
    return answer({"coupon": _coupon(queries.of_keys([key])[key], asked)})


@router.post("/issue_many", auth=Scope(schemas.SCOPE), operation_id="issue_coupons", openapi_extra=schemas.ISSUE_MANY)
def issue_many(request: HttpRequest) -> HttpResponse:
    """Have a job issue a coupon to each of these members or of a segment, or so many codes.

    Sent again with the same key, it is that job.
    """
    asked = read(request)
    once, offer_id = once_of(request, asked), whole(asked, "offer_id", LARGEST_ID)
    told = [name for name in ("segment_id", "count") if asked.members.get(name) is not None]
    named = any(asked.members.get(name) is not None for name in ("numbers", "userIds"))
    if len(told) + named != 1:
        raise MalformedFact("Say whom: numbers and userIds, or segment_id, or the count of codes.", field="userIds")
    batch_id = issue_coupons.order_batch(
        offer_id=offer_id, by=asked.caller.actor, actor=asked.actor, at=asked.at, once=once, start=_start,
        customer_ids=_members(asked) if named else None,
        segment_id=whole(asked, "segment_id", LARGEST_ID) if "segment_id" in told else None,
        count=whole(asked, "count", MOST_IN_BATCH) if "count" in told else 0,
    )  # fmt: skip
    return answer({"batch": _batch(batches.batch(batch_id), asked)})


@router.post("/batch", auth=Scope(schemas.SCOPE), operation_id="read_coupon_batch", openapi_extra=schemas.BATCH)
def batch(request: HttpRequest) -> HttpResponse:
    """How far a job is."""
    asked = read(request)
    return answer({"batch": _batch(batches.batch(whole(asked, "batch_id", LARGEST_ID)), asked)})


@router.post("/batches", auth=Scope(schemas.SCOPE), operation_id="list_coupon_batches", openapi_extra=schemas.BATCHES)
def list_batches(request: HttpRequest) -> HttpResponse:
    """Such jobs, the newest first, fifty at a time; of one offer, if it is named."""
    asked = read(request)
    before, offer_id = (_maybe(asked, name) for name in ("before", "offer_id"))
    found = batches.batches(most=PAGE + 1, before=before, offer_id=offer_id)
    more = found[PAGE - 1].id if len(found) > PAGE else None
    return answer({"batches": [_batch(one, asked) for one in found[:PAGE]], "next_before": more})


@router.post("/issued", auth=Scope(schemas.SCOPE), operation_id="list_batch_coupons", openapi_extra=schemas.ISSUED)
def issued(request: HttpRequest) -> HttpResponse:
    """The coupons of a job with their codes, in the order in which they were issued, five hundred at a time."""
    asked = read(request)
    one, after = batches.batch(whole(asked, "batch_id", LARGEST_ID)), _maybe(asked, "after") or 0
    found = batches.coupons(one.id, after=min(after, MOST_IN_BATCH), most=MOST_COUPONS)
    numbers = _numbers(found)
    end = after + len(found)
    return answer(
        {
            "coupons": [_coupon(coupon, asked, numbers) for coupon in found],
            "next_after": end if end < one.done else None,
        }
    )


@router.post("/of", auth=Scope(schemas.SCOPE), operation_id="coupons_of_member", openapi_extra=schemas.OF)
def of(request: HttpRequest) -> HttpResponse:
    """The coupons that were issued to a member, the latest first, a hundred at most."""
    asked = read(request)
    found = queries.of_customer(list(customers.members([_who(asked)])))
    numbers = _numbers(found)
    return answer({"coupons": [_coupon(coupon, asked, numbers) for coupon in found]})


def _start(batch_id: int) -> None:
    with transaction.atomic():
        jobs.start(jobs.issue_coupons, batch_id=batch_id)


def _who(asked: Asked) -> int:
    customer_id = asked.customer()
    if customer_id is None:
        raise UnknownCustomer("Nobody is known by these ids and contacts.")
    return customer_id


def _members(asked: Asked) -> list[int]:
    """Who is named by member number, or by the ids of the asking source; each group once.

    Raises:
        UnknownMembers: Some are not here.
    """
    numbers, ids = _texts(asked, "numbers"), _texts(asked, "userIds")
    by_number = {one: id_of(one) or 0 for one in numbers}
    groups = customers.canonicals({one for one in by_number.values() if 0 < one <= LARGEST_ID})
    names = {one: Identity(IdentityKind.EXTERNAL_ID, asked.source, normalise_number(one)[0] or "") for one in ids}
    owners = lookup.owners(names.values())
    unknown = [one for one, customer_id in by_number.items() if customer_id not in groups]
    unknown += [one for one, name in names.items() if name not in owners]
    if unknown:
        why = f"{len(unknown)} of {len(by_number) + len(names)} members are not known; nothing was issued."
        raise UnknownMembers(why, unknown=unknown[:SHOWN])
    return sorted({*(groups[one] for one in by_number.values()), *(owners[name] for name in names.values())})


def _texts(asked: Asked, name: str) -> list[str]:
    found = asked.members.get(name)
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(one, str) and len(one) <= 200 for one in found):
        raise MalformedFact(f"{name} must be a list of texts.", field=name)
    if len(found) > schemas.MOST_NAMED:
        raise MalformedFact(f"{name} names at most {schemas.MOST_NAMED} members.", field=name)
    return found


def _maybe(asked: Asked, name: str) -> int | None:
    return None if asked.members.get(name) is None else whole(asked, name, LARGEST_ID)


def _numbers(found: Sequence[CouponView]) -> dict[int, int]:
    """Whom these coupons were issued to → who stands for their group now."""
    return customers.canonicals({one.customer_id for one in found if one.customer_id is not None})


def _coupon(one: CouponView, asked: Asked, groups: dict[int, int] | None = None) -> dict[str, Any]:
    zone = asked.situation.zone
    groups = _numbers([one]) if groups is None else groups
    return {
        "coupon_id": one.id,
        "code": codes.shown(one.code),
        "number": number_of(groups[one.customer_id]) if one.customer_id is not None else None,
        "offer": {
            "id": one.offer_id,
            "kind": one.terms.kind.value,
            "name": one.name._asdict(),
            "terms": terms_said(one.terms, asked.situation.currency)._asdict(),
        },
        "issued_at": one.issued_at.astimezone(zone),
        "valid_from": one.valid_from.astimezone(zone),
        "valid_until": last_day(one.expires_at, zone),
        "taken_back_at": one.voided_at.astimezone(zone) if one.voided_at else None,
        "uses": one.used,
        "uses_most": one.terms.uses_most,
        "last_used_at": one.last_used_at.astimezone(zone) if one.last_used_at else None,
    }


def _batch(one: BatchView, asked: Asked) -> dict[str, Any]:
    zone = asked.situation.zone
    state = "failed" if one.problem else "done" if one.ended_at else "running"
    return {
        "batch_id": one.id,
        "offer_id": one.offer_id,
        "offer_version": one.version,
        "segment_id": one.segment_id,
        "for_members": one.for_members,
        "state": state,
        "wanted": one.wanted,
        "issued": one.done,
        "created_at": one.created_at.astimezone(zone),
        "ended_at": one.ended_at.astimezone(zone) if one.ended_at else None,
        "problem": one.problem or None,
    }
