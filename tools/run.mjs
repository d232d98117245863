// Runs a file with the pinned Node that came with the install, whatever Node the shell has; installs what is missing
// first. Plain JavaScript on purpose: it must run on Node 20 and later.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const modules = path.join(root, 'node_modules');
const stamp = path.join(modules, '.musubi-installed');
const lock = path.join(root, 'package-lock.json');

function installed() {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === lockMark();
}
function lockMark() {
  const { size } = statSync(lock);
  return `${size}:${hash(readFileSync(lock, 'utf8'))}`;
}
function hash(text) {
  let h = 5381;
  for (let i = 0; i < text.length; i++) h = (h * 33 + text.charCodeAt(i)) | 0;
  return h >>> 0;
}
function packagedNode() {
  for (const name of [`node-${process.platform}-${process.arch}`, `node-bin-${process.platform}-${process.arch}`]) {
    const file = path.join(modules, name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
    if (existsSync(file)) return file;
  }
  return undefined;
}
function fail(message) {
  console.error(message);
  process.exit(1);
}

/** Two that start at once must not install at once: the second waits for the first, and takes over from one that died. */
function installedByOneAlone() {
  const claim = path.join(root, '.musubi', 'installing');
  mkdirSync(path.dirname(claim), { recursive: true });
  while (!installed()) {
    try {
      writeFileSync(claim, String(process.pid), { flag: 'wx' });
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      if (!isAlive(claim)) rmSync(claim, { force: true });
      else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
      continue;
    }
    try {
      if (!installed()) install();
    } finally {
      rmSync(claim, { force: true });
    }
  }
}
function isAlive(claim) {
  try {
    const pid = Number(readFileSync(claim, 'utf8'));
    // Not yet written: it is about to be, or its writer died just then.
    if (!(pid > 0)) return Date.now() - statSync(claim).mtimeMs < 10_000;
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM' || error.code === 'ENOENT';
  }
}
function install() {
  console.error('Installing the locked dependencies (npm ci) …');
  // npm's own file where npm started us, so that the same npm is used on every platform.
  const npm = process.env.npm_execpath;
  const [command, before] = npm?.endsWith('.js') ? [process.execPath, [npm]] : ['npm', []];
  const { NODE_OPTIONS: _, ...env } = process.env;
  const result = spawnSync(command, [...before, 'ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    env,
  });
  if (result.status !== 0) throw new Error('npm ci did not finish; its messages stand above.');
  writeFileSync(stamp, lockMark());
}

try {
  installedByOneAlone();
} catch (error) {
  fail(error.message);
}

const own = Number(process.versions.node.split('.')[0]) >= 26 ? process.execPath : undefined;
const executable = packagedNode() ?? own;
if (!executable)
  fail(`No Node 26 package for ${process.platform}-${process.arch}: install Node 26 or newer and try again.`);

// A process group of its own is not wanted: Ctrl-C reaches the child from the terminal; here it is only waited for.
const child = spawn(executable, process.argv.slice(2), {
  stdio: 'inherit',
  env: {
    // What Node makes of the sources is kept: a process starts in three quarters of the time, and many are started.
    NODE_COMPILE_CACHE: path.join(root, '.musubi', 'compile-cache'),
    ...process.env,
    PATH: path.dirname(executable) + path.delimiter + process.env.PATH,
  },
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, () => signal !== 'SIGINT' && child.kill(signal));
child.on('exit', (code, signal) => process.exit(signal ? 128 : (code ?? 1)));
