import { formatEra } from '@musubi/kernel/calendar/eras.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { createDisclosure, type Disclosure } from '@musubi/kernel/disclosure/disclosure.ts';
import type { Claimed, DisclosureDeps, ExtractPart, KindRule } from '@musubi/kernel/disclosure/setup.ts';
import type { FeeRate } from '@musubi/kernel/disclosure/terms.ts';
import { type UseLine, usesOf } from '@musubi/kernel/disclosure/uses.ts';
import { registered } from '@musubi/kernel/documents/unprintable.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { chargesOf, documentsOf, leviesOf, personsClaimed, type SentLine, sentOf } from '../../store/disclosure.ts';
import { findPerson, personStates } from '../../store/persons.ts';

export interface CounterOffice {
  readonly authority: { readonly title: string; readonly name: string };
  readonly office: { readonly name: string; readonly telephone: string; readonly address: string };
}

/** Nothing for the disclosure itself; a copy costs what it costs to make. @source 評価書番号2 Ⅴ1.③; 目黒区の写しの作成の費用 */
const copyCosts: readonly FeeRate[] = [
  { effectiveFrom: '2016-01-01', yenPerSheet: 10, source: '写しの作成に要する費用（白黒1枚10円）' },
];

/** @law 個人情報の保護に関する法律 第76条, 第83条, 第90条, 第98条 */
const rule = (formName: string, article: number): KindRule => ({
  formName,
  ground: `個人情報の保護に関する法律第${article}条`,
  termDays: 30,
  extensionDays: 30,
});

/** Newest first; a person's life at the tax office is some hundreds of events. */
const mostUses = 2000;

/** 開示請求 about tax data (評価書 Ⅴ1): what only this system knows; the counter itself is the kernel's. */
export const taxDisclosure = (office: CounterOffice): Disclosure<DisclosureDeps> =>
  createDisclosure<DisclosureDeps>({
    system: 'resident-tax',
    information: '個人住民税関係情報',
    prefix: '税',
    ...office,
    kinds: {
      disclosure: rule('保有個人情報開示請求書', 76),
      'provision-history': rule('保有個人情報提供状況開示請求書', 76),
      correction: rule('保有個人情報訂正請求書', 90),
      'stop-of-use': rule('保有個人情報利用停止請求書', 98),
    },
    fees: copyCosts,
    inspection: true,
    paperKeepYears: 3,
    remindOpenDays: 5,
    // The number is on none of its sheets.
    carriesNumber: {},
    items: { name: '氏名', address: '住所', birthDate: '生年月日', income: '所得', levy: '税額' },
    // 賦課 is a duty of the ward, and no provision of a levy can be stopped while a law orders it: no scope may be granted.
    stops: { scopes: {}, hasTask: async () => false },
    find,
    extract,
    provisionHistory: async (tx, _deps, personId) => [
      recipientsPart(personId, await usesOf(tx, personId, mostUses), await sentOf(tx, personId)),
    ],
    // What a levy rests on is corrected by an amended report or return, or by an objection against the levy.
    investigate: async () => err('source-unknown'),
  });

async function find(
  tx: Tx,
  _deps: DisclosureDeps,
  claimed: Claimed,
): Promise<Result<{ personId: string }, 'no-match' | 'ambiguous'>> {
  const found = await personsClaimed(tx, claimed);
  if (found.length > 1) return err('ambiguous');
  return found[0] === undefined ? err('no-match') : ok({ personId: found[0] });
}

const day = (text: string | Temporal.PlainDate): string =>
  formatEra(typeof text === 'string' ? Temporal.PlainDate.from(text) : text);
const yenText = (amount: number): string => `${amount.toLocaleString('ja-JP')}円`;
const sexes = { male: '男', female: '女', other: 'その他' } as const;
const kinds: Readonly<Record<string, string>> = {
  'salary-payment-report': '給与支払報告書',
  'pension-payment-report': '公的年金等支払報告書',
  'tax-return': '確定申告書',
  'one-stop-notice': '寄附金税額控除に係る申告特例通知書',
  'ward-return': '住民税申告書',
};

const table = (
  personId: string,
  heading: string,
  columns: readonly string[],
  rows: readonly (readonly (string | ReturnType<typeof registered>)[])[],
  none: string,
): ExtractPart =>
  rows.length === 0
    ? { heading, about: [], none }
    : { heading: `${heading}（${rows.length}件）`, about: rows.map(() => personId), table: { columns, rows } };

