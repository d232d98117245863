import { defineEndpoint } from '@musubi/kernel/http/endpoint.ts';
import { z } from 'zod';
import { insideAsker } from './endpoints.ts';
import { inquiryRefusals, inquiryStatement, provisionResult } from './messages.ts';

/*
 * 一括照会: the same question about many persons, asked one by one on a day to come. Every person's question is an inquiry of its own,
 * with its permit and its records; the order only keeps them together.
 */

const uuid = z.uuid();

/** Persons of one call. */
export const personsPerCall = 2_000;

export const orderInquiries = defineEndpoint({
  id: 'exchange.order-inquiries',
  method: 'POST',
  path: '/inquiry-orders',
  right: ['exchange', 'ask', 'update'],
  request: z.strictObject({
    orderId: uuid,
    asker: insideAsker,
    procedure: inquiryStatement.shape.procedure,
    informationCode: inquiryStatement.shape.informationCode,
    items: inquiryStatement.shape.items,
    condition: inquiryStatement.shape.condition,
    provider: z.string(),
    persons: z.int().min(1).max(1_000_000),
    /** Asked from this day on. */
    notBefore: z.iso.date(),
  }),
  response: z.strictObject({ missing: z.int() }),
  errors: ['not-your-business', 'order-repeated-with-other-content'],
});

/** Persons of an order from row `from` on (1 is the first); with the last of them the order can begin. */
export const addOrderPersons = defineEndpoint({
  id: 'exchange.add-order-persons',
  method: 'POST',
  path: '/inquiry-orders/persons',
  right: ['exchange', 'ask', 'update'],
  request: z.strictObject({
    orderId: uuid,
    from: z.int().min(1),
    orgPersonNumbers: z.array(z.string().max(15)).min(1).max(personsPerCall),
  }),
  response: z.strictObject({ missing: z.int() }),
  /** unknown-person: the platform is not sure that each of them is the asker's; none is added. */
  errors: ['no-such-order', 'rows-beyond-order', 'rows-repeated-with-other-content', 'unknown-person'],
});

export const orderResults = defineEndpoint({
  id: 'exchange.order-results',
  method: 'POST',
  path: '/inquiry-orders/results',
  right: ['exchange', 'ask', 'update'],
  request: z.strictObject({ orderId: uuid, after: z.int().min(0), limit: z.int().min(1).max(500) }),
  response: z.strictObject({
    state: z.enum(['incomplete', 'waiting', 'running', 'done']),
    done: z.int(),
    persons: z.int(),
    rows: z.array(
      z.strictObject({
        row: z.int(),
        orgPersonNumber: z.string(),
        inquiryNumber: uuid.nullable(),
        /** Null where it was refused; then `refusal` says why. */
        result: provisionResult.nullable(),
        refusal: z.enum([...inquiryRefusals, 'not-your-business', 'result-deleted']).nullable(),
        validFrom: z.iso.date().nullable(),
        items: z.record(z.string(), z.union([z.string(), z.int(), z.boolean(), z.null()])),
      }),
    ),
  }),
  errors: ['no-such-order'],
});

/**
 * INS → IMS: what the body has on record of a span of time, without any person: for the comparison of the three records
 * (design §4.3). In the order of `recordedAt`, then of the record's id.
 */
export const tellExchangeRecords = defineEndpoint({
  id: 'exchange.tell-exchange-records',
  method: 'POST',
  path: '/exchange-records',
  right: ['intermediate-server', 'record-comparison', 'read'],
  request: z.strictObject({
    from: z.string(),
    until: z.string(),
    after: uuid.nullable(),
    limit: z.int().min(1).max(2_000),
  }),
  response: z.strictObject({
    records: z.array(
      z.strictObject({
        recordId: uuid,
        inquiryNumber: uuid.nullable(),
        role: z.enum(['asker', 'provider']),
        asker: z.string(),
        provider: z.string(),
        informationCode: z.string(),
        result: z.string().nullable(),
        refusal: z.string().nullable(),
        recordedAt: z.string(),
      }),
    ),
  }),
  errors: [],
});
