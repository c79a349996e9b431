"""The pages of the console: what they are called, where they are, and who may open them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

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
    """A page as its reader sees it; `badge` is a figure beside the name, `shows_due` whether due tasks stand there."""

    icon: str
    label: str
    url: str
    badge: str | None
    current: bool
    shows_due: bool = False


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
        (
            Page(
                "programme_health",
                "activity",
                _("Programme health"),
                "insight.view",
                "programme health participation cost 计划 健康度 参与率 成本 jihua jiankang",
            ),
            Page("ledger", "coins", _("Points ledger"), "ledger.view", "ledger points 积分 账本 jifen zhangben"),
            Page(
                "liability", "scale", _("Points liability"), "finance.view", "liability ifrs finance 负债 财务 fuzhai"
            ),
            Page("offers", "ticket-percent", _("Coupons"), "campaigns.view", "coupons offers 优惠券 发券 youhuiquan"),
            Page("rewards", "gift", _("Rewards"), "campaigns.view", "rewards 积分商城 礼品 jifen shangcheng lipin"),
            Page("till", "hand-coins", _("Till"), "till.use", "till cashier stamps 收银台 集点 印花 shouyintai jidian"),
            Page("till_day", "calendar-check", _("Day at the till"), "till.day", "till day 门店 当日 对账 mendian"),
            Page("redeem", "scan-line", _("Redeem"), "coupons.redeem", "redeem code till 核销 券码 hexiao"),
            Page("risk", "shield-alert", _("Risk control"), "risk.view", "risk fraud freeze 风险 异常 冻结 fengxian"),
        ),
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
        _("Outreach"),
        (
            Page(
                "campaigns", "megaphone", _("Campaigns"), "campaigns.view", "campaigns winback 活动 营销 挽回 huodong"
            ),
            Page("copy_list", "clipboard-list", _("Copy list"), "campaigns.edit", "copy wechat 复制 微信 fuzhi weixin"),
            Page("tasks", "list-checks", _("To do"), "tasks.do", "tasks todo calls 待办 任务 回访 daiban renwu"),
            Page("mailbox", "inbox", _("Mailbox"), "campaigns.edit", "mailbox mail 邮箱 邮件 youxiang"),
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


TODAY = Page("today", "sun", _("Today"), "overview.view", "today regulars home 今天 今日 熟客 jintian")
"""What a small shop opens with; in the whole menu the overview has its place."""

SMALL: Final = ("customers", "till", "offers", "imports", "settings")
"""What a small shop needs besides Today, until its owner asks for more."""

DUE: Final = "tasks"
"""Where it stands how many tasks are due; in the small menu, which leads to them over Today, there."""

SMALL_SHOP: Final = 5_000
"""Members from which on a shop is no small one."""


def is_small(*, chosen: str, trade: str, members: int) -> bool:
    """Whether somebody sees the small menu.

    Args:
        chosen: 'small' or 'whole', what they asked for; '' if they never did.
        trade: What the owner of a small shop was asked first; '' for a business that was set up in another way.
    """
    return chosen == "small" if chosen else bool(trade) and members < SMALL_SHOP


def pages_for(capabilities: frozenset[str]) -> list[Page]:
    """The pages that somebody may open, in the order of the sidebar."""
    known = get_resolver().reverse_dict
    return [page for _group, pages in PAGES for page in pages if page.capability in capabilities and page.name in known]


def groups(
    capabilities: frozenset[str], path: str, badges: Mapping[str, str] | None = None, *, small: bool = False
) -> list[Group]:
    """The sidebar for somebody who is on the page at `path`.

    Args:
        capabilities: What they may do.
        path: Path of the page that they look at.
        badges: Figures by page name.
        small: Whether they see the small menu.
    """
    allowed = set(pages_for(capabilities))
    if small and TODAY.capability in capabilities:  # who is at the till has few pages anyway
        few = [TODAY]
        few += [page for _label, pages in PAGES for page in pages if page.name in SMALL and page in allowed]
        due = TODAY.name if "tasks.do" in capabilities else ""
        return [Group("", tuple(_link(page, path, (badges or {}).get(page.name), due) for page in few))]
    shown = []
    for label, pages in PAGES:
        links = tuple(_link(page, path, (badges or {}).get(page.name)) for page in pages if page in allowed)
        if links:
            shown.append(Group(label=str(label), links=links))
    return shown


def _link(page: Page, path: str, badge: str | None, due: str = DUE) -> Link:
    url = reverse(page.name)
    current = path == url or (url != "/" and path.startswith(url) and not _is_another(path, page))
    return Link(page.icon, str(page.label), url, badge, current, shows_due=page.name == due)


def _is_another(path: str, page: Page) -> bool:
    """Whether a page below this one has an entry of its own."""
    below = [other.name for _label, pages in PAGES for other in pages if other.name.startswith(f"{page.name}_")]
    return any(path.startswith(reverse(name)) for name in below)
