"""A campaign's way from a draft to its end: who may move it, and that nobody overwrites anybody."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from regulars.outreach.campaigns import actions, queries
from regulars.outreach.campaigns.actions import CampaignChanged, OwnApproval
from regulars.outreach.campaigns.queries import NoCampaign
from regulars.outreach.campaigns.rules import NotAllowed, State
from tests.outreach.campaigns.plans import START, draft, later, plan

pytestmark = pytest.mark.django_db


def approve(campaign_id: int, actor: str = "user:2", *, revision: int = 1, by_another: bool = False) -> None:
    actions.approve(
        campaign_id=campaign_id, revision=revision, segment_version=None, by_another=by_another, actor=actor,
        at=later(hours=1),
    )  # fmt: skip


def begin(campaign_id: int) -> None:
    actions.begin(campaign_id=campaign_id, set_name="", picture_day=None, actor="user:2", at=later(hours=2))


def state(campaign_id: int) -> State:
    return queries.campaign(campaign_id).state


def test_a_plan_is_kept_as_it_was_written() -> None:
    view = queries.campaign(draft(most_messages=500, pace_per_hour=60))
    assert view.plan == plan(most_messages=500, pace_per_hour=60)
    assert (view.state, view.revision, view.created_by, view.created_at) == (State.DRAFT, 1, "user:1", START)


def test_two_tabs_do_not_overwrite_each_other() -> None:
    one = draft()
    assert actions.change(campaign_id=one, plan=plan(window_days=14), after=1, actor="user:1", at=later(minutes=1)) == 2
    with pytest.raises(CampaignChanged):
        actions.change(campaign_id=one, plan=plan(window_days=60), after=1, actor="user:2", at=later(minutes=2))
    assert queries.campaign(one).plan.window_days == 14


def test_what_is_approved_is_what_was_looked_at_and_stays_so() -> None:
    one = draft()
    actions.change(campaign_id=one, plan=plan(window_days=14), after=1, actor="user:1", at=later(minutes=1))
    with pytest.raises(CampaignChanged):
        approve(one, revision=1)
    approve(one, revision=2)
    with pytest.raises(NotAllowed):
        actions.change(campaign_id=one, plan=plan(), after=2, actor="user:1", at=later(hours=3))


def test_nobody_approves_their_own_words_where_the_setting_asks() -> None:
    one = draft("user:1")
    actions.change(campaign_id=one, plan=plan(window_days=14), after=1, actor="user:3", at=later(minutes=1))
    for writer in ("user:1", "user:3"):
        with pytest.raises(OwnApproval):
            approve(one, writer, revision=2, by_another=True)
    approve(one, "user:2", revision=2, by_another=True)
    assert state(one) is State.APPROVED


def test_every_move_is_kept_with_who_and_when() -> None:
    one = draft()
    approve(one)
    begin(one)
    actions.pause(campaign_id=one, actor="user:1", at=later(hours=3), reason="a typing error")
    actions.resume(campaign_id=one, actor="user:2", at=later(hours=4))
    assert actions.finish_if_running(campaign_id=one, at=later(days=31))
    assert not actions.finish_if_running(campaign_id=one, at=later(days=32))
    assert [(move.to_state, move.by, move.reason) for move in queries.moves(one)] == [
        ("draft", "user:1", ""), ("approved", "user:2", ""), ("running", "user:2", ""),
        ("paused", "user:1", "a typing error"), ("running", "user:2", ""), ("done", "", ""),
    ]  # fmt: skip
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE outreach_campaignmove SET by = 'nobody'")


def test_a_state_goes_only_where_it_may() -> None:
    one = draft()
    for move in (actions.pause, actions.stop):
        with pytest.raises(NotAllowed):
            move(campaign_id=one, actor="user:1", at=later(hours=1))
    with pytest.raises(NotAllowed):
        begin(one)
    approve(one)
    with pytest.raises(NotAllowed):
        actions.resume(campaign_id=one, actor="user:1", at=later(hours=1))
    actions.stop(campaign_id=one, actor="user:1", at=later(hours=1))
    with pytest.raises(NotAllowed):
        begin(one)


def test_an_approval_can_be_taken_back_until_the_start() -> None:
    one = draft()
    approve(one)
    actions.withdraw(campaign_id=one, actor="user:1", at=later(hours=2))
    assert state(one) is State.DRAFT
    with pytest.raises(CampaignChanged):
        approve(one, revision=1)
    approve(one, revision=2)
    begin(one)
    with pytest.raises(NotAllowed):
        actions.withdraw(campaign_id=one, actor="user:1", at=later(hours=3))


def test_a_copy_is_a_draft_with_a_hold_out_of_its_own() -> None:
    one = draft()
    approve(one)
    begin(one)
    other = queries.campaign(actions.copy(campaign_id=one, actor="user:3", at=later(days=1)))
    first = queries.campaign(one)
    assert (other.plan, other.state, other.copied_from) == (first.plan, State.DRAFT, one)
    assert other.salt != first.salt
    assert other.started_at is None


def test_the_database_refuses_what_must_never_be() -> None:
    one = draft()
    for change in (
        "held_out_percent = 0", "state = 'running'", "customers = NULL", "window_days = 0", "sends_until = '07:00'",
        "goal = 'spam'", "most_messages = 0",
    ):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE outreach_campaign SET {change} WHERE id = %s", [one])


def test_there_is_no_such_campaign() -> None:
    with pytest.raises(NoCampaign):
        queries.campaign(10**9)
