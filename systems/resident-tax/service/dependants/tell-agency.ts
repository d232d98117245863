import { writeLines } from '@musubi/contracts/eltax/between-bodies-lines.ts';
import {
  type DenialReceipt,
  type DenialRecord,
  denialFileHead,
  denialRecord,
} from '@musubi/contracts/tax-return/denied-dependants.ts';
import { encodeBase64url } from '@musubi/kernel/crypto/base64url.ts';
import { sha256Hex } from '@musubi/kernel/crypto/digest.ts';
import { act, look } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { numberRef } from '@musubi/kernel/vault/vault.ts';
import { sendDenials } from '../../clients/national-tax.ts';
import type { Deps } from '../../deps.ts';
import * as store from '../../store/dependants.ts';
import {
  denialNoticeSending,
  dependantApproval,
  dependantRead,
  dependantUpdate,
  type NationalTaxDeps,
  nationalTaxWorker,
} from './functions.ts';

export type { DenialNotice, NoticeStep } from '../../store/dependants.ts';

const ground = '番号利用法 第19条第9号';
const purpose = 'resident-tax/denied-dependants';
const noticeFacts = [
  'resident_tax.denial_notice',
  'resident_tax.denial_notice_item',
  'resident_tax.denial_notice_step',
] as const;

export type MakeNoticeRefusal = 'not-staff' | 'not-a-month' | 'month-not-over' | 'already-made' | 'nothing-to-tell';

/**
 * 扶養控除関係情報の作成 for a month that is over: what was decided up to its end and not told yet. A denial that was cancelled in its own month is
 * in no file; one that was told is told once.
 * @source requirements 002 RTX-F5.3, W17, AC-34
 */
export const makeDenialNotice = act('resident-tax.make-denial-notice', {
  right: dependantUpdate,
  async run(
    tx,
    deps: Deps,
    /** `2026-07` */
    command: { readonly month: string },
    actor,
  ): Promise<
    Result<{ readonly noticeId: string; readonly persons: number; readonly records: number }, MakeNoticeRefusal>
  > {
    if (actor.kind !== 'staff') return err('not-staff');
    if (!/^[0-9]{4}-(0[1-9]|1[0-2])$/.test(command.month)) return err('not-a-month');
    const month = Temporal.PlainDate.from(`${command.month}-01`);
    const until = month.add({ months: 1 }).subtract({ days: 1 });
    if (Temporal.PlainDate.compare(deps.civilClock.today(), until) <= 0) return err('month-not-over');
    await store.lockDenialNotices(tx);
    const earlier = await store.denialNotices(tx, { month: command.month, limit: 10 });
    if (earlier.some(({ steps }) => steps.at(-1)?.step !== 'returned')) return err('already-made');
    const items = await store.denialsToTell(tx, until);
    if (items.length === 0) return err('nothing-to-tell');
    const noticeId = deps.newId();
    const records: DenialRecord[] = [];
    for (const item of items) records.push(await recordOf(tx, deps, item));
    const salt = encodeBase64url(deps.random.bytes(16));
    const head = denialFileHead.parse({ noticeId, salt, municipality: deps.municipality });
    const file = writeLines([head, ...records]);
    const { ref } = await deps.sealed.seal(tx, file, { kind: 'denied-dependants', retentionClass: 'tax-7y', purpose });
    const persons = new Set(items.map(({ personId }) => personId)).size;
    const counts = { persons, records: records.length };
    await store.insertDenialNotice(
      tx,
      { noticeId, month, ...counts, fileSha256: sha256Hex(file), sealedRef: ref, madeBy: actor.staffId },
      items,
    );
    const onDay = deps.civilClock.today().toString();
    const at = deps.machineClock.now();
    await store.addNoticeStep(tx, noticeId, { step: 'made', by: actor.staffId, onDay }, at);
    tx.record({
      event: 'denial-notice.made',
      ground,
      subjects: [...new Set(items.map(({ personId }) => personId))],
      items: ['個人番号', '扶養控除関係情報'],
      recipient: 'etax',
      facts: noticeFacts,
      detail: { notice: noticeId, month: command.month, ...counts },
    });
    return ok({ noticeId, ...counts });
  },
});

async function recordOf(tx: Tx, deps: Deps, item: store.ToTell): Promise<DenialRecord> {
  const number = async (ref: string): Promise<string> =>
    (await deps.vault.reveal(tx, numberRef(ref), purpose)).digits();
  const { kind, fiscalYear, name, nameKana, birthDate, address, relativeName, head, reason, decidedOn } = item;
  return denialRecord.parse({
    kind,
    fiscalYear,
    individualNumber: await number(item.personNumberRef),
    name,
    nameKana,
    birthDate,
    address,
    relativeName,
    relativeNumber: item.relativeNumberRef === null ? null : await number(item.relativeNumberRef),
    head,
    reason,
    decidedOn,
  });
}

