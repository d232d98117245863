import assert from 'node:assert/strict';
import { glob, readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

/** The list is the rule: what the layers of one system may import from that system. */
const mayImport = {
  domain: [],
  store: ['domain'],
  clients: ['domain'],
  service: ['domain', 'store', 'clients'],
  http: ['domain', 'service'],
  web: ['domain', 'service', 'documents'],
  jobs: ['domain', 'service'],
  documents: ['domain'],
} as const satisfies Record<string, readonly string[]>;
type Layer = keyof typeof mayImport;

/** The kernel's modules that a pure rule may use: values, no machinery. */
const pureKernel = [
  'calendar',
  'identifiers',
  'ids',
  'random',
  'records',
  'result',
  'text',
  'yen',
  'clocks',
  'enforcement',
];
/**
 * Messages that a store keeps as they came: the message is the fact, so the store names its type (and only its type)
 * from the contract.
 */
const keptAsTheyCame = [
  'contracts/exchange/messages.ts',
  'contracts/juki/reconciliation.ts',
  'contracts/juki/investigations.ts',
];
/** What only the kernel itself may call: a transaction without an act (design §5). */
const kernelOnly = ['withTransaction', 'openDatabase'];

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

interface Import {
  readonly file: string;
  readonly line: string;
  readonly to: string;
}

async function sources(...patterns: string[]): Promise<string[]> {
  const files: string[] = [];
  for (const pattern of patterns)
    for await (const file of glob(pattern, { cwd: root })) if (!file.includes('node_modules')) files.push(file);
  return files.sort();
}

export function importsOf(file: string, text: string): Import[] {
  return [
    ...text.matchAll(
      /^\s*(?:import|export)\b[^;'"]*?from\s+['"]([^'"]+)['"]|^\s*import\s+['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/gm,
    ),
  ].map((m) => ({ file, line: m[0].replace(/\s+/g, ' ').trim(), to: (m[1] ?? m[2] ?? m[3])! }));
}

/** Why an import of a system's file breaks the rules, or undefined. */
export function faultOf(importing: string, to: string, line = ''): string | undefined {
  const [kind, system, layer] = importing.split('/') as [string, string, string | undefined];
  const isTest = /\.test\.ts$|\/test\//.test(importing);
  if (to.startsWith('@musubi/')) {
    const [, target, module] = to.split('/') as [string, string, string];
    if (target === 'kernel') {
      if (layer === 'domain' && !isTest && !pureKernel.includes(module)) return `domain imports kernel/${module}`;
      return undefined;
    }
    if (target === 'contracts') {
      if (layer === 'store' && /^import type\b/.test(line) && keptAsTheyCame.includes(to.slice('@musubi/'.length)))
        return undefined;
      return (layer === 'domain' || layer === 'store') && !isTest ? `${layer} imports contracts` : undefined;
    }
    if (target === 'rates') return undefined;
    if (target === system) return undefined;
    // Tests put whole systems beside each other; nothing that runs does.
    if (isTest) return undefined;
    return `${kind}/${system} imports ${target}`;
  }
  if (to.startsWith('node:')) {
    return layer === 'domain' && !isTest && to !== 'node:assert' && to !== 'node:assert/strict'
      ? `domain imports ${to}`
      : undefined;
  }
  if (!to.startsWith('.')) return layer === 'domain' && !isTest ? `domain imports the package ${to}` : undefined;
  const target = path.posix.join(path.posix.dirname(importing), to);
  if (!target.startsWith(`${kind}/${system}/`)) return `${importing} reaches out of its system`;
  const from = layer as Layer | undefined;
  const toLayer = target.split('/')[2] as Layer;
  if (isTest || from === undefined || !(from in mayImport) || !(toLayer in mayImport) || from === toLayer)
    return undefined;
  return (mayImport[from] as readonly string[]).includes(toLayer) ? undefined : `${from} imports ${toLayer}`;
}

test('conventions §4: the layers of a system import only what the list allows, and no system imports another', async () => {
  const faults: string[] = [];
  for (const file of await sources('systems/*/**/*.ts', 'counterparts/*/**/*.ts')) {
    for (const { to, line } of importsOf(file, await readFile(path.join(root, file), 'utf8'))) {
      const fault = faultOf(file, to, line);
      if (fault) faults.push(`${file}: ${fault} (${line})`);
    }
  }
  assert.deepEqual(faults, []);
});

test('design §5: nothing outside the kernel opens a transaction of its own', async () => {
  const faults: string[] = [];
  for (const file of await sources('systems/*/**/*.ts', 'counterparts/*/**/*.ts')) {
    if (/\.test\.ts$|\/test\//.test(file)) continue;
    const text = await readFile(path.join(root, file), 'utf8');
    for (const word of kernelOnly) if (new RegExp(`\\b${word}\\b`).test(text)) faults.push(`${file} calls ${word}`);
    if (/from ['"]pg['"]/.test(text)) faults.push(`${file} talks to the driver`);
  }
  assert.deepEqual(faults, []);
});

test('conventions §2: the kernel and the contracts know no system', async () => {
  const faults: string[] = [];
  for (const file of await sources('kernel/**/*.ts', 'contracts/**/*.ts', 'rates/**/*.ts')) {
    for (const { to } of importsOf(file, await readFile(path.join(root, file), 'utf8'))) {
      const target = to.startsWith('@musubi/') ? to.split('/')[1]! : undefined;
      const allowed = file.startsWith('kernel/')
        ? ['kernel']
        : file.startsWith('rates/')
          ? ['kernel', 'rates']
          : ['kernel', 'contracts'];
      if (target && !allowed.includes(target) && !/\.test\.ts$|\/test\//.test(file))
        faults.push(`${file} imports ${to}`);
    }
  }
  assert.deepEqual(faults, []);
});

test('conventions §5: no Date, no default export, no enum in what runs', async () => {
  const faults: string[] = [];
  for (const file of await sources(
    'systems/**/*.ts',
    'counterparts/**/*.ts',
    'kernel/**/*.ts',
    'contracts/**/*.ts',
    'rates/**/*.ts',
    'town/**/*.ts',
    'cli/**/*.ts',
  )) {
    const text = (await readFile(path.join(root, file), 'utf8')).replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
    if (/\bnew Date\b|\bDate\.now\b/.test(text) && !dateAllowed.has(file)) faults.push(`${file} uses Date`);
    if (/^export default/m.test(text)) faults.push(`${file} has a default export`);
    if (/^\s*(?:export )?(?:const )?enum\b/m.test(text)) faults.push(`${file} has an enum`);
  }
  assert.deepEqual(faults, []);
});
/** Libraries whose interface is a Date; each conversion stands in one file. */
const dateAllowed = new Set(['kernel/pki/issue.ts']);

test('the check sees what it should: a planted import of each wrong kind is found', () => {
  assert.equal(faultOf('systems/a/domain/x.ts', '../store/y.ts'), 'domain imports store');
  assert.equal(faultOf('systems/a/web/x.ts', '../store/y.ts'), 'web imports store');
  assert.equal(faultOf('systems/a/service/x.ts', '@musubi/b/service/y.ts'), 'systems/a imports b');
  assert.equal(
    faultOf('systems/a/service/x.ts', '../../b/service/y.ts'),
    'systems/a/service/x.ts reaches out of its system',
  );
  assert.equal(faultOf('systems/a/domain/x.ts', '@musubi/kernel/db/act.ts'), 'domain imports kernel/db');
  assert.equal(faultOf('systems/a/domain/x.ts', 'node:fs'), 'domain imports node:fs');
  assert.equal(faultOf('systems/a/store/x.ts', '@musubi/contracts/y.ts'), 'store imports contracts');
  assert.equal(faultOf('systems/a/service/x.ts', '../store/y.ts'), undefined);
  const messages = '@musubi/contracts/exchange/messages.ts';
  assert.equal(
    faultOf('systems/a/store/x.ts', messages, `import { permit } from '${messages}'`),
    'store imports contracts',
  );
  assert.equal(faultOf('systems/a/store/x.ts', messages, `import type { Permit } from '${messages}'`), undefined);
  assert.equal(faultOf('systems/a/test/x.test.ts', '@musubi/b/service/y.ts'), undefined);
  assert.equal(importsOf('f', "import {\n  a,\n} from '../b.ts';\nexport type { c } from './d.ts';").length, 2);
});
