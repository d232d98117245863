import { createHash } from 'node:crypto';
import { type ReturnItems, readFlatItems, writeFlatItems } from '@musubi/contracts/tax-return/return-items.ts';
import { type WardReturnRecord, writeWardReturns } from '@musubi/contracts/tax-return/ward-return.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { authorityShown, type IdentityCheck, identityShown } from '@musubi/kernel/identifiers/identity-check.ts';
import { IndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../../deps.ts';
import { type ItemFault, isFormInForce, itemFault } from '../../domain/counter-forms.ts';
import { levyDateOf, wasResidentOn } from '../../domain/levy-date.ts';
import { withoutLongNumbers } from '../../domain/report-file.ts';
import {
  type CounterFiling,
  endCounterFiling,
  insertCounterFiling,
  lockCounterFiling,
  openCounterFilings,
  type Scope,
} from '../../store/counter-filings.ts';
import { addAnnounced, addIntake, nextBatchNumber } from '../../store/intake-files.ts';
import { insertKeyingStep } from '../../store/keying.ts';
import { personStates } from '../../store/persons.ts';

export type { CounterFiling };

const updating = ['resident-tax', 'intake', 'update'] as const;

export interface FileAtCounter {
  readonly incomeYear: number;
  readonly formId: string;
  readonly formVersion: string;
  readonly identity: IdentityCheck;
  readonly individualNumber: string;
  /** Elements of the form: code → what is written there. */
  readonly items: ReadonlyMap<string, string>;
  /** Where the person was on 1 January, if not here: asked only where the register does not say it. */
  readonly elsewhere?: { readonly scope: Exclude<Scope, 'resident'>; readonly detail: string } | undefined;
}

export type CounterRefusal =
  | 'not-staff'
  | 'form-not-in-force'
  | 'identity-not-checked'
  | 'proxy-authority-missing'
  | 'wrong-check-digit'
  | 'unreadable-item'
  | ItemFault
  | 'scope-not-decided';

/**
 * 窓口申告: one clerk enters the paper. Refused as a whole, with nothing kept, where the form is none in force, identity or authority was
 * not shown, the number's check digit is wrong, an item cannot be, or nobody decided whether the person is taxed here.
 *
 * @law 地方税法 第317条の2; 番号利用法 第16条
 */
export const fileAtCounter = act('resident-tax.file-at-counter', {
  right: updating,
  async run(
    tx,
    deps: Deps,
    command: FileAtCounter,
    actor: Actor,
  ): Promise<Result<{ readonly filingId: string; readonly scope: Scope }, CounterRefusal>> {
    if (actor.kind !== 'staff') return err('not-staff');
    const { incomeYear, formId, formVersion, identity } = command;
    if (!isFormInForce({ formId, version: formVersion, incomeYear })) return err('form-not-in-force');
    if (enforced('input.identity-check') && !identityShown(identity)) return err('identity-not-checked');
    if (enforced('input.proxy-authority') && !authorityShown(identity)) return err('proxy-authority-missing');
    const number = IndividualNumber.parse(command.individualNumber);
    if (!number.ok) return err('wrong-check-digit');
    const entry = entryOf(command.items, number.value);
    const read = readFlatItems(entry);
    if (!read.ok) return err('unreadable-item');
    const fault = itemFault(read.value.items, incomeYear);
    if (fault !== undefined) return err(fault);
    const resident = await isResident(tx, deps, number.value, incomeYear);
    const scope = resident ? 'resident' : command.elsewhere?.scope;
    const detail = command.elsewhere?.detail.trim() ?? '';
    if (enforced('input.scope-decision') && (scope === undefined || (scope !== 'resident' && detail === '')))
      return err('scope-not-decided');
    const sealed = await deps.sealed.seal(tx, Buffer.from(entry), {
      kind: 'counter-filing',
      retentionClass: 'tax-7y',
      purpose: 'resident-tax/counter',
    });
    const filingId = deps.newId();
    const decided = scope ?? 'resident';
    await insertCounterFiling(tx, {
      filingId,
      incomeYear,
      formId,
      formVersion,
      numberDocument: identity.numberDocument ?? '',
      identityDocuments: identity.identityDocuments,
      authorityDocument: identity.proxy?.authority ?? null,
      scope: decided,
      scopeDetail: decided === 'resident' ? null : detail,
      entryRef: sealed.ref,
      filedOn: deps.civilClock.today().toString(),
      enteredBy: actor.staffId,
      at: deps.machineClock.now(),
    });
    tx.record({
      event: 'counter-filing.entered',
      ground: '地方税法第317条の2第1項',
      subject: filingId,
      items: ['個人番号', 'ward-return'],
      facts: ['resident_tax.counter_filing'],
      detail: { incomeYear, scope: decided },
    });
    return ok({ filingId, scope: decided });
  },
});

/** As keyed sheets are written. What was typed stays as it is, so that it is judged by the same reader. */
const entryOf = (items: ReadonlyMap<string, string>, number: IndividualNumber): string =>
  writeFlatItems({ items, numbers: new Map([['ABA00125', number]]) });

/** Whether exactly one registered person holds the number and lived here on 1 January after the income year. */
async function isResident(tx: Tx, deps: Deps, number: IndividualNumber, incomeYear: number): Promise<boolean> {
  const held = (await deps.vault.holders(tx, number, 'resident-tax/counter')).filter(
    ({ holds, owner }) => holds && owner.startsWith('person:'),
  );
  const [only] = held;
  if (only === undefined || held.length > 1) return false;
  const states = await personStates(tx, only.owner.slice('person:'.length));
  return wasResidentOn(states, levyDateOf(incomeYear + 1));
}

/** What waits for the second person; names nobody. */
export const listCounterFilings = act('resident-tax.list-counter-filings', {
  right: ['resident-tax', 'intake', 'read'],
  async run(tx, _deps: Deps, _query: undefined): Promise<Result<readonly CounterFiling[], never>> {
    const open = await openCounterFilings(tx);
    tx.record({ event: 'counter-filing.list-read', detail: { open: open.length } });
    return ok(open);
  },
});

/** The entry for whoever compares it with the paper; the number stays closed. */
export const readCounterFiling = act('resident-tax.read-counter-filing', {
  right: ['resident-tax', 'intake', 'read'],
  async run(
    tx,
    deps: Deps,
    { filingId }: { readonly filingId: string },
  ): Promise<
    Result<{ readonly filing: CounterFiling; readonly items: ReadonlyMap<string, string> }, 'no-such-filing' | 'erased'>
  > {
    const filing = await lockCounterFiling(tx, filingId);
    if (filing === undefined) return err('no-such-filing');
    const opened = await deps.sealed.open(tx, filing.entryRef, 'resident-tax/counter');
    if (!opened.ok) return opened;
    tx.record({ event: 'counter-filing.read', subject: filingId, items: ['ward-return'] });
    return ok({ filing, items: entryItems(opened.value).items });
  },
});

function entryItems(bytes: Uint8Array): ReturnItems {
  const read = readFlatItems(Buffer.from(bytes).toString('utf8'));
  if (!read.ok) throw new Error(`a stored entry cannot be read: ${read.error.word}`);
  return read.value;
}

export type EndRefusal =
  | 'not-staff'
  | 'no-such-filing'
  | 'ended-before'
  | 'entered-by-oneself'
  | 'taxed-elsewhere'
  | 'number-differs'
  | 'note-missing'
  | 'erased';

/**
 * 二人目の照合: another clerk has the paper and types its number again. What agrees becomes a document like a keyed sheet, with both as
 * operators; what belongs elsewhere or differs is ended with a reason.
 */
export const compareCounterFiling = act('resident-tax.compare-counter-filing', {
  right: updating,
  async run(
    tx,
    deps: Deps,
    { filingId, individualNumber }: { readonly filingId: string; readonly individualNumber: string },
    actor: Actor,
  ): Promise<Result<{ readonly intakeId: string }, EndRefusal>> {
    const filing = await openFiling(tx, filingId, actor);
    if (!filing.ok) return filing;
    const { filing: f, by } = filing.value;
    if (enforced('input.scope-decision') && f.scope === 'elsewhere') return err('taxed-elsewhere');
    const opened = await deps.sealed.open(tx, f.entryRef, 'resident-tax/counter');
    if (!opened.ok) return opened;
    const entry = entryItems(opened.value);
    const typed = IndividualNumber.parse(individualNumber);
    const entered = entry.numbers.get('ABA00125');
    if (!typed.ok || entered === undefined || !typed.value.equals(entered)) return err('number-differs');
    const { deliveryId, intakeId } = await asDocument(tx, deps, f, entry, by);
    await endCounterFiling(tx, {
      filingId,
      outcome: 'compared',
      deliveryId,
      note: null,
      by,
      at: deps.machineClock.now(),
    });
    tx.record({
      event: 'counter-filing.compared',
      ground: '地方税法第317条の2第1項',
      subject: filingId,
      facts: [
        'resident_tax.counter_filing_end',
        'resident_tax.announced_delivery',
        'resident_tax.keying_step',
        'resident_tax.intake',
      ],
      detail: { intake: intakeId },
    });
    return ok({ intakeId });
  },
});

/** Returned to who entered it, or sent to the body where the person is taxed; both with what was found. */
export const closeCounterFiling = act('resident-tax.close-counter-filing', {
  right: updating,
  async run(
    tx,
    deps: Deps,
    command: { readonly filingId: string; readonly outcome: 'returned' | 'sent-on'; readonly note: string },
    actor: Actor,
  ): Promise<Result<undefined, EndRefusal>> {
    const filing = await openFiling(tx, command.filingId, actor);
    if (!filing.ok) return filing;
    const note = command.note.trim();
    if (note === '') return err('note-missing');
    const { by } = filing.value;
    await endCounterFiling(tx, { ...command, note, deliveryId: null, by, at: deps.machineClock.now() });
    tx.record({
      event: `counter-filing.${command.outcome}`,
      subject: command.filingId,
      facts: ['resident_tax.counter_filing_end'],
    });
    return ok(undefined);
  },
});

async function openFiling(
  tx: Tx,
  filingId: string,
  actor: Actor,
): Promise<Result<{ readonly filing: CounterFiling; readonly by: string }, EndRefusal>> {
  if (actor.kind !== 'staff') return err('not-staff');
  const filing = await lockCounterFiling(tx, filingId);
  if (filing === undefined) return err('no-such-filing');
  if (filing.outcome !== null) return err('ended-before');
  if (enforced('input.second-entry') && filing.enteredBy === actor.staffId) return err('entered-by-oneself');
  return ok({ filing, by: actor.staffId });
}

/** A batch of one sheet, verified by the second person as any other. */
async function asDocument(tx: Tx, deps: Deps, f: CounterFiling, entry: ReturnItems, by: string) {
  const today = deps.civilClock.today();
  const at = deps.machineClock.now();
  const [deliveryId, intakeId] = [deps.newId(), deps.newId()];
  const batchNumber = await nextBatchNumber(tx, today);
  const clock = at.toZonedDateTimeISO('Asia/Tokyo').toPlainDateTime().toString({ fractionalSecondDigits: 0 });
  const keyedAt = clock.replaceAll(/[^0-9]/g, '');
  const text = writeFlatItems(entry);
  const sheet: WardReturnRecord = {
    formKind: 'WR01',
    batchNumber,
    sheetNumber: 1,
    incomeYear: `${f.incomeYear}`,
    filedOn: Temporal.PlainDate.from(f.filedOn),
    municipality: deps.municipality,
    processing: 'keyed',
    keyedFrom: keyedAt,
    keyedUntil: keyedAt,
    operatorA: f.enteredBy,
    operatorB: by,
    entryA: text,
    entryB: text,
  };
  const written = writeWardReturns([sheet]);
  if (!written.ok) throw new Error(`a compared entry cannot be written: ${written.error.word}`);
  const file = written.value;
  const announced = {
    deliveryId,
    receptionNumber: batchNumber,
    procedure: 'ward-return' as const,
    incomeYear: f.incomeYear,
    payerNumber: ownCorporateNumber(deps),
    payerName: '窓口申告',
    records: 1,
  };
  await addAnnounced(tx, [announced], today);
  const sealed = await deps.sealed.seal(tx, file, {
    kind: 'tax-document-file',
    retentionClass: 'tax-7y',
    purpose: 'resident-tax/receive',
  });
  await addIntake(tx, {
    intakeId,
    deliveryId,
    receptionNumber: batchNumber,
    cover: '',
    incomeYear: f.incomeYear,
    sealedRef: sealed.ref,
    sizeBytes: file.length,
    maskedDigest: createHash('sha256').update(withoutLongNumbers(file)).digest(),
    recordCount: 1,
    on: today,
    at,
  });
  const step = { deliveryId, sheets: 1, otherSide: null, evidence: null, doneBy: by, on: today, at };
  await insertKeyingStep(tx, { ...step, step: 'verified' });
  return { deliveryId, intakeId };
}

/** 法人番号 of a local body: 000020 and its code, led by the check digit. @law 法人番号の指定等に関する省令 第2条 */
export const ownCorporateNumber = ({ municipality }: Deps): string => corporateNumberOf(municipality);

export function corporateNumberOf(municipality: string): string {
  const base = `000020${municipality}`;
  const sum = [...base].toReversed().reduce((total, digit, i) => total + Number(digit) * (i % 2 === 0 ? 1 : 2), 0);
  return `${9 - (sum % 9)}${base}`;
}
