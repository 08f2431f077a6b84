/** What this browser keeps of the page, where it lets it. Private windows may refuse; then nothing is kept. */

/** The JSON under this key, or `otherwise` if there is none or it is of another kind. */
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
    // it lives as long as the page
  }
}
