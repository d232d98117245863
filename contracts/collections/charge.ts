import { defineFamily } from '@musubi/kernel/streams/family.ts';
import { z } from 'zod';

/*
 * 調定: a tax system tells collections what is owed, instalment by instalment. A message states the whole of a charge as it now
 * stands, with a revision that counts from 1 without gaps, so that a repeat changes nothing and a missing one is noticed. The
 * difference to the revision before is what collections enters in its books.
 */

const uuid = z.uuid();
const yenAmount = z.int().min(0).max(99_999_999_999);

/** 案件特定キー: 20 digits, one a slip, never used again. */
export const caseKey = z.string().regex(/^[0-9]{20}$/);
/** 確認番号 */
export const confirmationNumber = z.string().regex(/^[0-9]{6}$/);
/** 自由使用欄 of the convenience-store barcode: the payer's reference. */
export const convenienceReference = z.string().regex(/^[0-9]{21}$/);
/** 特別徴収義務者の指定番号 */
export const designationNumber = z.string().regex(/^[0-9A-Z-]{1,12}$/);

/** 都道府県・市区町村・国 kept apart to the yen: what is received is shared out in these proportions. */
export const chargedItems = z.strictObject({
  /** 特別区民税 (市町村民税) */
  wardTax: yenAmount,
  /** 都民税 (道府県民税) */
  metropolitanTax: yenAmount,
  /** 森林環境税 */
  forestTax: yenAmount,
});
export type ChargedItems = z.infer<typeof chargedItems>;

/** What is printed on the first slip of a charge; absent where nobody pays by slip. */
export const chargedSlip = z.strictObject({
  caseKey,
  confirmationNumber,
  convenienceReference,
  /** 支払期限 of the slip. */
  payableUntil: z.iso.date(),
});
export type ChargedSlip = z.infer<typeof chargedSlip>;

export const charge = z.strictObject({
  /** UUID of the instalment, the same in every revision. */
  chargeId: uuid,
  revision: z.int().min(1).max(9_999),
  tax: z.enum(['inhabitant-tax']),
  /** 賦課年度: the year whose tax it is. */
  taxYear: z.int().min(2000).max(2199),
  /** 会計年度 (課税年度): in whose book it stands, named by the year of its April. */
  fiscalYear: z.int().min(2000).max(2199),
  method: z.enum(['ordinary', 'special', 'pension']),
  /** 期別: 普通徴収 1–4 (随時 5–12), 特別徴収 and 年金 the calendar month 1–12. */
  instalment: z.int().min(1).max(12),
  /** 通知書番号 */
  noticeNumber: z.string().regex(/^[0-9]{10}$/),
  /** 納期限 */
  dueOn: z.iso.date(),
  /** 法定納期限: prescription counts from the day after it. */
  legalDueOn: z.iso.date(),
  items: chargedItems,
  slip: chargedSlip.nullable(),
  /** 特別徴収義務者 or the pension insurer who pays for the person; null in 普通徴収. */
  collector: z
    .strictObject({
      designationNumber,
      name: z.string().min(1).max(60),
      /** Where it is written to; a sender that does not know it leaves it out. */
      address: z
        .strictObject({
          postalCode: z
            .string()
            .regex(/^[0-9]{7}$/)
            .nullable(),
          text: z.string().min(1).max(200),
        })
        .optional(),
    })
    .nullable(),
  payer: z.strictObject({
    /** 宛名番号 of the organisation. */
    orgPersonNumber: z.string().regex(/^[0-9]{15}$/),
    name: z.string().min(1).max(100),
    nameKana: z.string().min(1).max(100),
    postalCode: z
      .string()
      .regex(/^[0-9]{7}$/)
      .nullable(),
    address: z.string().min(1).max(200),
  }),
  /** The decision that this revision comes from. */
  decision: z.strictObject({
    assessmentId: uuid,
    decidedOn: z.iso.date(),
    reason: z.enum(['levy', 'change', 'method-change', 'cancellation']),
  }),
});
export type Charge = z.infer<typeof charge>;

/** resident-tax → collections. The subject of the stream is the charge, so that its revisions keep their order. */
export const charges = defineFamily<Charge>({ name: 'collections.charge', class: 'single', schema: charge });

/** Many charges of one decided run in a message; taken whole or refused whole. */
export const chargeBatch = z.strictObject({ batchId: uuid, charges: z.array(charge).min(1).max(500) });
export type ChargeBatch = z.infer<typeof chargeBatch>;
export const chargeBatches = defineFamily<ChargeBatch>({
  name: 'collections.charge-batch',
  class: 'bulk',
  schema: chargeBatch,
});
