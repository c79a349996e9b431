"""A reward of the small shop."""

from dataclasses import replace
from typing import Any

from django.utils import timezone

from regulars.loyalty.rewards import actions
from tests.loyalty.rewards.shop import MUG


def mug(code: str = "mug", **more: Any) -> int:
    """A mug for 300 points, of which there are two."""
    return actions.create(code=code, terms=replace(MUG, **more), actor="kim", at=timezone.now())
