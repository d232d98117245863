import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { connect } from 'node:tls';
import { residentNotice } from '@musubi/contracts/juki/notices.ts';
import { makeResidentRecordCode } from '@musubi/kernel/identifiers/resident-record-code.ts';
import { systemRandom } from '@musubi/kernel/random/random.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { closeReview, readReviews } from '@musubi/prefectural-juki/service/reviews.ts';
import { recordDeath } from '@musubi/resident-register/service/change-resident.ts';
import { type Chain, clerk, startChain } from './chain-world.ts';
import {
  aPerson,
  awaited,
  enqueueRaw,
  inCountry,
  inTokyo,
  journalOf,
  loadPersons,
  noticeOf,
  sendEnvelope,
} from './notices-kit.ts';

const chain: Chain = await startChain();
after(() => chain[Symbol.asyncDispose]());
const register = chain.member('meguro/resident-register');
const mcs = chain.member('meguro/municipal-juki');
const tokyo = chain.member('tokyo/prefectural-juki');
const jlis = chain.member('jlis/national-juki');
const persons = Array.from({ length: 16 }, (_, i) => aPerson({ address: `東京都目黒区上目黒二丁目${i + 1}番1号` }));
await loadPersons(chain, register, persons);
const changes = 'juki.resident-change';
const address = '東京都目黒区八雲一丁目1番1号';

/** What came back to the municipality about a change. */
const returnedTo = (ward: string, changeId: string) =>
  chain
    .member(ward)
    .t.owner<{ rule: string; items: string[]; present_at: string | null }>(
      'select rule, items, present_at from municipal_juki.returned where change_id = $1',
      [changeId],
    );
const nationalNoticesOf = (code: string) =>
  jlis.t.owner<{ change_reason: string }>(
    `select change_reason from national_juki.record where resident_record_code = $1
     union all select change_reason from national_juki.record_history where resident_record_code = $1`,
    [code],
  );

test('003 scenario 01 JPS-F1 新しい住民: 28項目が記録され、受け付けたと返り、全国サーバには8項目の通知が一度だけ届く', async () => {
  const someone = aPerson();
  // 全国サーバが知っている方（他県から）。
  const [holder] = await jlis.t.owner<{ code: string }>(
    'select resident_record_code as code from national_juki.code_holder limit 1',
  );
  assert.ok(holder);
  const notice = noticeOf(
    someone,
    { reason: 'moved-in', sequence: 1, changedOn: '2026-05-30', becameResidentOn: '2026-05-30' },
    { formerSurname: '田中', formerSurnameKana: 'タナカ', azaCode: '0010' },
  );
  const number = await awaited(tokyo, mcs.id);
  const answer = await sendEnvelope(chain, tokyo, mcs.id, [{ number, content: notice }]);
  assert.deepEqual(answer.outcomes, [{ number, outcome: 'applied' }]);
  // 次からの送信は区市町村サーバの番号に合わせる。
  await mcs.t.owner(
    `insert into streams.outbound (receiver, family, class, next_number) values ($1, $2, 'single', $3)
    on conflict (receiver, family) do update set next_number = excluded.next_number`,
    [tokyo.id, changes, number + 1],
  );
  const [row] = await tokyo.t.owner<Record<string, unknown>>(
    `select to_jsonb(i) - '{person_id,number_ref,change_id,event_id,recorded_at,source_timestamp}'::text[] as row
       from prefectural_juki.identification i where resident_record_code = $1`,
    [someone.residentRecordCode],
  );
  assert.deepEqual(row!.row, {
    resident_record_code: Number(someone.residentRecordCode),
    birth_date: '1980-04-01',
    change_date: '2026-05-30',
    notice_received_date: '2026-06-01',
    became_resident_on: '2026-05-30',
    update_sequence_no: 1,
    change_reason: 'moved-in',
    sex: 'female',
    status: 'resident',
    retention_flag: 'current',
    name_gaiji_count: 0,
    address_gaiji_count: 0,
    former_surname_gaiji_count: 0,
    name_gaiji_change_seq: 1,
    address_gaiji_change_seq: 1,
    former_surname_gaiji_change_seq: 1,
    gaiji_flag: false,
    deleted_flag: false,
    retroactive: false,
    name_kanji: '佐藤　花子',
    name_furigana: 'サトウ　ハナコ',
    name_kana_normalised: (row!.row as { name_kana_normalised: string }).name_kana_normalised,
    name_key: '佐藤花子',
    address: someone.address,
    municipality_code: '131105',
    aza_code: '0010',
    operator_id: 'S-1',
    terminal_id: 'T-1',
    former_surname_kanji: '田中',
    former_surname_furigana: 'タナカ',
  });
  const [outgoing] = await tokyo.t.owner<{ n: number }>(
    `select count(*)::int as n from streams.outgoing o join prefectural_juki.identification i on o.subject = i.person_id::text
      where i.resident_record_code = $1 and o.family = 'juki.national-notice'`,
    [someone.residentRecordCode],
  );
  assert.equal(outgoing!.n, 1);
  const [given] = await tokyo.t.owner<{ items: string[] }>(
    `select p.items from prefectural_juki.provision_record p join prefectural_juki.identification i using (person_id)
      where i.resident_record_code = $1`,
    [someone.residentRecordCode],
  );
  assert.deepEqual(given!.items.toSorted(), [
    'address',
    'birthDate',
    'changeReason',
    'changedOn',
    'individualNumber',
    'name',
    'residentRecordCode',
    'sex',
  ]);
  // 番号表にない方なので、全国サーバは通知を拒み、その規則は区まで戻る。
  await chain.pump();
  assert.deepEqual(await returnedTo(mcs.id, notice.changeId), [{ rule: 'N-02', items: [], present_at: null }]);
});

