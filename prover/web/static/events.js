// Server-sent events of a job. EventSource cannot send an API key, so this reads the stream itself.
import { Problem, pause, request } from "./api.js";
import { createParser } from "./libraries/libraries.js";

const LONGEST_PAUSE_MS = 15_000;

// Calls `onEvent(name, data)` for each event until `finished` or until `signal` aborts. A lost connection is taken up
// after the last event that came; `onConnection(live)` hears of both. Throws the Problem of a job that is not there.
export async function follow(path, { signal, onEvent, onConnection }) {
  let last = null;
  let wait = 1000;
  let failures = 0;
  let finished = false;
  const parser = createParser({
    onEvent: ({ event, id, data }) => {
      if (id) last = id;
      finished ||= event === "finished";
      onEvent(event, JSON.parse(data));
    },
    onRetry: (ms) => { wait = ms; },
  });
  while (!finished && !signal.aborted) {
    try {
      const headers = { Accept: "text/event-stream", ...(last && { "Last-Event-ID": last }) };
      const response = await request(path, { headers, signal });
      onConnection(true);
      failures = 0;
      const reader = response.body.getReader();
      const decoder = new TextDecoder();
      for (let part = await reader.read(); !part.done; part = await reader.read()) parser.feed(decoder.decode(part.value, { stream: true }));
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof Problem && error.status >= 400 && error.status < 500 && error.status !== 429) throw error;
      if (!(error instanceof Problem) && !(error instanceof TypeError)) throw error; // TypeError: the connection broke
      failures += 1;
    }
    parser.reset();
    if (finished || signal.aborted) return;
    onConnection(false);
    await pause(Math.min(LONGEST_PAUSE_MS, wait * 2 ** Math.max(0, failures - 1)), signal);
  }
}
