import { createHash } from 'node:crypto';
import { storedZip } from '@musubi/contracts/printing/stored-zip.ts';
import { packageNumbersFile, writePackageNumbers } from '@musubi/contracts/special-collection/numbers.ts';
import { packageFiles } from '@musubi/contracts/special-collection/package.ts';
import { type Tk01, writeTk01 } from '@musubi/contracts/special-collection/tk01.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { subjectCheckCode } from '@musubi/kernel/documents/typesetter.ts';
import type { BatchDefinition, Reject } from '@musubi/kernel/jobs/definition.ts';
import { type RunOptions, runBatch } from '@musubi/kernel/jobs/run-batch.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { numberRef, type Vault } from '@musubi/kernel/vault/vault.ts';
import { type NumberRule, printsNumber } from '../../domain/number-rule.ts';
import { addressees } from '../../store/assessment-sources.ts';
import { getAssessments } from '../../store/assessments.ts';
import { noticeNumbersOf } from '../../store/charges.ts';
import { insertFiles } from '../../store/electronic-notices.ts';
import { channelOf, numberRefsOf } from '../../store/notice-channels.ts';
import * as store from '../../store/special-notices.ts';
import { assessOne } from '../assessment/assess-one.ts';
import { batchWork } from '../assessment/functions.ts';
import { agrees } from '../assessment/read.ts';
import type { OrderParams } from '../assessment/run.ts';
import type { NoticeDeps } from '../notices/notice-deps.ts';
import { guardedOf } from '../persons/guarded.ts';
import { filesForEmployees } from './employee-files.ts';
import {
  employeeNotices,
  type NoticeHead,
  type PersonOfNotice,
  payerNotice,
  summaryOf,
} from './special-notice-data.ts';
import { tk01Of } from './tk01-line.ts';

const monthsInOrder = [6, 7, 8, 9, 10, 11, 12, 1, 2, 3, 4, 5];

/** What the run was told before it began. */
interface RunDeps extends SpecialNoticeDeps {
  /** 団体内統合宛名番号 of those who are protected now; the own register's flag counts besides. */
  readonly guarded: ReadonlySet<string>;
}
export interface SpecialNoticeDeps extends NoticeDeps {
  readonly vault: Pick<Vault, 'revealMany'>;
  /** Whether Individual Numbers stand on notices, by channel and day. */
  readonly numberRules: readonly NumberRule[];
}

interface Candidate extends PersonOfNotice {
  readonly ord: number;
  readonly assessmentId: string;
  readonly personId: string;
  readonly reportId: string;
}

/**
 * 特別徴収税額通知の一括作成: for each payer one notice of all its persons whose tax is new or changed: the electronic package, and a
 * page for each person. Who cannot be told exactly is in the reject list and in no notice.
 *
 * @law 地方税法 第321条の4, 第321条の6
 */
const specialNoticeRun: BatchDefinition<RunDeps, OrderParams> = {
  name: 'resident-tax.special-notices',
  right: batchWork,
  steps: [
    {
      name: 'payers',
      async total(tx, _deps, { orderId, fiscalYear }) {
        return ok(await store.coverUntold(tx, orderId, fiscalYear));
      },
      async chunk(tx, deps, { params, cursor }) {
        await store.lockSpecialNotices(tx, params.fiscalYear);
        const payer = await store.nextPayer(tx, params.orderId, cursor ?? '');
        const made = payer === undefined ? nothing : await tellPayer(tx, deps, params, payer);
        tx.record({
          event: 'special-notice.issued',
          ground: '地方税法 第321条の4, 第321条の6',
          ...(payer === undefined ? {} : { recipient: payer.designationNumber }),
          subjects: made.told,
          items: made.numbers ? ['地方税関係情報', '個人番号'] : ['地方税関係情報'],
          ...(made.told.length > 0
            ? {
                facts: [
                  'resident_tax.special_notice',
                  'resident_tax.special_notice_person',
                  ...(made.files ? ['resident_tax.special_notice_files'] : []),
                ],
              }
            : {}),
          detail: { order: params.orderId, persons: made.told.length, rejected: made.rejects.length },
        });
        return ok({
          next: payer?.designationNumber ?? null,
          in: payer?.items.length ?? 0,
          out: made.told.length,
          rejects: made.rejects,
        });
      },
    },
  ],
};