test('003 scenario 02 現存する方の転入: 規則L-01で拒まれ、記録も全国も変わらず、区に規則が戻り、監査ログに残る', async () => {
  const person = persons[1]!;
  const before = await inTokyo(chain, person.residentRecordCode);
  const notice = noticeOf(person, {
    reason: 'moved-in',
    sequence: 2,
    changedOn: '2026-05-20',
    becameResidentOn: '2026-05-20',
  });
  await enqueueRaw(mcs, tokyo.id, [notice]);
  await chain.pump();
  assert.deepEqual(await inTokyo(chain, person.residentRecordCode), before);
  assert.equal((await nationalNoticesOf(person.residentRecordCode)).length, 1);
  assert.deepEqual(await returnedTo(mcs.id, notice.changeId), [
    { rule: 'L-01', items: ['residentRecordCode'], present_at: '131105' },
  ]);
  assert.deepEqual(await journalOf(chain, notice.changeId), [
    { result: 'refused', rule: 'L-01', items: ['residentRecordCode'] },
  ]);
  const [logged] = await tokyo.t.owner<{ body: string }>(
    `select body from audit.intake_event e join notice_journal.entry j using (event_id) where j.change_id = $1`,
    [notice.changeId],
  );
  assert.match(logged!.body, /notice\.refused/);
});

test('003 scenario 03 転居で氏名が変わる通知: 規則L-02と項目名で拒む。住所だけなら適用し、前の記録は履歴になる', async () => {
  const person = persons[2]!;
  const both = noticeOf(person, {}, { name: '佐藤　華子', address });
  const good = noticeOf(person, {}, { address });
  await enqueueRaw(mcs, tokyo.id, [both, good]);
  await chain.pump();
  assert.deepEqual(await returnedTo(mcs.id, both.changeId), [{ rule: 'L-02', items: ['name'], present_at: null }]);
  const now = await inTokyo(chain, person.residentRecordCode);
  assert.deepEqual([now?.name_kanji, now?.address, now?.change_id], [person.name, address, good.changeId]);
  const history = await tokyo.t.owner<{ address: string }>(
    'select address from prefectural_juki.identification_history where resident_record_code = $1',
    [person.residentRecordCode],
  );
  assert.deepEqual(history, [{ address: person.address }]);
});

