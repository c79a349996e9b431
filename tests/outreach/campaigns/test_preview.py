"""A dry run tells what would be read and what could be proved, from the audience's own past."""

from decimal import Decimal

import pytest

from regulars.core.bilingual import Text
from regulars.flows.preview_campaign import preview_campaign
from regulars.flows.record_facts import record_facts
from regulars.flows.settings import programme
from regulars.loyalty.coupons import actions as coupons
from regulars.loyalty.coupons.rules import OfferKind, Terms
from regulars.outreach.campaigns.rules import Message
from tests.flows.world import counts, order
from tests.outreach.campaigns.plans import START, draft, later
from tests.outreach.campaigns.town import Town


def test_samples_are_real_customers_in_each_language_with_a_code_that_nobody_can_use(town: Town) -> None:
    offer = coupons.create(
        name=Text("券", ""), terms=Terms(OfferKind.AMOUNT_OFF, 1_000, min_spend_minor=3_000, days_valid=14), actor="",
        at=START,
    )  # fmt: skip
    said = {
        "zh": Message("{{ shop }}", "{{ name }}，{{ offer }}，{{ code }}，{{ expires }}前有效"),
        "en": Message("{{ shop }}", "{{ name }}: {{ offer }} until {{ expires }} with {{ code }}"),
    }
    chinese, english = town.settle(1)[0], town.settle(1, language="en")[0]
    town.picture()
    one = draft(segment_id=town.segment, customers=None, content=said, offer_id=offer, held_out_percent=Decimal("0.01"))
    found = preview_campaign(campaign_id=one, at=later(hours=3))
    read = {sample.customer_id: sample.message for sample in found.samples}
    assert read[chinese] == Message("山茶咖啡", f"Guest {chinese}，满30元减10元，XXXX-XXXX-XXXX，2026年6月15日前有效")
    assert read[english].body == f"Guest {english}: ¥10 off from ¥30 until 15 Jun 2026 with XXXX-XXXX-XXXX"


def test_what_could_be_proved_comes_from_the_audience_s_own_past(town: Town) -> None:
    people = town.settle(400)
    town.picture()
    policies, zone = programme()
    facts = [order(f"o{who}", f"N{who}", later(days=-3), 10_000) for who in people[:200]]
    facts += [order(f"p{who}", f"N{who}", later(days=-40), 99_000) for who in people]
    record_facts(facts=facts, policies=policies, zone=zone, at=later())
    before = counts()
    found = preview_campaign(
        campaign_id=draft(segment_id=town.segment, customers=None, held_out_percent=Decimal(50)), at=later(hours=3)
    ).prospect
    assert (found.customers, found.held_out) == (400, 200)
    # Half of them spent 100.00 in the thirty days before: a deviation of 50.00, and 2.80 standard errors of it.
    assert found.smallest_minor == pytest.approx(2.8016 * 5_000 * (2 / 200) ** 0.5, rel=1e-3)
    assert found.smallest_share == pytest.approx(found.smallest_minor / 5_000)
    assert counts() == before


def test_a_hold_out_of_nobody_and_an_empty_segment_are_told_and_not_refused(town: Town) -> None:
    town.settle(2)
    town.picture(dict.fromkeys(town.people, 3))
    found = preview_campaign(
        campaign_id=draft(
            segment_id=town.segment, customers=None, held_out_percent=Decimal(0), no_hold_out_reason="A promise"
        ),
        at=later(hours=3),
    )
    assert (found.preview.considered, found.samples) == (0, ())
    assert found.prospect.verdict.code == "too_few"


def test_whoever_was_chosen_for_being_silent_is_judged_by_the_time_before_the_silence(town: Town) -> None:
    people = town.settle(400)
    town.picture()
    policies, zone = programme()
    facts = [order(f"o{who}", f"N{who}", later(days=-45), 10_000) for who in people[:200]]
    record_facts(facts=facts, policies=policies, zone=zone, at=later())
    found = preview_campaign(
        campaign_id=draft(segment_id=town.segment, customers=None, held_out_percent=Decimal(50)), at=later(hours=3)
    ).prospect
    # In one stretch of six half of them spent 100.00, in the others nobody did anything: a twelfth of all that counts.
    deviation = 10_000 * (1 / 12 * 11 / 12) ** 0.5
    assert found.smallest_minor == pytest.approx(2.8016 * deviation * (2 / 200) ** 0.5, rel=1e-3)
    assert found.verdict.code != "too_few"
