// One batch: how far it is, figures of what has ended, its theorems.
import { element, plural } from "../shared/dom.js";
import { every, json, request, withQuery } from "../api.js";
import { save } from "../parts/copy.js";
import { JobsTable } from "../parts/jobs-table.js";
import { problemBox } from "../parts/problem.js";
import { progressBar } from "../parts/progress.js";
import { when } from "../parts/words.js";

export async function batchView(main, { id, query }, signal) {
  const head = element("div", { class: "batch-head" });
  const figures = element("div", { class: "figures-of-batch" });
  const trouble = element("div", {});
  const actions = element("span", { class: "corner" });
  const title = element("h1", { tabindex: "-1" });
  const table = new JobsTable(signal, {
    batch: id, filter: query.get("show") || "",
    onFilter: (name) => history.replaceState(null, "", withQuery(`#/batches/${id}`, { show: name })),
  });
  main.append(element("div", { class: "job-head" }, title, actions), head, trouble, figures, element("h2", {}, "Theorems"), table.element);

  const attempt = async (act) => {
    try {
      await act();
    } catch (error) {
      if (error.name !== "AbortError") trouble.replaceChildren(problemBox(error));
    }
  };
  const button = (words, act, kind) => element("button", { type: "button", class: kind, onclick: () => attempt(act) }, words);
  const cancel = button("Cancel the rest", async () => show(await json(`v1/batches/${id}`, { method: "DELETE", signal })), "danger");
  const results = button("Results (JSON Lines)", async () => {
    save(`${id}.jsonl`, await (await request(`v1/batches/${id}/results`, { signal })).blob());
  });
  actions.append(element("a", { href: `#/samples?batch=${id}` }, "samples"), cancel, results);
  let drawn = -1;
  let again = 0; // when the figures may be drawn again: those of many theorems are work for the server
  const show = (batch) => {
    const ended = batch.completed + batch.failed + batch.cancelled;
    title.textContent = batch.name || `Batch ${id.slice(0, 12)}`;
    document.title = `${title.textContent} · prover`;
    cancel.hidden = batch.status === "completed";
    head.replaceChildren(progressBar(batch), element("p", { class: "muted", role: "status" },
      `${ended} of ${plural(batch.total, "theorem", "theorems")} ended, ${batch.running} running, ${batch.queued} waiting; submitted `, when(batch.created)));
    if (ended !== drawn && (batch.status === "completed" || Date.now() >= again)) {
      drawn = ended;
      again = Date.now() + 4000 + 5 * ended;
      attempt(() => drawFigures(figures, id, signal));
    }
  };
  show(await json(`v1/batches/${id}`, { signal }));
  await table.load();
  every(2500, signal, async () => {
    const batch = await json(`v1/batches/${id}`, { signal });
    show(batch);
    return batch.status !== "completed";
  });
}

// The server draws them, as it does for a report of `prover bench`.
async function drawFigures(place, id, signal) {
  const text = await (await request(`page/batches/${id}/figures`, { signal })).text();
  const parsed = new DOMParser().parseFromString(text, "text/html");
  place.replaceChildren(...[...parsed.body.childNodes].map((node) => document.adoptNode(node)));
}
