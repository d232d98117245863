import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { LoadedPerson } from '@musubi/contracts/juki/load.ts';
import { disclosureTemplates } from '@musubi/kernel/disclosure/disclosure.ts';
import { createTypesetter } from '@musubi/kernel/documents/typesetter.ts';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import { makeIndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { makeResidentRecordCode } from '@musubi/kernel/identifiers/resident-record-code.ts';
import { screenshotPdf } from '@musubi/kernel/pages/testing.ts';
import { systemRandom } from '@musubi/kernel/random/random.ts';
import { err, ok, unwrap } from '@musubi/kernel/result/result.ts';
import { answerInvestigation } from '@musubi/municipal-juki/service/investigation.ts';
import { type Chain, clerk, startChain } from '@musubi/national-juki/test/chain-world.ts';
import { recordMovedWithin } from '@musubi/resident-register/service/change-resident.ts';
import { loadTown } from '@musubi/resident-register/service/load-town.ts';
import * as pdfjs from 'pdfjs-dist/legacy/build/pdf.mjs';
import type { Deps } from '../deps.ts';
import { type CounterDeps, prefecturalDisclosure } from '../service/disclosure.ts';

/* The disclosure counter of the prefecture over the whole register chain. */

const chain: Chain = await startChain();
const typesetter = await createTypesetter({ templatesFolder: fileURLToPath(disclosureTemplates) });
after(async () => {
  await typesetter.close();
  await chain[Symbol.asyncDispose]();
});
const meguro = chain.member('meguro/resident-register');
const ward = chain.member('meguro/municipal-juki');
const tokyo = chain.member('tokyo/prefectural-juki');
const deps: CounterDeps = {
  ...(tokyo.deps as Deps),
  sealed: tokyo.host.sealed,
  typesetter,
  subjectCheckKey: randomBytes(32),
};
const counter = prefecturalDisclosure({
  authority: { title: '東京都知事', name: '見本　花子' },
  office: {
    name: '東京都総務局行政部振興企画課',
    telephone: '03-0000-0000',
    address: '東京都新宿区西新宿二丁目8番1号',
  },
});
const byClerk = clerk('tokyo', 'S-1');
const byManager = clerk('tokyo', 'M-1');

let made = 0;
const aPerson = (): LoadedPerson => ({
  individualNumber: makeIndividualNumber(systemRandom).digits(),
  residentRecordCode: makeResidentRecordCode(systemRandom),
  name: `目黒　${'一二三四五六七八九'[made++]}郎`,
  nameKana: 'メグロ　タロウ',
  birthDate: '1980-04-02',
  sex: 'male',
  address: `東京都目黒区上目黒二丁目${made}番1号`,
  postalCode: '1530051',
  household: `d${made}`,
  relationship: '世帯主',
  becameResidentOn: '2015-04-01',
});
async function aResident(): Promise<LoadedPerson & { personId: string }> {
  const person = aPerson();
  const conductor = { kind: 'system', organisation: 'town', system: 'conductor', certificate: 'c' } as const;
  unwrap(await loadTown(meguro.deps, conductor, { loadId: meguro.newId(), chunk: 0, persons: [person] }));
  await chain.pump();
  const [row] = await tokyo.t.owner<{ person_id: string }>(
    'select person_id from prefectural_juki.identification where resident_record_code = $1',
    [person.residentRecordCode],
  );
  return { ...person, personId: row!.person_id };
}

const request = (person: LoadedPerson) => ({
  kind: 'disclosure' as const,
  channel: 'counter' as const,
  role: 'self' as const,
  name: person.name,
  nameKana: '',
  birthDate: person.birthDate,
  sex: person.sex,
  address: person.address,
  requesterName: person.name,
  requesterAddress: person.address,
  scope: '保存されている記録のすべて',
  keptAt: '金庫A-1',
});

async function granted(
  command: Parameters<typeof counter.receive>[2],
  stop?: { readonly scope: string; readonly tasks: readonly string[] },
): Promise<{ requestId: string; receiptNo: string }> {
  const { requestId, receiptNo } = unwrap(await counter.receive(deps, byClerk, command));
  unwrap(await counter.checkIdentity(deps, byClerk, { requestId, documents: ['driving-licence'], proxyProof: null }));
  unwrap(await counter.match(deps, byClerk, { requestId }));
  unwrap(await counter.propose(deps, byClerk, { requestId, decision: { word: 'granted', stop } }));
  unwrap(await counter.decide(deps, byManager, { requestId }));
  return { requestId, receiptNo };
}

async function handedOver(requestId: string, formType: 'record-disclosure' | 'provision-history') {
  unwrap(await counter.print(deps, byClerk, { requestId, formType: 'decision-notice' }));
  const record = unwrap(await counter.print(deps, byClerk, { requestId, formType }));
  const slip = unwrap(await counter.print(deps, byClerk, { requestId, formType: 'payment-slip' }));
  unwrap(await counter.recordPayment(deps, byClerk, { requestId, yen: 10 * record.sheets, slip: slip.serial }));
  unwrap(await counter.handOver(deps, byClerk, { requestId, method: 'counter' }));
  return { record, slip };
}

async function textOf(serial: string): Promise<string> {
  const { pdf } = unwrap(await counter.openSheet(deps, byClerk, { serial }));
  const file = await pdfjs.getDocument({ data: new Uint8Array(pdf), verbosity: 0 }).promise;
  let text = '';
  for (let n = 1; n <= file.numPages; n++)
    for (const item of (await (await file.getPage(n)).getTextContent()).items) if ('str' in item) text += item.str;
  return text.replaceAll(/\s/g, '');
}

test('003 scenario 21 U1 JPS-F3 開示: 様式、本人確認、突合、印刷 n 枚、手数料 10×n 円、納付、交付で帳票番号が閉じる。書面は保管の後に裁断する', async () => {
  const person = await aResident();
  const { requestId } = await granted(request(person));
  assert.deepEqual(await counter.handOver(deps, byClerk, { requestId, method: 'counter' }), err('nothing-printed'));
  const { record, slip } = await handedOver(requestId, 'record-disclosure');
  const text = await textOf(record.serial);
  for (const part of [person.residentRecordCode, person.individualNumber, '上目黒二丁目', '本人確認情報開示書'])
    assert.ok(text.includes(part), part);
  const slipText = await textOf(slip.serial);
  assert.ok(slipText.includes(`金${10 * record.sheets}円`));
  assert.ok(!slipText.includes(person.individualNumber));
  const [use] = await tokyo.t.owner<{ n: string }>(
    "select count(*) as n from vault.use where operation = 'reveal' and purpose = 'disclosure/record' and number_ref is not null",
  );
  assert.equal(Number(use!.n), 1);
  const [fee] = await tokyo.t.owner<{ detail: { yen: number; sheets: number; yenPerSheet: number } }>(
    "select detail from disclosure.step where kind = 'fee-fixed' and request_id = $1",
    [requestId],
  );
  assert.deepEqual(
    { ...fee!.detail, rateSource: '' },
    { sheets: record.sheets, yenPerSheet: 10, yen: 10 * record.sheets, rateSource: '' },
  );
  const { pdf } = unwrap(await counter.openSheet(deps, byClerk, { serial: record.serial }));
  await screenshotPdf(pdf, 'disclosure-record');
  await screenshotPdf(unwrap(await counter.openSheet(deps, byClerk, { serial: slip.serial })).pdf, 'disclosure-slip');

  const [paper] = await tokyo.t.owner<{ serial: string }>(
    "select serial from disclosure.form where form_type = 'request-paper' and request_id = $1",
    [requestId],
  );
  const shred = () =>
    counter.ledger.dispose(deps, byClerk, { serial: paper!.serial, method: 'shredded', witness: 'M-1' });
  assert.deepEqual(await shred(), err('term-not-over'));
});

test('003 scenario 22 記載が記録と一致しないとき、代理権が証されないときは、何も印刷されず、拒否が記録される', async () => {
  const person = await aResident();
  const { requestId } = unwrap(
    await counter.receive(deps, byClerk, {
      ...request(person),
      address: '東京都目黒区駒場一丁目1番1号',
      role: 'statutory',
    }),
  );
  const documents = ['passport'] as const;
  assert.deepEqual(
    await counter.checkIdentity(deps, byClerk, { requestId, documents, proxyProof: 'letter-of-authority' }),
    err('proxy-not-proved'),
  );
  unwrap(await counter.checkIdentity(deps, byClerk, { requestId, documents, proxyProof: 'family-register' }));
  assert.deepEqual(await counter.match(deps, byClerk, { requestId }), err('no-match'));
  assert.deepEqual(
    await counter.print(deps, byClerk, { requestId, formType: 'record-disclosure' }),
    err('not-decided'),
  );
  const decision = { word: 'refused', reason: 'not-identified', note: '' } as const;
  unwrap(await counter.propose(deps, byClerk, { requestId, decision }));
  assert.deepEqual(await counter.decide(deps, byClerk, { requestId }), err('approver-is-proposer'));
  unwrap(await counter.decide(deps, byManager, { requestId }));
  assert.deepEqual(
    await counter.print(deps, byClerk, { requestId, formType: 'record-disclosure' }),
    err('was-refused'),
  );
  const { serial } = unwrap(await counter.print(deps, byClerk, { requestId, formType: 'refusal-notice' }));
  const text = await textOf(serial);
  for (const part of ['不開示決定通知書', '一致しないため', '審査請求', '3か月以内', '6か月以内'])
    assert.ok(text.includes(part), part);
  assert.ok(!text.includes(person.individualNumber) && !text.includes(person.residentRecordCode));
  await screenshotPdf(unwrap(await counter.openSheet(deps, byClerk, { serial })).pdf, 'disclosure-refusal');
  const forms = await tokyo.t.owner<{ form_type: string }>(
    'select form_type from disclosure.form where request_id = $1 order by 1',
    [requestId],
  );
  assert.deepEqual(
    forms.map((f) => f.form_type),
    ['refusal-notice', 'request-paper'],
  );
});

test('003 scenario 23 U2 U9 JPS-X5 訂正: 調査が区市町村に行き、記録は区市町村の通知だけで変わり、結果が通知され、履歴に両方が残る', async () => {
  const person = await aResident();
  const claim = { item: 'address', claimed: '東京都目黒区目黒本町三丁目1番1号' };
  const correction = { ...request(person), kind: 'correction' as const, claims: [claim] };
  assert.deepEqual(
    await counter.receive(deps, byClerk, { ...correction, followsReceiptNo: '本受-2026-999999' }),
    err('no-such-disclosure'),
  );
  const earlier = await granted(request(person));
  await handedOver(earlier.requestId, 'record-disclosure');
  const { requestId } = unwrap(
    await counter.receive(deps, byClerk, { ...correction, followsReceiptNo: earlier.receiptNo }),
  );
  unwrap(await counter.checkIdentity(deps, byClerk, { requestId, documents: ['passport'], proxyProof: null }));
  unwrap(await counter.match(deps, byClerk, { requestId }));
  const granting = { requestId, decision: { word: 'granted' } } as const;
  assert.deepEqual(await counter.propose(deps, byClerk, granting), err('finding-missing'));
  unwrap(await counter.investigate(deps, byClerk, { requestId }));
  assert.deepEqual(await counter.investigate(deps, byClerk, { requestId }), err('already-done'));
  await chain.pump();

  const [asked] = await ward.t.owner<{
    investigation_id: string;
    claims: { item: string; recorded: string; claimed: string }[];
  }>('select investigation_id, claims from municipal_juki.investigation where resident_record_code = $1', [
    person.residentRecordCode,
  ]);
  assert.deepEqual(asked!.claims, [{ item: 'address', recorded: person.address, claimed: claim.claimed }]);
  const addressInTokyo = async () =>
    (
      await tokyo.t.owner<{ address: string }>(
        'select address from prefectural_juki.identification where person_id = $1',
        [person.personId],
      )
    )[0]!.address;
  const answer = {
    investigationId: asked!.investigation_id,
    finding: 'will-be-corrected',
    note: '届出の入力誤り',
  } as const;
  unwrap(await answerInvestigation(ward.deps, clerk('meguro'), answer));
  assert.deepEqual(await answerInvestigation(ward.deps, clerk('meguro', 'S-9'), answer), err('already-answered'));
  await chain.pump();
  assert.equal(await addressInTokyo(), person.address, 'the answer alone changes nothing');

  const [row] = await meguro.t.owner<{ person_id: string; sequence: number }>(
    'select person_id, sequence from resident_register.resident where resident_record_code = $1',
    [person.residentRecordCode],
  );
  const on = Temporal.PlainDate.from('2026-06-01');
  unwrap(
    await recordMovedWithin(meguro.deps, clerk('meguro'), {
      personId: row!.person_id,
      version: row!.sequence,
      changedOn: on,
      filedOn: on,
      address: claim.claimed,
      postalCode: null,
    }),
  );
  await chain.pump();
  assert.equal(await addressInTokyo(), claim.claimed);
  unwrap(await counter.propose(deps, byClerk, granting));
  unwrap(await counter.decide(deps, byManager, { requestId }));
  const { serial } = unwrap(await counter.print(deps, byClerk, { requestId, formType: 'correction-result' }));
  assert.ok((await textOf(serial)).includes('調査の結果'));
  assert.deepEqual(
    await counter.handOver(deps, byClerk, { requestId, method: 'registered-mail' }),
    ok({ serials: [serial] }),
  );

  const again = await granted({ ...request(person), address: claim.claimed });
  const { record } = await handedOver(again.requestId, 'record-disclosure');
  const text = await textOf(record.serial);
  assert.ok(
    text.includes('目黒本町三丁目1番1号') && text.includes(person.address.replaceAll(/\s/g, '')),
    'both rows stand on the sheet',
  );
});

test('003 U4 利用停止: 法令に従って扱われていれば理由を付して拒み、認めるときも決定は起案した者と別の職員が行い、手数料は求めない', async () => {
  const person = await aResident();
  const asked = { ...request(person), kind: 'stop-of-use' as const, scope: '提供の停止' };
  const { requestId } = unwrap(await counter.receive(deps, byClerk, asked));
  const identity = { requestId, documents: ['passport'], proxyProof: null } as const;
  unwrap(await counter.checkIdentity(deps, byClerk, identity));
  unwrap(await counter.match(deps, byClerk, { requestId }));
  const lawful = {
    word: 'refused',
    reason: 'handled-lawfully',
    note: '登録された事務への提供に限られています',
  } as const;
  unwrap(await counter.propose(deps, byClerk, { requestId, decision: lawful }));
  assert.deepEqual(await counter.decide(deps, byClerk, { requestId }), err('approver-is-proposer'));
  unwrap(await counter.decide(deps, byManager, { requestId }));
  const notice = unwrap(await counter.print(deps, byClerk, { requestId, formType: 'refusal-notice' }));
  const text = await textOf(notice.serial);
  assert.ok(text.includes('法令に従って取り扱われているため') && text.includes('利用停止'));
  assert.ok(!text.includes(person.individualNumber));
  assert.deepEqual(
    await counter.handOver(deps, byClerk, { requestId, method: 'registered-mail' }),
    ok({ serials: [notice.serial] }),
  );

  const second = await granted(asked, { scope: 'provision', tasks: [] });
  const decision = unwrap(
    await counter.print(deps, byClerk, { requestId: second.requestId, formType: 'stop-decision' }),
  );
  const printed = await textOf(decision.serial);
  for (const part of ['利用停止', '他の執行機関への提供の停止', 'すべての事務'])
    assert.ok(printed.includes(part), part);
  assert.ok((await counter.handOver(deps, byClerk, { requestId: second.requestId, method: 'counter' })).ok);
});

test('an answer of a municipality that was not asked is refused and changes nothing', async () => {
  const person = await aResident();
  const disclosed = await granted(request(person));
  await handedOver(disclosed.requestId, 'record-disclosure');
  const claims = [{ item: 'nameKana', claimed: 'メグロ　ジロウ' }];
  const { requestId } = unwrap(
    await counter.receive(deps, byClerk, {
      ...request(person),
      kind: 'correction',
      claims,
      followsReceiptNo: disclosed.receiptNo,
    }),
  );
  unwrap(await counter.checkIdentity(deps, byClerk, { requestId, documents: ['passport'], proxyProof: null }));
  unwrap(await counter.match(deps, byClerk, { requestId }));
  unwrap(await counter.investigate(deps, byClerk, { requestId }));
  await chain.pump();
  const [asked] = await ward.t.owner<{ investigation_id: string }>(
    'select investigation_id from municipal_juki.investigation where resident_record_code = $1',
    [person.residentRecordCode],
  );
  const handler = tokyo.instance.handlers!.find((h) => h.handler.family === 'juki.investigation-answer')!;
  const result = await handler.handler.perform(
    handler.deps as never,
    { kind: 'system', organisation: 'setagaya', system: 'municipal-juki', certificate: 'c' },
    {
      message: {
        investigationId: asked!.investigation_id,
        municipalityCode: '131121',
        finding: 'register-agrees',
        note: '',
        foundOn: '2026-06-01',
      },
      messageId: deps.newId(),
      sender: 'setagaya/municipal-juki',
      family: 'juki.investigation-answer',
      number: 1,
      digest: randomBytes(32),
      bytes: 1,
    },
  );
  assert.deepEqual(result, err('not-asked'));
});

async function provisionSheet(person: { personId: string } & LoadedPerson): Promise<string> {
  const { requestId } = await granted({ ...request(person), kind: 'provision-history' });
  const { record } = await handedOver(requestId, 'provision-history');
  return textOf(record.serial);
}

mechanismTest(
  'disclosure.provision-history',
  '003 scenario 24 U3 JPS-X4 提供状況の開示は提供の記録と一致し、拒否は分けて示される',
  async () => {
    const person = await aResident();
    // A refused attempt, as the inquiry service records one.
    const [event] = await tokyo.t.owner<{ event_id: string }>(
      'select event_id from prefectural_juki.provision_record limit 1',
    );
    await tokyo.t.owner(
      `insert into prefectural_juki.provision_record (provision_id, person_id, event_id, provided_at, recipient, ground, method, items, result, refusal)
     values ($1, $2, $3, now(), '水道局', '住民基本台帳法第30条の15第2項', 'network', '{}', 'refused', 'number-not-permitted')`,
      [crypto.randomUUID(), person.personId, event!.event_id],
    );
    const rows = await tokyo.t.owner<{ result: string; recipient: string }>(
      'select result, recipient from prefectural_juki.provision_record where person_id = $1',
      [person.personId],
    );
    const given = rows.filter((r) => r.result === 'given');
    const text = await provisionSheet(person);
    assert.ok(text.includes(`提供した記録（${given.length}件）`) && given.length > 0);
    assert.ok(text.includes('提供しなかった（拒否した）記録（1件）'));
    for (const { recipient } of rows) assert.ok(text.includes(recipient), recipient);
    assert.ok(!text.includes(person.individualNumber));
    assert.equal(text.split(given[0]!.recipient).length - 1, given.length);
  },
);