test('003 scenario 04 定めのない項目（本籍）のある通知: 全体を読まず、何も記録しない。後の通知も失われない', async () => {
  const person = persons[3]!;
  const number = await awaited(tokyo, mcs.id);
  const surplus = { ...noticeOf(person, {}, { address }), registeredDomicile: '東京都千代田区千代田1番' };
  const inside = noticeOf(person, {}, { address });
  const answer = await sendEnvelope(chain, tokyo, mcs.id, [{ number, content: surplus }]);
  assert.deepEqual([answer.outcomes, answer.stop?.why], [[], 'unreadable']);
  const nested = { ...inside, items: { ...inside.items, registeredDomicile: '東京都千代田区千代田1番' } };
  const second = await sendEnvelope(chain, tokyo, mcs.id, [{ number, content: nested }]);
  assert.equal(second.stop?.why, 'unreadable');
  assert.equal((await inTokyo(chain, person.residentRecordCode))?.address, person.address);
  assert.equal(await awaited(tokyo, mcs.id), number);
  assert.deepEqual([...(await journalOf(chain, surplus.changeId)), ...(await journalOf(chain, inside.changeId))], []);
  // ありえない日付・桁数の違うコードも同じ。
  for (const bad of [
    { ...inside, changedOn: '2026-02-29' },
    { ...inside, items: { ...inside.items, residentRecordCode: '123' } },
  ])
    assert.equal(residentNotice.safeParse(bad).success, false);
});

test('003 scenario 04 MCS-F2 誤った入力は、それぞれの規則と項目で拒まれるか読まれず、記録は変わらず、次の通知は届く', async () => {
  const person = persons[15]!;
  const [good, code] = [noticeOf(person, {}, { address }), person.residentRecordCode];
  const wrongDigit = (text: string): string => `${text.slice(0, -1)}${(Number(text.at(-1)) + 1) % 10}`;
  const before = await inTokyo(chain, code);
  // 区のサーバの項目チェックをすり抜けて届いたもの。
  const refused = [
    [{ residentRecordCode: wrongDigit(code) }, 'L-20', ['residentRecordCode']],
    [{ individualNumber: wrongDigit(person.individualNumber) }, 'L-21', ['individualNumber']],
    [{ individualNumber: persons[14]!.individualNumber }, 'L-09', ['individualNumber']],
  ] as const;
  for (const [items, rule, faults] of refused) {
    const notice = { ...noticeOf(person, {}, { address }), items: { ...good.items, ...items } };
    await enqueueRaw(mcs, tokyo.id, [notice]);
    await chain.pump();
    assert.deepEqual(await journalOf(chain, notice.changeId), [{ result: 'refused', rule, items: faults }]);
    assert.deepEqual(await returnedTo(mcs.id, notice.changeId), [{ rule, items: faults, present_at: null }]);
  }
  // 様式にない値: 一通も読まず、番号は進まない。
  const unread = [
    { ...good, changedOn: '2026-02-29' },
    { ...good, reason: 'moved-sideways' },
    { ...good, items: { ...good.items, sex: 'unknown' } },
    { ...good, items: { ...good.items, residentRecordCode: '123' } },
    { ...good, items: { ...good.items, birthDate: '1990-13-01' } },
  ];
  const number = await awaited(tokyo, mcs.id);
  for (const content of unread) {
    const answer = await sendEnvelope(chain, tokyo, mcs.id, [{ number, content }]);
    assert.deepEqual([answer.outcomes, answer.stop?.why], [[], 'unreadable']);
  }
  assert.equal(await awaited(tokyo, mcs.id), number);
  assert.deepEqual(await inTokyo(chain, code), before);
  await enqueueRaw(mcs, tokyo.id, [good]);
  await chain.pump();
  assert.equal((await inTokyo(chain, code))?.address, address);
  chain.alarms.splice(0);
});

