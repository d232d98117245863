import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { decideApproval } from '@musubi/kernel/access/approvals/approvals.ts';
import { createRights } from '@musubi/kernel/access/rights.ts';
import { auditSink } from '@musubi/kernel/audit/sink.ts';
import { type ActDeps, type Actor, act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { testDatabase } from '@musubi/kernel/db/testing.ts';
import { IndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { makeResidentRecordCode } from '@musubi/kernel/identifiers/resident-record-code.ts';
import { runBatch } from '@musubi/kernel/jobs/run-batch.ts';
import { makeReceivingKey, registerReceiverKey } from '@musubi/kernel/media/keys.ts';
import { lendMedium, registerMedium, requestLending } from '@musubi/kernel/media/ledger.ts';
import { seededRandom } from '@musubi/kernel/random/random.ts';
import { ok, type Result, unwrap } from '@musubi/kernel/result/result.ts';
import { kernelSchemas } from '@musubi/kernel/serve/schemas.ts';
import { kanaSearchKey, kanjiSearchKey } from '@musubi/kernel/text/search-keys.ts';
import { fileKeyProvider } from '@musubi/kernel/vault/key-provider.ts';
import { SqliteKeyStore } from '@musubi/kernel/vault/key-store/sqlite-key-store.ts';
import { SealedStore } from '@musubi/kernel/vault/sealed/sealed-store.ts';
import { Vault } from '@musubi/kernel/vault/vault.ts';
import { Decrypter, Encrypter, generateIdentity, identityToRecipient } from 'age-encryption';
import type { Deps } from '../deps.ts';
import { definition } from '../main.ts';
import { rights } from '../rights.ts';
import { decideBulk, loadBulkList, orderBulk, registerBulkDocument } from '../service/bulk-orders.ts';
import { bulkBatch } from '../service/bulk-run.ts';
import { writeRows } from '../store/identification.ts';
import { insertRecipient, insertTask, insertTaskPermission, type NewTask } from '../store/tasks.ts';

/* 振興企画課 with its media, a task of 水道局, and some residents: the database, vault, sealed store and log are real. */

export const waterworks = '水道局';
export const taskCode = 'SUIDO-01';
export const serial = 'DVD-0001';

const roles: Readonly<Record<string, readonly string[]>> = {
  'op-1': ['bulk-operator'],
  'mgr-1': ['bulk-manager'],
  // Both roles, so that a refusal is the second person's and not the right's.
  'both-1': ['bulk-operator', 'bulk-manager'],
  'clerk-1': ['juki-operator'],
  'clerk-2': ['juki-operator', 'bulk-manager'],
};
export const staff = (staffId: string, terminalKind: 'representative' | 'business' = 'representative'): Actor => ({
  kind: 'staff',
  organisation: 'tokyo',
  staffId,
  sessionId: `session-${staffId}`,
  terminalId: 'T-REP-1',
  terminalKind,
});

export interface Resident {
  readonly personId: string;
  readonly code: string;
  readonly number: string;
  readonly name: string;
  readonly nameKana: string;
  readonly birthDate: string;
  readonly address: string;
}

export async function bulkWorld(
  options: { readonly residents?: number; readonly task?: Partial<NewTask>; readonly recipient?: string } = {},
) {
  const recipientName = options.recipient ?? waterworks;
  const directory = await mkdtemp(path.join(tmpdir(), 'musubi-bulk-'));
  const t = await testDatabase([...kernelSchemas, ...definition.schemas]);
  const keys = await fileKeyProvider(path.join(directory, 'keys'));
  const keyStore = await SqliteKeyStore.open({ directory, keys, keepBackupDays: 7 });
  const vault = new Vault({ keys, machineClock: t.deps.machineClock, newId: t.deps.newId });
  const sealed = new SealedStore({ ...t.deps, keyStore });
  const base: ActDeps = {
    ...t.deps,
    rights: createRights(rights, 'tokyo', { rolesOf: async (_tx, actor) => roles[actor.staffId] ?? [] }),
    audit: vault.audited(sealed.audited(auditSink({ instance: 'tokyo/prefectural-juki', random: t.deps.random }))),
  };
  const deps = {
    ...base,
    vault,
    sealed,
    self: 'tokyo/prefectural-juki',
    nationalJuki: 'jlis/national-juki',
    municipalities: {},
  } as unknown as Deps & typeof t.deps;
  const inAct = <V, E extends string>(body: (tx: Tx) => Promise<Result<V, E>>) =>
    act<Deps, undefined, V, E>('test.prepare', {
      right: ['serve', 'test', 'update'],
      async run(tx) {
        const result = await body(tx);
        if (result.ok) tx.record({ event: 'test.prepared' });
        return result;
      },
    })({ ...deps, rights: { allows: async () => true } }, staff('op-1'), undefined);

  const identity = await generateIdentity();
  const recipientKey = await identityToRecipient(identity);
  const residents = unwrap(await inAct(async (tx) => ok(await settle(tx, deps, options.residents ?? 6))));
  unwrap(await inAct(async (tx) => ok(await registerTask(tx, deps, recipientName, options.task ?? {}))));
  unwrap(
    await inAct((tx) =>
      registerReceiverKey(tx, deps, { receiver: recipientName, recipientKey, document: '鍵登録-1', by: 'op-1' }),
    ),
  );
  const { recipient } = unwrap(await inAct(async (tx) => ok(await makeReceivingKey(tx, deps, { by: 'op-1' }))));

  const medium = async (given: string) =>
    unwrap(
      await inAct((tx) =>
        registerMedium(tx, deps, { serial: given, kind: 'designated-dvd-rw', place: '保管庫A', by: 'op-1' }),
      ),
    );
  const lend = async (given = serial, department = recipientName) => {
    await medium(given);
    const { lendingId, approvalId } = unwrap(
      await inAct((tx) =>
        requestLending(tx, deps, {
          serial: given,
          department,
          purpose: '一括提供',
          document: '貸出-1',
          dueOn: Temporal.PlainDate.from('2026-06-30'),
          by: 'op-1',
        }),
      ),
    );
    unwrap(await inAct((tx) => decideApproval(tx, deps, { approvalId, decision: 'approved', by: 'mgr-1' })));
    unwrap(await inAct((tx) => lendMedium(tx, deps, { lendingId, by: 'op-1' })));
  };
  /** A list as the department writes it: `lines` without header and trailer. */
  const list = (lines: readonly string[], more: { document?: string; task?: string; trailer?: number } = {}) =>
    [
      `H,1,${more.document ?? '依頼-1'},${more.task ?? taskCode},${lines.length}`,
      ...lines,
      `T,${more.trailer ?? lines.length}`,
    ]
      .map((line) => `${line}\r\n`)
      .join('');
  const encrypted = async (text: string): Promise<Uint8Array> => {
    const encrypter = new Encrypter();
    encrypter.addRecipient(recipient);
    return encrypter.encrypt(text);
  };
  const documented = async (documentNo = '依頼-1') =>
    unwrap(
      await registerBulkDocument(deps, staff('op-1'), {
        documentNo,
        taskCode,
        receivedOn: '2026-05-29',
        purpose: '減免の確認',
        statedRows: 2,
      }),
    );
  const order = (documentNo = '依頼-1', mediumSerial = serial, by = 'op-1') =>
    orderBulk(deps, staff(by), { documentNo, mediumSerial, settleByOn: Temporal.PlainDate.from('2026-06-30') });
  return {
    t,
    deps,
    inAct,
    residents,
    medium,
    lend,
    recipientKey,
    /** To whom departments encrypt their lists. */
    recipient,
    list,
    encrypted,
    documented,
    order,
    /** Document, lent medium, order and loaded list. */
    async ordered(lines: readonly string[], by = 'op-1', loadedBy = by): Promise<string> {
      await lend();
      await documented();
      const { orderId } = unwrap(await order('依頼-1', serial, by));
      unwrap(await loadBulkList(deps, staff(loadedBy), { orderId, bytes: await encrypted(list(lines)) }));
      return orderId;
    },
    approve: (orderId: string, by = 'mgr-1') => decideBulk(deps, staff(by), { orderId, decision: 'approved' }),
    run: (orderId: string) => runBatch(deps, staff('op-1'), bulkBatch, { order: orderId }),
    async decrypted(bytes: Uint8Array): Promise<string> {
      const decrypter = new Decrypter();
      decrypter.addIdentity(identity);
      return decrypter.decrypt(bytes, 'text');
    },
    /** Refusals that stand in the log: act and word. */
    async refusals(): Promise<string[]> {
      const rows = await t.owner<{ body: string }>('select body from audit.intake_event');
      return rows
        .map((row) => JSON.parse(row.body) as { outcome: string; act: string; refusal?: string })
        .filter((event) => event.outcome === 'refused')
        .map((event) => `${event.act} ${event.refusal}`);
    },
    async [Symbol.asyncDispose]() {
      keyStore[Symbol.dispose]();
      await t[Symbol.asyncDispose]();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
export type BulkWorld = Awaited<ReturnType<typeof bulkWorld>>;

function numberOf(index: number): string {
  const body = `${70_000_000_000 + index * 37}`;
  for (let digit = 0; digit < 10; digit++) if (IndividualNumber.parse(`${body}${digit}`).ok) return `${body}${digit}`;
  throw new Error('no check digit fits');
}

/** Residents in a row of houses; the last one is a removed person. */
async function settle(tx: Tx, deps: Deps, count: number): Promise<Resident[]> {
  const random = seededRandom('bulk-residents');
  const residents = Array.from({ length: count }, (_, i) => ({
    personId: deps.newId(),
    code: makeResidentRecordCode(random),
    number: numberOf(i),
    name: `目黒 ${'一二三四五六七八九十'[i % 10]}郎`,
    nameKana: 'メグロ タロウ',
    birthDate: Temporal.PlainDate.from('1950-01-01')
      .add({ days: i % 20 })
      .toString(),
    address: `東京都目黒区上目黒二丁目19番${i + 1}号`,
  }));
  const refs = await deps.vault.putMany(
    tx,
    residents.map((r) => ({ owner: `person:${r.personId}`, number: unwrap(IndividualNumber.parse(r.number)) })),
  );
  const rows = residents.map((r, i) => {
    const isRemoved = i === count - 1;
    return {
      person_id: r.personId,
      resident_record_code: r.code,
      name_kanji: r.name,
      name_gaiji_count: 0,
      name_furigana: r.nameKana,
      birth_date: r.birthDate,
      sex: 'male',
      address: r.address,
      address_gaiji_count: 0,
      number_ref: refs[i]!.ref,
      change_reason: isRemoved ? 'moved-out-completed' : 'moved-in',
      change_date: '2026-04-01',
      retention_flag: isRemoved ? ('removed' as const) : ('current' as const),
      name_kana_normalised: kanaSearchKey(r.nameKana),
      municipality_code: '131105',
      aza_code: '',
      operator_id: 'x',
      terminal_id: 'x',
      source_timestamp: '2026-04-01T00:00:00Z',
      notice_received_date: '2026-04-01',
      gaiji_flag: false,
      deleted_flag: isRemoved,
      update_sequence_no: 1,
      name_gaiji_change_seq: 0,
      address_gaiji_change_seq: 0,
      former_surname_kanji: null,
      former_surname_gaiji_count: 0,
      former_surname_furigana: null,
      former_surname_gaiji_change_seq: 0,
      status: isRemoved ? ('removed' as const) : ('resident' as const),
      became_resident_on: '2026-04-01',
      name_key: kanjiSearchKey(r.name),
      retroactive: false,
      change_id: deps.newId(),
    };
  });
  await writeRows(tx, rows, deps.machineClock.now());
  return residents;
}

async function registerTask(tx: Tx, deps: Deps, recipientName: string, more: Partial<NewTask>): Promise<void> {
  const at = deps.machineClock.now();
  const [recipientId, taskId] = [deps.newId(), deps.newId()];
  await insertRecipient(
    tx,
    { recipientId, kind: 'agency', name: recipientName, peer: null, validFrom: '2020-01-01', by: 'x' },
    at,
  );
  await insertTask(
    tx,
    {
      taskId,
      code: taskCode,
      name: '水道料金の減免',
      recipientId,
      groundKind: 'schedule-6',
      groundText: '別表第六の4の項',
      items: ['name', 'birthDate', 'sex', 'address', 'individualNumber'],
      numberGround: 'number-act-9-1',
      codeGround: null,
      includesRemoved: false,
      includesOtherPrefectures: false,
      isEmigrantWork: false,
      validFrom: '2020-01-01',
      validUntil: null,
      notificationDocument: '使用通知-1',
      registeredBy: 'x',
      approvalId: deps.newId(),
      ...more,
    },
    at,
  );
  await insertTaskPermission(tx, { taskId, registeredBy: 'x', by: 'y' }, at);
}
