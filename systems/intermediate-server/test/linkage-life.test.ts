import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { after, test } from 'node:test';
import {
  endLinkage,
  keyVersionOf,
  noticeLinkage,
  reportSuccession,
  resealLinkageCodes,
  rotateBodyKey,
  type SuccessionKind,
} from '@musubi/contracts/exchange/linkage-life.ts';
import { sealedTypes } from '@musubi/contracts/exchange/signed.ts';
import { canonicalJson } from '@musubi/kernel/crypto/canonical-json.ts';
import { sealJwe } from '@musubi/kernel/crypto/jwe.ts';
import { route } from '@musubi/kernel/http/server.ts';
import { err, ok, unwrap } from '@musubi/kernel/result/result.ts';
import { fetchList } from '../service/fetch-list.ts';
import { decideCase, listCases } from '../service/linkage-life.ts';
import { resealCodes } from '../service/reseal-codes.ts';
import { exchangeWorld } from './exchange-world.ts';
import { depsOf } from './ims-deps.ts';
import { codeAt } from './messages.ts';

const world = await exchangeWorld();
after(() => world[Symbol.asyncDispose]());
for (const each of [world.meguro, world.tokyo])
  unwrap(await fetchList(depsOf(world, each), { kind: 'job', name: 'test' }));
const clerk = (organisation: string) => ({ kind: 'staff', organisation, staffId: 's-1', sessionId: 'x-1' }) as const;
const tax = (levy: number) => ({ 課税区分: '課税', 市町村民税所得割額: levy });

function report(kind: SuccessionKind, endedCode: string, survivorCode: string, requestId = world.newId()) {
  const plaintext = Buffer.from(canonicalJson({ v: 1, requestId, kind, endedCode, survivorCode, on: '2026-06-10' }));
  const recipient = new X509Certificate(world.root.identity.encryption.chain[0]!).publicKey;
  const sealed = sealJwe({ recipient, typ: sealedTypes.rootSuccession, plaintext });
  return world.clients.register.call(reportSuccession, 'ins/linkage-root', {}, { requestId, sealed });
}
const levyOf = async (prefecture: string): Promise<unknown> => {
  const answer = await world.ask(world.question(prefecture));
  if (!answer.ok) return answer.error;
  return answer.value.items.市町村民税所得割額 ?? answer.value.result;
};

test('001 ⑤, design §4.2 住民票コードが変わると、両団体の符号が置き換わり、照会は続けられる', async () => {
  const { ward, prefecture, residentRecordCode } = await world.person(tax(101));
  const before = [await codeAt(world.meguro, ward), await codeAt(world.tokyo, prefecture)];
  const requestId = world.newId();
  assert.deepEqual(await report('code-changed', residentRecordCode, '80000000001', requestId), ok({ told: 2 }));
  const now = [await codeAt(world.meguro, ward), await codeAt(world.tokyo, prefecture)];
  assert.ok(now.every((code, i) => code !== before[i]));
  assert.equal(await levyOf(prefecture), 101);
  assert.deepEqual(
    await report('code-changed', residentRecordCode, '80000000001', requestId),
    ok({ told: 2 }),
    'a repeat changes nothing',
  );
  assert.deepEqual([await codeAt(world.meguro, ward), await codeAt(world.tokyo, prefecture)], now);
  assert.deepEqual(
    await report('code-changed', residentRecordCode, '80000000009', requestId),
    err('request-key-reused'),
  );
  assert.deepEqual(await report('code-changed', '80000000001', residentRecordCode), err('goes-in-a-circle'));
  // A second change follows the first, and reaches those who were given the first one's code.
  assert.deepEqual(await report('code-changed', '80000000001', '80000000002'), ok({ told: 2 }));
  assert.notEqual(await codeAt(world.meguro, ward), now[0]);
  assert.equal(await levyOf(prefecture), 101);
});

