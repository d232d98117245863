import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { payerParty } from '@musubi/contracts/eltax/submission.ts';
import { askStatus, submit } from '@musubi/eltax/client/submit.ts';
import { systemMachineClock } from '@musubi/kernel/clocks/clock.ts';
import { createPeerClient } from '@musubi/kernel/http/client.ts';
import { uuidV7Maker } from '@musubi/kernel/ids/uuid.ts';
import { writePrivately } from '@musubi/kernel/pki/identity.ts';
import { joinPki } from '@musubi/kernel/pki/join.ts';
import { systemRandom } from '@musubi/kernel/random/random.ts';
import type { Town as People } from '../people/person.ts';
import { makeSalaryReports, type SalaryReports } from '../people/salary-reports.ts';
import { eventually, expect, type WalkContext } from './walk.ts';

/** The large employer's filing: about 300 of its people in the ward, two faults of each kind. */
export const filingOf = (people: People): SalaryReports =>
  makeSalaryReports(people, { employer: 0, fiscalYear: 2026, municipality: '131105', count: 300 });

/** Files the reports as the employer's payroll software does: own certificate, signed manifest, receipt, examination. */
export async function fileReports(
  context: WalkContext,
  reports: SalaryReports,
  /** Name of the filing among the employer's own. */
  filing: string,
): Promise<{ receptionNumber: string; fileSha256: string }> {
  const { plan } = context.town;
  const [config] = plan.configs.values();
  const party = payerParty(reports.employer.corporateNumber);
  const pki = await joinPki({
    directory: path.join(plan.home, 'payer', 'identity'),
    party,
    url: config!.pki.url,
    rootFile: plan.rootFile,
    enrolmentToken: plan.state.tokens[`${party.organisation}/${party.system}`],
    machineClock: systemMachineClock,
  });
  await using peers = createPeerClient({
    identity: pki.identity,
    trust: pki.trust,
    machineClock: systemMachineClock,
    directory: (peer) => config!.directory[peer],
  });
  try {
    const filer = { ...pki, peers, machineClock: systemMachineClock, portal: 'eltax/eltax' };
    // Written down before the first try: after a crash the same filing goes on, and is not made twice.
    const note = path.join(plan.home, 'payer', `submission-${filing}`);
    const submissionId = await readFile(note, 'utf8').catch(async () => {
      const id = uuidV7Maker(systemMachineClock, systemRandom)();
      await writePrivately(note, id);
      return id;
    });
    const filed = await submit(filer, {
      submissionId,
      payerName: reports.employer.name,
      incomeYear: reports.incomeYear,
      file: reports.bytes,
      summaries: reports.summaries.map((s) => ({ ...s, designationNumber: s.designationNumber ?? null })),
    });
    expect(filed.ok, `the portal refused the filing: ${filed.ok ? '' : filed.error}`);
    await eventually('the examination at the portal', async () => {
      const status = await askStatus(filer, submissionId);
      return status.ok && status.value.state !== 'received' ? status.value : undefined;
    });
    return {
      receptionNumber: filed.value.receipt.receptionNumber,
      fileSha256: createHash('sha256').update(reports.bytes).digest('hex'),
    };
  } finally {
    await pki.repository[Symbol.asyncDispose]();
  }
}
