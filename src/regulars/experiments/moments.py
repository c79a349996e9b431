"""The moments of one arm, as floats, for one experiment or for an array of them."""

from collections.abc import Mapping
from math import comb
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from regulars.experiments.sums import POWERS, ArmSums, Powers

Array = npt.NDArray[np.float64]


class Moments(NamedTuple):
    """Of one arm: customers, buyers, and the means of yⁱxʲ per customer."""

    n: Array
    buyers: Array
    power: Mapping[tuple[int, int], Array]

    @classmethod
    def of(cls, arm: ArmSums, powers: Powers) -> "Moments":
        """From exact sums of orders or of revenue."""
        n = max(arm.customers, 1)
        means = {power: np.asarray(powers[power] / n) for power in POWERS}
        return cls(np.asarray(float(arm.customers)), np.asarray(float(arm.buyers)), means)

    @classmethod
    def of_conversion(cls, arm: ArmSums) -> "Moments":
        """Of y = 1 for who bought, else 0; without a covariate."""
        share = np.asarray(arm.buyers / max(arm.customers, 1))
        means = {(i, j): np.zeros(()) if j else share for i, j in POWERS}
        return cls(np.asarray(float(arm.customers)), np.asarray(float(arm.buyers)), means)

    @property
    def mean(self) -> Array:
        """Of y."""
        return self.power[1, 0]

    @property
    def mean_before(self) -> Array:
        """Of x."""
        return self.power[0, 1]

    @property
    def variance(self) -> Array:
        """Of y, over n."""
        return self.power[2, 0] - self.power[1, 0] ** 2

    @property
    def variance_before(self) -> Array:
        """Of x, over n."""
        return self.power[0, 2] - self.power[0, 1] ** 2

    @property
    def covariance(self) -> Array:
        """Of y and x, over n."""
        return self.power[1, 1] - self.power[1, 0] * self.power[0, 1]

    def central(self, theta: Array) -> tuple[Array, Array, Array]:
        """The second, third and fourth central moments of y - theta·x."""
        m1, m2, m3, m4 = (self._power(k, theta) for k in range(1, 5))
        return m2 - m1**2, m3 - 3 * m1 * m2 + 2 * m1**3, m4 - 4 * m1 * m3 + 6 * m1**2 * m2 - 3 * m1**4

    def _power(self, k: int, theta: Array) -> Array:
        total = np.zeros(())
        for j in range(k + 1):
            total = total + comb(k, j) * (-theta) ** j * self.power[k - j, j]
        return total
