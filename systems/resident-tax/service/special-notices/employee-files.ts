import {
  type EmployeeFile,
  makePassword,
  writeEmployeeFiles,
} from '@musubi/contracts/special-collection/employee-files.ts';
import { writeTk01 } from '@musubi/contracts/special-collection/tk01.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { subjectCheckCode } from '@musubi/kernel/documents/typesetter.ts';
import { ambiguousRecipients } from '../../store/electronic-notices.ts';
import type { NoticeDeps } from '../notices/notice-deps.ts';
import { employeeNotices, type NoticeHead, type PersonOfNotice, passwordGuide } from './special-notice-data.ts';

export interface FilesForEmployees {
  /** The container for the payer, which opens none of its files. */
  readonly content: Buffer;
  /** By row from 1. */
  readonly passwords: ReadonlyMap<number, string>;
  /** Rows of those whose 受給者番号 is missing or not theirs alone: they are told on paper (T03). */
  readonly paperRows: readonly number[];
}

/**
 * 納税義務者用 as data: each person's own sheet and line, under a password of its own. Undefined where all are told on paper.
 *
 * @param persons in the order of the notice; set on the payer's sheet before, so that every character is known to print
 * @law 地方税法 第321条の4第7項; @source formats special-collection §2, §4.1, rule T03
 */
export async function filesForEmployees(
  tx: Tx,
  deps: NoticeDeps,
  head: NoticeHead,
  persons: readonly PersonOfNotice[],
  noticeId: string,
): Promise<FilesForEmployees | undefined> {
  const issuedAt = deps.machineClock.now();
  const notice = `TK-${head.fiscalYear}-${head.collector.designationNumber}-${head.sequence}`;
  const rendered = async (document: string, template: string, title: string, data: object): Promise<Uint8Array> => {
    const documentId = `${notice}-${document}`;
    const subjectCheck = subjectCheckCode(deps.subjectCheckKey, documentId, noticeId);
    const set = await deps.typesetter.render({ documentId, subjectCheck, issuedAt, template, title, data });
    if (!set.ok) throw new Error('what was printed on the joint sheets does not print alone');
    return set.value.pdf;
  };
  const ambiguous = await ambiguousRecipients(tx, head.fiscalYear, head.collector.designationNumber);
  const passwords = new Map<number, string>();
  const paperRows: number[] = [];
  const files: EmployeeFile[] = [];
  for (const [i, person] of persons.entries()) {
    const { recipientNumber } = person.line;
    if (recipientNumber === '' || ambiguous.has(recipientNumber)) {
      paperRows.push(i + 1);
      continue;
    }
    const title = '特別徴収税額の決定・変更通知書（納税義務者用）';
    const pdf = await rendered(`${i + 1}`, 'special-notice-employees.typ', title, employeeNotices(head, [person]));
    const password = makePassword(deps.random);
    passwords.set(i + 1, password);
    files.push({ recipientNumber, pdf, line: writeTk01([person.line]), password });
  }
  if (files.length === 0) return undefined;
  const guide = await rendered('guide', 'password-guide.typ', '納税義務者用の通知書の開き方', passwordGuide(head));
  return { content: await writeEmployeeFiles(files, guide), passwords, paperRows };
}
