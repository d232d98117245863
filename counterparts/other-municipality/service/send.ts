import type { TransferKind } from '@musubi/contracts/eltax/between-bodies.ts';
import { sendToBody } from '@musubi/contracts/eltax/between-bodies-client.ts';
import { writeLines } from '@musubi/contracts/eltax/between-bodies-lines.ts';
import { act } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps, PeerDeps } from '../deps.ts';
import { worker } from '../rights.ts';
import { insertSent } from '../store/transfers.ts';

export interface Sending {
  readonly kind: TransferKind;
  readonly to: string;
  readonly fiscalYear: number;
  readonly records: readonly object[];
}

const keepSent = act('other-municipality.keep-sent', {
  right: ['other-municipality', 'transfer', 'update'],
  async run(
    tx,
    deps: Deps,
    { transferId, sending, file }: { readonly transferId: string; readonly sending: Sending; readonly file: Buffer },
  ): Promise<Result<null, never>> {
    const { kind, to, fiscalYear, records } = sending;
    const { ref } = await deps.sealed.seal(tx, file, {
      kind,
      retentionClass: 'town',
      purpose: 'other-municipality/send',
    });
    const sentOn = deps.civilClock.today();
    await insertSent(tx, { transferId, kind, toCode: to, fiscalYear, records: records.length, sealedRef: ref, sentOn });
    tx.record({
      event: 'transfer.sent',
      ground: '番号利用法第19条第10号',
      facts: ['other_municipality.sent'],
      recipient: to,
      detail: { transfer: transferId, records: records.length },
    });
    return ok(null);
  },
});

/** Documents of people who are not taxed here, or notices of levies on people registered there, to another body. Gives the transfer's id. */
export async function sendToOther(deps: PeerDeps, sending: Sending): Promise<Result<string, string>> {
  const transferId = deps.newId();
  const file = writeLines(sending.records);
  const kept = await keepSent(deps, worker, { transferId, sending, file });
  if (!kept.ok) return kept;
  const sent = await sendToBody(
    deps.line,
    {
      transferId,
      kind: sending.kind,
      from: { municipality: deps.municipality, name: deps.name },
      to: sending.to,
      fiscalYear: sending.fiscalYear,
      records: sending.records.length,
      sentOn: deps.civilClock.today().toString(),
    },
    file,
  );
  return sent.ok ? ok(transferId) : err(sent.error);
}
