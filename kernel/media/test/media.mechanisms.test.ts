import assert from 'node:assert/strict';
import { mechanismTest } from '../../enforcement/testing.ts';
import { err, unwrap } from '../../result/result.ts';
import { recordHandedOver, recordReturned } from '../media.ts';
import { aHouse, content } from './a-house.ts';

mechanismTest(
  'media.encryption',
  '媒体に書くファイルは受取側の鍵で暗号化され、中身が読めない (design §4.6)',
  async () => {
    await using h = await aHouse();
    unwrap(await h.approve());
    const { files } = unwrap(await h.prepare());
    assert.equal(files.length, 1);
    for (const { bytes } of files) {
      assert.equal(Buffer.from(bytes).includes(content.subarray(0, 12)), false);
      assert.equal(Buffer.from(bytes.subarray(0, 21)).toString(), 'age-encryption.org/v1');
    }
  },
);

mechanismTest('media.ledger', '授受簿で準備済みでない媒体は持ち出せず、返却もできない (design §4.6)', async () => {
  await using h = await aHouse();
  const { deps, handOverId } = h;
  assert.deepEqual(
    await h.inAct((tx) => recordHandedOver(tx, deps, { handOverId, by: 's1', handedTo: 'r7' })),
    err('not-in-this-state'),
  );
  assert.deepEqual(await h.inAct((tx) => recordReturned(tx, deps, { handOverId, by: 's1' })), err('not-in-this-state'));
  assert.deepEqual(
    (await h.ledger()).map((line) => line.state),
    ['requested'],
  );
});

mechanismTest('media.ledger', '持ち出した媒体は、もう一度作ることも持ち出すこともできない (design §4.6)', async () => {
  await using h = await aHouse();
  const { deps, handOverId } = h;
  const out = () => h.inAct((tx) => recordHandedOver(tx, deps, { handOverId, by: 's1', handedTo: 'r7' }));
  unwrap(await h.approve());
  unwrap(await h.prepare());
  unwrap(await out());
  assert.deepEqual(await out(), err('not-in-this-state'));
  assert.deepEqual(await h.prepare(), err('not-in-this-state'));
});
