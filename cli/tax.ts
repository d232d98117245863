import { createReadStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { assessLine } from '@musubi/resident-tax/service/interchange/assess-lines.ts';
import type { Command } from 'commander';

/** Faults that are printed; the rest is counted. */
const shown = 50;

export function registerTax(program: Command): void {
  const tax = program.command('tax').description('resident tax without an office: the calculation alone');
  tax
    .command('assess')
    .description('assess each line of a file (format assessment-interchange, JSON Lines, UTF-8)')
    .requiredOption('--in <file>', 'cases, one a line')
    .requiredOption('--out <file>', 'results, line n for line n; written only when every case is whole')
    .option('--json', 'counts as JSON on the last line')
    .action(async (options: { in: string; out: string; json?: boolean }) => {
      const { lines, faults } = await assessFile(options.in, options.out);
      if (options.json)
        console.log(JSON.stringify({ name: 'tax-assess', in: lines, assessed: faults === 0 ? lines : 0, faults }));
      else if (faults === 0) console.log(`${lines} cases assessed`);
      else console.error(`refused: ${faults} of ${lines} cases are not whole; nothing was written`);
      if (faults > 0) process.exit(2);
    });
}

/** Taken whole or refused whole: the results stand under their name only after the last line. */
async function assessFile(from: string, to: string): Promise<{ readonly lines: number; readonly faults: number }> {
  const part = `${to}.part`;
  const out = await open(part, 'w');
  let [lines, faults, text] = [0, 0, ''];
  try {
    for await (const line of createInterface({ input: createReadStream(from, 'utf8'), crlfDelay: 0 })) {
      lines++;
      const result = assessLine(line);
      if (!result.ok) {
        faults++;
        if (faults <= shown)
          for (const { member, fault } of result.error)
            console.error(`line ${lines}: ${member === '' ? '' : `${member}: `}${fault}`);
        continue;
      }
      text += `${result.value}\n`;
      if (text.length > 1 << 20) {
        await out.write(text);
        text = '';
      }
    }
    await out.write(text);
    await out.sync();
    await out.close();
    if (faults === 0) await rename(part, to);
    else await rm(part);
    return { lines, faults };
  } catch (error) {
    await out.close().catch(() => undefined);
    await rm(part, { force: true });
    throw error;
  }
}
