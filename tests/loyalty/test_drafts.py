"""Drafts of the programme: each step, what a change takes back, who may approve, and two people at once."""

import threading
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connections, transaction
from django.db.utils import IntegrityError
from django.utils import timezone

from regulars.core.errors import DomainError
from regulars.loyalty import drafts_view, programme_view
from regulars.loyalty.actions import ProgrammeChanged, drafts, launch
from regulars.loyalty.actions.drafts import DraftChanged, DraftEnded, NotApproved, OwnApproval
from regulars.loyalty.drafts_view import DraftState, NoDraft
from regulars.loyalty.models import ProgrammeDraft
from regulars.loyalty.presets import PRESETS
from regulars.loyalty.rules import InvalidPolicy, Policy, preset_terms
from tests.flows.world import World, order, when

TERMS = preset_terms(2)
HALF = {**TERMS, "minor_per_point": 50}
LIN, WU = "user:1", "user:2"


def begin(terms: dict[str, Any] = HALF) -> int:
    return drafts.begin(terms=terms, names={"zh": " 半价 ", "en": ""}, time_zone="UTC", actor=LIN, at=timezone.now())


def change(draft: int, terms: dict[str, Any], after: int, actor: str = LIN) -> int:
    return drafts.change(
        draft_id=draft, terms=terms, after=after, time_zone="UTC", actor=actor, at=timezone.now()
    )  # fmt: skip


def approve(draft: int, revision: int = 1, actor: str = WU) -> None:
    drafts.approve(draft_id=draft, revision=revision, by_another=True, actor=actor, at=timezone.now())


def live(draft: int, revision: int = 1, *, by_another: bool = True, actor: str = WU) -> int:
    return drafts.launch(
        draft_id=draft, revision=revision, by_another=by_another, time_zone="UTC", actor=actor, at=timezone.now()
    )


def used() -> World:
    """A programme that has decided something, so a version stays when another one comes."""
    world = World(now="2026-05-01 12:00")
    world.tell(order("o", "m", when("2026-04-01 10:00"), 100_00))
    return world


