import { createHash } from 'node:crypto';
import { type ActDeps, act, look, type Right } from '@musubi/kernel/db/act.ts';
import { err, ok } from '@musubi/kernel/result/result.ts';
import type { SealedId } from '@musubi/kernel/vault/sealed/sealed-store.ts';
import * as store from '../../store/special-notices.ts';
import { noticeRead } from '../assessment/functions.ts';
import type { NoticeDeps } from '../notices/notice-deps.ts';

/** Notices by payer: names of payers, counts and sums; nobody's tax. */
export const lookAtSpecialNotices = look('resident-tax.look-at-special-notices', {
  right: noticeRead,
  async run(
    tx,
    _deps: ActDeps,
    query: { readonly fiscalYear: number; readonly limit: number; readonly offset: number },
  ) {
    const rows = await store.listSpecialNotices(tx, { ...query, noticeId: null });
    return { rows: rows as readonly store.ListedSpecialNotice[], total: rows[0]?.total ?? 0 };
  },
});

const numberRead: Right = ['resident-tax', 'individual-number', 'read'];

/** 特徴税額通知データ (the package for the payer) or the pages for its people: a reveal of the sealed store, of every person in it. */
export const openSpecialNotice = act('resident-tax.open-special-notice', {
  right: noticeRead,
  async run(
    tx,
    deps: NoticeDeps,
    { noticeId, part }: { readonly noticeId: string; readonly part: 'package' | 'employees' },
    actor,
  ) {
    const [notice] = await store.listSpecialNotices(tx, { fiscalYear: null, noticeId, limit: 1, offset: 0 });
    if (!notice) return err('no-such-notice');
    // What bears numbers is opened by those alone who may see them (AC-29).
    const numbers = part === 'package' && notice.numbersPrinted;
    if (numbers && !(await deps.rights.allows(tx, actor, numberRead))) return err('numbers-in-it');
    const [ref, sha256] =
      part === 'package' ? [notice.packageRef, notice.packageSha256] : [notice.employeesRef, notice.employeesSha256];
    const opened = await deps.sealed.open(tx, ref as SealedId, 'resident-tax/open-special-notice');
    if (!opened.ok) return opened;
    if (!createHash('sha256').update(opened.value).digest().equals(sha256)) return err('document-altered');
    tx.record({
      event: 'special-notice.opened',
      subjects: await store.personsOfNotice(tx, noticeId),
      items: numbers ? ['特別徴収税額通知', '個人番号'] : ['特別徴収税額通知'],
      detail: { notice: noticeId, part },
    });
    const { fiscalYear, designationNumber, sequenceNo } = notice;
    const name = `TK_${deps.municipality}_${fiscalYear}_${designationNumber}_${sequenceNo}`;
    const kind = part === 'employees' ? '_employees.pdf' : notice.channel === 'paper' ? '.pdf' : '.zip';
    return ok({ bytes: opened.value, name: `${name}${kind}` });
  },
});

export type { ListedSpecialNotice } from '../../store/special-notices.ts';
