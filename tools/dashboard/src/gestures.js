/** Zooms and moves the chart by wheel, fingers and keys. uPlot handles a drag with the mouse. */

const WHEEL_FACTOR = 1.25;
const KEY_FACTOR = 1.5;
// Part of the shown range.
const KEY_MOVE = 0.2;

/** The moment at a position in the plot. */
const momentAt = (plot, clientX) =>
  plot.posToVal(clientX - plot.over.getBoundingClientRect().left, "x");

/**
 * `chart`: plot() (a uPlot or null), zoomBy(factor, at), moveBy(share), back(), reset(),
 * step(direction), leave().
 */
export function listen(element, chart) {
  element.addEventListener("wheel", (event) => wheel(event, element, chart), { passive: false });
  element.addEventListener("keydown", (event) => press(event, chart));
  element.addEventListener("dblclick", () => chart.reset());
  for (const type of ["blur", "pointermove"]) element.addEventListener(type, () => chart.leave());
  pinch(element, chart);
}

/** Zoom if the chart has the focus, or with Ctrl (as a touchpad's pinch). Else the page scrolls. */
function wheel(event, element, chart) {
  const plot = chart.plot();
  const isMeant = event.ctrlKey || event.metaKey || element.contains(document.activeElement);
  if (!plot || !isMeant || event.deltaY === 0) return;
  event.preventDefault();
  const factor = event.deltaY > 0 ? WHEEL_FACTOR : 1 / WHEEL_FACTOR;
  chart.zoomBy(factor, momentAt(plot, event.clientX));
}

function press(event, chart) {
  const actions = {
    ArrowLeft: () => (event.shiftKey ? chart.moveBy(-KEY_MOVE) : chart.step(-1)),
    ArrowRight: () => (event.shiftKey ? chart.moveBy(KEY_MOVE) : chart.step(1)),
    "+": () => chart.zoomBy(1 / KEY_FACTOR, null),
    "=": () => chart.zoomBy(1 / KEY_FACTOR, null),
    "-": () => chart.zoomBy(KEY_FACTOR, null),
    0: () => chart.reset(),
    Escape: () => chart.back(),
  };
  if (event.ctrlKey || event.altKey || event.metaKey || !Object.hasOwn(actions, event.key)) return;
  event.preventDefault();
  actions[event.key]();
}

/** One finger moves a zoomed chart (up and down scrolls the page), two fingers zoom. */
function pinch(element, chart) {
  const fingers = new Map(); // pointer id -> clientX
  element.addEventListener("pointerdown", (event) => {
    if (event.pointerType !== "touch") return;
    fingers.set(event.pointerId, event.clientX);
  });
  element.addEventListener("pointermove", (event) => {
    const plot = chart.plot();
    if (!plot || !fingers.has(event.pointerId)) return;
    const before = [...fingers.values()];
    fingers.set(event.pointerId, event.clientX);
    const after = [...fingers.values()];
    const width = plot.over.clientWidth || 1;
    if (after.length === 1) {
      chart.moveBy((before[0] - after[0]) / width);
    } else if (after.length === 2) {
      const was = Math.abs(before[0] - before[1]);
      const is = Math.abs(after[0] - after[1]);
      if (was > 0 && is > 0) chart.zoomBy(was / is, momentAt(plot, (after[0] + after[1]) / 2));
    }
  });
  for (const type of ["pointerup", "pointercancel"]) {
    element.addEventListener(type, (event) => fingers.delete(event.pointerId));
  }
}
