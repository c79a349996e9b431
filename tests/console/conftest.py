"""Fixtures that many pages' tests share."""

from tests.console.pictured import made_picture, pictured

__all__ = ["made_picture", "pictured"]
