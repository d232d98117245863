import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import { err, unwrap } from '@musubi/kernel/result/result.ts';
import { fetchList } from '../service/fetch-list.ts';
import { exchangeWorld } from './exchange-world.ts';
import { depsOf } from './ims-deps.ts';

const world = await exchangeWorld();
after(() => world[Symbol.asyncDispose]());
const job = { kind: 'job', name: 'test' } as const;
for (const each of [world.meguro, world.tokyo]) unwrap(await fetchList(depsOf(world, each), job));

const tax = { 課税区分: '課税', 市町村民税所得割額: 123_457, 市町村民税均等割額: 3_000, 給与収入金額: 4_567_891 };

test('002 IMS-F2, IMS-F3 照会から提供まで: 求めた項目だけが照会者に届き、三者に同じ番号の記録が残る (design §4.3)', async () => {
  const { prefecture, ward } = await world.person(tax);
  const question = world.question(prefecture);
  const answer = unwrap(await world.ask(question));
  assert.equal(answer.result, '00');
  assert.deepEqual(answer.items, { 課税区分: '課税', 市町村民税所得割額: 123_457 });
  assert.equal(answer.validFrom, '2026-06-01');
  assert.deepEqual(answer.asker, question.asker);

  const [asker] = await world.tokyo.t.owner(
    `select role, org_person_number, result from intermediate_server.exchange_record where inquiry_number = $1`,
    [answer.inquiryNumber],
  );
  assert.deepEqual(asker, { role: 'asker', org_person_number: prefecture, result: '00' });
  const [provider] = await world.meguro.t.owner(
    `select role, org_person_number, result from intermediate_server.exchange_record where inquiry_number = $1`,
    [answer.inquiryNumber],
  );
  assert.deepEqual(provider, { role: 'provider', org_person_number: ward, result: '00' });
  const [between] = await world.network.t.owner(
    `select i.asker, i.provider, o.result from information_providing_network.inquiry i
       join information_providing_network.outcome o using (inquiry_number) where inquiry_number = $1`,
    [answer.inquiryNumber],
  );
  assert.deepEqual(between, { asker: 'tokyo', provider: 'meguro', result: '00' });
  const keys = await world.tokyo.t.owner('select 1 from intermediate_server.inquiry_key where inquiry_number = $1', [
    answer.inquiryNumber,
  ]);
  assert.equal(keys.length, 0, 'the private key is gone with the result');

  assert.deepEqual(unwrap(await world.ask(question)), answer, 'a repeat gives the same answer');
  assert.deepEqual(await world.ask({ ...question, items: ['課税区分'] }), err('request-key-reused'));
});

test('design §3 番号の置き場所: 情報提供ネットワークのデータベースに値・符号・宛名番号がない', async () => {
  const { prefecture, ward, residentRecordCode } = await world.person({ ...tax, 市町村民税所得割額: 987_654 });
  assert.equal(unwrap(await world.ask(world.question(prefecture))).items.市町村民税所得割額, 987_654);
  const codes = await Promise.all(
    [world.meguro, world.tokyo].map(async ({ t }, i) => {
      const [row] = await t.owner<{ linkage_code: string }>(
        'select linkage_code from intermediate_server.linkage where org_person_number = $1',
        [i === 0 ? ward : prefecture],
      );
      return row!.linkage_code;
    }),
  );
  assert.notEqual(codes[0], codes[1]);
  for (const { t, faults } of [world.network, world.root]) {
    const tables = await t.owner<{ name: string }>(
      `select quote_ident(table_schema) || '.' || quote_ident(table_name) as name from information_schema.tables
        where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`,
    );
    let all = JSON.stringify(faults);
    for (const { name } of tables) {
      const rows = await t.owner<{ row: string }>(`select to_jsonb(x)::text as row from ${name} x`);
      all += rows.map(({ row }) => row).join('\n');
    }
    const decoded = all.replaceAll(
      /[A-Za-z0-9_-]{24,}/g,
      (text) => `${text} ${Buffer.from(text, 'base64url').toString('utf8')}`,
    );
    for (const secret of ['987654', ward, prefecture, residentRecordCode, ...codes])
      assert.ok(!decoded.includes(secret), 'a value of the person stands in the network');
  }
});

test('002 IMS-F6 副本がないとき50、終わった副本のとき10', async () => {
  const { prefecture } = await world.person();
  assert.equal(unwrap(await world.ask(world.question(prefecture))).result, '50');
  const other = await world.person(tax);
  const { lodgeCopies } = await import('@musubi/contracts/exchange/endpoints.ts');
  unwrap(
    await world.clients.meguroPlatform.call(
      lodgeCopies,
      'meguro/intermediate-server',
      {},
      {
        batchId: world.newId(),
        system: 'resident-tax',
        kind: 'difference',
        copies: [
          {
            row: 1,
            orgPersonNumber: other.ward,
            informationCode: 'TKX-0001',
            condition: { taxYear: 2026 },
            validFrom: '2026-06-05',
            items: null,
            autoReplyBlocked: false,
            withheldFromPerson: false,
          },
        ],
      },
    ),
  );
  assert.equal(unwrap(await world.ask(world.question(other.prefecture))).result, '10');
});

