// What went wrong, in a box that screen readers announce.
import { element } from "../shared/dom.js";
import { Problem } from "../api.js";

export function problemBox(error) {
  const ours = error instanceof Problem;
  const faults = ours ? error.faults.filter((fault) => !error.message.includes(fault.reason)) : [];
  return element("div", { class: "problem", role: "alert" },
    element("strong", {}, ours ? error.title : "This page has a fault"),
    element("p", {}, error.message),
    faults.length ? element("ul", {}, faults.map((fault) =>
      element("li", {}, element("code", {}, fault.place.filter((part) => part !== "body").join(", ")), ` ${fault.reason}`))) : null,
    ours && error.hint ? element("p", {}, `Hint: ${error.hint}`) : null,
    ours && error.retryAfterS ? element("p", { class: "muted" }, `Try again in ${Math.ceil(error.retryAfterS)} s.`) : null,
    ours && error.request ? element("p", { class: "muted" }, "Request ", element("code", {}, error.request)) : null);
}
