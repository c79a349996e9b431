"""Plans to write campaigns from, and a draft made of one."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from regulars.core.bilingual import Text
from regulars.outreach.campaigns import actions
from regulars.outreach.campaigns.rules import Message, Plan

START = datetime(2026, 6, 1, 2, tzinfo=UTC)
ZH = Message("{{ shop }}想你了", "{{ name | default: '您' }}好，好久不见，{{ shop }}等你回来。")
EN = Message("We miss you", "Dear {{ name }}, it has been a while since {{ last_visit }}.")
WIN_BACK = Plan(
    name=Text("六月召回", "June win-back"), goal="win_back", channel="email", content={"zh": ZH, "en": EN},
    customers=(1, 2, 3),
)  # fmt: skip


def plan(**changes: Any) -> Plan:
    return replace(WIN_BACK, **changes)


def draft(actor: str = "user:1", **changes: Any) -> int:
    return actions.create(plan=plan(**changes), actor=actor, at=START)


def later(**time: float) -> datetime:
    return START + timedelta(**time)
