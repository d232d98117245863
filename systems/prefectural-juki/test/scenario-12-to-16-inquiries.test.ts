import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import { err, unwrap } from '@musubi/kernel/result/result.ts';
import { endInterruptedInquiries, inquire } from '../service/inquiry.ts';
import { permitLinkageRelay } from '../service/relay-linkage.ts';
import { searchPersons } from '../service/search.ts';
import { closeTask, permitTask } from '../service/tasks.ts';
import { closeUse, decideUse, openUse } from '../service/use-ledger.ts';
import { fourItemsOf, manager, operator, secondManager, startInquiryWorld } from './inquiry-world.ts';

// One chain for all: each test brings persons and tasks of its own.
const world = await startInquiryWorld();
after(() => world[Symbol.asyncDispose]());
const { deps, tokyo } = world;
let documents = 0;
const document = (): string => `受付-${++documents}`;
const codeGround = 'act-28-2013-supplementary-22-7';
const all = [
  'residentRecordCode',
  'name',
  'birthDate',
  'sex',
  'address',
  'individualNumber',
  'changeReason',
  'changedOn',
] as const;
const eight = { items: [...all], numberGround: 'number-act-9-1', codeGround } as const;

const aName = (): string => `試験　花子${++documents}`;

test('003 scenario 12 U12 JPS-X3 水道局が、個人番号を扱える登録事務について4情報で照会すると、登録された項目だけを受け取り、提供の記録が同じ取引で残る', async () => {
  const person = await world.person({ name: aName() });
  const items = ['name', 'birthDate', 'sex', 'address', 'individualNumber'] as const;
  const task = await world.task({ items, numberGround: 'number-act-9-1' });
  const no = document();
  const answer = unwrap(await world.ask({ task: task.code, document: no, key: fourItemsOf(person) }));
  assert.deepEqual(
    { result: answer.result, source: answer.source, items: answer.items, withheld: answer.withheld },
    {
      result: 'given',
      source: 'prefecture',
      items: {
        name: person.name,
        birthDate: person.birthDate,
        sex: person.sex,
        address: person.address,
        individualNumber: person.individualNumber,
      },
      withheld: [],
    },
  );
  const [record, ...more] = await world.records(no);
  assert.equal(more.length, 0);
  assert.deepEqual(
    [
      record!.result,
      record!.items,
      record!.recipient,
      record!.ground,
      record!.key_kind,
      record!.hit_count,
      record!.asker,
    ],
    [
      'given',
      [...items],
      '水道局',
      '住民基本台帳法第30条の15第2項（別表第六） 4の項',
      'four-items',
      1,
      'suido/register-inquirer',
    ],
  );
  assert.deepEqual([record!.operator_id, record!.method], ['W-7', 'network']);
  // Same transaction: the record's event is the log's, and the log ties the record to it.
  const event = (await world.events()).find((e) => e.event_id === record!.event_id);
  assert.match(event!.body, /inquiry\.answered/);
  assert.match(event!.body, /provision_record/);
});

test('JPS-F2 住民票コード・個人番号による照会も、根拠があれば答える。番号は回答に求めがない限り開かない', async () => {
  const person = await world.person({ name: aName() });
  const task = await world.task(eight);
  const byCode = unwrap(
    await world.ask({
      task: task.code,
      key: { kind: 'code', residentRecordCode: person.residentRecordCode },
      items: ['name'],
    }),
  );
  assert.deepEqual(byCode.items, { name: person.name });
  const byNumber = unwrap(
    await world.ask({ task: task.code, key: { kind: 'number', individualNumber: person.individualNumber } }),
  );
  assert.equal(byNumber.items.residentRecordCode, person.residentRecordCode);
  assert.equal(byNumber.items.individualNumber, person.individualNumber);
  assert.equal(byNumber.items.changeReason, 'initial-load');
});

