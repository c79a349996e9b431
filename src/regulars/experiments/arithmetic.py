"""The arithmetic of a report, step by step, for whoever wants to do it again in a spreadsheet."""

from math import isfinite
from typing import Final

from regulars.core.bilingual import Text
from regulars.experiments.formulas import Row, Sheet
from regulars.experiments.means import Comparison
from regulars.experiments.moments import Moments
from regulars.experiments.rules import Interval
from regulars.experiments.shapes import PLAINLY, SHAPES_DIFFER
from regulars.experiments.sums import POWERS, ArmSums, Sums
from regulars.experiments.uplift import Effect, Report

_ARMS: Final = (("t", "treated", Text("发送组", "Treated")), ("h", "held_out", Text("留出组", "Held out")))
_OUTCOMES: Final = {
    "conversion": Text("购买人数占比", "Share of buyers"),
    "orders": Text("人均订单", "Orders per customer"),
    "revenue": Text("人均净消费（分）", "Net revenue per customer (minor units)"),
}


def arithmetic(sums: Sums, report: Report) -> list[Row]:
    """Every step from the sums to the net gain; values come from the formulas, so they check the report."""
    sheet = Sheet()
    for short, arm, name in _ARMS:
        one: ArmSums = getattr(sums, arm)
        sheet.given(f"n.{short}", _both(name, "人数", "customers"), one.customers)
        sheet.given(f"buyers.{short}", _both(name, "购买人数", "buyers"), one.buyers)
    if sums.treated.customers and sums.held_out.customers:
        for outcome, label in _OUTCOMES.items():
            _Outcome(sheet, outcome, label, sums, getattr(report, outcome)).write()
        _gain(sheet, report)
    return sheet.rows


def _both(one: Text, zh: str, en: str) -> Text:
    return Text(f"{one.zh}：{zh}", f"{one.en}: {en}")


def _gain(sheet: Sheet, report: Report) -> None:
    costs = report.gain.costs
    sheet.given("costs.coupons", Text("券的成本（分）", "Cost of coupons (minor units)"), costs.coupons_minor)
    sheet.given("costs.messages", Text("消息成本（分）", "Cost of messages (minor units)"), costs.messages_minor)
    for end, zh, en in (("point", "估计值", "estimate"), ("low", "下限", "low end"), ("high", "上限", "high end")):
        sheet.computed(f"incremental.{end}", Text(f"多带来的净消费，{zh}", f"Incremental net revenue, {en}"),
            f"revenue.{end}*n.t")  # fmt: skip
        sheet.computed(f"net.{end}", Text(f"净增，{zh}", f"Net gain, {en}"),
            f"incremental.{end}-costs.coupons-costs.messages")  # fmt: skip


