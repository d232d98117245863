import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { generateIdentity, identityToRecipient } from 'age-encryption';
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
import { listLedger, type MediaDeps, prepareHandOver, requestHandOver } from '../media.ts';
import { mediaSchema } from '../schema-set.ts';

export const content = Buffer.from('1,目黒太郎\r\n2,目黒花子\r\n');
export const counted = [{ fileName: 'reports.csv.age', records: 2, totals: { payment_yen: 7_000_000 } }];

/** A database with one hand-over of one sealed file asked for, and the receiver's age identity. */
export async function aHouse() {
  const directory = await mkdtemp(path.join(tmpdir(), 'musubi-media-'));
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
    })(deps, { kind: 'staff', organisation: 'meguro', staffId: 's1', sessionId: 'x' }, undefined);
  const identity = await generateIdentity();
  const recipientKey = await identityToRecipient(identity);
  const sealed = unwrap(
    await inAct(async (tx) =>
      ok(await deps.sealed.seal(tx, content, { kind: 'report-file', retentionClass: 'tax-7y' })),
    ),
  );
  const request = {
    kind: 'report-file',
    receiver: 'tokyo/tax-office',
    recipientKey,
    ground: 'own/media-1',
    by: 's1',
    settleByOn: Temporal.PlainDate.from('2026-06-30'),
    files: [
      {
        fileName: 'reports.csv',
        ref: sealed.ref,
        length: sealed.length,
        records: 2,
        totals: { payment_yen: 7_000_000 },
      },
    ],
  };
  const asked = unwrap(await inAct((tx) => requestHandOver(tx, deps, request)));
  return {
    t,
    deps,
    inAct,
    identity,
    request,
    sealed,
    ...asked,
    approve: (by = 's2', decision: 'approved' | 'rejected' = 'approved') =>
      inAct((tx) => decideApproval(tx, deps, { approvalId: asked.approvalId, decision, by })),
    prepare: () => inAct((tx) => prepareHandOver(tx, deps, { handOverId: asked.handOverId, by: 's1' })),
    ledger: async () => unwrap(await inAct(async (tx) => ok(await listLedger(tx, deps.civilClock.today(), 10)))),
    async [Symbol.asyncDispose]() {
      keyStore[Symbol.dispose]();
      await t[Symbol.asyncDispose]();
      await rm(directory, { recursive: true });
    },
  };
}
