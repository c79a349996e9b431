"""A customer's own rhythm: how many days usually lie between purchases, and how unusual today's silence is.

Only days count, not orders: two orders of one day are one visit. The usual gap is the median, which one long absence
hardly moves:

- 4 purchase days or more: the median of the customer's own gaps;
- 3 purchase days: the shop's usual gap, kept between the customer's two gaps (their median with the shop's as third);
- fewer: the shop's usual gap, which is the median over all customers who came on 2 days or more of their own median;
- nobody ever came twice: DEFAULT_GAP_DAYS.

The spread around it is the standard deviation of the own gaps from 4 purchase days on, kept between half the usual gap
(so a clockwork customer is not suspected for one day) and one and a half of it (so one long absence does not excuse
the next); before that it is the usual gap itself, as it would be for purchases at random. The silence score is
100 k² / (1 + k²), where k is by how many spreads the silence exceeds the usual gap: by Cantelli's inequality at least
so many of a hundred gaps are shorter, whatever their distribution.
"""

from datetime import date, timedelta

import ibis
import ibis.expr.types as ir

from regulars.insight.compute.cards import Text
from regulars.insight.compute.features.feature import QUARTER_DAYS, YEAR_DAYS, Columns, Family, Feature, ratio

DEFAULT_GAP_DAYS = 90
OWN_FROM_DAYS = 4  # purchase days
LEAST_SPREAD, MOST_SPREAD = 1, 3  # halves of the usual gap


def _sums(came: ir.Table, day: date) -> Columns:
    quarter = day - timedelta(days=QUARTER_DAYS)
    recent = came.day >= quarter
    before = (came.day >= quarter - timedelta(days=QUARTER_DAYS)) & (came.day < quarter)
    ended = came.day.delta(ibis.literal(quarter), unit="day")  # 0..89 within the last 90 days
    return {
        "came": came.count(where=came.new_day),
        "came_365": came.count(where=came.new_day & (came.day >= day - timedelta(days=YEAR_DAYS))),
        "came_90": came.count(where=came.new_day & recent),
        "came_90_before": came.count(where=came.new_day & before),
        "came_last": came.day.max(),
        "gaps": came.gap.count(),
        "gap_sum": came.gap.sum(),
        "gap_squares": (came.gap * came.gap).sum(),
        "gap_median": came.gap.cast("float64").median(),
        "gap_min": came.gap.min(),
        "gap_max": came.gap.max(),
        # The longest absence that ended in the last 90 days, and among equals the latest, packed to be one maximum.
        "back_packed": (came.gap * QUARTER_DAYS + ended).max(where=recent),
    }


def _prepare(summed: ir.Table, day: date) -> ir.Table:
    """Add the usual gap and whose it is, its spread, and today's silence.

    Constants are whole numbers: Spark takes a bare 0.5 for a decimal and may overflow.
    """
    # The mutate stands before the join on purpose: Ibis writes a shared projection once, a join that grows twice.
    own = summed.mutate(own_spread=_own_spread(summed), silence=ibis.literal(day).delta(summed.came_last, unit="day"))
    shop = own.filter(own.gaps >= 1).aggregate(shop_gap=lambda t: t.gap_median.median())
    spaced = own.cross_join(shop).select(*own.columns, "shop_gap")
    judged = _with_usual(spaced)
    enough = judged.gaps >= OWN_FROM_DAYS - 1
    most, least = judged.usual * MOST_SPREAD / 2, judged.usual * LEAST_SPREAD / 2
    bounded = ibis.greatest(least, ibis.least(most, judged.own_spread))
    spread = judged.mutate(spread=ibis.cases((enough, bounded), else_=judged.usual))
    return spread.mutate(excess=ibis.greatest((spread.silence - spread.usual) / spread.spread, 0))


def _with_usual(known: ir.Table) -> ir.Table:
    of_shop = known.shop_gap.fill_null(DEFAULT_GAP_DAYS)
    of_three = ibis.least(ibis.greatest(of_shop, known.gap_min), known.gap_max)
    own, three = known.gaps >= OWN_FROM_DAYS - 1, known.gaps == OWN_FROM_DAYS - 2
    return known.mutate(
        usual=ibis.cases((own, known.gap_median), (three, of_three), else_=of_shop),
        basis=ibis.cases((own | three, "own"), (known.shop_gap.notnull(), "shop"), else_="default"),
    )


def _own_spread(summed: ir.Table) -> ir.Value:
    """The standard deviation of the own gaps, null with fewer than two. Whole sums: order cannot matter."""
    gaps, total = summed.gaps.cast("float64"), summed.gap_sum.cast("float64")
    variance = (gaps * summed.gap_squares - total * total) / (gaps * (gaps - 1))
    return ibis.cases((summed.gaps >= 2, ibis.greatest(variance, 0).sqrt()))


def _tenths(value: ir.Value) -> ir.Value:
    return ((value * 20 + 1) / 2).floor() / 10


