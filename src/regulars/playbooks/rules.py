"""Who is worth an alert, and whose task it becomes: pure decisions and their dataclasses."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from regulars.core.bilingual import Text

CHURN_ALERT: Final = "churn_alert"
BY_HAND: Final = "by_hand"
"""Somebody gave the task; such a run ends with its task and not when the customer comes."""
TRIGGERS: Final = (CHURN_ALERT, BY_HAND)
KINDS: Final = ("call", "coupon", "care")
"""What a task asks for: call them, give them a coupon, or take care of them when they come."""
TASK_STATES: Final = ("open", "done", "dropped")
OUTCOMES: Final = ("reached", "not_reached", "will_come", "not_interested", "other")
"""What somebody says of a task that is done."""
REACHED: Final = ("reached", "will_come", "not_interested")
"""Outcomes of which it is clear that somebody spoke with the customer."""
CAME_BACK: Final = "came_back"
DROPPED: Final = "dropped"
RUN_OUTCOMES: Final = (*OUTCOMES, CAME_BACK, DROPPED)
CHANGES: Final = ("moved", "assigned", "done", "undone", "dropped")
WAIT_DAYS: Final = 14
"""An alert for which nobody found time so long after the crossing is not raised any more: it is no news then."""
NO_WORDS: Final = Text("", "")
LONGEST_SCRIPT: Final = 800
BACK_DAYS: Final = 30
"""An order within so many days after a run began counts as coming back."""


@dataclass(frozen=True, slots=True)
class Preset:
    """A playbook as it is made for a new shop; its numbers and its script are there to be changed."""

    code: str
    name: Text
    trigger: str
    kind: str
    script: Text
    due_days: int = 3
    open_most: int = 15
    new_most: int = 5
    quiet_days: int = 60
    worth_percent: int = 30


PRESETS: Final = (
    Preset(
        "slipping_away",
        Text("好客人要流失了", "A good customer is slipping away"),
        CHURN_ALERT,
        "call",
        Text(
            "【姓名】您好，我是【店名】。好一阵没见到您了，想问候您一声，最近都好吗？\n"
            "上次来，有没有哪里让您不满意？您直说就好，我们马上改。\n"
            "有空随时过来，我们都惦记着您。",
            "Hello [name], this is [shop]. We have not seen you for a while, and I wanted to ask how you are.\n"
            "Was there anything the last time that we should have done better? Please tell me frankly.\n"
            "We would love to see you again.",
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class PlaybookView:
    """A playbook as it is now, see models.Playbook.

    Attributes:
        owner_id: Whose tasks they become first; None for whoever has the fewest.
        script: What to say, with [name] and [shop] (【姓名】, 【店名】); '' where there is none.
    """

    id: int
    code: str
    name: Text
    trigger: str
    kind: str
    due_days: int
    open_most: int
    new_most: int
    quiet_days: int
    worth_percent: int
    is_active: bool
    owner_id: int | None = None
    script: Text = NO_WORDS


@dataclass(frozen=True, slots=True)
class Endangered:
    """A customer at high risk by the picture.

    Attributes:
        risk: Of staying away, 0 to 1; None where only the rule by the own rhythm serves.
        worth_minor: What they spent in the last 365 days, minor units.
        store_id: Where they buy most; None if no store is known.
        numbers: What the words of the cause are told with.
    """

    customer_id: int
    risk: float | None
    worth_minor: int
    store_id: int | None = None
    numbers: Mapping[str, Any] = field(default_factory=dict)

    @property
    def at_stake_minor(self) -> int:
        """What is expected to be lost in a year: risk × worth. Without a risk the worth itself, since the rule is all
        that is known."""
        return round((1.0 if self.risk is None else self.risk) * self.worth_minor)


@dataclass(frozen=True, slots=True)
class Owner:
    """Somebody who may be given tasks.

    Attributes:
        store_ids: The stores whose customers they see; None for all.
        open: Open tasks of theirs. given_today: Tasks that they got today.
    """

    user_id: int
    store_ids: frozenset[int] | None = None
    open: int = 0
    given_today: int = 0


@dataclass(frozen=True, slots=True)
class Held:
    """Why customers are left alone for now: who has an open run, whom the last run keeps quiet (since which day), and
    who came since the picture."""

    open: frozenset[int] = frozenset()
    quiet: Mapping[int, date] = field(default_factory=dict)
    came: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Choice:
    """What was decided about one customer.

    Attributes:
        reason: 'chosen', or why not: 'low_value', 'open_run', 'quiet_period', 'came_meanwhile', 'nobody_free',
            'nobody_there'.
        numbers: What the words of the reason are told with.
        owner_id: Whose task it becomes, where it was chosen.
    """

    who: Endangered
    reason: str
    numbers: Mapping[str, Any] = field(default_factory=dict)
    owner_id: int | None = None

    @property
    def is_chosen(self) -> bool:
        """Whether a run begins."""
        return self.owner_id is not None


def choose(
    found: Iterable[Endangered], *, playbook: PlaybookView, floor_minor: int, held: Held, owners: Sequence[Owner]
) -> list[Choice]:
    """Decide about everybody, those with the most at stake first, so that caps leave out the others.

    A customer becomes the task of whoever sees their store and has the fewest open tasks; of equals somebody of that
    store alone, then the one who has been here longest (the smaller id). Where the playbook names somebody and they see
    the store, it is theirs.

    Args:
        floor_minor: A year's spend below which nobody is alerted.
    """
    load = {owner.user_id: (owner.open, owner.given_today) for owner in owners}
    decided = []
    for who in sorted(found, key=lambda one: (-one.at_stake_minor, one.customer_id)):
        refusal = _refusal(who, playbook, floor_minor, held)
        if refusal is None:
            fits = [one for one in owners if one.store_ids is None or who.store_id in one.store_ids]
            fits = [one for one in fits if one.user_id == playbook.owner_id] or fits
            free = [one for one in fits if _has_room(load[one.user_id], playbook)]
            if free:
                taker = min(free, key=lambda one: (load[one.user_id][0], one.store_ids is None, one.user_id))
                load[taker.user_id] = (load[taker.user_id][0] + 1, load[taker.user_id][1] + 1)
                decided.append(Choice(who, "chosen", {"at_stake_minor": who.at_stake_minor}, taker.user_id))
                continue
            caps = {"open_most": playbook.open_most, "new_most": playbook.new_most}
            refusal = Choice(who, "nobody_free", caps) if fits else Choice(who, "nobody_there")
        decided.append(refusal)
    return decided


def _refusal(who: Endangered, playbook: PlaybookView, floor_minor: int, held: Held) -> Choice | None:
    if who.worth_minor < floor_minor or who.worth_minor <= 0:
        return Choice(who, "low_value", {"worth_minor": who.worth_minor, "floor_minor": max(1, floor_minor)})
    if who.customer_id in held.open:
        return Choice(who, "open_run")
    if who.customer_id in held.came:
        return Choice(who, "came_meanwhile")
    since = held.quiet.get(who.customer_id)
    if since is not None:
        until = since + timedelta(days=playbook.quiet_days)
        return Choice(who, "quiet_period", {"days": playbook.quiet_days, "until": until.isoformat()})
    return None


def _has_room(load: tuple[int, int], playbook: PlaybookView) -> bool:
    return load[0] < playbook.open_most and load[1] < playbook.new_most


def floor_place(customers: int, worth_percent: int) -> int:
    """The place, from 0, of the last customer worth a person's time among so many, the most valuable first."""
    return max(0, -(-customers * worth_percent // 100) - 1)