test('003 scenario 05 誤った送信元: 証明書のない接続は握手で、他の区市町村のコードは規則L-14で拒まれ、どちらも残る', async () => {
  const person = persons[4]!;
  // (a) 証明書のない接続は、一通も読まれずに切れる。
  const socket = connect({ port: tokyo.port, host: '127.0.0.1', rejectUnauthorized: false });
  socket.on('secureConnect', () => socket.write('POST /streams HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n'));
  const received = await new Promise<string>((resolve) => {
    let text = '';
    socket.on('data', (bytes) => {
      text += String(bytes);
    });
    socket.on('error', () => resolve(text));
    socket.on('close', () => resolve(text));
  });
  assert.equal(received, '');
  const refused = chain.errors.splice(0) as { id: string; fault: { code: string } }[];
  assert.deepEqual(
    refused.map((e) => [e.id, e.fault.code]),
    [[tokyo.id, 'tls-refused']],
  );
  // 区市町村サーバではない者の証明書: 受信の権限がない。
  const number = 1;
  const foreign = await sendEnvelope(chain, tokyo, 'meguro/resident-tax', [
    { number, content: noticeOf(person, {}, { address }) },
  ]);
  assert.deepEqual(foreign.outcomes, [{ number, outcome: 'refused', word: 'not-authorised' }]);
  // (b) 世田谷区の証明書で目黒区のコード。
  const setagaya = chain.member('setagaya/municipal-juki');
  const notice = noticeOf(person, {}, { address });
  await enqueueRaw(setagaya, tokyo.id, [notice]);
  chain.alarms.splice(0);
  await chain.pump();
  assert.deepEqual(await journalOf(chain, notice.changeId), [
    { result: 'refused', rule: 'L-14', items: ['municipalityCode'] },
  ]);
  assert.ok(chain.alarms.some((a) => a.code === 'stream-message-refused'));
  assert.equal((await inTokyo(chain, person.residentRecordCode))?.address, person.address);
  const [logged] = await tokyo.t.owner<{ n: number }>(
    `select count(*)::int as n from audit.intake_event where body like '%apply-notices.refused%' and body like '%not-authorised%'`,
  );
  assert.equal(logged!.n, 1);
});

test('003 scenario 06 重複と欠番: 同じ通知は一度だけ適用し、飛んだ番号は受け付けずに前の番号を求め、順に適用する', async () => {
  const person = persons[5]!;
  const [first, second] = [
    noticeOf(person, {}, { address }),
    noticeOf(person, { sequence: 3 }, { address: `${address}2` }),
  ];
  const number = await awaited(tokyo, mcs.id);
  const early = await sendEnvelope(chain, tokyo, mcs.id, [{ number: number + 1, content: second }]);
  assert.deepEqual([early.outcomes, early.stop], [[], { why: 'gap', expected: number }]);
  assert.equal((await inTokyo(chain, person.residentRecordCode))?.address, person.address);
  // 送り手は求められた番号から送り直す（中継は番号を失わない）。
  await enqueueRaw(mcs, tokyo.id, [first, second]);
  const wire = mcs.wire;
  const envelopes: string[] = [];
  mcs.wire = {
    async send(to, envelope, signal) {
      envelopes.push(envelope);
      return wire.send(to, envelope, signal);
    },
  };
  await chain.pump();
  mcs.wire = wire;
  assert.equal((await inTokyo(chain, person.residentRecordCode))?.address, `${address}2`);
  assert.equal(envelopes.length, 1);
  // 同じ封書がもう一度: 適用済みの結果が返り、何も変わらない。
  const journal = await tokyo.t.owner('select 1 from notice_journal.entry');
  await wire.send(tokyo.id, envelopes[0]!, AbortSignal.timeout(5_000));
  assert.equal((await tokyo.t.owner('select 1 from notice_journal.entry')).length, journal.length);
  const history = await tokyo.t.owner<{ n: number }>(
    'select update_sequence_no as n from prefectural_juki.identification_history where resident_record_code = $1 order by 1',
    [person.residentRecordCode],
  );
  assert.deepEqual(
    history.map((h) => h.n),
    [1, 2],
  );
});