test('JPS-F2 事務が終われば、直前まで許されていた番号による照会も断り、番号は金庫に問われない。一緒に来た照会も同じ', async () => {
  const person = await world.person({ name: aName() });
  const task = await world.task(eight);
  const key = { kind: 'number', individualNumber: person.individualNumber } as const;
  const no = document();
  const pair = () => Promise.all([1, 2].map(() => world.ask({ task: task.code, document: no, key })));
  assert.deepEqual(
    [...(await pair()), ...(await pair())].map((answer) => unwrap(answer).items.name),
    Array.from({ length: 4 }, () => person.name),
  );
  unwrap(await closeTask(deps, manager, { taskId: task.taskId, endsOn: '2026-05-31', reason: '事務の終了' }));
  assert.deepEqual(await pair(), [err('no-active-task'), err('no-active-task')]);
  assert.deepEqual(await pair(), [err('no-active-task'), err('no-active-task')]);
  const records = await world.records(no);
  assert.equal(records.filter((r) => r.refusal === 'no-active-task' && r.person_id === null).length, 4);
  // What was asked of the vault stands under the record's own event; where it was refused nothing was asked.
  const uses = await tokyo.t.owner<{ refusal: string | null; uses: number }>(
    `select p.refusal, count(u.use_no)::int as uses from prefectural_juki.provision_record p
       left join vault.use u on u.event_id = p.event_id and u.number_ref is null where p.document = $1 group by p.provision_id, p.refusal`,
    [no],
  );
  const of = (isRefused: boolean) => uses.filter((u) => (u.refusal !== null) === isRefused).map((u) => u.uses);
  assert.deepEqual(of(false), [1, 1, 1, 1]);
  assert.deepEqual(of(true), [0, 0, 0, 0]);
});

test('003 scenario 13 JPS-X3 番号利用法の根拠のない事務では、番号もコードも渡さず不提供の項目を記録し、番号だけの求めは断って記録する', async () => {
  const person = await world.person({ name: aName() });
  const task = await world.task({ items: ['name', 'address'] });
  const no = document();
  const key = fourItemsOf(person);
  const answer = unwrap(await world.ask({ task: task.code, document: no, key, items: [...all] }));
  assert.deepEqual(answer.items, { name: person.name, address: person.address });
  assert.ok(answer.withheld.includes('individualNumber') && answer.withheld.includes('residentRecordCode'));
  assert.deepEqual(
    await world.ask({ task: task.code, document: no, key, items: ['individualNumber'] }),
    err('items-not-allowed'),
  );
  const number = { kind: 'number', individualNumber: person.individualNumber } as const;
  assert.deepEqual(await world.ask({ task: task.code, document: no, key: number }), err('key-not-allowed'));
  const records = await world.records(no);
  assert.deepEqual(
    records.map((r) => [r.result, r.refusal, r.withheld.includes('individualNumber')]),
    [
      ['given', null, true],
      ['refused', 'items-not-allowed', true],
      ['refused', 'key-not-allowed', false],
    ],
  );
});

test('003 scenario 14 区市町村の執行機関からの照会（廃止された経路）は、断って記録する', async () => {
  const person = await world.person({ name: aName() });
  const task = await world.task();
  const no = document();
  assert.deepEqual(
    await world.ask({ task: task.code, document: no, key: fourItemsOf(person) }, 'meguro/resident-tax'),
    err('former-ordinance-route'),
  );
  const [record] = await world.records(no);
  assert.deepEqual(
    [record!.result, record!.refusal, record!.asker],
    ['refused', 'former-ordinance-route', 'meguro/resident-tax'],
  );
});

