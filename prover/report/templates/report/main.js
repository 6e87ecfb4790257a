import { toggleTheme } from "../dom.js";
import { fold, sieve, sort, table } from "./table.js";

table.addEventListener("click", (event) => {
  const sorter = event.target.closest("[data-sort]");
  if (sorter) sort(sorter);
  else if (!event.target.closest("tr.text") && event.target.closest("tbody")) fold(event.target.closest("tbody"));
});
let timer = 0;
document.getElementById("query").addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(sieve, 120);
});
for (const choice of document.querySelectorAll("[data-filter]")) choice.addEventListener("change", sieve);
document.getElementById("theme").addEventListener("click", toggleTheme);
sieve();
// On paper nothing can be unfolded.
let unfolded = [];
window.addEventListener("beforeprint", () => {
  unfolded = [...document.querySelectorAll("details:not([open])")];
  for (const details of unfolded) details.open = true;
});
window.addEventListener("afterprint", () => {
  for (const details of unfolded) details.open = false;
});
