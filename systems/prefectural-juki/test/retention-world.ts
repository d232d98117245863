import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { auditSink } from '@musubi/kernel/audit/sink.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import { type TestDatabase, testDatabase } from '@musubi/kernel/db/testing.ts';
import { disclosureSchema } from '@musubi/kernel/disclosure/schema-set.ts';
import { makeIndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { makeResidentRecordCode } from '@musubi/kernel/identifiers/resident-record-code.ts';
import { systemRandom } from '@musubi/kernel/random/random.ts';
import { ok, unwrap } from '@musubi/kernel/result/result.ts';
import { retentionSchema } from '@musubi/kernel/retention/schema-set.ts';
import { kernelSchemas } from '@musubi/kernel/serve/schemas.ts';
import { fileKeyProvider } from '@musubi/kernel/vault/key-provider.ts';
import { SqliteKeyStore } from '@musubi/kernel/vault/key-store/sqlite-key-store.ts';
import { SealedStore } from '@musubi/kernel/vault/sealed/sealed-store.ts';
import { Vault } from '@musubi/kernel/vault/vault.ts';
import type { KeepingDeps } from '../service/retention.ts';
import { type DuplicateLink, insertDuplicateLinks } from '../store/duplicate-links.ts';
import { type IdentificationRow, writeRows } from '../store/identification.ts';
import { prefecturalJukiSchema } from '../store/schema-set.ts';

/* A register with persons whose records end, and the instance's vault, key store and log. */

export const job: Actor = { kind: 'job', name: 'retention' };
export const keeper: Actor = { kind: 'staff', organisation: 'tokyo', staffId: 'K-1', sessionId: 's1' };
export const manager: Actor = { kind: 'staff', organisation: 'tokyo', staffId: 'M-1', sessionId: 's2' };
export const instance = 'tokyo/prefectural-juki';

export interface RetentionWorld extends AsyncDisposable {
  readonly t: TestDatabase;
  readonly deps: KeepingDeps & { readonly keyStore: SqliteKeyStore };
  /** Moves the law's date: the instance's clock and what its database knows of it. */
  moveTo(date: string): Promise<void>;
  person(name: string): Promise<Person>;
  /** A notice received on the civil date of the moment. */
  change(person: Person, set: Partial<IdentificationRow>): Promise<string>;
  /** 二重登録: the record ended by this change because of the other one. */
  link(ended: Person, changeId: string, survivor: Person): Promise<void>;
}
export interface Person {
  readonly personId: string;
  readonly number: string;
  readonly code: string;
  row: IdentificationRow;
}

const write = act('test.write-rows', {
  right: ['prefectural-juki', 'notice', 'update'],
  async run(tx, deps: KeepingDeps, { rows }: { rows: readonly IdentificationRow[] }) {
    await writeRows(tx, rows, deps.machineClock.now());
    tx.record({ event: 'notice.applied', facts: ['prefectural_juki.identification'] });
    return ok(undefined);
  },
});
const hold = act('test.hold-number', {
  right: ['prefectural-juki', 'notice', 'update'],
  async run(
    tx,
    deps: KeepingDeps,
    { personId, digits }: { personId: string; digits: ReturnType<typeof makeIndividualNumber> },
  ) {
    const ref = await deps.vault.put(tx, `person:${personId}`, digits);
    tx.record({ event: 'number.held' });
    return ok(ref);
  },
});

const writeLink = act('test.write-link', {
  right: ['prefectural-juki', 'notice', 'update'],
  async run(tx, deps: KeepingDeps, link: DuplicateLink) {
    await insertDuplicateLinks(tx, [link], deps.machineClock.now());
    tx.record({ event: 'notice.applied', facts: ['prefectural_juki.duplicate_link'] });
    return ok(undefined);
  },
});

export async function aRegister(today = '2026-06-01'): Promise<RetentionWorld> {
  const directory = await mkdtemp(path.join(tmpdir(), 'musubi-retention-'));
  const t = await testDatabase([...kernelSchemas, disclosureSchema, retentionSchema, prefecturalJukiSchema], { today });
  const keys = await fileKeyProvider(path.join(directory, 'keys'));
  const keyStore = await SqliteKeyStore.open({ directory: path.join(directory, 'store'), keys, keepBackupDays: 14 });
  const { machineClock, newId } = t.deps;
  const vault = new Vault({ keys, machineClock, newId });
  const sealed = new SealedStore({ keyStore, machineClock, newId });
  const audit = vault.audited(sealed.audited(auditSink({ instance, random: t.deps.random })));
  const deps = {
    ...t.deps,
    audit,
    vault,
    sealed,
    keyStore,
    outbox: undefined as never,
    self: instance,
    nationalJuki: 'jlis/national-juki',
    municipalities: {},
  };
  const change: RetentionWorld['change'] = async (person, set) => {
    const changeId = newId();
    const row = {
      ...person.row,
      ...set,
      change_id: changeId,
      notice_received_date: t.deps.civilClock.today().toString(),
      update_sequence_no: person.row.update_sequence_no + 1,
    };
    unwrap(await write(deps, job, { rows: [row] }));
    person.row = row;
    return changeId;
  };
  return {
    t,
    deps,
    change,
    async link(ended, changeId, survivor) {
      const codes = { survivorCode: survivor.code, survivorPersonId: survivor.personId };
      const about = { changeId, personId: ended.personId, changedOn: ended.row.change_date };
      unwrap(await writeLink(deps, job, { kind: 'merged', ...about, ...codes }));
    },
    async moveTo(date) {
      t.deps.civilClock.set(Temporal.PlainDate.from(date));
      await t.owner('insert into serve.civil_date (civil_on, moved_at, event_id) values ($1, now(), $2)', [
        date,
        newId(),
      ]);
    },
    async person(name) {
      const personId = newId();
      const digits = makeIndividualNumber(systemRandom);
      const code = makeResidentRecordCode(systemRandom);
      const numberRef = unwrap(await hold(deps, job, { personId, digits }));
      const row: IdentificationRow = {
        person_id: personId,
        resident_record_code: code,
        name_kanji: name,
        name_gaiji_count: 0,
        name_furigana: 'ミホン',
        birth_date: '1940-01-01',
        sex: 'female',
        address: `東京都目黒区${name}一丁目`,
        address_gaiji_count: 0,
        number_ref: numberRef,
        change_reason: 'initial-load',
        change_date: '2015-10-05',
        retention_flag: 'current',
        name_kana_normalised: 'ミホン',
        municipality_code: '131105',
        aza_code: '',
        operator_id: 'S-1',
        terminal_id: 'T-1',
        source_timestamp: '2026-06-01T00:00:00Z',
        notice_received_date: t.deps.civilClock.today().toString(),
        gaiji_flag: false,
        deleted_flag: false,
        update_sequence_no: 1,
        name_gaiji_change_seq: 0,
        address_gaiji_change_seq: 0,
        former_surname_kanji: null,
        former_surname_gaiji_count: 0,
        former_surname_furigana: null,
        former_surname_gaiji_change_seq: 0,
        status: 'resident',
        became_resident_on: '2015-10-05',
        name_key: name,
        retroactive: false,
        change_id: newId(),
      };
      unwrap(await write(deps, job, { rows: [row] }));
      return { personId, number: digits.digits(), code, row };
    },
    async [Symbol.asyncDispose]() {
      await t[Symbol.asyncDispose]();
      keyStore[Symbol.dispose]();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export const removedBy = (reason: string): Partial<IdentificationRow> => ({
  status: 'removed',
  deleted_flag: true,
  retention_flag: 'removed',
  change_reason: reason,
});
