import { changeReasons } from '@musubi/contracts/juki/codes.ts';
import { type InvestigatedItem, investigatedItems, investigations } from '@musubi/contracts/juki/investigations.ts';
import { formatEra } from '@musubi/kernel/calendar/eras.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { createDisclosure, type Disclosure } from '@musubi/kernel/disclosure/disclosure.ts';
import type { Claimed, DisclosureDeps, ExtractPart } from '@musubi/kernel/disclosure/setup.ts';
import { registered } from '@musubi/kernel/documents/unprintable.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { kanaSearchKey, kanjiSearchKey } from '@musubi/kernel/text/search-keys.ts';
import { numberRef } from '@musubi/kernel/vault/vault.ts';
import type { Deps } from '../deps.ts';
import { type IdentificationRow, versionsOf } from '../store/identification.ts';
import { provisionsOf } from '../store/provisions.ts';
import { isVersion } from '../store/retention.ts';
import { subjectsByName } from '../store/subjects.ts';
import { taskByCode } from '../store/tasks.ts';
import { disclosureFees, disclosureKinds, paperKeepYears, sheetsWithNumber } from './disclosure-rules.ts';
import { registerRetention } from './retention.ts';
import { stopScopes } from './use-stop.ts';

export type CounterDeps = Deps & DisclosureDeps;

export interface CounterOffice {
  readonly authority: { readonly title: string; readonly name: string };
  readonly office: { readonly name: string; readonly telephone: string; readonly address: string };
}

/** 本人確認情報の開示 (JPS-F3, X4, X5): what only this register knows; the counter itself is the kernel's. */
export const prefecturalDisclosure = (office: CounterOffice): Disclosure<CounterDeps> =>
  createDisclosure<CounterDeps>({
    system: 'prefectural-juki',
    information: '本人確認情報',
    prefix: '本',
    ...office,
    kinds: disclosureKinds,
    fees: disclosureFees,
    paperKeepYears,
    remindOpenDays: 5,
    carriesNumber: sheetsWithNumber,
    items: investigatedItems,
    stops: { scopes: stopScopes, hasTask: async (tx, _deps, task) => (await taskByCode(tx, task)) !== undefined },
    find,
    extract,
    provisionHistory,
    investigate,
  });

/** All four items as written must agree with one present or removed record; addresses may be the present one only. */
async function find(
  tx: Tx,
  _deps: CounterDeps,
  claimed: Claimed,
): Promise<Result<{ personId: string }, 'no-match' | 'ambiguous'>> {
  const nameKey = kanjiSearchKey(claimed.name);
  const kanaKey = claimed.nameKana === '' ? null : kanaSearchKey(claimed.nameKana);
  const hits = await subjectsByName(tx, { nameKey, kanaKey, birthDate: claimed.birthDate }, 20);
  const meant = hits.filter(
    (h) => h.sex === claimed.sex && kanjiSearchKey(h.address) === kanjiSearchKey(claimed.address),
  );
  if (meant.length > 1) return err('ambiguous');
  return meant[0] === undefined ? err('no-match') : ok({ personId: meant[0].personId });
}

const sexes: Readonly<Record<string, string>> = { male: '男', female: '女', other: 'その他' };
const day = (text: string): string => formatEra(Temporal.PlainDate.from(text));

/** Present record with the eight items, and every earlier version (requirement 003 O3). */
async function extract(
  tx: Tx,
  deps: CounterDeps,
  personId: string,
  withNumber: string | undefined,
): Promise<readonly ExtractPart[]> {
  const versions = await versionsOf(tx, personId);
  const now = versions[0];
  if (now === undefined) throw new Error('a matched person has no record');
  const number =
    withNumber === undefined
      ? undefined
      : (await deps.vault.reveal(tx, numberRef(now.number_ref), 'disclosure/record')).digits();
  const item = (label: string, value: string | null) => ({ label, value: registered(value ?? '（記録なし）') });
  // In the last days of their term rows stand in the seal; they are held until they are erased, and so they are told.
  const sealed = await registerRetention.sealedRowsOf(tx, deps, personId, 'disclosure/record');
  const earlier = [
    ...versions.slice(1).map((v) => ({ ...v, personId: v.person_id })),
    ...sealed.filter(isVersion).map((r) => ({ ...(r.record as IdentificationRow), personId: r.subject })),
  ];
  return [
    {
      heading: '現在の記録',
      about: [now.person_id],
      facts: [
        item('住民票コード', now.resident_record_code),
        item('氏名', now.name_kanji),
        item('振り仮名', now.name_furigana),
        item('旧氏', now.former_surname_kanji),
        item('生年月日', day(now.birth_date)),
        item('性別', sexes[now.sex] ?? now.sex),
        item('住所', now.address),
        ...(number === undefined ? [] : [item('個人番号', number)]),
        item('異動事由', changeReasons[now.change_reason as keyof typeof changeReasons]),
        item('異動年月日', day(now.change_date)),
        item('状態', now.deleted_flag ? '消除' : '現存'),
      ],
    },
    {
      heading: '変更の履歴',
      about: earlier.map((v) => v.personId),
      ...(earlier.length > 0 ? { table: historyTable(earlier) } : { none: '変更前の記録はありません。' }),
    },
  ];
}

