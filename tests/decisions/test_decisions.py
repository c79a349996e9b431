"""The trace: for everyone once, never changed, and found again from the matter and from the customer."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from regulars.core import bulk
from regulars.decisions import actions, queries
from regulars.decisions.models import Decision
from regulars.decisions.rules import About, AboutKind, NewDecision, Outcome
from tests.concurrency.crowd import at_once, failures

AT = datetime(2026, 3, 1, 10, tzinfo=UTC)
CAMPAIGN = About(AboutKind.CAMPAIGN, 7)
ALERT = About(AboutKind.ALERT, 7)
CAPPED = {"most": 2, "days": 7, "had": 2}
MADE = [
    NewDecision(4, Outcome.SUPPRESSED, "frequency_cap", CAPPED),
    NewDecision(1, Outcome.CHOSEN, "chosen"),
    NewDecision(2, Outcome.CHOSEN, "chosen"),
    NewDecision(3, Outcome.HELD_OUT, "hold_out"),
    NewDecision(5, Outcome.SUPPRESSED, "no_address"),
    NewDecision(6, Outcome.SUPPRESSED, "no_address"),
]


@pytest.mark.django_db
class TestTrace:
    def test_everyone_has_a_reason(self) -> None:
        assert actions.record_many(about=CAMPAIGN, decisions=MADE, at=AT) == 6
        assert [(one.outcome, one.reason, one.customers) for one in queries.counts(CAMPAIGN)] == [
            (Outcome.CHOSEN, "chosen", 2),
            (Outcome.HELD_OUT, "hold_out", 1),
            (Outcome.SUPPRESSED, "no_address", 2),
            (Outcome.SUPPRESSED, "frequency_cap", 1),
        ]
        assert queries.arms(CAMPAIGN) == {Outcome.CHOSEN: 2, Outcome.HELD_OUT: 1, Outcome.SUPPRESSED: 3}
        (capped,) = queries.page(CAMPAIGN, reason="frequency_cap", most=10)
        assert (capped.customer_id, capped.numbers, capped.decided_at, capped.about) == (4, CAPPED, AT, CAMPAIGN)

    def test_said_again_the_first_stands(self) -> None:
        actions.record_many(about=CAMPAIGN, decisions=MADE[:3], at=AT)
        again = [NewDecision(1, Outcome.HELD_OUT, "hold_out"), *MADE[1:]]
        assert actions.record_many(about=CAMPAIGN, decisions=again, at=AT + timedelta(days=1)) == 3
        assert queries.ids(CAMPAIGN, Outcome.CHOSEN) == [1, 2]
        assert queries.found(CAMPAIGN, [1, 3, 99]).keys() == {1, 3}
        assert actions.record_many(about=CAMPAIGN, decisions=[], at=AT) == 0

    def test_of_two_for_one_customer_in_a_batch_the_first_stands(self) -> None:
        twice = [NewDecision(1, Outcome.CHOSEN, "chosen"), NewDecision(1, Outcome.HELD_OUT, "hold_out")]
        assert actions.record_many(about=CAMPAIGN, decisions=twice, at=AT) == 1
        assert queries.ids(CAMPAIGN, Outcome.CHOSEN) == [1]

    def test_matters_do_not_mix(self) -> None:
        actions.record_many(about=CAMPAIGN, decisions=MADE, at=AT)
        actions.record_many(about=ALERT, decisions=MADE[1:2], at=AT)
        assert queries.arms(ALERT)[Outcome.CHOSEN] == 1
        assert queries.counts(About(AboutKind.CAMPAIGN, 8)) == []

    def test_pages_and_portions_follow_one_another(self) -> None:
        actions.record_many(about=CAMPAIGN, decisions=MADE, at=AT)
        first = queries.page(CAMPAIGN, most=2, outcome=Outcome.SUPPRESSED)
        assert [one.customer_id for one in first] == [4, 5]
        rest = queries.page(CAMPAIGN, most=2, outcome=Outcome.SUPPRESSED, after=5)
        assert [one.customer_id for one in rest] == [6]
        assert list(queries.chunks(CAMPAIGN, Outcome.SUPPRESSED, size=2)) == [[4, 5], [6]]

    def test_a_customer_is_found_under_all_the_ids_of_the_group(self) -> None:
        actions.record_many(about=CAMPAIGN, decisions=MADE, at=AT)
        actions.record_many(about=ALERT, decisions=[NewDecision(2, Outcome.SUPPRESSED, "x")], at=AT + timedelta(days=1))
        found = queries.of_customer([2, 3])
        assert [(one.about.kind, one.customer_id) for one in found] == [(3, 2), (1, 3), (1, 2)]
        assert len(queries.of_customer([2, 3], most=1)) == 1

    @pytest.mark.parametrize("change", ["UPDATE decisions_decision SET reason = 'x'", "DELETE FROM decisions_decision"])
    def test_the_database_refuses_to_change_it(self, change: str) -> None:
        actions.record_many(about=CAMPAIGN, decisions=MADE, at=AT)
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            bulk.run(connection, change)
        assert Decision.objects.count() == 6

    @pytest.mark.parametrize(("outcome", "reason"), [(9, "chosen"), (1, "")])
    def test_the_database_refuses_what_means_nothing(self, outcome: int, reason: str) -> None:
        with pytest.raises(DatabaseError), transaction.atomic():
            actions.record_many(about=CAMPAIGN, decisions=[NewDecision(1, outcome, reason)], at=AT)  # type: ignore[arg-type]


@pytest.mark.django_db(transaction=True)
def test_two_who_decide_at_once_leave_one_trace() -> None:
    ways = [[NewDecision(who, outcome, "x") for who in range(1, 500)] for outcome in (Outcome.CHOSEN, Outcome.HELD_OUT)]
    told = [lambda way=way: actions.record_many(about=CAMPAIGN, decisions=way[::-1], at=AT) for way in ways]  # type: ignore[misc]
    results = at_once(told * 3)
    assert failures(results) == []
    assert sum(results) == 499  # type: ignore[arg-type]
    assert Decision.objects.count() == 499
