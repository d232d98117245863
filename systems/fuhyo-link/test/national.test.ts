import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { type InquiryKey, lookUpNational } from '@musubi/contracts/fuhyo/inquiry.ts';
import { fuhyoChanges, nationalFuhyoNotices } from '@musubi/contracts/fuhyo/notices.ts';
import { systemMachineClock } from '@musubi/kernel/clocks/clock.ts';
import { createPeerClient } from '@musubi/kernel/http/client.ts';
import { holdCeremony, issueIdentity } from '@musubi/kernel/pki/authority.ts';
import type { Identity } from '@musubi/kernel/pki/identity.ts';
import { err, unwrap } from '@musubi/kernel/result/result.ts';
import { lookUpAt } from '../clients/national.ts';
import {
  anEmigrant,
  aPerson,
  ask,
  fuhyoNotice,
  inquiryOf,
  partyOf,
  send,
  sendFuhyo,
  startWorld,
  trust,
} from './fuhyo-world.ts';

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

test('FNS-F2 全国サーバは住民票コードか四情報の組合せで一人だけを答え、足りない条件・二人に合う条件・いない方には何も答えない', async () => {
  const abroad = await anEmigrant(world, { name: '同名　花子', birthDate: '1966-06-06' });
  const { name, birthDate, residentRecordCode } = abroad;
  const { identity, client } = await world.client('tokyo/fuhyo-link');
  const look = lookUpAt({ peers: client, identity }, 'jlis/national-fuhyo');
  const by = (key: InquiryKey) => look({ lookupId: world.fuhyo.newId(), task: 'child-chronic-disease', key });
  const found = unwrap(await by({ residentRecordCode }));
  assert.deepEqual([found?.name, found?.birthDate], [name, birthDate]);
  assert.ok(!JSON.stringify(found).includes(abroad.individualNumber));
  assert.deepEqual(unwrap(await by({ name, birthDate })), found);
  assert.equal(unwrap(await by({ residentRecordCode: aPerson().residentRecordCode })), undefined);
  assert.deepEqual(await by({ sex: 'female' }), err('unavailable'), 'one item is not enough: refused');
  const twin = await anEmigrant(world, { name, birthDate });
  assert.equal(unwrap(await by({ name, birthDate })), undefined, 'two fit: nobody');
  assert.equal(unwrap(await by({ residentRecordCode: twin.residentRecordCode }))?.name, name);
});

test('FNS-F3 003 scenario 17 相互の認証: ほかのシステム・ほかの認証局の相手には全国サーバは何も渡さず、全国サーバでない相手には何も送られない', async () => {
  const { residentRecordCode } = await anEmigrant(world);
  const request = { lookupId: world.fuhyo.newId(), task: 'child-chronic-disease', key: { residentRecordCode } };
  const count = async () => (await world.national.t.owner('select 1 from national_fuhyo.lookup')).length;
  const before = await count();
  const { client } = await world.client('tokyo/common-platform');
  assert.deepEqual(await client.call(lookUpNational, 'jlis/national-fuhyo', {}, request), err('not-authorised'));
  const now = systemMachineClock.now();
  const strangers = await holdCeremony(now);
  const validity = { from: now.subtract({ hours: 1 }), until: now.add({ hours: 1 }) };
  const called = async (identity: Identity, peer: string, at: string) => {
    const client = createPeerClient({
      identity,
      trust,
      directory: () => world.addressOf(at),
      machineClock: systemMachineClock,
      tries: 1,
    });
    const answered = await client.call(lookUpNational, peer, {}, request);
    await client.close();
    return answered.ok ? 'answered' : (answered.error as string);
  };
  const forged = await issueIdentity(strangers.issuing, partyOf('tokyo/fuhyo-link'), validity);
  const { identity } = world.fuhyo.host;
  // The same question with the prefecture's own certificate is answered: the count would see the others.
  assert.equal(await called(identity, 'jlis/national-fuhyo', 'jlis/national-fuhyo'), 'answered');
  assert.equal(await count(), before + 1);
  assert.notEqual(await called(forged, 'jlis/national-fuhyo', 'jlis/national-fuhyo'), 'answered');
  assert.notEqual(await called(identity, 'jlis/national-fuhyo', 'tokyo/prefectural-juki'), 'answered');
  assert.equal(await count(), before + 1);
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