const personsToTell = act('resident-tax.read-persons-of-special-run', {
  right: batchWork,
  async run(tx, _deps: SpecialNoticeDeps, { orderId, fiscalYear }: OrderParams) {
    const persons = await store.personsToTell(tx, orderId, fiscalYear);
    tx.record({ event: 'special-notice.persons-read', detail: { order: orderId, persons: persons.length } });
    return ok(persons);
  },
});

/** Works an order: the platform is asked who is protected before the first notice is set; without its answer the order waits. */
export async function runSpecialNotices(
  deps: SpecialNoticeDeps,
  actor: Actor,
  params: OrderParams,
  options: RunOptions = {},
) {
  const persons = await personsToTell(deps, actor, params);
  if (!persons.ok) return persons;
  const guarded = await guardedOf(deps, persons.value);
  return guarded.ok ? runBatch({ ...deps, guarded: guarded.value }, actor, specialNoticeRun, params, options) : guarded;
}

interface Told {
  readonly told: readonly string[];
  readonly rejects: readonly Reject[];
  readonly numbers: boolean;
  /** Whether files were made for the payer's people. */
  readonly files: boolean;
}
const nothing: Told = { told: [], rejects: [], numbers: false, files: false };

async function tellPayer(tx: Tx, deps: RunDeps, params: OrderParams, payer: store.OrderedPayer): Promise<Told> {
  const { designationNumber } = payer;
  const { fiscalYear, orderId } = params;
  const issuedOn = deps.civilClock.today();
  const sequence = await store.nextSequence(tx, fiscalYear, designationNumber);
  const head: NoticeHead = {
    fiscalYear,
    issuedOn,
    sequence,
    collector: { name: payer.name, designationNumber },
    office: deps.office,
  };
  const { candidates, rejects } = await candidatesOf(tx, deps, fiscalYear, payer, issuedOn);
  const noticeId = deps.newId();
  const channel = (await channelOf(tx, designationNumber))?.channel ?? 'electronic';
  const numbersPrinted = printsNumber(deps.numberRules, channel, issuedOn);
  const digits = numbersPrinted ? await digitsOf(tx, deps, candidates) : undefined;
  // Data go with their numbers in a file of their own; on paper they stand in the one document.
  const printed = channel === 'paper' ? digits : undefined;
  const set = await setWithout(deps, { ...head, digits: printed }, candidates, rejects, noticeId);
  if (set === undefined) return { ...nothing, rejects };

  const lines = set.persons.map((one) => one.line);
  const content =
    channel === 'paper'
      ? Buffer.from(set.payer.pdf)
      : packageOf(head, set, lines, digits && inOrder(digits, set.persons));
  const seal = async (bytes: Uint8Array): Promise<string> => {
    const { ref } = await deps.sealed.seal(tx, bytes, {
      kind: 'special-notice',
      retentionClass: 'tax-7y',
      purpose: 'resident-tax/issue-special-notice',
    });
    return ref;
  };
  const digest = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();
  await store.insertSpecialNotice(
    tx,
    {
      noticeId,
      orderId,
      designationNumber,
      fiscalYear,
      sequenceNo: sequence,
      persons: lines.length,
      totalYen: lines.reduce((total, line) => total + line.collectedYen, 0),
      pages: set.payer.pages,
      packageSha256: digest(content),
      packageBytes: content.length,
      packageRef: await seal(content),
      employeesSha256: digest(set.employees.pdf),
      employeesRef: await seal(set.employees.pdf),
      channel,
      numbersPrinted,
      issuedOn,
      issuedAt: deps.machineClock.now(),
    },
    set.persons.map(({ line, personId, assessmentId, reportId }) => ({
      personId,
      assessmentId,
      reportId,
      kind: line.kind === 'first' ? ('first' as const) : ('change' as const),
      sequenceNo: line.sequence,
      collectedYen: line.collectedYen,
    })),
  );
  const files = channel === 'electronic' ? await filesForEmployees(tx, deps, head, set.persons, noticeId) : undefined;
  if (files !== undefined)
    await insertFiles(tx, {
      noticeId,
      files: files.passwords.size,
      sha256: digest(files.content),
      filesRef: await seal(files.content),
      passwordsRef: await seal(Buffer.from(JSON.stringify([...files.passwords]))),
      paperRows: files.paperRows,
    });
  return {
    told: set.persons.map((one) => one.personId),
    rejects,
    numbers: numbersPrinted,
    files: files !== undefined,
  };
}

