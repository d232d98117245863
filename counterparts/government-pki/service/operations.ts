import { createOperations } from '@musubi/kernel/operations/operations.ts';
import type { Matter } from '@musubi/kernel/operations/state.ts';
import { authorityState, endingHolders } from '../store/certificates.ts';
import { requestCounts } from '../store/revocation-requests.ts';
import type { Deps } from './deps.ts';

/** Days before its end from which somebody is called for a certificate whose holder did not renew it by itself. */
const callDays = 30;

/**
 * 運用の状況: systems whose certificates are about to end although they could have renewed them, a list that was not made anew in time,
 * revocations that wait for the second person. What nobody took up goes to the officer.
 */
export const operations = createOperations<Deps>({
  system: 'government-pki',
  escalateTo: 'pki-officer',
  async matters(tx, deps) {
    const at = deps.machineClock.now();
    const state = await authorityState(tx, at);
    // Made every third of its term: with less than half of it left, one at least has failed.
    const left = state === undefined ? 0 : at.until(state.nextUpdate).total('hours');
    const holders = await endingHolders(tx, { at, endingDays: callDays });
    return [
      ...holders.map(({ holder, count }): Matter => ({ label: `期限の近い証明書 ${holder}`, count })),
      { label: '失効リストの更新の遅れ', count: left < deps.terms.listHours / 2 ? 1 : 0 },
      { label: '失効の申請の決定待ち', count: (await requestCounts(tx, at)).waiting },
    ];
  },
  async services(_tx, deps, from) {
    const { good, revoked, unknown } = deps.statusCounts.since(from);
    const label = '証明書の状態の回答（不明は失敗に数える）';
    return [{ name: 'status', label, done: good + revoked, failed: unknown, p50Ms: null, p99Ms: null }];
  },
});
// The matrix of rights reads the acts that a file exports.
export const { read: readOperations, acknowledge } = operations;
