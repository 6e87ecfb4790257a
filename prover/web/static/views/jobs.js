// All jobs, filtered and paged.
import { element } from "../shared/dom.js";
import { withQuery } from "../api.js";
import { JobsTable } from "../parts/jobs-table.js";

export function jobsView(main, { query }, signal) {
  const table = new JobsTable(signal, {
    filter: query.get("show") || "",
    onFilter: (name) => history.replaceState(null, "", withQuery("#/jobs", { show: name })),
  });
  main.append(element("h1", { tabindex: "-1" }, "Jobs"), table.element);
  return table.load();
}
