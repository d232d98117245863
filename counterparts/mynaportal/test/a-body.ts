import type { PersonRecord } from '@musubi/contracts/portal/records.ts';
import { proveEvent } from '@musubi/kernel/audit/event-proof.ts';
import { cosignatureLine, parseCheckpoint } from '@musubi/kernel/audit/note.ts';
import { auditSchema } from '@musubi/kernel/audit/schema-set.ts';
import { Sequencer } from '@musubi/kernel/audit/sequencer.ts';
import { auditSink } from '@musubi/kernel/audit/sink.ts';
import { type ActDeps, type Actor, act } from '@musubi/kernel/db/act.ts';
import { testDatabase } from '@musubi/kernel/db/testing.ts';
import type { Identity } from '@musubi/kernel/pki/identity.ts';
import { partyId } from '@musubi/kernel/pki/party.ts';
import { seededRandom } from '@musubi/kernel/random/random.ts';
import { ok, unwrap } from '@musubi/kernel/result/result.ts';
import { logSigner, witnessName } from '@musubi/kernel/serve/audit-loops.ts';

type Record = Omit<PersonRecord, 'toldBy' | 'proof'>;

const note = act('ims.note', {
  right: ['intermediate-server', 'provision', 'update'],
  async run(tx, _deps: ActDeps, r: Record) {
    tx.record({
      event: 'provision.answered',
      subject: 'P-1',
      ground: r.ground,
      items: r.items,
      recipient: r.role === 'asker' ? r.provider : r.asker,
      detail: {
        inquiryNumber: r.inquiryNumber,
        procedure: r.procedure,
        informationCode: r.informationCode,
        result: r.result,
      },
    });
    return ok(tx.eventId);
  },
});
const job: Actor = { kind: 'job', name: 'ims' };

/** A body's real log: what it tells is what it recorded, sealed by a checkpoint that another organisation cosigned. */
export async function aBody(identity: Identity, witness: Identity) {
  const instance = partyId(identity);
  const t = await testDatabase([auditSchema], { audit: auditSink({ instance, random: seededRandom(instance) }) });
  const sequencer = new Sequencer({ db: t.db, machineClock: t.deps.machineClock, signer: logSigner(identity) });
  return {
    async tell(records: readonly Record[], options: { readonly sealed?: boolean } = {}): Promise<PersonRecord[]> {
      const events: string[] = [];
      for (const record of records) events.push(unwrap(await note(t.deps, job, record)));
      if (options.sealed === false)
        return records.map((record) => ({ ...record, toldBy: identity.organisation, proof: '' }));
      await sequencer.drain();
      await sequencer.checkpoint();
      return Promise.all(
        records.map(async (record, i) => {
          const proof = unwrap(await proveEvent(t.db, events[i]!));
          const { text } = parseCheckpoint(proof.checkpoint)!;
          const signer = { ...logSigner(witness), name: witnessName(partyId(witness)) };
          const line = await cosignatureLine(signer, text, Temporal.Now.instant());
          return {
            ...record,
            toldBy: identity.organisation,
            proof: JSON.stringify({ ...proof, cosignatures: [line] }),
          };
        }),
      );
    },
    [Symbol.asyncDispose]: () => t[Symbol.asyncDispose](),
  };
}
