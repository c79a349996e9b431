"""What must hold for every template, the catalogue of Chinese, and the built files."""

import gzip
import re
from pathlib import Path

import pytest

import regulars.console

CONSOLE = Path(regulars.console.__file__).parent
HASHED = CONSOLE.parent / "portal" / "templates" / "portal" / "document.html"
"""Pages out of messages carry their style in themselves, and its hash in a policy of their own."""
TEMPLATES = sorted(
    path for room in ("console", "portal") for path in (CONSOLE.parent / room).rglob("*.html") if path != HASHED
)
BUILD = CONSOLE / "static" / "build"
COLD_PAGE_KB = 320
INLINE = re.compile(r"""\s(style|on[a-z]+)\s*=\s*["']|<style\b|javascript:|<script(?![^>]*\bsrc=)""", re.IGNORECASE)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(CONSOLE.parent)))
def test_nothing_inline_in_a_template(template: Path) -> None:
    found = INLINE.search(template.read_text())
    assert found is None, f"the content security policy blocks {found and found[0].strip()}"


@pytest.mark.parametrize("bad", ['<p style="color:red">', "<a onclick='x()'>", "<script>x()</script>", "<style>"])
def test_the_check_finds_what_is_inline(bad: str) -> None:
    assert INLINE.search(f"<div {bad[1:]}" if bad.startswith(("<p", "<a")) else bad)


def test_chinese_is_complete() -> None:
    catalogue = (CONSOLE.parent / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po").read_text()
    entries = catalogue.split("\n\n")[1:]
    untranslated = [entry for entry in entries if entry.rstrip().endswith('""') or "#, fuzzy" in entry]
    assert len(entries) > 100
    assert untranslated == []


def test_a_cold_page_is_light() -> None:
    parts = [gzip.compress((BUILD / name).read_bytes()) for name in ("app.css", "app.js", "charts.js", "htmx.js")]
    kb = (sum(map(len, parts)) + (BUILD / "inter-latin-wght.woff2").stat().st_size) / 1024
    assert kb < COLD_PAGE_KB - 15  # the page itself takes its share