export type ApproveNoticeRefusal = 'not-staff' | 'no-such-notice' | 'not-made' | 'approver-is-maker';

/** Another person than who made the file lets it leave. */
export const approveDenialNotice = act('resident-tax.approve-denial-notice', {
  right: dependantApproval,
  async run(
    tx,
    deps: Deps,
    { noticeId }: { readonly noticeId: string },
    actor,
  ): Promise<Result<undefined, ApproveNoticeRefusal>> {
    if (actor.kind !== 'staff') return err('not-staff');
    const notice = await store.lockDenialNotice(tx, noticeId);
    if (notice === undefined) return err('no-such-notice');
    if (notice.steps.at(-1)?.step !== 'made') return err('not-made');
    if (notice.steps[0]?.by === actor.staffId) return err('approver-is-maker');
    const onDay = deps.civilClock.today().toString();
    await store.addNoticeStep(tx, noticeId, { step: 'approved', by: actor.staffId, onDay }, deps.machineClock.now());
    tx.record({
      event: 'denial-notice.approved',
      ground,
      recipient: 'etax',
      facts: ['resident_tax.denial_notice_step'],
      detail: { notice: noticeId, month: notice.month, records: notice.records },
    });
    return ok(undefined);
  },
});

const openNotice = act('resident-tax.open-denial-notice', {
  right: denialNoticeSending,
  async run(tx, deps: Deps, { noticeId }: { readonly noticeId: string }) {
    const notice = await store.lockDenialNotice(tx, noticeId);
    if (notice === undefined) return err('no-such-notice');
    const opened = await deps.sealed.open(tx, notice.sealedRef, purpose);
    if (!opened.ok) return opened;
    tx.record({ event: 'denial-notice.opened', ground, recipient: 'etax', detail: { notice: noticeId } });
    return ok({ notice, file: opened.value });
  },
});

const noteReceipt = act('resident-tax.note-denial-receipt', {
  right: denialNoticeSending,
  async run(
    tx,
    deps: Deps,
    given: { readonly noticeId: string; readonly receipt: DenialReceipt; readonly signed: string },
  ): Promise<Result<undefined, 'no-such-notice' | 'not-approved'>> {
    const notice = await store.lockDenialNotice(tx, given.noticeId);
    if (notice === undefined) return err('no-such-notice');
    if (notice.steps.at(-1)?.step !== 'approved') return err('not-approved');
    const { outcome, reason, on } = given.receipt;
    const step = { step: outcome, by: 'etax', note: reason, receipt: given.signed, onDay: on } as const;
    await store.addNoticeStep(tx, given.noticeId, step, deps.machineClock.now());
    tx.record({
      event: `denial-notice.${outcome}`,
      ground,
      recipient: 'etax',
      facts: ['resident_tax.denial_notice_step'],
      detail: {
        notice: given.noticeId,
        month: notice.month,
        persons: notice.persons,
        records: notice.records,
        ...(reason === null ? {} : { reason }),
      },
    });
    return ok(undefined);
  },
});

const approvedNotices = look('resident-tax.approved-denial-notices', {
  right: denialNoticeSending,
  run: async (tx, _deps: Deps) =>
    (await store.denialNotices(tx, { step: 'approved', limit: 20 })).map(({ noticeId }) => noticeId),
});

/** Sends what is approved. The same file goes again until the agency's signed word is there. */
export async function nationalTaxRound(deps: NationalTaxDeps): Promise<{ readonly faults: readonly string[] }> {
  const faults: string[] = [];
  const waiting = await approvedNotices(deps, nationalTaxWorker, undefined);
  if (!waiting.ok) return { faults: [waiting.error] };
  for (const noticeId of waiting.value) {
    const opened = await openNotice(deps, nationalTaxWorker, { noticeId });
    const sent = opened.ok
      ? await sendDenials(
          deps.nationalTax,
          {
            noticeId,
            municipality: deps.municipality,
            month: opened.value.notice.month,
            persons: opened.value.notice.persons,
            records: opened.value.notice.records,
            fileSha256: opened.value.notice.fileSha256,
            sentOn: deps.civilClock.today().toString(),
          },
          opened.value.file,
        )
      : opened;
    const noted = sent.ok ? await noteReceipt(deps, nationalTaxWorker, { noticeId, ...sent.value }) : sent;
    if (!noted.ok) faults.push(`${noticeId}: ${noted.error}`);
  }
  return { faults };
}

/** Files by month, with counts and digests, and how many decisions of months that are over no file tells yet. */
export const readDenialNotices = look('resident-tax.read-denial-notices', {
  right: dependantRead,
  run: async (tx, deps: Deps) => {
    const lastMonthEnd = deps.civilClock.today().with({ day: 1 }).subtract({ days: 1 });
    return {
      notices: await store.denialNotices(tx, { limit: 60 }),
      month: lastMonthEnd.toString().slice(0, 7),
      untold: (await store.denialsToTell(tx, lastMonthEnd)).length,
    };
  },
});
