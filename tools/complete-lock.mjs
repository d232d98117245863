// After `npm install`: gives every optional platform package that the lock file names but does not list an entry of its
// own. A registry that is still without one platform's build makes npm leave the entry out, and then `npm ci` refuses
// the file on every platform. The entries carry no integrity; the next `npm install` against a full registry adds it.
import { readFileSync, writeFileSync } from 'node:fs';

const file = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(file, 'utf8'));
let added = 0;
for (const [where, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const place = `node_modules/${name}`;
    if (lock.packages[place] || lock.packages[`${where}/${place}`] || !/^\d/.test(version)) continue;
    const system = /android|darwin|linux|win32|freebsd|openharmony|wasm32/.exec(name)?.[0];
    const cpu = /arm64|x64|ia32|riscv64|arm|wasm32/.exec(name)?.[0];
    if (!system || !cpu) throw new Error(`no platform in the name ${name}`);
    lock.packages[place] = { version, cpu: [cpu], optional: true, os: [system === 'wasm32' ? 'wasi' : system] };
    added += 1;
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${added} platform packages added to package-lock.json`);
