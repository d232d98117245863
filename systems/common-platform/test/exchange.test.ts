import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  askAnotherBody,
  beginLinkage,
  linkageRequest,
  linkageRequestEnvelope,
  linkageStatus,
  lodgeCopies,
  requestLinkageCode,
} from '@musubi/contracts/exchange/endpoints.ts';
import { readSigned } from '@musubi/contracts/exchange/signed.ts';
import { registerPerson } from '@musubi/contracts/platform/persons.ts';
import { systemMachineClock } from '@musubi/kernel/clocks/clock.ts';
import { openJwe } from '@musubi/kernel/crypto/jwe.ts';
import { checkCatalogue, readCatalogue } from '@musubi/kernel/db/catalogue.ts';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import type { RequestOf, ResponseOf } from '@musubi/kernel/http/endpoint.ts';
import { route } from '@musubi/kernel/http/server.ts';
import { err, ok, type Result, unwrap } from '@musubi/kernel/result/result.ts';
import pg from 'pg';
import { registerTaskBindings } from '../service/check-binding.ts';
import { obtainLinkages } from '../service/obtain-linkage.ts';
import { aNumber, aPlatform, identityOf, job, schemas, trust, type World } from './world.ts';

type Ask = RequestOf<typeof askAnotherBody>;
type Answer = ResponseOf<typeof askAnotherBody>;
const platform = 'tokyo/common-platform';

const answerTo = (ask: Ask): Answer => ({
  requestId: ask.requestId,
  asker: ask.asker,
  inquiryNumber: '018f0000-0000-7000-8000-000000000001',
  permitNumber: '7b1f2f0e-0000-4000-8000-000000000001',
  result: '00',
  validFrom: '2026-06-10',
  items: { 市町村民税所得割額: 113_900 },
  evidence: 'evidence',
  permit: 'permit',
  answeredAt: '2026-06-20T00:00:00Z',
});

/** A prefecture's platform with an intermediate server behind it and the subsidy system before it. */
async function theChain() {
  const w = await aPlatform('prefecture');
  unwrap(await registerTaskBindings(w.deps, { kind: 'job', name: 'start' }, {}));
  const server = {
    answer: async (ask: Ask): Promise<Result<Answer, 'no-linkage-code'>> => ok(answerTo(ask)),
    asked: [] as Ask[],
    lodged: [] as RequestOf<typeof lodgeCopies>[],
    states: new Map<string, 'requested' | 'held'>(),
  };
  await w.serve('tokyo/intermediate-server', [
    route(askAnotherBody, async ({ body }) => {
      server.asked.push(body);
      return server.answer(body);
    }),
    route(lodgeCopies, async ({ body }) => {
      server.lodged.push(body);
      return ok({ accepted: body.copies.length - 1, rejected: [{ row: body.copies.at(-1)!.row, code: 'E07' }] });
    }),
    route(beginLinkage, async ({ body }) => {
      server.states.set(body.orgPersonNumber, 'requested');
      return ok({ processingNumber: 'processing-number-of-the-network', state: 'requested' as const });
    }),
    route(linkageStatus, async ({ body }) =>
      ok({
        states: body.orgPersonNumbers.map((orgPersonNumber) => {
          const state = server.states.get(orgPersonNumber) ?? ('none' as const);
          return { orgPersonNumber, state, acquiredOn: state === 'held' ? '2026-06-02' : null };
        }),
      }),
    ),
  ]);
  const client = await w.client('tokyo/child-chronic');
  const number = aNumber().digits();
  const person = unwrap(
    await client.call(
      registerPerson,
      platform,
      {},
      {
        requestId: w.deps.newId(),
        system: 'child-chronic',
        individualNumber: number,
        name: '目黒 花子',
        nameKana: 'メグロ ハナコ',
        birthDate: '1988-04-02',
        sex: 'female',
        address: '東京都目黒区上目黒二丁目19番15号',
      },
    ),
  );
  const asking = (more: Partial<Ask> = {}): Ask => ({
    requestId: w.deps.newId(),
    asker: { system: 'child-chronic', staffId: 'S1', caseReference: '2026-00001' },
    orgPersonNumber: person.orgPersonNumber,
    procedure: 'MS2-009',
    informationCode: 'TKX-0001',
    items: ['市町村民税所得割額'],
    condition: { taxYear: 2026 },
    provider: 'meguro',
    ...more,
  });
  const ask = (more: Partial<Ask> = {}) => client.call(askAnotherBody, platform, {}, asking(more));
  return { w, server, client, number, person, asking, ask, [Symbol.asyncDispose]: () => w[Symbol.asyncDispose]() };
}