async function extract(tx: Tx, _deps: DisclosureDeps, personId: string): Promise<readonly ExtractPart[]> {
  const person = await findPerson(tx, personId);
  const states = await personStates(tx, personId);
  const now = states.find((s) => s.version === person?.currentVersion);
  if (person === undefined || now === undefined) throw new Error('a matched person has no record');
  const uses = await usesOf(tx, personId, mostUses);
  const sent = await sentOf(tx, personId);
  return [
    {
      heading: '本人に関する情報',
      about: [personId],
      facts: [
        { label: '宛名番号', value: person.addresseeNumber },
        { label: '氏名', value: registered(now.name) },
        { label: '振り仮名', value: registered(now.nameKana) },
        { label: '生年月日', value: day(now.birthDate) },
        { label: '性別', value: sexes[now.sex] },
        { label: '住所', value: registered(now.address) },
      ],
    },
    table(
      personId,
      '異動の履歴',
      ['異動年月日', '氏名', '住所'],
      states.filter((s) => s !== now).map((s) => [day(s.changedOn), registered(s.name), registered(s.address)]),
      '異動の記録はありません。',
    ),
    table(
      personId,
      '課税資料',
      ['所得の年', '種類', '提出した者', '支払金額等'],
      (await documentsOf(tx, personId)).map((d) => [
        `${d.incomeYear}年分`,
        kinds[d.kind] ?? d.kind,
        registered(d.from),
        yenText(d.paidYen),
      ]),
      '課税資料はありません。',
    ),
    table(
      personId,
      '賦課',
      ['年度', '版', '合計所得金額', '課税標準額', '年税額', '決定した日'],
      (await leviesOf(tx, personId)).map((a) => [
        `${a.fiscalYear}年度`,
        `${a.version}`,
        yenText(a.totalIncomeYen),
        yenText(a.taxableYen),
        yenText(a.annualYen),
        day(a.decidedOn),
      ]),
      '決定した賦課はありません。',
    ),
    table(
      personId,
      '納期ごとの額',
      ['年度', '徴収の方法', '期・月', '納期限', '額'],
      (await chargesOf(tx, personId)).map((c) => [
        `${c.fiscalYear}年度`,
        c.method === 'ordinary' ? '普通徴収' : '特別徴収',
        c.method === 'ordinary' ? `第${c.instalment}期` : `${c.instalment}月`,
        day(c.dueOn),
        yenText(c.amountYen),
      ]),
      '納期の定められた額はありません。',
    ),
    recipientsPart(personId, uses, sent),
    table(
      personId,
      '利用の記録',
      ['日時', '行った者', '処理', '根拠'],
      uses.map((u) => [moment(u.at), who(u), `${wordsOf(u.act)}${u.refused ? '（拒否）' : ''}`, u.ground ?? '']),
      '利用の記録はありません。',
    ),
  ];
}

const sentKinds: Readonly<Record<SentLine['what'], string>> = {
  'tax-notice': '納税通知書',
  'change-notice': '税額変更通知書',
  'reduction-notice': '減免の通知書',
  certificate: '課税（非課税）証明書',
  'payer-notice': '特別徴収税額通知書',
};

/** To whom it went: papers by their register, messages to other offices by the log. */
function recipientsPart(personId: string, uses: readonly UseLine[], sent: readonly SentLine[]): ExtractPart {
  const told = enforced('disclosure.provision-history') ? uses.filter((u) => u.recipient !== null && !u.refused) : [];
  return table(
    personId,
    '提供・移転・交付の記録',
    ['日', '提供先', '内容', '根拠・番号'],
    [
      ...sent.map((s) => [day(s.on), registered(s.to), sentKinds[s.what], s.number]),
      ...told.map((u) => [moment(u.at), u.recipient ?? '', u.items.join('、'), u.ground ?? '']),
    ],
    '提供した記録はありません。',
  );
}

const moment = (at: Temporal.Instant): string => {
  const local = at.toZonedDateTimeISO('Asia/Tokyo');
  return `${day(local.toPlainDate())} ${local.toPlainTime().toString({ smallestUnit: 'minute' })}`;
};
const who = ({ by, system }: UseLine): string =>
  by === 'staff' ? '職員' : by === 'system' ? (system ?? 'システム') : by === 'resident' ? '本人' : '自動処理';

/** What the acts that touch a person most are called; any other stands with its own name. */
const actWords: Readonly<Record<string, string>> = {
  'resident-tax.find-persons': '個人検索',
  'resident-tax.read-person': '個人画面の閲覧',
  'resident-tax.apply-person-change': '住民記録の異動の反映',
  'resident-tax.apply-person-load': '住民記録の取込',
  'resident-tax.answer-transfer': '庁内への移転',
  'resident-tax.disclosure.match': '開示請求の突合',
  'resident-tax.disclosure.sheet-made': '開示書の作成',
};
const wordsOf = (name: string): string => actWords[name] ?? name;
