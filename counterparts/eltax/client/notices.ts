import { fetchPartOf, type NoticeLine } from '@musubi/contracts/eltax/special-notices-client.ts';
import { type EmployeeFilesOfPayer, readEmployeeFiles } from '@musubi/contracts/special-collection/employee-files.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';

/** 特別徴収義務者用: the package as the municipality gave it out (`readNoticePackage`). */
export async function fetchPayerNotice(line: NoticeLine, noticeId: string): Promise<Result<Buffer, string>> {
  const fetched = await fetchPartOf(line, { noticeId, part: 'payer' });
  return fetched.ok ? ok(fetched.value.content) : fetched;
}

/** 納税義務者用: files of the payer's own people, closed as they came; who is none of them is named and not given out. */
export async function fetchEmployeeFiles(
  line: NoticeLine,
  noticeId: string,
  own: ReadonlySet<string>,
): Promise<Result<EmployeeFilesOfPayer, string>> {
  const fetched = await fetchPartOf(line, { noticeId, part: 'employees' });
  if (!fetched.ok) return fetched;
  const read = readEmployeeFiles(fetched.value.content, own);
  if (!read.ok) return read;
  const stated = fetched.value.cover.employeesPart?.persons;
  return read.value.ours.size + read.value.notOurs.length === stated ? read : err('files-missing');
}
