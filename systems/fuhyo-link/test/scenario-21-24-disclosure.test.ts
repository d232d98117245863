import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { redeliverNumber } from '@musubi/contracts/fuhyo/inquiry.ts';
import { disclosureTemplates } from '@musubi/kernel/disclosure/disclosure.ts';
import { createTypesetter } from '@musubi/kernel/documents/typesetter.ts';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import { err, unwrap } from '@musubi/kernel/result/result.ts';
import { answerInvestigation } from '@musubi/municipal-juki/service/investigation.ts';
import * as pdfjs from 'pdfjs-dist/legacy/build/pdf.mjs';
import type { Deps } from '../deps.ts';
import { type CounterDeps, fuhyoDisclosure } from '../service/disclosure.ts';
import { anEmigrant, ask, asker, inquiryOf, operator, type Person, startWorld } from './fuhyo-world.ts';

const world = await startWorld();
const typesetter = await createTypesetter({ templatesFolder: fileURLToPath(disclosureTemplates) });
after(async () => {
  await typesetter.close();
  await world[Symbol.asyncDispose]();
});
const deps: CounterDeps = {
  ...(world.fuhyo.deps as Deps),
  sealed: world.fuhyo.host.sealed,
  typesetter,
  subjectCheckKey: randomBytes(32),
};
const counter = fuhyoDisclosure({
  authority: { title: '東京都知事', name: '見本　花子' },
  office: {
    name: '東京都総務局行政部振興企画課',
    telephone: '03-0000-0000',
    address: '東京都新宿区西新宿二丁目8番1号',
  },
});
const clerk = operator('S-1');
const manager = operator('M-1');
const request = (
  person: Person,
  kind: 'disclosure' | 'provision-history' | 'correction' | 'stop-of-use' = 'disclosure',
) => ({
  kind,
  channel: 'counter' as const,
  role: 'self' as const,
  name: person.name,
  nameKana: '',
  birthDate: person.birthDate,
  sex: person.sex,
  address: 'アメリカ合衆国',
  requesterName: person.name,
  requesterAddress: 'アメリカ合衆国',
  scope: '保存されている記録のすべて',
  keptAt: '金庫A-1',
});
async function matched(command: Parameters<typeof counter.receive>[2]): Promise<string> {
  const { requestId } = unwrap(await counter.receive(deps, clerk, command));
  unwrap(await counter.checkIdentity(deps, clerk, { requestId, documents: ['passport'], proxyProof: null }));
  unwrap(await counter.match(deps, clerk, { requestId }));
  return requestId;
}
async function handedOver(person: Person): Promise<string> {
  const requestId = await granted(request(person));
  unwrap(await counter.print(deps, clerk, { requestId, formType: 'decision-notice' }));
  const record = unwrap(await counter.print(deps, clerk, { requestId, formType: 'record-disclosure' }));
  const slip = unwrap(await counter.print(deps, clerk, { requestId, formType: 'payment-slip' }));
  unwrap(await counter.recordPayment(deps, clerk, { requestId, yen: 10 * record.sheets, slip: slip.serial }));
  unwrap(await counter.handOver(deps, clerk, { requestId, method: 'counter' }));
  const [row] = await world.fuhyo.t.owner<{ no: string }>(
    'select receipt_no as no from disclosure.request where request_id = $1',
    [requestId],
  );
  return row!.no;
}
async function granted(command: Parameters<typeof counter.receive>[2]): Promise<string> {
  const requestId = await matched(command);
  unwrap(await counter.propose(deps, clerk, { requestId, decision: { word: 'granted' } }));
  unwrap(await counter.decide(deps, manager, { requestId }));
  return requestId;
}
async function textOf(serial: string): Promise<string> {
  const { pdf } = unwrap(await counter.openSheet(deps, clerk, { serial }));
  const file = await pdfjs.getDocument({ data: new Uint8Array(pdf), verbosity: 0 }).promise;
  let text = '';
  for (let n = 1; n <= file.numPages; n++)
    for (const item of (await (await file.getPage(n)).getTextContent()).items) if ('str' in item) text += item.str;
  return text.replaceAll(/\s/g, '');
}

test('003 scenario 21 U5 FPS-F3 附票の開示: 記録と履歴が個人番号なしに印刷され、記載が合わなければ突合しない', async () => {
  const person = await anEmigrant(world);
  const requestId = await granted(request(person));
  const { serial } = unwrap(await counter.print(deps, clerk, { requestId, formType: 'record-disclosure' }));
  const text = await textOf(serial);
  for (const part of [person.residentRecordCode, 'アメリカ合衆国', '東京都目黒区上目黒二丁目1番1号', '国外転出者'])
    assert.ok(text.includes(part), part);
  assert.ok(!text.includes(person.individualNumber));
  const wrong = unwrap(await counter.receive(deps, clerk, { ...request(person), address: '東京都世田谷区' })).requestId;
  unwrap(await counter.checkIdentity(deps, clerk, { requestId: wrong, documents: ['passport'], proxyProof: null }));
  assert.deepEqual(await counter.match(deps, clerk, { requestId: wrong }), err('no-match'));
});

