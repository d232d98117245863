import { formatEra } from '@musubi/kernel/calendar/eras.ts';
import { subjectCheckCode, type Typesetter } from '@musubi/kernel/documents/typesetter.ts';
import { registered } from '@musubi/kernel/documents/unprintable.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../../deps.ts';
import type { Report } from '../../store/intake-reports.ts';
import type { Investigation } from '../../store/investigations.ts';
import type { NoticeOffice } from '../notices/notice-deps.ts';

export interface LetterDeps extends Deps {
  readonly typesetter: Pick<Typesetter, 'render'>;
  readonly subjectCheckKey: Uint8Array;
  readonly office: NoticeOffice;
}

const kinds: Readonly<Record<Report['kind'], string>> = {
  'salary-payment-report': '給与支払報告書',
  'pension-payment-report': '公的年金等支払報告書',
  'tax-return': '確定申告書',
  'one-stop-notice': '申告特例通知書',
  'ward-return': '住民税申告書',
} as Readonly<Record<Report['kind'], string>>;

/**
 * 照会文書. It names the person as the document does, asks one question, and holds no Individual Number and no amount.
 * @law 地方税法 第298条
 */
export async function letterOf(
  deps: LetterDeps,
  found: Investigation,
  report: Report,
  issuedAt: Temporal.Instant,
): Promise<Result<Uint8Array, 'unprintable-character'>> {
  const { office } = deps;
  const documentId = `RTX-Q-${found.investigationId.slice(-12)}`;
  const set = await deps.typesetter.render({
    template: 'investigation-letter.typ',
    documentId,
    subjectCheck: subjectCheckCode(deps.subjectCheckKey, documentId, report.reportId),
    title: '課税資料に関する照会',
    issuedAt,
    otherShapes: 'flag',
    data: {
      addressee: {
        // Whoever keeps a protected address writes it on the envelope; here it does not stand.
        address: found.addresseeAddress === null ? null : registered(found.addresseeAddress),
        name: registered(found.addresseeName),
        honorific: found.addresseeKind === 'payer' ? '御中' : '様',
      },
      issuedOn: formatEra(deps.civilClock.today()),
      issuer: { title: office.issuer.title, name: registered(office.issuer.name) },
      person: registered(report.name),
      document: kinds[report.kind],
      incomeYear: `令和${report.incomeYear - 2018}年分`,
      payer: report.payerName,
      question: found.question,
      answerBy: formatEra(Temporal.PlainDate.from(found.answerBy)),
      contact: office.contact,
    },
  });
  return set.ok ? ok(set.value.pdf) : err('unprintable-character');
}
