// The page of one recorded search: its data come with it.
import { count, element, plural, seconds, toggleTheme } from "../dom.js";
import { whyNotProved } from "../stopped.js";
import { Search } from "./search.js";
import { TreeView } from "./view.js";

function drawHeading(search) {
  const { record } = search;
  const status = !record ? ["broke off", "open"] : record.proved ? ["proved", "good"] : ["not proved", "open"];
  const spent = record && record.search.statistics;
  const figures = spent
    ? [plural(spent.expansions, "expansion", "expansions"), plural(spent.tactics, "tactic", "tactics"), plural(search.nodes.length, "state", "states"), `depth ${count.format(spent.depth)}`, seconds(spent.elapsed_s)]
    : [plural(search.nodes.length, "state", "states"), plural(search.everyAttempt().length, "tactic", "tactics")];
  document.getElementById("heading").append(
    element("h1", { class: "lean" }, record ? record.name : "Search"),
    element("span", { class: `badge ${status[1]}` }, status[0]),
    record && !record.proved ? element("span", { class: "muted" }, whyNotProved(record.search)) : "",
    element("span", { class: "figures" }, figures.map((figure) => element("span", {}, figure))),
    element("span", { class: "corner" },
      element("button", { title: "light or dark", "aria-label": "light or dark", onclick: toggleTheme }, "◐")));
}

const search = Search.of(JSON.parse(document.getElementById("data").textContent));
drawHeading(search);
new TreeView(document.getElementById("tree"), search, { keys: document });
