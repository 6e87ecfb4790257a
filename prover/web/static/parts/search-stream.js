// A job's search as it comes: its events become a `Search`, at a pace that a browser can draw.
import { follow } from "../events.js";
import { Search } from "../shared/tree/search.js";

const LEAST_PAUSE_MS = 120;

// `onJob(name, data)`: an event has come; `onDraw({again})`: the search has changed (`again`: begun afresh);
// `onConnection(live)`. Returns when the job has ended and all was drawn.
export async function streamSearch(id, { search, signal, onJob, onDraw, onConnection = () => {} }) {
  let timer = null;
  let pause = 0;
  let waiting = []; // what is drawn must not change between two drawings
  const draw = () => {
    clearTimeout(timer);
    timer = null;
    if (signal.aborted) return;
    const before = performance.now();
    let again = false;
    for (const [name, data] of waiting) {
      if (name === "started") {
        search.clear();
        again = true;
      } else if (name === "finished") {
        search.finish(data.record);
        search.theorem = data.theorem;
      } else search.apply(name, data);
    }
    waiting = [];
    onDraw({ again });
    pause = Math.max(LEAST_PAUSE_MS, 5 * (performance.now() - before)); // a large tree is drawn less often
  };
  const onEvent = (name, data) => {
    waiting.push([name, data]);
    onJob(name, data);
    timer ??= setTimeout(draw, pause);
  };
  try {
    await follow(`v1/proofs/${id}/events`, { signal, onEvent, onConnection });
    draw();
  } finally {
    clearTimeout(timer);
  }
}
