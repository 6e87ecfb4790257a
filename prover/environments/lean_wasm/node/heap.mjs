// Boot Lean's runtime in this thread and give access to its heap.
//
// wasm32 object header, 8 bytes: i32 rc | u16 size | u8 field count | u8 tag.
//   rc > 0 single-threaded, rc < 0 multi-threaded, rc = 0 persistent (never freed).
//   tag <= 244 constructor (fields from +8, then scalars), 245 closure, 246 array, 249 string, 250 big number.
//   An odd "pointer" is a boxed scalar n << 1 | 1.
// Calls go to the `___boxed` entry where there is one: every argument boxed; owned unless said otherwise.
// IO-like functions take one extra dummy argument there (the erased world). A fallible
// monadic call returns constructor 0 [value] or 1 [exception]; BaseIO/ST returns the raw value.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { Chance } from './chance.mjs';
import { VARIABLE, openSymbols } from './symbols.mjs';

const MiB = 1 << 20, PAGE = 65536;
const ZEROS = Buffer.alloc(MiB);
const C_STACK = 64 * MiB, CANARY = 4096, CANARY_WORD = 0x5afec0de;
const EPERM = 63, ENOENT = 44; // WASI errno

export class Heap {
  // module: compiled lean.wasm; memory: shared WebAssembly.Memory; paths: { glue, symbols, library };
  // mountLibrary: make the library readable at /lean/lib (needed to import, not after a restore).
  static async boot({ module, memory, paths, mountLibrary }) {
    const heap = new Heap();
    heap.memory = memory;
    heap.chance = new Chance(memory);
    heap.symbol = openSymbols(paths.symbols);
    heap.functions = new Map();
    heap.refreshViews();
    const discard = () => {};
    console.log = console.error = discard; // the runtime's own debug output
    const M = heap.runtime = {
      noInitialRun: true, noExitRuntime: true, arguments: [], thisProgram: '/lean/bin/lean',
      print: discard, printErr: discard, wasmMemory: memory, symbol: heap.symbol,
      stdin: () => null, // without this the program could read the host's standard input
      preRun: [() => {
        for (const dir of ['/lean', '/lean/bin', '/lean/lib']) M.FS.mkdir(dir);
        if (mountLibrary) M.FS.mount(M.NODEFS, { root: paths.library }, '/lean/lib');
        Object.assign(M.ENV, { LEAN_SYSROOT: '/lean', LEAN_PATH: '/lean/lib/lean' });
      }],
      instantiateWasm(imports, done) {
        heap.seal = sealable(imports);
        forbidEscapes(imports.env);
        heap.chance.replace(imports.env);
        heap.chance.replace(imports.wasi_snapshot_preview1);
        const instance = new WebAssembly.Instance(module, imports);
        heap.variables = Object.keys(instance.exports).filter(name => name.startsWith(VARIABLE)).map(name => instance.exports[name]);
        done(instance, module);
        return instance.exports;
      },
    };
    const ready = new Promise(resolve => { M.onRuntimeInitialized = resolve; });
    globalThis.leanModule = M;
    createRequire(import.meta.url)(paths.glue);
    await ready;
    heap.initial = heap.variables.map(variable => variable.value);
    if (!mountLibrary) heap.seal();
    return heap;
  }

  // ---- memory views: memory only grows, and growing replaces the buffer -------------------------
  refreshViews() {
    const buffer = this.memory.buffer;
    if (buffer === this.buffer) return;
    this.buffer = buffer;
    this.I32 = new Int32Array(buffer);
    this.U32 = new Uint32Array(buffer);
    this.U16 = new Uint16Array(buffer);
    this.U8 = new Uint8Array(buffer);
  }

