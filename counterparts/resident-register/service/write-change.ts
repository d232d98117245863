import { residentChanges } from '@musubi/contracts/juki/notices.ts';
import { platformResidentChanges } from '@musubi/contracts/platform/persons.ts';
import type { Actor } from '@musubi/kernel/db/act.ts';
import type { ActEvent, Tx } from '@musubi/kernel/db/sql.ts';
import { modulus11CheckDigit } from '@musubi/kernel/identifiers/check-digits.ts';
import type { IndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { kanaSearchKey, kanjiSearchKey } from '@musubi/kernel/text/search-keys.ts';
import { numberRef } from '@musubi/kernel/vault/vault.ts';
import type { Deps } from '../deps.ts';
import { type Reason, type ReasonRule, reasonRules } from '../domain/reasons.ts';
import { insertDuplicate, survivorOf } from '../store/duplicates.ts';
import { nextNumbers, type ResidentRow, residentNow, writeResidents } from '../store/residents.ts';
import { networkNoticeOf, platformChangeOf } from './messages.ts';

export const vaultOwner = (personId: string): string => `person:${personId}`;

/** Who entered it and where, as the network's notice states it. */
export const operatorOf = (actor: Actor): { readonly operator_id: string; readonly terminal_id: string } =>
  actor.kind === 'staff'
    ? { operator_id: actor.staffId, terminal_id: actor.terminalId ?? '-' }
    : { operator_id: actor.kind === 'job' ? `job:${actor.name}` : actor.kind, terminal_id: '-' };

export const searchKeysOf = (name: string, kana: string): { readonly name_key: string; readonly kana_key: string } => ({
  name_key: kanjiSearchKey(name),
  kana_key: kanaSearchKey(kana),
});

/** 宛名番号: ten digits and a check digit, so that a mistyped one is found. */
export const addresseeNumberOf = (n: number): string => {
  const body = `${n}`.padStart(10, '0');
  return `${body}${modulus11CheckDigit(body)}`;
};
export const householdNumberOf = (n: number): string => `${n}`.padStart(10, '0');

export async function newHouseholdNumber(tx: Tx): Promise<string> {
  const [n] = await nextNumbers(tx, 'household', 1);
  return householdNumberOf(n!);
}

/**
 * Writes a person's next version and tells whoever must know, in the caller's transaction; the person's lock is held.
 * `silent`: the network made this change itself.
 *
 * @returns the act's event, for the caller to record
 */
export async function writeChange(
  tx: Tx,
  deps: Deps,
  row: ResidentRow,
  options: {
    readonly number?: IndividualNumber;
    readonly silent?: boolean;
    /** 二重登録: 住民票コード of the record that stays. */
    readonly duplicateOf?: string;
  } = {},
): Promise<ActEvent> {
  const at = deps.machineClock.now();
  const former = await residentNow(tx, row.person_id);
  await writeResidents(tx, [row], at);
  const rule: ReasonRule = reasonRules[row.reason as Reason];
  const number =
    options.number ?? (await deps.vault.reveal(tx, numberRef(row.number_ref), 'resident-register/notify-change'));
  // Sent again after it came back, the removal is still for the same record.
  const isRemoval = row.reason === 'removed-ex-officio';
  const survivorCode =
    options.duplicateOf ??
    (isRemoval && row.corrects_change !== null ? await survivorOf(tx, row.corrects_change) : undefined);
  if (survivorCode !== undefined)
    await insertDuplicate(tx, { changeId: row.change_id, personId: row.person_id, survivorCode }, at);
  const toNetwork = rule.network && options.silent !== true;
  const recipients: string[] = [];
  if (toNetwork) {
    recipients.push(deps.municipalJuki);
    await deps.outbox.enqueue(tx, {
      receiver: deps.municipalJuki,
      family: residentChanges,
      subject: row.person_id,
      message: networkNoticeOf(deps, row, number, at, former, survivorCode),
    });
  }
  if (deps.commonPlatform !== undefined) {
    recipients.push(deps.commonPlatform);
    await deps.outbox.enqueue(tx, {
      receiver: deps.commonPlatform,
      family: platformResidentChanges,
      subject: row.person_id,
      message: platformChangeOf(deps, row, number),
    });
  }
  const more = (await deps.afterChange?.(tx, [{ row, former }])) ?? [];
  return {
    event: 'resident.changed',
    subject: row.person_id,
    facts: [
      'resident_register.resident',
      ...(survivorCode === undefined ? [] : ['resident_register.duplicate']),
      ...more,
    ],
    ground: `${rule.article.startsWith('番号利用法') ? '' : '住民基本台帳法'}${rule.article}`,
    items: ['residentRecord', 'individualNumber'],
    recipient: recipients.join(' '),
    detail: { changeId: row.change_id, reason: row.reason, sequence: row.sequence, status: row.status },
  };
}
