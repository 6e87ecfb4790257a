// What went wrong, in a box that screen readers announce.
import { element } from "../shared/dom.js";
import { Problem } from "../api.js";

const MOST_FAULTS = 20;

// Shows it where the form is, and moves there: a short screen may have it below its edge.
export function showProblem(place, error) {
  const box = problemBox(error);
  place.replaceChildren(box);
  box.scrollIntoView({ block: "nearest" });
}

export function problemBox(error) {
  const ours = error instanceof Problem;
  const faults = ours ? error.faults.filter((fault) => !error.message.includes(fault.reason)) : [];
  return element("div", { class: "problem", role: "alert" },
    element("strong", {}, ours ? error.title : "This page has a fault"),
    element("p", {}, error.message),
    faults.length ? element("ul", {}, faults.slice(0, MOST_FAULTS).map(faultItem),
      faults.length > MOST_FAULTS ? element("li", {}, `and ${faults.length - MOST_FAULTS} more`) : null) : null,
    ours && error.hint ? element("p", {}, `Hint: ${error.hint}`) : null,
    ours && error.retryAfterS ? element("p", { class: "muted" }, `Try again in ${Math.ceil(error.retryAfterS)} s.`) : null,
    ours && error.request ? element("p", { class: "muted" }, "Request ", element("code", {}, error.request)) : null);
}

// A reason that begins with its place needs it only once.
function faultItem({ place, reason }) {
  const where = place.filter((part) => part !== "body");
  const rest = reason.startsWith(`${where.join(".")}: `) ? reason.slice(where.join(".").length + 1) : ` ${reason}`;
  return element("li", {}, element("code", {}, where.join(", ")), rest);
}
