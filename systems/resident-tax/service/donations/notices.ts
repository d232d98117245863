import { type BodiesLine, receiptOf, sendToBody } from '@musubi/contracts/eltax/between-bodies-client.ts';
import { writeOneStopNotices } from '@musubi/contracts/tax-return/one-stop-notice.ts';
import { act } from '@musubi/kernel/db/act.ts';
import { parseLocalGovernmentCode } from '@musubi/kernel/identifiers/local-government-code.ts';
import { err, ok, type Result, unwrap } from '@musubi/kernel/result/result.ts';
import { yen } from '@musubi/kernel/yen/yen.ts';
import type { Deps } from '../../deps.ts';
import { donationAlarm, openPoints } from '../../domain/donation-year.ts';
import * as store from '../../store/donations.ts';
import {
  type DonationDeps,
  donationApproval,
  donationRead,
  donationUpdate,
  donationWorker,
  oneStopSending,
} from './functions.ts';

export type { Batch, ChannelStanding, YearStanding } from '../../store/donations.ts';

const ground = '地方税法 附則第7条第5項、番号利用法 第19条第10号';
const purpose = 'resident-tax/one-stop';
/** Packages opened, sent and noted together. */
const atOnce = 50;

/**
 * 申告特例通知書の作成: one package for each municipality, of everything that is not told, void or under way. Made anew as often as something is
 * left, such as the file of a channel that came late.
 * @source requirements 002 ELT-F5, W16
 */
export const makeOneStopBatch = act('resident-tax.make-one-stop-batch', {
  right: donationUpdate,
  async run(
    tx,
    deps: Deps,
    { donationYear }: { readonly donationYear: number },
    actor,
  ): Promise<
    Result<
      { readonly batchId: string; readonly packages: number; readonly records: number },
      'not-staff' | 'nothing-left'
    >
  > {
    if (actor.kind !== 'staff') return err('not-staff');
    await store.lockDonationYear(tx, donationYear);
    const left = await store.applicationsToTell(tx, donationYear);
    if (left.length === 0) return err('nothing-left');
    const batchId = deps.newId();
    const packages: store.NewPackage[] = [];
    for (const [targetCode, applications] of Map.groupBy(left, (a) => a.municipalityCode)) {
      const records = [];
      for (const a of applications)
        records.push(recordOf(a, deps.municipality, await deps.vault.reveal(tx, a.numberRef, purpose)));
      const file = Buffer.from(unwrap(writeOneStopNotices(records)));
      const sealed = await deps.sealed.seal(tx, file, { kind: 'one-stop-notices', retentionClass: 'tax-7y', purpose });
      packages.push({
        transferId: deps.newId(),
        targetCode,
        sealedRef: sealed.ref,
        applicationIds: applications.map(({ applicationId }) => applicationId),
      });
    }
    const madeOn = deps.civilClock.today();
    await store.insertBatch(tx, { batchId, donationYear, madeBy: actor.staffId, madeOn }, packages);
    tx.record({
      event: 'one-stop.made',
      ground,
      items: ['個人番号', '4情報', '寄附金'],
      facts: ['resident_tax.one_stop_batch', 'resident_tax.one_stop_package', 'resident_tax.one_stop_package_item'],
      detail: { batch: batchId, donationYear, packages: packages.length, records: left.length },
    });
    return ok({ batchId, packages: packages.length, records: left.length });
  },
});

type Given = Parameters<typeof writeOneStopNotices>[0] extends Iterable<infer R> ? R : never;
const recordOf = (
  a: store.Application,
  givenTo: Deps['municipality'],
  individualNumber: Given['individualNumber'],
): Given => ({
  formKind: 'ST01',
  version: '1',
  noticeKind: 'new',
  noticeNumber: `${a.channel}-${a.referenceNo}`.slice(0, 20),
  replaces: undefined,
  donationYear: `${a.donationYear}`,
  givenTo,
  municipality: unwrap(parseLocalGovernmentCode(a.municipalityCode)),
  kana: a.kana,
  name: a.name,
  bornOn: Temporal.PlainDate.from(a.birthDate),
  postalCode: a.postalCode ?? undefined,
  address: a.address,
  individualNumber,
  phone: a.phone ?? undefined,
  amountYen: yen(a.amountYen),
  donations: a.donations,
  appliedOn: Temporal.PlainDate.from(a.appliedOn),
  changed: a.changed,
});

/** Another person than who made the packages lets them leave. */
export const approveOneStopBatch = act('resident-tax.approve-one-stop-batch', {
  right: donationApproval,
  async run(
    tx,
    deps: Deps,
    { batchId }: { readonly batchId: string },
    actor,
  ): Promise<Result<undefined, 'not-staff' | 'no-such-batch' | 'approver-is-maker' | 'already-approved'>> {
    if (actor.kind !== 'staff') return err('not-staff');
    const [batch] = await store.batchesOf(tx, { batchId });
    if (batch === undefined) return err('no-such-batch');
    if (batch.madeBy === actor.staffId) return err('approver-is-maker');
    const on = deps.civilClock.today();
    if (!(await store.approveBatch(tx, { batchId, by: actor.staffId, on }))) return err('already-approved');
    tx.record({
      event: 'one-stop.approved',
      ground,
      facts: ['resident_tax.one_stop_batch_approval'],
      detail: { batch: batchId, packages: batch.packages, records: batch.records },
    });
    return ok(undefined);
  },
});

const openPackages = act('resident-tax.open-one-stop-packages', {
  right: oneStopSending,
  async run(tx, deps: Deps, q: { readonly at: 'approved' | 'sent'; readonly after: string | null }) {
    const packages = await store.packagesAt(tx, q.at, { after: q.after, limit: atOnce });
    const opened: (store.Package & { readonly file: Buffer })[] = [];
    for (const one of packages) {
      const file = await deps.sealed.open(tx, one.sealedRef, purpose);
      if (!file.ok) return err(file.error);
      opened.push({ ...one, file: file.value });
    }
    tx.record({ event: 'one-stop.opened', ground, detail: { packages: opened.length } });
    return ok(opened);
  },
});

