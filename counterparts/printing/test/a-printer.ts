import { noticeFace } from '@musubi/contracts/printing/face.ts';
import { erasePrintJob, givePrintJob, givePrintPart, readPrintReport } from '@musubi/contracts/printing/jobs.ts';
import { createRights } from '@musubi/kernel/access/rights.ts';
import { auditSchema } from '@musubi/kernel/audit/schema-set.ts';
import type { Actor } from '@musubi/kernel/db/act.ts';
import { type TestDatabase, testDatabase } from '@musubi/kernel/db/testing.ts';
import type { PeerClient } from '@musubi/kernel/http/client.ts';
import type { AnyEndpoint } from '@musubi/kernel/http/endpoint.ts';
import { holdCeremony, issueIdentity, trustWithCrl } from '@musubi/kernel/pki/authority.ts';
import type { Identity } from '@musubi/kernel/pki/identity.ts';
import type { Trust } from '@musubi/kernel/pki/trust.ts';
import type { Deps } from '../deps.ts';
import { type Manners, wellBehaved } from '../domain/manners.ts';
import { rights } from '../rights.ts';
import { eraseJob, report } from '../service/report.ts';
import { takeJob, takePart } from '../service/take-job.ts';
import { printingSchema } from '../store/schema-set.ts';

const ward: Actor = { kind: 'system', organisation: 'meguro', system: 'resident-tax', certificate: 'c' };

export interface Printer extends AsyncDisposable {
  readonly t: TestDatabase;
  readonly deps: Deps & { manners: Manners };
  /** The ward's own identity, of the same PKI. */
  readonly ward: Identity;
  readonly trust: Trust;
  readonly encryption: Identity['encryption'];
  /** The line as the ward's client has it. `lost`: the answer is lost after the work was done, so many times. */
  readonly line: { lost: number };
  readonly peers: Pick<PeerClient, 'call'>;
}

/** A contractor with its books, called as the ward's client calls it. */
export async function aPrinter(): Promise<Printer> {
  const t = await testDatabase([auditSchema, printingSchema], {
    rights: createRights(rights, 'finance', { rolesOf: async () => [] }),
  });
  const now = Temporal.Instant.from('2026-06-01T00:00:00Z');
  const ceremony = await holdCeremony(now);
  const validity = { from: now.subtract({ hours: 24 * 400 }), until: now.add({ hours: 24 * 400 }) };
  const identity = await issueIdentity(ceremony.issuing, { organisation: 'finance', system: 'printing' }, validity);
  const wardIdentity = await issueIdentity(
    ceremony.issuing,
    { organisation: 'meguro', system: 'resident-tax' },
    validity,
  );
  const trust = await trustWithCrl(ceremony, now);
  const deps = { ...t.deps, identity, trust, forms: { [noticeFace.id]: noticeFace.version }, manners: wellBehaved };
  const line = { lost: 0 };
  const call = async (endpoint: AnyEndpoint, _peer: string, params: { jobId: string }, body: never) => {
    const read = endpoint.request.parse(body) as { manifest: string; no: number; part: string };
    const answer =
      endpoint === givePrintJob
        ? await takeJob(deps, ward, read)
        : endpoint === givePrintPart
          ? await takePart(deps, ward, { ...params, ...read })
          : endpoint === readPrintReport
            ? await report(deps, ward, params)
            : endpoint === erasePrintJob
              ? await eraseJob(deps, ward, params)
              : undefined;
    if (answer === undefined) throw new Error(`not the printer's: ${endpoint.id}`);
    if (line.lost > 0) {
      line.lost -= 1;
      return { ok: false as const, error: 'peer-timeout' };
    }
    return answer;
  };
  return {
    t,
    deps,
    ward: wardIdentity,
    trust,
    encryption: identity.encryption,
    line,
    peers: { call: call as unknown as PeerClient['call'] },
    [Symbol.asyncDispose]: () => t[Symbol.asyncDispose](),
  };
}