@pytest.mark.django_db
class TestOnItsWay:
    def test_from_draft_to_live(self) -> None:
        used()
        one = begin()
        before = programme_view.current()
        assert before is not None
        view = drafts_view.draft(one)
        assert (view.state, view.based_on, view.names, view.revision) == ("draft", before.number, {"zh": "半价"}, 1)
        assert drafts.mark_simulated(digest=view.digest, actor=LIN, at=timezone.now()) == 1
        assert drafts_view.draft(one).state is DraftState.SIMULATED
        approve(one)
        assert live(one) == before.number + 1
        view, version = drafts_view.draft(one), programme_view.current()
        assert version is not None
        assert (view.state, view.launched, version.terms["minor_per_point"]) == ("launched", version.number, 50)
        assert drafts_view.launched()[version.number].approved is not None

    def test_a_change_of_the_terms_takes_back_what_was_said_of_the_old_ones(self) -> None:
        one = begin()
        drafts.mark_simulated(digest=drafts_view.draft(one).digest, actor=LIN, at=timezone.now())
        approve(one)
        assert change(one, {**HALF, "time_zone": "Asia/Shanghai"}, after=1) == 1, "the same terms change nothing"
        assert drafts_view.draft(one).state is DraftState.APPROVED
        assert change(one, TERMS, after=1, actor=WU) == 2
        view = drafts_view.draft(one)
        assert (view.state, view.simulated, view.approved) == (DraftState.DRAFT, None, None)
        with pytest.raises(OwnApproval):
            approve(one, revision=2)
        assert drafts.mark_simulated(digest=drafts_view.draft(begin()).digest, actor=LIN, at=timezone.now()) == 1

    def test_nobody_approves_what_they_wrote(self) -> None:
        one = begin()
        with pytest.raises(OwnApproval):
            approve(one, actor=LIN)
        with pytest.raises(NotApproved):
            live(one)
        drafts.approve(draft_id=one, revision=1, by_another=False, actor=LIN, at=timezone.now())
        with pytest.raises(NotApproved):  # approved before the setting asked for somebody else
            live(one, by_another=True)
        assert live(one, by_another=False)

    def test_another_version_that_is_live_by_now_is_not_overwritten(self) -> None:
        used()
        one = begin()
        launch(terms=TERMS, live_from=timezone.now(), time_zone="UTC", actor=WU, at=timezone.now())
        with pytest.raises(ProgrammeChanged):
            live(one, by_another=False)
        assert drafts_view.draft(one).is_open
        assert drafts.rebase(draft_id=one, after=1, actor=LIN, at=timezone.now()) == 2
        assert live(one, 2, by_another=False) == 3

    def test_what_ended_cannot_be_changed(self) -> None:
        one = begin()
        drafts.discard(draft_id=one, actor=LIN, at=timezone.now())
        for step in (
            lambda: change(one, TERMS, after=1),
            lambda: approve(one),
            lambda: live(one),
            lambda: drafts.discard(draft_id=one, actor=LIN, at=timezone.now()),
        ):
            with pytest.raises(DraftEnded):
                step()
        with pytest.raises(NoDraft):
            change(one + 1, TERMS, after=1)

    def test_terms_that_contradict_themselves_are_not_kept(self) -> None:
        with pytest.raises(InvalidPolicy):
            begin({**TERMS, "tiers": []})
        one = begin()
        with pytest.raises(InvalidPolicy):
            change(one, {**TERMS, "keeping": {"held": "for good"}}, after=1)
        with pytest.raises(DraftChanged):
            change(one, TERMS, after=2)
        with pytest.raises(DraftChanged):
            approve(one, revision=2)

    def test_the_database_refuses_a_state_without_its_steps(self) -> None:
        one = begin()
        for wrong in ({"state": "approved"}, {"state": "launched"}, {"state": "gone"}, {"digest": "x"}):
            with pytest.raises(IntegrityError), transaction.atomic():
                ProgrammeDraft.objects.filter(pk=one).update(**wrong)


@pytest.mark.parametrize("digits", [0, 2, 3])
@pytest.mark.parametrize("code", PRESETS)
def test_presets_are_programmes(code: str, digits: int) -> None:
    policy = Policy.from_terms(1, PRESETS[code].terms(digits), ZoneInfo("UTC"))
    # A bank gives no points on what is only moved.
    assert policy.minor_per_point == (0 if code == "bank" else 10**digits)
    assert policy.is_limited


def at_once(*steps: Callable[[], object]) -> list[str]:
    """What became of steps that begin together: 'done', or the code of the named error."""
    found, gate = [], threading.Barrier(len(steps))

    def run(step: Callable[[], object]) -> None:
        gate.wait()
        try:
            step()
            found.append("done")
        except DomainError as error:
            found.append(error.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[step]) for step in steps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(found)


@pytest.mark.django_db(transaction=True)
class TestTwoAtOnce:
    def test_two_launches_of_one_draft_make_one_version(self) -> None:
        used()
        one, before = begin(), len(programme_view.versions())
        assert at_once(*[lambda: live(one, by_another=False)] * 2) == ["done", "draft_ended"]
        assert len(programme_view.versions()) == before + 1

    def test_of_two_drafts_upon_one_version_one_goes_live(self) -> None:
        used()
        one, other = begin(), begin(TERMS)
        told = at_once(lambda: live(one, by_another=False), lambda: live(other, by_another=False))
        assert told == ["done", "programme_changed"]

    def test_two_approvals_are_one_and_an_approval_never_outlives_a_change(self) -> None:
        one = begin()
        assert at_once(lambda: approve(one), lambda: approve(one)) == ["done", "done"]
        told = at_once(lambda: change(one, TERMS, after=1), lambda: live(one))
        assert told in (["done", "draft_changed"], ["done", "draft_ended"])
        view = drafts_view.draft(one)
        assert view.state in (DraftState.DRAFT, DraftState.LAUNCHED)
