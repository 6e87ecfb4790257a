// How far a batch is: proved, refuted, ended otherwise, running, waiting.
import { element } from "../shared/dom.js";

export function progressBar(batch) {
  const ended = batch.completed + batch.failed + batch.cancelled;
  const parts = [["proved", batch.proved], ["refuted", batch.refuted], ["ended", ended - batch.proved - batch.refuted], ["running", batch.running], ["queued", batch.queued]];
  const words = `${batch.proved} proved, ${batch.refuted} refuted, ${batch.completed - batch.proved - batch.refuted} neither, ${batch.failed} failed, ${batch.cancelled} cancelled, ${batch.running} running, ${batch.queued} waiting`;
  return element("div", { class: "progress", role: "img", "aria-label": words, title: words },
    parts.filter(([, many]) => many).map(([kind, many]) => element("i", { class: kind, style: `flex:${many} 1 0` })));
}