  // ---- calls --------------------------------------------------------------------------------------
  raw(name) { // the function itself: arguments and result as they are
    let f = this.functions.get(name);
    if (!f) {
      const native = this.native(name);
      f = (...args) => {
        const result = native(...args);
        this.refreshViews(); // the call may have grown the memory
        return result;
      };
      this.functions.set(name, f);
    }
    return f;
  }
  native(name) {
    const slot = this.symbol(name);
    if (slot === undefined) throw new Error(`lean.wasm has no function ${name}`);
    return this.runtime.functionTable().get(slot);
  }
  // Call the Lean function `name` (mangled, without `l_`) or the runtime function `name`.
  call(name, ...args) {
    let f = this.functions.get(`#${name}`);
    if (!f) {
      const entry = [`l_${name}___boxed`, `l_${name}`, name].find(n => this.symbol(n) !== undefined);
      if (!entry) throw new Error(`lean.wasm has no function ${name}`);
      this.functions.set(`#${name}`, f = this.native(entry));
    }
    if (f.length === args.length + 1) args.push(box(0));
    else if (f.length !== args.length) throw new Error(`${name} takes ${f.length} arguments, got ${args.length}`);
    const { stackSave, stackRestore } = this.runtime;
    const top = stackSave();
    try {
      const result = f(...args) | 0;
      this.refreshViews();
      return result;
    } catch (error) {
      this.refreshViews();
      stackRestore(top);
      throw error;
    }
  }
  constant(name) { // persistent value of the closed term `name`; borrowed
    const address = this.symbol(`l_${name}`);
    if (address === undefined) throw new Error(`lean.wasm has no constant ${name}`);
    return this.I32[address >> 2];
  }
  // Result of a fallible monadic call -> { ok, value } with an owned value or exception.
  result(r) {
    const ok = this.tag(r) === 0, value = this.inc(this.field(r, 0));
    this.dec(r);
    return { ok, value };
  }
  io(r) {
    const { ok, value } = this.result(r);
    if (!ok) throw new Error(this.take(this.call('lean_io_error_to_string', value)));
    return value;
  }

  // ---- reference counts -----------------------------------------------------------------------------
  inc(o) {
    if (o & 1) return o;
    const i = o >> 2, rc = this.I32[i];
    if (rc > 0) this.I32[i] = rc + 1;
    else if (rc < 0) Atomics.sub(this.I32, i, 1);
    return o;
  }
  dec(...objects) {
    for (const o of objects) {
      if (o & 1) continue;
      const i = o >> 2, rc = this.I32[i];
      if (rc > 1) this.I32[i] = rc - 1;
      else if (rc !== 0) this.raw('lean_dec_ref_cold')(o);
    }
  }

  // ---- reading; results are borrowed ------------------------------------------------------------------
  tag(o) { return this.U8[o + 7]; }
  fieldCount(o) { return this.U8[o + 6]; }
  field(o, i) { return this.I32[(o + 8 + 4 * i) >> 2]; }
  scalarByte(o, offset) { return this.U8[o + 8 + 4 * this.U8[o + 6] + offset]; }
  string(o, limit = Infinity) { // the first `limit` bytes
    const size = this.U32[(o + 8) >> 2] - 1; // without the final NUL
    if (size <= limit) return decoder.decode(this.U8.slice(o + 20, o + 20 + size));
    return `${lenient.decode(this.U8.slice(o + 20, o + 20 + limit))} ...`;
  }
  array(o) {
    const size = this.U32[(o + 8) >> 2];
    return Array.from(this.I32.subarray((o + 16) >> 2, ((o + 16) >> 2) + size));
  }
  list(o) {
    const items = [];
    for (; !isScalar(o); o = this.field(o, 1)) items.push(this.field(o, 0));
    return items;
  }
  take(o, limit) { const s = this.string(o, limit); this.dec(o); return s; }