mechanismTest(
  'disclosure.provision-history',
  '003 scenario 24 FPS-X5 附票の提供状況の一覧は提供記録と一致し、拒否は別に載る',
  async () => {
    const person = await anEmigrant(world);
    assert.ok((await ask(world, inquiryOf(world, person))).ok);
    const requestId = await granted(request(person, 'provision-history'));
    const { serial } = unwrap(await counter.print(deps, clerk, { requestId, formType: 'provision-history' }));
    const text = await textOf(serial);
    // Two notices to the national server, the record and the number.
    for (const part of ['提供した記録（4件）', '福祉局子供・子育て支援部', '個人番号', '拒否した記録はありません'])
      assert.ok(text.includes(part), part);
  },
);

test('003 scenario 23 附票の訂正の申出は管理する区へ調査を依頼し、区の回答は何も書き換えない', async () => {
  const person = await anEmigrant(world);
  const claims = [{ item: 'name', claimed: '新しい　花子' }];
  const followsReceiptNo = await handedOver(person);
  const requestId = await matched({ ...request(person, 'correction'), claims, followsReceiptNo });
  unwrap(await counter.investigate(deps, clerk, { requestId }));
  await world.pump();
  const [asked] = await world.ward.t.owner<{ id: string; asked_by: string }>(
    'select investigation_id as id, asked_by from municipal_juki.investigation where resident_record_code = $1',
    [person.residentRecordCode],
  );
  assert.equal(asked?.asked_by, 'tokyo/fuhyo-link');
  const answer = { investigationId: asked!.id, finding: 'register-agrees' as const, note: '附票のとおり' };
  unwrap(await answerInvestigation(world.ward.deps, { ...clerk, organisation: 'meguro' } as typeof clerk, answer));
  await world.pump();
  const steps = await world.fuhyo.t.owner<{ kind: string }>('select kind from disclosure.step where request_id = $1', [
    requestId,
  ]);
  assert.ok(steps.some((s) => s.kind === 'investigation-sent') && steps.some((s) => /finding/.test(s.kind)));
  const [row] = await world.fuhyo.t.owner<{ name_kanji: string }>(
    'select name_kanji from fuhyo_link.supplement where resident_record_code = $1',
    [person.residentRecordCode],
  );
  assert.equal(row?.name_kanji, person.name);
});

test('個人情報保護法98条 附票の利用停止: 決定の後は番号の再交付も新しい照会も該当なしと同じになり、解除の後は再び答える', async () => {
  const person = await anEmigrant(world);
  const nobody = {
    ...inquiryOf(world, person),
    key: { name: '不在　花子', birthDate: '1970-01-01', address: '上目黒' },
  };
  const before = inquiryOf(world, person);
  const given = await ask(world, before);
  assert.ok(given.ok && given.value.number === 'given');
  const requestId = await matched(request(person, 'stop-of-use'));
  const stop = { scope: 'all', tasks: [] };
  const unknown = { scope: 'all', tasks: ['no-such-task'] };
  const propose = (decision: Parameters<typeof counter.propose>[2]['decision']) =>
    counter.propose(deps, clerk, { requestId, decision });
  assert.deepEqual(await propose({ word: 'granted', stop: unknown }), err('no-such-task'));
  unwrap(await propose({ word: 'granted', stop }));
  unwrap(await counter.decide(deps, manager, { requestId }));

  const { client } = await world.client(asker);
  const again = await client.call(redeliverNumber, 'tokyo/fuhyo-link', { inquiryId: before.inquiryId }, {});
  assert.deepEqual(again, err('number-not-kept'));
  const untold = (answer: Awaited<ReturnType<typeof ask>>) => ({ ...unwrap(answer), inquiryId: '' });
  const asNobody = untold(await ask(world, nobody));
  assert.equal(asNobody.result, 'not-identified');
  const after = inquiryOf(world, person);
  assert.deepEqual(untold(await ask(world, after)), asNobody);
  assert.deepEqual(untold(await ask(world, before)), asNobody, 'a repeat of what was answered before');
  const lookups = await world.fuhyo.t.owner('select 1 from fuhyo_link.national_lookup where document = $1', [
    after.document,
  ]);
  assert.deepEqual(lookups.length, 1, 'the national server is asked for the unknown person alone');
  const [record] = await world.fuhyo.t.owner<{ result: string; word: string; items: string[]; about: boolean }>(
    `select result, word, items, supplement_id is not null as about from fuhyo_link.provision_record where inquiry_id = $1`,
    [after.inquiryId],
  );
  assert.deepEqual(record, { result: 'refused', word: 'stopped', items: [], about: true });

  unwrap(await counter.proposeLift(deps, clerk, { requestId, reason: '本人の申出' }));
  unwrap(await counter.lift(deps, manager, { requestId }));
  const lifted = await ask(world, inquiryOf(world, person));
  assert.ok(lifted.ok && lifted.value.result === 'identified');
});

test('何も隠れて失敗していない', () => assert.deepEqual(world.errors, []));
