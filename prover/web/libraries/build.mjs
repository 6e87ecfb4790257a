// Writes ../static/libraries: one module with all libraries, and the licences of what is in it.
import { build } from "esbuild";
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

const target = "../static/libraries";
await mkdir(target, { recursive: true });
const { metafile } = await build({
  entryPoints: ["libraries.js"], outfile: join(target, "libraries.js"), metafile: true,
  bundle: true, format: "esm", minify: true, charset: "utf8", target: ["es2022"], legalComments: "inline",
  banner: { js: "// Built from prover/web/libraries (make libraries); licences are in licences.txt beside this file." },
});

const inside = /^node_modules\/((?:@[^/]+\/)?[^/]+)\//;
const names = new Set(Object.keys(metafile.inputs).map((path) => inside.exec(path)?.[1]).filter(Boolean));
const parts = [];
for (const name of [...names].sort()) {
  const folder = join("node_modules", name);
  const { version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
  if (!file) throw new Error(`${name} has no licence`);
  parts.push(`${name} ${version} (${license})\n\n${(await readFile(join(folder, file), "utf8")).trim()}\n`);
}
await writeFile(join(target, "licences.txt"), parts.join(`\n${"-".repeat(100)}\n\n`));
const bytes = Object.values(metafile.outputs)[0].bytes;
console.log(`${bytes} bytes of ${names.size} packages: ${[...names].sort().join(", ")}`);
