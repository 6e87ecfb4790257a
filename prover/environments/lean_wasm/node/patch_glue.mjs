// Install step: derive glue.cjs (0.7 MB) from the package's lean.js (89 MB), and list in
// glue-exports.json which wasm exports it still uses.
//
//   node patch_glue.mjs PACKAGE_DIR OUT_DIR
//
// Every edit is a find-and-replace that must match exactly once: a package laid out differently
// stops the installation instead of misbehaving later.
import fs from 'node:fs';
import path from 'node:path';

const [packageDir, outDir] = process.argv.slice(2);
const source = fs.readFileSync(path.join(packageDir, 'lean.js'), 'utf8');
const index = (what, from = 0) => {
  const i = source.indexOf(what, from);
  if (i < 0) throw new Error(`lean.js is not laid out as expected: no ${what}`);
  return i;
};

// 1. The two generated blocks that name every export: `var _main,...;` and assignWasmExports().
const ASSIGN = 'function assignWasmExports(wasmExports){';
const assignStart = index(ASSIGN), assignStop = index('var wasmImports;function assignWasmImports(){', assignStart);
const varStart = source.lastIndexOf('var _main,_lean_main,', assignStart);
if (varStart < 0) throw new Error('lean.js is not laid out as expected: no export variables');
const before = source.slice(0, varStart), after = source.slice(assignStop);
const declared = new Set(source.slice(varStart + 4, assignStart - 1).split(','));
const used = new Set();
for (const part of [before, after]) for (const [word] of part.matchAll(/[A-Za-z_$][\w$]*/g)) if (declared.has(word)) used.add(word);
const assignments = source.slice(assignStart + ASSIGN.length, assignStop - 1).split(';') // name=Module["name"]=wasmExports["symbol"]
  .filter(statement => used.has(/^([\w$]+)=/.exec(statement)?.[1]));
const variables = assignments.map(statement => /^([\w$]+)=/.exec(statement)[1]);
let glue = `${before}var ${variables.join(',')};${ASSIGN}${assignments.join(';')}}${after}`;

function edit(find, put) {
  const found = glue.split(find).length - 1;
  if (found !== 1) throw new Error(`lean.js is not laid out as expected: ${found} times ${find.slice(0, 80)}`);
  glue = glue.replace(find, () => put);
}
// 2. The host hands over the Module object (settings, symbol look-up).
edit('var Module=typeof Module!="undefined"?Module:{};', 'var Module=globalThis.leanModule;');
// 3. No copies of the exports, no global offset table entry per export.
edit('mergeLibSymbols(wasmExports,"main");', '');
edit('newDSO("__main__",0,wasmImports)', 'newDSO("__main__",0,wasmExports)');
edit('for(var symName in exports){if(isInternalSym(symName)){continue}var value=exports[symName];',
  'for(var symName of replace?Object.keys(exports):Object.keys(GOT)){var value=exports[symName];if(value===undefined||isInternalSym(symName)){continue}');
// 4. A function's address is its table slot, known from symbols.bin; the table is never searched.
edit('newValue=addFunction(value)}', 'newValue=Module.symbol(symName)}');
edit('var getFunctionAddress=func=>{if(!functionsInTableMap){functionsInTableMap=new WeakMap;updateTableMap(0,wasmTable.length)}',
  'var getFunctionAddress=func=>{functionsInTableMap??=new WeakMap;');
// 5. dlsym is one look-up.
const dlsym = /var __dlsym_js=\(handle,symbol,symbolIndex\)=>\{.*?\};__dlsym_js\.sig=/s.exec(glue)?.[0];
edit(dlsym ?? 'var __dlsym_js=', 'var __dlsym_js=(handle,symbol)=>{var name=UTF8ToString(symbol),value=Module.symbol(name);' +
  'if(value===undefined){dlSetError(`unknown symbol ${name}`);return 0}return value};__dlsym_js.sig=');
// 6. No threads are started in advance (or ever: tasks are synchronous).
edit('var pthreadPoolSize=4;', 'var pthreadPoolSize=0;');
// 7. Node's permission model refuses process.binding.
edit('process.binding("constants")["fs"]', 'require("fs").constants');
// 8. Lean may ask for the path of its program; it is none of the host's.
edit('stringToUTF8(getExecutableName(),str,len)', 'stringToUTF8(Module.thisProgram,str,len)');
edit('if(isNode){path=__filename}', 'if(isNode){path=Module.thisProgram}');
// 9. No further modules are loaded: they may carry JavaScript.
edit('var loadWebAssemblyModule=(binary,flags,libName,localScope,handle)=>{', 'var loadWebAssemblyModule=(binary,flags,libName,localScope,handle)=>{throw new Error("no modules are loaded");');
// 10. What the glue remembers of C++ exceptions can be forgotten.
edit('var exceptionCaught=[];', 'var exceptionCaught=[];Module.forgetExceptions=()=>{exceptionCaught=[];exceptionLast=0;uncaughtExceptionCount=0};');
// 11. Functions are called by their slots, of which there are 200,000. An array that grows as slots come into use becomes a
// table of hashes, in which looking took 3 % of a search's time.
edit('var wasmTableMirror=[];', 'var wasmTableMirror=new Array(2**18);');
// 12. What the host needs from inside.
edit('var wasmExports;if(!ENVIRONMENT_IS_PTHREAD){createWasm();run()}',
  'var wasmExports;Module.wrapFunction=convertJsFunctionToWasm;Module.functionTable=()=>wasmTable;createWasm();run()');

fs.writeFileSync(path.join(outDir, 'glue.cjs'), glue);
const exportsUsed = new Set(assignments.map(statement => /wasmExports\["([^"]+)"\]/.exec(statement)?.[1]).filter(Boolean));
for (const [, name] of glue.matchAll(/wasmExports\["([^"]+)"\]/g)) exportsUsed.add(name);
fs.writeFileSync(path.join(outDir, 'glue-exports.json'), JSON.stringify([...exportsUsed].sort()));