test('003 scenario 15 INC-50 ほかの方の氏名・生年月日を添えたコード、二人に合う4情報では「特定できない」とだけ答え、記録する', async () => {
  const name = aName();
  const shared = { name, birthDate: '1990-05-05', address: '東京都目黒区八雲一丁目1番8号' };
  const one = await world.person(shared);
  await world.person(shared);
  const task = await world.task(eight);
  const no = document();
  const ask = async (key: Parameters<typeof world.ask>[0]['key']) =>
    unwrap(await world.ask({ task: task.code, document: no, ...(key && { key }) }));
  const code = { kind: 'code', residentRecordCode: one.residentRecordCode } as const;
  const answers = [
    await ask({ ...code, name: '別人　一郎' }),
    await ask({ ...code, birthDate: '1991-05-05' }),
    await ask(fourItemsOf({ ...one, sex: 'female' })),
    await ask(fourItemsOf({ ...one, name: '存在　しない' })),
  ];
  // Nobody, several, somebody else: the asker cannot tell them apart, so that nobody's existence shows.
  const told = new Set(answers.map(({ inquiryId: _, ...rest }) => JSON.stringify(rest)));
  assert.deepEqual([...told], ['{"result":"not-identified","source":"prefecture","items":{},"withheld":[]}']);
  const records = await world.records(no);
  assert.deepEqual(
    records.map((r) => [r.result, r.refusal, r.hit_count, r.items.length]),
    [
      ['refused', 'not-identified:disagrees', 1, 0],
      ['refused', 'not-identified:disagrees', 1, 0],
      ['refused', 'not-identified:several', 2, 0],
      ['refused', 'not-identified:nobody', 0, 0],
    ],
  );
  assert.deepEqual(
    records.map((r) => r.person_id !== null),
    [true, true, false, false],
  );
});

test('INC-51 一部の項目による照会では、該当が1人でも2人でも誰も答えず番号を渡さない。3項目が合っても住所が違えば別人であり、異体字なら同じ方である', async () => {
  const name = `\u9ad9橋　${aName()}`;
  const birthDate = '1992-02-29';
  const one = await world.person({ name, birthDate });
  const task = await world.task(eight);
  const no = document();
  const four = { kind: 'four-items', name: name.replace('\u9ad9', '\u9ad8'), birthDate, address: one.address } as const;
  const ask = (more: object, without: readonly string[] = []) => {
    const key = Object.fromEntries(Object.entries({ ...four, ...more }).filter(([item]) => !without.includes(item)));
    return world.ask({ task: task.code, document: no, key: key as typeof four });
  };
  for (const without of [['address'], ['name'], ['birthDate'], ['name', 'address'], ['birthDate', 'address']])
    assert.deepEqual(await ask({}, without), err('too-few-items'), `without ${without}`);
  const elsewhere = unwrap(await ask({ address: '東京都目黒区中央町二丁目4番6号' }));
  assert.deepEqual([elsewhere.result, elsewhere.items], ['not-identified', {}]);
  const itself = unwrap(await ask({}));
  assert.deepEqual([itself.result, itself.items.residentRecordCode], ['given', one.residentRecordCode]);
  // A second one of the same name, birthday and address: none is given any more.
  await world.person({ name, birthDate, address: one.address });
  assert.deepEqual(unwrap(await ask({})).items, {});
  const records = await world.records(no);
  assert.deepEqual(
    records.map((r) => [r.result, r.refusal, r.items.length > 0]),
    [
      ...Array.from({ length: 5 }, () => ['refused', 'too-few-items', false]),
      ['refused', 'not-identified:disagrees', false],
      ['given', null, true],
      ['refused', 'not-identified:several', false],
    ],
  );
});

test('INC-43 同姓同名・同じ生年月日の二人のうち、住所が合わない方を答えない。前の住所で照会された方は履歴で見つける', async () => {
  const name = aName();
  const one = await world.person({ name, birthDate: '1985-01-01' });
  const other = await world.person({ name, birthDate: '1985-01-01', address: '東京都目黒区中央町二丁目4番5号' });
  const task = await world.task({ ...eight, items: ['residentRecordCode', 'address'] });
  const ask = async (address: string) =>
    unwrap(await world.ask({ task: task.code, key: { kind: 'four-items', name, birthDate: '1985-01-01', address } }));
  assert.equal((await ask(one.address)).items.residentRecordCode, one.residentRecordCode);
  assert.equal((await ask('東京都目黒区中央町2-4-5')).items.residentRecordCode, other.residentRecordCode);
  assert.equal((await ask('神奈川県横浜市中区日本大通1')).result, 'not-identified');
});

