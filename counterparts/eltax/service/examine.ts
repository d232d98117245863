import assert from 'node:assert/strict';
import { pensionReportLayout } from '@musubi/contracts/pension-report/layout.ts';
import { oneStopLayout } from '@musubi/contracts/tax-return/one-stop-notice.ts';
import { taxReturnLayout } from '@musubi/contracts/tax-return/tax-return.ts';
import { layoutFromReiwa7, layoutUntilReiwa6 } from '@musubi/contracts/wage-report/layout.ts';
import { act, look } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { examine, type FormColumns, type Part } from '../domain/examine.ts';
import { insertDelivery } from '../store/deliveries.ts';
import { findExamination, insertExamination, lockReception, type Reception, unexamined } from '../store/receptions.ts';
import { storedNow } from './payer.ts';

/** Receptions that wait for their examination, oldest first. */
export const awaitingExamination = look('eltax.awaiting-examination', {
  right: ['eltax', 'examination', 'read'],
  run: (tx, _deps: Deps, limit: number) => unexamined(tx, limit),
});

/** 審査: the whole file is delivered, split by destination, or returned with its reasons. One transaction, once. */
export const examineReception = act('eltax.examine', {
  right: ['eltax', 'examination', 'update'],
  async run(
    tx,
    deps: Deps,
    { receptionId }: { receptionId: string },
  ): Promise<Result<{ result: 'accepted' | 'returned' }, 'no-such-reception' | 'already-examined' | 'erased'>> {
    const reception = await lockReception(tx, receptionId);
    if (reception === undefined) return err('no-such-reception');
    if ((await findExamination(tx, receptionId)) !== undefined) return err('already-examined');
    const file = await deps.sealed.open(tx, reception.fileRef, 'eltax/examine');
    if (!file.ok) return file;

    const form = forms[reception.procedure];
    const examined = examine(file.value, {
      records: reception.statedRecords,
      payerNumber: reception.payerNumber,
      incomeYear: form.westernYear ? `${reception.incomeYear}` : eraYear(reception.incomeYear),
      formKind: form.kind,
      stated: reception.summaries.map((summary) => summary.municipality),
      columnsOf: form.columnsOf,
    });
    const at = storedNow(deps);
    const parts = examined.outcome === 'accepted' ? examined.parts : [];
    const reasons = examined.outcome === 'returned' ? examined.reasons : [];
    await insertExamination(tx, receptionId, { result: examined.outcome, records: examined.records, reasons }, at);
    for (const part of parts) await makeDelivery(tx, deps, reception, part, at);
    tx.record({
      event: `reception.${examined.outcome}`,
      facts: parts.length > 0 ? ['eltax.examination', 'eltax.delivery'] : ['eltax.examination'],
      detail: {
        reception: reception.receptionNumber,
        records: examined.records,
        destinations: parts.map((part) => part.municipality).join(' '),
        reasons: reasons.map((reason) => reason.code).join(' '),
      },
    });
    return ok({ result: examined.outcome });
  },
});

async function makeDelivery(tx: Tx, deps: Deps, reception: Reception, part: Part, at: Temporal.Instant): Promise<void> {
  const sealed = await deps.sealed.seal(tx, part.bytes, {
    kind: 'eltax-delivery',
    retentionClass: 'filing-7y',
    purpose: 'eltax/examine',
  });
  await insertDelivery(tx, {
    deliveryId: deps.newId(),
    receptionId: reception.receptionId,
    municipality: part.municipality,
    records: part.records,
    fileRef: sealed.ref,
    fileLength: part.bytes.length,
    availableAt: at,
  });
}

/** 年分 as column 11 writes it: 令和 from 2019, 平成 before. */
const eraYear = (year: number): string => String(year >= 2019 ? year - 2018 : year - 1988).padStart(2, '0');

interface Form {
  /** What the first column says. */
  readonly kind: string;
  readonly westernYear: boolean;
  readonly columnsOf: (count: number) => FormColumns | undefined;
}

type Names = { readonly [K in keyof FormColumns]: string };

function placesIn({ fields }: { readonly fields: readonly { readonly name: string }[] }, names: Names): FormColumns {
  const at = (name: string): number => {
    const found = fields.findIndex((field) => field.name === name);
    assert(found >= 0, name);
    return found;
  };
  return {
    form: at(names.form),
    incomeYear: at(names.incomeYear),
    ...(names.payerNumber === undefined ? {} : { payerNumber: at(names.payerNumber) }),
    municipality: at(names.municipality),
  };
}

const unified = {
  form: 'formKind',
  incomeYear: 'incomeYearInEra',
  payerNumber: 'payerNumber',
  municipality: 'municipality',
} as const;
const western = { form: 'formKind', municipality: 'municipality' } as const;
const wage: ReadonlyMap<number, FormColumns> = new Map(
  [layoutFromReiwa7, layoutUntilReiwa6].map((layout) => [layout.fields.length, placesIn(layout, unified)]),
);
const pension = placesIn(pensionReportLayout, unified);
const taxReturn = placesIn(taxReturnLayout, { ...western, incomeYear: 'incomeYear' });
const oneStop = placesIn(oneStopLayout, { ...western, incomeYear: 'donationYear' });

const forms: Readonly<Record<Reception['procedure'], Form>> = {
  'salary-payment-report': { kind: '315', westernYear: false, columnsOf: (count) => wage.get(count) },
  'pension-payment-report': {
    kind: '331',
    westernYear: false,
    columnsOf: (count) => (count === pensionReportLayout.fields.length ? pension : undefined),
  },
  'tax-return': {
    kind: 'KZ01',
    westernYear: true,
    // Commas within the quoted return come after the places that are looked at.
    columnsOf: (count) => (count >= taxReturnLayout.fields.length ? taxReturn : undefined),
  },
  'one-stop-notice': {
    kind: 'ST01',
    westernYear: true,
    columnsOf: (count) => (count === oneStopLayout.fields.length ? oneStop : undefined),
  },
};
