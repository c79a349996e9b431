"""Verbs of campaigns: write and copy a draft, and move it on. Every move is kept with who and when."""

from contextlib import AbstractContextManager
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction

from regulars.core import bulk, locks
from regulars.core.errors import DomainError
from regulars.experiments.actions import new_salt
from regulars.loyalty.coupons import offers
from regulars.loyalty.coupons.actions import OfferArchived
from regulars.outreach.campaigns import content
from regulars.outreach.campaigns.queries import KEPT_AS_IS, NoCampaign, view_of
from regulars.outreach.campaigns.rules import CampaignView, NotAllowed, Plan, State, check_move, checked
from regulars.outreach.channels import CHANNELS
from regulars.outreach.models import Campaign, CampaignMove

LOCK_SPACE = 0x43616D70  # "Camp"


class CampaignChanged(DomainError):
    """Somebody saved this draft since the page was opened."""

    code = "campaign_changed"


class OwnApproval(DomainError):
    """Campaigns are approved by somebody else than who wrote them."""

    code = "own_approval"


@transaction.atomic
def create(*, plan: Plan, actor: str, at: datetime, copied_from: int | None = None) -> int:
    """A new draft; returns its id.

    Raises:
        InvalidCampaign: Something about it cannot be so.
        InvalidContent: A text cannot be sent.
    """
    made = Campaign.objects.create(
        **_kept(plan), salt=new_salt(), copied_from_id=copied_from, created_at=at, created_by=actor,
        changed_at=at, changed_by=actor,
    )  # fmt: skip
    _note(made.pk, "", State.DRAFT, actor, at)
    return made.pk


@transaction.atomic
def change(*, campaign_id: int, plan: Plan, after: int, actor: str, at: datetime) -> int:
    """Save a draft anew; returns its revision.

    Args:
        after: The revision that the change was written upon.
    Raises:
        NoCampaign, InvalidCampaign, InvalidContent.
        NotAllowed: It is no draft any more.
        CampaignChanged: Somebody saved it meanwhile.
    """
    view = _locked(campaign_id)
    if view.state is not State.DRAFT:
        raise NotAllowed("Only a draft can be changed; make a copy of this campaign.", state=str(view.state))
    if view.revision != after:
        raise CampaignChanged("Somebody saved this draft meanwhile.")
    Campaign.objects.filter(pk=campaign_id).update(**_kept(plan), revision=after + 1, changed_at=at, changed_by=actor)
    return after + 1


@transaction.atomic
def draw_again(*, campaign_id: int) -> None:
    """Draw anew who is held out of a draft. Nothing is known of what comes of it, so any draw is as fair as another.

    Raises:
        NoCampaign.
        NotAllowed: It is no draft any more.
    """
    if (view := _locked(campaign_id)).state is not State.DRAFT:
        raise NotAllowed("Only a draft can be drawn anew.", state=str(view.state))
    Campaign.objects.filter(pk=campaign_id).update(salt=new_salt())


@transaction.atomic
def copy(*, campaign_id: int, actor: str, at: datetime) -> int:
    """A new draft like an old campaign, whatever became of that; returns its id.

    Raises:
        NoCampaign: There is none.
    """
    return create(plan=_locked(campaign_id).plan, actor=actor, at=at, copied_from=campaign_id)


@transaction.atomic
def approve(
    *, campaign_id: int, revision: int, segment_version: int | None, by_another: bool, actor: str, at: datetime
) -> None:
    """Say that a draft may run as it stands; whom its segment means and what its offer promises is frozen.

    Args:
        revision: What was looked at.
        by_another: Whether the setting asks for somebody else than who wrote it.
    Raises:
        NoCampaign, NotAllowed.
        CampaignChanged: Somebody saved it meanwhile.
        OwnApproval: It was written or last changed by the same person.
        NoOffer: There is no such offer.
        OfferArchived: The offer was put away.
    """
    view = _locked(campaign_id)
    check_move(view.state, State.APPROVED)
    if view.revision != revision:
        raise CampaignChanged("Somebody saved this draft meanwhile.")
    if by_another and actor in (view.created_by, view.changed_by):
        raise OwnApproval("Somebody else has to approve what you wrote.")
    offer_version = _live_version(view.plan.offer_id)
    _move(view, State.APPROVED, actor, at, segment_version=segment_version, offer_version=offer_version)


@transaction.atomic
def withdraw(*, campaign_id: int, actor: str, at: datetime) -> None:
    """Make an approved campaign that has not started a draft again.

    Raises:
        NoCampaign, NotAllowed.
    """
    view = _locked(campaign_id)
    check_move(view.state, State.DRAFT)
    _move(view, State.DRAFT, actor, at, segment_version=None, offer_version=None, revision=view.revision + 1)


