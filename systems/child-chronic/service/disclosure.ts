import { formatEra } from '@musubi/kernel/calendar/eras.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { createDisclosure, type Disclosure } from '@musubi/kernel/disclosure/disclosure.ts';
import type { Claimed, DisclosureDeps, ExtractPart, KindRule } from '@musubi/kernel/disclosure/setup.ts';
import type { FeeRate } from '@musubi/kernel/disclosure/terms.ts';
import { type UseLine, usesOf } from '@musubi/kernel/disclosure/uses.ts';
import { registered } from '@musubi/kernel/documents/unprintable.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { casesClaimed, casesOfApplicant, type DisclosedCase } from '../store/disclosure.ts';

export interface CounterOffice {
  readonly authority: { readonly title: string; readonly name: string };
  /** Payment data is asked for at 医療助成課. */
  readonly office: { readonly name: string; readonly telephone: string; readonly address: string };
}

/** @source 001 Ⅴ.1③: 写しの交付 10円／枚, by payment slip */
const copyFees: readonly FeeRate[] = [
  { effectiveFrom: '2016-01-01', yenPerSheet: 10, source: '東京都個人情報の保護に関する法律施行条例（写しの交付）' },
];

/** @law 個人情報の保護に関する法律 第76条, 第83条, 第90条, 第98条 */
const rule = (formName: string, article: number): KindRule => ({
  formName,
  ground: `個人情報の保護に関する法律第${article}条`,
  termDays: 30,
  extensionDays: 30,
});

/** Newest first, of each case. */
const mostUses = 2000;

/** 開示請求 about the subsidy (評価書 Ⅴ1): what only this system knows; the counter itself is the kernel's. */
export const subsidyDisclosure = (office: CounterOffice): Disclosure<DisclosureDeps> =>
  createDisclosure<DisclosureDeps>({
    system: 'child-chronic',
    information: '小児慢性特定疾病医療費支給情報',
    prefix: '小',
    ...office,
    kinds: {
      disclosure: rule('保有個人情報開示請求書', 76),
      'provision-history': rule('保有個人情報提供状況開示請求書', 76),
      correction: rule('保有個人情報訂正請求書', 90),
      'stop-of-use': rule('保有個人情報利用停止請求書', 98),
    },
    fees: copyFees,
    paperKeepYears: 3,
    remindOpenDays: 5,
    // The number is on none of its sheets.
    carriesNumber: {},
    items: { name: '氏名', address: '住所', birthDate: '生年月日', patient: '患者の記載' },
    // The subsidy is decided and paid by duty; no scope of it may be stopped.
    stops: { scopes: {}, hasTask: async () => false },
    find,
    extract,
    provisionHistory: async (tx, _deps, personId) => {
      const { cases, uses } = await recordOf(tx, personId);
      return [recipientsPart(personId, cases, uses)];
    },
    // What a case says comes from the application itself, and is put right in the case (記載の訂正).
    investigate: async () => err('source-unknown'),
  });

/** Cases of one applicant are one person: the oldest of them names it. Two numbers of the organisation are two people, and nobody is chosen. */
async function find(
  tx: Tx,
  _deps: DisclosureDeps,
  claimed: Claimed,
): Promise<Result<{ personId: string }, 'no-match' | 'ambiguous'>> {
  const found = await casesClaimed(tx, claimed);
  const [first] = found;
  if (first === undefined) return err('no-match');
  const numbers = new Set(found.flatMap(({ orgPersonNumber }) => orgPersonNumber ?? []));
  return numbers.size > 1 ? err('ambiguous') : ok({ personId: first.caseId });
}

async function recordOf(
  tx: Tx,
  personId: string,
): Promise<{ readonly cases: readonly DisclosedCase[]; readonly uses: readonly UseLine[] }> {
  const cases = await casesOfApplicant(tx, personId);
  const uses: UseLine[] = [];
  for (const { caseId } of cases) uses.push(...(await usesOf(tx, caseId, mostUses)));
  return { cases, uses: uses.sort((a, b) => Temporal.Instant.compare(b.at, a.at)) };
}

const day = (text: string | Temporal.PlainDate): string =>
  formatEra(typeof text === 'string' ? Temporal.PlainDate.from(text) : text);
