import { defineEndpoint } from '@musubi/kernel/http/endpoint.ts';
import { z } from 'zod';
import { orgPersonNumber } from './persons.ts';

/* 住登外者: persons whom a business of the municipality has to do with and whom its register does not know. */

/** 住登外者宛名番号: 14 digits of which the first is 9, and a check digit; never one of the register's. Never used again. */
export const outsideNumber = z.string().regex(/^9[0-9]{14}$/);

/**
 * Business system → platform: give the person a 住登外者宛名番号 and the 団体内統合宛名番号, each exactly once. Who has them
 * already (the same request again, another business, another clerk) gets the same ones and `known: true`. Number and all four
 * particulars must agree with whom the platform knows; less waits for a clerk there and is `particulars-disagree` here. Who moves in
 * later keeps the 団体内統合宛名番号; the 住登外者宛名番号 ends and the business gets a `platform.person-change`.
 * @source requirements 002 CIP-F3, CIP-F4, AC-05
 */
export const numberOutsidePerson = defineEndpoint({
  id: 'platform.number-outside-person',
  method: 'POST',
  path: '/outside-persons',
  right: ['common-platform', 'outside-person', 'update'],
  request: z.strictObject({
    requestId: z.uuid(),
    system: z.string(),
    individualNumber: z.string().regex(/^[0-9]{12}$/),
    name: z.string().min(1).max(100),
    nameKana: z.string().min(1).max(100),
    birthDate: z.iso.date(),
    sex: z.enum(['male', 'female', 'other']),
    address: z.string().min(1).max(200),
    /** Where the person is registered, six digits; null where that is not known. */
    municipalityCode: z
      .string()
      .regex(/^[0-9]{6}$/)
      .nullable(),
    /** Why this municipality has to do with them, e.g. 「地方税法第294条第3項（家屋敷）」. */
    ground: z.string().min(1).max(200),
  }),
  response: z.strictObject({ outsideNumber, orgPersonNumber, known: z.boolean() }),
  errors: {
    'not-your-business': { status: 403, title: '証明書の業務と届け出た業務が一致しません' },
    'invalid-number': { status: 422, title: '個人番号の検査用数字が一致しません' },
    'particulars-disagree': { status: 409, title: '4情報が一致しません。共通連携基盤の担当者が確認します' },
    'is-resident': { status: 409, title: '住民基本台帳に記録されている方です。住登外者の番号は付けません' },
    'request-key-reused': { status: 409, title: '同じ届出番号で内容の異なる届出があります' },
  },
});
