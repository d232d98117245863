import { decideApproval } from '@musubi/kernel/access/approvals/approvals.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { runBatch } from '@musubi/kernel/jobs/run-batch.ts';
import { makeReceivingKey, registerReceiverKey } from '@musubi/kernel/media/keys.ts';
import { lendMedium, registerMedium, requestLending } from '@musubi/kernel/media/ledger.ts';
import { ok, type Result, unwrap } from '@musubi/kernel/result/result.ts';
import type { Deps } from '@musubi/prefectural-juki/deps.ts';
import {
  decideBulk,
  loadBulkList,
  orderBulk,
  registerBulkDocument,
  writeBulkMedium,
} from '@musubi/prefectural-juki/service/bulk-orders.ts';
import { bulkBatch } from '@musubi/prefectural-juki/service/bulk-run.ts';
import { permitTask, registerRecipient, registerTask } from '@musubi/prefectural-juki/service/tasks.ts';
import { Decrypter, Encrypter, generateIdentity, identityToRecipient } from 'age-encryption';
import { openRegistry } from './instances.ts';
import { type LoadedRegister, startPrefecture } from './notices.ts';
import { personOf } from './people.ts';
import { reliefTask } from './relief-task.ts';

export interface BulkFigures {
  /** From the approved order to the encrypted file: look-up, records of provision, the one event, file, encryption. */
  readonly bulk_100k_s: number;
  /** The list from the medium: decrypted, every field checked, sealed. Before the approval, so not in the figure above. */
  readonly bulk_load_s: number;
  readonly keys: number;
  readonly checks: Readonly<Record<string, boolean>>;
}

const office = '水道局（一括提供の計測）';
const code = 'BENCH-BULK';
const serial = 'DVD-BENCH';
const staff = (staffId: string): Actor => ({
  kind: 'staff',
  organisation: 'tokyo',
  staffId,
  sessionId: 'bench',
  terminalId: 'T-REP',
  terminalKind: 'representative',
});
const [operator, manager] = [staff('B-1'), staff('B-2')];

/** One bulk order over numbers and codes in turn, spread over the whole register. */
export async function measureBulk(ctx: LoadedRegister, keys = 100_000): Promise<BulkFigures> {
  const registry = await openRegistry();
  await using running = await startPrefecture(ctx, registry);
  const deps: Deps = { ...(running.deps as Deps), rights: { allows: async () => true } };
  const identity = await generateIdentity();
  const recipient = await prepared(deps, await identityToRecipient(identity));
  const { places } = ctx;
  const asked = Math.min(keys, ctx.residents);
  const people = Array.from({ length: asked }, (_, k) => {
    const i = Math.floor((k * ctx.residents) / asked);
    return personOf(i, places.find((m) => i < m.to)!);
  });
  const rows = people.map((p, k) =>
    k % 2 === 0 ? `D,R${k},,${p.individualNumber},,,,,` : `D,R${k},${p.residentRecordCode},,,,,,`,
  );
  const list = [`H,1,計測-1,${code},${asked}`, ...rows, `T,${asked}`].map((line) => `${line}\r\n`).join('');
  const encrypter = new Encrypter();
  encrypter.addRecipient(recipient);
  const bytes = await encrypter.encrypt(list);

  const settleByOn = deps.civilClock.today().add({ days: 30 });
  const { orderId } = unwrap(
    await orderBulk(deps, operator, { documentNo: '計測-1', mediumSerial: serial, settleByOn }),
  );
  const before = performance.now();
  unwrap(await loadBulkList(deps, operator, { orderId, bytes }));
  const loaded = performance.now();
  unwrap(await decideBulk(deps, manager, { orderId, decision: 'approved' }));
  const began = performance.now();
  const run = unwrap(await runBatch(deps, operator, bulkBatch, { order: orderId }));
  if (run.state !== 'done') throw new Error(`the order was not carried out: ${run.state} ${run.why ?? ''}`);
  const { files } = unwrap(await writeBulkMedium(deps, operator, { orderId }));
  const ended = performance.now();

  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  const result = (await decrypter.decrypt(files[0]!.bytes, 'text')).trimEnd().split('\r\n');
  const right = people.every((p, k) => {
    const fields = result[k + 1]?.split(',') ?? [];
    return fields[2] === `R${k}` && fields[3] === '0' && fields[5] === p.name && fields[8] === p.address;
  });
  const counted = await countRecords(deps, orderId);
  return {
    bulk_100k_s: (ended - began) / 1_000,
    bulk_load_s: (loaded - before) / 1_000,
    keys: asked,
    checks: {
      'every row answered with its own person': right && result.length === asked + 2,
      'a record of provision for each row': counted.records === asked,
      'one event': counted.events === 1,
    },
  };
}

const inAct = <V>(deps: Deps, body: (tx: Tx) => Promise<Result<V, string>>): Promise<V> =>
  act<Deps, undefined, V, string>('bench.prepare', {
    right: ['prefectural-juki', 'media', 'update'],
    async run(tx) {
      const result = await body(tx);
      tx.record({ event: 'bench.prepared' });
      return result;
    },
  })(deps, operator, undefined).then(unwrap);

/** Task, key of the office, lent medium, request document. Gives the key to which the list is encrypted. */
async function prepared(deps: Deps, recipientKey: string): Promise<string> {
  const { recipientId } = unwrap(
    await registerRecipient(deps, operator, { kind: 'agency', name: office, peer: null, validFrom: '2015-06-01' }),
  );
  const { taskId } = unwrap(
    await registerTask(deps, operator, {
      code,
      ...reliefTask,
      notificationDocument: '計測',
      recipientId,
    }),
  );
  unwrap(await permitTask(deps, manager, { taskId, decision: 'approved' }));
  const by = 'B-1';
  const lending = {
    serial,
    department: office,
    purpose: '計測',
    document: '計測',
    dueOn: deps.civilClock.today().add({ days: 30 }),
    by,
  };
  await inAct(deps, (tx) => registerMedium(tx, deps, { serial, kind: 'designated-dvd-rw', place: '保管庫', by }));
  const { lendingId, approvalId } = await inAct(deps, (tx) => requestLending(tx, deps, lending));
  await inAct(deps, (tx) => decideApproval(tx, deps, { approvalId, decision: 'approved', by: 'B-2' }));
  await inAct(deps, (tx) => lendMedium(tx, deps, { lendingId, by }));
  await inAct(deps, (tx) => registerReceiverKey(tx, deps, { receiver: office, recipientKey, document: '計測', by }));
  const receivedOn = deps.civilClock.today().toString();
  unwrap(
    await registerBulkDocument(deps, operator, {
      documentNo: '計測-1',
      taskCode: code,
      receivedOn,
      purpose: '計測',
      statedRows: 100_000,
    }),
  );
  const { recipient } = await inAct(deps, async (tx) => ok(await makeReceivingKey(tx, deps, { by })));
  return recipient;
}

const countRecords = (deps: Deps, orderId: string): Promise<{ records: number; events: number }> =>
  inAct(deps, async (tx) => {
    const [row] = await tx<{ records: number; events: number }>`
      select count(*)::int as records, count(distinct event_id)::int as events
        from prefectural_juki.provision_record where order_id = ${orderId}`;
    return ok(row!);
  });