const moment = (at: Temporal.Instant): string => {
  const local = at.toZonedDateTimeISO('Asia/Tokyo');
  return `${day(local.toPlainDate())} ${local.toPlainTime().toString({ smallestUnit: 'minute' })}`;
};
const who = ({ by, system }: UseLine): string =>
  by === 'staff' ? '職員' : by === 'system' ? (system ?? 'システム') : '自動処理';

function table(
  personId: string,
  heading: string,
  columns: readonly string[],
  rows: readonly (readonly (string | ReturnType<typeof registered>)[])[],
  none: string,
): ExtractPart {
  if (rows.length === 0) return { heading, about: [], none };
  return { heading: `${heading}（${rows.length}件）`, about: rows.map(() => personId), table: { columns, rows } };
}

async function extract(tx: Tx, _deps: DisclosureDeps, personId: string): Promise<readonly ExtractPart[]> {
  const { cases, uses } = await recordOf(tx, personId);
  const now = cases.at(-1);
  if (now === undefined) throw new Error('a matched person has no record');
  return [
    {
      heading: '申請者に関する情報',
      about: [personId],
      facts: [
        { label: '氏名', value: registered(now.applicantName) },
        { label: '振り仮名', value: registered(now.applicantKana) },
        { label: '生年月日', value: day(now.applicantBirthOn) },
        { label: '住所', value: registered(now.applicantAddress) },
      ],
    },
    table(
      personId,
      '申請',
      ['受付番号', '区分', '申請日', '患者'],
      cases.map((c) => [c.caseNumber, c.kind === 'new' ? '新規' : '更新', day(c.appliedOn), registered(c.patientName)]),
      '申請の記録はありません。',
    ),
    table(
      personId,
      '支給認定',
      ['受付番号', '決定', '決定日', '受給者番号', '有効期間', '自己負担上限月額'],
      cases
        .filter((c) => c.decidedOn !== null)
        .map((c) => [
          c.caseNumber,
          c.outcome === 'certified' ? '認定' : '不認定',
          day(c.decidedOn!),
          c.beneficiaryNumber ?? '',
          c.validFrom === null ? '' : `${day(c.validFrom)}から${day(c.endedOn ?? c.validUntil!)}まで`,
          c.ceilingYen === null ? '' : `${c.ceilingYen.toLocaleString('ja-JP')}円`,
        ]),
      '決定した支給認定はありません。',
    ),
    recipientsPart(personId, cases, uses),
    table(
      personId,
      '利用の記録',
      ['日時', '行った者', '処理', '根拠'],
      uses.map((u) => [moment(u.at), who(u), `${wordsOf(u.act)}${u.refused ? '（拒否）' : ''}`, u.ground ?? '']),
      '利用の記録はありません。',
    ),
  ];
}

/** To whom it went, and what lies lodged for other bodies. */
function recipientsPart(personId: string, cases: readonly DisclosedCase[], uses: readonly UseLine[]): ExtractPart {
  return table(
    personId,
    '提供・移転・照会の記録',
    ['日', '相手', '内容', '根拠'],
    [
      ...cases
        .filter((c) => c.copyLodgedAt !== null)
        .map((c) => [
          moment(Temporal.Instant.from(c.copyLodgedAt!)),
          '中間サーバー',
          `副本の登録（${c.caseNumber}）`,
          '番号利用法第21条の2',
        ]),
      ...uses
        .filter((u) => u.recipient !== null && !u.refused)
        .map((u) => [moment(u.at), u.recipient ?? '', u.items.join('、'), u.ground ?? '']),
    ],
    '提供した記録はありません。',
  );
}

/** What the acts that touch a case most are called; any other stands with its own name. */
const actWords: Readonly<Record<string, string>> = {
  'child-chronic.open-case': '申請の受付',
  'child-chronic.read-case': '申請の閲覧',
  'child-chronic.register-applicant': '宛名の登録',
  'child-chronic.begin-inquiry': '税情報の照会',
  'child-chronic.note-inquiry-outcome': '照会の回答の受領',
  'child-chronic.show-applicant-number': '個人番号の表示',
  'child-chronic.answer-transfer': '庁内への移転',
  'child-chronic.disclosure.match': '開示請求の突合',
  'child-chronic.disclosure.sheet-made': '開示書の作成',
};
const wordsOf = (name: string): string => actWords[name] ?? name;
