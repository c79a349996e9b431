"""Duplicates: pairs that may be one person, with what speaks for it; merged, kept apart, and parted again."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any, Final

from django.http import HttpRequest, HttpResponse

from regulars.api import duplicate_schemas as schemas
from regulars.api.access import Scope, ScopedRouter
from regulars.api.asked import Asked, answer, read, short
from regulars.customers import duplicates_view, noted
from regulars.customers.actions.duplicates import NotMerged
from regulars.customers.duplicate_words import evidence_said
from regulars.customers.duplicates_view import PairDecided, Proposal
from regulars.customers.queries import MergeView
from regulars.facts.rules import MalformedFact
from regulars.flows.merge_customers import keep_apart, merge_pair, part_again
from regulars.ledger import statements as ledger
from regulars.loyalty import queries as loyalty
from regulars.loyalty.membership import id_of, number_of

router = ScopedRouter(tags=["Duplicates"])
PAGE: Final = 50
LARGEST_ID: Final = 2**63 - 1


@router.post("/list", auth=Scope(schemas.SCOPE), operation_id="list_duplicates", openapi_extra=schemas.LIST)
def list_pairs(request: HttpRequest) -> HttpResponse:
    """Pairs that nobody has decided about, in the order in which they were proposed, fifty at a time."""
    asked = read(request)
    after = _whole(asked, "after") if asked.members.get("after") is not None else 0
    found = duplicates_view.proposals_after(after, most=PAGE + 1)
    more = found[PAGE - 1].id if len(found) > PAGE else None
    return answer({"pairs": _pairs(found[:PAGE], asked), "next_after": more})


@router.post("/merge", auth=Scope(schemas.SCOPE), operation_id="merge_duplicates", openapi_extra=schemas.MERGE)
def merge(request: HttpRequest) -> HttpResponse:
    """The two are one person: orders, points and tier stand together, under `lead`. Asked again, it is that merge."""
    asked = read(request)
    pair_id, lead = _whole(asked, "pair_id"), _lead(asked)
    try:
        merge_pair(
            proposal_id=pair_id, lead=lead, by=asked.caller.actor, actor=asked.actor,
            policies=asked.situation.policies, at=asked.at,
        )  # fmt: skip
    except PairDecided:
        found = duplicates_view.merge_of(pair_id)
        if found is None or found.parent_id != lead or found.merged_by != asked.actor:
            raise
    merged = duplicates_view.merge_of(pair_id)
    return answer({"merge": _merge(merged, _ids([merged], asked), asked) if merged else None})


@router.post("/apart", auth=Scope(schemas.SCOPE), operation_id="keep_duplicates_apart", openapi_extra=schemas.APART)
def apart(request: HttpRequest) -> HttpResponse:
    """The two are different people; the pair is not proposed again. Said again, nothing changes."""
    asked = read(request)
    pair_id = _whole(asked, "pair_id")
    try:
        keep_apart(proposal_id=pair_id, by=asked.caller.actor, actor=asked.actor, at=asked.at)
    except PairDecided as error:
        if error.context["state"] != "apart":
            raise
    return answer({"pair_id": pair_id, "state": "apart"})


@router.post("/merges", auth=Scope(schemas.SCOPE), operation_id="list_merges", openapi_extra=schemas.MERGES)
def merges(request: HttpRequest) -> HttpResponse:
    """Past merges, undone ones too, the newest first, fifty at a time."""
    asked = read(request)
    before = _whole(asked, "before") if asked.members.get("before") is not None else None
    found = duplicates_view.merges_before(before, most=PAGE + 1)
    more, page = found[PAGE - 1].id if len(found) > PAGE else None, found[:PAGE]
    ids = _ids(page, asked)
    return answer({"merges": [_merge(one, ids, asked) for one in page], "next_before": more})


@router.post("/undo", auth=Scope(schemas.SCOPE), operation_id="undo_merge", openapi_extra=schemas.UNDO)
def undo(request: HttpRequest) -> HttpResponse:
    """Part the two again; each keeps what their own orders came to. Undone once, however often it is asked."""
    asked = read(request)
    merge_id = _whole(asked, "merge_id")
    if duplicates_view.merge(merge_id) is None:
        raise NotMerged("There is no such merge.")
    # If it was undone before, the answer says when.
    with suppress(NotMerged):
        part_again(
            merge_id=merge_id, by=asked.caller.actor, actor=asked.actor, policies=asked.situation.policies, at=asked.at
        )
    found = duplicates_view.merge(merge_id)
    return answer({"merge": _merge(found, _ids([found], asked), asked) if found else None})


def _pairs(found: Sequence[Proposal], asked: Asked) -> list[dict[str, Any]]:
    ids = sorted({one for pair in found for one in (pair.first, pair.second)})
    balances, standings = ledger.balances(ids, at=asked.at), loyalty.standings(ids)
    known, zone = noted.external_ids(ids, [asked.source]), asked.situation.zone

    def side(one: int) -> dict[str, Any]:
        purchases = standings[one].purchases if one in standings else None
        last = purchases.last_at.astimezone(zone) if purchases and purchases.last_at else None
        return {
            "number": number_of(one),
            "ids": known.get(one, {}).get(asked.source, []),
            "orders": purchases.orders if purchases else 0,
            "spent": asked.money(purchases.spent if purchases else 0),
            "last_order_at": last,
            "points": balances[one].total,
        }

    return [
        {
            "pair_id": pair.id,
            "proposed_at": pair.proposed_at.astimezone(zone),
            "evidence": [{"code": code, "said": evidence_said(code)._asdict()} for code in pair.evidence],
            "sides": [side(pair.first), side(pair.second)],
        }
        for pair in found
    ]


def _ids(found: Iterable[MergeView | None], asked: Asked) -> dict[int, dict[str, list[str]]]:
    """Each one's own ids in the asking source, whoever stands for them now."""
    who = {one for merged in found if merged for one in (merged.child_id, merged.parent_id)}
    return noted.external_ids(who, [asked.source], whole_group=False)


def _merge(one: MergeView, ids: dict[int, dict[str, list[str]]], asked: Asked) -> dict[str, Any]:
    zone = asked.situation.zone

    def side(customer_id: int) -> dict[str, Any]:
        return {"number": number_of(customer_id), "ids": ids.get(customer_id, {}).get(asked.source, [])}

    return {
        "merge_id": one.id,
        "lead": side(one.parent_id),
        "other": side(one.child_id),
        "merged_at": one.merged_at.astimezone(zone),
        "merged_by": one.merged_by or None,
        "undone_at": one.undone_at.astimezone(zone) if one.undone_at else None,
        "undone_by": one.undone_by or None,
    }


def _lead(asked: Asked) -> int:
    """Who stands for both, by the member number that the list tells."""
    found = id_of(short(asked.members, "lead", 20))
    if found is None or found <= 0:
        raise MalformedFact("lead must be the member number of one of the two.", field="lead")
    return found


def _whole(asked: Asked, name: str) -> int:
    found = asked.members.get(name)
    if type(found) is not int or not 0 < found <= LARGEST_ID:
        raise MalformedFact(f"{name} must be a whole number from 1 to {LARGEST_ID}.", field=name)
    return found