def _values(summed: ir.Table, day: date) -> Columns:
    bought = summed.came.notnull()
    squared = summed.excess * summed.excess
    return {
        "purchase_days": summed.came.fill_null(0),
        "purchase_days_365": summed.came_365.fill_null(0),
        "purchase_days_90": summed.came_90.fill_null(0),
        "purchase_days_90_before": summed.came_90_before.fill_null(0),
        "gap_days": ibis.cases((summed.gaps >= 2, summed.gap_median)),
        "gap_spread_days": _tenths(summed.own_spread),
        "longest_gap_days": summed.gap_max,
        "usual_gap_days": ibis.cases((bought, summed.usual)),
        "usual_gap_basis": ibis.cases((bought, summed.basis)),
        "usual_spread_days": ibis.cases((bought, _tenths(summed.spread))),
        "silence_ratio": ratio(summed.silence * 8, (summed.usual * 8).cast("int64"), 2),
        "silence_score": ibis.cases((bought, ((200 * squared / (1 + squared) + 1) / 2).floor().cast("int64"))),
        "absence_days": summed.back_packed // QUARTER_DAYS,
        "back_days": QUARTER_DAYS - summed.back_packed % QUARTER_DAYS,
    }


FAMILY = Family(
    (
        Feature(
            "purchase_days", "rhythm", "count", Text("购买天数", "Purchase days"),
            Text("有过购买的日子，同一天的几单算一次。", "Days with a purchase; orders of one day are one."),
        ),
        Feature(
            "purchase_days_365", "rhythm", "count", Text("近一年购买天数", "Purchase days in 365 days"),
            Text("最近 365 天里有过购买的日子。", "Days with a purchase among the last 365."),
        ),
        Feature(
            "purchase_days_90", "rhythm", "count", Text("近 90 天购买天数", "Purchase days in 90 days"),
            Text("最近 90 天里有过购买的日子。", "Days with a purchase among the last 90."),
        ),
        Feature(
            "purchase_days_90_before", "rhythm", "count",
            Text("之前 90 天购买天数", "Purchase days in the 90 days before"),
            Text("再往前 90 天里有过购买的日子。", "Days with a purchase among the 90 before those."),
        ),
        Feature(
            "gap_days", "rhythm", "days", Text("本人购买间隔", "Own gap"),
            Text(
                "两次购买之间通常隔几天（本人各次间隔的中位数）；购买不满 3 天则为空。",
                "Days that usually lie between purchases, the median of the own gaps; empty below 3 purchase days.",
            ),
        ),
        Feature(
            "gap_spread_days", "rhythm", "days", Text("间隔波动", "Spread of the gaps"),
            Text(
                "本人各次间隔的标准差，越小越有规律；购买不满 3 天则为空。",
                "The standard deviation of the own gaps, small if regular; empty below 3 purchase days.",
            ),
        ),
        Feature(
            "longest_gap_days", "rhythm", "days", Text("最长间隔", "Longest gap"),
            Text(
                "两次购买之间最长隔过几天；购买不满 2 天则为空。",
                "The longest gap between purchases; empty below 2 purchase days.",
            ),
        ),
        Feature(
            "usual_gap_days", "rhythm", "days", Text("通常间隔", "Usual gap"),
            Text(
                "判断沉默时所用的间隔：购买满 3 天用本人的，不满则用本店顾客的；没买过则为空。",
                "The gap that silence is judged by: the customer's own from 3 purchase days on, else that of the "
                "shop's customers; empty without a purchase.",
            ),
        ),
        Feature(
            "usual_gap_basis", "rhythm", "code", Text("间隔依据", "Whose gap"),
            Text(
                "通常间隔取自谁：own 本人，shop 本店，default 默认值（还没有顾客来过第二次）。",
                "Where the usual gap comes from: 'own', 'shop', or 'default' while nobody has come twice.",
            ),
        ),
        Feature(
            "usual_spread_days", "rhythm", "days", Text("通常波动", "Usual spread"),
            Text(
                "判断沉默时所用的波动，在通常间隔的一半到一倍半之间；没买过则为空。",
                "The spread that silence is judged by, between half and one and a half of the usual gap; empty without "
                "a purchase.",
            ),
        ),
        Feature(
            "silence_ratio", "rhythm", "ratio", Text("沉默倍数", "Silence ratio"),
            Text(
                "距上次购买的天数是通常间隔的几倍；没买过则为空。",
                "Days since the last purchase over the usual gap; empty without a purchase.",
            ),
        ),
        Feature(
            "silence_score", "rhythm", "score", Text("沉默异常度", "Unusual silence"),
            Text(
                "今天的沉默有多反常：0 为正常，越接近 100 越少见；没买过则为空。",
                "How unusual today's silence is: 0 is normal, near 100 hardly ever happens; empty without a purchase.",
            ),
        ),
        Feature(
            "absence_days", "rhythm", "days", Text("回来前离开天数", "Absence before coming back"),
            Text(
                "近 90 天内结束的间隔里，最长的一次隔了几天；没有则为空。",
                "The longest gap that ended with a purchase in the last 90 days; empty if there is none.",
            ),
        ),
        Feature(
            "back_days", "rhythm", "days", Text("回来天数", "Days since coming back"),
            Text("那次间隔结束到今天的天数；没有则为空。", "Days since that gap ended; empty if there is none."),
        ),
    ),
    _values,
    {"days": _sums},
    _prepare,
)  # fmt: skip
