/** Buttons that copy a text of the page. */

import { announce } from "./announcer.js";

/** Copy by a selection. This also works on plain http, where `navigator.clipboard` does not exist. */
function copySelected(text) {
  const before = document.activeElement;
  const field = document.createElement("textarea");
  field.className = "unseen";
  field.value = text;
  // Nothing outside of an open dialog can have the focus.
  (document.querySelector("dialog[open]") ?? document.body).append(field);
  field.focus({ preventScroll: true });
  field.setSelectionRange(0, text.length);
  // Without the focus it would copy another selection.
  const isCopied = document.activeElement === field && document.execCommand("copy");
  field.remove();
  before.focus({ preventScroll: true });
  return isCopied;
}

async function copy(text) {
  if (!navigator.clipboard) return copySelected(text);
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copySelected(text);
  }
}

/** Each button with `data-copies`, the id of the text, copies it and shows the outcome beside it. */
export function listenToCopies() {
  const buttons = [...document.querySelectorAll("[data-copies]")];
  for (const button of buttons) {
    button.addEventListener("click", async () => {
      const source = document.getElementById(button.dataset.copies);
      const isCopied = await copy(source.textContent);
      if (!isCopied) {
        source.parentElement.focus();
        getSelection().selectAllChildren(source);
      }
      const said = isCopied ? "Copied" : "The text is selected: press Ctrl+C, on a Mac ⌘C";
      for (const each of buttons) each.nextElementSibling.textContent = each === button ? said : "";
      announce(said);
    });
  }
}
