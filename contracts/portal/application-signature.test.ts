import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as x509 from '@musubi/kernel/pki/x509.ts';
import { particularsOf } from './application-signature.ts';

/** Worked subjectAltName of a card, from the description of the format and not from our own writer. */
const worked =
  '3081CAA01F060A2A83088C9B5508050501A0110C0FE4BD90E897A4E38080E88AB1E5AD90A019060A2A83088C9B5508050504A00B0C09333139383030343031' +
  'A011060A2A83088C9B5508050503A0030C0132A040060A2A83088C9B5508050505A0320C30E69DB1E4BAACE983BDE79BAEE9BB92E58CBAE4B8ADE79BAEE9BB92' +
  'EFBC91E4B881E79BAEEFBC92E795AAEFBC93E58FB7A015060A2A83088C9B5508050502A0070C053030303030A020060A2A83088C9B5508050506A0120C10' +
  '30303030303030303030303030303030';
const hanako = {
  name: '佐藤　花子',
  birthDate: '1980-04-01',
  sex: 'female',
  address: '東京都目黒区中目黒１丁目２番３号',
};

const algorithm = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
};
const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);

async function certificateWith(san: string | undefined): Promise<string> {
  const extension = san === undefined ? [] : [new x509.Extension('2.5.29.17', false, Buffer.from(san, 'hex'))];
  const made = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=card',
    keys,
    signingAlgorithm: algorithm,
    extensions: extension,
  });
  return Buffer.from(made.rawData).toString('base64');
}

test('公的個人認証 §3 the four particulars are read from a card certificate by their identifiers', async () => {
  assert.deepEqual(particularsOf(await certificateWith(worked)), hanako);
  // The order of the entries says nothing: the birthday before the name.
  const name = worked.slice(6, 72);
  const birth = worked.slice(72, 126);
  const swapped = worked.slice(0, 6) + birth + name + worked.slice(126);
  assert.deepEqual(particularsOf(await certificateWith(swapped)), hanako);
});

test('公的個人認証 J03 without them, cut off, or with one of them twice there are none', async () => {
  assert.equal(particularsOf(await certificateWith(undefined)), undefined);
  assert.equal(particularsOf(await certificateWith(worked.slice(0, -2))), undefined);
  const sex = worked.slice(126, 164);
  assert.match(sex, /^A011.*0132$/);
  const twice = `3081DD${worked.slice(6)}${sex}`;
  assert.equal(particularsOf(await certificateWith(twice)), undefined);
  const otherSex = worked.replace('0C0132', '0C0139');
  assert.equal(particularsOf(await certificateWith(otherSex)), undefined);
  assert.equal(particularsOf('bm8gY2VydGlmaWNhdGU='), undefined);
});
