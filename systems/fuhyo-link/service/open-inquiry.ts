import type { InquiryRequest } from '@musubi/contracts/fuhyo/inquiry.ts';
import { type EmigrantTask, emigrantTaskFor } from '@musubi/contracts/fuhyo/tasks.ts';
import { type AuditSink, act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { recheckAnswer } from '../domain/recheck-answer.ts';
import { searchKeys } from '../domain/search.ts';
import { insertInquiry, insertStep, lockInquiry, type NumberStep, stepsOf } from '../store/inquiries.ts';
import { insertProvisions, type Provision } from '../store/provisions.ts';
import { candidates, type SupplementRow } from '../store/supplements.ts';
import { isStoppedFor } from './use-stop.ts';

export interface OpenInquiry {
  readonly request: InquiryRequest;
  /** SHA-256 of the signed request's payload: the same id with another content is refused. */
  readonly digest: Uint8Array;
  readonly method: Provision['method'];
}

export interface OpenedInquiry {
  readonly task: EmigrantTask;
  readonly row: SupplementRow | undefined;
  /** Whether nobody at all was found here; then the national server may know. */
  readonly isUnknownHere: boolean;
  readonly givesCode: boolean;
  /** `obtain`: the register is to be asked; `kept`: the number is here. */
  readonly number: 'not-asked' | 'withheld' | 'obtain' | 'kept';
  readonly withheld: readonly string[];
}

export type InquiryRefusal = 'not-registered-task' | 'too-few-items' | 'request-reused';

export const givenItems = ['name', 'nameKana', 'birthDate', 'sex', 'address', 'lastAddress', 'recordState'] as const;

/**
 * An inquiry of an agency or department (FPS-F2): task, search, the one record that fits, and its record of provision, before
 * anything is answered. Whether a number may be given is decided here: asked for, ground in the Number Act, person abroad.
 */
async function open(
  tx: Tx,
  deps: Deps,
  { request, digest, method }: OpenInquiry,
): Promise<Result<OpenedInquiry, InquiryRefusal>> {
  const { inquiryId, asker, requester, document, key } = request;
  const known = await lockInquiry(tx, inquiryId);
  if (known && !Buffer.from(known.requestDigest).equals(digest)) return err('request-reused');
  const task = emigrantTaskFor(request.task, asker, deps.civilClock.today().toString());
  if (enforced('juki.legal-basis') && !task) return err('not-registered-task');
  const asked = 'residentRecordCode' in key ? ok(key) : searchKeys(key);
  if (!asked.ok) return asked;
  const found = await candidates(tx, asked.value);
  const meant = recheckAnswer(found, asked.value)?.row;
  const isStopped = meant !== undefined && (await isStoppedFor(tx, meant.supplement_id, request.task));
  const fitting = isStopped ? undefined : meant;
  // A repeat is about the person whom the first time found, or about nobody.
  const row = known && known.supplementId !== (fitting?.supplement_id ?? null) ? undefined : fitting;
  const givesCode = row !== undefined && request.wantsCode && task?.codeGround != null;
  const mayHaveNumber = request.wantsNumber && task?.numberGround != null && row?.record_state === 'abroad';
  const steps = known ? await stepsOf(tx, inquiryId) : new Set<NumberStep>();
  const number = !request.wantsNumber ? 'not-asked' : mayHaveNumber ? numberStateOf(steps) : 'withheld';
  const withheld = [
    ...(number === 'withheld' ? ['individualNumber'] : []),
    ...(request.wantsCode && !givesCode ? ['residentRecordCode'] : []),
  ];
  const at = deps.machineClock.now();
  if (!known)
    await insertInquiry(
      tx,
      {
        inquiryId,
        asker,
        requester,
        task: request.task,
        document,
        keyKind: 'residentRecordCode' in key ? 'code' : 'four-items',
        wantsNumber: request.wantsNumber,
        wantsCode: request.wantsCode,
        requestDigest: digest,
        outcome: row ? 'identified' : 'not-identified',
        supplementId: row?.supplement_id ?? null,
      },
      at,
    );
  // Before the register is asked: it may push the number before its answer is back.
  if (number === 'obtain' && !steps.has('awaited'))
    await insertStep(tx, { stepId: deps.newId(), inquiryId, step: 'awaited' }, at);
  const items = row ? [...givenItems, ...(givesCode ? ['residentRecordCode'] : [])] : [];
  const ground = task?.ground ?? '';
  await insertProvisions(
    tx,
    [
      {
        provisionId: deps.newId(),
        // Who was meant stands in the record for the person's own history; in the answer it does not.
        supplementId: (isStopped ? meant : row)?.supplement_id ?? null,
        inquiryId,
        recipient: asker,
        requester,
        task: request.task,
        ground,
        method,
        items,
        withheld,
        refused: isStopped ? 'stopped' : row ? undefined : 'not-identified',
      },
    ],
    at,
  );
  tx.record({
    event: known ? 'inquiry.repeated' : 'inquiry.answered',
    ...(isStopped ? { subject: meant.supplement_id } : row ? { subject: row.supplement_id } : {}),
    facts: ['fuhyo_link.inquiry', 'fuhyo_link.number_step', 'fuhyo_link.provision_record'],
    ground,
    items,
    recipient: asker,
    detail: { inquiryId, document, identified: row !== undefined, number, withheld: withheld.join(' ') },
  });
  return ok({ task: task!, row, isUnknownHere: found.length === 0, givesCode, number, withheld });
}

function numberStateOf(steps: ReadonlySet<NumberStep>): 'obtain' | 'kept' | 'withheld' {
  // After its end a number is asked for by a new inquiry, with a document of its own.
  if (steps.has('erased')) return 'withheld';
  return steps.has('kept') ? 'kept' : 'obtain';
}

/** From a business system, by its certificate. */
export const openPeerInquiry = act('fuhyo-link.open-inquiry', {
  right: ['fuhyo-link', 'inquiry', 'update'],
  run: open,
});
/** From the shared terminal, by an operator; the requester is stated (A6). */
export const openTerminalInquiry = act('fuhyo-link.open-terminal-inquiry', {
  right: ['fuhyo-link', 'terminal-inquiry', 'update'],
  run: open,
});

/** A refused attempt stands in the record of provision too (FPS-X4), written by the hand that writes the refusal's event. */
export function recordingRefusals(
  deps: Deps,
  about: Pick<
    Provision,
    'supplementId' | 'inquiryId' | 'recipient' | 'requester' | 'task' | 'ground' | 'method' | 'withheld'
  >,
): Deps {
  const audit: AuditSink = {
    async write(tx, entry) {
      if (entry.refusal === undefined) return deps.audit.write(tx, entry);
      const provision = { ...about, provisionId: deps.newId(), items: [], refused: entry.refusal };
      await insertProvisions(tx, [provision], entry.at);
      await deps.audit.write(tx, { ...entry, facts: [...(entry.facts ?? []), 'fuhyo_link.provision_record'] });
    },
  };
  return { ...deps, audit };
}
