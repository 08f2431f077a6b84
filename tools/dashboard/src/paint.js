/** When things are drawn: text once a frame, pictures a few times a second and only in view. */

const PICTURE_INTERVAL_MS = 250;

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

const pictures = new Map(); // element -> picture, a thing with paint()
const visible = new Set(); // pictures in view
const stale = new Set(); // pictures whose data changed since they were drawn
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

/** Draw this picture when its turn comes and it can be seen. */
export function drawSoon(picture) {
  stale.add(picture);
  timer ??= setTimeout(() => {
    timer = null;
    paintSoon(stalePictures);
  }, PICTURE_INTERVAL_MS);
}
