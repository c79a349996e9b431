"""What growth counts where it does not come from spend: visits, or the points that are earned. Pure."""

from collections.abc import Callable, Sequence
from datetime import date

from regulars.core.money import share_out
from regulars.loyalty.earning.rules import Award, Deal, Earning, Earns, Line, Period, Used
from regulars.loyalty.rules import FROM_SPEND, POINTS, VISITS, Item, ItemKind, Policy


def growth_deal(item: Item, policy: Policy, base: int, lines: Callable[[], Sequence[Line]], used: Used) -> Deal:
    """What an item's growth counts from; that by points comes once they are known (`with_points`)."""
    if policy.growth_from in FROM_SPEND:
        return Deal(base, policy.minor_per_growth, lines)
    return Deal(int(policy.growth_from == VISITS and _visits(item, used)), 1, lines)


def visit_slot(day: date) -> tuple[str, Period, date]:
    """Under which a day's visit is remembered among what limits remember; no rule's code begins so."""
    return ("#visit", Period.DAY, day)


def is_visit(earning: Earning) -> bool:
    """Whether an order made its day a visit, where growth counts visits: then its base growth is one."""
    return any(not one.code and one.earns is Earns.GROWTH for one in earning.awards)


def with_growth(earning: Earning, item: Item, policy: Policy) -> Earning:
    """What was earned, with the growth that follows from it.

    A visit belongs to no line: it is one as long as anything paid for on that day is kept. What else there is of growth
    divides over the lines as the rules said, and growth by points as the points do.
    """
    amounts = [amount for _, amount in item.lines]
    if policy.growth_from == VISITS and earning.line_growth and is_visit(earning):
        rest = [one - visit for one, visit in zip(earning.line_growth, share_out(1, amounts), strict=True)]
        earning.line_growth = rest if min(rest) >= 0 else share_out(earning.growth - 1, earning.line_growth)
    elif policy.growth_from == POINTS and earning.points:
        if earning.line_points is not None or earning.line_growth is not None:
            points = earning.line_points or share_out(earning.points, amounts)
            growth = earning.line_growth or share_out(earning.growth, amounts)
            earning.line_growth = [one + other for one, other in zip(points, growth, strict=True)]
        earning.growth += earning.points
        earning.awards.append(Award("", Earns.GROWTH, earning.points, earning.points))
    return earning


def _visits(item: Item, used: Used) -> bool:
    """Whether this is the first paid order of its day."""
    slot = visit_slot(item.day)
    if item.kind != ItemKind.ORDER or item.paid <= 0 or slot in used:
        return False
    used[slot] = 1
    return True
