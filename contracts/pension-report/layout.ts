import type { CsvLayout } from '@musubi/kernel/records/csv.ts';
import {
  code,
  constant,
  count,
  exactDigits,
  flag,
  halfKana,
  halfWidth,
  wideText,
  yenAmount,
} from '@musubi/kernel/records/kinds.ts';
import { optional, type RecordOf, required } from '@musubi/kernel/records/layout.ts';
import { dependantKinds, eras, preparedFor, residences, submissionKinds } from '../wage-report/code-tables.ts';
import { individualNumber13, municipality, payerNumber13 } from '../wage-report/kinds.ts';
import { unifiedCsv } from '../wage-report/layout.ts';

/** （源泉）控除対象配偶者の有無等 (column 38). */
export const spouseStates = { '1': 'yes', '2': 'no', '3': 'elderly' } as const;

/**
 * 公的年金等支払報告書（個人別明細書）: the 71 columns of 377 under form number 331, then 受給者番号, 提出先市町村コード, 指定番号 and
 * 作成区分 as in the salary reports. The order of the present form of eLTAX is not public; this one is ours.
 * @source 国税庁「法定調書の光ディスク等による提出の標準規格」 (377)
 */
const fields = [
  required('formKind', '法定資料の種類', constant('331')),
  optional('referenceNumber1', '整理番号1', halfWidth(10)),
  optional('branchNumber', '本支店等区分番号', halfWidth(5)),
  required('payerAddress', '提出義務者の住所', wideText(60)),
  required('payerName', '提出義務者の名称', wideText(30)),
  optional('payerPhone', '提出義務者の電話番号', halfWidth(15)),
  optional('referenceNumber2', '整理番号2', halfWidth(13)),
  optional('submitterAddress', '提出者の住所', wideText(60)),
  optional('submitterName', '提出者の氏名', wideText(30)),
  required('submissionKind', '訂正表示', code(submissionKinds)),
  required('incomeYearInEra', '年分', exactDigits(2)),
  required('address', '支払を受ける者の住所', wideText(60)),
  required('livesAbroad', '国外住所表示', flag),
  required('name', '支払を受ける者の氏名', wideText(30)),
  required('bornEra', '生年月日 元号', code(eras)),
  required('bornYear', '生年月日 年', exactDigits(2)),
  required('bornMonth', '生年月日 月', exactDigits(2)),
  required('bornDay', '生年月日 日', exactDigits(2)),
  optional('paid1Yen', '第1号・第4号適用分 支払金額', yenAmount(10)),
  optional('unpaid1Yen', '第1号・第4号適用分 未払金額', yenAmount(10)),
  optional('withheld1Yen', '第1号・第4号適用分 源泉徴収税額', yenAmount(10)),
  optional('unwithheld1Yen', '第1号・第4号適用分 未徴収税額', yenAmount(10)),
  optional('paid2Yen', '第2号・第5号適用分 支払金額', yenAmount(10)),
  optional('unpaid2Yen', '第2号・第5号適用分 未払金額', yenAmount(10)),
  optional('withheld2Yen', '第2号・第5号適用分 源泉徴収税額', yenAmount(10)),
  optional('unwithheld2Yen', '第2号・第5号適用分 未徴収税額', yenAmount(10)),
  optional('paid3Yen', '第3号・第6号適用分 支払金額', yenAmount(10)),
  optional('unpaid3Yen', '第3号・第6号適用分 未払金額', yenAmount(10)),
  optional('withheld3Yen', '第3号・第6号適用分 源泉徴収税額', yenAmount(10)),
  optional('unwithheld3Yen', '第3号・第6号適用分 未徴収税額', yenAmount(10)),
  optional('paid7Yen', '第7号適用分 支払金額', yenAmount(10)),
  optional('unpaid7Yen', '第7号適用分 未払金額', yenAmount(10)),
  optional('withheld7Yen', '第7号適用分 源泉徴収税額', yenAmount(10)),
  optional('unwithheld7Yen', '第7号適用分 未徴収税額', yenAmount(10)),
  optional('selfSpeciallyDisabled', '本人が特別障害者', flag),
  optional('selfOtherDisabled', '本人がその他の障害者', flag),
  optional('aged', '老年者', flag),
  optional('spouse', '源泉控除対象配偶者の有無等', code(spouseStates)),
  optional('elderlyDependants', '控除対象扶養親族の数 老人', count(2)),
  optional('otherDependants', '控除対象扶養親族の数 その他', count(2)),
  optional('speciallyDisabled', '障害者の数 特別', count(2)),
  optional('otherDisabled', '障害者の数 その他', count(2)),
  optional('socialInsuranceYen', '社会保険料の金額', yenAmount(10)),
  optional('specifiedDependants', '控除対象扶養親族の数 特定', count(2)),
  optional('remarks', '摘要', wideText(100)),
  optional('speciallyDisabledLivingTogether', '特別障害者 うち同居', count(2)),
  optional('singleParent', 'ひとり親', flag),
  optional('widow', '寡婦', flag),
  optional('dependantsUnder16', '16歳未満の扶養親族の数', count(2)),
  optional('nonResidentRelatives', '非居住者である親族の数', count(2)),
  optional('payerNumber', '提出義務者の法人番号', payerNumber13),
  required('kana', '支払を受ける者のフリガナ', halfKana(30)),
  optional('individualNumber', '支払を受ける者の個人番号', individualNumber13),
  optional('spousePersonKana', '源泉控除対象配偶者のフリガナ', wideText(30)),
  optional('spousePersonName', '源泉控除対象配偶者の氏名', wideText(30)),
  optional('spousePersonResidence', '源泉控除対象配偶者の区分', code(residences)),
  optional('spousePersonNumber', '源泉控除対象配偶者の個人番号', individualNumber13),
  optional('dependant1Kana', '控除対象扶養親族1のフリガナ', wideText(30)),
  optional('dependant1Name', '控除対象扶養親族1の氏名', wideText(30)),
  optional('dependant1Residence', '控除対象扶養親族1の区分', code(dependantKinds)),
  optional('dependant1Number', '控除対象扶養親族1の個人番号', individualNumber13),
  optional('dependant2Kana', '控除対象扶養親族2のフリガナ', wideText(30)),
  optional('dependant2Name', '控除対象扶養親族2の氏名', wideText(30)),
  optional('dependant2Residence', '控除対象扶養親族2の区分', code(dependantKinds)),
  optional('dependant2Number', '控除対象扶養親族2の個人番号', individualNumber13),
  optional('young1Kana', '16歳未満の扶養親族1のフリガナ', wideText(30)),
  optional('young1Name', '16歳未満の扶養親族1の氏名', wideText(30)),
  optional('young1Residence', '16歳未満の扶養親族1の区分', code(residences)),
  optional('young2Kana', '16歳未満の扶養親族2のフリガナ', wideText(30)),
  optional('young2Name', '16歳未満の扶養親族2の氏名', wideText(30)),
  optional('young2Residence', '16歳未満の扶養親族2の区分', code(residences)),
  optional('recipientNumber', '受給者番号', halfWidth(25)),
  required('municipality', '提出先市町村コード', municipality),
  optional('designationNumber', '指定番号', halfWidth(12)),
  optional('preparedFor', '作成区分', code(preparedFor)),
] as const;

/** One line of the file, every column by name. An empty column is undefined. */
export type PensionReportRecord = RecordOf<typeof fields>;

export const pensionReportLayout: CsvLayout<typeof fields> = {
  ...unifiedCsv,
  name: '公的年金等支払報告書 統一CSV 75',
  fields,
};
