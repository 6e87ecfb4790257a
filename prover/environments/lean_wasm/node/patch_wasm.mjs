// Install step: derive lean.wasm (118 MB) and symbols.bin from the package's lean.wasm (137 MB).
//
//   node patch_wasm.mjs PACKAGE_DIR OUT_DIR
//
// 1. Tasks run on the calling thread. The build spawns a pthread for every Lean task; we make
//      lean_task_spawn_core(c, ..) := lean_task_pure(lean_apply_1(c, box 0))
//      lean_task_map_core / lean_task_bind_core := themselves with `sync` forced to true
//    so that elaboration is deterministic and no thread is ever started. A task would begin by adding the heartbeats of
//    the thread that made it to its own; as they are the same thread, IO.addHeartbeats does nothing.
// 2. The 201,110 exports go. Node makes a JavaScript object of each at every start (0.3 s, 60 MB).
//    Exported functions get a slot in the function table instead (one element segment), and
//    symbols.bin maps each name to its table slot (functions) or address (data). `dlsym` becomes a
//    look-up, and the table is the same in every process, which heap snapshots rely on.
// 3. Global variables that may change get exports: with linear memory they are all that an instance is.
// 4. The kernel's work counts. Lean counts heartbeats where it allocates objects, but the kernel mostly looks things up
//    in tables of C++, and would compute for a minute within the heartbeats of a second. So each allocation of C++
//    counts one, and each step of the kernel as many as it takes time. The kernel also has a counter of its own, of
//    steps alone, and holds that against its limit; we have it hold all heartbeats against the limit.
import fs from 'node:fs';
import path from 'node:path';
import { VARIABLE, writeSymbols } from './symbols.mjs';

const [packageDir, outDir] = process.argv.slice(2);
const wasm = fs.readFileSync(path.join(packageDir, 'lean.wasm'));
const SECTION = { import: 2, table: 4, global: 6, export: 7, element: 9, code: 10 };
const KIND = { func: 0, table: 1, memory: 2, global: 3, tag: 4 };

// ---- reading ------------------------------------------------------------------------------------
let at = 0; // read position
const u32 = () => { let value = 0, shift = 1, byte; do { byte = wasm[at++]; value += (byte & 127) * shift; shift *= 128; } while (byte & 128); return value; };
const s32 = () => { let value = 0, shift = 0, byte; do { byte = wasm[at++]; value |= (byte & 127) << shift; shift += 7; } while (byte & 128); return shift < 32 && byte & 64 ? value | (-1 << shift) : value; };
const text = () => { const n = u32(); at += n; return wasm.toString('latin1', at - n, at); };
const limits = () => { const flags = wasm[at++]; const min = u32(); return { flags, min, max: flags & 1 ? u32() : undefined }; };
const fail = why => { throw new Error(`lean.wasm is not laid out as expected: ${why}`); };

const sections = [];
for (at = 8; at < wasm.length;) {
  const start = at, id = wasm[at++], size = u32();
  sections.push({ id, start, body: at, end: at + size });
  at += size;
}
const section = name => sections.find(s => s.id === SECTION[name]) ?? fail(`no ${name} section`);

const imports = { funcs: 0, globals: 0, gotFunctions: [] };
at = section('import').body;
for (let n = u32(); n--;) {
  const from = text(), name = text(), kind = wasm[at++];
  if (kind === KIND.func) { imports.funcs++; u32(); }
  else if (kind === KIND.table) { at++; limits(); }
  else if (kind === KIND.memory) limits();
  else if (kind === KIND.global) { imports.globals++; at += 2; if (from === 'GOT.func') imports.gotFunctions.push(name); }
  else { at++; u32(); }
}

at = section('table').body;
if (u32() !== 1) fail('more than one table');
const tableType = wasm[at++], tableLimits = limits();

const globals = []; // i32 constants by global index, undefined for anything else
const variables = []; // indices of the globals that may change
at = section('global').body;
for (let n = u32(), i = imports.globals; n--; i++) {
  at++;
  if (wasm[at++] === 1) variables.push(i);
  const op = wasm[at++];
  if (op === 0x41) globals[i] = s32();
  else if (op === 0x23) u32();
  else if (op === 0x42) while (wasm[at++] & 128);
  else fail(`global initialiser ${op}`);
  if (wasm[at++] !== 0x0b) fail('long global initialiser');
}

const exported = [];
at = section('export').body;
for (let n = u32(); n--;) exported.push({ name: text(), kind: wasm[at++], index: u32() });
const functionIndex = new Map(exported.filter(e => e.kind === KIND.func).map(e => [e.name, e.index]));

const slotOf = new Map(); // function index -> table slot
at = section('element').body;
if (u32() !== 1 || wasm[at++] !== 0 || wasm[at++] !== 0x41) fail('element section');
const firstSlot = s32();
if (wasm[at++] !== 0x0b) fail('element offset');
const elementEntries = at;
for (let n = u32(), slot = firstSlot; n--; slot++) { const f = u32(); if (!slotOf.has(f)) slotOf.set(f, slot); }

// ---- writing ------------------------------------------------------------------------------------
const enc = n => { const out = []; do { let byte = n & 127; n = Math.floor(n / 128); if (n) byte |= 128; out.push(byte); } while (n); return out; };
const encSigned = n => { const out = []; for (;;) { const byte = n & 127; n >>= 7; if ((n === 0 && !(byte & 64)) || (n === -1 && byte & 64)) { out.push(byte); return out; } out.push(byte | 128); } };
const bytes = (...parts) => Buffer.concat(parts.map(p => (Buffer.isBuffer(p) ? p : Buffer.from(p))));
const replaced = new Map(); // section id -> new body

