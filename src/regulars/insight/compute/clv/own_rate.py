"""The simpler rule: a customer goes on at their own pace, drawn towards the pace of the shop; nobody is ever gone.

The pace is gamma with the shop's mean and shape 1, so a customer with x repeats in time T is expected to make
(1 + x) / (1/λ + T) purchases a unit of time. λ is all repeat purchases over all customers' time, as if half a purchase
and a year had been seen before: a shop that opened yesterday expects little. It is the NBD model with its shape given
and without leaving, so the same sums serve: the baseline that a model has to beat.
"""

from regulars.insight.compute.clv.dropout import DropoutModel, Parameters
from regulars.insight.compute.clv.histories import Floats, Histories

OWN_RATE = DropoutModel("own_rate", first_chance=0)
YEAR_DAYS = 365
PULL = 2.0


def own_rate(histories: Histories) -> Parameters:
    """The shop's pace as parameters of a model in which nobody leaves."""
    time = float(histories.count @ histories.age) + YEAR_DAYS / histories.unit_days
    return Parameters(1.0, time / (histories.purchases + 0.5), 0.0, 1.0)


def own_average(purchases: Floats, total: Floats, shop: float) -> Floats:
    """A purchase of a customer is worth their own average, as if two more at the shop's were among them."""
    return (PULL * shop + total) / (PULL + purchases)
