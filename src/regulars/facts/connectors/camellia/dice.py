"""Chance that is the same everywhere: only `random()` is promised to stay what it is between versions of Python."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from math import cos, exp, log, pi, sqrt
from random import Random
from typing import TypeVar

SEED = "camellia 20"

T = TypeVar("T")
_seed: ContextVar[str] = ContextVar("camellia seed", default=SEED)


@contextmanager
def seeded(seed: str) -> Iterator[None]:
    """Another café: whatever is drawn inside is drawn anew. The sample café itself is never seeded."""
    before = _seed.set(f"{SEED} {seed}")
    try:
        yield
    finally:
        _seed.reset(before)


def dice(*about: object) -> Random:
    """Chance of its own for one matter, so that more of one thing changes nothing about another."""
    return Random(" ".join([_seed.get(), *map(str, about)]))  # noqa: S311  # nothing here is a secret


def pick(chance: Random, things: Sequence[T]) -> T:
    """One of them, each as likely as the others."""
    return things[int(chance.random() * len(things))]


def weighted(chance: Random, things: Sequence[T], weights: Sequence[float]) -> T:
    """One of them, by weight."""
    left = chance.random() * sum(weights)
    for thing, weight in zip(things, weights, strict=True):
        left -= weight
        if left < 0:
            return thing
    return things[-1]


def exponential(chance: Random, mean: float) -> float:
    """How long until something that takes so long on average."""
    return -mean * log(1.0 - chance.random())


def gamma(chance: Random, shape: float) -> float:
    """A gamma variate of scale 1, by Marsaglia and Tsang (2000); below shape 1 boosted as they say."""
    if shape < 1.0:
        return gamma(chance, shape + 1.0) * exp(log(1.0 - chance.random()) / shape)
    d = shape - 1.0 / 3.0
    c = 1.0 / sqrt(9.0 * d)
    while True:
        x = sqrt(-2.0 * log(1.0 - chance.random())) * cos(2.0 * pi * chance.random())
        v: float = (1.0 + c * x) ** 3
        if v > 0 and log(1.0 - chance.random()) < 0.5 * x * x + d - d * v + d * log(v):
            return d * v


def beta(chance: Random, a: float, b: float) -> float:
    """A beta variate, from two gammas."""
    one, other = gamma(chance, a), gamma(chance, b)
    return one / (one + other)


def happens(chance: Random, rate: float) -> bool:
    """Whether something that happens `rate` times on average happens at all (Poisson)."""
    return chance.random() < 1.0 - exp(-rate)