class _Outcome:
    """The rows of one outcome; names begin with it."""

    def __init__(self, sheet: Sheet, outcome: str, label: Text, sums: Sums, effect: Effect) -> None:
        self.sheet, self.outcome, self.label, self.effect = sheet, outcome, label, effect
        self.arms = {short: getattr(sums, arm) for short, arm, _ in _ARMS}
        self.moments = {
            short: Moments.of_conversion(arm) if outcome == "conversion" else Moments.of(arm, getattr(arm, outcome))
            for short, arm in self.arms.items()
        }
        self.knows = {
            short: arm.buyers >= 1 and float(self.moments[short].mean) > 0 for short, arm in self.arms.items()
        }
        self.comparison = Comparison(self.moments["t"], self.moments["h"], covariate=outcome != "conversion")

    def put(self, name: str, zh: str, en: str, formula: str) -> None:
        """A computed row; `{o}` in the formula is the outcome."""
        label = Text(f"{self.label.zh}，{zh}", f"{self.label.en}, {en}")
        self.sheet.computed(f"{self.outcome}.{name}", label, formula.replace("{o}", self.outcome))

    def told(self, name: str, zh: str, en: str, value: float) -> None:
        """A given row."""
        self.sheet.given(f"{self.outcome}.{name}", Text(f"{self.label.zh}，{zh}", f"{self.label.en}, {en}"), value)

    def write(self) -> None:
        """All of them."""
        self._means()
        self._cuped()
        if not any(float(moments.variance) for moments in self.moments.values()):
            self._all_alike()
            return
        modelled = bool(self.comparison.modelled)
        if modelled:
            self._shapes()
        difference: Interval = self.effect.difference
        for end, value in (("low", difference.low), ("high", difference.high), ("none", 0.0)):
            if isfinite(value):
                zh, en = {
                    "low": ("下限", "low end"),
                    "high": ("上限", "high end"),
                    "none": ("无差别", "no difference"),
                }[end]
                self.told(end, f"区间{zh}" if end != "none" else zh, en, value)
                if modelled:
                    self._trial(end, f"{zh}处", f"at the {en}")
                else:
                    self._plain(end, f"{zh}处", f"at the {en}")
        self.put("p", "碰巧的概率 p", "p of chance alone", "2*NORMSDIST(-ABS({o}.none.z))")

    def _all_alike(self) -> None:
        """Everybody did the same, mostly nothing: there is no noise to measure a difference by."""
        for end, value in (("low", self.effect.difference.low), ("high", self.effect.difference.high)):
            self.told(end, "大家都一样，无从比较", "all customers are alike", value)
        self.told("p", "碰巧的概率 p", "p of chance alone", self.effect.difference.p)

    def _means(self) -> None:
        """Given sums as means per customer."""
        for short, _, name in _ARMS:
            for i, j in POWERS:
                self.told(f"{short}.y{i}x{j}", f"{name.zh} y^{i}·x^{j} 的人均值", f"{name.en}: mean of y^{i}·x^{j}",
                    float(self.moments[short].power[i, j]))  # fmt: skip
            o = f"{{o}}.{short}"
            self.put(f"{short}.var", f"{name.zh} y 的方差", f"{name.en}: variance of y", f"{o}.y2x0-{o}.y1x0^2")
            self.put(f"{short}.varx", f"{name.zh} x 的方差", f"{name.en}: variance of x", f"{o}.y0x2-{o}.y0x1^2")
            self.put(f"{short}.cov", f"{name.zh} 协方差", f"{name.en}: covariance", f"{o}.y1x1-{o}.y1x0*{o}.y0x1")

    def _cuped(self) -> None:
        """What is taken off by what customers did before."""
        if self.effect.theta:
            self.put("theta", "CUPED 系数", "CUPED factor",
                "(n.t*{o}.t.cov+n.h*{o}.h.cov)/(n.t*{o}.t.varx+n.h*{o}.h.varx)")  # fmt: skip
        else:
            self.told("theta", "CUPED 系数（没有帮助，不用）", "CUPED factor (does not help, not used)", 0.0)
        self.put("before", "之前的人均值", "mean before, both arms", "(n.t*{o}.t.y0x1+n.h*{o}.h.y0x1)/(n.t+n.h)")
        for s, _, name in _ARMS:
            o = f"{{o}}.{s}"
            self.put(f"{s}.mean", f"{name.zh}校正后人均", f"{name.en}: adjusted mean",
                f"{o}.y1x0-{{o}}.theta*({o}.y0x1-{{o}}.before)")  # fmt: skip
            self._central(s, name)
        self.put("point", "差别", "difference", "{o}.t.mean-{o}.h.mean")
        for what, kind, zh, en in (("skewleft", "third", "三阶", "third"), ("tailleft", "fourth", "四阶", "fourth")):
            self._remains(what, kind, f"{zh}累积量剩余", f"{en} cumulant left")

    def _central(self, s: str, name: Text) -> None:
        o, th = f"{{o}}.{s}", "{o}.theta"
        for kind, th_ in (("raw", "0"), ("adj", th)):
            powers = {
                1: f"{o}.y1x0-{th_}*{o}.y0x1",
                2: f"{o}.y2x0-2*{th_}*{o}.y1x1+{th_}^2*{o}.y0x2",
                3: f"{o}.y3x0-3*{th_}*{o}.y2x1+3*{th_}^2*{o}.y1x2-{th_}^3*{o}.y0x3",
                4: f"{o}.y4x0-4*{th_}*{o}.y3x1+6*{th_}^2*{o}.y2x2-4*{th_}^3*{o}.y1x3+{th_}^4*{o}.y0x4",
            }
            zh, en = ("原值", "as it is") if kind == "raw" else ("校正后", "adjusted")
            for k, formula in powers.items():
                self.put(f"{s}.{kind}{k}", f"{name.zh}{zh} {k} 次矩", f"{name.en}: moment {k}, {en}", formula)
            m = f"{o}.{kind}"
            for what, formula in (
                ("second", f"{m}2-{m}1^2"),
                ("third", f"{m}3-3*{m}1*{m}2+2*{m}1^3"),
                ("fourth", f"{m}4-4*{m}1*{m}3+6*{m}1^2*{m}2-3*{m}1^4-3*{o}.{kind}second^2"),
            ):
                self.put(f"{s}.{kind}{what}", f"{name.zh}{zh} {what}", f"{name.en}: {what} cumulant, {en}", formula)

    def _remains(self, what: str, kind: str, zh: str, en: str) -> None:
        whole = f"(n.t*{{o}}.t.raw{kind}+n.h*{{o}}.h.raw{kind})"
        if not self.effect.theta:
            self.told(what, zh, en, 1.0)
        else:
            self.put(what, zh, en,
                f"MAX(0,MIN(1.2,(n.t*{{o}}.t.adj{kind}+n.h*{{o}}.h.adj{kind})/{whole}))")  # fmt: skip

    def _shapes(self) -> None:
        """The shapes that the arms lend each other; see `shapes`."""
        for s, other, name in (("t", "h", _ARMS[0][2]), ("h", "t", _ARMS[1][2])):
            a = s if self.knows[s] else other
            o = f"{{o}}.{a}"
            self.put(f"{s}.base", f"{name.zh}基准均值", f"{name.en}: base mean", f"{o}.y1x0")
            self.put(f"{s}.share", f"{name.zh}购买占比", f"{name.en}: share of buyers", f"buyers.{a}/n.{a}")
            for what, power, zh, en in (
                ("d", 2, "离散 D", "spread D"),
                ("k", 3, "偏斜 K", "skew K"),
                ("q", 4, "尾部 Q", "tail Q"),
            ):
                self.put(f"{s}.{what}", f"{name.zh}{zh}", f"{name.en}: {en}",
                    f"{{o}}.{s}.share^{power - 1}*{o}.y{power}x0/{{o}}.{s}.base^{power}")  # fmt: skip
            self.told(f"{s}.b", f"{name.zh}已知购买人数", f"{name.en}: buyers who tell of it",
                self.arms[s].buyers if self.knows[s] else 0)  # fmt: skip
        b = "({o}.t.b+{o}.h.b)"
        self.put("d", "合并 D", "D, both", f"EXP(({{o}}.t.b*LN({{o}}.t.d)+{{o}}.h.b*LN({{o}}.h.d))/{b})")
        for what, zh in (("k", "合并 K"), ("q", "合并 Q")):
            self.put(what, zh, f"{what.upper()}, both",
                f"({{o}}.t.b*{{o}}.t.{what}+{{o}}.h.b*{{o}}.h.{what})/{b}")  # fmt: skip
        self.put("single", "单个购买者的 ln D 方差", "variance of ln D of one buyer",
            "MAX({o}.q/{o}.d^2-1+4*{o}.d-4*{o}.k/{o}.d,0)")  # fmt: skip
        for s in "th":
            self.put(f"{s}.noise", f"{s} 组 ln D 方差", f"variance of ln D, {s}", f"{{o}}.single/MAX({{o}}.{s}.b,0.5)")
        noise = "({o}.t.noise+{o}.h.noise)"
        self.put("between", "两组之间 ln D 方差", "variance of ln D between the arms",
            f"SIGN({{o}}.single)*MAX({SHAPES_DIFFER}^2,(LN({{o}}.t.d)-LN({{o}}.h.d))^2-{PLAINLY}*{noise})")  # fmt: skip
        for s, other, name in (("t", "h", _ARMS[0][2]), ("h", "t", _ARMS[1][2])):
            o, u = f"{{o}}.{s}", f"{{o}}.{other}"
            if self.sheet.value(f"{self.outcome}.single") > 0:
                self.put(f"{s}.own", f"{name.zh}自身形状的权重", f"{name.en}: weight of its own shape",
                    f"({{o}}.between+{u}.noise)/({{o}}.between+{u}.noise+{o}.noise)")  # fmt: skip
            else:
                self.told(f"{s}.own", f"{name.zh}自身形状的权重", f"{name.en}: weight of its own shape", 1.0)
            w = f"{o}.own"
            self.put(f"{s}.usesd", f"{name.zh}所用 D", f"{name.en}: D used", f"{o}.d^{w}*{u}.d^(1-{w})")
            self.put(f"{s}.usesk", f"{name.zh}所用 K", f"{name.en}: K used", f"{w}*{o}.k+(1-{w})*{u}.k")
            ratio, others = (f"MAX({x}.adjsecond/{x}.rawsecond,0.000001)" for x in (o, u))
            if self.effect.theta:
                self.put(
                    f"{s}.left",
                    f"{name.zh}校正后剩余方差",
                    f"{name.en}: variance left",
                    f"{ratio}^{w}*{others}^(1-{w})",
                )
            else:
                self.told(f"{s}.left", f"{name.zh}校正后剩余方差", f"{name.en}: variance left", 1.0)
            self.put(f"{s}.part", f"{name.zh}购买人数的份额", f"{name.en}: part of buyers in its noise",
                f"MAX(0,MIN(1,(1-{o}.share)/MAX({o}.usesd-{o}.share,0.000000001)))")  # fmt: skip

    def _trial(self, end: str, zh: str, en: str) -> None:
        """A difference put to the test; the held-out mean was found by search, and `check` must be nought."""
        e, o = f"{{o}}.{end}", "{o}"
        found = self.comparison.trial(self.sheet.value(f"{self.outcome}.{end}"))
        self.told(
            f"{end}.h.m",
            f"{zh}留出组均值（试出来的）",
            f"held-out mean {en} (found by search)",
            float(found.held_out_mean),
        )
        self.put(f"{end}.t.m", f"{zh}发送组均值", f"treated mean {en}", f"MAX({e}.h.m+{e},0.001*{o}.t.base)")
        for s, _, name in _ARMS:
            a, x = f"{e}.{s}", f"{o}.{s}"
            for what, label_zh, label_en, formula in (
                ("p", "购买占比", "share of buyers", f"MAX(0.000000001,MIN(1,{x}.share*({a}.m/{x}.base)^{x}.part))"),
                ("one", "单人方差", "variance of one", f"MAX({x}.usesd/{a}.p-1,0.000000001)"),
                ("v", "均值方差", "variance of the mean", f"{a}.m^2*{a}.one*{x}.left/MAX(n.{s}-1,1)"),
                ("c3", "三阶", "third", f"{a}.m^3*({x}.usesk/{a}.p^2-3*{x}.usesd/{a}.p+2)/n.{s}^2"),
                (
                    "c4",
                    "四阶",
                    "fourth",
                    f"{a}.m^4*({o}.q/{a}.p^3-4*{x}.usesk/{a}.p^2+6*{x}.usesd/{a}.p-3-3*{a}.one^2)/n.{s}^3",
                ),
                ("leans", "偏倚", "leaning", f"{a}.m*({x}.usesk/{x}.usesd+1-2*{x}.usesd)/{a}.p/n.{s}*{x}.left"),
            ):
                self.put(f"{end}.{s}.{what}", f"{zh}{name.zh}{label_zh}", f"{name.en}: {label_en} {en}", formula)
        self._corrections(end, zh, en)

    def _corrections(self, end: str, zh: str, en: str) -> None:
        e, o = f"{{o}}.{end}", "{o}"
        self.put(f"{end}.v", f"{zh}方差", f"variance {en}", f"{e}.t.v+{e}.h.v")
        self.put(f"{end}.check", f"{zh}核对（应为 0）", f"check {en} (must be 0)",
            f"({o}.h.mean+{e}.h.v/{e}.v*({o}.point-{e})-{e}.h.m)/SQRT({e}.v)")  # fmt: skip
        for s in "th":
            a, x = f"{e}.{s}", f"{o}.{s}"
            self.put(f"{end}.{s}.gain", f"{zh}{s} 增益", f"gain {s} {en}", f"{a}.v/{e}.v*({x}.usesd/{a}.p)/{a}.one")
            self.put(f"{end}.{s}.counting", f"{zh}{s} 计数误差", f"counting {s} {en}",
                f"{a}.gain^2*(1-{x}.part)*(1-{a}.p)/({a}.p*n.{s})")  # fmt: skip
        for s, u in (("t", "h"), ("h", "t")):
            self.put(f"{end}.{s}.whole", f"{zh}{s} 合计增益", f"whole gain {s} {en}",
                f"{e}.{s}.gain*{o}.{s}.own+{e}.{u}.gain*(1-{o}.{u}.own)")  # fmt: skip
        for what, label_zh, label_en, formula in (
            ("skew", "偏度", "skewness", f"({e}.t.c3-{e}.h.c3)/{e}.v^1.5*{o}.skewleft"),
            ("tail", "峰度", "tail", f"({e}.t.c4+{e}.h.c4)/{e}.v^2*{o}.tailleft"),
            ("lean", "与方差的相关", "lean", f"({e}.t.leans*{e}.t.whole-{e}.h.leans*{e}.h.whole)/SQRT({e}.v)"),
            ("vnoise", "方差的误差", "noise of the variance",
             f"{e}.t.whole^2*{o}.t.noise+{e}.h.whole^2*{o}.h.noise+{e}.t.counting+{e}.h.counting"),
            ("df", "自由度", "degrees of freedom", f"MAX(3,MIN(1000000,2/MAX({e}.vnoise-{e}.lean^2,0.000000001)))"),
            ("raw", "原始统计量", "raw statistic", f"({o}.point-{e})/SQRT({e}.v)"),
            ("third", "校正用偏度", "skewness to correct", f"{e}.skew-3*{e}.lean"),
        ):  # fmt: skip
            self.put(f"{end}.{what}", f"{zh}{label_zh}", f"{label_en} {en}", formula)
        if abs(self.sheet.value(f"{self.outcome}.{end}.third")) < 1e-6:
            self.put(f"{end}.root", f"{zh}校正后", f"corrected {en}", f"{e}.raw+{e}.lean/2")
        else:
            inside = self.sheet.peek(f"1+{e}.third*({e}.raw+{e}.lean/2)/2".replace("{o}", self.outcome))
            root = f"(MAX(1+{e}.third*({e}.raw+{e}.lean/2)/2,0))^(1/3)" if inside > 0 else "0"
            self.put(f"{end}.root", f"{zh}校正后", f"corrected {en}", f"({root}-1+{e}.third^2/36)*6/{e}.third")
        held = f"MAX(-2.2,MIN(2.2,{e}.root))"
        self.put(f"{end}.bent", f"{zh}再校正尾部", f"with the tail {en}",
            f"{e}.root-MAX(0,MIN(2,{e}.tail-1.5*{e}.skew^2))/24*({held}^3-3*{held})")  # fmt: skip
        self._normal(end, zh, en)

    def _normal(self, end: str, zh: str, en: str) -> None:
        """t to normal: the tail of t through the beta distribution."""
        e = f"{{o}}.{end}"
        self.put(f"{end}.z", f"{zh} z（区间两端应为 ±1.96）", f"z {en} (±1.96 at the ends)",
            f"-SIGN({e}.bent)*NORMSINV(BETADIST({e}.df/({e}.df+{e}.bent^2),{e}.df/2,0.5)/2)")  # fmt: skip

    def _plain(self, end: str, zh: str, en: str) -> None:
        """Welch with Hall's transformation."""
        e, o = f"{{o}}.{end}", "{o}"
        for s in "th":
            self.put(
                f"{end}.{s}.v", f"{zh}{s} 均值方差", f"variance of the mean {s} {en}", f"{o}.{s}.adjsecond/(n.{s}-1)"
            )
        for what, label_zh, label_en, formula in (
            ("v", "方差", "variance", f"{e}.t.v+{e}.h.v"),
            ("skew", "偏度", "skewness", f"({o}.t.adjthird/n.t^2-{o}.h.adjthird/n.h^2)/{e}.v^1.5"),
            ("df", "自由度", "degrees of freedom", f"{e}.v^2/({e}.t.v^2/(n.t-1)+{e}.h.v^2/(n.h-1))"),
            ("raw", "原始统计量", "raw statistic", f"({o}.point-{e})/SQRT({e}.v)"),
            ("bent", "校正后", "corrected", f"{e}.raw+{e}.skew/3*{e}.raw^2+{e}.skew^2/27*{e}.raw^3+{e}.skew/6"),
        ):
            self.put(f"{end}.{what}", f"{zh}{label_zh}", f"{label_en} {en}", formula)
        self._normal(end, zh, en)
