/** 提出区分 (column 10). */
export const submissionKinds = { '0': 'new', '1': 'added', '2': 'correction', '3': 'cancellation' } as const;
/** （源泉）控除対象配偶者の有無 (column 23): main pay 1/2, secondary pay 3/4. */
export const spouseStates = { '1': 'main-yes', '2': 'main-no', '3': 'secondary-yes', '4': 'secondary-no' } as const;
/** 元号 of the birth date (column 44), in the order of 法定調書. */
export const eras = { '1': '昭和', '2': '大正', '3': '明治', '4': '平成', '5': '令和', '9': 'other' } as const;
/** 中途就・退職 区分 (column 60). */
export const employmentChanges = { '0': 'none', '1': 'joined', '2': 'left' } as const;
/** 区分 of a dependant (columns 102 …): non-residents by reason. Before 令和5年分 only 00 and 01. */
export const dependantKinds = {
  '00': 'resident',
  '01': 'non-resident-under-30-or-70-and-over',
  '02': 'non-resident-student',
  '03': 'non-resident-disabled',
  '04': 'non-resident-supported',
} as const;
/** 区分 of the spouse (column 98) and of those under 16 (columns 118 …). */
export const residences = { '00': 'resident', '01': 'non-resident' } as const;
/** 住宅借入金等特別控除区分 (columns 79, 84): kind, and the +10 to +40 of the purchase. */
export const housingLoanKinds = {
  '01': 'general',
  '02': 'certified',
  '03': 'extension',
  '04': 'disaster',
  '11': 'general-specified',
  '12': 'certified-specified',
  '13': 'extension-specified',
  '21': 'general-special-specified',
  '22': 'certified-special-specified',
  '24': 'disaster-special-specified',
  '31': 'general-exceptional',
  '32': 'certified-exceptional',
  '34': 'disaster-exceptional',
  '41': 'general-exception-dwelling',
  '42': 'certified-exception-dwelling',
  '44': 'disaster-exception-dwelling',
} as const;
/** 作成区分 (last column). */
export const preparedFor = { '0': 'national-only', '1': 'local-only', '2': 'both' } as const;
