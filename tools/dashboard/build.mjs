/** Bundles src/ into what the room server serves, the same bytes on every computer. */

import { readFile, readdir, writeFile, mkdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const out = resolve(here, process.argv[2] ?? "../room_server/static");

/** Names of the packages that put bytes into an output. */
function bundledPackages(metafile) {
  const names = new Set();
  for (const { inputs } of Object.values(metafile.outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const match = path.match(/node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/);
      if (match && bytesInOutput > 0) names.add(match[1]);
    }
  }
  return [...names].sort();
}

async function licence(name) {
  const folder = join(here, "node_modules", name);
  const { version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e(\.|$)/i.test(entry));
  if (!file) throw new Error(`${name} ${version} has no licence file`);
  const text = (await readFile(join(folder, file), "utf8")).replaceAll("\r\n", "\n").trim();
  return `${name} ${version} (${license})\n\n${text}\n`;
}

const { metafile } = await build({
  absWorkingDir: here,
  entryPoints: ["src/dashboard.js", "src/dashboard.css", "src/dark.css"],
  outdir: out,
  bundle: true,
  minify: true,
  charset: "utf8",
  format: "esm",
  target: ["es2022", "chrome111", "firefox115", "safari16.4"],
  legalComments: "none", // they are all in LICENSES.txt
  metafile: true,
  logLevel: "info",
});

await mkdir(out, { recursive: true });
const licences = await Promise.all(bundledPackages(metafile).map(licence));
const heading = "The dashboard contains these packages.\n\n";
await writeFile(join(out, "LICENSES.txt"), heading + licences.join(`\n${"-".repeat(72)}\n\n`));
for (const name of ["index.html", "manifest.json", "icon.svg", "icon.png"]) {
  await writeFile(join(out, name), await readFile(join(here, "src", name)));
}
