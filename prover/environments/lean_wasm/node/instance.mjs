// One Lean instance in a worker thread. Requests are handled one after the other, synchronously; the supervisor
// (driver.mjs) watches the clock from the main thread and interrupts through shared memory.
import fs from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { openAxioms } from './axioms.mjs';
import { milliseconds, processorMs } from './clock.mjs';
import { Heap, box } from './heap.mjs';
import { Frontend } from './elaborate.mjs';
import { Holes } from './holes.mjs';
import { Checker, Constants, Exporter, UnreadableTerm } from './kernel.mjs';
import { Library } from './library.mjs';
import { InvalidStatement, readAll, readPlainStatement, readSpecification } from './statement.mjs';
import { CLOSURE_ARITY, Tactics, outOfEffort } from './tactics.mjs';

const { module, memory, shared, paths, imports, snapshot, saveTo, renewable } = workerData;
const control = new Int32Array(shared.control), outcomes = Buffer.from(shared.outcomes); // see driver.mjs
const MODULE_FLAG = 4; // EnvironmentHeader scalars: trustLevel (u32), isModule (u8)
// Run before a snapshot is taken, so that tables which Lean builds on first use are in it.
const WARM_UP = [
  ['theorem w (a b : Nat) (h : a ∣ b) (hb : 0 < b) : a ≤ b',
    ['simp', 'omega', 'grind', 'exact?', 'decide', 'simp_all', 'rw [Nat.add_comm]', 'constructor', 'rcases h with ⟨c, hc⟩', 'induction b', 'exact Nat.le_of_dvd hb h']],
  ['theorem w (p q : Prop) (hp : p) (hq : q) : p ∧ q', ['exact ⟨hp, hq⟩', 'constructor', 'intro x', 'rfl', 'cases hp', 'tauto']],
];

const knownAxioms = snapshot && openAxioms(snapshot.axioms, snapshot.index.axioms);
const heap = await Heap.boot({ module, memory, paths, mountLibrary: !snapshot });
// Everything that refers to Lean's heap: made anew with it, see renew().
let frontend, constants, tactics, checker, baseline, dirty = false, ids = 1;
const onCapture = (...args) => tactics.onCapture(...args);
function begin(environment) {
  frontend = new Frontend(heap);
  constants = new Constants(frontend);
  tactics = new Tactics(frontend, constants, ids);
  if (environment === undefined) {
    heap.initialise();
    tactics.registerCapture(onCapture);
    importLibrary();
    if (renewable) {
      const pages = [];
      baseline = { pages, index: heap.saveSnapshot(pages), environment: frontend.environment };
    }
  } else frontend.environment = environment;
  tactics.holes = new Holes(frontend, tactics);
  checker = tactics.checker = new Checker(constants, frontend.environment, knownAxioms);
}
function importLibrary() {
  frontend.importModules(imports);
  // The package has only the exported parts of the library, which makes Lean take every file for a `module`:
  // names would be private and `#print axioms` refused. Read files as ordinary ones.
  const header = heap.call('Lean_Environment_header', heap.inc(frontend.environment));
  heap.U8[header + 8 + 4 * heap.fieldCount(header) + MODULE_FLAG] = 0;
  heap.dec(header);
  heap.hideLibrary();
}
function restore() {
  const fd = fs.openSync(snapshot.file, 'r');
  heap.restoreSnapshot(fd, snapshot.index);
  fs.closeSync(fd);
  begin(snapshot.index.environment);
}
// Forget everything since the start: what theorems left behind, and what Lean has built for them. So each theorem finds
// the same Lean, down to the addresses of its objects, and the same tactics take the same effort.
function renew() {
  if (!dirty) return {};
  ids = tactics.nextId; // no number is used twice
  if (snapshot) restore();
  else {
    heap.restoreSnapshot(baseline.pages, baseline.index);
    begin(baseline.environment);
  }
  dirty = false;
  return {};
}
if (snapshot) {
  heap.addFunction(onCapture, CLOSURE_ARITY); // the same table slot as in the snapshot
  restore();
} else begin();
if (saveTo) {
  const token = heap.call('IO_CancelToken_new');
  for (const [statement, steps] of WARM_UP) {
    const { session, state } = tactics.open(statement);
    for (const step of steps) tactics.apply(state, step, { token, heartbeats: 200_000_000, lemmas: 'made' });
    tactics.close(session);
  }
  checker.reset();
  const fd = fs.openSync(saveTo, 'w');
  const index = heap.saveSnapshot(fd);
  fs.closeSync(fd);
  const kernelEnv = constants.kernelView(frontend.environment);
  const axioms = checker.writeLibraryAxioms(`${saveTo}.axioms`, new Library(frontend, constants).library(kernelEnv));
  fs.writeFileSync(`${saveTo}.json`, JSON.stringify({ ...index, environment: frontend.environment, axioms }));
}

