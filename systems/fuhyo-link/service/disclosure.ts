import { noticeKinds, recordStates } from '@musubi/contracts/fuhyo/codes.ts';
import { type InvestigatedItem, investigatedItems, investigations } from '@musubi/contracts/juki/investigations.ts';
import { formatEra } from '@musubi/kernel/calendar/eras.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { createDisclosure, type Disclosure } from '@musubi/kernel/disclosure/disclosure.ts';
import type { Claimed, DisclosureDeps, ExtractPart } from '@musubi/kernel/disclosure/setup.ts';
import { registered } from '@musubi/kernel/documents/unprintable.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { kanaSearchKey, kanjiSearchKey } from '@musubi/kernel/text/search-keys.ts';
import type { Deps } from '../deps.ts';
import { type ProvisionLine, provisionsOf } from '../store/provisions.ts';
import { namesakes, type Version, versionsOf } from '../store/supplements.ts';
import { disclosureFees, disclosureKinds, paperKeepYears } from './disclosure-rules.ts';
import { isKnownTask, stopScopes } from './use-stop.ts';

export type CounterDeps = Deps & DisclosureDeps;

export interface CounterOffice {
  readonly authority: { readonly title: string; readonly name: string };
  readonly office: { readonly name: string; readonly telephone: string; readonly address: string };
}

/** Items that a person may say are wrong; there is no number and no former surname in this file. */
const items = Object.fromEntries(
  (['name', 'nameKana', 'birthDate', 'sex', 'address', 'residentRecordCode', 'changedOn'] as const).map((item) => [
    item,
    investigatedItems[item],
  ]),
);

/** 附票本人確認情報の開示 (FPS-F3, X4, X5): what only this file knows; the counter itself is the kernel's. No sheet carries a number. */
export const fuhyoDisclosure = (office: CounterOffice): Disclosure<CounterDeps> =>
  createDisclosure<CounterDeps>({
    system: 'fuhyo-link',
    information: '附票本人確認情報',
    prefix: '附',
    ...office,
    kinds: disclosureKinds,
    fees: disclosureFees,
    paperKeepYears,
    remindOpenDays: 5,
    carriesNumber: {},
    items,
    stops: { scopes: stopScopes, hasTask: async (_tx, _deps, task) => isKnownTask(task) },
    find,
    extract,
    provisionHistory,
    investigate,
  });

/** All four items as written must agree with one record; the address may be the one abroad or the last one in Japan. */
async function find(
  tx: Tx,
  _deps: CounterDeps,
  claimed: Claimed,
): Promise<Result<{ personId: string }, 'no-match' | 'ambiguous'>> {
  const named = await namesakes(tx, {
    nameKey: kanjiSearchKey(claimed.name),
    kanaKey: claimed.nameKana === '' ? null : kanaSearchKey(claimed.nameKana),
    birthDate: claimed.birthDate,
    sex: claimed.sex,
  });
  const addressKey = kanjiSearchKey(claimed.address);
  const meant = named.filter((row) => row.address_key === addressKey || row.last_address_key === addressKey);
  if (meant.length > 1) return err('ambiguous');
  return meant[0] === undefined ? err('no-match') : ok({ personId: meant[0].supplement_id });
}

const sexes: Readonly<Record<string, string>> = { male: '男', female: '女', other: 'その他' };
const day = (text: string): string => formatEra(Temporal.PlainDate.from(text));

/** The present record and every earlier version. */
async function extract(tx: Tx, _deps: CounterDeps, personId: string): Promise<readonly ExtractPart[]> {
  const versions = await versionsOf(tx, personId);
  const now = versions[0];
  if (now === undefined) throw new Error('a matched person has no record');
  const item = (label: string, value: string | null) => ({ label, value: registered(value ?? '（記録なし）') });
  return [
    {
      heading: '現在の記録',
      about: [now.supplement_id],
      facts: [
        item('住民票コード', now.resident_record_code),
        item('旧住民票コード', now.former_resident_record_code),
        item('氏名', now.name_kanji),
        item('振り仮名', now.name_furigana),
        item('生年月日', day(now.birth_date)),
        item('性別', sexes[now.sex] ?? now.sex),
        item('住所', now.address_kanji),
        item('最終住所', now.last_address_kanji),
        item('異動年月日', day(now.change_date)),
        item('附票管理市町村コード', now.managing_municipality_code),
        item('状態', recordStates[now.record_state]),
      ],
    },
    {
      heading: '変更の履歴',
      about: versions.map((v) => v.supplement_id),
      ...(versions.length > 1 ? { table: historyTable(versions.slice(1)) } : { none: '変更前の記録はありません。' }),
    },
  ];
}

const historyTable = (versions: readonly Version[]) => ({
  columns: ['異動年月日', '通知区分', '氏名', '住所', '通知を受けた日'],
  rows: versions.map((v) => [
    day(v.change_date),
    noticeKinds[v.notice_kind],
    registered(v.name_kanji),
    registered(v.address_kanji),
    day(v.notice_received_date),
  ]),
});

const itemTexts: Readonly<Record<string, string>> = {
  ...investigatedItems,
  lastAddress: '最終住所',
  recordState: '状態',
};

/** 提供状況 (FPS-X4): every row of the provision record about this person; what was refused stands in a part of its own. */
async function provisionHistory(tx: Tx, _deps: CounterDeps, personId: string): Promise<readonly ExtractPart[]> {
  const all = enforced('disclosure.provision-history') ? await provisionsOf(tx, personId) : [];
  const part = (heading: string, result: ProvisionLine['result'], none: string): ExtractPart => {
    const rows = all.filter((p) => p.result === result);
    const about = rows.map(() => personId);
    if (rows.length === 0) return { heading, about, none };
    return {
      heading: `${heading}（${rows.length}件）`,
      about,
      table: {
        columns: ['年月日', '提供先', '根拠', result === 'given' ? '項目' : '理由'],
        rows: rows.map((p) => [
          formatEra(p.providedAt.toZonedDateTimeISO('Asia/Tokyo').toPlainDate()),
          p.requester === p.recipient ? p.recipient : `${p.recipient}（${p.requester}）`,
          p.ground,
          result === 'given' ? p.items.map((i) => itemTexts[i] ?? i).join('、') : `拒否（${p.word ?? ''}）`,
        ]),
      },
    };
  };
  return [
    part('提供した記録', 'given', '提供した記録はありません。'),
    part('提供しなかった（拒否した）記録', 'refused', '拒否した記録はありません。'),
  ];
}

/** 調査の依頼: to the municipality that keeps the supplement. */
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
  const receiver = now && deps.municipalities[now.managing_municipality_code];
  if (!now || receiver === undefined) return err('source-unknown');
  const recorded: Readonly<Partial<Record<string, string>>> = {
    name: now.name_kanji,
    nameKana: now.name_furigana,
    birthDate: now.birth_date,
    sex: now.sex,
    address: now.address_kanji,
    changedOn: now.change_date,
  };
  await deps.outbox.enqueue(tx, {
    receiver,
    family: investigations,
    subject: asked.personId,
    message: {
      investigationId: asked.investigationId,
      municipalityCode: now.managing_municipality_code,
      residentRecordCode: now.resident_record_code,
      askedOn: deps.civilClock.today().toString(),
      answerBy: asked.answerBy.toString(),
      claims: asked.claims.map(({ item, claimed }) => ({
        item: item as InvestigatedItem,
        recorded: recorded[item] ?? '',
        claimed,
      })),
    },
  });
  return ok({ to: receiver });
}
