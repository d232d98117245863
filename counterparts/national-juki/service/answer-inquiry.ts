import type { InquiryAnswerItems, NationalInquiry } from '@musubi/contracts/juki/inquiry.ts';
import { act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { IndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { parseResidentRecordCode } from '@musubi/kernel/identifiers/resident-record-code.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { identify } from '../domain/identify.ts';
import { type Found, foundByBirthDate, foundByCodes, foundByHolders, insertInquiry } from '../store/inquiries.ts';
import { lockHolders } from '../store/records.ts';

export type InquiryFault = 'inquiry-repeated' | 'wrong-key' | 'too-few-items';
export type NationalAnswered =
  | { readonly result: 'given'; readonly items: InquiryAnswerItems }
  | { readonly result: 'not-identified'; readonly items: Record<never, never> };

/** 都道府県からの照会への回答 (NCS-F2): the one person who is meant, exactly the items that were asked for. */
export const answerNationalInquiry = act('national-juki.answer-inquiry', {
  right: ['national-juki', 'inquiry', 'read'],
  async run(tx, deps: Deps, inquiry: NationalInquiry): Promise<Result<NationalAnswered, InquiryFault>> {
    const candidates = await candidatesFor(tx, deps, inquiry.key);
    if (!candidates.ok) return candidates;
    const { kind, ...rest } = inquiry.key;
    const found = identify(candidates.value, rest);
    const items = found === undefined ? [] : inquiry.items;
    const record = {
      asker: inquiry.asker,
      inquiryId: inquiry.inquiryId,
      ground: inquiry.ground,
      keyKind: kind,
      items,
      result: found === undefined ? ('not-identified' as const) : ('given' as const),
      hitCount: candidates.value.length,
      holderId: found?.holderId ?? null,
    };
    if (!(await insertInquiry(tx, record, deps.machineClock.now()))) return err('inquiry-repeated');
    tx.record({
      event: found === undefined ? 'inquiry.not-identified' : 'inquiry.answered',
      ...(found === undefined ? {} : { subject: found.holderId }),
      facts: ['national_juki.inquiry_record'],
      ground: inquiry.ground,
      items,
      recipient: inquiry.asker,
      detail: { inquiryId: inquiry.inquiryId, key: kind, hits: candidates.value.length },
    });
    if (found === undefined) return ok({ result: 'not-identified', items: {} });
    return ok({ result: 'given', items: await itemsOf(tx, deps, found, inquiry) });
  },
});

async function candidatesFor(
  tx: Tx,
  deps: Deps,
  key: NationalInquiry['key'],
): Promise<Result<Found[], 'wrong-key' | 'too-few-items'>> {
  switch (key.kind) {
    case 'code':
      return parseResidentRecordCode(key.residentRecordCode).ok
        ? ok(await foundByCodes(tx, [key.residentRecordCode]))
        : err('wrong-key');
    case 'number': {
      const number = IndividualNumber.parse(key.individualNumber);
      if (!number.ok) return err('wrong-key');
      const holders = await deps.vault.holders(tx, number.value, 'national-juki/inquiry');
      const ids = holders.flatMap((h) => (h.holds ? [h.owner.replace(/^holder:/, '')] : []));
      return ok(ids.length === 0 ? [] : await foundByHolders(tx, ids));
    }
    case 'four-items': {
      const { name, nameKana, birthDate, address } = key;
      if ((name === undefined && nameKana === undefined) || birthDate === undefined || address === undefined)
        return err('too-few-items');
      return ok(await foundByBirthDate(tx, birthDate));
    }
  }
}

async function itemsOf(tx: Tx, deps: Deps, found: Found, { items, key }: NationalInquiry): Promise<InquiryAnswerItems> {
  let individualNumber: string | undefined;
  if (items.includes('individualNumber'))
    individualNumber = key.kind === 'number' ? key.individualNumber : await revealedOf(tx, deps, found);
  const all = { ...found, individualNumber };
  return Object.fromEntries(items.map((item) => [item, all[item]])) as InquiryAnswerItems;
}

async function revealedOf(tx: Tx, deps: Deps, { residentRecordCode }: Found): Promise<string> {
  const holder = (await lockHolders(tx, [residentRecordCode])).get(residentRecordCode);
  if (holder === undefined) throw new Error('a record without its holder');
  return (await deps.vault.reveal(tx, holder.numberRef, 'national-juki/inquiry')).digits();
}
