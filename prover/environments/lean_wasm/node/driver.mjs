// Supervisor of Lean instances: JSON lines on standard input and output.
//
//   node [flags] driver.mjs CONFIG        (CONFIG: JSON, see process.py)
//
// Compiles lean.wasm once, runs instances in worker threads, enforces time and memory limits, replaces an instance
// that had to be killed (the compiled code is kept), and leaves when its parent does.
//
// Requests { id, op, ... } are answered in order by { id, ... } (no id: no answer):
//   open     { source, forbid?, timeoutMs }   -> { session, state, goals, name, prefix, statement, suffix, autoBound? } | { invalid, messages }
//   open     { source, hole, timeoutMs }                -> the same, on the hole of that number
//   holes    { source, timeoutMs }                      -> { holes, sorries, messages } | { invalid, messages }, see holes.mjs
//   fill     { source, fillings, timeoutMs }            -> { problem?, sorries }
//   apply    { state, tactics, heartbeats, heartbeatsLeft, processorMs, timeoutMs, deadlineMs, stopWhenClosed, lemmas }  -> { outcomes, spent? }
//            heartbeats, processorMs: for each tactic; timeoutMs: for every one; heartbeatsLeft, deadlineMs: for all together;
//            lemmas: made | again | later, see tactics.mjs
//   release  { states, sessions }                       -> {}
//   renew    {}                    -> {}; the instance forgets everything since its start
//   statement { source, timeoutMs }          -> { key } | { invalid, messages }
//   erasable { names }                                  -> { lines }
//   check    { specification?, proof | tactics, forbid?, anything?, timeoutMs } -> { accepted, reason, messages, theorems, definitions?, ... } | { invalid, messages }
//   library  {}                                         -> { modules, symbols, theorems }, see library.mjs
//   statistics {}                                       -> { memoryMb, rssMb, ... }
// { op: 'cancel' } interrupts the request that is running. An answer with `lost: true` says that the instance was
// replaced: all its sessions and states are gone, and the caller replays what it still needs.
import fs from 'node:fs';
import { Worker } from 'node:worker_threads';
import { between, milliseconds, processorMs } from './clock.mjs';
import { withProof } from './statement.mjs';

const config = JSON.parse(process.argv[2]);
const LONGEST_TIMER_MS = 2 ** 30;
const GRACE_MS = 400; // between asking a step to stop and killing its instance
const GROWTH_MB = 256; // an instance whose memory grew by more than this is replaced (wasm memory never shrinks)
const MAX_PAGES = 32768; // 2 GiB, the most that this build can address
const THREAD_STACK_MB = 200;
const RENEW_MS = 60_000; // only a hung instance takes so long
const LEAST_MS = 100; // what a request gets whose time is all but over
const STATEMENTS_KEPT = 8; // specifications whose terms are kept
// Words shared with an instance: address of the running step's cancel token, number of that step, number of the step
// that we cancelled, `end this request after the step`, when the step started (ms), bytes of outcomes written, the
// processor's time when the step started (ms).
const TOKEN = 0, STEP = 1, CANCELLED = 2, STOP = 3, STARTED = 4, TOLD = 5, PROCESSOR = 6;
const OUTCOMES_MB = 64; // address space; only what is written takes memory
const TOKEN_VALUE = 8, BOXED_TRUE = 3;

process.on('SIGINT', () => {}); // the parent decides
const leave = () => process.kill(process.pid, 'SIGKILL'); // also when a thread is in a loop that nothing interrupts
const parent = process.ppid;
setInterval(() => { if (process.ppid !== parent) leave(); }, 1000).unref();

