"""From which risk on it pays to get in touch, and what that would have brought on held-back time."""

from dataclasses import dataclass

from regulars.insight.compute.churn.measures import Flags, Floats


@dataclass(frozen=True, slots=True)
class Costs:
    """What keeping a customer costs and brings.

    Attributes:
        contact_minor: One contact: the message, the staff's minutes, the coupon's cost. By default 500 (5 yuan).
        success_rate: Of customers who were about to leave, how many a contact keeps. One in ten until
            hold-outs of the shop's own have measured it.
        value_minor: What a kept customer brings over the horizon. None: the shop's own average among those who stayed.
    """

    contact_minor: int = 500
    success_rate: float = 0.10
    value_minor: int | None = None


def pays_from(costs: Costs, value_minor: float) -> float:
    """The risk at which a contact earns its cost: cost / (success × value); 1 where it never pays.

    Source: the break-even of expected profit, Elkan (2001), "The foundations of cost-sensitive learning".
    """
    won = costs.success_rate * value_minor
    return min(1.0, costs.contact_minor / won) if won > 0 else 1.0


def use(lost: Flags, risk: Floats, costs: Costs, value_minor: float) -> dict[str, float]:
    """What contacting from the break-even on would have brought for each customer, beside contacting everybody."""
    threshold = pays_from(costs, value_minor)
    contacted = (risk >= threshold) & (threshold < 1)
    won = lost * costs.success_rate * value_minor - costs.contact_minor
    return {
        "threshold": threshold,
        "contacted_share": float(contacted.mean()) if len(lost) else 0.0,
        "gain_minor_each": float((won * contacted).mean()) if len(lost) else 0.0,
        "gain_all_contacted_minor_each": float(won.mean()) if len(lost) else 0.0,
    }
