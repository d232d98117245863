import assert from 'node:assert/strict';
import { after } from 'node:test';
import type { LoadedPerson } from '@musubi/contracts/juki/load.ts';
import { nationalNotices, residentChanges } from '@musubi/contracts/juki/notices.ts';
import { act } from '@musubi/kernel/db/act.ts';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import { makeIndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { makeResidentRecordCode } from '@musubi/kernel/identifiers/resident-record-code.ts';
import { systemRandom } from '@musubi/kernel/random/random.ts';
import { ok, unwrap } from '@musubi/kernel/result/result.ts';
import { searchPersons } from '@musubi/prefectural-juki/service/search.ts';
import { heldTask } from '@musubi/prefectural-juki/test/held-task.ts';
import { recordMovedIn } from '@musubi/resident-register/service/enter-resident.ts';
import { loadTown } from '@musubi/resident-register/service/load-town.ts';
import { type Chain, clerk, type Member, startChain } from './chain-world.ts';

// One chain for all: each body brings persons of its own, so that it may run twice.
const chain: Chain = await startChain();
after(() => chain[Symbol.asyncDispose]());
const register = chain.member('meguro/resident-register');
const tokyo = chain.member('tokyo/prefectural-juki');
const conductor = { kind: 'system', organisation: 'town', system: 'conductor', certificate: 'c' } as const;

async function aResident(): Promise<LoadedPerson> {
  const person: LoadedPerson = {
    individualNumber: makeIndividualNumber(systemRandom).digits(),
    residentRecordCode: makeResidentRecordCode(systemRandom),
    name: '佐藤　花子',
    nameKana: 'サトウ　ハナコ',
    birthDate: '1980-04-01',
    sex: 'female',
    address: '東京都目黒区上目黒二丁目1番1号',
    postalCode: null,
    household: 'h',
    relationship: '世帯主',
    becameResidentOn: '2015-04-01',
  };
  const chunk = { loadId: register.newId(), chunk: 0, persons: [person] };
  assert.equal(unwrap(await loadTown(register.deps, conductor, chunk)).accepted, 1);
  await chain.pump();
  return person;
}

const noticeOf = (person: LoadedPerson, items: object = {}) => ({
  changeId: register.newId() as string,
  reason: 'moved-within' as const,
  changedOn: '2026-05-20',
  status: 'resident' as const,
  becameResidentOn: '2015-04-01',
  sequence: 2,
  operatorId: 'S-1',
  terminalId: 'T-1',
  sourceAt: '2026-05-20T01:00:00Z',
  items: {
    residentRecordCode: person.residentRecordCode,
    name: person.name,
    nameGaijiCount: 0,
    nameKana: person.nameKana,
    birthDate: person.birthDate,
    sex: person.sex,
    address: '東京都目黒区八雲一丁目1番1号',
    addressGaijiCount: 0,
    individualNumber: person.individualNumber,
    municipalityCode: '131105',
    azaCode: '',
    formerSurname: null,
    formerSurnameGaijiCount: 0,
    formerSurnameKana: null,
    ...items,
  },
});

/** A sender that skips its own checks, as a faulty or hostile one would. */
async function sendRaw(
  from: Member,
  receiver: string,
  message: { readonly changeId: string },
  family: typeof residentChanges | typeof nationalNotices = residentChanges,
): Promise<void> {
  const enqueue = act('test.send-raw', {
    right: ['streams', 'relay', 'update'],
    async run(tx) {
      await from.host.outbox.enqueue(tx, { receiver, family, subject: message.changeId, message });
      tx.record({ event: 'test.sent' });
      return ok(undefined);
    },
  });
  unwrap(await enqueue(from.host.deps, { kind: 'job', name: 'test' }, undefined));
  await chain.pump();
}

const addressInTokyo = async (code: string): Promise<string> =>
  (
    await tokyo.t.owner<{ address: string }>(
      'select address from prefectural_juki.identification where resident_record_code = $1',
      [code],
    )
  )[0]!.address;

mechanismTest('input.item-checks', 'MCS-F2 形式とコードの誤った通知は、区市町村サーバから先へ進まない', async () => {
  const person = await aResident();
  const notice = noticeOf(person, { nameKana: 'さとう　はなこ' });
  await sendRaw(register, 'meguro/municipal-juki', notice);
  const arrived = 'select rule from notice_journal.entry where change_id = $1';
  assert.deepEqual(await tokyo.t.owner(arrived, [notice.changeId]), []);
});

mechanismTest('input.change-logic', 'JPS-X1 転居で氏名が変わる通知は、都の記録を変えない', async () => {
  const person = await aResident();
  await sendRaw(register, 'meguro/municipal-juki', noticeOf(person, { name: '佐藤　華子' }));
  assert.equal(await addressInTokyo(person.residentRecordCode), person.address);
});

mechanismTest('input.source-bound', '003 シナリオ5 他の市区町村コードの通知は、都の記録を変えない', async () => {
  const person = await aResident();
  await sendRaw(chain.member('setagaya/municipal-juki'), tokyo.id, noticeOf(person));
  assert.equal(await addressInTokyo(person.residentRecordCode), person.address);
});

mechanismTest(
  'transport.message-journal',
  '003 4.4 通知は、拒んだものも、相手・番号・長さ・結果が記録される',
  async () => {
    const person = await aResident();
    const notice = noticeOf(person, { name: '佐藤　華子' });
    await sendRaw(register, 'meguro/municipal-juki', notice);
    const rows = await tokyo.t.owner<{ peer: string; result: string; rule: string; items: string[]; bytes: number }>(
      'select peer, result, rule, items, bytes from notice_journal.entry where change_id = $1',
      [notice.changeId],
    );
    assert.equal(rows.length, 1);
    assert.deepEqual(
      { ...rows[0], bytes: rows[0]!.bytes > 500 },
      { peer: 'meguro/municipal-juki', result: 'refused', rule: 'L-02', items: ['name'], bytes: true },
    );
  },
);

mechanismTest(
  'matching.no-partial-link',
  'INC-54 以前の記録と氏名が一字でも違う転入は、同じ人に結び付けない',
  async () => {
    const person = await aResident();
    await register.t.owner(
      `update resident_register.resident set status = 'removed', removed_on = '2020-01-01', reason = 'moved-out' where resident_record_code = $1`,
      [person.residentRecordCode],
    );
    const day = (text: string) => Temporal.PlainDate.from(text);
    const entered = await recordMovedIn(register.deps, clerk('meguro'), {
      ...person,
      name: '佐藤　華子',
      birthDate: day(person.birthDate),
      changedOn: day('2026-05-20'),
      filedOn: day('2026-05-21'),
    });
    assert.deepEqual(entered, { ok: false, error: 'particulars-differ' });
  },
);

mechanismTest(
  'access.purpose-stated',
  '003 シナリオ11 事務と文書番号のない検索は行えず、拒否も記録される',
  async () => {
    const items = { nameKana: 'サトウ', birthDate: '1980-04-01' };
    const { code } = await heldTask(tokyo.deps, 'S-101', {
      code: `KAZEI-${tokyo.newId().slice(-8).toUpperCase()}`,
    });
    const search = (purpose: { task: string; document: string }) =>
      searchPersons(tokyo.deps, clerk('tokyo'), { items, purpose });
    assert.deepEqual(await search({ task: '', document: '' }), { ok: false, error: 'purpose-missing' });
    const [logged] = await tokyo.t.owner<{ n: number }>(
      `select count(*)::int as n from audit.intake_event where body like '%prefectural-juki.search.refused%'`,
    );
    assert.ok(logged!.n >= 1);
    assert.deepEqual(await search({ task: '旅券事務', document: '受付1' }), { ok: false, error: 'no-active-task' });
    assert.ok((await search({ task: code, document: '受付1' })).ok);
  },
);

mechanismTest(
  'matching.identifier-once',
  '住基法30条の7 一度付番された住民票コードは、出生の通知でほかの人のものにならない',
  async () => {
    const person = await aResident();
    const { residentRecordCode, individualNumber, birthDate, sex, address } = person;
    const birth = {
      changeId: tokyo.newId() as string,
      fromMunicipality: '131105',
      items: {
        ...{ residentRecordCode, individualNumber, birthDate, sex, address },
        name: '佐藤　新',
        changeReason: 'birth',
        changedOn: '2026-05-20',
      },
    };
    await sendRaw(tokyo, 'jlis/national-juki', birth, nationalNotices);
    const held = await chain
      .member('jlis/national-juki')
      .t.owner<{ name: string }>('select name from national_juki.record where resident_record_code = $1', [
        residentRecordCode,
      ]);
    assert.deepEqual(held, [{ name: person.name }]);
  },
);