/** Numbers by person: revealed for the notice of one payer, whose people they are, under the run's own event. */
async function digitsOf(
  tx: Tx,
  deps: SpecialNoticeDeps,
  candidates: readonly Candidate[],
): Promise<ReadonlyMap<string, string>> {
  const refs = await numberRefsOf(
    tx,
    candidates.map((one) => one.personId),
  );
  const persons = [...refs.keys()];
  const numbers = await deps.vault.revealMany(tx, [...refs.values()].map(numberRef), 'resident-tax/special-notice');
  return new Map(persons.map((personId, i) => [personId, numbers[i]?.digits() ?? '']));
}
const inOrder = (digits: ReadonlyMap<string, string>, persons: readonly Candidate[]): readonly string[] =>
  persons.map((one) => digits.get(one.personId) ?? '');

function packageOf(
  head: NoticeHead,
  set: SetNotice,
  lines: readonly Tk01[],
  digits: readonly string[] | undefined,
): Buffer {
  return storedZip([
    { name: packageFiles.lines, content: Buffer.from(writeTk01(lines)) },
    { name: packageFiles.paper, content: Buffer.from(set.payer.pdf) },
    { name: packageFiles.summary, content: Buffer.from(summaryOf(head, lines)) },
    ...(digits === undefined ? [] : [{ name: packageNumbersFile, content: Buffer.from(writePackageNumbers(digits)) }]),
  ]);
}

async function candidatesOf(
  tx: Tx,
  deps: RunDeps,
  fiscalYear: number,
  { designationNumber, items }: store.OrderedPayer,
  issuedOn: Temporal.PlainDate,
): Promise<{ readonly candidates: readonly Candidate[]; readonly rejects: Reject[] }> {
  const levies = await getAssessments(
    tx,
    items.map((item) => item.assessmentId),
  );
  const personIds = levies.map((levy) => levy.personId);
  const persons = await addressees(tx, personIds);
  const reports = await store.reportsOfPayer(tx, fiscalYear, designationNumber, personIds);
  const numbers = new Map(
    (await noticeNumbersOf(tx, personIds))
      .filter((one) => one.fiscalYear === fiscalYear)
      .map((one) => [one.personId, one.noticeNumber]),
  );
  const before = await store.toldBefore(tx, fiscalYear, designationNumber, personIds);
  const charged = Map.groupBy(
    await store.specialMonthsOf(tx, fiscalYear, designationNumber, personIds),
    (row) => row.personId,
  );
  const rejects: Reject[] = [];
  const candidates = items.flatMap(({ ord, assessmentId }): readonly Candidate[] => {
    const refuse = (code: string): readonly Candidate[] => {
      rejects.push({ rowNumber: ord, code, ref: assessmentId });
      return [];
    };
    const levy = levies.find((one) => one.assessmentId === assessmentId);
    const person = levy && persons.get(levy.personId);
    if (levy === undefined || person === undefined) throw new Error('a charged levy without its facts');
    const report = reports.get(levy.personId);
    if (report === undefined) return refuse('no-report-of-payer');
    const explained = assessOne(levy.input);
    if (!agrees(levy, explained)) return refuse('does-not-agree-with-reasons');
    const parts = charged.get(levy.personId) ?? [];
    const months = monthsInOrder.map((month) => parts.find((part) => part.instalment === month)?.amountYen ?? 0);
    const line = tk01Of({
      fiscalYear,
      municipality: deps.municipality,
      designationNumber,
      recipientNumber: report.recipientNumber,
      issuedOn,
      person: deps.guarded.has(person.orgPersonNumber) ? { ...person, addressProtected: true } : person,
      explained,
      months,
      noticeNumber: numbers.get(levy.personId),
      before: before.get(levy.personId),
    });
    return [{ ord, assessmentId, personId: levy.personId, reportId: report.reportId, line, explained }];
  });
  return { candidates, rejects };
}

