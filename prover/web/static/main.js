// Which view the address asks for; theme, API key, health.
import { element, toggleTheme } from "./shared/dom.js";
import { every, onKeyNeeded, storeKey, storedKey } from "./api.js";
import { problemBox } from "./parts/problem.js";
import { batchView } from "./views/batch.js";
import { batchesView } from "./views/batches.js";
import { homeView } from "./views/home.js";
import { jobView } from "./views/job.js";
import { jobsView } from "./views/jobs.js";
import { samplesView, theoremSamplesView } from "./views/samples.js";

const THEME = "prover-theme";
const ROUTES = [
  [/^\/$/, homeView, "Prove"], [/^\/jobs$/, jobsView, "Jobs"], [/^\/jobs\/(p[0-9a-f]+)$/, jobView, "Jobs"],
  [/^\/batches$/, batchesView, "Batches"], [/^\/batches\/(b[0-9a-f]+)$/, batchView, "Batches"],
  [/^\/samples$/, samplesView, "Samples"], [/^\/samples\/(p[0-9a-f]+)$/, theoremSamplesView, "Samples"],
];
const content = document.getElementById("content");
const health = document.getElementById("health");
const keyButton = document.getElementById("key");
let leaving = null;

// A view draws itself and may return what goes on for as long as it is shown.
async function show({ first = false } = {}) {
  const [path, query = ""] = (location.hash.slice(1) || "/").split("?");
  leaving?.abort();
  declined = false;
  leaving = new AbortController();
  const { signal } = leaving;
  const place = element("div", { class: "view", "data-path": path });
  content.replaceChildren(place);
  scrollTo(0, 0);
  const [pattern, view, name] = ROUTES.find(([some]) => some.test(path)) || [/^/, nothingHere, ""];
  document.title = name ? `${name} · prover` : "prover";
  for (const link of document.querySelectorAll("nav[aria-label='Pages'] a")) {
    if (link.textContent === name) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  try {
    const rest = await view(place, { id: pattern.exec(path)[1], query: new URLSearchParams(query) }, signal);
    if (signal.aborted) return;
    // Screen readers hear of the new view; on the first one the browser speaks.
    if (!first) place.querySelector("h1").focus({ preventScroll: true });
    await rest?.();
  } catch (error) {
    if (signal.aborted) return;
    place.append(problemBox(error));
    if (error.status === undefined) throw error; // a fault of ours is for the console, too
  }
}

function nothingHere(place) {
  place.append(element("h1", { tabindex: "-1" }, "There is nothing here"), element("p", {}, element("a", { href: "#/" }, "Prove a theorem")));
}

// ---- API key --------------------------------------------------------------------------------------------------------
let asking = null; // one dialog for all requests that wait for a key
let declined = false; // no further dialog in this view

function askForKey(problem) {
  if (declined) return false;
  asking ??= new Promise((resolve) => {
    const field = element("input", { id: "api-key", type: "password", autocomplete: "off", spellcheck: "false", placeholder: "prover_…", required: true });
    const dialog = element("dialog", { "aria-labelledby": "key-title" },
      element("form", { method: "dialog" },
        element("h2", { id: "key-title" }, "This server asks for an API key"),
        element("p", { class: "muted", role: "alert" }, problem.message),
        element("p", { class: "field" }, element("label", { for: "api-key" }, "API key"), field),
        element("p", {}, element("small", { class: "muted" }, "Kept by this tab until it is closed, and sent to this server only.")),
        element("div", { class: "bar-of-tools" }, element("button", { class: "primary", value: "use" }, "Use"), element("button", { value: "", formnovalidate: true }, "Not now"))));
    document.body.append(dialog);
    dialog.addEventListener("close", () => {
      const given = dialog.returnValue === "use" ? field.value.trim() : "";
      dialog.remove();
      asking = null;
      if (given) storeKey(given);
      else declined = true;
      showKey();
      resolve(Boolean(given));
    });
    dialog.showModal();
  });
  return asking;
}

function showKey() {
  keyButton.hidden = !storedKey();
  keyButton.textContent = "Forget the API key";
}

keyButton.addEventListener("click", () => {
  storeKey(null);
  showKey();
  show();
});

// ---- theme ----------------------------------------------------------------------------------------------------------
const theme = localStorage.getItem(THEME);
if (theme) document.documentElement.dataset.theme = theme;
document.getElementById("theme").addEventListener("click", () => {
  toggleTheme();
  localStorage.setItem(THEME, document.documentElement.dataset.theme);
});

// ---- health ---------------------------------------------------------------------------------------------------------
async function checkHealth() {
  let words = "";
  try {
    const response = await fetch(new URL("readyz", document.baseURI), { cache: "no-store" });
    const { dependencies = {} } = await response.json();
    words = Object.values(dependencies).filter((dependency) => !dependency.ok).map((dependency) => dependency.detail).join("; ");
  } catch {
    words = "the server cannot be reached";
  }
  if (health.textContent !== words) health.textContent = words;
}

document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault(); // what is after the # is the view's address
  content.focus();
});
onKeyNeeded(askForKey);
showKey();
addEventListener("hashchange", () => show());
show({ first: true });
checkHealth();
every(15_000, new AbortController().signal, checkHealth);