test('design §4.2 a body that was not reached is told again, and takes the notice once', async () => {
  const { ward, residentRecordCode } = await world.person(tax(7));
  const there = world.directory.get('meguro/intermediate-server')!;
  const before = await codeAt(world.meguro, ward);
  const gone = await world.serveAs(world.meguro.identity, [route(noticeLinkage, async () => err('bad-signature'))]);
  world.directory.set('meguro/intermediate-server', gone);
  const requestId = world.newId();
  assert.deepEqual(await report('code-changed', residentRecordCode, '80000000011', requestId), err('unavailable'));
  world.directory.set('meguro/intermediate-server', there);
  assert.equal(await codeAt(world.meguro, ward), before);
  assert.deepEqual(await report('code-changed', residentRecordCode, '80000000011', requestId), ok({ told: 2 }));
  assert.notEqual(await codeAt(world.meguro, ward), before);
});

test('design §4.2 重複登録の統合は職員が決める。取り消すと、決定の後に元に戻る', async () => {
  const [ended, survivor] = [await world.person(tax(31)), await world.person(tax(32))];
  assert.deepEqual(await report('merged', ended.residentRecordCode, survivor.residentRecordCode), ok({ told: 2 }));
  assert.ok(await codeAt(world.meguro, ended.ward), 'nothing is replaced by itself');
  // The ended code is turned as the survivor's from now on.
  assert.equal(await levyOf(ended.prefecture), 32);

  const ward = depsOf(world, world.meguro);
  const open = unwrap(await listCases(ward, clerk('meguro'), { limit: 10, offset: 0 })).find(
    ({ person }) => person === ended.ward,
  );
  assert.equal(open?.otherPerson, survivor.ward);
  const decision = { noticeId: open!.noticeId, decision: 'same-person', reason: '住基で確認' } as const;
  const both = await Promise.all([1, 2].map(() => decideCase(ward, clerk('meguro'), decision)));
  assert.equal(both.filter((each) => each.ok).length, 1, 'decided once');
  const left = await world.meguro.t.owner('select 1 from intermediate_server.linkage where org_person_number = $1', [
    ended.ward,
  ]);
  assert.equal(left.length, 0, 'the survivor’s number holds the code already: the ended one has none');

  assert.equal((await report('undone', ended.residentRecordCode, survivor.residentRecordCode)).ok, true);
  assert.equal(await levyOf(ended.prefecture), 'no-linkage-code', 'the ended code stands for itself again');
  const undone = unwrap(await listCases(ward, clerk('meguro'), { limit: 10, offset: 0 })).find(
    ({ kind }) => kind === 'undone',
  );
  assert.equal(undone?.person, survivor.ward);
});

test('統合で生き残る符号を持つ番号がなければ、同一人の決定で符号が置き換わり、取消しの決定で戻る', async () => {
  const { ward, prefecture, residentRecordCode } = await world.person(tax(55));
  assert.equal((await report('merged', residentRecordCode, '80000000055')).ok, true);
  assert.equal(await levyOf(prefecture), 'no-linkage-code', 'until the clerk of the ward has decided');
  const deps = depsOf(world, world.meguro);
  const caseOf = async (kind: string) =>
    unwrap(await listCases(deps, clerk('meguro'), { limit: 50, offset: 0 })).find(
      (each) => each.person === ward && each.kind === kind,
    )!;
  const { noticeId } = await caseOf('merged');
  unwrap(await decideCase(deps, clerk('meguro'), { noticeId, decision: 'same-person', reason: '確認' }));
  assert.equal(await levyOf(prefecture), 55);
  assert.equal((await report('undone', residentRecordCode, '80000000055')).ok, true);
  const undone = await caseOf('undone');
  unwrap(
    await decideCase(deps, clerk('meguro'), { noticeId: undone.noticeId, decision: 'not-same-person', reason: '誤り' }),
  );
  assert.equal(await levyOf(prefecture), 55);
  for (const table of ['linkage', 'linkage_ended', 'linkage_case', 'linkage_case_decision', 'linkage_notice']) {
    const [row] = await world.meguro.t.owner<{ n: number }>(
      `select count(*)::int as n from audit.fact_differences('intermediate_server.${table}') where erased_event_id is null`,
    );
    assert.equal(row!.n, 0, table);
  }
});