  // ---- making; results are owned, arguments consumed ----------------------------------------------------
  constructor_(tag, fields, scalarBytes = 0) {
    const size = (8 + 4 * fields.length + scalarBytes + 7) & ~7, o = this.raw('lean_alloc_object')(size);
    this.U8.fill(0, o + 8, o + size);
    this.I32[o >> 2] = 1;
    this.U16[(o + 4) >> 1] = size;
    this.U8[o + 6] = fields.length;
    this.U8[o + 7] = tag;
    fields.forEach((f, i) => { this.I32[(o + 8 + 4 * i) >> 2] = f; });
    return o;
  }
  // Copy of constructor `o` with some fields (owned) and scalar bytes replaced.
  update(o, fields, scalars = {}) {
    const n = this.fieldCount(o), bytes = Math.max(0, this.U16[(o + 4) >> 1] - 8 - 4 * n);
    const copy = this.constructor_(this.tag(o), Array.from({ length: n }, (_, i) => fields[i] ?? this.inc(this.field(o, i))), bytes);
    const from = o + 8 + 4 * n, to = copy + 8 + 4 * n;
    for (let k = 0; k < bytes; k++) this.U8[to + k] = this.U8[from + k];
    for (const k in scalars) this.U8[to + Number(k)] = scalars[k];
    this.dec(o);
    return copy;
  }
  setScalarByte(o, offset, byte) { this.U8[o + 8 + 4 * this.U8[o + 6] + offset] = byte; return o; }
  usize(n) { const o = this.constructor_(0, [], 4); this.U32[(o + 8) >> 2] = n; return o; }
  str(s) {
    const bytes = encoder.encode(s), p = this.raw('malloc')(bytes.length + 1);
    this.U8.set(bytes, p);
    const o = this.raw('lean_mk_string_from_bytes')(p, bytes.length);
    this.raw('free')(p);
    return o;
  }
  arr(items) {
    const room = Math.max(items.length, 1), o = this.raw('lean_alloc_object')(16 + 4 * room);
    this.I32[o >> 2] = 1;
    this.U16[(o + 4) >> 1] = 0;
    this.U8[o + 6] = 0;
    this.U8[o + 7] = 246;
    this.U32[(o + 8) >> 2] = items.length;
    this.U32[(o + 12) >> 2] = room;
    this.I32.set(items, (o + 16) >> 2);
    return o;
  }
  listOf(items) { return items.reduceRight((tail, head) => this.constructor_(1, [head, tail]), box(0)); }
  some(x) { return this.constructor_(1, [x]); }
  ref(x) { return this.raw('lean_st_mk_ref')(x); }
  read(ref) { return this.raw('lean_st_ref_get')(ref) | 0; }
  write(ref, x) { this.raw('lean_st_ref_set')(ref, x); }
  // A JavaScript function as a Lean closure of `arity` arguments. Closures take the next table slots,
  // so they must be made in the same order before and after a restore.
  closure(f, arity) {
    const slot = this.addFunction(f, arity), o = this.raw('lean_alloc_object')(16);
    this.I32[o >> 2] = 1;
    this.U16[(o + 4) >> 1] = 0;
    this.U8[o + 6] = 0;
    this.U8[o + 7] = 245;
    this.U32[(o + 8) >> 2] = slot;
    this.U16[(o + 12) >> 1] = arity;
    this.U16[(o + 14) >> 1] = 0;
    return o;
  }
  addFunction(f, arity) { return this.runtime.addFunction(this.runtime.wrapFunction(f, 'i'.repeat(arity + 1))); }

  // ---- the C stack ----------------------------------------------------------------------------------------
  // The build's C stack is 64 KB inside linear memory with static data right below it and no guard: deep
  // recursion silently overwrites that data. Move it to a large block before Lean records its base;
  // a canary at the low end shows when even that overflowed.
  moveStack() {
    const block = this.raw('malloc')(C_STACK);
    this.stackLow = (block + PAGE - 1) & ~(PAGE - 1);
    this.I32.fill(CANARY_WORD, this.stackLow >> 2, (this.stackLow + CANARY) >> 2);
    this.useStack();
  }
  useStack() {
    const high = this.stackLow + C_STACK - 2 * PAGE;
    this.raw('emscripten_stack_set_limits')(high, this.stackLow);
    this.raw('_emscripten_stack_restore')(high);
  }
  stackIntact() {
    for (let i = this.stackLow >> 2; i < (this.stackLow + CANARY) >> 2; i++) if (this.I32[i] !== CANARY_WORD) return false;
    return true;
  }

  // ---- Lean's own initialisation ------------------------------------------------------------------------------
  initialise() {
    this.moveStack();
    this.raw('lean_initialize')();
    this.raw('lean_io_mark_end_initialization')();
    this.raw('lean_init_task_manager_using')(1); // promises want a manager; no thread is started
    this.io(this.call('Lean_initSearchPath', this.str('/lean'), box(0)));
    this.call('lean_enable_initializer_execution');
  }
  // After imports nothing of the host stays visible.
  hideLibrary() {
    const { FS } = this.runtime;
    FS.chdir('/');
    FS.unmount('/lean/lib');
    this.seal();
  }

