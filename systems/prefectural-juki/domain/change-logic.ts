import { err, ok, type Result } from '@musubi/kernel/result/result.ts';

export type Status = 'resident' | 'moving-out' | 'removed';

/** The items that rules compare; names as the notice calls them. */
export interface Particulars {
  readonly name: string;
  readonly nameKana: string;
  readonly birthDate: string;
  readonly sex: string;
  readonly address: string;
  readonly municipalityCode: string;
  readonly formerSurname: string | null;
  readonly formerSurnameKana: string | null;
}

export interface Current extends Particulars {
  readonly status: Status;
  readonly becameResidentOn: string;
  readonly changeDate: string;
  /** 異動事由 of the change applied last. */
  readonly lastReason: string;
  readonly sequence: number;
}

export interface Notice {
  readonly reason: string;
  readonly changedOn: string;
  readonly status: Status;
  readonly becameResidentOn: string;
  readonly sequence: number;
  /** 住民票コード変更: the notice names the code that it replaces. */
  readonly replacesCode?: string | undefined;
  /** Whether a record stands under the notice's new code already (住民票コード変更). */
  readonly isCodeTaken?: boolean;
  /** 二重登録: whether the record that stays is present and of the same person as far as it is known here; unknown: of another prefecture. */
  readonly survivor?: 'same-person' | 'differs' | 'unknown' | undefined;
  readonly particulars: Particulars;
}

/** Whose the notice's Individual Number is, as the vault says. */
export type NumberHolder = 'nobody' | 'this-person' | 'another-person';

export interface Verdict {
  /** `superseded`: a 転出確定 that crossed the 転入 which had already ended the matter; nothing changes. */
  readonly kind: 'apply' | 'superseded';
  /** 遡及: its day lies before that of the change applied last. It is applied in its turn, and listed. */
  readonly retroactive: boolean;
  /** The municipality whose 転出予定 this entry ends: it gets the 転入通知. */
  readonly endsMovingOutAt: string | undefined;
}

export type Rule =
  | `L-${'01' | '02' | '03' | '04' | '05' | '06' | '07' | '08' | '09'}`
  | `L-1${0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9}`
  /** Code and number by themselves: the municipality's server has checked them before, and may be out of order. */
  | 'L-20'
  | 'L-21';

export interface Refusal {
  readonly rule: Rule;
  /** Names of the items at fault. */
  readonly items: readonly string[];
  readonly presentAt: string | null;
}

/** Absent → present; present → removed (or 転出予定); present → present; 転出予定 → removed or present. */
export type Kind = 'entry' | 'removal' | 'correction' | 'after-moving-out';

export interface ReasonRow {
  readonly kind: Kind;
  /** Items that may differ from the record; the others must agree. */
  readonly mayChange: ReadonlySet<keyof Particulars> | 'anything';
  /** First 異動年月日 on which the reason exists (ISO date), with the provision that brought it; always there where absent. */
  readonly since?: readonly [on: string, source: string];
}

const only = (...items: (keyof Particulars)[]): ReadonlySet<keyof Particulars> => new Set(items);
const names = ['name', 'nameKana', 'formerSurname', 'formerSurnameKana'] as const;
const entry: ReasonRow = { kind: 'entry', mayChange: 'anything' };
const removal: ReasonRow = { kind: 'removal', mayChange: 'anything' };

/**
 * What each reason may do (requirement 003 A15, identity rules §2). A reason that stands nowhere is refused: 世帯変更,
 * 在留資格 and 支援措置 change nothing that the network keeps, so no notice of theirs belongs here.
 */
export const reasonKinds: Readonly<Record<string, ReasonRow>> = {
  'initial-load': entry,
  'moved-in': entry,
  'moved-in-special': entry,
  'moved-in-from-abroad': entry,
  birth: entry,
  'entered-ex-officio': entry,
  'restored-ex-officio': entry,
  'moved-out': removal,
  'moved-out-abroad': removal,
  death: removal,
  disappearance: removal,
  'nationality-lost': removal,
  'removed-ex-officio': removal,
  'moved-out-completed': { kind: 'after-moving-out', mayChange: 'anything' },
  'moved-out-cancelled': { kind: 'after-moving-out', mayChange: 'anything' },
  'moved-within': { kind: 'correction', mayChange: only('address') },
  'address-renamed': { kind: 'correction', mayChange: only('address') },
  'family-register-change': { kind: 'correction', mayChange: only(...names, 'sex') },
  naturalised: { kind: 'correction', mayChange: only(...names) },
  'corrected-ex-officio': { kind: 'correction', mayChange: 'anything' },
  'code-change': { kind: 'correction', mayChange: only(), since: ['2002-08-05', '住民基本台帳法 第30条の4'] },
  'number-change': { kind: 'correction', mayChange: only(), since: ['2015-10-05', '番号利用法 第7条第2項'] },
  'former-surname': {
    kind: 'correction',
    mayChange: only('formerSurname', 'formerSurnameKana'),
    since: ['2019-11-05', '住民基本台帳法施行令 第30条の14'],
  },
  'name-reading': {
    kind: 'correction',
    mayChange: only('nameKana', 'formerSurnameKana'),
    since: ['2025-05-26', '住民基本台帳法 第7条第1号の2'],
  },
};

