// The table is in the page already; this folds, sorts and filters it. Without scripts, and in print, all of it shows.
import { count, plural } from "../dom.js";

export const table = document.getElementById("theorems");
const theorems = [...table.tBodies].map((body) => ({ body, text: body.textContent.toLowerCase() }));

export function fold(body, wanted) {
  const button = body.querySelector(".fold");
  const shown = wanted ?? button.getAttribute("aria-expanded") !== "true";
  button.setAttribute("aria-expanded", String(shown));
  body.rows[1].hidden = !shown;
}

export function sort(button) {
  const header = button.closest("th");
  const before = header.getAttribute("aria-sort");
  const key = button.dataset.sort;
  const number = "number" in button.dataset;
  // Figures start with the largest, names with the first.
  const rising = before ? before === "descending" : !number;
  for (const other of header.parentElement.cells) other.removeAttribute("aria-sort");
  header.setAttribute("aria-sort", rising ? "ascending" : "descending");
  const value = ({ body }) => (number ? (body.dataset[key] === undefined ? -1 : Number(body.dataset[key])) : body.dataset[key] || "");
  theorems.sort((a, b) => {
    const [x, y] = [value(a), value(b)];
    const order = number ? x - y : x.localeCompare(y, "en", { numeric: true });
    return rising ? order : -order;
  });
  table.append(...theorems.map(({ body }) => body));
}

export function sieve() {
  const query = document.getElementById("query").value.trim().toLowerCase();
  const wanted = [...document.querySelectorAll("[data-filter]")].filter((choice) => choice.value);
  let shown = 0;
  for (const { body, text } of theorems) {
    const fits = (!query || text.includes(query)) && wanted.every((choice) => body.dataset[choice.dataset.filter] === choice.value);
    body.hidden = !fits;
    shown += fits ? 1 : 0;
  }
  document.getElementById("shown").textContent = shown === theorems.length
    ? plural(shown, "theorem", "theorems") : `${count.format(shown)} of ${plural(theorems.length, "theorem", "theorems")}`;
}
