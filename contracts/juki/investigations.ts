import { defineFamily } from '@musubi/kernel/streams/family.ts';
import { z } from 'zod';

/*
 * 訂正等の申出に伴う調査 (requirement 003 U9): prefectural-juki asks the municipality whose notice the record rests on; the
 * municipality looks at its register and answers. The answer changes no record: that does a notice, or a correction by hand.
 */

const uuid = z.uuid();

/** Items that a person may say are wrong, as the disclosed sheet calls them. */
export const investigatedItems = {
  name: '氏名',
  nameKana: '振り仮名',
  birthDate: '生年月日',
  sex: '性別',
  address: '住所',
  formerSurname: '旧氏',
  individualNumber: '個人番号',
  residentRecordCode: '住民票コード',
  changeReason: '異動事由',
  changedOn: '異動年月日',
} as const;
export type InvestigatedItem = keyof typeof investigatedItems;

export const investigation = z.strictObject({
  investigationId: uuid,
  municipalityCode: z.string().regex(/^[0-9]{6}$/),
  residentRecordCode: z.string().regex(/^[0-9]{11}$/),
  askedOn: z.iso.date(),
  answerBy: z.iso.date(),
  /** What stands in the prefecture's file and what the person says; never a number. */
  claims: z
    .array(
      z.strictObject({
        item: z.enum(Object.keys(investigatedItems) as [InvestigatedItem, ...InvestigatedItem[]]),
        recorded: z.string().max(200),
        claimed: z.string().max(200),
      }),
    )
    .min(1)
    .max(10),
});
export type Investigation = z.infer<typeof investigation>;

/** prefectural-juki → municipal-juki. */
export const investigations = defineFamily<Investigation>({
  name: 'juki.investigation',
  class: 'single',
  schema: investigation,
});

/** What the municipality found. `will-be-corrected`: its own notice follows. */
export const investigationFindings = {
  'will-be-corrected': '住民票を修正し、通知する',
  'register-agrees': '住民票の記載は記録と一致する',
  'record-to-be-corrected': '住民票は申出のとおりであり、都道府県の記録の訂正を要する',
} as const;
export type InvestigationFinding = keyof typeof investigationFindings;

export const finding = z.strictObject({
  investigationId: uuid,
  municipalityCode: z.string().regex(/^[0-9]{6}$/),
  finding: z.enum(Object.keys(investigationFindings) as [InvestigationFinding, ...InvestigationFinding[]]),
  note: z.string().max(400),
  foundOn: z.iso.date(),
});
export type InvestigationAnswer = z.infer<typeof finding>;

/** municipal-juki → prefectural-juki. */
export const investigationAnswers = defineFamily<InvestigationAnswer>({
  name: 'juki.investigation-answer',
  class: 'single',
  schema: finding,
});
