import { tellRemittance } from '@musubi/contracts/collections/remittance.ts';
import { deliverPaymentFile } from '@musubi/contracts/payments/delivery.ts';
import type { PeerClient } from '@musubi/kernel/http/client.ts';
import type { Wards } from '../deps.ts';

/** Hands files to the wards' collections. Without an answer it throws, and the file is offered again. */
export const wardsClient = (peers: PeerClient): Wards => ({
  async deliver(body, { channel, content }) {
    const request = { channel, content: Buffer.from(content).toString('base64') };
    const done = await peers.call(deliverPaymentFile, body.collections, {}, request, { timeoutMs: 120_000 });
    if (!done.ok) throw new Error(`${body.collections}: ${done.error}`);
    return !done.value.taken ? 'refused' : done.value.repeated ? 'repeated' : 'taken';
  },
  async tell(body, { paymentId, bodyCode: _body, lines, ...about }) {
    const request = { ...about, listId: paymentId, lines: [...lines] };
    const done = await peers.call(tellRemittance, body.collections, {}, request, { timeoutMs: 120_000 });
    if (done.ok) return done.value.repeated ? 'repeated' : 'taken';
    if (Object.hasOwn(tellRemittance.errors, done.error)) return 'refused';
    throw new Error(`${body.collections}: ${done.error}`);
  },
});
