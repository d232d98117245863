import { defineEndpoint } from '@musubi/kernel/http/endpoint.ts';
import { z } from 'zod';

/**
 * A business system of the municipality → its server of the network: who is this person in the whole country? By name, birth date and
 * address; an answer names one person or nobody. Which person of how many is not told. The clerk behind it has signed in with two factors,
 * as everybody does; the affair and the document are stated and kept with the record here, at the nation's server and in both logs.
 * @law 住民基本台帳法 第30条の10, 別表第二 (個人住民税の賦課); @source requirements 002 JUK-F1, JUK-F2, W11
 */
export const inquireForOffice = defineEndpoint({
  id: 'juki.inquire-for-office',
  method: 'POST',
  path: '/office-inquiries',
  right: ['municipal-juki', 'office-inquiry', 'read'],
  request: z.strictObject({
    inquiryId: z.uuid(),
    /** 事務, with its article. */
    ground: z.string().min(1).max(200),
    /** Document that the inquiry belongs to. */
    document: z.string().min(1).max(60),
    /** 職員番号. */
    operator: z.string().min(1).max(60),
    name: z.string().min(1).max(100),
    birthDate: z.iso.date(),
    address: z.string().min(1).max(200),
  }),
  response: z.strictObject({
    person: z
      .strictObject({
        individualNumber: z.string().regex(/^[0-9]{12}$/),
        name: z.string().min(1).max(100),
        birthDate: z.iso.date(),
        sex: z.enum(['male', 'female', 'other']),
        address: z.string().min(1).max(200),
      })
      .nullable(),
  }),
  errors: {
    'national-unavailable': { status: 503, title: '全国サーバに照会できません' },
    'inquiry-repeated': { status: 409, title: '同じ照会番号の照会を既に受け付けています' },
  },
});
