/** Saves as files what the page shows, and fetches the server's own file of all readings. */

import { room, roomPath } from "./address.js";
import { csvOf, rowsOfChart, rowsOfValues } from "./csv.js";
import { unitOf } from "./names.js";
import { currentToken } from "./token.js";

const byId = (id) => document.getElementById(id);

function download(href, name) {
  const link = document.createElement("a");
  link.href = href;
  link.download = name;
  link.click();
}

function save(rows, what) {
  // With a byte order mark, spreadsheets read it as UTF-8.
  const address = URL.createObjectURL(new Blob(["\ufeff", csvOf(rows)], { type: "text/csv" }));
  download(address, `${room} ${what}.csv`);
  setTimeout(() => URL.revokeObjectURL(address));
}

/** `page`: shown(), the devices whose cards are shown; chart. */
export function listenToSave(page) {
  byId("save-values").addEventListener("click", () =>
    save(rowsOfValues(page.shown(), unitOf), "values"),
  );
  byId("save-points").addEventListener("click", () => save(rowsOfChart(page.chart.picture), "chart"));
  byId("save-all").href = `${roomPath}?format=csv`;
  byId("save-all").addEventListener("click", (event) => {
    const token = currentToken();
    if (!token) return;
    // The token is not in the page, where it could be copied with the link.
    event.preventDefault();
    download(`${roomPath}?${new URLSearchParams({ format: "csv", token })}`, "");
  });
}