test('003 scenario 16 都の保存にない方は、事務が許すときだけ全国サーバに照会して回答を渡し、往復と提供を記録し、内容は保存しない', async () => {
  const person = await world.elsewhere({ name: `難波　太郎${++documents}` });
  const task = await world.task({ ...eight, includesOtherPrefectures: true });
  const inTokyoOnly = await world.task(eight);
  const no = document();
  const before = await tokyo.t.owner('select count(*) from prefectural_juki.identification');
  for (const key of [
    fourItemsOf(person),
    { kind: 'code', residentRecordCode: person.residentRecordCode } as const,
    { kind: 'number', individualNumber: person.individualNumber } as const,
  ]) {
    const answer = unwrap(await world.ask({ task: task.code, document: no, key }));
    assert.equal(answer.source, 'national');
    assert.deepEqual(answer.items, {
      residentRecordCode: person.residentRecordCode,
      name: person.name,
      birthDate: person.birthDate,
      sex: person.sex,
      address: person.address,
      individualNumber: person.individualNumber,
      changeReason: 'initial-load',
      changedOn: person.changedOn,
    });
  }
  const nobody = unwrap(
    await world.ask({ task: task.code, document: no, key: fourItemsOf({ ...person, name: '存在　しない' }) }),
  );
  // The records tell where it was looked; the answer does not.
  assert.deepEqual([nobody.result, nobody.source], ['not-identified', 'prefecture']);
  const here = unwrap(await world.ask({ task: inTokyoOnly.code, document: no, key: fourItemsOf(person) }));
  assert.deepEqual([here.result, here.source], ['not-identified', 'prefecture']);

  const records = await world.records(no);
  assert.deepEqual(
    records.map((r) => [r.result, r.source, r.refusal]),
    [
      ['given', 'national', null],
      ['given', 'national', null],
      ['given', 'national', null],
      ['refused', 'national', 'not-identified:national'],
      ['refused', 'prefecture', 'not-identified:nobody'],
    ],
  );
  const messages = await tokyo.t.owner<{ result: string; request_bytes: number; answer_bytes: number }>(
    'select a.* from prefectural_juki.national_inquiry i join prefectural_juki.national_answer a using (asker, inquiry_id)',
  );
  assert.ok(messages.length >= 4 && messages.every((m) => m.request_bytes > 500 && m.answer_bytes > 500));
  const national = world.chain.member('jlis/national-juki').t;
  const kept = await national.owner<{ asker: string; result: string }>(
    'select asker, result from national_juki.inquiry_record',
  );
  assert.ok(
    kept.every((r) => r.asker === 'tokyo/prefectural-juki') && kept.filter((r) => r.result === 'given').length === 3,
  );
  assert.deepEqual(await tokyo.t.owner('select count(*) from prefectural_juki.identification'), before);
  const texts = await tokyo.t.owner<{ line: string }>(
    `select to_jsonb(p)::text as line from prefectural_juki.provision_record p
     union all select to_jsonb(n)::text from prefectural_juki.national_answer n`,
  );
  for (const secret of [person.name, person.residentRecordCode, person.individualNumber])
    assert.ok(
      ![...texts.map((t) => t.line), ...(await world.events()).map((e) => e.body)].some((l) => l.includes(secret)),
    );
});

test('003 scenario 11 (c) 有効な事務のない操作者、(d) 委託先の証明書による照会は断り、記録する', async () => {
  const person = await world.person({ name: aName() });
  const task = await world.task({ peer: null });
  const no = document();
  const inquiry = {
    inquiryId: deps.newId(),
    taskCode: task.code,
    document: no,
    operator: '',
    key: fourItemsOf(person),
    items: null,
    useEntryId: null,
  };
  const stranger = { ...operator, staffId: 'S-999' } as typeof operator;
  assert.deepEqual(unwrap(await inquire(deps, stranger, inquiry)), { kind: 'refused', refusal: 'no-active-task' });
  assert.equal(unwrap(await inquire(deps, operator, { ...inquiry, inquiryId: deps.newId() })).kind, 'given');
  unwrap(await closeTask(deps, manager, { taskId: task.taskId, endsOn: '2026-05-31', reason: '事務の終了' }));
  const ended = unwrap(await inquire(deps, operator, { ...inquiry, inquiryId: deps.newId() }));
  assert.deepEqual(ended, { kind: 'refused', refusal: 'no-active-task' });
  assert.deepEqual(
    (await world.records(no)).map((r) => r.refusal),
    ['no-active-task', null, 'no-active-task'],
  );

  const contractor = await world.ask(
    { task: task.code, document: no, key: fourItemsOf(person) },
    'jlis/operations-centre',
  );
  assert.deepEqual(contractor, err('not-authorised'));
  const refused = (await world.events()).filter((e) => e.body.includes('operations-centre'));
  assert.equal(refused.length, 1);
  assert.match(refused[0]!.body, /not-authorised/);
});