// JSON that is ready to be sent.
class Json { constructor(text) { this.text = text; } }
const send = answer => {
  const members = Object.entries(answer).filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${JSON.stringify(key)}:${value instanceof Json ? value.text : JSON.stringify(value)}`);
  process.stdout.write(`{${members.join()}}\n`);
};
let module;
try {
  module = new WebAssembly.Module(fs.readFileSync(config.paths.wasm));
} catch (error) {
  send({ fatal: `cannot load ${config.paths.wasm}: ${error.message}` });
  process.exit(1);
}

class Instance {
  constructor({ saveTo, renewable } = {}) {
    this.memory = new WebAssembly.Memory({ initial: 256, maximum: MAX_PAGES, shared: true });
    const shared = { control: new SharedArrayBuffer(28), outcomes: new SharedArrayBuffer(OUTCOMES_MB * 2 ** 20) };
    this.control = new Int32Array(shared.control);
    this.outcomes = Buffer.from(shared.outcomes);
    this.worker = new Worker(new URL('./instance.mjs', import.meta.url), {
      workerData: { module, memory: this.memory, shared, paths: config.paths, imports: config.imports, snapshot: config.snapshot, renewable, saveTo },
      resourceLimits: { stackSizeMb: THREAD_STACK_MB, maxOldGenerationSizeMb: 2048 },
    });
    this.ready = new Promise((resolve, reject) => {
      this.worker.on('message', message => {
        if (message.ready) { this.version = message.version; this.baselineMb = message.heapMb; this.baselineBytes = this.memory.buffer.byteLength; resolve(); }
        else this.receive?.(message);
      });
      const died = why => { this.dead = true; reject(new Error(why)); this.receive?.({ reply: { crash: why } }); };
      this.worker.on('error', error => died(String(error?.stack ?? `C++ exception ${error}`)));
      this.worker.on('exit', () => died('the Lean instance ended'));
    });
    this.ready.catch(() => {});
  }
  // Run one request. `timeoutMs` holds for each step of an `apply`, and for other requests as a whole; `processor`: the
  // processor's time that each step may take (ms), which a busy machine does not use up.
  // -> { reply, outcomes (JSON texts), timedOut, cancelled }; afterwards the instance may be `dead`.
  async request(message, timeoutMs, { deadlineMs = Infinity, processor = [] } = {}) {
    await this.ready;
    const { control } = this, end = performance.now() + deadlineMs;
    for (const [word, value] of [[STOP, 0], [CANCELLED, -1], [STEP, 0], [STARTED, milliseconds()], [PROCESSOR, processorMs()], [TOLD, 0]]) Atomics.store(control, word, value);
    return new Promise(resolve => {
      let timer, over = false, stopped = {};
      const finish = result => {
        over = true;
        clearTimeout(timer);
        this.receive = this.cancel = undefined;
        const told = this.outcomes.toString('utf8', 0, Atomics.load(control, TOLD));
        resolve({ outcomes: told ? told.trimEnd().split('\n') : [], ...result });
      };
      const kill = result => { this.kill(); finish(result); };
      const interrupt = (step, why) => {
        stopped = why;
        Atomics.store(control, CANCELLED, step);
        const token = Atomics.load(control, TOKEN);
        if (token && Atomics.load(control, STEP) === step) Atomics.store(new Int32Array(this.memory.buffer), (token + TOKEN_VALUE) >> 2, BOXED_TRUE);
        timer = setTimeout(() => { if (Atomics.load(control, STEP) === step || why.cancelled) kill(why); else watch(); }, GRACE_MS);
      };
      const stepLeft = () => Math.min(timeoutMs - between(Atomics.load(control, STARTED), milliseconds()),
        (processor[Atomics.load(control, STEP)] ?? Infinity) - between(Atomics.load(control, PROCESSOR), processorMs()));
      const watch = () => { // the running step's time, and the whole request's
        const left = Math.min(stepLeft(), end - performance.now());
        if (!Number.isFinite(left)) return;
        timer = setTimeout(() => {
          const step = Atomics.load(control, STEP), late = end <= performance.now();
          if (late) Atomics.store(control, STOP, 1);
          if (late || stepLeft() <= 0) interrupt(step, { timedOut: true });
          else watch(); // another step meanwhile, or the processor was busy with something else
        }, Math.min(Math.max(0, left), LONGEST_TIMER_MS));
      };
      this.cancel = () => {
        if (over) return;
        Atomics.store(control, STOP, 1);
        clearTimeout(timer);
        interrupt(Atomics.load(control, STEP), { cancelled: true });
      };
      this.receive = ({ reply, heapMb }) => {
        if (over) return;
        if (reply.crash) kill({ reply });
        else finish({ reply, grown: heapMb > this.baselineMb + GROWTH_MB, ...reply.cancelled ? stopped : {} });
      };
      this.worker.postMessage(message);
      watch();
    });
  }
  kill() {
    if (this.dead) return;
    this.dead = true;
    this.worker.terminate().then(() => globalThis.gc?.());
  }
}

// ---- search: one instance with sessions and states -----------------------------------------------------------
class Search {
  constructor() { this.instance = this.started(); }
  started() { return new Instance({ renewable: true }); }
  get ready() { return this.instance.ready; }
  async handle({ op, id, timeoutMs, deadlineMs, processorMs, ...rest }) {
    const at = this.instance;
    const { reply, outcomes, timedOut, cancelled, grown } = await at.request({ operation: op, ...rest }, timeoutMs ?? Infinity, { deadlineMs, processor: processorMs });
    let answer = reply && !reply.crash ? { ...reply } : {};
    if (op === 'apply') {
      if (timedOut) outcomes.push(JSON.stringify({ status: 'timed_out', limit: 'time', message: 'stopped by force' }));
      else if (reply?.crash) outcomes.push(JSON.stringify({ status: 'rejected', message: reply.crash }));
      answer = { outcomes: new Json(`[${outcomes.join()}]`), spent: reply?.spent };
    } else if (timedOut || cancelled) answer = { timedOut: true };
    else if (reply?.crash) answer = { crash: reply.crash };
    if (at.dead || grown) {
      at.kill();
      this.instance = this.started();
      answer.lost = true;
    }
    if (op === 'statistics') answer.rssMb = process.memoryUsage.rss() / 2 ** 20;
    return answer;
  }
  cancel() { this.instance.cancel?.(); }
}

// ---- check: text is elaborated on a heap that no text has touched; a kernel that never sees text decides -----------
// An instance that can forget everything.
class Forgetful {
  constructor() { this.start(); }
  start() { this.instance = new Instance({ renewable: true }); this.renewed = undefined; }
  get ready() { return this.instance.ready; }
  async ask(message, timeoutMs) {
    await this.renewed;
    if (this.instance.dead) this.start();
    const at = this.asked = this.instance, answer = await at.request(message, timeoutMs);
    this.asked = undefined;
    if (answer.timedOut || answer.cancelled || answer.grown) at.kill(); // it may be in any state
    return answer;
  }
  // Begin to forget; the next request waits for it.
  forget() {
    const at = this.instance;
    if (at.dead || at.memory.buffer.byteLength > at.baselineBytes + GROWTH_MB * 2 ** 20) { at.kill(); this.start(); }
    else this.renewed = at.request({ operation: 'renew' }, RENEW_MS).then(({ reply }) => { if (!reply || reply.crash) at.kill(); });
  }
  cancel() { this.asked?.cancel?.(); }
}

// For each check the specification is read first, on the heap that no text has touched, and what it asks for is exported
// before a word of the proof is read. Both travel to the kernel as data.
class Check {
  constructor() {
    this.kernel = new Instance();
    this.reader = new Forgetful();
    this.specified = new Map(); // what was asked for last, by text
  }
  get ready() { return Promise.all([this.kernel.ready, this.reader.ready]); }
  async handle({ op, ...request }) {
    if (op === 'statistics') return { rssMb: process.memoryUsage.rss() / 2 ** 20 };
    try {
      return await this.check(request);
    } finally { this.reader.forget(); }
  }
  async check({ specification, proof, tactics, forbid, anything, timeoutMs }) {
    const end = performance.now() + timeoutMs, left = () => Math.max(LEAST_MS, end - performance.now());
    const verdict = { accepted: false, messages: [], theorems: [] }, refuse = reason => ({ ...verdict, reason });
    const failed = ({ cancelled, timedOut, reply }, during) => {
      if (cancelled) return { cancelled: true };
      if (timedOut) return { ...refuse(`ran out of time${during}`), timedOut: true };
      return reply.invalid === undefined ? undefined : reply;
    };
    let wanted;
    if (specification !== undefined) {
      const answer = await this.specify(specification, tactics !== undefined, left()), why = failed(answer, '');
      if (why) return why;
      wanted = answer.reply;
      if (wanted.crash) return refuse(wanted.crash);
      if (wanted.exported.unreadable) return refuse(`the proof term is not complete: ${wanted.exported.unreadable}`);
      if (wanted.exported.missing) return refuse(`the text does not declare ${wanted.exported.missing}`);
    }
    const text = tactics === undefined ? proof : withProof(wanted, tactics);
    if (tactics !== undefined) Object.assign(verdict, { name: wanted.name, source: text });
    const first = await this.reader.ask({ operation: 'elaborate', text, targets: wanted?.targets, commands: wanted?.commands }, left());
    const why = failed(first, '');
    if (why) return why;
    const { messages, smuggled, exported, crash } = first.reply;
    if (crash) return refuse(crash);
    verdict.messages = messages;
    const error = messages.find(m => m.severity === 'error');
    if (error) return refuse(`Lean reports an error: ${error.text}`);
    if (smuggled) return refuse('the proof goes on with further commands');
    if (exported.unreadable) return refuse(`the proof term is not complete: ${exported.unreadable}`);
    if (exported.missing) return refuse(`the text does not declare ${exported.missing}`);
    if (!wanted && !exported.targets.length && !anything) return refuse('there is no theorem in the text');
    const asked = this.asked = this.kernel;
    const second = await asked.request({ operation: 'check', exported, targets: exported.targets, specification: wanted?.exported, forbid }, left());
    this.asked = undefined;
    if (asked.dead || second.grown) { asked.kill(); this.kernel = new Instance(); }
    const late = failed(second, ' while the kernel checked the proof');
    if (late) return late;
    if (second.reply.crash) return refuse(`the kernel could not check the proof: ${second.reply.crash}`);
    return { ...verdict, ...second.reply, timedOut: second.reply.cutOff === 'time' || undefined };
  }
  async specify(specification, plain, timeoutMs) {
    const key = JSON.stringify([specification, plain]), known = this.specified.get(key);
    const answer = known ?? await this.reader.ask({ operation: 'specify', specification, plain }, timeoutMs);
    this.specified.delete(key);
    if (answer.reply && !answer.reply.crash && !answer.cancelled && !answer.timedOut) this.specified.set(key, answer);
    if (this.specified.size > STATEMENTS_KEPT) this.specified.delete(this.specified.keys().next().value);
    return answer;
  }
  cancel() { for (const one of [this.reader, this.asked]) one?.cancel?.(); }
}

// ---- requests ------------------------------------------------------------------------------------------------------
async function main() {
  if (config.role === 'snapshot') {
    await new Instance({ saveTo: config.saveTo }).ready;
    send({ ready: true });
    return process.exit(0);
  }
  const service = config.role === 'check' ? new Check() : new Search();
  const queue = [];
  let busy = false;
  const next = async () => {
    if (busy || !queue.length) return;
    busy = true;
    const request = queue.shift(), answer = body => { if (request.id !== undefined) send({ id: request.id, ...body }); };
    try {
      answer(await service.handle(request));
    } catch (error) {
      answer({ fatal: String(error?.message ?? error).slice(0, 1000) });
      if (service.instance?.dead) service.instance = service.started();
    }
    busy = false;
    next();
  };
  let pending = '';
  process.stdin.setEncoding('utf8');
  process.stdin.on('data', text => {
    const lines = (pending + text).split('\n');
    pending = lines.pop();
    for (const line of lines) {
      const request = JSON.parse(line);
      if (request.op === 'cancel') service.cancel();
      else queue.push(request);
    }
    next();
  });
  process.stdin.on('end', leave);
  process.stdin.on('error', leave);
  await service.ready;
  const first = service.instance ?? service.kernel;
  globalThis.gc?.();
  send({ ready: true, version: first.version });
}
main().catch(error => { send({ fatal: String(error?.stack ?? error).slice(0, 1000) }); process.exit(1); });
