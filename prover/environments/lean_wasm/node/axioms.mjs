// Which axioms each constant of the library rests on: found once, when a heap snapshot is made, and looked up from then on.
//
// A proof mentions a few dozen constants and rests on thousands: walking through them took up to a sixth of the effort of
// a tactic that closes a theorem, for the same answer each time.
import { openSymbols, writeSymbols } from './symbols.mjs';

const RESTS_ON_LIBRARY = 1; // the lowest bit; then one for each axiom
const MOST_AXIOMS = 31;
const asKey = name => Buffer.from(name, 'utf8').toString('latin1'); // what symbols.mjs can hold

// own(name, info) -> { axiom?, restsOnLibrary?, uses: [names] } of one constant. all: [name, ConstantInfo] of each.
// Writes the file; returns the names of the axioms, in the order of their bits.
export function writeAxioms(file, all, own) {
  const axioms = [], masks = new Map(), users = new Map();
  for (const [name, info] of all) {
    const { axiom, restsOnLibrary, uses } = own(name, info);
    if (axiom) axioms.push(name);
    if (axioms.length > MOST_AXIOMS) throw new Error(`more than ${MOST_AXIOMS} axioms`);
    masks.set(name, axiom ? 2 ** axioms.length : restsOnLibrary ? RESTS_ON_LIBRARY : 0);
    for (const used of uses) users.get(used)?.push(name) ?? users.set(used, [name]);
  }
  const waiting = [...masks.keys()].filter(name => masks.get(name));
  while (waiting.length) {
    const name = waiting.pop(), mask = masks.get(name);
    for (const user of users.get(name) ?? []) {
      const before = masks.get(user), after = (before | mask) >>> 0;
      if (after !== before) { masks.set(user, after); waiting.push(user); }
    }
  }
  writeSymbols(file, [...masks].map(([name, mask]) => [asKey(name), mask]));
  return axioms;
}

// -> find(name) -> { axioms, restsOnLibrary }, or undefined for what is no constant of the library. Opened when first asked.
export function openAxioms(file, axioms) {
  let find;
  return name => {
    const mask = (find ??= openSymbols(file))(asKey(name));
    return mask === undefined ? undefined : { axioms: axioms.filter((_, i) => mask & (2 ** (i + 1))), restsOnLibrary: (mask & RESTS_ON_LIBRARY) !== 0 };
  };
}
