// Prints how many bytes of a 32-bit heap stay in use after importing modules:
//   node import_ram.mjs FOLDER_OF_THE_RUNTIME TREE [MODULE ... --] MODULE ...
// Those before the -- are there already. What has a space in it is no module: it is run.
// TREE is a folder, or a ROMFS image.
// A collection that Python asks for happens when control is back here, so the heap is collected
// and read in separate runs. There are no sockets: what an import looks at is stubbed first.
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const [runtime, tree, ...names] = process.argv.slice(2);
const modules = names.slice(names.indexOf('--') + 1);
const before = names.slice(0, Math.max(names.indexOf('--'), 0));
const { loadMicroPython } = await import(pathToFileURL(path.join(runtime, 'micropython.mjs')));
let out = '';
const mp = await loadMicroPython({
  heapsize: 4 * 1024 * 1024, linebuffer: true, stdout: (line) => { out += line + '\n'; },
});

function copy(from, to) {
  mp.FS.mkdir(to);
  for (const entry of fs.readdirSync(from, { withFileTypes: true })) {
    const source = path.join(from, entry.name), target = to + '/' + entry.name;
    if (entry.isDirectory()) copy(source, target);
    else mp.FS.writeFile(target, fs.readFileSync(source));
  }
}

const STUBS = `
import sys
class Stub:
    def __init__(self, *a, **k): pass
    def __getattr__(self, name): return Stub
def stub(name, **attributes):
    try:
        module = __import__(name)
        for one in attributes: getattr(module, one)
    except (ImportError, AttributeError):
        module = Stub()
        for one in attributes: setattr(module, one, attributes[one])
        sys.modules[name] = module
stub('socket', SOCK_STREAM=1, SOL_SOCKET=1, SO_REUSEADDR=2, AF_INET=2)
stub('select', poll=Stub, POLLIN=1, POLLOUT=4, POLLERR=8, POLLHUP=16)
stub('ssl'); stub('tls')
for name in ('uos', 'ure', 'ubinascii', 'uhashlib'):
    try: __import__(name)
    except ImportError: sys.modules[name] = __import__(name[1:])
import asyncio, re, struct, json, binascii, hashlib, os, time, io, random, errno, collections
try:
    os.urandom
except AttributeError:
    module = Stub()
    for one in dir(os): setattr(module, one, getattr(os, one))
    module.urandom = lambda n: bytes(n)
    sys.modules['os'] = module
for one in ('Event', 'Lock', 'gather', 'wait_for_ms', 'StreamReader'):
    getattr(asyncio, one, None)
`;

const ROM = `
import sys, vfs
with open('/rom.img', 'rb') as file: image = file.read()
vfs.mount(vfs.VfsRom(image), '/rom')
sys.path.insert(0, '/rom/lib')
`;

function mount(image) {
  mp.FS.writeFile('/rom.img', fs.readFileSync(image));
  mp.runPython(ROM);
}

function load(name) {
  if (name.includes(' ')) mp.runPython(name);
  else mp.runPython(`__import__('${name}')`);
}

function used() {
  for (let i = 0; i < 2; i += 1) mp.runPython('import gc\ngc.collect()');
  out = '';
  mp.runPython('print(gc.mem_alloc())');
  return Number(out);
}

try {
  if (fs.statSync(tree).isFile()) mount(tree);
  else copy(tree, '/lib');
  mp.runPython(STUBS);
  for (const name of before) load(name);
  used();
  const there = used();
  for (const name of modules) load(name);
  console.log('=> ' + (used() - there));
} catch (error) {
  console.log(String(error.message).trim().split('\n').pop());
  process.exit(1);
}
