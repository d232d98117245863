import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';

/* 様式: the prescribed forms and their versions, each with the notice that stands on it. */

export interface FormVersion {
  readonly form: FormId;
  readonly version: string;
  readonly title: string;
  readonly effectiveFrom: string;
  /** The last day on which it is taken; null while it is in force. */
  readonly takenUntil: string | null;
  /** What must be filled, and what must not be written. */
  readonly items: readonly string[];
  readonly notice: FormNotice;
}
export interface FormNotice {
  /** Until when its text was reviewed; after that no form is made with it. */
  readonly reviewedUntil: string;
  readonly purpose: string;
  readonly who: string;
  readonly surplus: string;
}
export type FormId = 'entitlement' | 'insurer-answer';

const notice: FormNotice = {
  reviewedUntil: '2027-03-31',
  purpose:
    '小児慢性特定疾病医療費の支給認定、自己負担上限月額の決定のために使います。個人番号は、税情報などを照会するためだけに使います。',
  who: '申請者（保護者、成年の患者は本人）が書きます。個人番号は申請者と、医療保険上の世帯で税情報が要る方について書きます。',
  surplus: '様式にない事柄、上記以外の方の個人番号は書かないでください。',
};
const items = [
  '患者の氏名・生年月日',
  '申請者の氏名・住所・生年月日・性別・個人番号',
  '医療保険の種別',
  '病名・病状の区分',
];

/**
 * Newest first for each form.
 * @law 児童福祉法施行規則 第7条の9 (支給認定の申請)
 */
export const formVersions: readonly FormVersion[] = [
  {
    form: 'entitlement',
    version: '2026-04',
    title: '小児慢性特定疾病医療費支給認定申請書',
    effectiveFrom: '2026-04-01',
    takenUntil: null,
    items,
    notice,
  },
  {
    form: 'entitlement',
    version: '2024-04',
    title: '小児慢性特定疾病医療費支給認定申請書',
    effectiveFrom: '2024-04-01',
    takenUntil: '2026-09-30',
    items,
    notice: { ...notice, reviewedUntil: '2026-03-31' },
  },
  {
    form: 'insurer-answer',
    version: '2025-01',
    title: '所得区分の照会に対する回答書',
    effectiveFrom: '2025-01-01',
    takenUntil: null,
    items: ['所得区分', '適用の始期'],
    notice,
  },
];

/** The version of a form that is taken on a day; of one that is not prescribed, not yet or no longer taken, nothing is entered. */
export function formTaken(form: FormId, version: string, on: Temporal.PlainDate): Result<FormVersion, 'unknown-form'> {
  const day = on.toString();
  const found = formVersions.find((f) => f.form === form && f.version === version);
  const taken =
    found !== undefined && found.effectiveFrom <= day && (found.takenUntil === null || day <= found.takenUntil);
  if (enforced('input.form-version') && !taken) return err('unknown-form');
  return ok(found ?? formVersions[0]!);
}

/** Versions that may come in on a day, the newest first. */
export const formsTakenOn = (form: FormId, on: Temporal.PlainDate): readonly FormVersion[] =>
  formVersions.filter(
    (f) =>
      f.form === form && f.effectiveFrom <= on.toString() && (f.takenUntil === null || on.toString() <= f.takenUntil),
  );

/** The form to be handed out on a day: the newest version, only while its notice stands reviewed. */
export function formToProduce(form: FormId, on: Temporal.PlainDate): Result<FormVersion, 'no-current-notice'> {
  const newest = formVersions.find((f) => f.form === form && f.effectiveFrom <= on.toString());
  const current = newest !== undefined && newest.notice.reviewedUntil >= on.toString();
  if (enforced('input.notice-on-form') && !current) return err('no-current-notice');
  return ok(newest ?? formVersions[0]!);
}

/** An application is taken only from somebody who confirmed the notice of purpose and items. */
export const noticeConfirmed = (confirmed: boolean): Result<null, 'notice-not-confirmed'> =>
  enforced('input.notice-on-form') && !confirmed ? err('notice-not-confirmed') : ok(null);
