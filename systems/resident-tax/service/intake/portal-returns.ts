import { createHash } from 'node:crypto';
import { applicationOutcomes, type ReceivedApplication } from '@musubi/contracts/platform/applications.ts';
import { applicationContent } from '@musubi/contracts/portal/applications.ts';
import { readWardReturnApplication } from '@musubi/contracts/portal/ward-return-form.ts';
import { type Actor, act, look } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Received } from '@musubi/kernel/streams/inbox.ts';
import type { Peer } from '@musubi/kernel/streams/ports.ts';
import type { Deps } from '../../deps.ts';
import { withoutLongNumbers } from '../../domain/report-file.ts';
import { addAcknowledged, addAnnounced, addIntake, addOutcome, lockDelivery } from '../../store/intake-files.ts';
import { findByOrgPersonNumber, nextPortalNumber, untoldReturns } from '../../store/portal-returns.ts';
import { ownCorporateNumber } from './counter-filings.ts';
import { type PortalReturnFile, writePortalReturn } from './portal-return-file.ts';

/**
 * 電子申告の受領: a return that was signed with the person's card and came by the ward's platform, never from the portal itself. It stands in
 * the receipt ledger like any file and is taken in by the same rules. The form asks for no number: where the platform named the one person
 * with all the card's particulars, the ward's own record gives it, and number, name and birth date must still agree; else a clerk looks.
 * A form that cannot be read is kept and refused, so that nobody's return is lost.
 *
 * @law 地方税法 第317条の2第1項; 番号利用法 第16条; @source requirements 002 W03-3, AC-09
 */
export const receivePortalReturn = act('resident-tax.receive-portal-return', {
  right: ['resident-tax', 'portal-return', 'update'],
  async run(
    tx,
    deps: Deps,
    { message }: Received<ReceivedApplication>,
  ): Promise<Result<{ readonly repeated: boolean }, 'unreadable-content'>> {
    const { receiptNumber, acceptedAt } = message;
    const content = applicationContent.safeParse(parsed(message.content));
    if (!content.success || content.data.receiptNumber !== receiptNumber) return err('unreadable-content');
    await lockDelivery(tx, receiptNumber);
    const read = readWardReturnApplication(content.data);
    const today = deps.civilClock.today();
    const incomeYear = read.ok ? read.value.incomeYear : today.year - 1;
    const receptionNumber = await nextPortalNumber(tx, today);
    const announced = {
      deliveryId: receiptNumber,
      receptionNumber,
      procedure: 'portal-return' as const,
      incomeYear,
      payerNumber: ownCorporateNumber(deps),
      payerName: 'マイナポータル',
      records: 1,
    };
    if ((await addAnnounced(tx, [announced], today)) === 0) {
      tx.record({ event: 'portal-return.repeated', detail: { receipt: receiptNumber } });
      return ok({ repeated: true });
    }
    const named =
      message.orgPersonNumber === null ? undefined : await findByOrgPersonNumber(tx, message.orgPersonNumber);
    const number = named && (await deps.vault.reveal(tx, named.numberRef, 'resident-tax/portal-return'));
    const intakeId = await addToLedger(
      tx,
      deps,
      { deliveryId: receiptNumber, receptionNumber, incomeYear, on: today },
      {
        content: message.content,
        certificateSerial: message.certificateSerial,
        acceptedAt,
        receptionNumber,
        nameKana: named?.nameKana ?? '',
        individualNumber: number?.digits() ?? null,
      },
    );
    if (!read.ok) {
      await addOutcome(tx, intakeId, { outcome: 'refused', refusal: 'form-unreadable' }, deps.machineClock.now());
    }
    tx.record({
      event: read.ok ? 'portal-return.received' : 'portal-return.refused',
      ground: '地方税法第317条の2第1項',
      ...(named === undefined ? {} : { subject: named.personId }),
      items: ['ward-return'],
      facts: [
        'resident_tax.announced_delivery',
        'resident_tax.intake',
        ...(read.ok ? [] : ['resident_tax.intake_outcome']),
      ],
      detail: {
        receipt: receiptNumber,
        intake: intakeId,
        ...(read.ok ? {} : { fault: read.error.word, ...('field' in read.error ? { field: read.error.field } : {}) }),
      },
    });
    return ok({ repeated: false });
  },
});

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

async function addToLedger(
  tx: Tx,
  deps: Deps,
  of: {
    readonly deliveryId: string;
    readonly receptionNumber: string;
    readonly incomeYear: number;
    readonly on: Temporal.PlainDate;
  },
  content: PortalReturnFile,
): Promise<string> {
  const file = writePortalReturn(content);
  const sealed = await deps.sealed.seal(tx, file, {
    kind: 'tax-document-file',
    retentionClass: 'tax-7y',
    purpose: 'resident-tax/receive',
  });
  const intakeId = deps.newId();
  await addIntake(tx, {
    ...of,
    intakeId,
    cover: '',
    sealedRef: sealed.ref,
    sizeBytes: file.length,
    maskedDigest: createHash('sha256').update(withoutLongNumbers(file)).digest(),
    recordCount: 1,
    at: deps.machineClock.now(),
  });
  return intakeId;
}

const countUntold = look('resident-tax.untold-portal-returns', {
  right: ['resident-tax', 'intake', 'read'],
  run: async (tx, _deps: Deps, _query: undefined) => (await untoldReturns(tx)).length,
});

const tellEnds = act('resident-tax.tell-portal-return-ends', {
  right: ['resident-tax', 'intake', 'update'],
  async run(tx, deps: Deps, { receiver }: { readonly receiver: Peer }): Promise<Result<number, never>> {
    let told = 0;
    for (const { intakeId, receiptNumber, outcome } of await untoldReturns(tx)) {
      if (!(await addAcknowledged(tx, intakeId, deps.machineClock.now()))) continue;
      await deps.outbox.enqueue(tx, {
        receiver,
        family: applicationOutcomes,
        subject: receiptNumber,
        message: { receiptNumber, outcome: outcome === 'taken-in' ? 'completed' : 'declined' },
      });
      told++;
    }
    tx.record({
      event: 'portal-return.ends-told',
      recipient: receiver,
      ...(told > 0 ? { facts: ['resident_tax.intake_acknowledged'] } : {}),
      detail: { returns: told },
    });
    return ok(told);
  },
});

/**
 * Tells the platform how returns ended that came by it; each end once, in one transaction with the message that says it.
 * @returns how many were told
 */
export async function tellPortalReturnEnds(
  deps: Deps,
  actor: Actor,
  receiver: Peer,
): Promise<Result<number, 'not-authorised'>> {
  const untold = await countUntold(deps, actor, undefined);
  if (!untold.ok || untold.value === 0) return untold;
  return tellEnds(deps, actor, { receiver });
}
