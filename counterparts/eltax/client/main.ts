import { readFile, writeFile } from 'node:fs/promises';
import process from 'node:process';
import { procedure, reportSummary } from '@musubi/contracts/eltax/delivery.ts';
import { payerParty } from '@musubi/contracts/eltax/submission.ts';
import { systemMachineClock } from '@musubi/kernel/clocks/clock.ts';
import { createPeerClient } from '@musubi/kernel/http/client.ts';
import { uuidV7Maker } from '@musubi/kernel/ids/uuid.ts';
import { readIfThere, writePrivately } from '@musubi/kernel/pki/identity.ts';
import { joinPki } from '@musubi/kernel/pki/join.ts';
import { systemRandom } from '@musubi/kernel/random/random.ts';
import { z } from 'zod';
import { askStatus, submit } from './submit.ts';

/**
 * A payer's software: `node client/main.ts FILING.json`. The submission id is written down before the first try and the receipt
 * after it, beside the filing; started again it asks for the examination instead of filing twice. Exit code 0: receipted.
 */
const filing = z.strictObject({
  corporateNumber: z.string().regex(/^[0-9]{13}$/),
  payerName: z.string(),
  procedure: procedure.default('salary-payment-report'),
  incomeYear: z.int(),
  /** The lines of the procedure's form. */
  file: z.string(),
  summaries: z.array(reportSummary),
  portal: z.string().default('eltax/eltax'),
  portalUrl: z.url(),
  pki: z.strictObject({ url: z.url(), rootFile: z.string(), enrolmentToken: z.string().optional() }),
  /** Folder of the payer's keys and certificates. */
  identity: z.string(),
});

const [, , path] = process.argv;
if (path === undefined) throw new Error('usage: node client/main.ts FILING.json');
const order = filing.parse(JSON.parse(await readFile(path, 'utf8')));
const submissionId = (await readIfThere(`${path}.submission`)) ?? uuidV7Maker(systemMachineClock, systemRandom)();
await writePrivately(`${path}.submission`, submissionId);

const pki = await joinPki({
  directory: order.identity,
  party: payerParty(order.corporateNumber),
  url: order.pki.url,
  rootFile: order.pki.rootFile,
  enrolmentToken: order.pki.enrolmentToken,
  machineClock: systemMachineClock,
});
await using peers = createPeerClient({
  identity: pki.identity,
  trust: pki.trust,
  machineClock: systemMachineClock,
  directory: (peer) => (peer === order.portal ? order.portalUrl : undefined),
});
const filer = { ...pki, peers, machineClock: systemMachineClock, portal: order.portal };
if ((await readIfThere(`${path}.receipt`)) !== undefined) {
  process.stdout.write(`${JSON.stringify(await askStatus(filer, submissionId))}\n`);
} else {
  const { payerName, incomeYear, summaries } = order;
  const file = await readFile(order.file);
  const filed = await submit(filer, {
    submissionId,
    procedure: order.procedure,
    payerName,
    incomeYear,
    file,
    summaries,
  });
  if (filed.ok) await writeFile(`${path}.receipt`, filed.value.text);
  else process.exitCode = 1;
  process.stdout.write(`${JSON.stringify(filed.ok ? filed.value.receipt : { error: filed.error })}\n`);
}
await pki.repository[Symbol.asyncDispose]();
