import type { Tx } from '../db/sql.ts';

/** Why the rights of a person rest here, as the directory said it; undefined where they do not. */
export async function heldBecause(tx: Tx, staffId: string): Promise<string | undefined> {
  const [hold] = await tx<{ because: string }>`
    select h.because from access.rights_held h
     where h.staff_id = ${staffId} and not exists (select 1 from access.rights_released r where r.hold_id = h.hold_id)
     order by h.received_at limit 1`;
  return hold?.because;
}

/** What the sign-in page says of a hold. */
export const holdWords: Readonly<Record<string, string>> = {
  'training-lapsed':
    '取扱者の研修の受講が記録されていないため、権限を停止しています。研修を受け、個人情報保護担当に受講の記録を依頼してください。記録されると停止は解かれます。',
};