test('003 scenario 11 (c) 有効な事務を持たない操作者の検索は断り、何も見せず、記録する', async () => {
  const person = await world.person({ name: aName() });
  const task = await world.task({ peer: null });
  const items = { name: person.name, birthDate: person.birthDate };
  const search = (code: string) => searchPersons(deps, operator, { items, purpose: { task: code, document: '受付1' } });
  assert.equal(unwrap(await search(task.code)).hits.length, 1);
  assert.deepEqual(await search('NO-SUCH-TASK'), err('no-active-task'));
  unwrap(await closeTask(deps, manager, { taskId: task.taskId, endsOn: '2026-05-31', reason: '事務の終了' }));
  assert.deepEqual(await search(task.code), err('no-active-task'));
  const refused = (await world.events()).filter((e) => e.body.includes('prefectural-juki.search.refused'));
  assert.equal(refused.length, 2);
});

test('JPS-F2 照会番号は一度だけ使える: 同時に二つ来ても、答えと記録は一つである', async () => {
  const person = await world.person({ name: aName() });
  const task = await world.task();
  const no = document();
  const inquiryId = deps.newId();
  const twice = await Promise.all(
    [1, 2].map(() => world.ask({ inquiryId, task: task.code, document: no, key: fourItemsOf(person) })),
  );
  assert.deepEqual(twice.map((a) => (a.ok ? a.value.result : a.error)).sort(), ['given', 'inquiry-repeated']);
  assert.equal((await world.records(no)).length, 1);
});

test('JPS-F4 全国サーバの回答を待つ間に停止した照会は、「中断」として記録を残して終わる', async () => {
  const task = await world.task({ ...eight, includesOtherPrefectures: true });
  const person = await world.elsewhere({ name: `難波　次郎${++documents}` });
  const no = document();
  const dying = { ...deps, national: { ask: () => Promise.reject(new Error('the process dies here')) } };
  const inquiry = {
    inquiryId: deps.newId(),
    taskCode: task.code,
    document: no,
    operator: 'W-7',
    key: fourItemsOf(person),
    items: null,
    useEntryId: null,
  };
  const actor = { kind: 'system', organisation: 'suido', system: 'register-inquirer', certificate: 'c' } as const;
  await assert.rejects(inquire(dying, actor, inquiry));
  const job = { kind: 'job', name: 'interrupted-inquiries' } as const;
  const soon = await endInterruptedInquiries(deps, job, { before: deps.machineClock.now().subtract({ minutes: 5 }) });
  assert.deepEqual(unwrap(soon), { ended: 0 });
  const later = await endInterruptedInquiries(deps, job, { before: deps.machineClock.now().add({ seconds: 1 }) });
  assert.deepEqual(unwrap(later), { ended: 1 });
  const [record] = await tokyo.t.owner<{ refusal: string }>(
    'select refusal from prefectural_juki.provision_record where inquiry_id = $1',
    [inquiry.inquiryId],
  );
  assert.equal(record!.refusal, 'interrupted');
  assert.deepEqual(await inquire(deps, actor, inquiry), err('inquiry-repeated'));
});

mechanismTest('juki.legal-basis', '003-III.5-R1-A04 許可のない事務・登録のない事務の照会には答えない', async () => {
  const person = await world.person({ name: aName() });
  const task = await world.task({ permitted: false });
  const ask = () => world.ask({ task: task.code, document: document(), key: fourItemsOf(person), items: ['name'] });
  assert.deepEqual(await ask(), err('no-active-task'));
  assert.deepEqual(
    await permitTask(deps, manager, { taskId: task.taskId, decision: 'approved' }),
    err('approver-is-requester'),
  );
  assert.deepEqual(await ask(), err('no-active-task'));
  unwrap(await permitTask(deps, secondManager, { taskId: task.taskId, decision: 'approved' }));
  assert.equal(unwrap(await ask()).result, 'given');
});

