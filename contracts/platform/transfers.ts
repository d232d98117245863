import { defineEndpoint } from '@musubi/kernel/http/endpoint.ts';
import { z } from 'zod';
import { orgPersonNumber } from './persons.ts';

/* In-house transfer 庁内連携 (design §4.5): asker → platform → source, by a row of the ordinance list, relayed and not kept. */

const uuid = z.uuid();
const system = z.string().regex(/^[a-z0-9-]{1,40}$/);
/** 事務 of the ordinance list, as the organisation numbers it. */
export const transferTask = z.string().regex(/^[A-Z]{2,4}-[0-9]{3}$/);
/** What is asked for, as the source names it. */
export const transferInformation = z.string().regex(/^[A-Z]{2,4}-[0-9]{3}$/);
/** 地方税関係情報, as the ward's tax office tells it to the ward's sections: items named as in its lodged copies (TKX-0001). */
export const wardTaxInformation = 'TAX-001';
const item = z.string().min(1).max(40);
const value = z.union([z.string().max(200), z.int(), z.boolean(), z.null()]);
/** The asker's own identifier of the row; comes back unchanged. */
const rowId = z.string().min(1).max(60);

export const transferRow = z.strictObject({
  rowId,
  /** 10: the source holds nothing about the person. */
  result: z.enum(['00', '10']),
  items: z.record(item, value),
});
export type TransferRow = z.infer<typeof transferRow>;

const question = {
  task: transferTask,
  information: transferInformation,
  items: z.array(item).min(1).max(40),
  rows: z.array(z.strictObject({ rowId, orgPersonNumber })).min(1).max(500),
};

/**
 * Business system → platform. `held`: a person of the source decides; the same request (same id, same content) asked again
 * brings the answer once it is approved.
 */
export const transferInside = defineEndpoint({
  id: 'platform.transfer',
  method: 'POST',
  path: '/transfers',
  right: ['common-platform', 'transfer', 'update'],
  request: z.strictObject({
    requestId: uuid,
    asker: z.strictObject({
      system,
      staffId: z.string().max(40).optional(),
      /** The terminal at which it was asked. */
      terminalId: z.string().max(60).optional(),
      caseReference: z.string().max(60),
    }),
    source: system,
    ...question,
  }),
  response: z.strictObject({
    requestId: uuid,
    state: z.enum(['answered', 'held']),
    /** Row of the ordinance list, as text. */
    ground: z.string(),
    rows: z.array(transferRow),
  }),
  errors: {
    'not-your-business': { status: 403, title: '証明書の業務と照会者が一致しません' },
    'no-rule-row': { status: 403, title: '条例の表にこの移転の行がありません' },
    'row-not-settled': { status: 403, title: '表のこの行は内容が確定していないため、移転できません' },
    'paper-only': { status: 403, title: 'この行の移転は紙によります。受領書とともに渡してください' },
    'item-not-on-row': { status: 403, title: '条例の表の行にない項目です' },
    'unknown-person': { status: 422, title: '紐付けを確認できない方が含まれます' },
    'request-id-used': { status: 409, title: '同じ照会番号で内容の異なる照会があります' },
    'source-refused': { status: 403, title: '提供元が承認しませんでした' },
    'source-unavailable': { status: 503, title: '提供元に接続できません' },
  },
});

/** Platform → source. What it may answer has been checked and approved; the source answers these persons and items only. */
export const answerTransfer = defineEndpoint({
  id: 'platform.answer-transfer',
  method: 'POST',
  path: '/transfer-answers',
  right: ['exchange', 'transfer-answer', 'read'],
  request: z.strictObject({
    transferId: uuid,
    asker: system,
    ground: z.string(),
    approvedBy: z.enum(['rule', 'person']),
    ...question,
  }),
  response: z.strictObject({ rows: z.array(transferRow).max(500) }),
  errors: { 'not-our-information': { status: 422, title: 'この業務が持つ情報ではありません' } },
});
