import { generateKeyPairSync, sign } from 'node:crypto';
import { approvalsSchema } from '../../access/approvals/schema.ts';
import { accessSchema } from '../../access/schema.ts';
import { auditSchema } from '../../audit/schema-set.ts';
import { logOrigin, Sequencer } from '../../audit/sequencer.ts';
import { auditSink } from '../../audit/sink.ts';
import { type ActDeps, type Actor, act } from '../../db/act.ts';
import { testDatabase } from '../../db/testing.ts';
import { seededRandom } from '../../random/random.ts';
import { err, ok, type Result } from '../../result/result.ts';
import { createLogAnalysis } from '../analysis.ts';
import { logAnalysisSchema } from '../schema-set.ts';

export const schemas = [auditSchema, accessSchema, approvalsSchema, logAnalysisSchema];
export const analysis = createLogAnalysis({
  system: 'register',
  uses: { 'register.search': 'search', 'register.read': 'read' },
});

const search = act('register.search', {
  right: ['register', 'search', 'read'],
  async run(
    tx,
    _deps: ActDeps,
    command: { readonly persons: readonly string[]; readonly document: string },
  ): Promise<Result<null, 'purpose-missing'>> {
    if (command.document === 'refuse') return err('purpose-missing');
    tx.record({
      event: 'person.searched',
      subjects: command.persons,
      detail: { document: command.document, hits: command.persons.length },
    });
    return ok(null);
  },
});
const read = act('register.read', {
  right: ['register', 'search', 'read'],
  async run(tx, _deps: ActDeps, command: { readonly person: string }): Promise<Result<null, never>> {
    tx.record({ event: 'person.read', subject: command.person });
    return ok(null);
  },
});

export const staff = (staffId: string, more: object = {}): Actor => ({
  kind: 'staff',
  organisation: 'tokyo',
  staffId,
  sessionId: '0190a000-0000-7000-8000-000000000000',
  terminalId: 't-01',
  ...more,
});
export const person = (n: number): string => `0190b000-0000-7000-8000-${`${n}`.padStart(12, '0')}`;

/** A register whose log is real: sequenced, signed, with persons. The clock is in the test's hand. */
export async function world(now = '2026-06-02T01:00:00Z') {
  const clock = {
    at: Temporal.Instant.from(now),
    now() {
      this.at = this.at.add({ milliseconds: 10 });
      return this.at;
    },
  };
  const t = await testDatabase(schemas, {
    today: '2026-06-02',
    audit: auditSink({ instance: 'tokyo/register', random: seededRandom('salts') }),
  });
  const deps: ActDeps & { civilClock: typeof t.deps.civilClock } = { ...t.deps, machineClock: clock };
  const keys = generateKeyPairSync('ed25519');
  const name = logOrigin('tokyo/register');
  const publicKey = keys.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  const signer = { name, publicKey, sign: (bytes: Uint8Array) => sign(null, bytes, keys.privateKey) };
  const sequencer = new Sequencer({ db: t.db, machineClock: clock, signer });
  const job: Actor = { kind: 'job', name: 'log-analysis' };
  return {
    t,
    deps,
    sequencer,
    at(moment: string) {
      clock.at = Temporal.Instant.from(moment);
    },
    search: (by: Actor, document: string, ...persons: string[]) => search(deps, by, { persons, document }),
    read: (by: Actor, who: string) => read(deps, by, { person: who }),
    async scan() {
      await sequencer.drain();
      const scanned = await analysis.scan(deps, job, null);
      if (!scanned.ok) throw new Error(scanned.error);
      return scanned.value;
    },
    async cases(open: boolean | null = null) {
      const found = await analysis.cases(deps, staff('analyst-01'), {
        rule: null,
        staffId: null,
        open,
        offset: 0,
        limit: 100,
      });
      if (!found.ok) throw new Error(found.error);
      return found.value.rows;
    },
    [Symbol.asyncDispose]: () => t[Symbol.asyncDispose](),
  };
}
export type World = Awaited<ReturnType<typeof world>>;
