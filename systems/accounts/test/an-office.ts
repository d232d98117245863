import { giveDebitResult, takeDebitFile } from '@musubi/banks/service/debits.ts';
import { giveTransferOutcomes, takeTransferFile } from '@musubi/banks/service/transfers.ts';
import { aBank, type Bank } from '@musubi/banks/test/a-bank.ts';
import { orderDebits, takeDebitResults } from '@musubi/collections/service/files/debits.ts';
import { giveRefundOrders, noteRefundOutcome } from '@musubi/collections/service/office/refunds.ts';
import { aTown, mustBeOk, type Town } from '@musubi/collections/test/a-town.ts';
import { accessSchema } from '@musubi/kernel/access/schema.ts';
import { auditSchema } from '@musubi/kernel/audit/schema-set.ts';
import type { Actor } from '@musubi/kernel/db/act.ts';
import { type TestDatabase, testDatabase } from '@musubi/kernel/db/testing.ts';
import { zenginDirectory } from '../clients/zengin-directory.ts';
import type { Deps } from '../deps.ts';
import { accountsSchema } from '../schema-set.ts';

export const banks = zenginDirectory({ training: true });
export const clerk: Extract<Actor, { kind: 'staff' }> = {
  kind: 'staff',
  organisation: 'meguro',
  staffId: 'account-clerk-01',
  sessionId: 'a1',
};
const accounts: Actor = { kind: 'system', organisation: 'meguro', system: 'accounts', certificate: 'c' };
export const schemas = [auditSchema, accessSchema, accountsSchema];

/** The account system beside collections' own acts; the wire between them is the contract's types. */
export interface Office extends AsyncDisposable {
  readonly w: Town;
  readonly t: TestDatabase;
  readonly deps: Deps;
  /** The next answer of collections is lost after it has acted. */
  readonly kill: { next: boolean };
  /** What was said to other instances, in order. */
  readonly told: { readonly receiver: string; readonly family: { readonly name: string }; readonly message: unknown }[];
  /** The bank 9999 at the end of the line. */
  readonly bank: Bank;
  at(day: string): void;
}
export async function anOffice(manners: Parameters<typeof aBank>[0] = {}): Promise<Office> {
  const bank = await aBank(manners);
  bank.at('2026-06-10');
  const w = await aTown();
  const t = await testDatabase(schemas, { today: '2026-06-10' });
  const kill = { next: false };
  const told: Office['told'] = [];
  const deps: Deps = {
    ...t.deps,
    banks,
    publicMoney: undefined,
    platform: 'meguro/common-platform',
    outbox: {
      async enqueue(_tx, message) {
        told.push(message);
        return t.deps.newId();
      },
    },
    line: {
      has: (code) => code === '9999',
      async sendDebits(_code, content) {
        const done = await takeDebitFile(bank.deps, accounts, { content });
        if (kill.next) throw new Error('killed');
        return done as Awaited<ReturnType<Deps['line']['sendDebits']>>;
      },
      async debitResult(code, debitOn) {
        const query = { collectorCode: '1311000001', debitOn, bank: code };
        const done = await giveDebitResult(bank.deps, accounts, query);
        return (done.ok ? { ok: true, value: done.value.content } : done) as Awaited<
          ReturnType<Deps['line']['debitResult']>
        >;
      },
      async sendTransfers(_code, content, year) {
        const done = await takeTransferFile(bank.deps, accounts, { content, year });
        if (kill.next) throw new Error('killed');
        return done as Awaited<ReturnType<Deps['line']['sendTransfers']>>;
      },
      async transferOutcomes(_code, payOn) {
        const done = await giveTransferOutcomes(bank.deps, accounts, { collectorCode: '1311000001', payOn });
        return done as Awaited<ReturnType<Deps['line']['transferOutcomes']>>;
      },
    },
    collector: {
      code: '1311000001',
      name: 'ﾒｸﾞﾛｸｶｲｹｲｶﾝﾘｼﾔ',
      bank: '9999',
      branch: '001',
      accountKind: 'ordinary',
      accountNumber: '1234567',
    },
    collections: {
      async orderDebits(command) {
        const done = await mustBeOk(orderDebits(w.deps, accounts, command));
        if (kill.next) throw new Error('killed');
        return done.map((o) => ({ caseKey: o.caseKey, orgPersonNumber: o.personNumber, amount: o.amountYen }));
      },
      async giveDebitResults(command) {
        const done = await takeDebitResults(w.deps, accounts, command);
        if (kill.next) throw new Error('killed');
        return done.ok ? { ok: true } : { ok: false, word: done.error };
      },
      async refundOrders() {
        const done = await mustBeOk(giveRefundOrders(w.deps, accounts, {}));
        return done.map((o) => ({
          customerCode: o.customerCode,
          orgPersonNumber: o.personNumber,
          amount: o.amountYen,
        }));
      },
      async giveRefundOutcome(command) {
        const done = await noteRefundOutcome(w.deps, accounts, command);
        return done.ok ? { ok: true } : { ok: false, word: done.error };
      },
    },
  };
  return {
    w,
    t,
    deps,
    kill,
    told,
    bank,
    at(day) {
      bank.at(day);
      t.deps.civilClock.set(day);
      w.at(day);
    },
    async [Symbol.asyncDispose]() {
      await bank[Symbol.asyncDispose]();
      await t[Symbol.asyncDispose]();
      await w[Symbol.asyncDispose]();
    },
  };
}