const events = (w: World, event: string) =>
  w.t.owner<{ body: string }>(
    'select body::text as body from audit.entry where body::text like $1 union all select i::text from audit.intake_event i where i::text like $1',
    [`%${event}%`],
  );

test('001 LNK-F5 照会を中継し、識別子をそのまま返す。回答の内容はどこにも残らない', async () => {
  await using c = await theChain();
  const request = c.asking();
  const answer = unwrap(await c.client.call(askAnotherBody, platform, {}, request));
  assert.deepEqual(answer, answerTo(request));
  assert.deepEqual(c.server.asked, [request]);
  const tables = await c.w.t.owner<{ name: string }>(
    "select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema', 'musubi')",
  );
  for (const { name } of tables) {
    const [found] = await c.w.t.owner<{ n: number }>(
      `select count(*)::int as n from ${name} x where to_jsonb(x)::text like '%113900%'`,
    );
    assert.equal(found!.n, 0, name);
  }
  const [row] = await c.w.t.owner(
    'select system, result, permit_number from common_platform.relayed_inquiry join common_platform.relayed_answer using (request_id)',
  );
  assert.deepEqual(row, { system: 'child-chronic', result: '00', permit_number: answer.permitNumber });
  // The same again is relayed again; the same id with another question is not.
  assert.ok((await c.client.call(askAnotherBody, platform, {}, request)).ok);
  const other = { ...request, items: ['合計所得金額'] };
  assert.deepEqual(await c.client.call(askAnotherBody, platform, {}, other), err('inquiry-number-used'));
  assert.deepEqual(c.w.faults, []);
});

test('001 拒否は業務システムへそのまま伝わり、拒否も根拠とともに記録される', async () => {
  await using c = await theChain();
  c.server.answer = async () => err('no-linkage-code');
  assert.deepEqual(await c.ask(), err('no-linkage-code'));
  const [row] = await c.w.t.owner('select refusal from common_platform.relayed_answer');
  assert.deepEqual(row, { refusal: 'no-linkage-code' });
  assert.ok((await events(c.w, 'inquiry.refused')).length > 0);
});

mechanismTest(
  'access.task-binding',
  '001 場面12 登録のない事務、期限の切れた事務、他の業務の名での照会は断る',
  async () => {
    await using c = await theChain();
    assert.deepEqual(await c.ask({ procedure: 'MS2-048' }), err('not-your-business'));
    assert.deepEqual(await c.ask({ procedure: 'MS2-010' }), err('not-your-business'));
    const asker = { system: 'resident-tax', caseReference: 'x' };
    assert.deepEqual(await c.ask({ asker }), err('not-your-business'));
    assert.equal(c.server.asked.length, 0);
  },
);

test('001 権限表にないシステム、他団体のシステムは照会できない', async () => {
  await using c = await theChain();
  for (const stranger of ['tokyo/staff-directory', 'meguro/child-chronic']) {
    const client = await c.w.client(stranger);
    assert.deepEqual(await client.call(askAnotherBody, platform, {}, c.asking()), err('not-authorised'), stranger);
  }
});

mechanismTest('transfer.bound-person', '001 場面10 紐付けのない方、確認中の方については照会できない', async () => {
  await using c = await theChain();
  assert.deepEqual(await c.ask({ orgPersonNumber: '000000000000000' }), err('unknown-person'));
  // A second registration that disagrees puts the person in doubt until a clerk has decided.
  const doubt = await c.client.call(
    registerPerson,
    platform,
    {},
    {
      requestId: c.w.deps.newId(),
      system: 'child-chronic',
      individualNumber: c.number,
      name: '目黒 一郎',
      nameKana: 'メグロ イチロウ',
      birthDate: '2018-06-01',
      sex: 'male',
      address: '東京都目黒区上目黒二丁目19番15号',
    },
  );
  assert.deepEqual(doubt, err('particulars-disagree'));
  assert.deepEqual(await c.ask(), err('unknown-person'));
  assert.equal(c.server.asked.length, 0);
});

mechanismTest('transfer.echo-identifier', '001 LNK-X3 別の照会の識別子が付いた回答は返さない', async () => {
  await using c = await theChain();
  c.server.answer = async (ask) => ok({ ...answerTo(ask), asker: { ...ask.asker, caseReference: '2026-00002' } });
  assert.deepEqual(await c.ask(), err('answer-not-verified'));
});