mechanismTest('juki.legal-basis', '001-III.2-R1-10 連携の求めも、登録された事務の期間だけ中継する', async () => {
  const platform = { organisation: 'tokyo', system: 'common-platform' };
  const actor = { kind: 'system', ...platform, certificate: 'c' } as const;
  const relay = (day: string) =>
    permitLinkageRelay({ ...deps, civilClock: { today: () => Temporal.PlainDate.from(day) } }, actor, {
      requestId: deps.newId(),
      asker: platform,
    });
  assert.deepEqual(await relay('2017-07-17'), err('not-registered-task'));
  assert.equal((await relay('2017-07-18')).ok, true);
});

mechanismTest(
  'exchange.answer-to-asker-only',
  '003-III.5-R3-A02 事務は、証明書の名指す提供先だけに答える。電文に返信先は書けない',
  async () => {
    const person = await world.person({ name: aName() });
    const task = await world.task();
    const asked = { task: task.code, document: document(), key: fourItemsOf(person) };
    const thief = await world.ask(asked, 'keishicho/register-inquirer');
    assert.deepEqual(thief, err('no-active-task'));
    const forged = await world.askForged({ ...asked, replyTo: 'keishicho/register-inquirer' });
    assert.deepEqual(forged, err('schema-mismatch'));
    assert.equal(unwrap(await world.ask(asked)).result, 'given');
  },
);

mechanismTest(
  'transfer.record',
  '003-III.5-R1-A01・A02 提供も、認められなかった提供も、同じ取引で記録される',
  async () => {
    const person = await world.person({ name: aName() });
    const task = await world.task();
    const no = document();
    unwrap(await world.ask({ task: task.code, document: no, key: fourItemsOf(person) }));
    await world.ask({ task: 'NO-SUCH-TASK', document: no, key: fourItemsOf(person) });
    assert.deepEqual(
      (await world.records(no)).map((r) => r.result),
      ['given', 'refused'],
    );
  },
);

mechanismTest(
  'access.purpose-stated',
  '003 scenario 11 (c) 事務も文書番号もない照会、持たない事務の照会はできない',
  async () => {
    const person = await world.person({ name: aName() });
    const task = await world.task({ peer: null });
    const inquiry = {
      inquiryId: deps.newId(),
      taskCode: task.code,
      document: ' ',
      operator: '',
      key: fourItemsOf(person),
      items: null,
      useEntryId: null,
    };
    assert.deepEqual(unwrap(await inquire(deps, operator, inquiry)), { kind: 'refused', refusal: 'purpose-missing' });
    const stranger = { ...operator, staffId: 'S-998' } as typeof operator;
    const foreign = { ...inquiry, inquiryId: deps.newId(), document: document() };
    assert.deepEqual(unwrap(await inquire(deps, stranger, foreign)), { kind: 'refused', refusal: 'no-active-task' });
  },
);

mechanismTest(
  'access.use-ledger',
  '001-III.2-R4-13 端末で番号を求められるのは、本人以外が承認した使用簿の範囲内だけである',
  async () => {
    const person = await world.person({ name: aName() });
    const task = await world.task({ ...eight, peer: null });
    const no = document();
    const ask = async (useEntryId: string | null) =>
      unwrap(
        await inquire(deps, operator, {
          inquiryId: deps.newId(),
          taskCode: task.code,
          document: no,
          operator: '',
          key: fourItemsOf(person),
          items: null,
          useEntryId,
        }),
      );
    assert.deepEqual(await ask(null), { kind: 'refused', refusal: 'use-entry-needed' });
    const use = { taskCode: task.code, purpose: '扶養の確認', document: no, personLimit: 1, validUntil: '2026-06-05' };
    const { entryId } = unwrap(await openUse(deps, operator, use));
    assert.deepEqual(await ask(entryId), { kind: 'refused', refusal: 'use-entry-needed' });
    assert.deepEqual(await decideUse(deps, operator, { entryId, decision: 'approved' }), err('approver-is-requester'));
    unwrap(await decideUse(deps, manager, { entryId, decision: 'approved' }));
    const given = await ask(entryId);
    assert.equal(given.kind === 'given' && given.items.individualNumber, person.individualNumber);
    assert.deepEqual(await ask(entryId), { kind: 'refused', refusal: 'use-entry-spent' });
    unwrap(await closeUse(deps, operator, { entryId, outcome: '確認済み' }));
    assert.deepEqual(await closeUse(deps, operator, { entryId, outcome: '再び' }), err('already-closed'));
  },
);

