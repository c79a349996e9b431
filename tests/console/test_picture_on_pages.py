"""The picture on the pages about customers, the overview and the list of members."""

from typing import Any

import pytest
from django.test import Client

from regulars.console.overview.insight import DUE, HIGH, QUIET
from regulars.core.bilingual import Text
from regulars.core.conditions import read
from regulars.facts import figures as facts
from regulars.flows.picture_fields import picture_fields
from regulars.insight import queries as insight
from regulars.insight.compute import loyalty_index
from regulars.insight.tags import actions as tags
from regulars.insight.tags import queries as tagged
from regulars.loyalty.membership import number_of
from regulars.staff import queries as people

from ..flows.world import query
from .pictured import FIRST
from .shop import a_shop, counted, days_ago, staff

pytestmark = pytest.mark.django_db


def url_of(customer_id: int) -> str:
    return f"/customers/{number_of(customer_id)}/"


def one(**wanted: Any) -> int:
    """Some customer of the picture with these values."""
    found = insight.pictures(columns=list(wanted), limit=500)
    return next(row.customer_id for row in found if all(row[name] == value for name, value in wanted.items()))


def hang(name: str = "VIP") -> int:
    return tags.create(name=Text(name, name), actor="user:1", at=days_ago(1))


class TestTheCustomersPage:
    def test_every_score_comes_with_its_reason(self, pictured: Any) -> None:
        who = one(stage="at_risk")
        row = insight.picture_of(who)
        assert row is not None
        page = staff().get(url_of(who))
        scores = page.context["scores"]
        assert scores.stage.label.said == (
            f"Silent for {row['recency_days']} days, usually comes every {row['usual_gap_days']:.0f}."
        )
        assert (scores.rhythm.silent_days, scores.rhythm.basis) == (row["recency_days"], "own")
        assert [score.score for score in scores.scores] == [
            row["recency_score"], row["frequency_score"], row["monetary_score"],
        ]  # fmt: skip
        assert scores.loyalty == row["loyalty_index"]
        assert {part.label for part in scores.parts} <= {part.label.en for part in loyalty_index.PARTS.values()}
        assert len(scores.churn.reasons) == len(row["churn_reasons"])
        assert not any(reason.words.endswith(("↑", "↓")) for reason in scores.churn.reasons)
        assert "as of the morning of" in page.text

    def test_the_same_in_chinese(self, pictured: Any) -> None:
        page = staff(language="zh-hans").get(url_of(one(stage="at_risk")))
        assert "天没来，" in page.context["scores"].stage.label.said
        assert page.context["scores"].group.name.endswith("客户")

    def test_who_most_likely_never_comes_again_is_told_so(self, pictured: Any) -> None:
        page = staff().get(url_of(one(expected_orders_high=0)))
        assert page.context["scores"].ahead.is_nothing
        assert "Most likely nothing" in page.text

    def test_who_is_not_in_the_picture_yet_gets_one_quiet_line(self, pictured: Any) -> None:
        query(
            """INSERT INTO customers_customer (id, canonical_id, name, language, joined_on, created_at, hidden)
               VALUES (77, 77, 'New', '', '2026-03-02', now(), false) RETURNING id"""
        )
        page = staff().get(url_of(77))
        assert page.context["scores"] is None
        assert "Not in the picture yet" in page.text

    def test_moves_between_stages_are_on_the_timeline(self, pictured: Any) -> None:
        query(
            """INSERT INTO insight_stagemove (customer_id, day, from_stage, to_stage, cause, numbers, refresh_id)
               SELECT %s, moves.day, before, after, 'silent_own', '{"recency_days": 41, "usual_gap_days": 12.4}', id
               FROM insight_refresh, (VALUES ('2026-02-01'::date, '', 'active'), ('2026-03-01', 'active', 'at_risk'))
                 AS moves (day, before, after) RETURNING id""",
            [FIRST],
        )
        events = staff().get(url_of(FIRST)).context["timeline"].events
        assert [(event.title, event.details) for event in events] == [
            ("Stage: Active → At risk", ["Silent for 41 days, usually comes every 12."])
        ]

    def test_somebody_of_one_store_sees_the_card_but_no_way_to_all_customers(
        self, pictured: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        query("INSERT INTO catalogue_store (code, name) VALUES ('S1', '') RETURNING id")
        monkeypatch.setattr(facts, "bought_in", lambda customer_id, stores: customer_id == FIRST)
        page = staff("service", stores=["S1"]).get(url_of(FIRST))
        assert page.context["scores"] is not None
        assert "/people/" not in page.text

    def test_it_costs_the_same_however_much_hangs_there(self, pictured: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        owner = staff()
        owner.get(url_of(FIRST))
        with counted(monkeypatch) as before:
            owner.get(url_of(FIRST))
        for number in range(5):
            tags.give(tag_id=hang(f"T{number}"), customer_ids=[FIRST], actor="user:1", at=days_ago(0.5))
        with counted(monkeypatch) as after:
            owner.get(url_of(FIRST))
        assert len(after) <= len(before) + 1  # looking up who gave them
        assert len(after) <= 45


class TestTagsByHand:
    def send(self, client: Client, tag: object, do: str, who: int = FIRST) -> Any:
        return client.post(f"{url_of(who)}tags/", {"tag": tag, "do": do}, headers={"HX-Request": "true"})

    def test_given_and_taken_off_and_recorded(self, pictured: Any) -> None:
        tag, client = hang(), staff("service")
        card = self.send(client, tag, "give")
        assert "given by Lin" in card.text
        assert [given.tag_id for given in tagged.tags_of(FIRST, at=days_ago(-1))] == [tag]
        assert "VIP" not in self.send(client, tag, "take").text.split("<select")[0]
        assert tagged.tags_of(FIRST, at=days_ago(-1)) == []
        lines = [line for line in people.audit_trail(limit=5) if line.action.startswith("tags.")]
        assert [(line.action, line.subject_id, line.detail) for line in lines] == [
            ("tags.take", str(FIRST), {"tag": tag}),
            ("tags.give", str(FIRST), {"tag": tag}),
        ]

    @pytest.mark.parametrize("tag", ["", "x", "9999", "1e3"])
    def test_an_unknown_tag_changes_nothing(self, pictured: Any, tag: str) -> None:
        assert self.send(staff(), tag, "give").status_code == 200
        assert tagged.tags_of(FIRST, at=days_ago(-1)) == []

    def test_a_viewer_may_not(self, pictured: Any) -> None:
        tag, client = hang(), staff("viewer")
        assert self.send(client, tag, "give").status_code == 403
        assert "Give the tag" not in client.get(url_of(FIRST)).text

    def test_nobody_tags_a_customer_of_another_store(self, pictured: Any) -> None:
        query("INSERT INTO catalogue_store (code, name) VALUES ('S1', '') RETURNING id")
        assert self.send(staff("service", stores=["S1"]), hang(), "give").status_code == 404


class TestTheOverview:
    def at_work(self) -> Client:
        a_shop()
        return staff()

    def test_it_opens_with_what_is_worth_most_and_says_what_to_do(self, pictured: Any) -> None:
        page = self.at_work().get("/")
        told = page.context["insight"]
        worth = {
            kind: sum(one.sums["value_minor"] for one in insight.counts_by(["stage"], where=tree, sums=["value_minor"]))
            for kind, tree in (
                ("gone quiet", read(QUIET, picture_fields())),
                ("due back", read(DUE, picture_fields())),
                ("likely to leave", read(HIGH, picture_fields())),
            )
        }  # fmt: skip
        assert max(worth, key=lambda kind: worth[kind]) in told.title
        assert staff("marketer").get(told.people_url).context["summary"].customers
        assert staff("viewer").get("/").context["insight"].segment_url == ""
        assert "/segments/" in told.segment_url

    def test_the_map_is_of_everybody_who_bought(self, pictured: Any) -> None:
        page = self.at_work().get("/")
        assert sum(line.customers for line in page.context["lines"]) == page.context["buyers"] > 0
        assert round(sum(line.area.width * line.area.height for line in page.context["lines"])) == 155_000

    def test_a_failed_refresh_is_said_where_people_look_first(self, pictured: Any) -> None:
        owner = self.at_work()
        assert "The last try failed" not in owner.get("/").text
        query(
            """INSERT INTO insight_refresh
                 (day, started_at, finished_at, status, failure_code, failure, set_name, counts)
               VALUES ('2026-03-02', now() + interval '1 second', now(), 'failed', 'x', '', '', '{}') RETURNING id"""
        )
        assert "The last try failed" in owner.get("/").text

    def test_without_a_picture_or_the_right_to_it_the_page_is_as_it_was(self, pictured: Any) -> None:
        self.at_work()
        page = staff("viewer", stores=["S1"]).get("/")
        assert "insight" not in page.context
        assert "value-map" not in page.text

    def test_it_asks_little_once_it_knows(self, pictured: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        owner = self.at_work()
        owner.get("/")
        with counted(monkeypatch) as seen:
            owner.get("/")
        assert len(seen) <= 32


class TestTheListOfMembers:
    def test_the_shown_rows_carry_what_the_picture_says_in_one_question(
        self, pictured: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked: list[int] = []
        look = insight.pictures

        def looking(**more: Any) -> Any:
            asked.append(len(more["among"]))
            return look(**more)

        monkeypatch.setattr(insight, "pictures", looking)
        page = staff().get("/customers/")
        rows = page.context["rows"]
        assert asked == [len(rows)]
        assert page.context["has_picture"]
        line, told = next((line, told) for line, told in rows if told is not None)
        row = insight.picture_of(line.customer_id)
        assert row is not None
        assert told.churn.level == row["churn_level"]
        assert told.churn.risk == (None if row["churn_risk"] is None else 100 * row["churn_risk"])
        assert [score.score for score in told.scores] == [int(digit) for digit in str(row["rfm"])]

    def test_without_a_picture_the_list_is_as_it_was(self, db: None) -> None:
        a_shop()
        page = staff().get("/customers/")
        assert not page.context["has_picture"]
        assert "RFM" not in page.text
