import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Encrypter, generateIdentity, identityToRecipient } from 'age-encryption';
import { decideApproval } from '../../access/approvals/approvals.ts';
import { approvalsSchema } from '../../access/approvals/schema.ts';
import { type ActDeps, act } from '../../db/act.ts';
import type { Tx } from '../../db/sql.ts';
import { testDatabase } from '../../db/testing.ts';
import { ok, type Result, unwrap } from '../../result/result.ts';
import { fileKeyProvider } from '../../vault/key-provider.ts';
import { SqliteKeyStore } from '../../vault/key-store/sqlite-key-store.ts';
import { sealedSchema } from '../../vault/schema-set.ts';
import { SealedStore } from '../../vault/sealed/sealed-store.ts';
import { makeReceivingKey } from '../keys.ts';
import {
  eraseMedium,
  handOverMedium,
  lendMedium,
  recordLoaded,
  recordWritten,
  registerMedium,
  requestLending,
} from '../ledger.ts';
import { type MediaDeps, prepareHandOver, requestHandOver } from '../media.ts';
import { mediaSchema } from '../schema-set.ts';

export const waterworks = '水道局';

/** The media office of a prefecture: one key of its own, one registered DVD-RW, and an office that has a key. */
export async function aStore() {
  const directory = await mkdtemp(path.join(tmpdir(), 'musubi-store-'));
  const t = await testDatabase([sealedSchema, approvalsSchema, mediaSchema]);
  const keys = await fileKeyProvider(path.join(directory, 'keys'));
  const keyStore = await SqliteKeyStore.open({ directory, keys, keepBackupDays: 7 });
  const deps: ActDeps & MediaDeps = { ...t.deps, sealed: new SealedStore({ ...t.deps, keyStore }) };
  const inAct = <V, E extends string>(body: (tx: Tx) => Promise<Result<V, E>>) =>
    act<ActDeps, undefined, V, E>('test.media', {
      right: ['resident-tax', 'media', 'update'],
      async run(tx) {
        const result = await body(tx);
        if (result.ok) tx.record({ event: 'media.step' });
        return result;
      },
    })(deps, { kind: 'staff', organisation: 'tokyo', staffId: 's1', sessionId: 'x' }, undefined);
  const identity = await generateIdentity();
  const recipientKey = await identityToRecipient(identity);
  const serial = 'DVD-0001';
  unwrap(
    await inAct((tx) => registerMedium(tx, deps, { serial, kind: 'designated-dvd-rw', place: '保管庫A', by: 's1' })),
  );
  const { recipient } = unwrap(await inAct(async (tx) => ok(await makeReceivingKey(tx, deps, { by: 's1' }))));
  const asked = (more: Partial<Parameters<typeof requestLending>[2]> = {}) =>
    inAct((tx) =>
      requestLending(tx, deps, {
        serial,
        department: waterworks,
        purpose: '一括提供',
        document: '貸出-12',
        dueOn: Temporal.PlainDate.from('2026-06-10'),
        by: 's1',
        ...more,
      }),
    );
  const approve = (approvalId: string, by = 's2') =>
    inAct((tx) => decideApproval(tx, deps, { approvalId, decision: 'approved', by }));
  const lent = async (more: Partial<Parameters<typeof requestLending>[2]> = {}) => {
    const { lendingId, approvalId } = unwrap(await asked(more));
    unwrap(await approve(approvalId));
    return inAct((tx) => lendMedium(tx, deps, { lendingId, by: 's1' }));
  };
  const encrypted = async (content: string | Uint8Array, to = recipient): Promise<Uint8Array> => {
    const encrypter = new Encrypter();
    encrypter.addRecipient(to);
    return encrypter.encrypt(content);
  };
  /** A prepared hand-over of two records, written on the lent medium. */
  const written = async (department = waterworks) => {
    const { handOverId, approvalId } = unwrap(
      await inAct(async (tx) => {
        const { ref, length } = await deps.sealed.seal(tx, Buffer.from('1,a\r\n2,b\r\n'), {
          kind: 'bulk-result',
          retentionClass: 'media',
        });
        return requestHandOver(tx, deps, {
          kind: 'bulk-result',
          receiver: department,
          recipientKey,
          ground: '依頼-1',
          by: 's1',
          settleByOn: Temporal.PlainDate.from('2026-06-10'),
          files: [{ fileName: 'result.csv', ref, length, records: 2, totals: {} }],
        });
      }),
    );
    unwrap(await approve(approvalId));
    return inAct(async (tx) => {
      const prepared = await prepareHandOver(tx, deps, { handOverId, by: 's1' });
      if (!prepared.ok) return prepared;
      const [file] = prepared.value.slip.files;
      const done = await recordWritten(tx, deps, {
        serial,
        department,
        terminal: 'T-9',
        handOverId,
        by: 's1',
        file: file!,
      });
      return done.ok ? ok({ handOverId, slip: prepared.value.slip, bytes: prepared.value.files[0]!.bytes }) : done;
    });
  };
  return {
    t,
    deps,
    serial,
    identity,
    recipientKey,
    recipient,
    inAct,
    asked,
    approve,
    lent,
    encrypted,
    written,
    loaded: (sha256 = 'a'.repeat(64)) =>
      inAct((tx) => recordLoaded(tx, deps, { serial, department: waterworks, sha256, by: 's1' })),
    handOver: (handedTo = 'W-7') => inAct((tx) => handOverMedium(tx, deps, { serial, by: 's1', handedTo })),
    erase: (more: { method?: string; erasedBy?: string; certificate?: string } = {}) =>
      inAct((tx) =>
        eraseMedium(tx, deps, {
          serial,
          by: 's1',
          erasedBy: 'W-7',
          method: '全領域上書き',
          certificate: '消去-3',
          ...more,
        }),
      ),
    states: async () =>
      (
        await t.owner<{ step: string; state: string }>(
          `select step, state from media.medium_step s join media.medium m using (medium_id) where serial = '${serial}' order by step_no`,
        )
      ).map((row) => `${row.step}:${row.state}`),
    async [Symbol.asyncDispose]() {
      keyStore[Symbol.dispose]();
      await t[Symbol.asyncDispose]();
      await rm(directory, { recursive: true });
    },
  };
}
