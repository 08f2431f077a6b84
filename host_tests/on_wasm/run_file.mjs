// Runs test functions of one file on MicroPython in WebAssembly, and prints a line of JSON for
// each, as on_micropython/run_file.py does, whose functions it uses.
//
//   node run_file.mjs MICROPYTHON.mjs FOLDER:FOLDER... MODULE FUNCTION...
//
// The folders' Python files are copied into the VM's own file system, at the same paths.

import { existsSync, readFileSync, readdirSync, writeSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const HEAP_BYTES = 2 * 1024 * 1024; // to begin with: it grows by itself
const RUNNER = join(dirname(fileURLToPath(import.meta.url)), "../on_micropython");

const [vm, searchPath, moduleName, ...names] = process.argv.slice(2);
const { loadMicroPython } = await import(pathToFileURL(resolve(vm)));
const mp = await loadMicroPython({
  heapsize: HEAP_BYTES,
  linebuffer: true,
  stdout: (line) => writeSync(1, line + "\n"), // at once: the next line may end the process
  stderr: (line) => writeSync(1, line + "\n"),
});

function copy(folder) {
  mp.FS.mkdirTree(folder);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && existsSync(join(path, "__init__.py"))) copy(path);
    else if (entry.name.endsWith(".py")) mp.FS.writeFile(path, readFileSync(path));
  }
}

const folders = [...searchPath.split(":").map((folder) => resolve(folder)), RUNNER];
folders.forEach(copy);
mp.globals.set("path", JSON.stringify(folders));
mp.globals.set("environ", JSON.stringify(process.env));
mp.globals.set("module_name", moduleName);
mp.runPython(`
import json, os, sys

sys.path[:] = json.loads(path) + [".frozen"]
os.getenv = json.loads(environ).get  # this port has none
import run_file

run_file.report(start="")
try:
    module = __import__(module_name)
except BaseException as error:
    module = None
    run_file.report(name="", ok=False, text=run_file.traceback(error))
`);
if (mp.globals.get("module") === null) process.exit(1);

// One call a test: garbage is collected only between calls.
for (const name of names) {
  mp.globals.set("name", name);
  mp.runPython(`
run_file.report(start=name)
text = run_file.run(module, name)
run_file.report(name=name, ok=not text, text=text)
`);
}