test('001 IMS-F1 削除された人の符号は消え、照会も提供もできない', async () => {
  const { ward, prefecture } = await world.person(tax(9));
  const end = () =>
    world.clients.meguroPlatform.call(
      endLinkage,
      'meguro/intermediate-server',
      {},
      { requestId: world.newId(), orgPersonNumber: ward, reason: 'deleted' },
    );
  assert.deepEqual(await end(), ok({ ended: true }));
  assert.deepEqual(await end(), ok({ ended: false }));
  assert.equal(await levyOf(prefecture), 'no-linkage-code');
  // Only the root process gives notices.
  const forged = world.clientOf(world.network.identity);
  assert.deepEqual(
    await forged.call(noticeLinkage, 'meguro/intermediate-server', {}, { notice: 'x' }),
    err('not-authorised'),
  );
});

test('design §4.2 団体の鍵の更新: 再封緘の前も途中も後も照会は続き、途中で止まっても次の回で終わる', async () => {
  const people = [await world.person(tax(61)), await world.person(tax(62))];
  const asNetwork = world.clientOf(world.network.identity);
  const requestId = world.newId();
  const rotate = (organisation: string) =>
    asNetwork.call(rotateBodyKey, 'ins/linkage-root', {}, { requestId, organisation });
  assert.deepEqual(await rotate('meguro'), ok({ version: 2 }));
  assert.deepEqual(await rotate('meguro'), ok({ version: 2 }), 'a repeat makes no third version');
  assert.deepEqual(await rotate('tokyo'), err('request-key-reused'));
  assert.deepEqual(await levyOf(people[0]!.prefecture), 61, 'the code that the ward has is the one that is turned');

  const ward = depsOf(world, world.meguro);
  const job = { kind: 'job', name: 'test' } as const;
  const before = await Promise.all(people.map((p) => codeAt(world.meguro, p.ward)));
  // As if the server died after the root process committed and before it kept the new code.
  const asWard = world.clientOf(world.meguro.identity);
  unwrap(await asWard.call(resealLinkageCodes, 'ins/linkage-root', {}, { linkageCodes: [before[0]!] }));
  assert.equal(await levyOf(people[0]!.prefecture), 'no-linkage-code', 'until the server has taken it');
  assert.ok((await resealCodes(ward, job)) >= 2);
  assert.deepEqual(await Promise.all(people.map((p) => levyOf(p.prefecture))), [61, 62]);
  const now = await Promise.all(people.map((p) => codeAt(world.meguro, p.ward)));
  assert.ok(now.every((code, i) => code !== before[i] && keyVersionOf(code) === 2));
  assert.equal(await resealCodes(ward, job), 0);
  const newcomer = await world.person(tax(63));
  assert.equal(keyVersionOf(await codeAt(world.meguro, newcomer.ward)), 2);
  assert.equal(await levyOf(newcomer.prefecture), 63);
  const foreign = world.clientOf(world.tokyo.identity);
  assert.deepEqual(
    await foreign.call(resealLinkageCodes, 'ins/linkage-root', {}, { linkageCodes: [now[0]!] }),
    err('not-your-linkage-code'),
  );
});

test('design §3 何も情報提供ネットワークの根から分からない: 承継の表に住民票コードも符号もない', async () => {
  const rows = await world.root.t.owner<{ row: string }>(
    'select to_jsonb(s)::text as row from linkage_root.succession s',
  );
  assert.ok(rows.length > 0);
  const reported = ['80000000001', '80000000002', '80000000009', '80000000011', '80000000055'];
  const derived = Array.from({ length: 12 }, (_, i) => `9${String(i + 1).padStart(10, '0')}`);
  for (const { row } of rows)
    for (const code of [...reported, ...derived]) {
      assert.ok(!row.includes(code), 'a Resident Record Code stands in the root process');
      assert.ok(!row.includes(Buffer.from(code).toString('hex')), 'nor as bytes');
    }
});