test('no process reported a defect', () => {
  assert.deepEqual(world.chain.errors, []);
});

test('JPS-F2 JPS-X3 同じ時に届いた照会は一つの取引で答えても、それぞれ本人の項目・自分の記録・自分のイベントになり、重複した照会は他を巻き込まず断られる', async () => {
  const [one, two, three] = [
    await world.person({ name: aName() }),
    await world.person({ name: aName() }),
    await world.person({ name: aName() }),
  ] as const;
  const { code } = await world.task(eight);
  const system = { kind: 'system', organisation: 'suido', system: 'register-inquirer', certificate: 'c' } as const;
  const asked = (no: string, key: Parameters<typeof inquire>[2]['key'], more: object = {}) =>
    inquire(deps, system, {
      ...{ inquiryId: deps.newId(), taskCode: code, document: no, operator: 'W-7', key, items: null, useEntryId: null },
      ...more,
    });
  const no = document();
  const byCode = (p: typeof one) => ({ kind: 'code', residentRecordCode: p.residentRecordCode }) as const;
  const byNumber = (p: typeof one) => ({ kind: 'number', individualNumber: p.individualNumber }) as const;
  const together = await Promise.all([
    asked(no, byCode(one)),
    asked(no, byNumber(two)),
    asked(no, fourItemsOf(three)),
    asked(no, byNumber(one)),
    asked(no, byCode(two), { taskCode: 'NO-SUCH-TASK' }),
    asked(no, { kind: 'code', residentRecordCode: '12345678900' }),
  ]);
  assert.deepEqual(
    together.map((each) => {
      const answer = unwrap(each);
      return answer.kind === 'given' ? answer.items.individualNumber : answer.kind === 'refused' ? answer.refusal : '';
    }),
    [
      one.individualNumber,
      two.individualNumber,
      three.individualNumber,
      one.individualNumber,
      'no-active-task',
      'wrong-key',
    ],
  );
  const transactions = () =>
    tokyo.t.owner<{ records: number; events: number; transactions: number; untied: number }>(
      `select count(*)::int as records, count(distinct event_id)::int as events, count(distinct xmin::text)::int as transactions,
              (count(*) filter (where not exists (select from audit.fact f where f.event_id = r.event_id)))::int as untied
         from prefectural_juki.provision_record r where document = $1`,
      [no],
    );
  assert.deepEqual(await transactions(), [{ records: 6, events: 6, transactions: 1, untied: 0 }]);
  const uses = await tokyo.t.owner<{ n: number }>(
    `select count(*)::int as n from vault.use u join prefectural_juki.provision_record r using (event_id)
      where r.document = $1 and u.operation = 'find' and u.number_ref is null`,
    [no],
  );
  assert.equal(uses[0]!.n, 2);
  // The same number of inquiry twice at once: one is answered, one is refused on the record, and the third is not harmed.
  const inquiryId = deps.newId();
  const twice = await Promise.all([
    asked(no, byCode(one), { inquiryId }),
    asked(no, byCode(two), { inquiryId }),
    asked(no, byCode(three)),
  ]);
  assert.deepEqual(twice.map((each) => each.ok).toSorted(), [false, true, true]);
  assert.deepEqual(
    twice.find((each) => !each.ok),
    err('inquiry-repeated'),
  );
  assert.ok(twice[2].ok);
  assert.equal((await transactions())[0]!.records, 8);
  assert.deepEqual(
    await tokyo.t.owner(`select fact_key, fault from audit.fact_differences('prefectural_juki.provision_record')`),
    [],
  );
});
