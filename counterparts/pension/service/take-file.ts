import { signMessage } from '@musubi/contracts/exchange/signed.ts';
import {
  type PensionFile,
  pensionFileName,
  pensionTotals,
  readPensionFile,
} from '@musubi/contracts/pension-collection/files.ts';
import { type PensionReceipt, pensionReceiptType } from '@musubi/contracts/pension-collection/line.ts';
import { lastDayFor } from '@musubi/contracts/pension-collection/months.ts';
import { sha256 } from '@musubi/kernel/crypto/digest.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import * as store from '../store/books.ts';

export const municipalityOf = (deps: Deps, actor: Actor): string | undefined =>
  actor.kind === 'system' ? deps.municipalities[`${actor.organisation}/${actor.system}`] : undefined;

type Refused = PensionReceipt['refused'][number];

/**
 * 依頼・中止の受付: read strictly, by its name, whole; records that cannot be kept are named in the receipt, which is signed. The same
 * file again is answered with the same receipt.
 *
 * @law 地方税法 第321条の7の5, 第321条の7の9
 */
export const takeFile = act('pension.take-file', {
  right: ['pension', 'collection', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { readonly fileName: string; readonly content: Uint8Array },
    actor,
  ): Promise<
    Result<{ readonly receipt: string }, 'not-a-municipality' | 'wrong-file-name' | 'file-unreadable' | 'number-used'>
  > {
    const municipality = municipalityOf(deps, actor);
    if (municipality === undefined) return err('not-a-municipality');
    const kind = /^NT_[0-9]{6}_[0-9]{4}_(orders|stops)_[0-9]{3}\.csv$/.exec(command.fileName)?.[1];
    if (kind !== 'orders' && kind !== 'stops') return err('wrong-file-name');
    await store.lockMunicipality(tx, municipality);
    const digest = sha256(command.content);
    const known = await store.findReceived(tx, command.fileName);
    if (known !== undefined) {
      if (!digest.equals(known.sha256)) return err('number-used');
      tx.record({ event: 'file.received-again', detail: { file: command.fileName } });
      return ok({ receipt: known.receipt });
    }
    const read = readPensionFile(command.content, kind);
    if (!read.ok || read.value.municipality !== municipality || read.value.insurer !== deps.insurer)
      return err('file-unreadable');
    const file = read.value as PensionFile<'orders'> | PensionFile<'stops'>;
    if (pensionFileName(file) !== command.fileName) return err('wrong-file-name');
    const refused = await refusedOf(tx, deps, municipality, file);
    const receipt: PensionReceipt = {
      v: 1,
      receiptNumber: deps.newId(),
      fileName: command.fileName,
      sha256: digest.toString('hex'),
      municipality,
      ...pensionTotals<'orders' | 'stops'>(file.kind, file.rows),
      receivedOn: deps.civilClock.today().toString(),
      refused,
    };
    const signed = signMessage(deps.identity, pensionReceiptType, receipt);
    await store.insertReceived(tx, {
      fileName: command.fileName,
      municipality,
      kind,
      sha256: digest,
      receipt: signed,
      receivedOn: deps.civilClock.today(),
    });
    const out = new Set(refused.map(({ record }) => record));
    const taken = file.rows.filter((_row, i) => !out.has(i + 1));
    if (file.kind === 'orders') await store.insertOrders(tx, command.fileName, taken as PensionFile<'orders'>['rows']);
    else await store.insertStops(tx, command.fileName, taken as PensionFile<'stops'>['rows']);
    const facts = ['pension.file_received'];
    if (taken.length > 0) facts.push(file.kind === 'orders' ? 'pension.deduction_order' : 'pension.deduction_stop');
    tx.record({
      event: 'file.received',
      facts,
      detail: { file: command.fileName, records: file.rows.length, refused: refused.length },
    });
    return ok({ receipt: signed });
  },
});

async function refusedOf(
  tx: Tx,
  deps: Deps,
  municipality: string,
  file: PensionFile<'orders'> | PensionFile<'stops'>,
): Promise<Refused[]> {
  const recipients = new Map(
    (await store.recipientsOf(tx, municipality)).map((one) => [`${one.pensionNumber} ${one.pensionCode}`, one]),
  );
  const today = deps.civilClock.today();
  const refused: Refused[] = [];
  for (const [i, row] of file.rows.entries()) {
    const recipient = recipients.get(`${row.pensionNumber} ${row.pensionCode}`);
    const month = 'month' in row ? row.month : row.fromMonth;
    const word: Refused['word'] | undefined =
      recipient === undefined
        ? 'unknown-person'
        : Temporal.PlainDate.compare(today, lastDayFor(month)) > 0
          ? 'too-late'
          : 'month' in row
            ? row.amountYen > Math.trunc(recipient.annualYen / 6)
              ? 'more-than-pension'
              : undefined
            : (await store.hasOrderFrom(tx, row, month))
              ? undefined
              : 'no-order-stands';
    if (word !== undefined) refused.push({ record: i + 1, word });
  }
  return refused;
}
