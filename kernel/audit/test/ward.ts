import { createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { type Act, type ActDeps, type Actor, act } from '../../db/act.ts';
import { type TestDatabase, testDatabase } from '../../db/testing.ts';
import { seededRandom } from '../../random/random.ts';
import { err, ok, type Result } from '../../result/result.ts';
import { auditSchema } from '../schema-set.ts';
import { auditSink } from '../sink.ts';

export const clerk: Actor = { kind: 'staff', organisation: 'meguro', staffId: 's-1', sessionId: 'x-1' };
export const resident: Actor = { kind: 'resident', subject: 'person-9', sessionId: 'x-2' };
export const job: Actor = { kind: 'job', name: 'audit' };

export const testWard = (seed = 'ward', options: { now?: string } = {}): Promise<TestDatabase> =>
  testDatabase([auditSchema, { name: 'ward', directory: new URL('./schema/', import.meta.url) }], {
    audit: auditSink({ instance: 'meguro/ward', random: seededRandom(`salt-${seed}`) }),
    seed,
    ...options,
  });

/** An Ed25519 key from a seed of one byte: the same in every run. */
export function testKey(name: string, seed: number) {
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.alloc(32, seed)]);
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const publicKey = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-32);
  return { name, publicKey, sign: (bytes: Uint8Array): Buffer => sign(null, bytes, privateKey) };
}

interface Assess {
  readonly id: string;
  readonly yen: number;
  readonly refuse?: boolean;
}

export const assess: Act<ActDeps, Assess, null, 'no-income'> = act('ward.assess', {
  right: ['ward', 'assessment', 'update'],
  subjectOf: (command: Assess) => `person-${command.id}`,
  shares: () => true,
  async run(tx, _deps: ActDeps, command: Assess): Promise<Result<null, 'no-income'>> {
    await tx`insert into ward.assessment (assessment_id, levy_yen, event_id) values (${command.id}, ${command.yen}, ${tx.eventId})`;
    if (command.refuse) return err('no-income');
    tx.record({
      event: 'assessment.decided',
      subject: `person-${command.id}`,
      facts: ['ward.assessment'],
      ground: '地方税法 第321条の4',
      detail: { yen: command.yen },
    });
    return ok(null);
  },
});

export const storeResult: Act<ActDeps, { no: string; items: readonly string[] }, null, never> = act(
  'ward.store-result',
  {
    right: ['ward', 'inquiry', 'update'],
    shares: () => true,
    async run(tx, _deps: ActDeps, command: { no: string; items: readonly string[] }): Promise<Result<null, never>> {
      for (const item of command.items) {
        await tx`insert into ward.inquiry_result (inquiry_no, item, value, received, event_id)
               values (${command.no}, ${item}, ${`v-${item}`}, ${new Uint8Array([1, 255])}, ${tx.eventId})`;
      }
      tx.record({
        event: 'inquiry.answered',
        subject: 'person-9',
        items: command.items,
        recipient: 'meguro/resident-tax',
        facts: ['ward.inquiry_result'],
      });
      return ok(null);
    },
  },
);

export const moveHouse: Act<ActDeps, { id: string; address: string }, null, never> = act('ward.move', {
  right: ['ward', 'resident', 'update'],
  async run(tx, _deps: ActDeps, command: { id: string; address: string }): Promise<Result<null, never>> {
    await tx`with closed as (delete from ward.resident where person_id = ${command.id} returning *)
             insert into ward.resident_history select c.*, ${tx.eventId}::uuid from closed as c`;
    await tx`insert into ward.resident (person_id, address, event_id) values (${command.id}, ${command.address}, ${tx.eventId})`;
    tx.record({ event: 'resident.moved', subject: command.id, facts: ['ward.resident'] });
    return ok(null);
  },
});

export const bulkOrder: Act<ActDeps, { people: readonly string[] }, null, never> = act('ward.bulk', {
  right: ['ward', 'bulk', 'update'],
  async run(tx, _deps: ActDeps, command: { people: readonly string[] }): Promise<Result<null, never>> {
    tx.record({ event: 'bulk.extracted', subjects: command.people });
    return ok(null);
  },
});

export const assessAll: Act<
  ActDeps,
  { ids: readonly string[]; stated: { readonly count: number; readonly root: string } | null },
  null,
  never
> = act('ward.assess-all', {
  right: ['ward', 'assessment', 'update'],
  async run(tx, _deps: ActDeps, { ids, stated }): Promise<Result<null, never>> {
    await tx`insert into ward.assessment (assessment_id, levy_yen, event_id) select id, 7, ${tx.eventId} from unnest(${ids}::text[]) as id`;
    tx.record({ event: 'assessments.decided', facts: ['ward.assessment'], batches: { 'ward.assessment': stated } });
    return ok(null);
  },
});
