/** A QR code as a picture in the page. */

import { generate } from "lean-qr";

const SVG = "http://www.w3.org/2000/svg";
// Light modules around the code.
const BORDER = 4;

/** Draw a text into an <svg>. */
export function drawQr(svg, text) {
  const code = generate(text);
  const squares = [];
  for (let y = 0; y < code.size; y++) {
    for (let x = 0; x < code.size; x++) if (code.get(x, y)) squares.push(`M${x} ${y}h1v1h-1z`);
  }
  const size = code.size + 2 * BORDER;
  svg.setAttribute("viewBox", `${-BORDER} ${-BORDER} ${size} ${size}`);
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", squares.join(""));
  svg.replaceChildren(path);
}