mechanismTest('exchange.list-row', '002-INS 照合リストにない照会は許可されず、提供者に届かない', async () => {
  const { prefecture } = await world.person(tax);
  assert.deepEqual(await world.ask(world.question(prefecture, { procedure: 'MS2-777' })), err('unknown-procedure'));
  assert.deepEqual(
    await world.ask(
      world.question(prefecture, { procedure: 'MS2-048', asker: { system: 'resident-tax', caseReference: 'C' } }),
    ),
    err('not-on-list'),
  );
  assert.deepEqual(await world.ask(world.question(prefecture, { items: ['給与収入金額'] })), err('item-not-on-list'));
  // A row that was in force until March is none in June.
  assert.deepEqual(await world.ask(world.question(prefecture, { procedure: 'MS2-161' })), err('unknown-procedure'));
  assert.deepEqual(await world.ask(world.question(prefecture, { provider: 'osaka' })), err('provider-unknown'));
});

mechanismTest('exchange.asker-right', '001-IMS 許された業務システムだけが照会できる', async () => {
  const { prefecture } = await world.person(tax);
  const foreign = world.question(prefecture, { asker: { system: 'cook-register', caseReference: 'C' } });
  assert.deepEqual(await world.ask(foreign), err('not-your-business'));
});

test('002 IMS-F6 終わりの日のある副本は、その日まで答えられ、翌日からは知らせがなくても終わった副本であり、次の副本を終わらせない', async () => {
  const { lodgeCopies } = await import('@musubi/contracts/exchange/endpoints.ts');
  const { prefecture, ward } = await world.person(tax);
  const lodge = async (levy: number, validFrom: string, lastOn: string) =>
    unwrap(
      await world.clients.meguroPlatform.call(
        lodgeCopies,
        'meguro/intermediate-server',
        {},
        {
          batchId: world.newId(),
          system: 'resident-tax',
          kind: 'difference',
          copies: [
            {
              row: 1,
              orgPersonNumber: ward,
              informationCode: 'TKX-0001',
              condition: { taxYear: 2026 },
              validFrom,
              lastOn,
              items: { ...tax, 市町村民税所得割額: levy },
              autoReplyBlocked: false,
              withheldFromPerson: false,
            },
          ],
        },
      ),
    );
  const answer = async () => {
    const came = unwrap(await world.ask(world.question(prefecture)));
    return came.result === '00' ? came.items.市町村民税所得割額 : came.result;
  };
  assert.deepEqual((await lodge(1, '2026-06-08', '2026-06-07')).rejected, [{ row: 1, code: 'ends-before-it-begins' }]);
  await lodge(700, '2026-06-08', '2026-06-10');
  assert.equal(await answer(), 700, 'on its last day');
  await lodge(700, '2026-06-08', '2026-06-09');
  assert.equal(await answer(), '10', 'the day after');
  await lodge(800, '2026-06-09', '2027-05-31');
  assert.equal(await answer(), 800);
});

test('design §4.2 符号のない人の照会は受け付けない', async () => {
  assert.deepEqual(await world.ask(world.question('299999999999999')), err('no-linkage-code'));
});

mechanismTest('exchange.minimum-answer', '002-IMS 求めた項目のほかは提供しない', async () => {
  const { prefecture } = await world.person(tax);
  const answer = await world.ask(world.question(prefecture, { items: ['課税区分'] }));
  assert.deepEqual(answer.ok && answer.value.items, { 課税区分: '課税' });
});

test('design §4.3, §5 同時の照会は一つの取引を分け合っても、一件ずつ自分の回答・記録・事象を持ち、拒まれる一件は他を巻き込まない', async () => {
  const levies = [1_100, 2_200, 3_300, 4_400];
  const people = await Promise.all(
    levies.map(async (levy) => ({ levy, ...(await world.person({ 課税区分: '課税', 市町村民税所得割額: levy })) })),
  );
  const asked = people.flatMap((person) =>
    [1, 2, 3].map(() => ({ person, question: world.question(person.prefecture) })),
  );
  const twice = world.question(people[0]!.prefecture);
  const [answers, repeated, nobody] = await Promise.all([
    Promise.all(asked.map(({ question }) => world.ask(question))),
    Promise.all([world.ask(twice), world.ask(twice)]),
    world.ask(world.question('299999999999998')),
  ]);
  for (const [i, { person, question }] of asked.entries()) {
    const answer = unwrap(answers[i]!);
    assert.equal(answer.items.市町村民税所得割額, person.levy, 'its own answer and nobody else’s');
    assert.equal(answer.requestId, question.requestId);
  }
  assert.ok(repeated.some(({ ok }) => ok));
  assert.deepEqual(nobody, err('no-linkage-code'));
  const numbers = [...answers, ...repeated].flatMap((a) => (a.ok ? [a.value.inquiryNumber] : []));
  assert.equal(new Set(numbers).size, asked.length + 1, 'the same request twice at once is one inquiry');
  const wanted = [...new Set(numbers)];
  const shared: number[] = [];
  for (const [at, table] of [
    [world.tokyo, 'intermediate_server.inquiry'],
    [world.tokyo, 'intermediate_server.inquiry_result'],
    [world.network, 'information_providing_network.inquiry'],
    [world.meguro, 'intermediate_server.accepted_permit'],
  ] as const) {
    const [row] = await at.t.owner<{ n: number; events: number; transactions: number }>(
      `select count(*)::int as n, count(distinct event_id)::int as events, count(distinct xmin::text)::int as transactions
         from ${table} where inquiry_number = any ($1::uuid[])`,
      [wanted],
    );
    assert.deepEqual([row!.n, row!.events], [wanted.length, wanted.length], `${table}: one row and one event each`);
    shared.push(row!.transactions);
    const [differences] = await at.t.owner<{ n: number }>(
      `select count(*)::int as n from audit.fact_differences('${table}')`,
    );
    assert.equal(differences!.n, 0, table);
  }
  assert.ok(
    shared.some((transactions) => transactions < wanted.length),
    `some went together: ${shared.join(' ')}`,
  );
});
