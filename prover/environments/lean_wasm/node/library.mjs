// The theorems of the imported library as data, for choosing premises: names, modules, what their types mention.
import { isScalar, unbox } from './heap.mjs';

const THEOREM = 1; // Lean.ConstantKind: defn, thm, axiom, opaque, quot, induct, ctor, recursor
// Made by Lean itself for every definition, type and so on; nobody would name them in a proof.
const GENERATED = /(^|\.)(_[^.]*|match_\d+|proof_\d+|eq_\d+|eq_def|eq_unfold|injEq|inj|sizeOf_spec|noConfusion\w*|ext_iff|congr_simp|hcongr_\d+|recOn|casesOn|brecOn|below|binductionOn|ctorIdx|.*_@.*)($|\.)/;
const INSTANCE = /(^|\.)inst[A-Z]/;

const ORDERED = new Set(['Lean.Meta.simpExtension', 'Lean.Meta.Grind.grindExt', 'Lean.Meta.globalInstanceExtension']);
const LARGEST_CONSTRUCTOR = 244; // tags above are strings, arrays, closures and so on

export class Library {
  constructor(frontend, constants) { this.frontend = frontend; this.heap = frontend.heap; this.constants = constants; }

  // -> { modules: [[name, imported module numbers]], symbols: [name],
  //      theorems: [[name, module number, key of its type, head of what it concludes, symbol numbers, explicit arguments]],
  //      orders: [[theorem numbers]], each in the order in which a module declares them }
  theorems(env) {
    const h = this.heap, kernelEnv = this.constants.kernelView(env), symbols = new Map(), theorems = [];
    const symbol = name => symbols.get(name) ?? (symbols.set(name, symbols.size), symbols.size - 1);
    this.names = new Map();
    for (const [name, info] of this.library(kernelEnv)) {
      const text = this.text(name);
      if (GENERATED.test(text) || text.startsWith('_private') || !this.isTheorem(env, name)) continue;
      const signature = this.constants.signature(info), type = h.field(signature, 2);
      const found = h.call('Lean_Environment_getModuleIdxFor_x3f', h.inc(env), h.inc(name));
      const module = isScalar(found) ? -1 : unbox(h.field(found, 0));
      if (!isScalar(found)) h.dec(found);
      const { head, explicit } = this.conclusion(type);
      const used = this.used(type).filter(n => !INSTANCE.test(n)).map(symbol);
      theorems.push([text, module, this.keyOf(info), head, used, explicit]);
    }
    h.dec(kernelEnv);
    this.names = undefined;
    return { modules: this.modules(env), symbols: [...symbols.keys()], theorems, orders: this.orders(env, theorems) };
  }
  *library(kernelEnv) { // [name, ConstantInfo], borrowed: the buckets of the map that imports fill
    const h = this.heap, map = h.field(h.field(h.field(kernelEnv, 0), 0), 1);
    for (let bucket of h.array(map)) for (; !isScalar(bucket); bucket = h.field(bucket, 2)) yield [h.field(bucket, 0), h.field(bucket, 1)];
  }
  modules(env) {
    const h = this.heap, header = h.call('Lean_Environment_header', h.inc(env)), data = h.array(h.field(header, 5));
    const names = this.moduleNames(header), at = new Map(names.map((name, i) => [name, i]));
    const out = data.map((module, i) => [names[i], h.array(h.field(module, 0)).map(m => at.get(this.frontend.nameText(h.field(m, 0)))).filter(n => n !== undefined)]);
    h.dec(header);
    return out;
  }
  // A module's own list of constants is in no order. But the sets of simp and grind lemmas grow by one declaration
  // after the other, and a module keeps its additions as they came.
  orders(env, theorems) {
    const h = this.heap, numbers = new Map(theorems.map(([name], i) => [name, i])), orders = [];
    const header = h.call('Lean_Environment_header', h.inc(env));
    for (const module of h.array(h.field(header, 5))) {
      const own = new Map(); // Name object -> theorem; a module's data has each Name once
      for (const name of h.array(h.field(module, 1))) {
        const number = numbers.get(this.frontend.nameText(name));
        if (number !== undefined) own.set(name, number);
      }
      const named = (object, depth) => { // the first theorem of the module that an entry is about
        if (isScalar(object)) return undefined;
        if (own.has(object)) return own.get(object);
        if (depth === 0 || h.tag(object) > LARGEST_CONSTRUCTOR) return undefined;
        for (let i = h.fieldCount(object) - 1; i >= 0; i--) {
          const found = named(h.field(object, i), depth - 1);
          if (found !== undefined) return found;
        }
        return undefined;
      };
      for (const extension of h.array(h.field(module, 4))) {
        if (!ORDERED.has(this.frontend.nameText(h.field(extension, 0)))) continue;
        const found = h.array(h.field(extension, 1)).map(entry => named(entry, 6)).filter(number => number !== undefined);
        if (found.length > 1) orders.push([...new Set(found)]);
      }
    }
    h.dec(header);
    return orders;
  }
  moduleNames(header) {
    const h = this.heap;
    return h.array(h.field(header, 3)).map(m => { // EffectiveImport extends Import
      let name = h.field(m, 0);
      while (h.tag(name) === 0) name = h.field(name, 0);
      return this.frontend.nameText(name);
    });
  }
  isTheorem(env, name) {
    const h = this.heap, kind = h.call('Lean_getOriginalConstKind_x3f', h.inc(env), h.inc(name));
    if (isScalar(kind)) return false;
    const original = unbox(h.field(kind, 0));
    h.dec(kind);
    return original === THEOREM;
  }
  text(name) { // of a name that lives as long as the library
    let text = this.names?.get(name);
    if (text === undefined) { text = this.frontend.nameText(name); this.names?.set(name, text); }
    return text;
  }
  used(type) {
    const h = this.heap, array = h.call('Lean_Expr_getUsedConstants', h.inc(type)), names = h.array(array).map(n => this.text(n));
    h.dec(array);
    return names;
  }
  conclusion(type) {
    const h = this.heap;
    let explicit = 0;
    while (h.tag(type) === 7) { if (h.scalarByte(type, 8) === 0) explicit++; type = h.field(type, 2); }
    while (h.tag(type) === 5 || h.tag(type) === 10) type = h.field(type, h.tag(type) === 5 ? 0 : 1);
    return { head: h.tag(type) === 4 ? this.text(h.field(type, 0)) : '', explicit };
  }
  keyOf(info) { // of a theorem, borrowed
    const h = this.heap, signature = this.constants.signature(info);
    return this.key(h.field(signature, 2), this.levels(signature));
  }
  levels(signature) { const h = this.heap; return new Map(h.list(h.field(signature, 1)).map((n, i) => [this.text(n), i])); }
  // Equal for types that are the same but for the names of bound variables and universes: 16 hexadecimal digits.
  key(type, levels) {
    const h = this.heap, memo = new Map();
    const level = l => {
      if (isScalar(l)) return '0';
      switch (h.tag(l)) {
        case 1: return `s${level(h.field(l, 0))}`;
        case 2: return `m(${level(h.field(l, 0))},${level(h.field(l, 1))})`;
        case 3: return `i(${level(h.field(l, 0))},${level(h.field(l, 1))})`;
        default: return `p${levels.get(this.text(h.field(l, 0))) ?? '?'}`;
      }
    };
    const walk = e => {
      const known = memo.get(e);
      if (known !== undefined) return known;
      const f = i => walk(h.field(e, i));
      let text;
      switch (h.tag(e)) {
        case 0: text = `b${h.field(e, 0) >>> 1}`; break;
        case 3: text = `S${level(h.field(e, 0))}`; break;
        case 4: text = `c${this.text(h.field(e, 0))}{${h.list(h.field(e, 1)).map(level).join()}}`; break;
        case 5: text = `a${f(0)},${f(1)}`; break;
        case 6: text = `l${f(1)},${f(2)}`; break;
        case 7: text = `p${f(1)},${f(2)}`; break;
        case 8: text = `e${f(1)},${f(2)},${f(3)}`; break;
        case 9: {
          const literal = h.field(e, 0), value = h.field(literal, 0);
          text = h.tag(literal) === 0 ? `n${isScalar(value) ? value >>> 1 : h.take(h.call('Nat_reprFast', h.inc(value)))}` : `t${h.string(value)}`;
          break;
        }
        case 10: memo.set(e, walk(h.field(e, 1))); return memo.get(e);
        case 11: text = `j${this.text(h.field(e, 0))},${h.field(e, 1) >>> 1},${f(2)}`; break;
        default: text = '?';
      }
      const hash = text.length > 16 ? digest(text) : text;
      memo.set(e, hash);
      return hash;
    };
    return digest(walk(type));
  }
}

// 64 bits of FNV-1a in two halves with different offsets.
function digest(text) {
  let a = 0x811c9dc5, b = 0x9747b28c;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    a = Math.imul(a ^ c, 0x01000193);
    b = Math.imul(b ^ c ^ (i & 255), 0x01000193);
    b ^= b >>> 15;
  }
  return (a >>> 0).toString(16).padStart(8, '0') + (b >>> 0).toString(16).padStart(8, '0');
}
