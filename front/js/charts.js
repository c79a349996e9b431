// Charts: <div data-chart="lines" data-src="id of a template with JSON" role="img" aria-label="…"></div>
//
// lines  {x: [label], series: [{name, data, tone, area, dash}], unit, digits}
// bars   the same, plus `stacked` and `flat` (flat bars lie on their side)
import * as echarts from "echarts/core";
import { BarChart, LineChart } from "echarts/charts";
import { AriaComponent, GridComponent, TooltipComponent } from "echarts/components";
import { SVGRenderer } from "echarts/renderers";

echarts.use([LineChart, BarChart, GridComponent, TooltipComponent, AriaComponent, SVGRenderer]);

const root = document.documentElement;
const token = (name) => getComputedStyle(root).getPropertyValue(name).trim();

function palette() {
  return {
    text: token("--color-base-content"),
    faint: token("--fnt"),
    line: token("--color-base-300"),
    surface: token("--color-base-100"),
    font: token("--font-sans"),
    dark: root.dataset.theme === "jade-dark",
    tone: {
      primary: token("--color-primary"),
      secondary: token("--color-secondary"),
      accent: token("--color-accent"),
      success: token("--color-success"),
      warning: token("--color-warning"),
      error: token("--color-error"),
      mute: root.dataset.theme === "jade-dark" ? "#6b7078" : "#b5b9c0",
    },
  };
}

const full = (value, digits = 0) =>
  new Intl.NumberFormat(root.lang, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
const short = (value) =>
  new Intl.NumberFormat(root.lang, { notation: "compact", maximumFractionDigits: 1 }).format(value);

// The tooltip is made of elements with classes: markup with inline styles would break the content security policy.
function tooltip(data, colors) {
  return {
    trigger: "axis",
    backgroundColor: colors.surface,
    borderColor: colors.line,
    borderWidth: 1,
    padding: [8, 12],
    confine: true,
    className: "chart-tip",
    textStyle: { color: colors.text, fontSize: 12, fontFamily: colors.font },
    axisPointer: { type: "line", lineStyle: { color: colors.faint, type: "dashed" } },
    formatter: (points) => {
      const box = document.createElement("div");
      box.append(Object.assign(document.createElement("b"), { textContent: points[0].axisValueLabel }));
      for (const point of points) {
        const series = data.series[point.seriesIndex];
        const row = document.createElement("p");
        const key = document.createElement("i");
        key.dataset.tone = series.tone ?? "primary";
        const value = point.value ?? null;
        const text = value === null ? "–" : `${data.prefix ?? ""}${full(value, data.digits)}${data.unit ?? ""}`;
        row.append(key, Object.assign(document.createElement("span"), { textContent: point.seriesName }));
        row.append(Object.assign(document.createElement("strong"), { textContent: text }));
        box.append(row);
      }
      return box;
    },
  };
}

function frame(data, colors) {
  const label = { color: colors.faint, fontSize: 11, fontFamily: colors.font };
  return {
    grid: { left: 8, right: 14, top: 14, bottom: 4, containLabel: true },
    tooltip: tooltip(data, colors),
    names: {
      type: "category",
      data: data.x,
      axisTick: { show: false },
      axisLine: { lineStyle: { color: colors.line } },
      axisLabel: { ...label, margin: 10, hideOverlap: true },
    },
    amounts: {
      type: "value",
      splitNumber: 4,
      max: data.max, // where nothing can be more
      minInterval: data.digits ? 0 : 1,
      axisLabel: { ...label, formatter: short },
      splitLine: { lineStyle: { color: colors.line, opacity: 0.75 } },
    },
  };
}

function fade(color, dark) {
  const stops = [
    { offset: 0, color: color + (dark ? "38" : "26") },
    { offset: 1, color: color + "00" },
  ];
  return { color: new echarts.graphic.LinearGradient(0, 0, 0, 1, stops) };
}

function lines(data, colors) {
  const { names, amounts, ...rest } = frame(data, colors);
  const series = data.series.map((one, index) => {
    const color = colors.tone[one.tone ?? "primary"];
    return {
      name: one.name,
      type: "line",
      data: one.data,
      smooth: 0.25,
      smoothMonotone: "x",
      showSymbol: one.data.length === 1,
      symbolSize: 7,
      lineStyle: { width: one.dash ? 1.5 : 2.25 - index * 0.25, color, type: one.dash ? [3, 4] : "solid" },
      itemStyle: { color },
      areaStyle: one.area ? fade(color, colors.dark) : undefined,
      z: 10 - index,
    };
  });
  return { ...rest, xAxis: { ...names, boundaryGap: data.x.length === 1 }, yAxis: amounts, series };
}

function bars(data, colors) {
  const { names, amounts, ...rest } = frame(data, colors);
  const series = data.series.map((one) => ({
    name: one.name,
    type: "bar",
    data: one.data,
    stack: data.stacked ? "all" : undefined,
    barMaxWidth: 28,
    itemStyle: {
      color: colors.tone[one.tone ?? "primary"],
      borderRadius: data.stacked ? 0 : data.flat ? [0, 4, 4, 0] : [4, 4, 0, 0],
    },
  }));
  if (!data.flat) return { ...rest, xAxis: names, yAxis: amounts, series };
  return { ...rest, xAxis: amounts, yAxis: { ...names, inverse: true }, series };
}

const KINDS = { lines, bars };
const drawings = new Map();

function draw(element) {
  const { chart, data } = drawings.get(element);
  const colors = palette();
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const common = {
    textStyle: { fontFamily: colors.font },
    animationDuration: still ? 0 : 350,
    aria: { enabled: true, label: { description: element.getAttribute("aria-label") } },
  };
  chart.setOption({ ...common, ...KINDS[element.dataset.chart](data, colors) }, true);
}

function mount(within) {
  for (const element of within.querySelectorAll("[data-chart]")) {
    if (drawings.has(element)) continue;
    const data = JSON.parse(document.getElementById(element.dataset.src).content.textContent);
    const chart = echarts.init(element, null, { renderer: "svg" });
    drawings.set(element, { chart, data });
    draw(element);
    new ResizeObserver(() => chart.resize()).observe(element);
  }
}

function forgetRemoved() {
  for (const [element, { chart }] of drawings) {
    if (element.isConnected) continue;
    chart.dispose();
    drawings.delete(element);
  }
}

addEventListener("themechange", () => drawings.forEach((_, element) => draw(element)));
document.addEventListener("htmx:afterSettle", () => {
  forgetRemoved();
  mount(document);
});
mount(document);
