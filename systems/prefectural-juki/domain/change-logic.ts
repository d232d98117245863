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
  | 'L-01'
  | 'L-02'
  | 'L-03'
  | 'L-04'
  | 'L-05'
  | 'L-06'
  | 'L-07'
  | 'L-08'
  | 'L-09'
  | 'L-10'
  | 'L-11'
  | 'L-12'
  | 'L-13'
  | 'L-14';

export interface Refusal {
  readonly rule: Rule;
  /** Names of the items at fault. */
  readonly items: readonly string[];
  readonly presentAt: string | null;
}

type Kind =
  /** Absent → present. */
  | 'entry'
  /** Present → removed (or 転出予定). */
  | 'removal'
  /** Present → present; which items may differ. */
  | 'correction'
  /** 転出予定 → removed or present. */
  | 'after-moving-out';

/** What each reason may do: requirement 003 A15, identity rules §2. A reason that stands nowhere is refused (L-13). */
export const reasonKinds: Readonly<
  Record<string, { readonly kind: Kind; readonly mayChange: 'address' | 'anything' }>
> = {
  'initial-load': { kind: 'entry', mayChange: 'anything' },
  'moved-in': { kind: 'entry', mayChange: 'address' },
  'moved-in-special': { kind: 'entry', mayChange: 'address' },
  'moved-in-from-abroad': { kind: 'entry', mayChange: 'anything' },
  birth: { kind: 'entry', mayChange: 'anything' },
  'entered-ex-officio': { kind: 'entry', mayChange: 'anything' },
  'restored-ex-officio': { kind: 'entry', mayChange: 'anything' },
  'moved-out': { kind: 'removal', mayChange: 'anything' },
  'moved-out-abroad': { kind: 'removal', mayChange: 'anything' },
  death: { kind: 'removal', mayChange: 'anything' },
  disappearance: { kind: 'removal', mayChange: 'anything' },
  'nationality-lost': { kind: 'removal', mayChange: 'anything' },
  'removed-ex-officio': { kind: 'removal', mayChange: 'anything' },
  'moved-out-completed': { kind: 'after-moving-out', mayChange: 'anything' },
  'moved-out-cancelled': { kind: 'after-moving-out', mayChange: 'anything' },
  'moved-within': { kind: 'correction', mayChange: 'address' },
  'address-renamed': { kind: 'correction', mayChange: 'address' },
  'family-register-change': { kind: 'correction', mayChange: 'anything' },
  naturalised: { kind: 'correction', mayChange: 'anything' },
  'corrected-ex-officio': { kind: 'correction', mayChange: 'anything' },
  'number-change': { kind: 'correction', mayChange: 'anything' },
  'name-reading': { kind: 'correction', mayChange: 'anything' },
};

const refuse = (rule: Rule, items: readonly string[] = [], presentAt: string | null = null) =>
  err<Refusal>({ rule, items, presentAt });

/**
 * 更新時の論理チェック (JPS-X1). Pure: the same record and notice give the same verdict.
 *
 * @law 住民基本台帳法 第30条の6; @source requirement 003 §2.1 JPS-X1, §8 scenarios 1–9; identity rules §2.1
 */
export function judge(current: Current | undefined, notice: Notice, holder: NumberHolder): Result<Verdict, Refusal> {
  const about = reasonKinds[notice.reason];
  if (!about) return refuse('L-13');
  if (holder === 'another-person') return refuse('L-09', ['individualNumber']);
  if (current && holder === 'nobody' && notice.reason !== 'number-change') return refuse('L-10', ['individualNumber']);
  if (notice.changedOn < notice.becameResidentOn) return refuse('L-07', ['changedOn']);
  if (about.kind === 'entry') return judgeEntry(current, notice);
  return current ? judgeChange(current, notice, about) : refuse('L-03');
}

function judgeEntry(current: Current | undefined, notice: Notice): Result<Verdict, Refusal> {
  const here = notice.particulars.municipalityCode;
  if (notice.status !== 'resident') {
    // A register that is loaded for the first time may hold 転出予定者; a removed person is no entry.
    if (notice.reason !== 'initial-load' || notice.status === 'removed') return refuse('L-13');
  }
  if (!current) return ok({ kind: 'apply', retroactive: false, endsMovingOutAt: undefined });
  if (notice.reason === 'birth') return refuse('L-04', ['residentRecordCode']);
  const leaving = current.status === 'moving-out' && current.municipalityCode !== here && isMoveIn(notice.reason);
  if (current.status !== 'removed' && !leaving) return refuse('L-01', ['residentRecordCode'], current.municipalityCode);
  if (current.status === 'removed' && !mayReturn(current, notice)) return refuse('L-13');
  if (isMoveIn(notice.reason)) {
    const others = differing(current, notice.particulars, ['name', 'birthDate', 'sex']);
    if (others.length > 0) return refuse('L-11', others);
  }
  if (isOvertaken(current, notice)) return refuse('L-12');
  return ok({
    kind: 'apply',
    retroactive: notice.changedOn < current.changeDate,
    endsMovingOutAt: leaving ? current.municipalityCode : undefined,
  });
}

function judgeChange(
  current: Current,
  notice: Notice,
  about: { readonly kind: Kind; readonly mayChange: 'address' | 'anything' },
): Result<Verdict, Refusal> {
  const here = notice.particulars.municipalityCode;
  const retroactive = notice.changedOn < current.changeDate;
  const apply = ok<Verdict>({ kind: 'apply', retroactive, endsMovingOutAt: undefined });
  if (current.municipalityCode !== here) {
    // 転出確定 by the calendar and 転入通知 may cross on the way.
    if (notice.reason === 'moved-out-completed')
      return ok({ kind: 'superseded', retroactive, endsMovingOutAt: undefined });
    return refuse('L-06', ['municipalityCode'], current.status === 'removed' ? null : current.municipalityCode);
  }
  if (isOvertaken(current, notice)) return refuse('L-12');
  if (current.status === 'removed') return refuse('L-05');
  if (about.kind === 'after-moving-out') return current.status === 'moving-out' ? apply : refuse('L-08');
  if (about.kind === 'removal') return notice.status === 'resident' ? refuse('L-13') : apply;
  if (notice.status !== current.status) return refuse('L-13');
  if (about.mayChange === 'address') {
    const others = differing(current, notice.particulars, [
      'name',
      'nameKana',
      'birthDate',
      'sex',
      'formerSurname',
      'formerSurnameKana',
    ]);
    if (others.length > 0) return refuse('L-02', others);
  }
  return apply;
}

const isMoveIn = (reason: string): boolean => reason.startsWith('moved-in');

/** 職権回復 is for the municipality that removed; nobody moves in after death. */
function mayReturn(current: Current, notice: Notice): boolean {
  if (notice.reason === 'restored-ex-officio') return current.municipalityCode === notice.particulars.municipalityCode;
  return current.lastReason !== 'death' && current.lastReason !== 'disappearance';
}

/** 更新順番号 counts within one municipality; another one begins its own. */
const isOvertaken = (current: Current, notice: Notice): boolean =>
  current.municipalityCode === notice.particulars.municipalityCode && notice.sequence <= current.sequence;

function differing(current: Particulars, next: Particulars, names: readonly (keyof Particulars)[]): string[] {
  return names.filter((name) => current[name] !== next[name]);
}
