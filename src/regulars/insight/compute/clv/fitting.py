"""Maximum likelihood with an analytic gradient, in logarithms of positive parameters, and a look at the optimum."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from regulars.insight.compute.clv.histories import Floats

Likelihood = Callable[[Floats], tuple[float, Floats]]

REACH = float(np.log(1e4))  # how far the search may go from where it began
RUN_OFF = float(np.log(5e2))  # beyond this a parameter goes to nothing or has no bounds
VAGUE = 3.0  # standard error of a parameter's logarithm: twenty times more or less
STEPS = 12


@dataclass(frozen=True, slots=True)
class Fit:
    """An optimum: parameters, log-likelihood, the covariance of the parameters' logarithms, and what is wrong with it.

    `trouble` is '' for a proper optimum, 'runs_off' where a parameter goes to nothing or beyond all bounds, and 'flat'
    where the data hardly tell one parameter from another.
    """

    parameters: Floats
    log_likelihood: float
    covariance: Floats
    trouble: str


def maximise(
    likelihood: Likelihood, starts: Sequence[Floats], *, weight: float, coarse: Likelihood | None = None
) -> Fit:
    """The best optimum from several starts.

    Args:
        likelihood: Log-likelihood and gradient of positive parameters.
        starts: Positive parameters to begin from; the first has the scale of the data.
        weight: How many customers the likelihood sums over, > 0.
        coarse: The same on fewer rows: it leads near the optimum, and a few steps on all rows do the rest.
    """
    rough = coarse or likelihood
    logs = [np.log(start) for start in starts]
    place, _ = min((_descend(rough, begin, logs[0], weight) for begin in logs), key=lambda found: found[1])
    curve = _curvature(rough, place, weight)
    place = _polish(likelihood, place, logs[0], curve, weight)
    value, _ = likelihood(np.exp(place))
    covariance, trouble = _judge(place - logs[0], curve * weight)
    return Fit(np.exp(place), value, covariance, trouble)


def _cost(likelihood: Likelihood, place: Floats, weight: float) -> tuple[float, Floats]:
    parameters = np.exp(place)
    value, gradient = likelihood(parameters)
    return -value / weight, -gradient * parameters / weight


def _descend(likelihood: Likelihood, begin: Floats, centre: Floats, weight: float) -> tuple[Floats, float]:
    found = minimize(
        lambda place: _cost(likelihood, place, weight), begin, jac=True, method="L-BFGS-B",
        bounds=[(at - REACH, at + REACH) for at in centre], options={"ftol": 1e-13, "gtol": 1e-8, "maxiter": 500},
    )  # fmt: skip
    return found.x, float(found.fun)


def _curvature(likelihood: Likelihood, place: Floats, weight: float, step: float = 1e-4) -> Floats:
    """Second derivatives by differences of the gradient."""
    rows = []
    for at in range(len(place)):
        moved = np.zeros(len(place))
        moved[at] = step
        up, down = (_cost(likelihood, place + sign * moved, weight)[1] for sign in (1, -1))
        rows.append((up - down) / (2 * step))
    curve = np.array(rows)
    return (curve + curve.T) / 2


def _polish(likelihood: Likelihood, place: Floats, centre: Floats, curve: Floats, weight: float) -> Floats:
    """Newton steps with the curvature once found; a plain search where they do not lead down."""
    if np.linalg.eigvalsh(curve)[0] <= 1e-9:
        return _descend(likelihood, place, centre, weight)[0]
    for _ in range(STEPS):
        step = np.linalg.solve(curve, _cost(likelihood, place, weight)[1])
        size = float(np.abs(step).max())
        if not size < 0.5:
            break
        place = place - step
        if size < 1e-8:
            return place
    return _descend(likelihood, place, centre, weight)[0]


def _judge(moved: Floats, information: Floats) -> tuple[Floats, str]:
    values, axes = np.linalg.eigh(information)
    safe = np.maximum(values, 1e-12)
    covariance = (axes / safe) @ axes.T
    if bool((np.abs(moved) > RUN_OFF).any()):
        return covariance, "runs_off"
    return covariance, "flat" if values[0] <= 0 or float(np.sqrt(np.diag(covariance).max())) > VAGUE else ""
