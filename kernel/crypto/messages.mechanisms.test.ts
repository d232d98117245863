import assert from 'node:assert/strict';
import { mechanismTest } from '../enforcement/testing.ts';
import { err } from '../result/result.ts';
import { openJwe, sealJwe } from './jwe.ts';
import { openJws, readJws, signJws } from './jws.ts';
import { generateP256 } from './p256.ts';

const payload = { inquiryNumber: '0001', items: ['income'] };

mechanismTest('transport.signed-message', 'design §4.0 署名が名乗る者の鍵で成り立たない電文は断られる', () => {
  const [sender, other] = [generateP256(), generateP256()];
  const jws = signJws({ key: other.privateKey, typ: 'musubi-permit+jws', signer: { kid: 'ins' }, payload });
  assert.deepEqual(
    openJws(jws, { typ: 'musubi-permit+jws' }, () => sender.publicKey),
    err('wrong-signature'),
  );
  assert.ok(openJws(jws, { typ: 'musubi-permit+jws' }, () => other.publicKey).ok);
});

mechanismTest('transport.strict-message', 'design §4.0 ある種類の署名電文は、別の種類としては読まれない', () => {
  const { privateKey } = generateP256();
  const jws = signJws({ key: privateKey, typ: 'musubi-permit+jws', signer: { kid: 'ins' }, payload });
  assert.ok(readJws(jws, { typ: 'musubi-permit+jws' }).ok);
  assert.deepEqual(readJws(jws, { typ: 'musubi-answer+jws' }), err('wrong-type'));
});

mechanismTest('transport.strict-message', 'design §4.0 ある種類の暗号電文は、別の種類としては開かれない', () => {
  const { privateKey, publicKey } = generateP256();
  const jwe = sealJwe({ recipient: publicKey, typ: 'musubi-answer+jwe', plaintext: Buffer.from('x') });
  assert.ok(openJwe(jwe, { privateKey, typ: 'musubi-answer+jwe' }).ok);
  assert.deepEqual(openJwe(jwe, { privateKey, typ: 'musubi-copy+jwe' }), err('wrong-type'));
});
