import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { fuhyoChanges, nationalFuhyoNotices } from '@musubi/contracts/fuhyo/notices.ts';
import { anEmigrant, aPerson, ask, fuhyoNotice, inquiryOf, send, sendFuhyo, startWorld } from './fuhyo-world.ts';

const world = await startWorld();
after(() => world[Symbol.asyncDispose]());

test('FNS-F1・003 A17 全国サーバの拒否は、規則とともに都に記され、通知元の区へ返る', async () => {
  const person = await anEmigrant(world);
  const notice = fuhyoNotice(world, person, 'entry', 9);
  await send(world.fuhyo, 'jlis/national-fuhyo', nationalFuhyoNotices, notice);
  await world.pump();
  const refused = await world.fuhyo.t.owner<{ rule: string }>(
    'select rule from fuhyo_link.national_refusal where change_id = $1',
    [notice.changeId],
  );
  assert.deepEqual(refused, [{ rule: 'FN-01' }]);
  const back = await world.ward.t.owner('select rule, refused_by from municipal_juki.returned where change_id = $1', [
    notice.changeId,
  ]);
  assert.deepEqual(back, [{ rule: 'FN-01', refused_by: 'jlis/national-fuhyo' }]);
});

test('003 scenario 8 全国サーバに届かない間も都は受け付けて照会に答え、通知は順に待つ', async () => {
  const person = aPerson();
  await world.national.server.close();
  for (const [sequence, address] of ['一番地', '二番地', '三番地'].entries()) {
    const kind = sequence === 0 ? 'entry' : 'correction';
    await send(
      world.ward,
      'tokyo/fuhyo-link',
      fuhyoChanges,
      fuhyoNotice(world, person, kind, sequence + 1, { address }),
    );
  }
  assert.equal((await world.ward.relay('tokyo/fuhyo-link', 'fuhyo.change')).kind, 'settled');
  assert.equal((await world.fuhyo.relay('jlis/national-fuhyo', 'fuhyo.national-notice')).kind, 'held');
  const waiting = await world.fuhyo.t.owner(
    `select 1 from streams.outgoing where family = 'fuhyo.national-notice' and state = 'numbered'`,
  );
  assert.equal(waiting.length, 3);
  const answer = await ask(world, inquiryOf(world, person, { wantsNumber: false }));
  assert.ok(answer.ok && answer.value.record?.address === '三番地');
  // Nobody here, and the national server out of reach: not identified, and on record as out of reach.
  const unknown = inquiryOf(world, aPerson({ name: '無名　花子' }), { document: '不達' });
  const none = await ask(world, unknown);
  assert.ok(none.ok && none.value.result === 'not-identified');
  const noted = await world.fuhyo.t.owner(`select result from fuhyo_link.national_lookup where document = '不達'`);
  assert.deepEqual(noted, [{ result: 'unavailable' }]);
});

test('003 scenario 8 全国サーバが何度失敗しても、通知は順に、一度ずつ届く', async () => {
  await using faulty = await startWorld({ nationalFaults: { seed: 'f', failPerMille: 200 } });
  const person = aPerson();
  await sendFuhyo(faulty, fuhyoNotice(faulty, person, 'entry', 1));
  await sendFuhyo(faulty, fuhyoNotice(faulty, person, 'removal', 2));
  const rows = await faulty.national.t.owner<{ result: string }>('select result from notice_journal.entry');
  assert.deepEqual(
    rows.map((r) => r.result),
    ['applied', 'applied'],
  );
});
