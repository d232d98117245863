import { act } from '@musubi/kernel/db/act.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { useReceipt } from '@musubi/kernel/receipts/receipts.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { findCase, lockCase } from '../store/cases.ts';
import {
  type Consent,
  consents,
  type Insurer,
  insertConsent,
  insertConsentMatch,
  insertInsurer,
  insurers,
} from '../store/office.ts';

export type { Insurer };

/** 保険者マスタ: letters go to what stands here and nowhere else. */
export const registerInsurer = act('child-chronic.register-insurer', {
  right: ['child-chronic', 'insurer', 'update'],
  async run(tx, deps: Deps, command: Insurer, actor): Promise<Result<null, 'not-staff' | 'not-an-insurer'>> {
    if (actor.kind !== 'staff') return err('not-staff');
    const whole = /^[0-9]{8}$/.test(command.insurerCode) && /^[0-9]{7}$/.test(command.postalCode);
    if (!whole || command.name === '' || command.address === '') return err('not-an-insurer');
    await insertInsurer(tx, { ...command, rowId: deps.newId(), by: actor.staffId, at: deps.machineClock.now() });
    tx.record({
      event: 'insurer.registered',
      facts: ['child_chronic.insurer'],
      detail: { insurer: command.insurerCode },
    });
    return ok(null);
  },
});

export const listInsurers = act('child-chronic.list-insurers', {
  right: ['child-chronic', 'insurer', 'read'],
  async run(tx, _deps: Deps, _query: object): Promise<Result<readonly Insurer[], never>> {
    const rows = await insurers(tx);
    tx.record({ event: 'insurers.listed', detail: { count: rows.length } });
    return ok(rows);
  },
});

export interface RecordConsent {
  readonly caseId: string;
  readonly insurerCode: string;
  readonly signer: Consent['signer'];
  readonly signedOn: string;
  /** The paper with the signature, in the receipt ledger. */
  readonly receiptNumber: string;
}

/** 同意書: whom the patient's insurer may be asked about, by whom, when, on which paper. */
export const recordConsent = act('child-chronic.record-consent', {
  right: ['child-chronic', 'insurer-inquiry', 'update'],
  async run(
    tx,
    deps: Deps,
    command: RecordConsent,
    actor,
  ): Promise<
    Result<
      { consentId: string },
      | 'not-staff'
      | 'no-such-case'
      | 'unknown-insurer'
      | 'signed-in-future'
      | 'not-in-receipt-ledger'
      | 'receipt-in-bag'
      | 'receipt-used'
    >
  > {
    if (actor.kind !== 'staff') return err('not-staff');
    await lockCase(tx, command.caseId);
    const file = await findCase(tx, { caseId: command.caseId });
    if (!file) return err('no-such-case');
    if ((await insurers(tx, command.insurerCode)).length === 0) return err('unknown-insurer');
    if (command.signedOn > deps.civilClock.today().toString()) return err('signed-in-future');
    const used = await useReceipt(tx, deps, {
      receiptNumber: command.receiptNumber,
      matter: file.caseNumber,
      by: actor.staffId,
    });
    if (!used.ok) return used;
    const consentId = deps.newId();
    await insertConsent(tx, { ...command, consentId, recordedBy: actor.staffId, at: deps.machineClock.now() });
    tx.record({
      event: 'consent.recorded',
      subject: command.caseId,
      facts: ['child_chronic.consent', ...(used.value === 'used' ? ['receipts.use'] : [])],
      detail: { insurer: command.insurerCode, receipt: command.receiptNumber },
    });
    return ok({ consentId });
  },
});

/** 同意と対象者の照合: another person finds that the signed paper is this person's. */
export const matchConsent = act('child-chronic.match-consent', {
  right: ['child-chronic', 'insurer-inquiry', 'update'],
  async run(
    tx,
    deps: Deps,
    { consentId }: { consentId: string },
    actor,
  ): Promise<Result<null, 'not-staff' | 'no-such-consent' | 'matcher-is-recorder' | 'matched-already'>> {
    if (actor.kind !== 'staff') return err('not-staff');
    const [consent] = await consents(tx, { consentId });
    if (!consent) return err('no-such-consent');
    if (enforced('matching.consent') && consent.recordedBy === actor.staffId) return err('matcher-is-recorder');
    if (!(await insertConsentMatch(tx, consentId, actor.staffId, deps.machineClock.now())))
      return err('matched-already');
    tx.record({ event: 'consent.matched', subject: consent.caseId, facts: ['child_chronic.consent_match'] });
    return ok(null);
  },
});