const operations = {
  open: ({ source, hole, forbid }, token) => (hole === undefined ? tactics.open(source, { token, forbid }) : tactics.holes.open(source, hole, { token })),
  holes: ({ source }, token) => tactics.holes.list(source, { token }),
  fill: ({ source, fillings }, token) => tactics.holes.fill(source, fillings, { token }),
  apply({ state, tactics: texts, heartbeats, heartbeatsLeft, stopWhenClosed, lemmas }) {
    for (let i = 0, left = heartbeatsLeft; i < texts.length; i++) {
      if (left <= 0) return { spent: true };
      const started = performance.now(), most = Math.min(heartbeats[i], left);
      const { cancelled, ...result } = interruptible(i, token => tactics.apply(state, texts[i], { token, heartbeats: most, lemmas }));
      const spent = frontend.heartbeats(), outcome = spent > most && !cancelled ? outOfEffort(most) : result;
      if (outcome !== result && result.state) tactics.release(result.state);
      if (cancelled && outcome.status === 'rejected') Object.assign(outcome, { status: 'timed_out', limit: 'time' });
      if (!heap.stackIntact()) throw new Error('stack overflow');
      outcome.ms = Math.round((performance.now() - started) * 1000) / 1000;
      outcome.heartbeats = Math.min(spent, most); // printing what it leads to may have taken more
      left -= outcome.heartbeats;
      if (!tell(outcome)) {
        if (outcome.state) tactics.release(outcome.state);
        break;
      }
      if ((outcome.status === 'closed' && stopWhenClosed) || Atomics.load(control, STOP)) break;
    }
    return {};
  },
  release({ states = [], sessions = [] }) {
    states.forEach(s => tactics.release(s));
    sessions.forEach(s => tactics.close(s));
    return {};
  },
  // Export what a specification (statements without proofs) asks for. plain: it has one statement, whose proof will be
  // tactics; then its parts come as well.
  specify({ specification, plain }, token) {
    const options = { token }, env = frontend.environment;
    const read = (plain ? readPlainStatement : readSpecification)(frontend, specification, env, options);
    try {
      const targets = plain ? [read.path] : read.targets, exported = exportConstants(plain ? read.after : read.environment, { targets, holes: read.holes });
      const { name, prefix, statement, suffix, commands } = read;
      return { exported, targets, ...plain && { name, prefix, statement, suffix, commands } };
    } finally { heap.dec(...plain ? [read.before, read.after] : [read.environment]); }
  },
  // Elaborate a text and export the targets, or else every theorem. commands: how many it should have.
  elaborate({ text, targets, commands }, token) {
    const read = readAll(frontend, text, frontend.environment, { token }), result = { messages: read.messages };
    result.smuggled = commands !== undefined && read.kinds.length !== commands;
    if (!read.messages.some(m => m.severity === 'error')) result.exported = exportConstants(read.environment, targets ? { targets } : { all: read.theorems.map(t => t.path) });
    heap.dec(read.environment);
    return result;
  },
  library: () => new Library(frontend, constants).theorems(frontend.environment),
  // Of a statement: the key that theorems with the same statement have. Of these theorems: the attributes to erase so
  // that automation does not use them.
  statement({ source }, token) {
    const read = readPlainStatement(frontend, source, frontend.environment, { token });
    const library = new Library(frontend, constants), kernelEnv = constants.kernelView(read.after);
    const info = constants.resolve(read.after, kernelEnv, read.path);
    try {
      return { key: info ? library.keyOf(info) : '' };
    } finally { heap.dec(read.before, read.after, kernelEnv, info || box(0)); }
  },
  erasable: ({ names }) => ({ lines: names.flatMap(name => ['simp', 'grind'].map(set => `attribute [-${set}] ${name}`)).filter(elaborates) }),
  check: ({ exported, targets, specification, forbid }, token) => checker.check(exported, targets, specification, { token }, forbid),
  statistics: () => ({ memoryMb: memory.buffer.byteLength / 2 ** 20, heapMb: heapMb(), states: tactics.states.size, sessions: tactics.sessions.size }),
};

// What malloc has taken so far. Memory itself may be larger: it stays so after renew().
function heapMb() { return heap.raw('malloc_footprint')() / 2 ** 20; }

function elaborates(command) {
  const read = readAll(frontend, command, frontend.environment);
  heap.dec(read.environment);
  return !read.messages.some(m => m.severity === 'error');
}

