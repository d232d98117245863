/** A person's supplement as it stands; days as ISO text. */
export interface Supplement {
  readonly residentRecordCode: string;
  readonly formerCode: string | null;
  readonly name: string;
  readonly nameKana: string;
  readonly birthDate: string;
  readonly sex: 'male' | 'female' | 'other';
  readonly address: string;
  readonly addressMunicipalityCode: string | null;
  readonly lastAddress: string | null;
  readonly recordState: 'domestic' | 'abroad' | 'removed';
  readonly noticeKind: 'entry' | 'correction' | 'removal';
  readonly changedOn: string;
}

/** What the resident register says of the person after a change. */
export interface ResidentNow {
  readonly residentRecordCode: string;
  readonly name: string;
  readonly nameKana: string;
  readonly birthDate: string;
  readonly sex: 'male' | 'female' | 'other';
  readonly address: string;
  readonly status: 'resident' | 'moving-out' | 'removed';
  readonly movedTo: string | null;
  /** Null: a Japanese national. */
  readonly nationality: string | null;
  /** 本籍; null where the record does not say. */
  readonly registeredDomicile: string | null;
  readonly reason: string;
  readonly changedOn: string;
}

export interface Ward {
  readonly municipalityCode: string;
  /** 目黒区: a 本籍 that names it is here. */
  readonly name: string;
}

/** Ends a family-register entry, and so its supplement. */
const ending: ReadonlySet<string> = new Set(['death', 'disappearance', 'nationality-lost']);
/** Persons of the first load and those born here have their 本籍 in the ward unless the record says otherwise. */
const openingUnsaid: ReadonlySet<string> = new Set(['initial-load', 'birth']);

function isKeptHere(resident: ResidentNow, isKeptNow: boolean, { name }: Ward): boolean {
  if (resident.nationality !== null) return false;
  if (resident.registeredDomicile !== null) return resident.registeredDomicile.includes(name);
  return isKeptNow || openingUnsaid.has(resident.reason);
}

/**
 * 附票の記載・修正・消除 that follows from a change of the resident register; undefined where the supplement stays as it is. Who moves
 * away keeps the address of before until the new municipality's notice comes (住民基本台帳法 第19条); who leaves the country
 * becomes 国外転出者, with the last address in Japan.
 *
 * @law 住民基本台帳法 第16条〜第20条; 戸籍の附票は本籍地の市町村が作成する
 */
export function followed(before: Supplement | undefined, resident: ResidentNow, ward: Ward): Supplement | undefined {
  const current = before?.recordState === 'removed' ? undefined : before;
  const changedOn = resident.changedOn;
  if (!isKeptHere(resident, current !== undefined, ward) || ending.has(resident.reason))
    return current && { ...current, formerCode: null, recordState: 'removed', noticeKind: 'removal', changedOn };
  const { residentRecordCode, name, nameKana, birthDate, sex, address } = resident;
  const person = { residentRecordCode, name, nameKana, birthDate, sex };
  const isHere = resident.status !== 'removed';
  if (!current) {
    if (!isHere) return undefined;
    const here = { address, addressMunicipalityCode: ward.municipalityCode, lastAddress: null };
    return { ...person, ...here, formerCode: null, recordState: 'domestic', noticeKind: 'entry', changedOn };
  }
  const formerCode = current.residentRecordCode === residentRecordCode ? null : current.residentRecordCode;
  const next: Supplement = isHere
    ? {
        ...person,
        formerCode,
        address,
        addressMunicipalityCode: ward.municipalityCode,
        lastAddress: null,
        recordState: 'domestic',
        noticeKind: 'correction',
        changedOn,
      }
    : resident.reason === 'moved-out-abroad'
      ? {
          ...person,
          formerCode,
          address: resident.movedTo ?? '国外',
          addressMunicipalityCode: null,
          lastAddress: address,
          recordState: 'abroad',
          noticeKind: 'correction',
          changedOn,
        }
      : { ...current, ...person, formerCode, noticeKind: 'correction', changedOn };
  return differs(current, next) ? next : undefined;
}

const compared = [
  'residentRecordCode',
  'name',
  'nameKana',
  'birthDate',
  'sex',
  'address',
  'addressMunicipalityCode',
  'lastAddress',
  'recordState',
] as const satisfies readonly (keyof Supplement)[];
const differs = (a: Supplement, b: Supplement): boolean => compared.some((item) => a[item] !== b[item]);
