import { linesOf } from '@musubi/contracts/eltax/between-bodies-lines.ts';
import { readSigned, signMessage } from '@musubi/contracts/exchange/signed.ts';
import {
  type DenialCover,
  denialCover,
  denialCoverType,
  denialFileHead,
  denialPackageMembers,
  denialPackageType,
  denialReceipt,
  denialReceiptType,
  denialRecord,
} from '@musubi/contracts/tax-return/denied-dependants.ts';
import { sha256Hex } from '@musubi/kernel/crypto/digest.ts';
import { openJwe } from '@musubi/kernel/crypto/jwe.ts';
import { act } from '@musubi/kernel/db/act.ts';
import { IndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { partyId } from '@musubi/kernel/pki/party.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { denialFilesOf, insertDenialFile } from '../store/denial-files.ts';

export type TakeRefusal = 'bad-signature' | 'package-unreadable' | 'notice-number-used';

/**
 * Takes a month's file whole, or returns it whole with a word, and signs that. The municipality is who signs for it; one file a month counts;
 * the same file again has the same outcome.
 */
export const takeDenials = act('etax.take-denials', {
  right: ['etax', 'denied-dependant', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { readonly cover: string; readonly package: string },
    actor,
  ): Promise<Result<{ readonly receipt: string }, TakeRefusal>> {
    const read = readSigned(command.cover, denialCoverType, denialCover, deps.trust, deps.machineClock.now());
    if (!read.ok) return err('bad-signature');
    const { payload: cover, signer } = read.value;
    const sender = partyId(signer);
    const isSender = actor.kind === 'system' && partyId(actor) === sender;
    if (!isSender || deps.municipalities[cover.municipality] !== sender) return err('bad-signature');
    const opened = openJwe(command.package, {
      privateKey: deps.identity.encryption.key,
      typ: denialPackageType,
      members: denialPackageMembers,
      maxLength: 8_000_000,
    });
    const { noticeId, fileSha256 } = cover;
    if (!opened.ok) return err('package-unreadable');
    const { plaintext: file, members } = opened.value;
    if (members.noticeId !== noticeId || members.fileSha256 !== fileSha256) return err('package-unreadable');

    const files = await denialFilesOf(tx, cover.municipality);
    const known = files.find((one) => one.noticeId === noticeId);
    if (known !== undefined) {
      if (known.fileSha256 !== fileSha256) return err('notice-number-used');
      tx.record({ event: 'denied-dependants.received-again', detail: { notice: noticeId } });
      return ok({ receipt: receiptOf(deps, known) });
    }
    const counted = files.some(({ month, outcome }) => month === cover.month && outcome === 'received');
    const reason = counted ? 'month-already-received' : faultOf(cover, file);
    const sealed =
      reason === null
        ? await deps.sealed.seal(tx, file, {
            kind: 'denied-dependants',
            retentionClass: 'town',
            purpose: 'etax/denied-dependants',
          })
        : undefined;
    const { municipality, month, persons, records } = cover;
    const kept = {
      ...{ noticeId, municipality, month, persons, records, fileSha256, reason },
      outcome: reason === null ? ('received' as const) : ('returned' as const),
      sealedRef: sealed?.ref ?? null,
      receivedOn: deps.civilClock.today().toString(),
    };
    await insertDenialFile(tx, kept);
    tx.record({
      event: `denied-dependants.${kept.outcome}`,
      ground: '番号利用法 第19条第9号',
      facts: ['etax.denial_file'],
      detail: { notice: noticeId, month, records, ...(reason === null ? {} : { reason }) },
    });
    return ok({ receipt: receiptOf(deps, kept) });
  },
});

const receiptOf = (
  deps: Deps,
  { noticeId, fileSha256, outcome, reason, receivedOn }: Parameters<typeof insertDenialFile>[1],
): string =>
  signMessage(
    deps.identity,
    denialReceiptType,
    denialReceipt.parse({ v: 1, noticeId, fileSha256, outcome, reason, on: receivedOn }),
  );

/** What is wrong with a file as a whole; nothing of it is taken then. */
function faultOf(cover: DenialCover, file: Buffer): string | null {
  if (sha256Hex(file) !== cover.fileSha256) return 'digest-differs';
  const [head, ...records] = linesOf(file, z.union([denialFileHead, denialRecord]));
  if (head === undefined || !('salt' in head) || head.noticeId !== cover.noticeId) return 'head-differs';
  if (head.municipality !== cover.municipality) return 'other-municipality';
  const numbers = new Set<string>();
  for (const record of records) {
    if (record === undefined || 'salt' in record) return 'unreadable-record';
    const own = [record.individualNumber, ...(record.relativeNumber === null ? [] : [record.relativeNumber])];
    if (own.some((digits) => !IndividualNumber.parse(digits).ok)) return 'wrong-check-digit';
    numbers.add(record.individualNumber);
  }
  return records.length === cover.records && numbers.size === cover.persons ? null : 'record-count-differs';
}
