"""Who is in danger by the picture, with what they are worth.

Two signs: a high churn risk, and a silence that is long for somebody's own rhythm (the stage 'at risk'). The model
gives high risks mostly to those who come seldom; somebody who came every other day and is silent for two weeks shows
in the rhythm first, and they are whom a call can still keep. Whoever is away already is a matter for a win-back.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from regulars.core.conditions import Tree, read
from regulars.insight import queries as insight
from regulars.playbooks.rules import Endangered, PlaybookView, floor_place

IN_DANGER = {
    "all": [
        {
            "any": [
                {"field": "churn_level", "op": "in", "value": ["high"]},
                {"field": "stage", "op": "in", "value": ["at_risk"]},
            ]
        },
        {"field": "churn_level", "op": "not_in", "value": ["lost"]},
    ]
}
HAS_WORTH = {"field": "spent_365_minor", "op": "gt", "value": 0}
WORTH = "spent_365_minor"
"""A year's net spend: what the shop would miss. The value of the year ahead is small for those who seem to be leaving,
just because they seem to be leaving."""
TOLD = ("churn_risk", WORTH, "value_minor", "stage", "recency_days", "usual_gap_days")
COLUMNS = (*TOLD, "main_store_id")
EVERYBODY = 10**9


def endangered() -> list[Endangered]:
    """Everybody in danger by the picture that is looked at; nobody while there is none."""
    rows = insight.pictures(where=_tree(IN_DANGER), columns=COLUMNS, limit=EVERYBODY)
    return [
        Endangered(
            row.customer_id,
            row["churn_risk"],
            row[WORTH] or 0,
            row["main_store_id"],
            {name: row[name] for name in TOLD if row[name] is not None},
        )
        for row in rows
    ]


def floor_minor(playbook: PlaybookView) -> int:
    """What the last customer spent in a year who is worth a person's time; 1 where nobody spent anything."""
    buyers = _tree(HAS_WORTH)
    customers = insight.count(where=buyers)
    place = floor_place(customers, playbook.worth_percent)
    rows = insight.pictures(where=buyers, columns=(WORTH,), order=(f"-{WORTH}",), limit=1, offset=place)
    return int(rows[0][WORTH]) if rows else 1


def reasons(customer_ids: Sequence[int]) -> Mapping[int, Mapping[str, Any]]:
    """Why each one's risk is what it is, as the picture keeps it, see insight/compute/churn/words."""
    if not customer_ids:
        return {}
    rows = insight.pictures(among=customer_ids, columns=("churn_reasons",), limit=len(customer_ids))
    return {row.customer_id: {"reasons": row["churn_reasons"] or []} for row in rows}


def _tree(told: Mapping[str, Any]) -> Tree:
    # Ibis takes a second to load, and most processes raise no alerts.
    from regulars.insight.compute.fields import catalogue

    return read(told, catalogue())
