"use strict";
// Draws every chart from the JSON beside it. Colours are CSS variables, so a theme needs no redraw. Names that come
// from outside are only ever set as text.
(() => {
  const charts = new Map();

  function writer(format) {
    const whole = { minimumFractionDigits: format.least, maximumFractionDigits: format.most };
    const number = new Intl.NumberFormat("en-US", { ...whole, ...(format.compact ? { notation: "compact" } : {}) });
    const fine = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 2 });
    return (value) => {
      if (value === null || value === undefined || Number.isNaN(value)) return "–";
      const size = Math.abs(value * format.factor);
      const text = size > 0 && size < 10 ** -format.most / 2 ? fine.format(size) : number.format(size);
      return (value < 0 ? "−" : "") + format.prefix + text + format.suffix;
    };
  }

  function draw(element) {
    const { baseOption, media } = JSON.parse(element.querySelector("script").textContent);
    const format = JSON.parse(element.dataset.format);
    const write = writer(format);
    for (const axis of [baseOption.xAxis, baseOption.yAxis]) {
      if (axis && axis.type === "value") {
        const scale = writer({ ...format, least: 0 });
        axis.axisLabel.formatter = (value) => (format.factor === 100 && value > 1 ? "" : scale(value));
      }
    }
    baseOption.tooltip.valueFormatter = write;
    baseOption.aria.label = { description: element.dataset.label };
    const chart = echarts.init(element, null, { renderer: "svg" });
    baseOption.legend = { show: false };
    chart.setOption({ baseOption, media });
    charts.set(element, chart);
  }

  function legends(box) {
    const chart = charts.get(box.querySelector(".chart"));
    for (const button of box.querySelectorAll(".legend button")) {
      button.addEventListener("click", () => {
        const shown = button.getAttribute("aria-pressed") !== "true";
        button.setAttribute("aria-pressed", String(shown));
        chart.dispatchAction({ type: shown ? "legendSelect" : "legendUnSelect", name: button.dataset.series });
      });
    }
  }

  function filters(form) {
    let changed = false;
    const send = () => {
      for (const input of form.querySelectorAll("input[type=date]")) input.disabled = !input.value;
      form.submit();
    };
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      send();
    });
    form.addEventListener("change", () => (changed = true));
    for (const pick of form.querySelectorAll("details.pick")) {
      pick.addEventListener("toggle", () => {
        if (!pick.open && changed) send();
      });
      pick.addEventListener("keydown", (event) => {
        if (event.key !== "Escape") return;
        pick.open = false;
        pick.querySelector("summary").focus();
      });
    }
    document.addEventListener("click", (event) => {
      for (const pick of form.querySelectorAll("details.pick[open]")) if (!pick.contains(event.target)) pick.open = false;
    });
  }

  function theme(button) {
    button.addEventListener("click", () => {
      const root = document.documentElement;
      const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
      root.dataset.theme = dark ? "light" : "dark";
      localStorage.setItem("theme", root.dataset.theme);
    });
  }

  document.querySelectorAll(".chart").forEach(draw);
  document.querySelectorAll(".box.figure").forEach(legends);
  document.querySelectorAll("form.filters").forEach(filters);
  document.querySelectorAll("#theme").forEach(theme);
  const resize = new ResizeObserver((entries) => entries.forEach((entry) => charts.get(entry.target)?.resize()));
  charts.forEach((_, element) => resize.observe(element));
  document.documentElement.dataset.drawn = String(charts.size);
})();