const historyTable = (versions: readonly IdentificationRow[]) => ({
  columns: ['異動年月日', '異動事由', '氏名', '住所', '通知を受けた日'],
  rows: versions.map((v) => [
    day(v.change_date),
    changeReasons[v.change_reason as keyof typeof changeReasons],
    registered(v.name_kanji),
    registered(v.address),
    day(v.notice_received_date),
  ]),
});

const methods: Readonly<Record<string, string>> = { network: '回線', terminal: '端末', medium: '媒体', paper: '書面' };

/** 提供状況 (JPS-X4): every row of the provision record about this person; what was refused stands in a part of its own. */
async function provisionHistory(tx: Tx, _deps: CounterDeps, personId: string): Promise<readonly ExtractPart[]> {
  const all = enforced('disclosure.provision-history') ? await provisionsOf(tx, personId) : [];
  const part = (heading: string, result: 'given' | 'refused', none: string): ExtractPart => {
    const rows = all.filter((p) => p.result === result);
    const about = rows.map((p) => p.personId ?? personId);
    if (rows.length === 0) return { heading, about, none };
    return {
      heading: `${heading}（${rows.length}件）`,
      about,
      table: {
        columns: ['年月日', '提供先', '事務・根拠', '方法', result === 'given' ? '項目' : '理由'],
        rows: rows.map((p) => [
          formatEra(p.providedAt.toZonedDateTimeISO('Asia/Tokyo').toPlainDate()),
          p.recipient,
          p.taskName === null ? p.ground : `${p.taskName}（${p.ground}）`,
          methods[p.method] ?? p.method,
          result === 'given' ? p.items.map(itemText).join('、') : refusalText(p.refusal),
        ]),
      },
    };
  };
  return [
    part('提供した記録', 'given', '提供した記録はありません。'),
    part('提供しなかった（拒否した）記録', 'refused', '拒否した記録はありません。'),
  ];
}

const itemText = (item: string): string => investigatedItems[item as InvestigatedItem] ?? item;
const refusalText = (word: string | null): string => `拒否（${word ?? ''}）`;

/** 調査の依頼: to the municipality whose notice the record rests on. Of a number it says only that it is disputed. */
async function investigate(
  tx: Tx,
  deps: CounterDeps,
  asked: {
    readonly investigationId: string;
    readonly personId: string;
    readonly claims: readonly { readonly item: string; readonly claimed: string }[];
    readonly answerBy: Temporal.PlainDate;
  },
): Promise<Result<{ to: string }, 'source-unknown'>> {
  const [now] = await versionsOf(tx, asked.personId);
  const receiver = now && deps.municipalities[now.municipality_code];
  if (!now || receiver === undefined) return err('source-unknown');
  const recorded: Readonly<Record<InvestigatedItem, string>> = {
    name: now.name_kanji,
    nameKana: now.name_furigana,
    birthDate: now.birth_date,
    sex: now.sex,
    address: now.address,
    formerSurname: now.former_surname_kanji ?? '',
    individualNumber: '',
    residentRecordCode: '',
    changeReason: now.change_reason,
    changedOn: now.change_date,
  };
  await deps.outbox.enqueue(tx, {
    receiver,
    family: investigations,
    subject: asked.personId,
    message: {
      investigationId: asked.investigationId,
      municipalityCode: now.municipality_code,
      residentRecordCode: now.resident_record_code,
      askedOn: deps.civilClock.today().toString(),
      answerBy: asked.answerBy.toString(),
      claims: asked.claims.map(({ item, claimed }) => ({
        item: item as InvestigatedItem,
        recorded: recorded[item as InvestigatedItem],
        claimed: item === 'individualNumber' ? '' : claimed,
      })),
    },
  });
  return ok({ to: receiver });
}
