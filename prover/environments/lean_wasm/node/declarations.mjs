// What exported declarations are: plain data, see Exporter in kernel.mjs.
export const CONST = { axiom: 0, def: 1, theorem: 2, opaque: 3, quot: 4, inductive: 5, constructor: 6, recursor: 7 };
// What a row declares: itself, or the types of a block and their constructors.
export const parts = c => (c.kind === CONST.inductive ? c.types.flatMap(t => [t, ...t.constructors]) : [c]);
// Components of a name, outermost first.
export const path = (names, i) => (names[i] === null ? [] : [...path(names, names[i][0]), names[i][1]]);
