import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { brotliDecompress } from 'node:zlib';

const inflate = promisify(brotliDecompress);
const require = createRequire(import.meta.url);

/** What is needed to start the packaged Chromium. */
export interface InstalledChromium {
  readonly executable: string;
  /** Folder with the NSS libraries of the package, for machines that have none. */
  readonly libraries: string;
  /** FONTCONFIG_FILE that makes the packaged Japanese fonts known, so that screenshots show letters and not boxes. */
  readonly fontConfig: string;
}

/**
 * Unpacks the Chromium of `@sparticuz/chromium` once per user and version, then only finds it again.
 * Several test processes may ask at once: each writes beside and renames, so nobody sees half a browser.
 */
export async function installChromium(): Promise<InstalledChromium> {
  const packageFolder = folderOf('@sparticuz/chromium', 'build/index.js', '..');
  const version = JSON.parse(await readFile(path.join(packageFolder, 'package.json'), 'utf8')).version as string;
  const owner = process.getuid?.() ?? 'user';
  const folder = path.join(tmpdir(), `musubi-chromium-${version}-${owner}`);
  await mkdir(folder, { recursive: true, mode: 0o700 });

  const executable = path.join(folder, 'chromium');
  if (!existsSync(executable)) {
    await writeOnce(executable, await inflate(await readFile(path.join(packageFolder, 'bin/chromium.br'))), 0o700);
  }
  const libraries = path.join(folder, 'lib');
  if (!existsSync(libraries)) {
    const beside = `${libraries}.${process.pid}`;
    await mkdir(beside, { recursive: true });
    const archive = await inflate(await readFile(path.join(packageFolder, 'bin/al2023.tar.br')));
    for (const file of filesOfTar(archive)) await writeFile(path.join(beside, path.basename(file.name)), file.content);
    await rename(beside, libraries).catch(() => rm(beside, { recursive: true, force: true }));
  }
  return { executable, libraries, fontConfig: await writeFontConfig(folder) };
}

async function writeFontConfig(folder: string): Promise<string> {
  const gothic = folderOf('@expo-google-fonts/biz-udpgothic', 'package.json', '.');
  const serif = folderOf('@expo-google-fonts/noto-serif-jp', 'package.json', '.');
  const prefer = (family: string, first: string) =>
    `<alias binding="same"><family>${family}</family><prefer><family>${first}</family></prefer></alias>`;
  const text = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${gothic}</dir>
  <dir>${serif}</dir>
  <cachedir>${path.join(folder, 'font-cache')}</cachedir>
  ${prefer('sans-serif', 'BIZ UDPGothic')}
  ${prefer('monospace', 'BIZ UDPGothic')}
  ${prefer('serif', 'Noto Serif JP')}
</fontconfig>
`;
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 12);
  const file = path.join(folder, `fonts-${digest}.conf`);
  if (!existsSync(file)) await writeOnce(file, Buffer.from(text), 0o600);
  return file;
}

async function writeOnce(file: string, content: Uint8Array, mode: number): Promise<void> {
  const beside = `${file}.${process.pid}`;
  await writeFile(beside, content, { mode });
  await rename(beside, file);
}

/** Plain files of an uncompressed ustar archive (what the package holds; no long names, no links). */
function* filesOfTar(archive: Buffer): Generator<{ name: string; content: Buffer }> {
  for (let at = 0; at + 512 <= archive.length; ) {
    const header = archive.subarray(at, at + 512);
    if (header[0] === 0) return;
    const name = header.subarray(0, 100).toString('latin1').replace(/\0.*$/s, '');
    const size = Number.parseInt(header.subarray(124, 136).toString('latin1'), 8);
    const kind = header[156];
    if (kind === 0x30 || kind === 0) yield { name, content: archive.subarray(at + 512, at + 512 + size) };
    at += 512 + Math.ceil(size / 512) * 512;
  }
}

function folderOf(name: string, entry: string, up: string): string {
  return path.join(path.dirname(require.resolve(entry === 'build/index.js' ? name : `${name}/${entry}`)), up);
}
