import { readFile, writeFile } from 'node:fs/promises';
import process from 'node:process';
import { IndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { parseLocalGovernmentCode } from '@musubi/kernel/identifiers/local-government-code.ts';
import { writePrivately } from '@musubi/kernel/pki/identity.ts';
import { seededRandom } from '@musubi/kernel/random/random.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { z } from 'zod';
import { spoil } from './mischief.ts';
import { returnsOf } from './returns.ts';
import { seasonFile, taxAgency } from './season.ts';

/**
 * The agency's job: `node client/main.ts SEASON.json` writes the file of returns and the filing order for the portal's client
 * (`counterparts/eltax/client/main.ts`). Prints how many returns there are, and which rows are spoiled.
 */
const season = z.strictObject({
  incomeYear: z.int(),
  municipality: z.string(),
  taxOffice: z.string().regex(/^[0-9]{5}$/),
  seed: z.string(),
  /** One return in so many is spoiled; nothing where it is not given. */
  spoilEvery: z.int().min(2).optional(),
  filers: z.array(
    z.strictObject({
      individualNumber: z.string(),
      name: z.string(),
      kana: z.string(),
      bornOn: z.iso.date(),
      address: z.string(),
      salaryYen: z.int(),
      salaryIncomeYen: z.int(),
      pensionYen: z.int(),
    }),
  ),
  /** Where the file of returns goes. */
  file: z.string(),
  /** Portal, PKI and identity for the filing order, passed on as they are. */
  filing: z.record(z.string(), z.unknown()),
});

const [, , path] = process.argv;
if (path === undefined) throw new Error('usage: node client/main.ts SEASON.json');
const order = season.parse(JSON.parse(await readFile(path, 'utf8')));
const filers = order.filers.map((filer) => ({
  ...filer,
  individualNumber: unwrap(IndividualNumber.parse(filer.individualNumber)),
  bornOn: Temporal.PlainDate.from(filer.bornOn),
}));
const made = returnsOf(filers, { ...order, municipality: unwrap(parseLocalGovernmentCode(order.municipality)) });
const { records, spoiled } =
  order.spoilEvery === undefined
    ? { records: made, spoiled: new Map<number, string>() }
    : spoil(made, seededRandom(`${order.seed} spoiled`), order.spoilEvery);
const file = seasonFile(records);
await writePrivately(order.file, Buffer.from(file.bytes).toString('utf8'));
await writeFile(
  `${path}.filing`,
  JSON.stringify({
    ...order.filing,
    procedure: 'tax-return',
    corporateNumber: taxAgency.corporateNumber,
    payerName: taxAgency.name,
    incomeYear: order.incomeYear,
    file: order.file,
    summaries: [],
  }),
);
process.stdout.write(`${JSON.stringify({ records: file.records, spoiled: Object.fromEntries(spoiled) })}\n`);