test('003 scenario 07 遅れた通知: 番号の順に適用して遡及と記し、確認一覧に載る。適用済みの更新順番号は拒む', async () => {
  const person = persons[6]!;
  const later = noticeOf(person, { changedOn: '2026-05-25', sequence: 2 }, { address });
  const earlier = noticeOf(person, { changedOn: '2026-05-10', sequence: 3 }, { address: `${address}5` });
  const old = noticeOf(person, { changedOn: '2026-05-28', sequence: 2 }, { address: `${address}6` });
  await enqueueRaw(mcs, tokyo.id, [later, earlier, old]);
  await chain.pump();
  const now = await inTokyo(chain, person.residentRecordCode);
  assert.deepEqual([now?.change_id, now?.retroactive], [earlier.changeId, true]);
  assert.deepEqual(await returnedTo(mcs.id, old.changeId), [{ rule: 'L-12', items: [], present_at: null }]);
  const manager = clerk('tokyo', 'M-1');
  const query = { all: false, offset: 0, limit: 50 };
  const listed = unwrap(await readReviews(tokyo.deps, manager, query));
  assert.deepEqual(
    listed.rows.map((r) => [r.changeId, r.changedOn]),
    [[earlier.changeId, '2026-05-10']],
  );
  const close = { changeId: earlier.changeId, note: '届出の日付を区に確かめた' };
  unwrap(await closeReview(tokyo.deps, manager, close));
  assert.deepEqual(await closeReview(tokyo.deps, manager, close), { ok: false, error: 'already-reviewed' });
  assert.equal(unwrap(await readReviews(tokyo.deps, manager, query)).total, 0);
});

test('003 scenario 08 全国サーバが止まっている間も都は受け付け、待っている数が見え、戻れば十件が順に一度ずつ届く', async () => {
  const person = persons[7]!;
  const wire = tokyo.wire;
  tokyo.wire = {
    send: (to, envelope, signal) =>
      to === jlis.id ? Promise.reject(new Error('down')) : wire.send(to, envelope, signal),
  };
  const addresses = Array.from({ length: 10 }, (_, i) => `東京都目黒区駒場一丁目${i + 1}番`);
  await enqueueRaw(
    mcs,
    tokyo.id,
    addresses.map((a, i) => noticeOf(person, { sequence: i + 2 }, { address: a })),
  );
  await mcs.relay(tokyo.id, changes);
  assert.equal((await inTokyo(chain, person.residentRecordCode))?.address, addresses[9]);
  assert.equal((await tokyo.relay(jlis.id, 'juki.national-notice')).kind, 'held');
  const [lag] = await tokyo.t.owner<{ n: number }>(
    `select count(*)::int as n from streams.outgoing where receiver = $1 and state in ('waiting', 'numbered')`,
    [jlis.id],
  );
  assert.equal(lag!.n, 10);
  assert.equal((await inCountry(chain, person.residentRecordCode))?.address, person.address);
  tokyo.wire = wire;
  await tokyo.t.owner('update streams.outbound set not_before = null');
  await chain.pump();
  const arrived = await jlis.t.owner<{ address: string }>(
    `select address from (select address, recorded_at, changed_on, change_id from national_juki.record_history where resident_record_code = $1
       union all select address, recorded_at, changed_on, change_id from national_juki.record where resident_record_code = $1) r
      join notice_journal.entry j using (change_id) order by j.number`,
    [person.residentRecordCode],
  );
  assert.deepEqual(
    arrived.map((r) => r.address),
    addresses,
  );
});

test('003 scenario 09 死亡: 消除の状態になり、番号は残り、消除者として検索から分かれる。全国にも届く', async () => {
  const person = persons[8]!;
  const [row] = await register.t.owner<{ person_id: string }>(
    'select person_id from resident_register.resident where resident_record_code = $1',
    [person.residentRecordCode],
  );
  unwrap(
    await recordDeath(register.deps, clerk('meguro'), {
      personId: row!.person_id,
      version: 1,
      changedOn: Temporal.PlainDate.from('2026-05-31'),
      filedOn: Temporal.PlainDate.from('2026-06-01'),
    }),
  );
  await chain.pump();
  const now = await inTokyo(chain, person.residentRecordCode);
  assert.deepEqual(
    [now?.status, now?.deleted_flag, now?.change_reason, now?.notice_received_date],
    ['removed', true, 'death', '2026-06-01'],
  );
  const [kept] = await tokyo.t.owner<{ n: number }>(
    `select count(*)::int as n from prefectural_juki.identification i join vault.number v on v.number_ref = i.number_ref where i.resident_record_code = $1`,
    [person.residentRecordCode],
  );
  assert.equal(kept!.n, 1);
  assert.equal((await inCountry(chain, person.residentRecordCode))?.status, 'removed');
});