  // ---- snapshots -------------------------------------------------------------------------------------------------
  // The initialised state is linear memory and the global variables, which are the same in every process once the stack
  // is in its place: no instruction writes the function table, and a sealed runtime keeps nothing but C++ exceptions.
  // Non-zero 64 KB pages, one after the other, in a file or as a list of buffers; the index says which pages they are.
  saveSnapshot(target) {
    const words = new BigUint64Array(this.buffer), perPage = PAGE / 8, pages = this.buffer.byteLength / PAGE, runs = [];
    for (let page = 0; page < pages; page++) {
      let used = false;
      for (let k = page * perPage, end = k + perPage; k < end && !used; k++) used = words[k] !== 0n;
      if (!used) continue;
      const last = runs.at(-1);
      if (last && last[0] + last[1] === page) last[1]++; else runs.push([page, 1]);
    }
    const write = typeof target === 'number' ? bytes => fs.writeSync(target, bytes) : bytes => target.push(bytes);
    for (const [page, n] of runs) write(Buffer.from(this.U8.slice(page * PAGE, (page + n) * PAGE)));
    return { pages, runs, stackLow: this.stackLow, readings: this.chance.readings };
  }
  // All of memory becomes as it was when the snapshot was taken, whatever has happened since: that it is larger now
  // shows nowhere.
  restoreSnapshot(source, { pages, runs, stackLow, readings }) {
    this.runtime.forgetExceptions();
    this.variables.forEach((variable, i) => { variable.value = this.initial[i]; });
    const used = this.buffer.byteLength, missing = pages - used / PAGE;
    if (missing > 0) this.memory.grow(missing);
    this.refreshViews();
    const fill = typeof source === 'number' ? fromFile(source) : fromList(source), ends = [0, ...runs.map(([page, n]) => (page + n) * PAGE)], starts = [...runs.map(([page]) => page * PAGE), used];
    ends.forEach((end, i) => this.clear(end, Math.min(starts[i], used)));
    for (const [page, n] of runs) fill(this.U8.subarray(page * PAGE, (page + n) * PAGE));
    this.stackLow = stackLow;
    this.chance.readings = readings;
    this.useStack();
  }
  // What nobody has written to takes no memory, and stays like that. (fill() is slower on shared memory.)
  clear(from, to) {
    for (let at = from; at < to; at += ZEROS.length) {
      const zeros = ZEROS.subarray(0, Math.min(ZEROS.length, to - at)), there = Buffer.from(this.buffer, at, zeros.length);
      if (!zeros.equals(there)) this.U8.set(zeros, at);
    }
  }
}

// Where a snapshot's pages come from, one run after the other -> function of the memory to be filled with the next.
function fromFile(fd) {
  let position = 0;
  return target => {
    for (let at = 0; at < target.length;) {
      const got = fs.readSync(fd, target, at, target.length - at, position);
      if (!got) throw new Error('heap snapshot is shorter than its index says');
      at += got;
      position += got;
    }
  };
}
function fromList(runs) {
  let next = 0;
  return target => target.set(runs[next++]);
}

// The runtime's glue can run programs, open sockets, start threads and load code. Lean needs none of it,
// and what runs inside is untrusted.
function forbidEscapes(env) {
  for (const name of ['_dlopen_js', '_emscripten_dlopen_js', 'emscripten_wget_data']) env[name] = () => 0;
  for (const name of Object.keys(env)) {
    if (/^__syscall_(socket|connect|bind|listen|accept4|send|recv|getsock|getpeer)/.test(name)) env[name] = () => -EPERM;
  }
  env._emscripten_system = () => -1;
  env.__pthread_create_js = () => 6; // EAGAIN
  env._emscripten_receive_on_main_thread_js = () => 0; // runs a function of the glue by number
}

// Once Lean is ready it needs of the glue what throws and catches, tells the time, and gives memory. Everything else is
// refused from then on: there are no files, and nothing is remembered from one text to the next, or happens later.
const STILL_NEEDED = /^(__cxa_|invoke_|__resumeException$|llvm_eh_typeid_for$|_emscripten_throw_longjmp$|__assert_fail$|_abort_js$|exit$|proc_exit$|emscripten_asm_const_int$|emscripten_get_now$|emscripten_date_now$|clock_|random_get$|emscripten_resize_heap$|emscripten_get_heap_max$|emscripten_num_logical_cores$|emscripten_check_blocking_allowed$|environ_|_dlsym_js$|__syscall_(getcwd|readlinkat)$|_emscripten_get_progname$|_tzset_js$|_(timegm|mktime|localtime|gmtime)_js$)/;
function sealable({ env, wasi_snapshot_preview1: wasi }) {
  let sealed = false;
  for (const imports of [env, wasi]) for (const [name, f] of Object.entries(imports)) {
    const refusal = imports === wasi ? EPERM : name.startsWith('__syscall_') ? -ENOENT : -EPERM;
    if (typeof f === 'function' && !STILL_NEEDED.test(name)) imports[name] = Object.assign((...args) => (sealed ? refusal : f(...args)), f); // the glue looks at its `sig`
  }
  return () => { sealed = true; };
}

const lenient = new TextDecoder();
const encoder = new TextEncoder(), decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }); // every byte counts: texts are compared by it
export const box = n => (n << 1) | 1;
export const unbox = o => o >> 1;
export const isScalar = o => (o & 1) === 1;