interface Case {
  readonly current: Current | undefined;
  readonly notice: Notice;
  readonly holder: NumberHolder;
  readonly row: ReasonRow | undefined;
  /** The law's day. */
  readonly today: string;
}
/** What a rule found: names of the items at fault, and where the person is present. */
type Finding = { readonly items?: readonly string[]; readonly presentAt?: string } | undefined;

interface LogicRule {
  readonly rule: Rule;
  readonly of: readonly Kind[] | 'every-notice';
  readonly finding: (c: Case) => Finding;
}
const when = (isBroken: boolean, ...items: string[]): Finding => (isBroken ? { items } : undefined);
const changes: readonly Kind[] = ['removal', 'correction', 'after-moving-out'];

/** Which of these rules stood when is part of what an update's event says. */
export const rulesVersion = 'change-logic/2026-11-22';

/** 論理チェック, first finding first. The order is part of the rules: whoever broke two is told the first. */
const rules: readonly LogicRule[] = [
  {
    rule: 'L-13',
    of: 'every-notice',
    finding: ({ row, notice }) => when(row === undefined || notice.changedOn < (row.since?.[0] ?? '')),
  },
  { rule: 'L-09', of: 'every-notice', finding: ({ holder }) => when(holder === 'another-person', 'individualNumber') },
  {
    rule: 'L-10',
    of: 'every-notice',
    finding: ({ current, holder, notice }) =>
      when(current !== undefined && holder === 'nobody' && notice.reason !== 'number-change', 'individualNumber'),
  },
  {
    rule: 'L-07',
    of: 'every-notice',
    finding: ({ notice }) => when(notice.changedOn < notice.becameResidentOn, 'changedOn'),
  },
  {
    rule: 'L-18',
    of: 'every-notice',
    finding: ({ notice, today }) => when(notice.status !== 'moving-out' && notice.changedOn > today, 'changedOn'),
  },
  // A register that is loaded for the first time may hold 転出予定者; a removed person is no entry.
  {
    rule: 'L-13',
    of: ['entry'],
    finding: ({ notice }) =>
      when(notice.status === 'removed' || (notice.status === 'moving-out' && notice.reason !== 'initial-load')),
  },
  {
    rule: 'L-04',
    of: ['entry'],
    finding: ({ current, notice }) => when(current !== undefined && notice.reason === 'birth', 'residentRecordCode'),
  },
  {
    rule: 'L-01',
    of: ['entry'],
    finding: (c) =>
      isPresent(c) ? { items: ['residentRecordCode'], presentAt: c.current!.municipalityCode } : undefined,
  },
  {
    rule: 'L-13',
    of: ['entry'],
    finding: ({ current, notice }) => when(current?.status === 'removed' && !mayReturn(current, notice)),
  },
  {
    rule: 'L-11',
    of: ['entry'],
    finding: ({ current, notice }) =>
      current && isMoveIn(notice.reason)
        ? differing(current, notice.particulars, ['name', 'birthDate', 'sex'])
        : undefined,
  },
  {
    rule: 'L-12',
    of: ['entry'],
    finding: ({ current, notice }) => when(current !== undefined && isOvertaken(current, notice)),
  },
  { rule: 'L-03', of: changes, finding: ({ current }) => when(current === undefined) },
  {
    rule: 'L-06',
    of: changes,
    finding: ({ current, notice }) => {
      if (current!.municipalityCode === notice.particulars.municipalityCode) return undefined;
      return {
        items: ['municipalityCode'],
        ...(current!.status === 'removed' ? {} : { presentAt: current!.municipalityCode }),
      };
    },
  },
  { rule: 'L-12', of: changes, finding: ({ current, notice }) => when(isOvertaken(current!, notice)) },
  { rule: 'L-05', of: changes, finding: ({ current }) => when(current!.status === 'removed') },
  { rule: 'L-08', of: ['after-moving-out'], finding: ({ current }) => when(current!.status !== 'moving-out') },
  { rule: 'L-13', of: ['removal'], finding: ({ notice }) => when(notice.status === 'resident') },
  {
    rule: 'L-19',
    of: 'every-notice',
    finding: ({ notice: { reason, survivor } }) =>
      when(survivor === 'differs' || (survivor !== undefined && reason !== 'removed-ex-officio'), 'duplicateOf'),
  },
  { rule: 'L-13', of: ['correction'], finding: ({ current, notice }) => when(notice.status !== current!.status) },
  {
    rule: 'L-17',
    of: ['correction'],
    finding: ({ notice }) =>
      when((notice.reason === 'code-change') !== (notice.replacesCode !== undefined), 'residentRecordCode'),
  },
  {
    rule: 'L-16',
    of: ['correction'],
    finding: ({ notice }) => when(notice.isCodeTaken === true, 'residentRecordCode'),
  },
  {
    rule: 'L-15',
    of: ['correction'],
    finding: ({ notice, holder }) =>
      when(notice.reason === 'number-change' && holder === 'this-person', 'individualNumber'),
  },
  { rule: 'L-02', of: ['correction'], finding: (c) => (isAddressChange(c.notice.reason) ? beyond(c) : undefined) },
  { rule: 'L-15', of: ['correction'], finding: beyond },
];

