import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { auditSink } from '../audit/sink.ts';
import type { Actor, AuditSink } from '../db/act.ts';
import { type TestDatabase, testDatabase } from '../db/testing.ts';
import type { Typesetter } from '../documents/typesetter.ts';
import { err, ok } from '../result/result.ts';
import { kernelSchemas } from '../serve/schemas.ts';
import { fileKeyProvider } from '../vault/key-provider.ts';
import { SqliteKeyStore } from '../vault/key-store/sqlite-key-store.ts';
import { SealedStore } from '../vault/sealed/sealed-store.ts';
import { createDisclosure, type Disclosure } from './disclosure.ts';
import { disclosureSchema } from './schema-set.ts';
import type { DisclosureDeps, DisclosureSetup, ExtractPart } from './setup.ts';

export const counterClerk: Actor = { kind: 'staff', organisation: 'tokyo', staffId: 'S-1', sessionId: 's1' };
export const manager: Actor = { kind: 'staff', organisation: 'tokyo', staffId: 'M-1', sessionId: 's2' };

const person = { name: '見本 太郎', birthDate: '1980-04-02', address: '東京都目黒区上目黒二丁目1番1号' };

/** A register of one person and a row of somebody else, for tests of the counter alone. */
export function sampleSetup(parts?: readonly ExtractPart[]): DisclosureSetup<DisclosureDeps> {
  const rule = (formName: string, ground: string) => ({ formName, ground, termDays: 30, extensionDays: 30 });
  return {
    system: 'prefectural-juki',
    information: '本人確認情報',
    prefix: '本',
    authority: { title: '東京都知事', name: '見本 花子' },
    office: { name: '総務局行政部振興企画課', telephone: '03-0000-0000', address: '東京都新宿区西新宿二丁目8番1号' },
    kinds: {
      disclosure: rule('開示請求書', '住民基本台帳法第30条の32'),
      'provision-history': rule('提供状況開示請求書', '個人情報の保護に関する法律第76条'),
      correction: rule('訂正等申出書', '住民基本台帳法第30条の35'),
      'stop-of-use': rule('利用停止請求書', '個人情報の保護に関する法律第98条'),
    },
    fees: [{ effectiveFrom: '2019-03-13', yenPerSheet: 10, source: '条例（実費相当分）' }],
    paperKeepYears: 3,
    remindOpenDays: 5,
    carriesNumber: { 'record-disclosure': '住民基本台帳法第30条の32' },
    items: { address: '住所', name: '氏名' },
    stops: {
      scopes: {
        use: { label: '利用の停止', ways: ['use'] },
        all: { label: '利用及び提供の停止', ways: ['use', 'provision'] },
      },
      hasTask: async (_tx, _deps, task) => task === 'SUIDO-01',
    },
    find: async (_tx, _deps, claimed) =>
      claimed.name === person.name && claimed.birthDate === person.birthDate && claimed.address === person.address
        ? ok({ personId: 'p-1' })
        : err('no-match'),
    extract: async () =>
      parts ?? [{ heading: '現在の記録', about: ['p-1'], facts: [{ label: '氏名', value: person.name }] }],
    provisionHistory: async () => [{ heading: '提供', about: [], none: '提供はありません。' }],
    investigate: async () => ok({ to: 'meguro/municipal-juki' }),
  };
}

export const aRequest = {
  ...person,
  kind: 'disclosure',
  channel: 'counter',
  role: 'self',
  nameKana: 'ミホン タロウ',
  sex: 'male',
  requesterName: person.name,
  requesterAddress: person.address,
  scope: '現在の記録と履歴のすべて',
  keptAt: '金庫A-1',
} as const;

/** Stands in for the typesetter where a test is not about the sheets' look: one page whose bytes are the data. */
export const plainTypesetter: Typesetter = {
  render: async (request) =>
    ok({ pdf: Buffer.from(JSON.stringify(request)), pages: 'parts' in request.data ? 2 : 1, otherShapes: [] }),
  check: () => Promise.reject(new Error('sheets of a counter are set one by one')),
  renderPart: () => Promise.reject(new Error('sheets of a counter are set one by one')),
  close: async () => {},
  [Symbol.asyncDispose]: async () => {},
};

export interface Counter extends AsyncDisposable {
  readonly t: TestDatabase;
  readonly deps: DisclosureDeps & { readonly keyStore: SqliteKeyStore };
  readonly counter: Disclosure<DisclosureDeps>;
  /** Words of the refusals that went to the log. */
  readonly refusals: readonly string[];
}

export async function aCounter(
  options: {
    readonly setup?: DisclosureSetup<DisclosureDeps>;
    readonly typesetter?: Typesetter;
    readonly today?: string;
  } = {},
): Promise<Counter> {
  const directory = await mkdtemp(path.join(tmpdir(), 'musubi-disclosure-'));
  const t = await testDatabase([...kernelSchemas, disclosureSchema], { today: options.today ?? '2026-06-01' });
  const keys = await fileKeyProvider(path.join(directory, 'keys'));
  const keyStore = await SqliteKeyStore.open({ directory: path.join(directory, 'store'), keys, keepBackupDays: 7 });
  const sealed = new SealedStore({ keyStore, machineClock: t.deps.machineClock, newId: t.deps.newId });
  const log = sealed.audited(auditSink({ instance: 'tokyo/prefectural-juki', random: t.deps.random }));
  const refusals: string[] = [];
  const audit: AuditSink = {
    async write(tx, entry) {
      if (entry.refusal !== undefined) refusals.push(entry.refusal);
      await log.write(tx, entry);
    },
  };
  const typesetter = options.typesetter ?? plainTypesetter;
  const deps = { ...t.deps, audit, sealed, keyStore, typesetter, subjectCheckKey: randomBytes(32) };
  return {
    t,
    deps,
    refusals,
    counter: createDisclosure(options.setup ?? sampleSetup()),
    async [Symbol.asyncDispose]() {
      await t[Symbol.asyncDispose]();
      keyStore[Symbol.dispose]();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
