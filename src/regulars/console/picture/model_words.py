"""What models, their parameters and the figures of their tests are called, and what they mean."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.console import figures, reader
from regulars.console.picture.churn_radar import label_of


@dataclass(frozen=True, slots=True)
class Model:
    """A model's name, and what it is for in plain words."""

    name: Promise
    purpose: Promise


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a test: what it is called, what it means, how it is written, and when it is better.

    Attributes:
        unit: 'number', 'share', 'minor', 'count', 'days' or 'times'.
        better: 'high', 'low', '' where it only describes, or the figure that it should come near to.
    """

    label: Promise
    meaning: Promise
    unit: str = "number"
    better: str = ""


_RHYTHM = gettext_lazy("The simple rule for churn: who stays silent for several of their usual gaps is about to leave.")
_CHURN = gettext_lazy("Tells how likely each customer is to stay away for the horizon, and why.")
_ORDERS = gettext_lazy("Tells how many orders each customer will place in the next 12 months.")
_CONTRACT = gettext_lazy("Tells how likely each contract is to end, and why.")
MODELS: Mapping[str, Model] = {
    "churn_logistic": Model(gettext_lazy("Churn: logistic regression"), _CHURN),
    "churn_boosted": Model(gettext_lazy("Churn: boosted trees"), _CHURN),
    "rule_own_rhythm": Model(gettext_lazy("Churn: rule of the own rhythm"), _RHYTHM),
    "churn_contract": Model(gettext_lazy("Contracts: logistic regression"), _CONTRACT),
    "churn_contract_boosted": Model(gettext_lazy("Contracts: boosted trees"), _CONTRACT),
    "rule_one_attribute": Model(
        gettext_lazy("Contracts: one attribute"), gettext_lazy("The simple rule for contracts: one attribute alone.")
    ),
    "bg_nbd": Model(gettext_lazy("Orders: BG/NBD"), _ORDERS),
    "mbg_nbd": Model(gettext_lazy("Orders: MBG/NBD"), _ORDERS),
    "own_rate": Model(
        gettext_lazy("Orders: own pace"),
        gettext_lazy("The simple rule for orders: everybody goes on at their own pace."),
    ),
    "gamma_gamma": Model(
        gettext_lazy("Spending: Gamma-Gamma"), gettext_lazy("Tells what each customer's next order is worth.")
    ),
    "own_average": Model(
        gettext_lazy("Spending: own average"),
        gettext_lazy("The simple rule for spending: the own average, drawn towards the shop's."),
    ),
}
FIGURES: Mapping[str, Figure] = {
    "auc": Figure(
        gettext_lazy("AUC"),
        gettext_lazy("How often somebody who left had the higher risk than somebody who stayed; 0.5 is guessing."),
        better="high",
    ),
    "top_decile_lift": Figure(
        gettext_lazy("Top-decile lift"),
        gettext_lazy("How many times more leavers are in the tenth with the highest risk than on average."),
        "times", "high",
    ),
    "calibration_error": Figure(
        gettext_lazy("Calibration error"),
        gettext_lazy("How far what was foretold is from what happened, on average over ten groups."),
        better="low",
    ),
    "brier": Figure(
        gettext_lazy("Brier score"), gettext_lazy("Mean squared distance between risk and outcome."), better="low"
    ),
    "log_loss": Figure(
        gettext_lazy("Log loss"), gettext_lazy("How surprised the model was by what happened, in nats."), better="low"
    ),
    "predicted_orders": Figure(
        gettext_lazy("Orders foreseen"), gettext_lazy("All orders expected in the held-back time."), "count",
        "actual_orders",
    ),
    "actual_orders": Figure(gettext_lazy("Orders that came"), gettext_lazy("In the held-back time."), "count"),
    "mean_absolute_error": Figure(
        gettext_lazy("Mean error"), gettext_lazy("Orders by which a customer's forecast was off, on average."),
        better="low",
    ),
    "correlation": Figure(
        gettext_lazy("Correlation"), gettext_lazy("Between what was foreseen and what came, over customers."),
        better="high",
    ),
    "log_score": Figure(
        gettext_lazy("Log score"), gettext_lazy("Mean log of the probability given to what happened."), better="high"
    ),
    "coverage": Figure(
        gettext_lazy("Ended in their range"), gettext_lazy("Customers whose orders fell within the range foretold."),
        "share", "coverage_expected",
    ),
    "coverage_expected": Figure(
        gettext_lazy("Should have"), gettext_lazy("What the ranges promise, as orders are whole numbers."), "share"
    ),
    "predicted_mean_minor": Figure(
        gettext_lazy("Order foreseen"), gettext_lazy("Mean order foreseen in the held-back time."), "minor",
        "actual_mean_minor",
    ),
    "actual_mean_minor": Figure(
        gettext_lazy("Order as it came"), gettext_lazy("Mean order in the held-back time."), "minor"
    ),
    "mean_absolute_error_minor": Figure(
        gettext_lazy("Mean error"), gettext_lazy("By which a customer's mean order was off."), "minor", "low"
    ),
    "frequency_money_correlation": Figure(
        gettext_lazy("Frequency and money"),
        gettext_lazy("Whether those who come often spend differently; the model takes it to be near 0."),
    ),
    "held_back_days": Figure(
        gettext_lazy("Days held back"), gettext_lazy("The newest days, hidden from the model."), "days"
    ),
    "customers": Figure(gettext_lazy("Customers tested"), gettext_lazy("Known before the held-back time."), "count"),
    "rows": Figure(gettext_lazy("Forecasts tested"), gettext_lazy("A customer counts once for each test."), "count"),
    "folds": Figure(
        gettext_lazy("Rounds of tests"),
        gettext_lazy("Parts held back one after another: of time, or of customers where only one day is known."),
        "count",
    ),
    "lost_share": Figure(gettext_lazy("Left in the tests"), gettext_lazy("The share that stayed away."), "share"),
    "threshold": Figure(
        gettext_lazy("Contact pays from"), gettext_lazy("The risk at which a contact earns its cost."), "share"
    ),
    "contacted_share": Figure(
        gettext_lazy("Would be contacted"), gettext_lazy("The share at that risk or above."), "share"
    ),
    "gain_minor_each": Figure(
        gettext_lazy("Gain by contacting them"), gettext_lazy("A customer, on average over all."), "minor"
    ),
    "gain_all_contacted_minor_each": Figure(
        gettext_lazy("Gain by contacting everybody"), gettext_lazy("The same if nobody is left out."), "minor"
    ),
    "value_at_risk_minor": Figure(
        gettext_lazy("Brought by those who stay"), gettext_lazy("Over the horizon, on average."), "minor"
    ),
}  # fmt: skip
"""In the order in which a page tells them; figures that are not here come last, under their own names."""
PARAMETERS: Mapping[str, tuple[Promise, str]] = {
    "r": (gettext_lazy("How alike customers' buying rates are: larger, more alike."), "number"),
    "alpha": (gettext_lazy("Scale of the buying rates, in time units; r / α is the mean rate."), "number"),
    "a": (gettext_lazy("With b: the chance to drop out after an order is a / (a + b) on average."), "number"),
    "b": (gettext_lazy("With a: how much that chance differs between customers."), "number"),
    "p": (gettext_lazy("How alike the orders of one customer are: larger, more alike."), "number"),
    "q": (gettext_lazy("How alike customers' mean orders are: larger, more alike."), "number"),
    "v_minor": (gettext_lazy("Scale of the mean orders."), "minor"),
    "shop_rate": (gettext_lazy("The shop's mean pace, in orders per time unit."), "number"),
    "shop_minor": (gettext_lazy("The shop's mean order."), "minor"),
    "horizon_days": (gettext_lazy("How far ahead it looks."), "days"),
    "yearly_discount": (gettext_lazy("By which money counts less for each year that it comes later."), "share"),
    "typical_gap_days": (gettext_lazy("Days between two visits, typical of the shop."), "days"),
    "intercept": (gettext_lazy("Log odds of leaving for somebody average in everything."), "number"),
    "trees": (gettext_lazy("Trees in the sum."), "count"),
    "leaves": (gettext_lazy("Leaves of a tree, at most."), "count"),
    "learning_rate": (gettext_lazy("How much each tree adds."), "number"),
    "calibration_slope": (gettext_lazy("Stretches the trees' sum so that risks come true."), "number"),
    "calibration_shift": (gettext_lazy("Shifts the trees' sum so that risks come true."), "number"),
}


def meaning_of(parameter: str) -> str:
    """What a parameter means; a coefficient says which feature it weighs."""
    if parameter in PARAMETERS:
        return str(PARAMETERS[parameter][0])
    if "=" in parameter:
        feature, _equals, choice = parameter.partition("=")
        return _("Weight of “%(feature)s” being %(choice)s; above 0 raises the risk.") % {
            "feature": _named(feature), "choice": choice,
        }  # fmt: skip
    feature, _colon, form = parameter.partition(":")
    words = {
        "log": _("Weight of “%(feature)s” on a log scale, a standard deviation; above 0 raises the risk."),
        "value": _("Weight of “%(feature)s”, a standard deviation; above 0 raises the risk."),
        "missing": _("Weight of “%(feature)s” being unknown; above 0 raises the risk."),
    }
    return words[form] % {"feature": _named(feature)} if form in words else ""


def _named(feature: str) -> str:
    return label_of(feature).said(reader.language())


def unit_of(parameter: str) -> str:
    """How a parameter is written."""
    return PARAMETERS[parameter][1] if parameter in PARAMETERS else "number"


def written(number: float, unit: str, currency: str, *, digits: int = 4) -> str:
    """A number with its unit."""
    if unit == "minor":
        return figures.money(round(number), currency)
    if unit == "share":
        return f"{100 * number:.1f}%"
    if unit in ("count", "days"):
        return (
            figures.count(round(number)) if unit == "count" else _("%(n)s days") % {"n": figures.count(round(number))}
        )
    if unit == "times":
        return f"{number:.2f}×"
    text = f"{number:,.{digits}f}" if abs(number) < 100 else f"{number:,.2f}"
    return text.rstrip("0").rstrip(".") if number == int(number) else text