/** `digits`: by person, where the paper is to bear them. */
type HeadAndNumbers = NoticeHead & { readonly digits: ReadonlyMap<string, string> | undefined };

interface SetNotice {
  readonly persons: readonly Candidate[];
  readonly payer: { readonly pdf: Uint8Array; readonly pages: number };
  readonly employees: { readonly pdf: Uint8Array; readonly pages: number };
}

/** Sets both documents; who cannot be printed exactly goes to `rejects`, and the rest is set without them. */
async function setWithout(
  deps: NoticeDeps,
  head: HeadAndNumbers,
  all: readonly Candidate[],
  rejects: Reject[],
  noticeId: string,
): Promise<SetNotice | undefined> {
  let persons = all;
  while (persons.length > 0) {
    const set = await setBoth(deps, head, persons, noticeId);
    if (set.ok) return set.value;
    const { at, field } = set.error;
    const [out] = persons.slice(at, at + 1);
    if (out === undefined) throw new Error(`the head of a notice cannot be printed: ${field}`);
    rejects.push({ rowNumber: out.ord, code: 'unprintable-character', field, ref: out.assessmentId });
    persons = persons.filter((one) => one !== out);
  }
  return undefined;
}

async function setBoth(
  deps: NoticeDeps,
  head: HeadAndNumbers,
  persons: readonly Candidate[],
  noticeId: string,
): Promise<Result<SetNotice, { readonly at: number; readonly field: string }>> {
  const documentId = `TK-${head.fiscalYear}-${head.collector.designationNumber}-${head.sequence}`;
  const request = {
    documentId,
    subjectCheck: subjectCheckCode(deps.subjectCheckKey, documentId, noticeId),
    issuedAt: deps.machineClock.now(),
  };
  const payer = await deps.typesetter.render({
    ...request,
    template: 'special-notice-payer.typ',
    title: '特別徴収税額の決定・変更通知書（特別徴収義務者用）',
    data: payerNotice(head, persons, head.digits && inOrder(head.digits, persons)),
  });
  if (!payer.ok) return err(placeOf(payer.error.characters[0]?.path ?? ''));
  const employees = await deps.typesetter.render({
    ...request,
    template: 'special-notice-employees.typ',
    title: '特別徴収税額の決定・変更通知書（納税義務者用）',
    data: employeeNotices(head, persons),
  });
  if (!employees.ok) return err(placeOf(employees.error.characters[0]?.path ?? ''));
  return ok({ persons, payer: payer.value, employees: employees.value });
}

/** `persons.3.name` or `persons[3].name`: the fourth person's name. */
function placeOf(path: string): { readonly at: number; readonly field: string } {
  const [, index, field] = /^persons[.[](\d+)\]?\.(\w+)/.exec(path) ?? [];
  return index === undefined ? { at: -1, field: path } : { at: Number(index), field: field ?? '' };
}
