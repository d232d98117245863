import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { after, test } from 'node:test';
import { inquireNational, loadOtherPrefectures, nationalInquiryType } from '@musubi/contracts/juki/inquiry.ts';
import { inquireForOffice } from '@musubi/contracts/juki/office-inquiry.ts';
import { canonicalJson } from '@musubi/kernel/crypto/canonical-json.ts';
import { sealJwe } from '@musubi/kernel/crypto/jwe.ts';
import { signJws } from '@musubi/kernel/crypto/jws.ts';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import { makeResidentRecordCode } from '@musubi/kernel/identifiers/resident-record-code.ts';
import type { Identity } from '@musubi/kernel/pki/identity.ts';
import { systemRandom } from '@musubi/kernel/random/random.ts';
import { err, unwrap } from '@musubi/kernel/result/result.ts';
import { type Chain, startChain } from './chain-world.ts';

const chain: Chain = await startChain();
after(() => chain[Symbol.asyncDispose]());
const national = chain.member('jlis/national-juki');
const osaka = await chain.outsider('osaka/prefectural-juki');

const key = {
  kind: 'four-items',
  name: '難波太郎',
  birthDate: '1975-02-03',
  address: '大阪市北区中之島1-3-20',
} as const;

/** As osaka's server asks; `signer` and `asker` may lie. */
function ask(change: { signer?: Identity; asker?: string; inquiryId?: string; alter?: boolean } = {}) {
  const { signer = osaka.identity, asker = 'osaka/prefectural-juki', alter = false } = change;
  const inquiryId = change.inquiryId ?? national.newId();
  const payload = { v: 1, inquiryId, asker, ground: '住民基本台帳法第30条の15', key, items: ['name'] };
  const own = signJws({
    key: signer.signing.key,
    typ: nationalInquiryType,
    signer: { x5c: signer.signing.chain },
    payload,
  });
  const [head, , signature] = own.split('.');
  const other = Buffer.from(canonicalJson({ ...payload, items: ['address'] })).toString('base64url');
  const [leaf] = national.host.identity.encryption.chain;
  const sealed = sealJwe({
    recipient: new X509Certificate(leaf!).publicKey,
    typ: nationalInquiryType,
    plaintext: Buffer.from(alter ? `${head}.${other}.${signature}` : own),
  });
  return osaka.client.call(inquireNational, 'jlis/national-juki', {}, { inquiryId, sealed });
}

test('NCS-F2 名乗りと署名と証明書が違う照会、同じ番号の照会には答えない', async () => {
  const tokyo = chain.member('tokyo/prefectural-juki').host.identity;
  assert.deepEqual(await ask({ signer: tokyo }), err('bad-signature'));
  assert.deepEqual(await ask({ asker: 'tokyo/prefectural-juki' }), err('bad-signature'));
  const inquiryId = national.newId();
  assert.equal((await ask({ inquiryId })).ok, true);
  assert.deepEqual(await ask({ inquiryId }), err('inquiry-repeated'));
  const rows = await national.t.owner('select asker, result from national_juki.inquiry_record');
  assert.deepEqual(rows, [{ asker: 'osaka/prefectural-juki', result: 'not-identified' }]);
});

mechanismTest('transport.signed-message', 'NCS-F3 署名のあとで書き換えられた照会には答えない', async () => {
  assert.deepEqual(await ask({ alter: true }), err('bad-signature'));
});

test('JUK-F1 JUK-F2 税の担当は区のサーバを通して4項目で全国に照会し、特定された一人だけが返る。ほかの事務と二度目の照会には返らない', async () => {
  const tax = await chain.outsider('meguro/resident-tax');
  const osakaPerson = {
    residentRecordCode: makeResidentRecordCode(systemRandom),
    individualNumber: '300000000039',
    name: '鈴木 三郎',
    birthDate: '1970-05-06',
    sex: 'male',
    address: '大阪府大阪市北区中之島1-3-20',
    municipalityCode: '271276',
    changedOn: '2015-10-05',
  } as const;
  const conductor = await chain.outsider('town/conductor');
  const load = { reportedBy: 'osaka/prefectural-juki', persons: [osakaPerson] };
  unwrap(await conductor.client.call(loadOtherPrefectures, 'jlis/national-juki', {}, load));
  const { name, birthDate, address } = osakaPerson;
  const inquiry = (over: object = {}) => ({
    inquiryId: national.newId(),
    ground: '住民基本台帳法別表第二（個人住民税の賦課）',
    document: 'R-1',
    operator: 'S-201',
    name,
    birthDate,
    address,
    ...over,
  });
  const ask = (body: object) => tax.client.call(inquireForOffice, 'meguro/municipal-juki', {}, body as never);
  const first = inquiry();
  assert.deepEqual(await ask(first), {
    ok: true,
    value: {
      person: { individualNumber: '300000000039', name, birthDate, sex: 'male', address },
    },
  });
  assert.deepEqual(await ask(first), err('inquiry-repeated'));
  assert.deepEqual(await ask(inquiry({ birthDate: '1970-05-07' })), { ok: true, value: { person: null } });
  const collections = await chain.outsider('meguro/collections');
  const refused = await collections.client.call(inquireForOffice, 'meguro/municipal-juki', {}, inquiry() as never);
  assert.deepEqual(refused, err('not-authorised'));
  const other = await chain.outsider('setagaya/resident-tax');
  assert.deepEqual(
    await other.client.call(inquireForOffice, 'meguro/municipal-juki', {}, inquiry() as never),
    err('not-authorised'),
  );
  const kept = await national.t.owner(
    `select asker, result from national_juki.inquiry_record where ground like '%個人住民税%' order by result`,
  );
  assert.deepEqual(kept, [
    { asker: 'meguro/municipal-juki', result: 'given' },
    { asker: 'meguro/municipal-juki', result: 'not-identified' },
  ]);
});