const added = []; // function indices that get a new slot
for (const index of functionIndex.values()) if (!slotOf.has(index)) { slotOf.set(index, tableLimits.min + added.length); added.push(index); }
replaced.set(SECTION.table, bytes([1, tableType, 0], enc(tableLimits.min + added.length)));
replaced.set(SECTION.element, bytes([2], wasm.subarray(section('element').body + 1, section('element').end),
  [0, 0x41], encSigned(tableLimits.min), [0x0b], enc(added.length), added.flatMap(enc)));

const glueNeeds = new Set(JSON.parse(fs.readFileSync(path.join(outDir, 'glue-exports.json'), 'utf8')));
for (const name of imports.gotFunctions) glueNeeds.add(name);
const kept = exported.filter(e => e.kind === KIND.table || e.kind === KIND.tag || glueNeeds.has(e.name));
variables.forEach((index, i) => kept.push({ name: `${VARIABLE}${i}`, kind: KIND.global, index }));
replaced.set(SECTION.export, bytes(enc(kept.length), ...kept.map(e => bytes(enc(e.name.length), Buffer.from(e.name, 'latin1'), [e.kind], enc(e.index)))));

const need = name => functionIndex.get(name) ?? fail(`no export ${name}`);
const forceSync = [0x41, 1, 0x21, 3]; // i32.const 1; local.set 3
// Whole bodies: no local variables, the code, its end.
const bodies = new Map([
  ['lean_task_spawn_core', [0, 0x20, 0, 0x41, 1, 0x10, ...enc(need('lean_apply_1')), 0x10, ...enc(need('lean_task_pure')), 0x0b]],
  ['l_IO_addHeartbeats', [0, 0x41, 1, 0x0b]], // box 0
].map(([name, body]) => [need(name) - imports.funcs, Buffer.from(body)]));
const counting = heartbeats => [0x42, ...encSigned(heartbeats), 0x10, ...enc(need('_ZN4lean14add_heartbeatsEy'))]; // i64.const; call
const KERNEL_STEP = 20;
const COUNTED = {
  _Znwm: 1, // operator new
  _ZN4lean12type_checker9whnf_coreERKNS_4exprEbb: KERNEL_STEP,
  _ZN4lean12type_checker14is_def_eq_coreERKNS_4exprES3_: KERNEL_STEP,
  _ZN4lean12type_checker15infer_type_coreERKNS_4exprEb: KERNEL_STEP,
};
// Both counters are words of the thread's own data, whose address is in a global variable.
const threadData = [0x23, 0x8e, 0x02], heartbeatsAt = 0x58, kernelStepsAt = 0x28; // global.get
const kernelGoesByHeartbeats = [...threadData, ...threadData, 0x29, 3, heartbeatsAt, 0xa7, 0x36, 2, kernelStepsAt]; // i64.load; i32.wrap_i64; i32.store
function expectBody(name, offset, expected) {
  const [start] = bodyOf(need(name) - imports.funcs), found = wasm.subarray(start + offset, start + offset + expected.length);
  if (!found.equals(Buffer.from(expected))) fail(`${name} is ${found.toString('hex')}`);
}
function bodyOf(index) { // of a function of our own: where it begins and ends
  at = section('code').body;
  u32();
  for (let i = 0; i < index; i++) { const size = u32(); at += size; }
  const size = u32();
  return [at, at + size];
}
expectBody('lean_io_get_num_heartbeats', 3, [...threadData, 0x29, 3, heartbeatsAt]);
expectBody('_ZN4lean15check_heartbeatEv', 3, [...threadData, 0x22, 0, 0x41, kernelStepsAt, 0x6a]);
// What functions begin with from now on.
const prologues = new Map([
  ...['lean_task_map_core', 'lean_task_bind_core'].map(name => [name, forceSync]),
  ...['_ZN4lean15check_heartbeatEv', '_ZN4lean12check_systemEPKcb'].map(name => [name, kernelGoesByHeartbeats]),
  ...Object.entries(COUNTED).map(([name, heartbeats]) => [name, counting(heartbeats)]),
].map(([name, prologue]) => [need(name) - imports.funcs, prologue]));
const code = [];
at = section('code').body;
const count = u32();
let copied = at;
for (let i = 0; i < count; i++) {
  const start = at, size = u32(), body = at, end = body + size, prologue = prologues.get(i);
  if (prologue || bodies.has(i)) {
    for (let groups = u32(); groups--;) { u32(); at++; } // local variables
    const fresh = bodies.get(i) ?? bytes(wasm.subarray(body, at), prologue, wasm.subarray(at, end));
    code.push(wasm.subarray(copied, start), bytes(enc(fresh.length), fresh));
    copied = end;
  }
  at = end;
}
code.push(wasm.subarray(copied, section('code').end));
replaced.set(SECTION.code, bytes(enc(count), ...code));

const out = fs.openSync(path.join(outDir, 'lean.wasm'), 'w');
fs.writeSync(out, wasm.subarray(0, 8));
for (const s of sections) {
  const body = replaced.get(s.id) ?? wasm.subarray(s.body, s.end);
  fs.writeSync(out, bytes([s.id], enc(body.length)));
  fs.writeSync(out, body);
}
fs.closeSync(out);

const symbols = [];
for (const e of exported) {
  if (e.kind === KIND.func) symbols.push([e.name, slotOf.get(e.index)]);
  else if (e.kind === KIND.global && globals[e.index] !== undefined) symbols.push([e.name, globals[e.index]]);
}
writeSymbols(path.join(outDir, 'symbols.bin'), symbols);
