import { act } from '@musubi/kernel/db/act.ts';
import type { IndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { type CodeHolder, holderOfNumber, lockHolders } from '../store/records.ts';

export interface AcceptLinkage {
  readonly requestId: string;
  /** Who signed the request: `tokyo/common-platform`. */
  readonly asker: string;
  readonly processingNumber: string;
  /** The IMS (or portal) to which the number is bound. */
  readonly madeFor: string;
  readonly person: { readonly individualNumber: IndividualNumber } | { readonly residentRecordCode: string };
}

/**
 * Resolves the person of a linkage request (design §4.2): the only place in the network where a number becomes a code.
 * A processing number serves one request for one person; the same request again gets the same answer.
 *
 * @law 番号利用法 第21条, 同施行令 第20条
 */
export const acceptLinkage = act('national-juki.accept-linkage', {
  right: ['national-juki', 'linkage', 'update'],
  async run(
    tx,
    deps: Deps,
    command: AcceptLinkage,
  ): Promise<Result<{ residentRecordCode: string }, 'no-such-person' | 'processing-number-invalid'>> {
    const holder = await resolve(command, tx, deps);
    if (!holder) return err('no-such-person');
    await tx`
      insert into national_juki.linkage_request (processing_number, request_id, asker, made_for, holder_id, accepted_at, event_id)
      values (${command.processingNumber}, ${command.requestId}, ${command.asker}, ${command.madeFor}, ${holder.holderId},
        ${deps.machineClock.now()}, ${tx.eventId})
      on conflict (processing_number) do nothing`;
    const [row] = await tx<{ requestId: string; holderId: string; asker: string; isNew: boolean }>`
      select request_id as "requestId", holder_id as "holderId", asker, event_id = ${tx.eventId}::uuid as "isNew"
        from national_juki.linkage_request where processing_number = ${command.processingNumber}`;
    const same =
      row?.requestId === command.requestId && row.holderId === holder.holderId && row.asker === command.asker;
    if (!same) return err('processing-number-invalid');
    tx.record({
      event: row!.isNew ? 'linkage.accepted' : 'linkage.accepted-again',
      subject: holder.holderId,
      ...(row!.isNew ? { facts: ['national_juki.linkage_request'] } : {}),
      ground: '番号利用法第21条',
      items: ['residentRecordCode'],
      recipient: 'ins/linkage-root',
      detail: { processingNumber: command.processingNumber, asker: command.asker, madeFor: command.madeFor },
    });
    return ok({ residentRecordCode: holder.residentRecordCode });
  },
});

async function resolve(
  { person }: AcceptLinkage,
  tx: Parameters<typeof lockHolders>[0],
  deps: Deps,
): Promise<CodeHolder | undefined> {
  if ('residentRecordCode' in person) {
    return (await lockHolders(tx, [person.residentRecordCode])).get(person.residentRecordCode);
  }
  const [ref, ...others] = await deps.vault.find(tx, person.individualNumber, 'national-juki/linkage');
  return ref === undefined || others.length > 0 ? undefined : holderOfNumber(tx, ref);
}
