import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { LoadedPerson } from '@musubi/contracts/juki/load.ts';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { fileChange } from '@musubi/resident-register/service/file-change.ts';
import { recordAddressNotice } from '@musubi/resident-register/service/fuhyo.ts';
import { loadTown } from '@musubi/resident-register/service/load-town.ts';
import { aPerson, ask, inquiryOf, type Person, startWorld } from './fuhyo-world.ts';

const world = await startWorld({ withRegister: true });
after(() => world[Symbol.asyncDispose]());
const town = world.member('meguro/resident-register');
const clerk = { kind: 'staff', organisation: 'meguro', staffId: 'S-7', sessionId: 's', terminalId: 'T-7' } as const;
const conductor = { kind: 'system', organisation: 'town', system: 'conductor', certificate: 'c' } as const;

async function loaded(...persons: readonly Person[]): Promise<string[]> {
  const all = persons.map(
    (person, i): LoadedPerson => ({
      ...person,
      address: '東京都目黒区上目黒二丁目1番1号',
      postalCode: null,
      household: `h${i}`,
      relationship: '世帯主',
      becameResidentOn: '2015-04-01',
    }),
  );
  const chunk = { loadId: town.newId(), chunk: 0, persons: all };
  assert.equal(unwrap(await loadTown(town.deps, conductor, chunk)).accepted, persons.length);
  await world.pump();
  const rows = await town.t.owner<{ id: string }>(
    'select person_id as id from resident_register.resident where resident_record_code = any($1) order by array_position($1, resident_record_code)',
    [persons.map((p) => p.residentRecordCode)],
  );
  return rows.map((r) => r.id);
}
const file = async (personId: string, version: number, reason: 'moved-out-abroad' | 'death', set: object) => {
  const filed = await fileChange(town.deps, clerk, {
    personId,
    version,
    reason,
    changedOn: '2026-05-20',
    filedOn: '2026-06-01',
    set,
    document: '届書1',
    identityCheck: 'card',
    together: 'alone',
  });
  assert.ok(filed.ok, filed.ok ? '' : filed.error);
  await world.pump();
};
const atPrefecture = async (code: string) =>
  (
    await world.fuhyo.t.owner<{ state: string; address: string; last: string | null; sequence: number }>(
      'select record_state as state, address_kanji as address, last_address_kanji as last, update_sequence_no::int as sequence from fuhyo_link.supplement where resident_record_code = $1',
      [code],
    )
  )[0];

test('FPS-F1・MCS-F4 区の窓口の国外転出届が、附票・都・全国へ届き、番号を渡せるようになる', async () => {
  const person = aPerson();
  const [personId] = await loaded(person, aPerson());
  assert.equal((await atPrefecture(person.residentRecordCode))?.state, 'domestic');
  await file(personId!, 1, 'moved-out-abroad', { moved_to: 'アメリカ合衆国' });
  assert.deepEqual(await atPrefecture(person.residentRecordCode), {
    state: 'abroad',
    address: 'アメリカ合衆国',
    last: '東京都目黒区上目黒二丁目1番1号',
    sequence: 2,
  });
  const national = await world.national.t.owner(
    'select record_state from national_fuhyo.record where resident_record_code = $1',
    [person.residentRecordCode],
  );
  assert.deepEqual(national, [{ record_state: 'abroad' }]);
  const answer = await ask(world, inquiryOf(world, person));
  assert.ok(answer.ok && answer.value.individualNumber === person.individualNumber);
});

test('住基法19条 他市町村からの通知で住所を修正し、二人の担当者の一方だけが通る。死亡で消除される', async () => {
  const person = aPerson();
  const [personId] = await loaded(person);
  const command = {
    personId: personId!,
    version: 1,
    address: '大阪府大阪市北区中之島一丁目3番20号',
    municipalityCode: '271004',
    changedOn: Temporal.PlainDate.from('2026-05-10'),
    document: '大阪市第5号',
  };
  const both = await Promise.all([
    recordAddressNotice(town.deps, clerk, command),
    recordAddressNotice(town.deps, { ...clerk, staffId: 'S-8' }, command),
  ]);
  assert.deepEqual(both.map((r) => (r.ok ? 'done' : r.error)).sort(), ['changed-meanwhile', 'done']);
  const wrong = { ...command, version: 2, municipalityCode: '131105' };
  assert.deepEqual(await recordAddressNotice(town.deps, clerk, wrong), { ok: false, error: 'wrong-municipality' });
  await world.pump();
  assert.equal((await atPrefecture(person.residentRecordCode))?.address, command.address);
  await file(personId!, 1, 'death', {});
  assert.equal((await atPrefecture(person.residentRecordCode))?.state, 'removed');
});

mechanismTest(
  'input.item-checks',
  'MCS-F4 区のサーバの項目チェックで止まった附票の通知は先へ進まず、理由とともに区の返戻一覧に出る',
  async () => {
    const person = aPerson({ nameKana: 'たかはし　はなこ' });
    await loaded(person, aPerson());
    assert.equal(await atPrefecture(person.residentRecordCode), undefined);
    const returned = await town.t.owner<{ rule: string; items: string[] }>(
      'select r.rule, r.items from resident_register.fuhyo_returned r join resident_register.fuhyo f using (person_id) where f.resident_record_code = $1',
      [person.residentRecordCode],
    );
    assert.deepEqual(returned, [{ rule: 'FM-03', items: ['nameKana'] }]);
  },
);

test('U6 区の画面で附票と履歴を見て、他市町村からの通知を登録し、返戻一覧を開ける', async () => {
  const person = aPerson();
  const [personId] = await loaded(person);
  const origin = 'http://pages.localhost';
  const get = async (path: string) => {
    const answer = await town.instance.pages!.fetch(new Request(origin + path));
    return { status: answer.status, text: await answer.text() };
  };
  const record = await get(`/residents/${personId}/fuhyo`);
  assert.equal(record.status, 200);
  assert.match(record.text, new RegExp(person.name));
  assert.ok(!record.text.includes(person.individualNumber));
  const path = `/residents/${personId}/fuhyo/address?version=1`;
  const body = new URLSearchParams();
  for (const [, name, value] of (await get(path)).text.matchAll(
    /<input type="hidden" name="([^"]+)" value="([^"]*)">/g,
  ))
    body.set(name!, value!);
  const typed = {
    document: '大阪市第6号',
    address: '大阪府大阪市北区',
    municipalityCode: '271004',
    changedOn: '2026-05-11',
  };
  for (const [name, value] of Object.entries(typed)) body.set(name, value);
  const post = () =>
    town.instance.pages!.fetch(
      new Request(origin + path.split('?')[0]!, {
        method: 'POST',
        headers: { origin, 'sec-fetch-site': 'same-origin' },
        body,
      }),
    );
  assert.equal((await post()).status, 303);
  assert.equal((await post()).status, 409, 'the same form a second time changes nothing');
  assert.match((await get(`/residents/${personId}/fuhyo`)).text, /大阪市第6号/);
  assert.match((await get('/fuhyo-returned')).text, /附票の返戻一覧/);
  assert.equal((await get('/residents/none/fuhyo')).status, 404);
});

test('何も隠れて失敗していない', () => assert.deepEqual(world.errors, []));
