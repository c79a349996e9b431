"""What holds for every campaign: kept whole, and refused when it cannot be so."""

from dataclasses import replace
from datetime import time
from decimal import Decimal

import pytest

from regulars.outreach import actions, queries
from regulars.outreach.rules import InvalidSettings, OutreachSettings


@pytest.mark.django_db
def test_defaults_hold_until_somebody_changes_them() -> None:
    assert queries.settings() == OutreachSettings()
    told = OutreachSettings(cap_most=1, cap_days=14, sends_from=time(9), sends_until=time(20), approved_by_another=True)
    actions.change_settings(told=told)
    actions.change_settings(told=replace(told, cap_most=3))
    assert queries.settings() == replace(told, cap_most=3)


@pytest.mark.django_db
def test_what_a_message_costs_is_kept_by_channel_to_parts_of_a_cent() -> None:
    assert queries.message_cost("email") == 0
    actions.change_costs(costs={"email": Decimal("0.12345"), "copy_list": Decimal(50)})
    actions.change_costs(costs={"copy_list": Decimal(0)})
    assert queries.message_costs() == {"email": Decimal("0.1234")}
    with pytest.raises(InvalidSettings) as refused:
        actions.change_costs(costs={"email": Decimal("-0.01")})
    assert refused.value.context["field"] == "cost_email"


@pytest.mark.parametrize(
    ("change", "field"),
    [({"cap_most": 0}, "cap_most"), ({"cap_days": 91}, "cap_days"), ({"sends_until": time(8)}, "sends_from")],
)
def test_a_setting_out_of_range_is_refused_by_its_name(change: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidSettings) as refused:
        actions.change_settings(told=replace(OutreachSettings(), **change))  # type: ignore[arg-type]
    assert refused.value.context["field"] == field
