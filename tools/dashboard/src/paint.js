/** Decides when things are drawn: text once in each frame, pictures a few times a second if visible. */

const PICTURE_INTERVAL_MS = 250;

const dirty = new Set(); // things with paint()
let frame = null;

/** Call `thing.paint()` in the next frame, only once even after several calls. */
export function paintSoon(thing) {
  dirty.add(thing);
  frame ??= requestAnimationFrame(() => {
    frame = null;
    const things = [...dirty];
    dirty.clear();
    for (const each of things) each.paint();
  });
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
