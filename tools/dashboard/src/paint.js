/**
 * Decides when things are drawn: text a few times a second, pictures too if they are visible. What
 * takes long is spread over several frames, so that the page answers the user meanwhile.
 */

// People can't read faster than that.
const TEXT_INTERVAL_MS = 100;
const PICTURE_INTERVAL_MS = 250;
// Of each frame, for our own code. The browser needs about as long for layout.
const SLICE_MS = 10;

const dirty = new Set(); // things with paint()
let frame = null;
let pause = null;
let paintedAt = -Infinity;

/** Call `thing.paint()` soon, only once even after several calls. */
export function paintSoon(thing) {
  dirty.add(thing);
  if (frame !== null || pause !== null) return;
  const wait = paintedAt + TEXT_INTERVAL_MS - performance.now();
  if (wait <= 0) paintInFrame();
  else pause = setTimeout(paintInFrame, wait);
}

/** The same in the next frame, for what follows the user's hand. */
export function paintAtOnce(thing) {
  dirty.add(thing);
  paintInFrame();
}

function paintInFrame() {
  clearTimeout(pause);
  pause = null;
  frame ??= requestAnimationFrame(paint);
}

function paint() {
  frame = null;
  paintedAt = performance.now();
  for (const thing of dirty) {
    dirty.delete(thing);
    thing.paint();
    if (performance.now() - paintedAt > SLICE_MS) break;
  }
  if (dirty.size > 0) paintInFrame();
}

const pictures = new Map(); // element -> picture, a thing with paint()
const visible = new Set(); // visible pictures
const stale = new Set(); // pictures whose data has changed since they were drawn
let timer = null;

const viewport = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      const picture = pictures.get(target);
      if (!picture) continue;
      if (isIntersecting) visible.add(picture);
      else visible.delete(picture);
    }
    paintSoon(stalePictures);
  },
  { rootMargin: "100px" },
);

const stalePictures = {
  paint() {
    for (const picture of stale) {
      if (!visible.has(picture)) continue;
      stale.delete(picture);
      picture.paint();
    }
  },
};

export function watchPicture(picture, element) {
  pictures.set(element, picture);
  viewport.observe(element);
}

export function forgetPicture(picture, element) {
  viewport.unobserve(element);
  pictures.delete(element);
  visible.delete(picture);
  stale.delete(picture);
}

/** Draw this picture soon, when it is visible. */
export function drawSoon(picture) {
  stale.add(picture);
  timer ??= setTimeout(() => {
    timer = null;
    paintSoon(stalePictures);
  }, PICTURE_INTERVAL_MS);
}
