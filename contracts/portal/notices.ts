import { defineEndpoint } from '@musubi/kernel/http/endpoint.ts';
import { z } from 'zod';
import { attachments } from './attachments.ts';

/*
 * お知らせ (design §4.4, IMS-F12). A business system gives a notice for one of its persons to its platform, the platform to the
 * intermediate server. The portal asks for them when the person signs in: portal → INS (`askOwnRecords`, `personRequest` of kind
 * `notices`) → IMS (`tellOwnRecords`). The same request tells which notices the person has opened.
 */

const uuid = z.uuid();

/** waiting: nobody asked for it yet. delivered: told to the portal. opened: the person opened it. expired: its last day is over, unopened. */
export const noticeStates = ['waiting', 'delivered', 'opened', 'expired'] as const;
export type NoticeState = (typeof noticeStates)[number];

export const noticeKinds = ['案内', '処分', '納付', '更新', 'その他'] as const;

/** Limits of length: formats, お知らせ. A notice carries no Individual Number. */
const about = {
  kind: z.enum(noticeKinds),
  subject: z.string().min(1).max(50),
  body: z.string().min(1).max(1_000),
  attachments,
  openFrom: z.iso.date(),
  openUntil: z.iso.date(),
};

/** Business system → common-platform, and common-platform → IMS, with the same body. The same id with the same content is a repeat. */
export const sendNotice = defineEndpoint({
  id: 'exchange.send-notice',
  method: 'POST',
  path: '/person-notices',
  right: ['exchange', 'person-notice', 'update'],
  request: z.strictObject({
    noticeId: uuid,
    system: z.string().max(40),
    orgPersonNumber: z.string().regex(/^[0-9]{15}$/),
    ...about,
  }),
  response: z.strictObject({ accepted: z.literal(true) }),
  errors: [
    'not-your-business',
    'unknown-person',
    'no-linkage-code',
    'not-a-period',
    'attachment-differs',
    'notice-id-used',
  ],
});

/** What became of notices of this business system; ids of another's, or of none, are left out. Same body on both ways. */
export const tellNoticeStates = defineEndpoint({
  id: 'exchange.notice-states',
  method: 'POST',
  path: '/person-notices/states',
  right: ['exchange', 'person-notice', 'update'],
  request: z.strictObject({ system: z.string().max(40), noticeIds: z.array(uuid).min(1).max(500) }),
  response: z.strictObject({
    states: z.array(
      z.strictObject({
        noticeId: uuid,
        state: z.enum(noticeStates),
        deliveredAt: z.string().nullable(),
        openedAt: z.string().nullable(),
      }),
    ),
  }),
  errors: ['not-your-business'],
});

/** One notice as the person sees it; only those whose days of publication include today are told. */
export const personNotice = z.strictObject({
  noticeId: uuid,
  ...about,
  state: z.enum(['delivered', 'opened']),
  openedAt: z.string().nullable(),
  lodgedAt: z.string(),
});
export type PersonNotice = z.infer<typeof personNotice>;

/** Plaintext of a body's answer to a request of kind `notices`; sealed like `personAnswer` (records.ts). The newest first. */
export const noticesAnswer = z.strictObject({
  v: z.literal(1),
  requestId: uuid,
  organisation: z.string(),
  notices: z.array(personNotice).max(100),
});
export type NoticesAnswer = z.infer<typeof noticesAnswer>;
