"""QR codes as drawings: SVG that scales, black on white whatever the page's colours are, with no style in it."""

from html import escape
from typing import Final

import segno

DARK: Final = "#10231e"
QUIET: Final = 4
"""Modules of white around it, as the standard asks: scanners find the edge by it."""


class Drawing(str):
    """Markup that was drawn here and says only what was escaped: templates write it as it is."""

    __slots__ = ()

    def __html__(self) -> str:
        return self


def qr(text: str, *, name: str) -> Drawing:
    """A text as a QR, with words for those who do not see it. Capitals and digits alone make it coarser, which helps.

    Raises:
        segno.DataOverflowError: The text is longer than a QR holds.
    """
    code = segno.make(text, error="m", micro=False)
    drawn = code.svg_inline(omitsize=True, border=QUIET, dark=DARK, light="#fff", svgclass="qr", lineclass=None)
    return Drawing(drawn.replace("<svg ", f'<svg role="img" aria-label="{escape(name)}" ', 1))