/**
 * 更新時の論理チェック (JPS-X1). Pure: the same record, notice and day give the same verdict.
 *
 * @param today the law's day, ISO
 * @law 住民基本台帳法 第30条の6; @source requirement 003 §2.1 JPS-X1, A15, §8 scenarios 1–9; identity rules §2.1
 */
export function judge(
  current: Current | undefined,
  notice: Notice,
  holder: NumberHolder,
  today: string,
): Result<Verdict, Refusal> {
  const row = reasonKinds[notice.reason];
  const c: Case = { current, notice, holder, row, today };
  for (const { rule, of, finding } of rules) {
    if (of !== 'every-notice' && !of.includes(row!.kind)) continue;
    // 転出確定 by the calendar and 転入通知 may cross on the way.
    if (rule === 'L-06' && hasCrossed(c))
      return ok({ kind: 'superseded', retroactive: isRetroactive(c), endsMovingOutAt: undefined });
    const found = finding(c);
    if (found) return err({ rule, items: found.items ?? [], presentAt: found.presentAt ?? null });
  }
  const endsMovingOutAt = row!.kind === 'entry' && endsMovingOut(c) ? current!.municipalityCode : undefined;
  return ok({ kind: 'apply', retroactive: isRetroactive(c), endsMovingOutAt });
}

const isRetroactive = ({ current, notice }: Case): boolean =>
  current !== undefined && notice.changedOn < current.changeDate;

const hasCrossed = ({ current, notice }: Case): boolean =>
  notice.reason === 'moved-out-completed' && current!.municipalityCode !== notice.particulars.municipalityCode;

const endsMovingOut = ({ current, notice }: Case): boolean =>
  current?.status === 'moving-out' &&
  current.municipalityCode !== notice.particulars.municipalityCode &&
  isMoveIn(notice.reason);

const isPresent = (c: Case): boolean => c.current !== undefined && c.current.status !== 'removed' && !endsMovingOut(c);
const isMoveIn = (reason: string): boolean => reason.startsWith('moved-in');
const isAddressChange = (reason: string): boolean => reason === 'moved-within' || reason === 'address-renamed';

/** 職権回復 is for the municipality that removed; nobody moves in after death. */
function mayReturn(current: Current, notice: Notice): boolean {
  if (notice.reason === 'restored-ex-officio') return current.municipalityCode === notice.particulars.municipalityCode;
  return current.lastReason !== 'death' && current.lastReason !== 'disappearance';
}

/** 更新順番号 counts within one municipality; another one begins its own. */
const isOvertaken = (current: Current, notice: Notice): boolean =>
  current.municipalityCode === notice.particulars.municipalityCode && notice.sequence <= current.sequence;

const compared: readonly (keyof Particulars)[] = [
  ...names.slice(0, 2),
  'birthDate',
  'sex',
  'address',
  ...names.slice(2),
];

/** Items that differ although the reason does not let them. */
function beyond({ current, notice, row }: Case): Finding {
  const { mayChange } = row!;
  if (mayChange === 'anything') return undefined;
  return differing(
    current!,
    notice.particulars,
    compared.filter((item) => !mayChange.has(item)),
  );
}

function differing(current: Particulars, next: Particulars, items: readonly (keyof Particulars)[]): Finding {
  const found = items.filter((item) => current[item] !== next[item]);
  return found.length > 0 ? { items: found } : undefined;
}
