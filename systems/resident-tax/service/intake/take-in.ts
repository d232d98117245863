import type { SheetCorrections } from '@musubi/contracts/tax-return/ward-return.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { batchUseCases } from '@musubi/kernel/jobs/control.ts';
import type { BatchDefinition, ChunkDone, Reject } from '@musubi/kernel/jobs/definition.ts';
import type { Fault, Outcome } from '@musubi/kernel/records/faults.ts';
import { err, ok } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../../deps.ts';
import { nextPiece, type Piece } from '../../domain/report-file.ts';
import { addOutcome, findIntake, type Procedure } from '../../store/intake-files.ts';
import { addCandidates, addFirstSteps, type NewStep } from '../../store/intake-matching.ts';
import { addFaults, addReports, countReports, type NewReport } from '../../store/intake-reports.ts';
import { correctionsOf, isVerified, type SheetCorrection } from '../../store/keying.ts';
import { type Compared, compareReports } from './compare.ts';
import { documentReaders } from './document-readers.ts';
import { type FiledDocument, reportOwner, type Separated, separate } from './report-from-record.ts';
import { endedBy, placeMany, type Superseded, supersede } from './settle.ts';

export type TakeInParams = { readonly intakeId: string };

/**
 * 取込: the records of one received file become reports with their person, or stand in the reject list. A chunk's reports, matches,
 * rejects and checkpoint commit together; the file's outcome commits with its last chunk (in = accepted + rejected).
 *
 * @law 地方税法 第317条の6; 番号利用法 第9条第1項 (別表 24の項)
 */
export const takeIn = takeInBy(1_000);

/**
 * The same with another size of its chunks: large enough that round trips do not count, small enough that a broken-off chunk loses
 * little.
 */
export function takeInBy(recordsInChunk: number): BatchDefinition<Deps, TakeInParams> {
  return {
    name: 'resident-tax.take-in',
    right: ['resident-tax', 'intake', 'update'],
    steps: [
      {
        name: 'take-in',
        async total(tx, _deps, { intakeId }) {
          const intake = await findIntake(tx, intakeId);
          if (intake === undefined) return err('no-such-intake');
          if (intake.outcome === 'refused') return err('refused-whole');
          const isPaper = intake.procedure === 'ward-return';
          if (isPaper && enforced('input.second-entry') && !(await isVerified(tx, intake.deliveryId)))
            return err('not-verified');
          return ok(intake.recordCount);
        },
        async chunk(tx, deps, { params, cursor }) {
          const intake = (await findIntake(tx, params.intakeId))!;
          const [start, before] = (cursor ?? '0:0').split(':').map(Number) as [number, number];
          const opened = await deps.sealed.openStream(tx, intake.sealedRef, 'resident-tax/take-in', start);
          if (!opened.ok) return err('file-erased');
          const piece = await nextPiece(opened.value, { start, before }, recordsInChunk);
          const reader = documentReaders[intake.procedure];
          const corrections =
            intake.procedure === 'ward-return'
              ? sheetCorrections(await correctionsOf(tx, intake.deliveryId))
              : undefined;
          const outcomes = await readPiece(deps, intake.procedure, piece, corrections);
          const accepted = outcomes.filter((o) => o.accepted);
          const rejected = outcomes.filter((o) => !o.accepted);

          const separated = accepted.map(({ value, row }) =>
            separate(value, { reportId: deps.newId(), intakeId: intake.intakeId, row }),
          );
          const reports = await holdNumbers(tx, deps, separated);
          const report = await addReports(tx, reports);
          await addFaults(
            tx,
            intake.intakeId,
            outcomes.map((o) => ({ row: o.row, faults: o.accepted ? o.warnings : o.faults })),
          );
          const { subjects, counts, hasCandidates, superseded, steps } = await match(tx, deps, separated, reports);
          const warned = accepted.some((o) => o.warnings.length > 0);
          if (piece.next === null) {
            const taken = await countReports(tx, intake.intakeId);
            const counted = { accepted: taken, rejected: intake.recordCount - taken };
            await addOutcome(tx, intake.intakeId, { outcome: 'taken-in', ...counted }, deps.machineClock.now());
          }
          tx.record({
            event: 'intake.taken-in',
            ground: reader.ground,
            subjects,
            items: [intake.procedure],
            facts: [
              ...(reports.length > 0 ? ['resident_tax.report', 'resident_tax.match_step'] : []),
              ...(reports.some((r) => r.relatives.length > 0) ? ['resident_tax.report_relative'] : []),
              ...(rejected.length > 0 || warned ? ['resident_tax.intake_fault'] : []),
              ...(hasCandidates ? ['resident_tax.match_candidate'] : []),
              ...(superseded ? ['resident_tax.report_supersession'] : []),
              ...(piece.next === null ? ['resident_tax.intake_outcome'] : []),
            ],
            // Steps of earlier reports that ended are rows of this event too: the log then makes the root itself.
            ...(reports.length > 0
              ? { batches: { 'resident_tax.report': report, 'resident_tax.match_step': superseded ? null : steps } }
              : {}),
            detail: { intake: intake.intakeId, in: outcomes.length, rejected: rejected.length, ...counts },
          });
          return ok<ChunkDone>({
            next: piece.next,
            in: outcomes.length,
            out: accepted.length,
            rejects: enforced('input.reject-list-balance') ? rejected.map(rejectOf) : [],
          });
        },
      },
    ],
  };
}

