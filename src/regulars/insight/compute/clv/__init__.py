"""Customer lifetime value: BG/NBD, MBG/NBD and Gamma-Gamma, tried on held-back time beside a plain rule."""

from regulars.insight.compute.clv.value import value

__all__ = ["value"]
