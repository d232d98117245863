import { act } from '@musubi/kernel/db/act.ts';
import { err, ok } from '@musubi/kernel/result/result.ts';
import { findDocuments } from '../../store/documents.ts';
import * as store from '../../store/returned-mail.ts';
import { nameOf } from '../assessment/functions.ts';
import { type PrintDeps, printRead, printUpdate } from './functions.ts';

type Deps = PrintDeps;

/**
 * 返戻の登録: a notice that came back counts as not notified (`notice-gaps`) until it is served after all. One that is open is registered once.
 * @law 地方税法 第20条
 */
export const registerReturn = act('resident-tax.register-returned-mail', {
  right: printUpdate,
  async run(
    tx,
    deps: Deps,
    command: { readonly documentId: string; readonly reason: Exclude<store.ReturnReason, 'held-back'> },
    actor,
  ) {
    await tx`select pg_advisory_xact_lock(hashtextextended(${`resident-tax returned ${command.documentId}`}, 0))`;
    const [document] = await findDocuments(tx, { documentId: command.documentId });
    if (document === undefined) return err('no-such-document');
    const on = deps.civilClock.today();
    const open = await store.listReturns(tx, { documentId: command.documentId, openOnly: true, on });
    if (open.length > 0) return err('already-returned');
    const returnId = deps.newId();
    await store.insertReturn(tx, { returnId, ...command, on, by: nameOf(actor) });
    tx.record({
      event: 'notice.returned',
      ground: '地方税法 第20条',
      subject: document.personId,
      facts: ['resident_tax.returned_mail'],
      detail: { document: document.documentId, reason: command.reason },
    });
    return ok({ returnId });
  },
});

/** 再送達: sent again to where the register has the person now, or handed over. */
export const redeliver = act('resident-tax.redeliver-notice', {
  right: printUpdate,
  async run(
    tx,
    deps: Deps,
    command: { readonly returnId: string; readonly method: 'mail' | 'hand'; readonly note: string },
    actor,
  ) {
    const on = deps.civilClock.today();
    const mail = await store.lockReturn(tx, command.returnId, on);
    if (mail === undefined) return err('no-such-return');
    if (mail.redeliveredOn !== null) return err('already-delivered');
    // By mail only where there is another address than the one it came back from; a protected one is written on no envelope here.
    if (command.method === 'mail' && mail.addressProtected) return err('address-protected');
    if (command.method === 'mail' && mail.sentTo === mail.addressNow) return err('same-address');
    if (command.method === 'hand' && command.note.trim() === '') return err('no-note');
    await store.insertRedelivery(tx, {
      returnId: mail.returnId,
      method: command.method,
      on,
      address: command.method === 'mail' ? mail.addressNow : '',
      note: command.note.trim(),
      by: nameOf(actor),
    });
    tx.record({
      event: 'notice.redelivered',
      ground: '地方税法 第20条',
      subject: mail.personId,
      facts: ['resident_tax.redelivery'],
      detail: { document: mail.documentId, method: command.method },
    });
    return ok(undefined);
  },
});

/** 返戻一覧. Names persons. */
export const readReturns = act('resident-tax.read-returned-mail', {
  right: printRead,
  async run(tx, deps: Deps, query: { readonly openOnly: boolean; readonly limit: number; readonly offset: number }) {
    const rows = await store.listReturns(tx, { ...query, on: deps.civilClock.today() });
    tx.record({
      event: 'returned-mail.listed',
      subjects: rows.map((row) => row.personId),
      detail: { shown: rows.length },
    });
    return ok({ rows: rows as readonly store.ReturnedMail[], total: rows[0]?.total ?? 0 });
  },
});

export type { ReturnedMail } from '../../store/returned-mail.ts';
