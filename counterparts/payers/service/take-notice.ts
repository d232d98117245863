import { type PackageFault, readNoticePackage } from '@musubi/contracts/special-collection/package.ts';
import { sha256 } from '@musubi/kernel/crypto/digest.ts';
import { act } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { employeesOf, insertNotice, lockPayer, noticesOf } from '../store/notices.ts';

export type NoticeAnswer =
  | { readonly taken: true; readonly repeated: boolean; readonly persons: number; readonly totalYen: number }
  | {
      readonly taken: false;
      readonly place: number;
      readonly word: PackageFault | 'earlier-notice-missing' | 'number-used' | 'first-told-before' | 'change-of-nobody';
    };

/**
 * 特別徴収税額通知 as payroll reads it: strictly, whole, in the order of the payer's notices. A change has a first notice before it, and a first
 * notice comes once.
 *
 * @law 地方税法 第321条の4, 第321条の6
 */
export const takeNotice = act('payers.take-notice', {
  right: ['payers', 'notice', 'update'],
  async run(
    tx,
    deps: Deps,
    { content, withdrawn = [] }: { readonly content: Uint8Array; readonly withdrawn?: readonly number[] },
  ): Promise<Result<NoticeAnswer, 'unknown-municipality'>> {
    const refuse = (word: Extract<NoticeAnswer, { taken: false }>['word'], place = 0): Result<NoticeAnswer, never> => {
      tx.record({ event: 'notice.refused', detail: { place, word } });
      return ok({ taken: false, place, word });
    };
    const read = readNoticePackage(content);
    if (!read.ok) return refuse(read.error.fault, read.error.line);
    const { municipality, designationNumber, fiscalYear, sequence, totalYen, lines } = read.value;
    if (!deps.municipalities.includes(municipality)) return err('unknown-municipality');
    const of = { municipality, designationNumber, fiscalYear };
    await lockPayer(tx, of);
    const digest = sha256(content);
    const known = await noticesOf(tx, of);
    const same = known.find((one) => one.sequenceNo === sequence);
    if (same !== undefined) {
      if (same.sha256 !== digest.toString('hex')) return refuse('number-used');
      tx.record({ event: 'notice.repeated', detail: { payer: designationNumber, notice: sequence } });
      return ok({ taken: true, repeated: true, persons: lines.length, totalYen });
    }
    const there = new Set([...withdrawn, ...known.map((one) => one.sequenceNo)]);
    const earlier = Array.from({ length: sequence - 1 }, (_, i) => i + 1);
    const inOrder = earlier.every((one) => there.has(one)) && known.every((one) => one.sequenceNo < sequence);
    if (!inOrder) return refuse('earlier-notice-missing');
    const told = new Set((await employeesOf(tx, of)).map((one) => one.addresseeNumber));
    for (const [i, line] of lines.entries()) {
      if (line.kind === 'first' && told.has(line.addresseeNumber)) return refuse('first-told-before', i + 1);
      if (line.kind !== 'first' && !told.has(line.addresseeNumber)) return refuse('change-of-nobody', i + 1);
    }
    await insertNotice(tx, {
      ...of,
      sequence,
      totalYen,
      noticeId: deps.newId(),
      sha256: digest,
      takenOn: deps.civilClock.today().toString(),
      lines: lines.map(({ addresseeNumber, noticeNumber, months }) => ({
        addresseeNumber,
        noticeNumber: noticeNumber ?? null,
        months,
      })),
    });
    tx.record({
      event: 'notice.taken',
      facts: ['payers.notice', 'payers.notice_line'],
      detail: { payer: designationNumber, notice: sequence, persons: lines.length, yen: totalYen },
    });
    return ok({ taken: true, repeated: false, persons: lines.length, totalYen });
  },
});