const noteSteps = act('resident-tax.note-one-stop-steps', {
  right: oneStopSending,
  async run(tx, _deps: Deps, { steps }: { readonly steps: readonly store.PackageStep[] }) {
    const added = await store.addPackageSteps(tx, steps);
    tx.record({
      event: 'one-stop.noted',
      ground,
      ...(added > 0 ? { facts: ['resident_tax.one_stop_package_step'] } : {}),
      detail: { sent: steps.filter(({ step }) => step === 'sent').length, steps: added },
    });
    return ok(undefined);
  },
});

/** What says something of the package or of its receiver; every other word is the line's own, and the next package would meet it too. */
const packageFaults = new Set([
  'no-such-body',
  'no-certificate',
  'no-such-transfer',
  'bad-signature',
  'transfer-number-used',
  'receipt-not-signed',
  'receipt-of-another-package',
]);
/** After so many faults of the line one after the other a round ends; the next one goes on where it stopped. */
const lineFaultsToStop = 3;

/**
 * Sends what is approved and asks what became of what was sent. Stopped anywhere it goes on with what is left: a package that went again under
 * its number is one at the centre.
 */
export async function oneStopRound(deps: DonationDeps): Promise<{ readonly faults: readonly string[] }> {
  const faults: string[] = [];
  let down = 0;
  for (const at of ['approved', 'sent'] as const) {
    let after: string | null = null;
    for (;;) {
      const opened: Awaited<ReturnType<typeof openPackages>> = await openPackages(deps, donationWorker, { at, after });
      if (!opened.ok) return { faults: [...faults, opened.error] };
      if (opened.value.length === 0) break;
      after = opened.value.at(-1)!.transferId;
      const steps: store.PackageStep[] = [];
      for (const one of opened.value) {
        const step = at === 'approved' ? await send(deps, one) : await receipt(deps.line, one);
        down = step.ok || packageFaults.has(step.error) ? 0 : down + 1;
        if (!step.ok) faults.push(`${one.targetCode}: ${step.error}`);
        else if (step.value !== undefined) steps.push(step.value);
        if (down === lineFaultsToStop) break;
      }
      if (steps.length > 0) unwrap(await noteSteps(deps, donationWorker, { steps }));
      if (down === lineFaultsToStop) return { faults };
    }
  }
  return { faults };
}

type Opened = store.Package & { readonly file: Buffer };

async function send(deps: DonationDeps, one: Opened): Promise<Result<store.PackageStep, string>> {
  const onDay = deps.civilClock.today().toString();
  const sent = await sendToBody(
    deps.line,
    {
      transferId: one.transferId,
      kind: 'one-stop-notices',
      from: { municipality: deps.municipality, name: deps.wardName },
      to: one.targetCode,
      fiscalYear: one.donationYear + 1,
      records: one.records,
      sentOn: onDay,
    },
    one.file,
  );
  return sent.ok ? ok({ transferId: one.transferId, step: 'sent', note: null, receipt: null, onDay }) : sent;
}

async function receipt(line: BodiesLine, one: Opened): Promise<Result<store.PackageStep | undefined, string>> {
  const said = await receiptOf(line, { transferId: one.transferId, to: one.targetCode, file: one.file });
  if (!said.ok || said.value === undefined) return said.ok ? ok(undefined) : said;
  const { outcome, reason, on } = said.value.receipt;
  return ok({ transferId: one.transferId, step: outcome, note: reason, receipt: said.value.signed, onDay: on });
}

/** How far a year is, what keeps it open, and whose turn it is. From 20 January looking at an open year is an event of its own. */
export const readDonationYear = act('resident-tax.read-donation-year', {
  right: donationRead,
  async run(tx, deps: Deps, { donationYear }: { readonly donationYear: number }) {
    const standing = await store.yearStanding(tx, donationYear);
    const alarm = donationAlarm({ donationYear, ...standing }, deps.civilClock.today());
    const points = openPoints({ donationYear, ...standing });
    const { destinations, received } = standing;
    tx.record({
      event: alarm === 'none' ? 'donation-year.read' : 'run.incomplete',
      detail: {
        donationYear,
        destinations,
        received,
        points: points.length,
        ...(alarm === 'none' ? {} : { to: alarm }),
      },
    });
    return ok({ ...standing, alarm, points, batches: await store.batchesOf(tx, { donationYear }) });
  },
});

/** 完了: only when nothing keeps the year open. */
export const closeDonationYear = act('resident-tax.close-donation-year', {
  right: donationApproval,
  async run(
    tx,
    deps: Deps,
    { donationYear }: { readonly donationYear: number },
    actor,
  ): Promise<Result<undefined, 'not-staff' | 'run-incomplete' | 'already-closed' | 'no-channel'>> {
    if (actor.kind !== 'staff') return err('not-staff');
    await store.lockDonationYear(tx, donationYear);
    const standing = await store.yearStanding(tx, donationYear);
    if (standing.closedOn !== null) return err('already-closed');
    if (standing.channels.length === 0) return err('no-channel');
    if (openPoints({ donationYear, ...standing }).length > 0) return err('run-incomplete');
    await store.insertClose(tx, { donationYear, by: actor.staffId, on: deps.civilClock.today() });
    tx.record({
      event: 'donation-year.closed',
      ground,
      facts: ['resident_tax.one_stop_close'],
      detail: { donationYear, destinations: standing.destinations, applications: standing.applications },
    });
    return ok(undefined);
  },
});