@transaction.atomic
def begin(*, campaign_id: int, set_name: str, picture_day: date | None, actor: str, at: datetime) -> CampaignView:
    """An approved campaign runs from this moment on; who gets it is decided next.

    Args:
        set_name: The picture that tells who is in the segment; '' for a list of customers.
    Raises:
        NoCampaign, NotAllowed.
    """
    view = _locked(campaign_id)
    if view.state is not State.APPROVED:
        raise NotAllowed("Only an approved campaign can start.", state=str(view.state))
    _move(view, State.RUNNING, actor, at, started_at=at, set_name=set_name, picture_day=picture_day)
    return view_of(Campaign.objects.get(pk=campaign_id))


def look_again(*, campaign_id: int, set_name: str, picture_day: date | None) -> None:
    """The picture that a broken start looked at is gone: it goes on with another one."""
    Campaign.objects.filter(pk=campaign_id, queued_at=None).update(set_name=set_name, picture_day=picture_day)


def note_queued(*, campaign_id: int, at: datetime) -> None:
    """Everybody was decided."""
    Campaign.objects.filter(pk=campaign_id, queued_at=None).update(queued_at=at)


@transaction.atomic
def pause(*, campaign_id: int, actor: str, at: datetime, reason: str = "") -> None:
    """Nothing more leaves until somebody resumes it.

    Raises:
        NoCampaign, NotAllowed.
    """
    _change_state(campaign_id, State.PAUSED, actor, at, reason)


@transaction.atomic
def resume(*, campaign_id: int, actor: str, at: datetime) -> None:
    """Messages leave again.

    Raises:
        NoCampaign, NotAllowed: It is not paused.
    """
    view = _locked(campaign_id)
    if view.state is not State.PAUSED:
        raise NotAllowed("Only a paused campaign can be resumed.", state=str(view.state))
    _move(view, State.RUNNING, actor, at)


@transaction.atomic
def stop(*, campaign_id: int, actor: str, at: datetime, reason: str = "") -> None:
    """Nothing more leaves, for good.

    Raises:
        NoCampaign, NotAllowed.
    """
    _change_state(campaign_id, State.STOPPED, actor, at, reason)


@transaction.atomic
def finish_if_running(*, campaign_id: int, at: datetime, actor: str = "") -> bool:
    """The window of a campaign is over: nothing more leaves. False, and nothing changes, if it does not run.

    Raises:
        NoCampaign: There is none.
    """
    view = _locked(campaign_id)
    runs = view.state in (State.RUNNING, State.PAUSED)
    if runs:
        _move(view, State.DONE, actor, at)
    return runs


def _live_version(offer_id: int | None) -> int | None:
    """The version of an offer on which coupons are issued now."""
    if offer_id is None:
        return None
    offer = offers.offer(offer_id)
    if offer.archived_at is not None:
        raise OfferArchived("This offer was put away; bring it back first.")
    return offer.version


def _change_state(campaign_id: int, to: State, actor: str, at: datetime, reason: str) -> None:
    view = _locked(campaign_id)
    check_move(view.state, to)
    _move(view, to, actor, at, reason)


def _locked(campaign_id: int) -> CampaignView:
    row = Campaign.objects.select_for_update(no_key=True).filter(pk=campaign_id).first()
    if row is None:
        raise NoCampaign("There is no such campaign.")
    return view_of(row)


def _move(view: CampaignView, to: State, actor: str, at: datetime, reason: str = "", **changes: Any) -> None:
    Campaign.objects.filter(pk=view.id).update(state=str(to), **changes)
    _note(view.id, view.state, to, actor, at, reason)


def _note(campaign_id: int, from_state: str, to: State, actor: str, at: datetime, reason: str = "") -> None:
    CampaignMove.objects.create(
        campaign_id=campaign_id, from_state=str(from_state), to_state=str(to), at=at, by=actor, reason=reason
    )


def _kept(plan: Plan) -> dict[str, Any]:
    """The columns of a plan that holds."""
    checked(plan, channels=CHANNELS)
    content.check(plan.content, has_offer=plan.offer_id is not None)
    names = {language: words.strip() for language, words in plan.name._asdict().items() if words.strip()}
    told = {name: getattr(plan, name) for name in KEPT_AS_IS}
    customers = sorted(set(plan.customers)) if plan.customers is not None else None
    said = {language: asdict(message) for language, message in plan.content.items()}
    return {**told, "names": names, "content": said, "customers": customers}


def only_one(campaign_id: int) -> AbstractContextManager[bool]:
    """False when another process decides about this campaign at the moment; the lock ends with its connection."""
    return locks.tried(connection, LOCK_SPACE, campaign_id)


def keep_running(*, campaign_id: int) -> bool:
    """Whether a campaign runs; if so, nobody stops or pauses it before the caller's transaction ends."""
    rows = bulk.run(connection, "SELECT state FROM outreach_campaign WHERE id = %s FOR SHARE", [campaign_id])
    return bool(rows) and rows[0][0] == State.RUNNING
