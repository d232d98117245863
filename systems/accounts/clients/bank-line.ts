import {
  giveDebitFile,
  giveTransferFile,
  readDebitResult,
  readTransferOutcomes,
} from '@musubi/contracts/zengin/line.ts';
import type { PeerClient } from '@musubi/kernel/http/client.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { BankLine, LineWord } from '../deps.ts';

const timeoutMs = 60_000;
const words: readonly string[] = ['no-contract', 'no-such-file', 'not-yet'] satisfies LineWord[];

/** データ伝送 with the banks of `lines` (bank code → instance). What is sent is sent again under the same digest, so a repeat counts once. */
export function bankLine(peers: PeerClient, lines: Readonly<Record<string, string>>, collectorCode: string): BankLine {
  const refused = (error: string): Result<never, LineWord> => {
    if (words.includes(error)) return err(error as LineWord);
    throw new Error(`bank: ${error}`);
  };
  const at = (bank: string): string => {
    const instance = lines[bank];
    if (instance === undefined) throw new Error(`no line to bank ${bank}`);
    return instance;
  };
  const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
  return {
    has: (bank) => Object.hasOwn(lines, bank),
    async sendDebits(bank, bytes) {
      const done = await peers.call(giveDebitFile, at(bank), {}, { content: base64(bytes) }, { timeoutMs });
      return done.ok ? ok(done.value) : refused(done.error);
    },
    async debitResult(bank, debitOn) {
      const done = await peers.call(readDebitResult, at(bank), {}, { collectorCode, debitOn, bank }, { timeoutMs });
      return done.ok ? ok(Buffer.from(done.value.content, 'base64')) : refused(done.error);
    },
    async sendTransfers(bank, bytes, year) {
      const done = await peers.call(giveTransferFile, at(bank), {}, { content: base64(bytes), year }, { timeoutMs });
      return done.ok ? ok(done.value) : refused(done.error);
    },
    async transferOutcomes(bank, payOn) {
      const done = await peers.call(readTransferOutcomes, at(bank), {}, { collectorCode, payOn }, { timeoutMs });
      return done.ok ? ok(done.value.outcomes) : refused(done.error);
    },
  };
}
