import { err, ok, type Result } from '@musubi/kernel/result/result.ts';

export type NoticeKind = 'entry' | 'correction' | 'removal';
export type RecordState = 'domestic' | 'abroad' | 'removed';

/** What the rules look at of a person's supplement, before and after. */
export interface Supplement {
  readonly birthDate: string;
  readonly sex: string;
  readonly managingMunicipalityCode: string;
  readonly recordState: RecordState;
  /** 異動年月日 */
  readonly changedOn: string;
  readonly sequence: number;
}

export interface Notice extends Supplement {
  readonly noticeKind: NoticeKind;
  readonly addressMunicipalityCode: string | null;
  readonly lastAddress: string | null;
  readonly residentRecordCode: string;
  readonly formerResidentRecordCode: string | null;
}

/** What stands here before the notice. */
export interface Known {
  /** The supplement under the notice's code, or under its former code where it changes the code. */
  readonly current: Supplement | undefined;
  /** Whether another person stands under the notice's new code. Asked only where the code changes. */
  readonly newCodeIsTaken: boolean;
  /** Whether the notice's managing municipality is the one whose server sent it. */
  readonly fromItsManager: boolean;
}

export type Rule =
  | 'FL-01'
  | 'FL-02'
  | 'FL-03'
  | 'FL-04'
  | 'FL-05'
  | 'FL-06'
  | 'FL-07'
  | 'FL-08'
  | 'FL-09'
  | 'FL-10'
  | 'FL-11'
  | 'FL-12'
  | 'FL-13';

export interface Refusal {
  readonly rule: Rule;
  /** Names of the items at fault. */
  readonly items: readonly string[];
  /** Municipality that keeps the supplement, where the rule speaks of that. */
  readonly presentAt: string | null;
}

export interface Verdict {
  /** 遡及: its day lies before that of the change applied last. Applied in its turn, and listed. */
  readonly retroactive: boolean;
}

type Check = (notice: Notice, known: Known) => Pick<Refusal, 'items' | 'presentAt'> | undefined;

const fault = (when: boolean, items: readonly string[], presentAt: string | null = null) =>
  when ? { items, presentAt } : undefined;
const isPresent = (s: Supplement | undefined): s is Supplement => s !== undefined && s.recordState !== 'removed';
const isManagedElsewhere = (notice: Notice, s: Supplement | undefined): boolean =>
  s !== undefined && s.managingMunicipalityCode !== notice.managingMunicipalityCode;

/**
 * The rules in the order in which they are asked: notice kind × state before × items. The first that finds something ends
 * the notice. @source requirement 003 §2.2 FPS-X1, §4.2, §8 scenario 26; @law 住民基本台帳法 第17条, 第30条の41
 */
export const supplementRules: readonly (readonly [rule: Rule, check: Check])[] = [
  ['FL-04', (_n, k) => fault(!k.fromItsManager, ['managingMunicipalityCode'])],
  ['FL-07', (n) => fault((n.noticeKind === 'removal') !== (n.recordState === 'removed'), ['recordState'])],
  [
    'FL-08',
    (n) =>
      (n.recordState === 'abroad' && fault(n.lastAddress === null, ['lastAddress'])) ||
      fault(n.recordState === 'domestic' && n.addressMunicipalityCode === null, ['addressMunicipalityCode']),
  ],
  [
    'FL-12',
    (n) => fault(n.formerResidentRecordCode !== null && n.noticeKind !== 'correction', ['formerResidentRecordCode']),
  ],
  ['FL-10', (_n, k) => fault(k.newCodeIsTaken, ['residentRecordCode'])],
  ['FL-03', (n, k) => fault(n.noticeKind !== 'entry' && k.current === undefined, ['residentRecordCode'])],
  [
    'FL-02',
    (n, { current }) =>
      fault(n.noticeKind === 'entry' && isPresent(current), ['residentRecordCode'], current?.managingMunicipalityCode),
  ],
  [
    'FL-05',
    (n, { current }) =>
      fault(
        n.noticeKind !== 'entry' && isManagedElsewhere(n, current),
        ['managingMunicipalityCode'],
        isPresent(current) ? current.managingMunicipalityCode : null,
      ),
  ],
  // A superseded number before the state: a repeat of an old removal is an old notice, whatever came after it.
  [
    'FL-09',
    (n, { current }) =>
      fault(current !== undefined && !isManagedElsewhere(n, current) && n.sequence <= current.sequence, ['sequence']),
  ],
  [
    'FL-01',
    (n, { current }) => fault(n.noticeKind === 'removal' && current?.recordState === 'removed', ['recordState']),
  ],
  [
    'FL-06',
    (n, { current }) => fault(n.noticeKind === 'correction' && current?.recordState === 'removed', ['recordState']),
  ],
  [
    'FL-11',
    (n, { current }) => {
      if (current === undefined || n.noticeKind !== 'entry') return undefined;
      const others = (['birthDate', 'sex'] as const).filter((item) => current[item] !== n[item]);
      return fault(others.length > 0, others);
    },
  ],
  [
    'FL-13',
    (n, { current }) =>
      fault(n.noticeKind === 'entry' && current !== undefined && n.changedOn < current.changedOn, ['changedOn']),
  ],
];

/** Pure: the same supplement and notice give the same verdict. */
export function judge(notice: Notice, known: Known): Result<Verdict, Refusal> {
  for (const [rule, check] of supplementRules) {
    const found = check(notice, known);
    if (found) return err({ rule, ...found });
  }
  return ok({ retroactive: known.current !== undefined && notice.changedOn < known.current.changedOn });
}