test('001 LNK-F4 副本登録を中継する。受理 + 拒否 = 件数、紐付けのない行は中継しない', async () => {
  await using c = await theChain();
  const copy = (row: number, orgPersonNumber = c.person.orgPersonNumber) => ({
    row,
    orgPersonNumber,
    informationCode: 'TKX-0101',
    condition: { asOf: '2026-06-01' },
    validFrom: '2026-06-01',
    items: { 支給認定: true },
    autoReplyBlocked: false,
    withheldFromPerson: false,
  });
  const batch = {
    batchId: c.w.deps.newId(),
    system: 'child-chronic',
    kind: 'difference' as const,
    copies: [copy(1), copy(2, '000000000000000'), copy(3)],
  };
  const lodge = (body: RequestOf<typeof lodgeCopies>) => c.client.call(lodgeCopies, platform, {}, body);
  const expected = {
    accepted: 1,
    rejected: [
      { row: 2, code: 'unknown-person' },
      { row: 3, code: 'E07' },
    ],
  };
  assert.deepEqual(unwrap(await lodge(batch)), expected);
  assert.deepEqual(unwrap(await lodge(batch)), expected);
  assert.deepEqual(
    c.server.lodged.map((l) => l.copies.map((r) => r.row)),
    [
      [1, 3],
      [1, 3],
    ],
  );
  const foreign = { ...batch, batchId: c.w.deps.newId(), copies: [{ ...copy(1), informationCode: 'TKX-0001' }] };
  assert.deepEqual(await lodge(foreign), err('not-your-information'));
  assert.deepEqual(await lodge({ ...batch, copies: [copy(1)] }), err('batch-repeated-with-other-content'));
});

test('001 ⑤ 符号の取得を依頼し、状態と日付だけを持つ。番号は全国サーバあてに封じられる', async () => {
  await using c = await theChain();
  const seen: string[] = [];
  const jlis = await identityOf('jlis/national-juki');
  await c.w.serve('tokyo/prefectural-juki', [
    route(requestLinkageCode, async ({ body }) => {
      assert.ok(!JSON.stringify(body).includes(c.number));
      const signed = unwrap(
        readSigned(
          body.request,
          'musubi-linkage-request-envelope',
          linkageRequestEnvelope,
          trust,
          systemMachineClock.now(),
        ),
      );
      assert.equal(signed.signer.system, 'common-platform');
      const { sealed, processingNumber } = signed.payload;
      const opened = unwrap(openJwe(sealed, { privateKey: jlis.encryption.key, typ: 'musubi-linkage-request' }));
      const content = linkageRequest.parse(JSON.parse(opened.plaintext.toString('utf8')));
      assert.equal(content.processingNumber, processingNumber);
      seen.push('individualNumber' in content ? content.individualNumber : '');
      return seen.length === 1 ? err('unavailable') : ok({ accepted: true as const });
    }),
  ]);
  const start = c.w.deps.machineClock.now();
  const after = (seconds: number) => ({ ...c.w.deps, machineClock: { now: () => start.add({ seconds }) } });
  const state = async () =>
    (
      await c.w.t.owner<{ state: string; on: string | null }>(
        'select state, acquired_on::text as on from common_platform.linkage',
      )
    )[0];
  unwrap(await obtainLinkages(after(0), job, { limit: 10 }));
  assert.equal((await state())?.state, 'wanted'); // not available: later again
  unwrap(await obtainLinkages(after(4), job, { limit: 10 }));
  assert.equal(seen.length, 1); // not before its time
  unwrap(await obtainLinkages(after(60), job, { limit: 10 }));
  assert.deepEqual(seen, [c.number, c.number]);
  assert.equal((await state())?.state, 'requested');
  c.server.states.set(c.person.orgPersonNumber, 'held');
  unwrap(await obtainLinkages(after(240), job, { limit: 10 }));
  assert.deepEqual(await state(), { state: 'held', on: '2026-06-02' });
  const steps = await c.w.t.owner<{ step: string }>(
    'select step from common_platform.linkage_step order by stepped_at, step_id',
  );
  assert.deepEqual(
    steps.map((s) => s.step),
    ['wanted', 'requested', 'postponed', 'requested', 'accepted', 'held'],
  );
  const [uses] = await c.w.t.owner<{ n: number }>(
    "select count(distinct event_id)::int as n from vault.use where purpose = 'linkage-code-request'",
  );
  assert.equal(uses!.n, 2);
});

test('design §2.7: every column of the system is declared', async () => {
  await using w = await aPlatform();
  const client = new pg.Client({ connectionString: w.t.url });
  await client.connect();
  const faults = await checkCatalogue(client, await readCatalogue(schemas));
  await client.end();
  assert.deepEqual(
    faults.filter((fault) => fault.startsWith('common_platform.')),
    [],
  );
});
