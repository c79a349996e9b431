"""The pages of the console: what they are called, where they are, and who may open them."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.urls import get_resolver, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Page:
    """One entry of the sidebar. `words` are what people type into the palette to find it."""

    name: str
    icon: str
    label: Promise
    capability: str
    words: str


@dataclass(frozen=True, slots=True)
class Link:
    """A page as its reader sees it; `badge` is a figure beside the name."""

    icon: str
    label: str
    url: str
    badge: str | None
    current: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Links under one heading; the first group has none."""

    label: str
    links: tuple[Link, ...]


PAGES: tuple[tuple[Promise | str, tuple[Page, ...]], ...] = (
    (
        "",
        (
            Page(
                "overview", "layout-dashboard", _("Overview"), "overview.view", "overview home 总览 首页 zonglan shouye"
            ),
        ),
    ),
    (
        _("Customers"),
        (
            Page("customers", "users", _("Members"), "customers.view", "members customers 会员 客户 huiyuan kehu"),
            Page(
                "duplicates",
                "copy-check",
                _("Duplicates"),
                "customers.merge",
                "duplicates merge 重复 合并 chongfu hebing",
            ),
            Page("segments", "funnel", _("Segments"), "insight.view", "segments audience 人群 分群 renqun fenqun"),
            Page("tags", "tags", _("Tags"), "insight.view", "tags labels 标签 biaoqian"),
        ),
    ),
    (
        _("Loyalty"),
        (Page("ledger", "coins", _("Points ledger"), "ledger.view", "ledger points 积分 账本 jifen zhangben"),),
    ),
    (
        _("Insight"),
        (
            Page(
                "value",
                "chart-pie",
                _("Value & lifecycle"),
                "insight.view",
                "rfm value lifecycle clv 价值 生命周期 jiazhi",
            ),
            Page("churn", "heart-pulse", _("Churn radar"), "insight.view", "churn risk 流失 雷达 预警 liushi leida"),
            Page("cohorts", "calendar-range", _("Cohorts"), "insight.view", "cohorts retention 同期群 留存 liucun"),
            Page("models", "flask-conical", _("Models"), "insight.view", "models cards backtest 模型 moxing"),
        ),
    ),
    (
        _("Data"),
        (Page("imports", "upload", _("Imports"), "imports.view", "imports orders files 导入 订单 daoru dingdan"),),
    ),
    (
        "",
        (Page("settings", "settings", _("Settings"), "settings.view", "settings staff keys 设置 员工 密钥 shezhi"),),
    ),
)


def pages_for(capabilities: frozenset[str]) -> list[Page]:
    """The pages that somebody may open, in the order of the sidebar."""
    known = get_resolver().reverse_dict
    return [page for _group, pages in PAGES for page in pages if page.capability in capabilities and page.name in known]


def groups(capabilities: frozenset[str], path: str, badges: Mapping[str, str] | None = None) -> list[Group]:
    """The sidebar for somebody who is on the page at `path`.

    Args:
        capabilities: What they may do.
        path: Path of the page that they look at.
        badges: Figures by page name.
    """
    allowed = set(pages_for(capabilities))
    shown = []
    for label, pages in PAGES:
        links = tuple(_link(page, path, (badges or {}).get(page.name)) for page in pages if page in allowed)
        if links:
            shown.append(Group(label=str(label), links=links))
    return shown


def _link(page: Page, path: str, badge: str | None) -> Link:
    url = reverse(page.name)
    current = path == url or (url != "/" and path.startswith(url))
    return Link(icon=page.icon, label=str(page.label), url=url, badge=badge, current=current)
