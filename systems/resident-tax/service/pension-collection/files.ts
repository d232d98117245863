import {
  type PensionFile,
  type PensionFileKind,
  pensionFileName,
  pensionTotals,
  readPensionFile,
  writePensionFile,
} from '@musubi/contracts/pension-collection/files.ts';
import { lastDayFor } from '@musubi/contracts/pension-collection/months.ts';
import { sha256 } from '@musubi/kernel/crypto/digest.ts';
import { type Actor, act, look } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { SealedId } from '@musubi/kernel/vault/sealed/sealed-store.ts';
import { yen } from '@musubi/kernel/yen/yen.ts';
import { giveFile } from '../../clients/pension.ts';
import { provisionalParts } from '../../domain/collection.ts';
import * as store from '../../store/pension-collection.ts';
import { insurer, type PensionDeps, pensionUpdate } from './functions.ts';

/**
 * 特別徴収依頼: what each pension is to bear, as it stands now and was not asked yet: 本徴収 of the year, and 仮徴収 of the next from the same
 * tax. One file a month (002 L341); a month whose last day is over is asked no more.
 *
 * @law 地方税法 第321条の7の5, 第321条の7の8
 */
export const prepareOrders = act('resident-tax.prepare-pension-orders', {
  right: pensionUpdate,
  async run(tx, deps: PensionDeps, { fiscalYear }: { readonly fiscalYear: number }) {
    await store.lockPensionFiles(tx);
    const today = deps.civilClock.today();
    if (await store.orderedInMonth(tx, fiscalYear, today)) return err('ordered-this-month');
    const charged = await store.chargedMonths(tx, fiscalYear);
    const wanted = [...charged, ...(await provisionalOrders(tx, fiscalYear, charged))];
    const rows = wanted.filter(
      ({ month, amountYen, askedYen }) =>
        amountYen !== (askedYen ?? 0) && Temporal.PlainDate.compare(today, lastDayFor(month)) <= 0,
    );
    if (rows.length === 0) return err('nothing-to-order');
    return ok(await writeFile(tx, deps, { kind: 'orders', fiscalYear, rows }));
  },
});

/** 仮徴収 of the next year from half of this year's tax, before 減免 (INC-18). */
async function provisionalOrders(
  tx: Tx,
  fiscalYear: number,
  charged: readonly store.WantedOrder[],
): Promise<store.WantedOrder[]> {
  const taxes = await store.pensionYearTax(tx, fiscalYear);
  const asked = new Map(
    (
      await store.askedFor(
        tx,
        [4, 6, 8].map((month) => `${fiscalYear + 1}-0${month}`),
      )
    ).map((one) => [`${one.personId} ${one.month}`, one.amountYen]),
  );
  const persons = Map.groupBy(charged, (one) => one.personId);
  return [...persons].flatMap(([personId, [first]]) => {
    const tax = taxes.get(personId);
    if (first === undefined || tax === undefined) return [];
    return provisionalParts(yen(tax)).map((amountYen, i) => {
      const month = `${fiscalYear + 1}-0${[4, 6, 8][i]}`;
      return { ...first, month, amountYen, askedYen: asked.get(`${personId} ${month}`) ?? null };
    });
  });
}

/** 中止依頼: every stop that stands in no file yet, at once and on any day. */
export const prepareStops = act('resident-tax.prepare-pension-stops', {
  right: pensionUpdate,
  async run(tx, deps: PensionDeps, _command: undefined) {
    await store.lockPensionFiles(tx);
    const stops = await store.stopsToSend(tx);
    const [first] = stops;
    if (first === undefined) return err('nothing-to-stop');
    const { fiscalYear } = first;
    const ofYear = stops.filter((stop) => stop.fiscalYear === fiscalYear);
    const rows = ofYear.map((stop) => ({ ...stop, month: stop.fromMonth, amountYen: 0 }));
    return ok(await writeFile(tx, deps, { kind: 'stops', fiscalYear, rows, stops: ofYear }));
  },
});

