// symbols.bin: name -> 32-bit value (table slot of a function, address of a datum), 201,110 names.
//
// Layout (little endian u32): count | hash[count], ascending | offset[count + 1] | value[count] | names.
// Only the first three arrays (2.4 MB) are held in memory; a candidate's name is read from disk, so
// a hash collision can never resolve to the wrong function.
import fs from 'node:fs';

export const VARIABLE = 'variable '; // and a number: exports of the global variables that may change

const hash = name => { // FNV-1a over the latin-1 bytes
  let h = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) h = Math.imul(h ^ (name.charCodeAt(i) & 255), 0x01000193);
  return h >>> 0;
};

export function writeSymbols(file, entries) {
  const rows = entries.map(([name, value]) => ({ name, value, hash: hash(name) })).sort((a, b) => a.hash - b.hash);
  const n = rows.length, head = new Uint32Array(1 + n + n + 1 + n);
  head[0] = n;
  let offset = 0;
  rows.forEach((row, i) => { head[1 + i] = row.hash; head[1 + n + i] = offset; head[2 + 2 * n + i] = row.value; offset += row.name.length; });
  head[1 + 2 * n] = offset;
  fs.writeFileSync(file, Buffer.concat([Buffer.from(head.buffer), Buffer.from(rows.map(r => r.name).join(''), 'latin1')]));
}

// Returns resolve(name) -> value, or undefined for an unknown name.
export function openSymbols(file) {
  const fd = fs.openSync(file, 'r'), first = new Uint32Array(1);
  fs.readSync(fd, first, 0, 4, 0);
  const n = first[0], head = new Uint32Array(3 * n + 1);
  fs.readSync(fd, head, 0, head.byteLength, 4);
  const names = 4 + head.byteLength, known = new Map();
  const find = name => {
    const wanted = hash(name);
    let low = 0, high = n;
    while (low < high) { const mid = (low + high) >> 1; if (head[mid] < wanted) low = mid + 1; else high = mid; }
    for (; low < n && head[low] === wanted; low++) {
      const start = head[n + low], size = head[n + low + 1] - start;
      if (size !== name.length) continue;
      const bytes = Buffer.alloc(size);
      fs.readSync(fd, bytes, 0, size, names + start);
      if (bytes.toString('latin1') === name) return head[2 * n + 1 + low];
    }
    return undefined;
  };
  return name => {
    if (!known.has(name)) known.set(name, find(name));
    return known.get(name);
  };
}