// targets: names (as parts) of what is to be shown, holes: those of them that are definitions; all: every safe constant
// that the text declared, with these theorems to report.
function exportConstants(env, { targets = [], holes = [], all }) {
  const kernelEnv = constants.kernelView(env), exporter = new Exporter(constants, kernelEnv, tactics.baseKernelEnv());
  try {
    const out = { targets: [], holes: [] };
    for (const path of targets) {
      const info = constants.resolve(env, kernelEnv, path);
      if (!info) return { missing: path.join('.') };
      exporter.held.push(info);
      out.targets.push(exporter.visit(heap.field(constants.signature(info), 0)));
      if (holes.includes(path)) out.holes.push(out.targets.at(-1));
    }
    if (all) for (const name of constants.added(kernelEnv)) {
      const info = constants.find(kernelEnv, name);
      exporter.held.push(info);
      if (constants.isUnsafe(info)) continue;
      exporter.visit(name);
    }
    for (const path of all ?? []) {
      const info = constants.resolve(env, kernelEnv, path);
      if (!info) continue;
      exporter.held.push(info);
      if (!constants.isUnsafe(info)) out.targets.push(exporter.name(heap.field(constants.signature(info), 0)));
    }
    return { ...exporter.data(), ...out };
  } catch (error) {
    if (error instanceof UnreadableTerm) return { unreadable: error.message };
    throw error;
  } finally {
    exporter.close();
    heap.dec(kernelEnv);
  }
}

// control[TOKEN] is the address of the running step's IO.CancelToken, control[STEP] its number. The supervisor
// writes control[CANCELLED] = step before it sets the token, so that a step cancelled by mistake (the one before
// it had just ended) can be told apart and runs again.
const TOKEN = 0, STEP = 1, CANCELLED = 2, STOP = 3, STARTED = 4, TOLD = 5, PROCESSOR = 6;
function interruptible(step, run) {
  for (;;) {
    const token = heap.call('IO_CancelToken_new');
    Atomics.store(control, STARTED, milliseconds());
    Atomics.store(control, PROCESSOR, processorMs());
    Atomics.store(control, STEP, step);
    Atomics.store(control, TOKEN, token);
    const outcome = run(token);
    Atomics.store(control, TOKEN, 0);
    const cancelled = heap.field(token, 0) === box(1);
    heap.dec(token);
    if (!cancelled) return outcome;
    if (Atomics.load(control, CANCELLED) === step) return { ...outcome, cancelled: true };
    if (outcome.state) tactics.release(outcome.state);
  }
}

// Add an outcome to those of this request, where the supervisor finds it even if this instance is killed. Returns
// whether there was room: the supervisor's caller asks again for what is missing.
function tell(outcome) {
  const text = JSON.stringify(outcome), at = Atomics.load(control, TOLD), size = Buffer.byteLength(text) + 1;
  if (at + size > outcomes.length) {
    if (at) return false;
    return tell({ status: 'rejected', message: 'what it leads to is too large to be shown', ms: outcome.ms });
  }
  outcomes.write(`${text}\n`, at);
  Atomics.store(control, TOLD, at + size);
  return true;
}

parentPort.on('message', request => {
  let reply;
  try {
    dirty ||= request.operation !== 'renew';
    if (request.operation === 'renew') reply = renew();
    else if (request.operation === 'apply') reply = operations.apply(request);
    else reply = interruptible(0, token => operations[request.operation](request, token));
    if (!heap.stackIntact()) throw new Error('stack overflow');
  } catch (error) {
    Atomics.store(control, TOKEN, 0);
    const cancelled = Atomics.load(control, CANCELLED) === 0; // then the statement may be a good one
    if (error instanceof InvalidStatement) reply = { invalid: error.message || error.messages[0]?.text, messages: error.messages, cancelled };
    // A C++ exception (a number), a trap, or exit(): the instance may be inconsistent and is thrown away.
    else reply = { crash: describe(error) };
  }
  parentPort.postMessage({ reply, heapMb: heapMb() });
});
parentPort.postMessage({ ready: true, version: frontend.version, heapMb: heapMb() });

function describe(error) {
  if (typeof error === 'number' || error instanceof WebAssembly.Exception) return 'Lean ran out of memory or stack';
  if (error?.name === 'ExitStatus') return 'the text ended the Lean process';
  if (error instanceof WebAssembly.RuntimeError || error instanceof RangeError) return `Lean crashed: ${error.message}`;
  return `Lean crashed: ${String(error?.message ?? error).slice(0, 300)}`;
}