test('identity-rules 2 住民票コード変更: 変更前のコードで記録を見つけ、同じ方の記録に新しいコードが立ち、前のコードは履歴に残る', async () => {
  const person = persons[9]!;
  const next = makeResidentRecordCode(systemRandom);
  const before = await inTokyo(chain, person.residentRecordCode);
  const unnamed = noticeOf(person, { reason: 'code-change' }, { residentRecordCode: next });
  const change = noticeOf(
    person,
    { reason: 'code-change', replacesCode: person.residentRecordCode },
    { residentRecordCode: next },
  );
  const taken = noticeOf(
    persons[10]!,
    { reason: 'code-change', replacesCode: persons[10]!.residentRecordCode },
    { residentRecordCode: next },
  );
  await enqueueRaw(mcs, tokyo.id, [unnamed, change, taken]);
  await mcs.relay(tokyo.id, changes);
  // 変更前のコードを名乗らなければ、番号はほかの方のものに見える。
  assert.deepEqual((await journalOf(chain, unnamed.changeId))[0]?.rule, 'L-09');
  assert.deepEqual((await journalOf(chain, taken.changeId))[0]?.rule, 'L-16');
  assert.equal((await inTokyo(chain, next))?.person_id, before?.person_id);
  assert.equal(await inTokyo(chain, person.residentRecordCode), undefined);
  const [history] = await tokyo.t.owner<{ n: number }>(
    'select count(*)::int as n from prefectural_juki.identification_history where resident_record_code = $1',
    [person.residentRecordCode],
  );
  assert.equal(history!.n, 1);
  await chain.pump();
});

test('設計4.7 一つの封書の通知は一つの事象であり、拒んだものも一件ずつの記録が事象に結ばれる', async () => {
  const [a, b, c] = [
    noticeOf(persons[11]!, {}, { address }),
    noticeOf(persons[12]!, {}, { name: '別人' }),
    noticeOf(persons[13]!, {}, { address }),
  ];
  await enqueueRaw(mcs, tokyo.id, [a, b, c]);
  await mcs.relay(tokyo.id, changes);
  const events = await tokyo.t.owner<{ event_id: string; body: string }>(
    `select distinct e.event_id, e.body from notice_journal.entry j join audit.intake_event e using (event_id) where j.change_id = any($1)`,
    [[a.changeId, b.changeId, c.changeId]],
  );
  assert.equal(events.length, 1);
  const body = JSON.parse(events[0]!.body);
  assert.deepEqual([body.detail.accepted, body.detail.rejected, body.subjects.count], [2, 1, 2]);
  const journal = body.facts.find((f: { table: string }) => f.table === 'notice_journal.entry');
  assert.equal(journal.count, 3);
  await chain.pump();
  assert.deepEqual(chain.errors, []);
});

