"""`regulars demo-cafe`: a café that does not exist, with an alert to act on and a win-back whose effect is known."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from regulars.config import environment
from regulars.config.commands import insight
from regulars.config.commands import serve as serving
from regulars.config.commands.demo_state import DemoState, OnlyLoad, serve_demo, set_up
from regulars.config.commands.output import AsJson, answer, people

if TYPE_CHECKING:
    from regulars.facts.connectors.camellia import Camellia
    from regulars.outreach.campaigns.rules import Plan

FOLDER = "var-cafe"
EMAIL = "cafe@regulars.example"
NAME = "山茶咖啡 Camellia Coffee"
NOTICE_ZH = "示例数据：山茶咖啡并不存在，会员、订单和电话都由程序生成。"
NOTICE_EN = "Sample data: Camellia Coffee does not exist; its members, orders and phones were made up by a program."
STATE = DemoState("cafe.json")
BY = "demo"
CARD_BEGAN = timedelta(weeks=8)
HELD_OUT_PERCENT = Decimal(30)
"""More than the usual 10 %: in a café of this size fewer could not tell an effect from chance."""

LETTER = {
    "zh": (
        "好久不见",
        "{{ name }}，好久不见！{{ shop }}送你一张券：{{ offer }}，券码 {{ code }}，{{ expires }} 前有效。"
        "回来喝一杯吧。",
    ),
    "en": (
        "Long time no see",
        "{{ name }}, we have missed you! From {{ shop }}: {{ offer }}. Your code is {{ code }}, good until "
        "{{ expires }}. Come back for a cup.",
    ),
}


def demo_cafe(only_load: OnlyLoad = False, port: serving.Port = None, as_json: AsJson = False) -> None:
    """Load the sample café (once), in a data folder of its own, and serve the console."""
    os.environ.setdefault("REGULARS_DATA_DIR", FOLDER)
    state = STATE.loaded(_load)
    if only_load:
        answer({"facts": state["facts"], "email": EMAIL}, f"{state['facts']:,} facts are loaded.", as_json=as_json)
        return
    serve_demo(
        EMAIL, state, port=port,
        look_first="today's to-do list, then the win-back of three months ago and what it really did.",
    )  # fmt: skip


def _load(state: dict[str, Any]) -> None:
    """Everything from the first member to today's alerts; what a broken load has done already stays."""
    from django.utils import timezone

    from regulars.facts.connectors.camellia import CURRENCY, ZONE, Camellia
    from regulars.flows.load_cafe import load_members, load_orders
    from regulars.flows.measure_campaign import measure_campaign
    from regulars.flows.raise_alerts import raise_alerts
    from regulars.flows.settings import programme

    now = timezone.now()
    set_up(
        email=EMAIL, password=state["password"], live_from=datetime(2000, 1, 1, tzinfo=UTC), now=now, name=NAME,
        time_zone=ZONE, currency=CURRENCY, language="zh-hans", notice_zh=NOTICE_ZH, notice_en=NOTICE_EN,
        trade="cafe", terms=_terms(date.fromisoformat(state["on"])),
    )  # fmt: skip
    _reward(now)
    cafe = Camellia(on=date.fromisoformat(state["on"]))
    with _steps() as step:
        with step("Members"):
            ids = load_members(members=cafe.members, at=now)
        with step("Orders until the win-back"):
            before = load_orders(facts=cafe.facts(until=cafe.win_back_on), products=cafe.products(), at=now)
        with step("The win-back of three months ago"):
            told = state.get("win_back") or _win_back(cafe, state, ids)
        with step("Orders since then"):
            cafe.write_to(treated=told["treated"], held_out=told["held_out"])
            after = load_orders(facts=cafe.facts(since=cafe.win_back_on), products=(), at=now)
        with step("What the win-back did"):
            measure_campaign(campaign_id=told["campaign_id"], at=now)
            _keep_truth(cafe, told["campaign_id"])
        with step("The picture of today"):
            insight.run(None, lambda name: None)
        with step("Alerts"):
            raise_alerts(zone=programme()[1], at=timezone.now())
    STATE.keep({**state, "facts": before + after, "loaded": True, "win_back": told})
    state["facts"] = before + after


