// The form: a theorem, its header, limits; below it what was submitted last.
import { element } from "../shared/dom.js";
import { json } from "../api.js";
import { LeanEditor } from "../editor/editor.js";
import { EXAMPLES } from "../examples.js";
import { aboutServer } from "../parts/about.js";
import { JobsTable } from "../parts/jobs-table.js";
import { problemBox, showProblem } from "../parts/problem.js";
import { verdictBadge } from "../parts/words.js";

const DRAFT = "prover-draft";
const ANY_POLICY = ["", "the server's choice"];
const CACHE = [["use", "a known proof is the answer"], ["verify", "a known proof, after verifying it again"], ["ignore", "search afresh"]];

// Keeps what the form is to show next time.
export function keepDraft(draft) {
  sessionStorage.setItem(DRAFT, JSON.stringify(draft));
}

function draft() {
  try {
    return JSON.parse(sessionStorage.getItem(DRAFT)) || {};
  } catch {
    return {};
  }
}

export function homeView(main, _, signal) {
  const saved = draft();
  const trouble = element("div");
  const submit = element("button", { class: "primary", type: "submit" }, "Prove");
  const field = (name, properties, value) => element("input", { id: `field-${name}`, name, value: value ?? "", autocomplete: "off", ...properties });
  const choice = (name, options, value) => element("select", { id: `field-${name}`, name }, options.map(([key, words]) =>
    element("option", { value: key, selected: key === (value ?? options[0][0]) }, words)));
  const labelled = (name, words, control, note) => element("p", { class: "field" },
    element("label", { for: `field-${name}` }, words), control, note ? element("small", { class: "muted" }, note) : null);

  const headerHost = element("div", { class: "editor" });
  const theoremHost = element("div", { class: "editor" });
  const header = element("details", { open: Boolean(saved.header) },
    element("summary", {}, "Header ", element("span", { class: "muted" }, "imports, open, notation, definitions")), headerHost);
  const tactics = labelled("tactics", "Tactics", field("tactics", { placeholder: "intro h;; simp_all;; omega", spellcheck: "false", class: "lean" }, saved.tactics), "tried at every state, separated by ;;");
  const policy = element("select", { id: "field-policy", name: "policy" });
  const showTactics = () => { tactics.hidden = policy.value !== "scripted"; };
  let policies = []; // as the server lists them
  const choosePolicy = (value) => {
    const options = [ANY_POLICY, ...policies.map(({ name, summary }) => [name, `${name}: ${summary}`])];
    if (!options.some(([name]) => name === value)) options.push([value, value]); // not listed yet, or not at all
    policy.replaceChildren(...options.map(([name, words]) => element("option", { value: name, selected: name === value }, words)));
    showTactics();
  };
  policy.addEventListener("change", showTactics);
  choosePolicy(saved.policy ?? "");

  const options = element("details", { open: Boolean(saved.open) },
    element("summary", {}, "Search ", element("span", { class: "muted" }, "policy, limits, cache")),
    element("div", { class: "fields" },
      labelled("policy", "Policy", policy), tactics,
      labelled("effort", "Effort (about a second of an idle core each)", field("effort", { type: "number", min: "0.1", step: "any", placeholder: "60" }, saved.effort)),
      labelled("timeout_s", "Seconds at most", field("timeout_s", { type: "number", min: "0.1", step: "any", placeholder: "1800" }, saved.timeout_s)),
      labelled("expansions", "Expansions", field("expansions", { type: "number", min: "1", step: "1", placeholder: "100" }, saved.expansions)),
      labelled("candidates", "Tactics at a state", field("candidates", { type: "number", min: "1", step: "1", placeholder: "32" }, saved.candidates)),
      labelled("seed", "Seed", field("seed", { type: "number", step: "1", placeholder: "0" }, saved.seed)),
      labelled("cache", "Cache", choice("cache", CACHE, saved.cache)),
      labelled("forbid", "Constants the proof may not use", field("forbid", { placeholder: "Nat.add_comm, …", spellcheck: "false", class: "lean" }, saved.forbid)),
      labelled("name", "Label", field("name", { maxlength: "200" }, saved.name))));

  const form = element("form", { class: "prove", "aria-label": "Submit a theorem" },
    element("div", { class: "label-row" },
      element("span", { class: "label", onclick: () => theorem.focus() }, "Theorem"),
      element("small", { class: "muted" }, "Lean 4; the proof is left out. Type ", element("code", {}, "\\forall"), ", ", element("code", {}, "\\to"), ", ", element("code", {}, "\\le"), " … for ∀ → ≤.")),
    theoremHost,
    header,
    options,
    element("div", { class: "bar-of-tools" }, submit, element("kbd", { title: "or Cmd Enter" }, "Ctrl Enter")),
    trouble);

  const send = () => form.requestSubmit();
  const theorem = new LeanEditor(theoremHost, { label: "Theorem", hint: "theorem name (x : T) : statement", lines: 4, text: saved.theorem ?? EXAMPLES[0].theorem, onSubmit: send });
  const headerEditor = new LeanEditor(headerHost, { label: "Header", hint: "def twice (n : Nat) := n + n", lines: 3, text: saved.header ?? "", onSubmit: send });
  const values = () => ({
    ...Object.fromEntries(new FormData(form)), theorem: theorem.text, header: headerEditor.text,
    open: options.open,
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    trouble.replaceChildren();
    submit.disabled = true;
    const given = values();
    keepDraft(given);
    try {
      const job = await json("v1/proofs", { method: "POST", body: bodyOf(given), signal });
      location.hash = `#/jobs/${job.id}`;
    } catch (error) {
      if (error.name !== "AbortError") showProblem(trouble, error);
    } finally {
      submit.disabled = false;
    }
  });
  const about = element("div");
  const sayWhatServes = async () => {
    try {
      about.replaceChildren(aboutServer(await json("page/about", { signal })));
    } catch (error) {
      if (error.name !== "AbortError") about.replaceChildren(); // the list of policies says what is wrong
    }
  };
  const listPolicies = async () => {
    try {
      policies = await json("page/policies", { signal });
      choosePolicy(policy.value);
    } catch (error) {
      if (error.name !== "AbortError") trouble.replaceChildren(problemBox(error));
    }
  };
  const show = (example) => {
    theorem.text = example.theorem;
    headerEditor.text = example.header ?? "";
    header.open = Boolean(example.header);
    form.elements.tactics.value = example.tactics ?? "";
    form.elements.effort.value = example.effort ?? "";
    options.open = Boolean(example.policy || example.effort);
    choosePolicy(example.policy ?? "");
    theorem.focus();
  };
  const recent = new JobsTable(signal, { limit: 8 });
  main.append(
    element("h1", { tabindex: "-1" }, "Prove a theorem"),
    about,
    element("div", { class: "home" },
      form,
      element("aside", { "aria-label": "Examples" }, element("h2", {}, "Examples"), element("ul", { class: "examples" }, EXAMPLES.map((example) =>
        element("li", {}, element("button", { type: "button", class: "example", onclick: () => show(example) },
          element("span", {}, example.words), example.verdict ? verdictBadge(example.verdict) : null, element("code", { class: "lean clip" }, example.theorem))))))),
    element("h2", {}, "Latest jobs"), recent.element);
  recent.load();
  listPolicies();
  sayWhatServes();
  signal.addEventListener("abort", () => {
    keepDraft(values());
    theorem.destroy();
    headerEditor.destroy();
  });
}

// Only what was filled in: the rest is for the server to choose.
function bodyOf(given) {
  const number = (name) => (given[name] === "" ? undefined : Number(given[name]));
  const policy = given.policy === "scripted" ? `scripted:${given.tactics}` : given.policy || undefined;
  return {
    theorem: given.theorem, header: given.header, name: given.name, policy, seed: number("seed"), cache: given.cache,
    forbid: given.forbid.split(/[\s,]+/).filter(Boolean),
    budget: { effort: number("effort"), timeout_s: number("timeout_s"), expansions: number("expansions"), candidates: number("candidates") },
  };
}