test('INC-74 93世帯184人の通知: 受信側が記録の確定で倒れ、返事が失われても、受け付けたと返ったものはすべて記録されており、件数が区・都・国で一致し、欠番は知らされる', async () => {
  const setagaya = chain.member('setagaya/municipal-juki');
  const households = Array.from({ length: 93 }, (_, i) => `inc74-${i}`);
  const people = households.flatMap((household, i) =>
    Array.from({ length: i < 91 ? 2 : 1 }, () => aPerson({ household, relationship: '世帯主' })),
  );
  assert.equal(people.length, 184);
  const code = '131121';
  const entered = people.map((p) => noticeOf(p, { reason: 'initial-load', sequence: 1 }, { municipalityCode: code }));
  // One of them is at fault: it is refused and known as refused, not lost.
  const refused = noticeOf(
    people[0]!,
    { sequence: 9, reason: 'name-reading' },
    { municipalityCode: code, name: '別人' },
  );
  await enqueueRaw(setagaya, tokyo.id, [...entered, refused]);

  // The prefecture's database goes away at the commit, twice; then the answer is lost, twice.
  await tokyo.t.owner(`
    create sequence public.inc74;
    create function public.inc74() returns trigger language plpgsql security definer as
      $$ begin if nextval('public.inc74') <= 2 then raise exception 'the receiver dies before it has stored'; end if; return null; end $$;
    create constraint trigger inc74 after insert on notice_journal.entry deferrable initially deferred
      for each row execute function public.inc74()`);
  const { wire } = setagaya;
  let lost = 0;
  setagaya.wire = {
    async send(to, envelope, signal) {
      const answer = await wire.send(to, envelope, signal);
      if (lost++ < 2) throw new Error('the answer is lost on the way');
      return answer;
    },
  };
  const settled = () =>
    setagaya.t.owner<{ number: number; state: string }>(
      `select number::int, state from streams.outgoing where receiver = $1 and family = $2 and settled_at is not null order by number`,
      [tokyo.id, changes],
    );
  const stored = () =>
    tokyo.t.owner<{ number: number; state: string }>(
      'select number::int, result as state from notice_journal.entry where peer = $1 and family = $2 order by number',
      [setagaya.id, changes],
    );
  for (let tries = 0; (await settled()).length < entered.length + 1; tries++) {
    assert.ok(tries < 20, 'the notices do not arrive');
    await setagaya.relay(tokyo.id, changes);
    const there = new Set((await stored()).map((s) => s.number));
    assert.ok(
      (await settled()).every((s) => there.has(s.number)),
      'acknowledged before it was stored',
    );
    await setagaya.t.owner('update streams.outbound set not_before = null');
  }
  setagaya.wire = wire;
  await tokyo.t.owner('drop trigger inc74 on notice_journal.entry');
  assert.ok(lost > 2);
  assert.equal(chain.errors.splice(0).length, 2, 'two deaths of the receiver');
  await chain.pump();
  assert.deepEqual(await settled(), await stored());
  const [atTokyo] = await tokyo.t.owner(
    `select count(*) filter (where result = 'applied')::int as applied, count(*) filter (where result = 'refused')::int as refused
       from notice_journal.entry where peer = $1 and family = $2 and change_id = any($3)`,
    [setagaya.id, changes, [...entered, refused].map((n) => n.changeId)],
  );
  assert.deepEqual(atTokyo, { applied: 184, refused: 1 });
  const [held] = await tokyo.t.owner(
    `select count(*)::int as applied from prefectural_juki.identification where municipality_code = $1`,
    [code],
  );
  const [country] = await jlis.t.owner(
    `select count(*)::int as applied from national_juki.record where municipality_code = $1`,
    [code],
  );
  assert.deepEqual([held, country], [{ applied: 184 }, { applied: 184 }]);
  const returned = await returnedTo(setagaya.id, refused.changeId);
  assert.deepEqual(
    returned.map((r) => [r.rule, r.items]),
    [['L-15', ['name']]],
  );

  // 欠番: what the sender lost is missed by the receiver at once, and people are told; what comes after waits.
  chain.alarms.splice(0);
  setagaya.wire = { send: () => Promise.reject(new Error('down')) };
  const [gone, next] = people.slice(1, 3).map((p) => noticeOf(p, {}, { municipalityCode: code, address }));
  await enqueueRaw(setagaya, tokyo.id, [gone!, next!]);
  await setagaya.relay(tokyo.id, changes);
  setagaya.wire = wire;
  await setagaya.t.owner(
    `delete from streams.outgoing where number = (select min(number) from streams.outgoing where state = 'numbered')`,
  );
  await setagaya.t.owner('update streams.outbound set not_before = null');
  assert.equal((await setagaya.relay(tokyo.id, changes)).kind, 'held');
  assert.ok(chain.alarms.some((a) => a.id === setagaya.id && a.code === 'stream-gap'));
  assert.deepEqual(await journalOf(chain, next!.changeId), []);
});