/** Progress, stop and the open rejects of these runs. */
export const takeInUseCases = batchUseCases(takeIn.right);

async function readPiece(
  deps: Deps,
  procedure: Procedure,
  piece: Piece,
  corrections: SheetCorrections | undefined,
): Promise<Outcome<FiledDocument>[]> {
  const outcomes: Outcome<FiledDocument>[] = [];
  await documentReaders[procedure].read(piece.bytes, {
    municipality: deps.municipality,
    corrections,
    each: (outcome) => void outcomes.push({ ...outcome, row: outcome.row + piece.before }),
  });
  return outcomes;
}

function sheetCorrections(corrections: readonly SheetCorrection[]): SheetCorrections {
  const sheets = Map.groupBy(corrections, ({ sheetNumber }) => sheetNumber);
  return new Map([...sheets].map(([no, of]) => [no, new Map(of.map(({ element, value }) => [element, value]))]));
}

/** One line in the run's reject list for a record: its first fault. All of them stand in `intake_fault`. */
function rejectOf(outcome: { readonly row: number; readonly faults: readonly Fault[] }): Reject {
  const first = outcome.faults.find((f) => f.severity === 'reject') ?? outcome.faults[0];
  const code = first === undefined ? 'unknown' : `${first.rule}.${first.word}`;
  return { rowNumber: outcome.row, code, ...(first?.field === undefined ? {} : { field: first.field }) };
}

async function holdNumbers(tx: Tx, deps: Deps, separated: readonly Separated[]): Promise<NewReport[]> {
  const entries = separated.flatMap((s) => s.numbers);
  const puts = await deps.vault.putMany(tx, entries, 'resident-tax/take-in');
  const refs = new Map(puts.map((put) => [put.owner, put.ref as string]));
  const relatives = separated.flatMap(({ report, relatives: named }) =>
    named.map(({ relativeNo, number }) => ({
      owner: `${reportOwner(report.reportId)}/relative-${relativeNo}`,
      number,
    })),
  );
  const held = await deps.vault.holdersOfMany(
    tx,
    relatives.map(({ number }) => number),
    'resident-tax/relatives',
    'person:',
  );
  const holders = new Map<string, string>();
  for (const [i, found] of held.entries()) {
    const persons = found.filter(({ holds }) => holds);
    const [only] = persons;
    if (only !== undefined && persons.length === 1)
      holders.set(relatives[i]!.owner, only.owner.slice('person:'.length));
  }
  return separated.map((s) => s.withRefs(refs, holders));
}

async function match(tx: Tx, deps: Deps, separated: readonly Separated[], reports: readonly NewReport[]) {
  const at = deps.machineClock.now();
  const compared = await compareReports(
    tx,
    deps,
    separated.map(({ report, own }) => ({ ...report, own })),
  );
  const byId = new Map(reports.map((r) => [r.reportId, r]));
  const identified = compared.flatMap(({ reportId, personId }) =>
    personId === null ? [] : [{ report: byId.get(reportId)!, personId }],
  );
  const places = await placeMany(tx, identified);

  const counts = { linked: 0, candidates: 0, none: 0 };
  const settled = compared.map((found): Compared => {
    const question = places.get(found.reportId)?.question;
    const one: Compared =
      question === undefined ? found : { ...found, state: 'candidates', personId: null, reasonCode: question };
    counts[one.state] += 1;
    return one;
  });
  const candidates = settled
    .filter(({ state }) => state === 'candidates')
    .flatMap(({ reportId, candidates: of }) =>
      of.map((candidate, i) => ({ candidateId: deps.newId(), reportId, round: 1, rank: i + 1, candidate })),
    );
  await addCandidates(tx, candidates);
  const steps = settled.map(({ reportId, personId, reasonCode, state }) => {
    const step: NewStep['step'] = state === 'linked' ? 'linked' : 'compared';
    return { reportId, step, decidedBy: 'rule', personId, reasonCode, state, round: 1 };
  });
  const tied = await addFirstSteps(tx, steps, at);
  const ended = identified.flatMap(({ report, personId }): Superseded[] => {
    const pair = endedBy(report.reportId, places.get(report.reportId) ?? {});
    return pair === undefined ? [] : [{ ...pair, personId, decidedBy: 'rule' }];
  });
  await supersede(tx, ended, at);
  return {
    subjects: [...new Set(settled.flatMap((one) => one.candidates.map(({ personId }) => personId)))],
    counts,
    hasCandidates: candidates.length > 0,
    superseded: ended.length > 0,
    steps: tied,
  };
}
