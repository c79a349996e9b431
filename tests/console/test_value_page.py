"""Value and lifecycle: groups, scores and stages as the picture has them, each leading to exactly those customers."""

import re
from html.parser import HTMLParser

import pytest

from regulars.console.picture.stage_bands import bands
from regulars.console.picture.value_map import areas
from regulars.insight import queries as insight
from regulars.insight.compute.refresh import Made
from tests.console.pictured import CUSTOMERS
from tests.console.shop import staff


class Links(HTMLParser):
    """Addresses of the people page, with the words that name each link."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "a" and (told.get("href") or "").startswith("/people/"):
            self.found[told.get("aria-label") or ""] = told["href"] or ""


@pytest.mark.parametrize("system", ["eight", "ten"])
def test_every_area_of_the_map_leads_to_as_many_people(pictured: Made, system: str) -> None:
    client = staff("owner")
    links = Links(client.get(f"/value/?names={system}").content.decode()).found
    groups = insight.counts_by([f"rfm_{system}"])
    assert sum(group.customers for group in groups) == CUSTOMERS
    named = {
        name.rsplit(": ", 1)[0]: int(name.rsplit(": ", 1)[1])
        for name in links
        if name and not re.match(r"R\d F\d", name)
    }
    assert sorted(named.values()) == sorted(group.customers for group in groups)
    label, count = max(named.items(), key=lambda item: item[1])
    assert f"{count} customers" in client.get(links[f"{label}: {count}"]).content.decode()


def test_chinese_shops_see_the_eight_and_others_the_ten(pictured: Made) -> None:
    assert "Champions" in staff("owner").get("/value/").content.decode()
    assert "重要价值客户" in staff("owner", language="zh-hans").get("/value/").content.decode()


def test_without_a_picture_the_page_says_what_to_do(db: None) -> None:
    html = staff("owner").get("/value/").content.decode()
    assert "There is no picture yet" in html
    assert "Make it now" in html
    assert "Make it now" not in staff("viewer").get("/value/").content.decode()


def test_areas_fill_the_map_in_proportion() -> None:
    found = areas([6, 6, 4, 3, 2, 2, 1], 6, 4)
    assert [round(area.width * area.height, 9) for area in found] == [6, 6, 4, 3, 2, 2, 1]
    assert max(area.x + area.width for area in found) == pytest.approx(6)
    assert max(area.y + area.height for area in found) == pytest.approx(4)
    assert areas([], 6, 4) == []


def test_bands_carry_everybody_from_one_column_to_the_other() -> None:
    bars, drawn = bands([("a", "b", 3), ("b", "a", 1)], ["a", "b", "c"], width=100, height=50)
    assert [(bar.stage, bar.customers, bar.x) for bar in bars] == [("a", 3, 0), ("b", 1, 0), ("a", 1, 90), ("b", 3, 90)]
    assert [(band.start, band.end, band.customers) for band in drawn] == [("a", "b", 3), ("b", "a", 1)]
    assert bands([], ["a"], width=100, height=50) == ([], [])
