import { err, ok, type Result } from '@musubi/kernel/result/result.ts';

/*
 * Who may be given what of the prefecture's registers: vocabulary and decision, without any store. A task (事務) is
 * registered for one recipient, with its article, the items that it may have, and from when to when. Number and code each
 * need a ground of their own beside it.
 */

/** The eight items that leave the register (requirement 003 §4.3); their order is the order of every answer and form. */
export const providedItems = {
  residentRecordCode: '住民票コード',
  name: '氏名',
  birthDate: '生年月日',
  sex: '性別',
  address: '住所',
  individualNumber: '個人番号',
  changeReason: '異動事由',
  changedOn: '異動年月日',
} as const;
export type ProvidedItem = keyof typeof providedItems;
export const providedItemWords = Object.keys(providedItems) as [ProvidedItem, ...ProvidedItem[]];

/**
 * Under which article a recipient stands. `department`: 移転, schedule 5; `agency`: 提供, schedule 6. `municipal-agency` is
 * the former ordinance route (requirement 003 §3.4): it may stand in old records, but no task is registered for it any more.
 */
export const recipientKinds = {
  department: '他部署（移転）',
  agency: '他の執行機関（提供）',
  'municipal-agency': '区市町村の執行機関（廃止された経路）',
} as const;
export type RecipientKind = keyof typeof recipientKinds;

/** @law 住民基本台帳法 第30条の15第1項 (別表第五), 第2項 (別表第六), 都条例 */
export const groundKinds = {
  'schedule-5': '住民基本台帳法第30条の15第1項（別表第五）',
  'schedule-6': '住民基本台帳法第30条の15第2項（別表第六）',
  'ordinance-department': '住民基本台帳法第30条の15第1項（都条例）',
  'ordinance-agency': '住民基本台帳法第30条の15第2項（都条例）',
} as const;
export type GroundKind = keyof typeof groundKinds;

/** The article names the recipient's kind: a provision to a receiver that the article does not name is refused. */
export const kindOfGround: Readonly<Record<GroundKind, RecipientKind>> = {
  'schedule-5': 'department',
  'schedule-6': 'agency',
  'ordinance-department': 'department',
  'ordinance-agency': 'agency',
};

/** @law 番号利用法 第9条 */
export const numberGrounds = {
  'number-act-9-1': '番号利用法第9条第1項',
  'number-act-9-2': '番号利用法第9条第2項',
} as const;
export type NumberGround = keyof typeof numberGrounds;
/** The transitional measure for the code. @law 平成25年法律第28号 附則第22条第7項 */
export const codeGrounds = { 'act-28-2013-supplementary-22-7': '平成25年法律第28号附則第22条第7項' } as const;
export type CodeGround = keyof typeof codeGrounds;

/** With what a person is asked for. `selected`: one of the list of a four-item search that the same operator made. */
export const keyKinds = {
  code: '住民票コード',
  number: '個人番号',
  'four-items': '４情報',
  selected: '検索結果からの選択',
  none: '（照会によらない）',
} as const;
export type KeyKind = keyof typeof keyKinds;

export interface Recipient {
  readonly recipientId: string;
  readonly kind: RecipientKind;
  readonly name: string;
  /** `organisation/system` of its own business system; null where it asks at terminals and by media alone. */
  readonly peer: string | null;
  readonly validFrom: string;
  readonly validUntil: string | null;
}

export interface Task {
  readonly taskId: string;
  /** Short id by which inquiries name it, `SUIDO-01`. */
  readonly code: string;
  readonly name: string;
  readonly recipient: Recipient;
  readonly groundKind: GroundKind;
  /** Item of the schedule or article of the ordinance: 別表第六の4の項. */
  readonly groundText: string;
  readonly items: readonly ProvidedItem[];
  readonly numberGround: NumberGround | null;
  readonly codeGround: CodeGround | null;
  /** May be told of persons who were removed (消除者). */
  readonly includesRemoved: boolean;
  /** May have persons of other prefectures asked for at the national server. */
  readonly includesOtherPrefectures: boolean;
  /** Work on persons who moved abroad: what the supplementary register answers (住民基本台帳法第30条の44の6). */
  readonly isEmigrantWork: boolean;
  readonly validFrom: string;
  /** Last day; null while no end is set. */
  readonly validUntil: string | null;
  /** 使用通知 and 許可: a task without permission answers nothing. */
  readonly isPermitted: boolean;
}

/** The ground as records and answers name it. */
export const groundOf = (task: Pick<Task, 'groundKind' | 'groundText'>): string =>
  `${groundKinds[task.groundKind]} ${task.groundText}`;

/** ISO dates compare as text; both days belong to it. */
export const standsOn = (
  period: { readonly validFrom: string; readonly validUntil: string | null },
  onDate: string,
): boolean => period.validFrom <= onDate && (period.validUntil === null || onDate <= period.validUntil);

/** Registered, permitted, in force, for a recipient in force whom its article names. */
export const isActive = (task: Task, onDate: string): boolean =>
  task.isPermitted &&
  standsOn(task, onDate) &&
  standsOn(task.recipient, onDate) &&
  kindOfGround[task.groundKind] === task.recipient.kind;

/** Items that the task may have: what is registered, number and code only with their own ground. In the order of the eight. */
export const permittedItems = (task: Pick<Task, 'items' | 'numberGround' | 'codeGround'>): ProvidedItem[] =>
  providedItemWords.filter(
    (item) =>
      task.items.includes(item) &&
      (item !== 'individualNumber' || task.numberGround !== null) &&
      (item !== 'residentRecordCode' || task.codeGround !== null),
  );

/** Why nothing is given, before anybody is looked for. */
export const taskRefusals = {
  'no-active-task': '登録され、有効な事務ではありません',
  'key-not-allowed': 'この事務では、個人番号または住民票コードによる照会はできません',
  'items-not-allowed': '求められた項目は、この事務では提供できません',
} as const;
export type TaskRefusal = keyof typeof taskRefusals;

export interface Asked {
  readonly key: KeyKind;
  /** Null asks for all that the task may have. */
  readonly items: readonly ProvidedItem[] | null;
}

export interface Permitted {
  readonly given: readonly ProvidedItem[];
  /** Asked for, and not given: stands in the record of provision. */
  readonly withheld: readonly ProvidedItem[];
}

/**
 * What may be given for this task today. A number or code as key needs the same ground as a number or code in the answer;
 * where nothing of what is asked for may be given (the number alone, without ground), all is refused.
 *
 * @law 住民基本台帳法 第30条の15, 番号利用法 第9条, 平成25年法律第28号 附則第22条第7項
 */
export function decideProvision(task: Task | undefined, asked: Asked, onDate: string): Result<Permitted, TaskRefusal> {
  if (task === undefined || !isActive(task, onDate)) return err('no-active-task');
  if (asked.key === 'number' && task.numberGround === null) return err('key-not-allowed');
  if (asked.key === 'code' && task.codeGround === null) return err('key-not-allowed');
  const permitted = permittedItems(task);
  const wanted = asked.items ?? task.items;
  const given = permitted.filter((item) => wanted.includes(item));
  const withheld = providedItemWords.filter((item) => wanted.includes(item) && !permitted.includes(item));
  return given.length === 0 ? err('items-not-allowed') : ok({ given, withheld });
}
