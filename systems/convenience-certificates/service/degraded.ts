import { certificateIssues } from '@musubi/contracts/certificates/records.ts';
import { type Actor, act, type Right } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { SealedId } from '@musubi/kernel/vault/sealed/sealed-store.ts';
import type { Deps, StoreDeps } from '../deps.ts';
import * as store from '../store/degraded.ts';
import { newestRecord, personOfAddressee } from '../store/records.ts';
import { nextSerial } from '../store/requests.ts';
import { setCertificate } from './set-certificate.ts';

export const degradedRead: Right = ['convenience-certificates', 'degraded', 'read'];
export const degradedUpdate: Right = ['convenience-certificates', 'degraded', 'update'];
export const degradedSwitch: Right = ['convenience-certificates', 'degraded-switch', 'update'];

const staffOf = (actor: Actor): string => (actor.kind === 'staff' ? actor.staffId : actor.kind);

interface Switch {
  readonly on: boolean;
  readonly reason: string;
  /** What the tax system said to the last question. */
  readonly taxSystem: 'answers' | 'unreachable';
}

const recordSwitch = act('convenience-certificates.switch-degraded', {
  right: degradedSwitch,
  async run(
    tx,
    deps: Deps,
    { on, reason, taxSystem }: Switch,
    actor,
  ): Promise<Result<{ readonly switchNo: number }, 'no-reason' | 'already-so' | 'tax-system-answers'>> {
    if (reason.trim() === '' || reason.length > 200) return err('no-reason');
    await store.lockSwitch(tx);
    const now = await store.currentSwitch(tx);
    if ((now?.on ?? false) === on) return err('already-so');
    if (on && taxSystem === 'answers') return err('tax-system-answers');
    const switchNo = (now?.switchNo ?? 0) + 1;
    await store.insertSwitch(tx, {
      switchNo,
      on,
      reason: reason.trim(),
      by: staffOf(actor),
      at: deps.machineClock.now(),
    });
    tx.record({
      event: on ? 'degraded-operation.begun' : 'degraded-operation.ended',
      facts: ['convenience_certificates.degraded_switch'],
      detail: { switchNo },
    });
    return ok({ switchNo });
  },
});

/** 縮退運用 begins only while the tax system gives no answer, and ends by hand (002-RTX-F7.3, AC-27). */
export async function switchDegraded(
  deps: StoreDeps,
  actor: Actor,
  { on, reason }: Pick<Switch, 'on' | 'reason'>,
): Promise<Awaited<ReturnType<typeof recordSwitch>>> {
  const asked = await deps.confirm({ orgPersonNumber: '0'.repeat(15), fiscalYear: 2000, version: '0'.repeat(64) });
  return recordSwitch(deps, actor, { on, reason, taxSystem: asked === 'unreachable' ? 'unreachable' : 'answers' });
}

export interface IssueDegraded {
  readonly issueId: string;
  readonly addresseeNumber: string;
  readonly fiscalYear: number;
  readonly copies: number;
  readonly identifiedBy: 'individual-number-card' | 'licence' | 'passport' | 'two-documents';
}

/**
 * A certificate from the last record, with a mark, without addresses. The tax system is told by a message that leaves when it can be
 * reached again, and enters it once (AC-27: no loss, no duplicate).
 */
export const issueDegraded = act('convenience-certificates.issue-degraded', {
  right: degradedUpdate,
  async run(
    tx,
    deps: Deps,
    command: IssueDegraded,
    actor,
  ): Promise<
    Result<
      { readonly documentNo: string; readonly feeYen: number },
      | 'not-degraded'
      | 'no-record'
      | 'restricted'
      | 'wrong-copies'
      | 'unprintable-character'
      | 'too-large'
      | 'no-content'
    >
  > {
    if (!Number.isInteger(command.copies) || command.copies < 1 || command.copies > 10) return err('wrong-copies');
    await store.lockSwitch(tx);
    const now = await store.currentSwitch(tx);
    if (now === undefined || !now.on) return err('not-degraded');
    const orgPersonNumber = await personOfAddressee(tx, command.addresseeNumber);
    const record =
      orgPersonNumber === undefined ? undefined : await newestRecord(tx, orgPersonNumber, command.fiscalYear);
    if (record === undefined) return err('no-record');
    if (record.restriction !== '0') return err('restricted');
    const documentNo = `KD-${command.fiscalYear}-${`${await nextSerial(tx)}`.padStart(8, '0')}`;
    const issuedAt = deps.machineClock.now();
    const set = await setCertificate(deps, record, {
      documentNo,
      issuedOn: deps.civilClock.today(),
      issuedAt,
      isDegraded: true,
    });
    if (!set.ok) return set;
    const { ref } = await deps.sealed.seal(tx, set.value.pdf, {
      kind: 'certificate',
      retentionClass: 'tax-7y',
      purpose: 'convenience-certificates/issue-degraded',
    });
    const feeYen = command.copies * deps.feeYen;
    const { pages, subjectCheck, sha256 } = set.value;
    await store.insertDegradedIssue(tx, {
      issueId: command.issueId,
      documentNo,
      switchNo: now.switchNo,
      orgPersonNumber: record.orgPersonNumber,
      recordId: record.recordId,
      copies: command.copies,
      feeYen,
      identifiedBy: command.identifiedBy,
      pages,
      subjectCheck,
      sha256,
      sealedRef: ref,
      issuedBy: staffOf(actor),
      issuedAt: issuedAt.toString(),
    });
    await deps.outbox.enqueue(tx, {
      receiver: deps.residentTax,
      family: certificateIssues,
      subject: record.orgPersonNumber,
      message: {
        issueId: command.issueId,
        orgPersonNumber: record.orgPersonNumber,
        fiscalYear: command.fiscalYear,
        documentNo,
        version: record.version,
        channel: 'degraded-counter',
        place: '縮退運用の窓口',
        copies: command.copies,
        feeYen,
        issuedAt: issuedAt.toString(),
      },
    });
    tx.record({
      event: 'certificate.issued-degraded',
      subject: record.orgPersonNumber,
      items: ['地方税関係情報'],
      facts: ['convenience_certificates.degraded_issue'],
      detail: { document: documentNo },
    });
    return ok({ documentNo, feeYen });
  },
});

export const openDegraded = act('convenience-certificates.open-degraded', {
  right: degradedUpdate,
  async run(tx, deps: Deps, { documentNo }: { readonly documentNo: string }) {
    const found = await store.findDegradedIssue(tx, documentNo);
    if (found === undefined) return err('no-such-document');
    const opened = await deps.sealed.open(tx, found.sealedRef as SealedId, 'convenience-certificates/open-degraded');
    if (!opened.ok) return opened;
    tx.record({ event: 'certificate.opened', subject: found.orgPersonNumber, detail: { document: documentNo } });
    return ok({ pdf: opened.value });
  },
});

export const readDegraded = act('convenience-certificates.read-degraded', {
  right: degradedRead,
  async run(tx, _deps: Deps, _command: undefined) {
    const [now, issues] = [await store.currentSwitch(tx), await store.listDegradedIssues(tx, 100)];
    tx.record({ event: 'degraded-operation.read', detail: { shown: issues.length } });
    return ok({ now, issues });
  },
});
