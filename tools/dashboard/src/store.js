/** Data that this browser keeps. Private windows may refuse it; then nothing is kept. */

/** The JSON under this key, or `otherwise` if there is none, or if its type is different. */
export function load(key, otherwise) {
  try {
    const value = JSON.parse(localStorage.getItem(key));
    const isAlike = Array.isArray(value) === Array.isArray(otherwise);
    return value !== null && typeof value === typeof otherwise && isAlike ? value : otherwise;
  } catch {
    return otherwise;
  }
}

export function save(key, value) {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // It stays only as long as the page.
  }
}

export function forget(key) {
  try {
    localStorage.removeItem(key);
  } catch {
    // Nothing was kept.
  }
}
