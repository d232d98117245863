import { type Actor, act } from '@musubi/kernel/db/act.ts';
import { subjectCheckCode } from '@musubi/kernel/documents/typesetter.ts';
import { registered } from '@musubi/kernel/documents/unprintable.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps, PaperDeps } from '../deps.ts';
import { tierNames } from '../domain/ceilings.ts';
import { type CaseFile, findCase } from '../store/cases.ts';
import { type CertificationLine, certifications } from '../store/certifications.ts';

export const paperKinds = ['notice', 'certificate', 'cap-sheet', 'guide'] as const;
export type PaperKind = (typeof paperKinds)[number];

const titles: Readonly<Record<PaperKind, string>> = {
  notice: '小児慢性特定疾病医療費 支給認定通知書',
  certificate: '小児慢性特定疾病医療受給者証',
  'cap-sheet': '自己負担上限額管理票',
  guide: '小児慢性特定疾病医療費 更新のご案内',
};

const readDecided = act('child-chronic.print-certificate', {
  right: ['child-chronic', 'certification', 'read'],
  async run(
    tx,
    _deps: Deps,
    { caseId, kind }: { readonly caseId: string; readonly kind: PaperKind },
  ): Promise<
    Result<{ file: CaseFile; line: CertificationLine }, 'no-such-case' | 'not-decided' | 'not-certified' | 'over'>
  > {
    const file = await findCase(tx, { caseId });
    if (!file) return err('no-such-case');
    const line = (await certifications(tx, { caseId })).find((c) => c.decidedBy !== null);
    if (line === undefined) return err('not-decided');
    if (kind !== 'notice' && line.outcome !== 'certified') return err('not-certified');
    if ((kind === 'certificate' || kind === 'cap-sheet') && line.lastDay !== null) return err('over');
    tx.record({ event: 'paper.printed', subject: caseId, items: [titles[kind]], detail: { kind } });
    return ok({ file, line });
  },
});

const date = (text: string | null): string => {
  if (text === null) return '';
  const { year, month, day } = Temporal.PlainDate.from(text);
  return `${year}年${month}月${day}日`;
};
const yenText = (amount: number): string => `${amount.toLocaleString('ja-JP')}円`;

/** What stands on a paper. The Individual Number stands on none. */
function factsOf(kind: PaperKind, file: CaseFile, line: CertificationLine): readonly [string, string][] {
  const person: [string, string][] = [
    ['患者の氏名', file.patientName],
    ['患者の生年月日', date(file.patientBirthOn)],
  ];
  if (line.outcome === 'refused') return [...person, ['決定', '認定しない']];
  const term: [string, string][] = [
    ['受給者番号', line.beneficiaryNumber ?? ''],
    ...person,
    ['有効期間', `${date(line.validFrom)}から${date(line.validUntil)}まで`],
    ['自己負担上限月額', yenText(line.ceilingYen ?? 0)],
  ];
  if (kind === 'cap-sheet') return term;
  return [
    ...term,
    ['疾病', `${line.diseaseCode} ${line.diseaseName}`],
    ...(line.tier === null ? [] : [['階層区分', tierNames[line.tier]] as [string, string]]),
    ...(line.apportionment === null || kind === 'certificate'
      ? []
      : [
          [
            '世帯内按分',
            `本人 ${yenText(line.apportionment.own)}、ほかの受給者 ${line.apportionment.others.map(yenText).join('、')}`,
          ] as [string, string],
        ]),
    ...(line.otherCertificate === null ? [] : [['他の道府県の受給者証', line.otherCertificate] as [string, string]]),
    ...(kind === 'notice'
      ? [['理由', line.reason] as [string, string]]
      : [['申請者', file.applicantName] as [string, string]]),
  ];
}

/**
 * 通知書・受給者証・上限額管理票・更新案内 as PDF, from the facts of the decision; the same facts give the same bytes.
 * @source requirements 001 MED-X10, ⑪, scenario 21
 */
export async function printPaper(
  deps: PaperDeps,
  actor: Actor,
  command: { readonly caseId: string; readonly kind: PaperKind },
): Promise<
  Result<
    { readonly pdf: Uint8Array; readonly name: string; readonly pages: number },
    'not-authorised' | 'no-such-case' | 'not-decided' | 'not-certified' | 'over' | 'unprintable-character'
  >
> {
  const read = await readDecided(deps, actor, command);
  if (!read.ok) return read;
  const { file, line } = read.value;
  const { kind } = command;
  const refused = line.outcome === 'refused';
  const documentId = `MED-${file.caseNumber}-${kind}`;
  const issuedOn = line.decidedOn ?? file.appliedOn;
  const title = refused ? '小児慢性特定疾病医療費 不認定通知書' : titles[kind];
  const made = await deps.typesetter.render({
    template: 'child-chronic.typ',
    title,
    documentId,
    subjectCheck: subjectCheckCode(deps.subjectCheckKey, documentId, file.caseId),
    issuedAt: Temporal.PlainDate.from(issuedOn).toZonedDateTime('Asia/Tokyo').toInstant(),
    data: {
      kind: refused ? 'refused' : kind,
      title,
      issuedOn: date(issuedOn),
      decidedOn: date(line.decidedOn),
      caseNumber: file.caseNumber,
      issuer: deps.settings.issuer,
      addressee: { name: registered(file.applicantName), address: registered(file.applicantAddress) },
      facts: factsOf(kind, file, line).map(([label, value]) => ({ label, value: registered(value) })),
      reason: registered(line.reason),
    },
  });
  if (!made.ok) return err('unprintable-character');
  return ok({ pdf: made.value.pdf, name: `${documentId}.pdf`, pages: made.value.pages });
}
