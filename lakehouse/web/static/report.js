"use strict";
// Draws every chart from the JSON beside it. Colours are CSS variables, so themes and print need no redraw.
(() => {
  const shown = {
    usd: (value) => "$" + value.toLocaleString("en-US", { maximumSignificantDigits: value < 1000 ? 4 : 8 }),
    count: (value) => value.toLocaleString("en-US"),
  };
  const charts = [];

  function draw(element) {
    const { baseOption, media } = JSON.parse(element.querySelector("script").textContent);
    const unit = shown[element.dataset.unit];
    if (baseOption.tooltip) baseOption.tooltip.valueFormatter = (value) => (value ? unit(value) : "–");
    baseOption.aria.label = { description: element.dataset.label };
    const chart = echarts.init(element, null, { renderer: "svg" });
    chart.setOption({ baseOption, media });
    charts.push(chart);
  }

  document.querySelectorAll(".chart").forEach(draw);
  addEventListener("resize", () => charts.forEach((chart) => chart.resize()));
  addEventListener("beforeprint", () => charts.forEach((chart) => chart.resize({ width: 660 })));
  addEventListener("afterprint", () => charts.forEach((chart) => chart.resize({ width: "auto" })));
})();