def _terms(on: date) -> dict[str, Any]:
    """The retail programme with a stamp card that began eight weeks ago: a stamp for each drink."""
    from regulars.facts.connectors.camellia.menu import COLD, HOT, MENU
    from regulars.loyalty.rules import preset_terms
    from regulars.loyalty.till.ready import with_stamp_card

    drinks = [item.sku for item in MENU if item.category in (HOT, COLD)]
    return with_stamp_card(preset_terms(2), products=drinks, starts=on - CARD_BEGAN)


def _reward(now: datetime) -> None:
    """Nine stamps for a cup; kept from a load that broke off."""
    from regulars.loyalty.rewards import actions as rewards
    from regulars.loyalty.rewards.refusals import RewardCodeTaken
    from regulars.loyalty.till.ready import FREE_CUP, REWARD

    with suppress(RewardCodeTaken):
        rewards.create(code=REWARD, terms=FREE_CUP, actor=BY, at=now)


def _win_back(cafe: "Camellia", state: dict[str, Any], ids: dict[str, int]) -> dict[str, Any]:
    """Do the win-back upon what was known on its day; kept with the state: who got which code, who was held out."""
    from regulars.flows import past_win_back
    from regulars.flows.refresh_insight import look_back
    from regulars.flows.start_campaign import queue_campaign

    at = cafe.win_back_at + timedelta(hours=10)
    campaign_id = state.get("campaign_id")
    if campaign_id is None:
        segment_id = past_win_back.segment_of(preset="not_seen", at=at)
        made = look_back(day=cafe.win_back_on)
        plan = _plan(segment_id, at)
        campaign_id = past_win_back.begin(plan=plan, picture=made.folder, day=cafe.win_back_on, by=BY, at=at)
        state["campaign_id"] = campaign_id
        STATE.keep(state)
    for _ in queue_campaign(campaign_id=campaign_id, clock=lambda: at):
        pass
    codes = past_win_back.hand_out(campaign_id=campaign_id, by=BY, at=at)
    numbers = {customer_id: number for number, customer_id in ids.items()}
    left_alone = past_win_back.held_out(campaign_id=campaign_id)
    state["win_back"] = {
        "campaign_id": campaign_id,
        "treated": {numbers[customer_id]: code for customer_id, code in codes.items()},
        "held_out": [numbers[customer_id] for customer_id in left_alone],
    }
    STATE.keep(state)
    found: dict[str, Any] = state["win_back"]
    return found


def _plan(segment_id: int, at: datetime) -> "Plan":
    """好久没来的客人，满 20 减 10: ten yuan off for those who had not been here for long."""
    from regulars.core.bilingual import Text
    from regulars.facts.connectors.camellia.win_back import COUPON_LEAST_MINOR, COUPON_MINOR, WINDOW_DAYS
    from regulars.loyalty.coupons import actions as coupons
    from regulars.loyalty.coupons.rules import OfferKind, Terms
    from regulars.outreach.campaigns.rules import Message, Plan

    terms = Terms(OfferKind.AMOUNT_OFF, value=COUPON_MINOR, min_spend_minor=COUPON_LEAST_MINOR, days_valid=WINDOW_DAYS)
    offer_id = coupons.create(
        name=Text("好久不见券 满 20 减 10", "Long time no see: 10 off 20"), terms=terms, actor=BY, at=at
    )
    return Plan(
        name=Text("请好久没来的客人回来坐坐", "Ask those who have been away to come back"),
        goal="win_back",
        channel="copy_list",
        segment_id=segment_id,
        offer_id=offer_id,
        held_out_percent=HELD_OUT_PERCENT,
        window_days=WINDOW_DAYS,
        content={language: Message(subject, body) for language, (subject, body) in LETTER.items()},
    )


def _keep_truth(cafe: "Camellia", campaign_id: int) -> None:
    """What is true of the sample, beside the data: pages lay it beside what was measured."""
    from regulars.facts.connectors.camellia.truth import FILE

    told = cafe.truth().to_json()
    told["win_back"]["campaign_id"] = campaign_id
    (environment.data_dir() / FILE).write_text(json.dumps(told, ensure_ascii=False, indent=1))


@contextmanager
def _steps() -> Iterator[Any]:
    """Names of steps with the time that each takes."""
    columns = (SpinnerColumn(finished_text="✓"), TextColumn("{task.description:<36}"), TimeElapsedColumn())
    with Progress(*columns, console=people) as progress:

        @contextmanager
        def step(name: str) -> Iterator[None]:
            task = progress.add_task(name, total=1)
            yield
            progress.update(task, completed=1)

        yield step
