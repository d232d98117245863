import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { ApplicationContent } from './applications.ts';

/* 口座の登録 (ACC-101) as the portal's form: an account from which taxes are debited, or to which refunds are paid. */

export const accountProcedure = 'ACC-101';

/** Fields of the form in their order. The holder's name is the card's; only its reading is typed. @source requirements 002 ACC-F1, W19 */
export const accountFields = [
  { name: '使いみち', label: '使いみち（振替 または 還付）', required: true },
  { name: '金融機関コード', label: '金融機関コード（4桁）', required: true },
  { name: '支店コード', label: '支店コード（3桁）', required: true },
  { name: '預金種目', label: '預金種目（普通・当座・貯蓄・納税準備・その他）', required: true },
  { name: '口座番号', label: '口座番号（7桁）', required: true },
  { name: '口座名義', label: '口座名義（カナ）', required: true },
] as const;
type FieldName = (typeof accountFields)[number]['name'];

const purposes = { 振替: 'debit', 還付: 'refund' } as const;
const kinds = { 普通: 'ordinary', 当座: 'current', 貯蓄: 'savings', 納税準備: 'tax-reserve', その他: 'other' } as const;

export interface FiledAccount {
  readonly purpose: (typeof purposes)[keyof typeof purposes];
  readonly bank: string;
  readonly branch: string;
  readonly accountKind: (typeof kinds)[keyof typeof kinds];
  readonly accountNumber: string;
  readonly holderKana: string;
}

export type AccountFormFault =
  | { readonly word: 'other-procedure' }
  | { readonly word: 'unknown-field' | 'missing' | 'unreadable'; readonly field: string };

/**
 * The account of a signed application. Full-width digits are read as digits; anything else is a fault with the field's name and never its
 * value. Whether bank and branch exist is the receiver's to check.
 * @param content the signed content, parsed by `applicationContent`
 */
export function readAccountApplication(
  content: Pick<ApplicationContent, 'procedure' | 'fields'>,
): Result<FiledAccount, AccountFormFault> {
  if (content.procedure !== accountProcedure) return err({ word: 'other-procedure' });
  const names: readonly string[] = accountFields.map((f) => f.name);
  const stranger = Object.keys(content.fields).find((name) => !names.includes(name));
  if (stranger !== undefined) return err({ word: 'unknown-field', field: stranger });
  const typed = (name: FieldName): string => (content.fields[name] ?? '').normalize('NFKC').trim();
  const missing = names.find((name) => typed(name as FieldName) === '');
  if (missing !== undefined) return err({ word: 'missing', field: missing });
  const digits = { 金融機関コード: 4, 支店コード: 3, 口座番号: 7 } as const;
  for (const [name, length] of Object.entries(digits))
    if (!new RegExp(`^[0-9]{${length}}$`).test(typed(name as FieldName)))
      return err({ word: 'unreadable', field: name });
  const purpose = chosen(purposes, typed('使いみち'));
  if (purpose === undefined) return err({ word: 'unreadable', field: '使いみち' });
  const accountKind = chosen(kinds, typed('預金種目'));
  if (accountKind === undefined) return err({ word: 'unreadable', field: '預金種目' });
  return ok({
    purpose,
    bank: typed('金融機関コード'),
    branch: typed('支店コード'),
    accountKind,
    accountNumber: typed('口座番号'),
    holderKana: typed('口座名義'),
  });
}

const chosen = <T extends Readonly<Record<string, string>>>(words: T, word: string): T[keyof T] | undefined =>
  Object.hasOwn(words, word) ? words[word as keyof T] : undefined;
