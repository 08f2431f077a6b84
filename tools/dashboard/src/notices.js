/** Lines at the top of the page that say what went wrong, until the user dismisses them. */

const MOST_NOTICES = 4;

const list = document.getElementById("notices");
const template = document.getElementById("notice");

/** Show a text once, even if it happens often. */
export function notice(text) {
  for (const each of list.children) {
    if (each.dataset.text !== text) continue;
    each.dataset.times = Number(each.dataset.times) + 1;
    each.firstElementChild.textContent = `${text} (${each.dataset.times} times)`;
    return;
  }
  const element = template.content.firstElementChild.cloneNode(true);
  element.dataset.text = text;
  element.dataset.times = 1;
  element.firstElementChild.textContent = text;
  element.lastElementChild.addEventListener("click", () => element.remove());
  list.append(element);
  if (list.children.length > MOST_NOTICES) list.firstElementChild.remove();
}

/** Take all of them away. */
export const forgetNotices = () => list.replaceChildren();
