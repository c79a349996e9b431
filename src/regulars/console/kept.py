"""Figures that stay as they are until something new is recorded: counted once, then kept."""

from collections.abc import Callable
from hashlib import blake2b
from typing import TypeVar, cast

from django.core.cache import cache

from regulars.loyalty import membership

KEEP_SECONDS = 300
Figures = TypeVar("Figures")


def kept(name: str, *parts: object, make: Callable[[], Figures], version: tuple[object, ...] | None = None) -> Figures:
    """What `make` counts, kept for as long as nothing is recorded, posted, merged or undone, and five minutes at most.

    Args:
        parts: What the figures depend on besides the data: the day, a filter, whose stores. Their text must say it all.
        version: `membership.version()`, where the page knows it already.
    """
    key = _key(name, parts, version)
    found = cache.get(key)
    if found is None:
        found = make()
        cache.set(key, found, KEEP_SECONDS)
    return cast(Figures, found)


def is_kept(name: str, *parts: object) -> bool:
    """Whether these figures need not be counted now."""
    return cache.get(_key(name, parts, None)) is not None


def _key(name: str, parts: tuple[object, ...], version: tuple[object, ...] | None) -> str:
    stamp = membership.version() if version is None else version
    return f"{name}:{blake2b(repr((parts, stamp)).encode(), digest_size=16).hexdigest()}"
