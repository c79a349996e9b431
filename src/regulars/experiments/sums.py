"""What an interval needs to know of a million customers: counts and sums of powers, exact, of each arm.

Amounts are whole minor units, so all sums are whole numbers: the same whatever the chunks were and in whatever order
they were added. Nothing is kept per customer.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Whole = npt.NDArray[np.int64]
POWERS: Final = tuple((i, j) for i in range(5) for j in range(5 - i) if i + j)
"""Every product yⁱxʲ up to the fourth degree: y is in the window, x in the time of the same length before it."""


class UnevenColumns(ValueError):
    """The columns of a chunk do not have the same length."""


@dataclass(frozen=True, slots=True)
class Powers:
    """Sums of yⁱxʲ over customers, in the order of POWERS."""

    sums: tuple[int, ...] = (0,) * len(POWERS)

    @classmethod
    def of(cls, y: Whole, x: Whole) -> "Powers":
        """Of one chunk."""
        seen = (y != 0) | (x != 0)
        # Python's own whole numbers: the fourth power of a large bill does not fit into 64 bits.
        one, other = y[seen].astype(object), x[seen].astype(object)
        ys, xs = _up_to_fourth(one), _up_to_fourth(other)
        return cls(tuple(int((ys[i] * xs[j]).sum()) if i or j else 0 for i, j in POWERS))

    def __add__(self, other: "Powers") -> "Powers":
        return Powers(tuple(a + b for a, b in zip(self.sums, other.sums, strict=True)))

    def __getitem__(self, power: tuple[int, int]) -> int:
        """Σ yⁱxʲ of (i, j)."""
        return self.sums[POWERS.index(power)]


def _up_to_fourth(values: Any) -> list[Any]:
    found = [np.ones(len(values), dtype=object), values]
    for _ in range(3):
        found.append(found[-1] * values)
    return found


@dataclass(frozen=True, slots=True)
class ArmSums:
    """One arm: customers, those who bought at least once in the window, and the powers of orders and net revenue."""

    customers: int = 0
    buyers: int = 0
    orders: Powers = field(default_factory=Powers)
    revenue: Powers = field(default_factory=Powers)

    def __add__(self, other: "ArmSums") -> "ArmSums":
        return ArmSums(
            self.customers + other.customers, self.buyers + other.buyers,
            self.orders + other.orders, self.revenue + other.revenue,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sums:
    """Both arms. Chunks add up: `Sums() + Sums.of(…) + Sums.of(…)`, in any order."""

    treated: ArmSums = field(default_factory=ArmSums)
    held_out: ArmSums = field(default_factory=ArmSums)

    @classmethod
    def of(
        cls,
        *,
        held_out: npt.NDArray[np.bool_],
        orders: Whole,
        revenue_minor: Whole,
        orders_before: Whole,
        revenue_before_minor: Whole,
    ) -> "Sums":
        """Of one chunk of customers, everyone who was chosen or held out, whatever became of the message.

        Args:
            held_out: The arm they were given, which is not always what happened to them.
            orders, revenue_minor: In the window; net revenue is what was paid less what was given back, and may be
                below 0.
            orders_before, revenue_before_minor: In the time of the same length before.
        Raises:
            UnevenColumns: They do not have the same length.
        """
        columns = [np.asarray(c, dtype=np.int64) for c in (orders, revenue_minor, orders_before, revenue_before_minor)]
        if any(len(column) != len(held_out) for column in columns):
            raise UnevenColumns("Every customer has a value in each column.")
        return cls(*(_arm(*(column[rows] for column in columns)) for rows in (~held_out, held_out)))

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(self.treated + other.treated, self.held_out + other.held_out)

    @property
    def customers(self) -> int:
        """Both arms together."""
        return self.treated.customers + self.held_out.customers


def _arm(orders: Whole, revenue: Whole, orders_before: Whole, revenue_before: Whole) -> ArmSums:
    return ArmSums(
        len(orders), int((orders > 0).sum()), Powers.of(orders, orders_before), Powers.of(revenue, revenue_before)
    )


def as_json(sums: Sums) -> dict[str, Any]:
    """To be kept; whole numbers of any length."""
    return {
        name: {
            "customers": arm.customers,
            "buyers": arm.buyers,
            "orders": list(arm.orders.sums),
            "revenue": list(arm.revenue.sums),
        }
        for name, arm in (("treated", sums.treated), ("held_out", sums.held_out))
    }


def read(told: Mapping[str, Any]) -> Sums:
    """What `as_json` wrote."""
    return Sums(*(_read_arm(told[name]) for name in ("treated", "held_out")))


def _read_arm(told: Mapping[str, Any]) -> ArmSums:
    orders, revenue = (Powers(tuple(int(one) for one in told[name])) for name in ("orders", "revenue"))
    return ArmSums(told["customers"], told["buyers"], orders, revenue)
