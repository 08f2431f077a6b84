/** When things are drawn: text once a frame, charts a few times a second and only in view. */

const CHART_INTERVAL_MS = 250;

const dirty = new Set(); // things with paint()
let frame = null;

/** Call `thing.paint()` in the next frame, once however often this is asked. */
export function paintSoon(thing) {
  dirty.add(thing);
  frame ??= requestAnimationFrame(() => {
    frame = null;
    const things = [...dirty];
    dirty.clear();
    for (const each of things) each.paint();
  });
}

const charts = new Map(); // element -> chart
const visible = new Set(); // charts in view
const stale = new Set(); // charts whose data changed since they were drawn
let timer = null;

const viewport = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      const chart = charts.get(target);
      if (!chart) continue;
      if (isIntersecting) visible.add(chart);
      else visible.delete(chart);
    }
    paintSoon(staleCharts);
  },
  { rootMargin: "100px" },
);

const staleCharts = {
  paint() {
    for (const chart of stale) {
      if (!visible.has(chart)) continue;
      stale.delete(chart);
      chart.paint();
    }
  },
};

export function watchChart(chart, element) {
  charts.set(element, chart);
  viewport.observe(element);
}

export function forgetChart(chart, element) {
  viewport.unobserve(element);
  charts.delete(element);
  visible.delete(chart);
  stale.delete(chart);
}

/** Draw this chart when its turn comes and it can be seen. */
export function chartSoon(chart) {
  stale.add(chart);
  timer ??= setTimeout(() => {
    timer = null;
    paintSoon(staleCharts);
  }, CHART_INTERVAL_MS);
}
