/** The page on a tablet on the wall: large, without controls, and with the screen kept on. */

import { isKiosk } from "./address.js";

const line = document.getElementById("awake");

async function keepAwake() {
  if (document.hidden) return;
  let why = "This browser can't keep the screen on. Set that on the device.";
  if (!isSecureContext) {
    why = "On plain http, a page can't keep the screen on. Set that on the device.";
  } else if (navigator.wakeLock) {
    try {
      await navigator.wakeLock.request("screen");
      why = "";
    } catch {
      why = "The device does not let this page keep the screen on.";
    }
  }
  line.textContent = why;
  line.hidden = why === "";
}

export function startKiosk() {
  if (!isKiosk) return;
  document.documentElement.dataset.kiosk = "";
  // The lock ends whenever the page is hidden.
  document.addEventListener("visibilitychange", keepAwake);
  keepAwake();
}
