import assert from 'node:assert/strict';
import { assignmentRequestType } from '@musubi/contracts/juki/assignment.ts';
import { systemMachineClock } from '@musubi/kernel/clocks/clock.ts';
import { signJws } from '@musubi/kernel/crypto/jws.ts';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import { holdCeremony, issueIdentity, trustWithCrl } from '@musubi/kernel/pki/authority.ts';
import { err } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { assignmentRoute } from '../http/assignment.ts';

const now = systemMachineClock.now();
const validity = { from: now.subtract({ hours: 1 }), until: now.add({ hours: 24 }) };
const ceremony = await holdCeremony(now);
const trust = await trustWithCrl(ceremony, now);
const register = await issueIdentity(
  ceremony.issuing,
  { organisation: 'meguro', system: 'resident-register' },
  validity,
);
const relay = await issueIdentity(ceremony.issuing, { organisation: 'meguro', system: 'municipal-juki' }, validity);
const requestId = '0190a000-0000-7000-8000-000000000001';

mechanismTest(
  'transport.signed-message',
  '003 4.4 付番の要求は、名乗る住民記録システムの鍵で署名されていなければ断られる',
  async () => {
    // The request names another register, so that it ends at once where the signature is not looked at.
    const { handle } = assignmentRoute(
      { trust, certificateOf: () => Promise.reject(new Error('no code may be given out')) },
      { machineClock: systemMachineClock } as Deps,
    );
    const askedWith = (key: typeof register.signing.key) =>
      handle({
        body: {
          requestId,
          request: signJws({
            key,
            typ: assignmentRequestType,
            signer: { x5c: register.signing.chain },
            payload: {
              v: 1,
              requestId,
              register: 'setagaya/resident-register',
              municipalityCode: '131105',
              ground: 'birth',
            },
          }),
        },
      } as never);
    assert.deepEqual(await askedWith(register.signing.key), err('not-your-register'));
    assert.deepEqual(await askedWith(relay.signing.key), err('bad-signature'));
  },
);
