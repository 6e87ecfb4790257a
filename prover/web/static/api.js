// Requests to the service, relative to the page's own address. What goes wrong is a Problem (RFC 9457).
const KEY = "prover-api-key";
let askForKey = null;

export class Problem extends Error {
  constructor(status, body) {
    super(body.detail || body.title || `the server answers ${status}`);
    this.status = status;
    this.title = body.title || "The request failed";
    this.hint = body.hint || null;
    this.faults = body.errors || [];
    this.retryAfterS = body.retry_after_s || null;
    this.request = body.instance || null;
  }
}

export function storedKey() {
  return sessionStorage.getItem(KEY);
}

// The key stays until the tab is closed.
export function storeKey(key) {
  if (key) sessionStorage.setItem(KEY, key);
  else sessionStorage.removeItem(KEY);
}

// `ask` shows why a key is needed and resolves to whether there is another to try.
export function onKeyNeeded(ask) {
  askForKey = ask;
}

// Returns the response if it is one of success. `body` is sent as JSON unless it is text or a file.
export async function request(path, { method = "GET", body, headers = {}, signal } = {}) {
  const sent = { ...headers };
  const key = storedKey();
  if (key) sent.Authorization = `Bearer ${key}`;
  const plain = body === undefined || typeof body === "string" || body instanceof Blob;
  if (!plain) sent["Content-Type"] = "application/json";
  let response;
  try {
    response = await fetch(new URL(path, document.baseURI), {
      method, headers: sent, body: plain ? body : JSON.stringify(body), signal, cache: "no-store",
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, { title: "The server cannot be reached", detail: "the server cannot be reached" });
  }
  if (response.ok) return response;
  const problem = new Problem(response.status, await response.json().catch(() => ({})));
  if (response.status === 401 && askForKey && (await askForKey(problem))) return request(path, { method, body, headers, signal });
  throw problem;
}

export async function json(path, options) {
  return (await request(path, options)).json();
}

export function withQuery(path, values) {
  const query = new URLSearchParams(Object.entries(values).filter(([, value]) => value !== null && value !== undefined && value !== ""));
  return query.size ? `${path}?${query}` : path;
}

// Resolves after `ms`, or at once when `signal` aborts.
export function pause(ms, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener("abort", () => { clearTimeout(timer); resolve(); }, { once: true });
  });
}

// Calls `act` again and again until the view is left; not while nobody looks. `act` says whether to go on.
export async function every(ms, signal, act) {
  while (!signal.aborted) {
    await pause(ms, signal);
    if (signal.aborted) return;
    if (document.hidden) continue;
    try {
      if ((await act()) === false) return;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      await pause(5000, signal); // the server may come back
    }
  }
}