async function writeFile(
  tx: Tx,
  deps: PensionDeps,
  of: {
    readonly kind: 'orders' | 'stops';
    readonly fiscalYear: number;
    readonly rows: readonly store.PensionFileRow[];
    readonly stops?: readonly store.StopToSend[];
  },
): Promise<{ readonly fileName: string; readonly persons: number; readonly totalYen: number }> {
  const { kind, fiscalYear, rows } = of;
  const madeOn = deps.civilClock.today();
  const head = {
    municipality: deps.municipality,
    insurer,
    fiscalYear,
    number: await store.nextFileNumber(tx, kind, fiscalYear),
    madeOn: madeOn.toString(),
  };
  const file: PensionFile<'orders'> | PensionFile<'stops'> =
    kind === 'orders' ? { ...head, kind, rows } : { ...head, kind, rows: of.stops ?? [] };
  const content = file.kind === 'orders' ? writePensionFile<'orders'>(file) : writePensionFile<'stops'>(file);
  const fileName = pensionFileName(file);
  const totals = pensionTotals<PensionFileKind>(file.kind, file.rows);
  const { ref } = await deps.sealed.seal(tx, content, {
    kind: `pension-${kind}`,
    retentionClass: 'tax-7y',
    purpose: 'resident-tax/pension-collection',
  });
  await store.insertFile(
    tx,
    { fileName, kind, fiscalYear, number: head.number, ...totals, sha256: sha256(content), sealedRef: ref, madeOn },
    rows,
  );
  tx.record({
    event: `pension-${kind}.prepared`,
    ground: '番号利用法 第19条第1号, 地方税法 第321条の7の5',
    recipient: deps.pension,
    subjects: [...new Set(rows.map((row) => row.personId))],
    items: ['年金特別徴収税額'],
    facts: ['resident_tax.pension_file', 'resident_tax.pension_file_row'],
    detail: { file: fileName, ...totals },
  });
  return { fileName, persons: totals.persons, totalYen: totals.totalYen };
}

const unreceived = look('resident-tax.look-at-pension-files', {
  right: pensionUpdate,
  run: (tx, _deps: PensionDeps, _query: undefined) => store.filesOf(tx, { unreceived: true }),
});
const openContent = act('resident-tax.open-pension-file', {
  right: pensionUpdate,
  async run(tx, deps: PensionDeps, { file }: { readonly file: store.PensionFileState }) {
    const opened = await deps.sealed.open(tx, file.sealedRef as SealedId, 'resident-tax/pension-collection');
    if (!opened.ok) return err('erased');
    if (!sha256(opened.value).equals(file.sha256)) return err('file-altered');
    tx.record({ event: 'pension-file.sent', recipient: deps.pension, detail: { file: file.fileName } });
    return ok(opened.value);
  },
});
const noteAnswer = act('resident-tax.note-pension-receipt', {
  right: pensionUpdate,
  async run(
    tx,
    deps: PensionDeps,
    { fileName, answer }: { readonly fileName: string; readonly answer: Awaited<ReturnType<typeof giveFile>> },
  ): Promise<Result<null, never>> {
    const at = deps.machineClock.now();
    if (!answer.ok) {
      await store.insertAttempt(tx, fileName, answer.error, at);
      tx.record({
        event: 'pension-file.not-received',
        facts: ['resident_tax.pension_file_attempt'],
        detail: { file: fileName, word: answer.error },
      });
      return ok(null);
    }
    const { receipt, signed } = answer.value;
    const first = await store.insertReceipt(
      tx,
      fileName,
      { signed, receivedOn: receipt.receivedOn, at },
      receipt.refused,
    );
    tx.record({
      event: 'pension-file.received',
      ...(first
        ? {
            facts: [
              'resident_tax.pension_file_receipt',
              ...(receipt.refused.length > 0 ? ['resident_tax.pension_file_refused'] : []),
            ],
          }
        : {}),
      detail: { file: fileName, receipt: receipt.receiptNumber, refused: receipt.refused.length },
    });
    return ok(null);
  },
});

/** Sends every file that has no receipt, the same bytes under the same name until there is one. */
export async function sendFiles(deps: PensionDeps, actor: Actor): Promise<number> {
  const files = await unreceived(deps, actor, undefined);
  if (!files.ok) throw new Error(files.error);
  let received = 0;
  for (const file of files.value) {
    const content = await openContent(deps, actor, { file });
    if (!content.ok) throw new Error(content.error);
    const answer = await giveFile(deps, file.fileName, content.value, deps.machineClock.now());
    await noteAnswer(deps, actor, { fileName: file.fileName, answer });
    if (answer.ok) received += 1;
  }
  return received;
}

/** 徴収結果: what was kept back, beside what was asked. */
export const receiveResults = act('resident-tax.receive-pension-results', {
  right: pensionUpdate,
  async run(tx, deps: PensionDeps, { fileName, content }: { readonly fileName: string; readonly content: Uint8Array }) {
    const read = readPensionFile(content, 'results');
    if (!read.ok || read.value.municipality !== deps.municipality) return err('file-unreadable');
    await store.lockPensionFiles(tx);
    const added = await store.insertResults(tx, fileName, read.value.rows);
    const short = read.value.rows.filter((row) => row.withheldYen !== row.orderedYen).length;
    tx.record({
      event: 'pension-results.received',
      items: ['年金特別徴収結果'],
      ...(added > 0 ? { facts: ['resident_tax.pension_result'] } : {}),
      detail: { file: fileName, records: read.value.rows.length, new: added, short },
    });
    return ok({ received: added, short });
  },
});
