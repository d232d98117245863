import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { orderInquiries } from '@musubi/contracts/exchange/inquiry-orders.ts';
import { isOpenDay } from '@musubi/kernel/calendar/open-days.ts';
import type { Actor } from '@musubi/kernel/db/act.ts';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import { err, unwrap } from '@musubi/kernel/result/result.ts';
import { logAnalysis } from '../log-analysis-module.ts';
import { fetchList } from '../service/fetch-list.ts';
import { type Asked, exchangeWorld } from './exchange-world.ts';
import { depsOf } from './ims-deps.ts';

const world = await exchangeWorld();
after(() => world[Symbol.asyncDispose]());
const job: Actor = { kind: 'job', name: 'log-analysis' };
for (const each of [world.meguro, world.tokyo]) unwrap(await fetchList(depsOf(world, each), job));
const deps = depsOf(world, world.tokyo);
const analyst: Actor = { kind: 'staff', organisation: 'tokyo', staffId: 'analyst-01', sessionId: 'x-1' };
const tax = { 課税区分: '課税', 市町村民税所得割額: 1_000 };

/** Moves the machine clock to this hour (Tokyo) of the next open day. */
function goTo(hour: number): void {
  const now = world.machineClock.now().toZonedDateTimeISO('Asia/Tokyo');
  let then = now.round({ smallestUnit: 'day', roundingMode: 'floor' }).add({ days: 1, hours: hour });
  while (!isOpenDay(then.toPlainDate())) then = then.add({ days: 1 });
  world.wait(now.until(then));
}
const askAs = (staffId: string, person: string, more: Partial<Asked['asker']> = {}) =>
  world.ask(world.question(person, { asker: { system: 'child-chronic', staffId, caseReference: 'C-1', ...more } }));
const watch = async (subject: string, staffId: string | null, reason: string): Promise<void> => {
  unwrap(await logAnalysis.watch(deps, analyst, { subject, staffId, reason, untilOn: '2099-03-31' }));
};
async function cases(): Promise<string[]> {
  await world.sealLog(world.tokyo);
  unwrap(await logAnalysis.scan(deps, job, null));
  const found = unwrap(
    await logAnalysis.cases(deps, analyst, { rule: null, staffId: null, open: true, offset: 0, limit: 100 }),
  );
  return found.rows.map((c) => `${c.rule} ${c.staffId}${c.subject === null ? '' : ` ${c.subject}`}`).sort();
}

mechanismTest(
  'audit.unusual-use-alarm',
  'C attack: 事案なしの照会は拒まれ、自分・同僚・夜間の著名人への照会とともに、ログ分析者の事案になる (番号利用法 第22条)',
  async () => {
    const persons = [
      await world.person(tax),
      await world.person(tax),
      await world.person(tax),
      await world.person(tax),
    ];
    const [own, colleague, celebrity, anybody] = persons.map((p) => p.prefecture) as [string, string, string, string];
    const run = world.newId().slice(-6);
    const by = (name: string) => `${name}-${run}`;
    await watch(own, by('himself'), '職員本人');
    await watch(colleague, by('colleague'), '同僚職員');
    await watch(celebrity, null, '報道');

    goTo(10);
    assert.ok((await askAs(by('diligent'), anybody)).ok);
    assert.ok((await askAs(by('himself'), own)).ok, 'it is answered; that it was wrong a person judges');
    assert.ok((await askAs(by('curious'), colleague)).ok);
    for (const caseReference of ['', '　', '-'])
      assert.deepEqual(await askAs(by('caseless'), anybody, { caseReference }), err('case-missing'));
    // Scheduled work has no person; its questions are nobody's curiosity.
    unwrap(await world.ask(world.question(anybody, { asker: { system: 'child-chronic', caseReference: 'J-1' } })));
    goTo(2);
    assert.ok((await askAs(by('night'), celebrity)).ok);

    assert.deepEqual(
      (await cases()).filter((c) => c.includes(run)),
      [
        `no-document ${by('caseless')}`,
        `off-hours ${by('night')}`,
        `own-or-colleague ${by('curious')} ${colleague}`,
        `own-or-colleague ${by('himself')} ${own}`,
        `watched ${by('night')} ${celebrity}`,
      ],
    );
  },
);

test('C attack: unusually many questions of one clerk are one case; an order counts as one use of who gave it', async () => {
  const { prefecture } = await world.person(tax);
  goTo(11);
  for (let i = 0; i < 29; i++) assert.ok((await askAs('busy-01', prefecture)).ok);
  assert.deepEqual(
    (await cases()).filter((c) => c.includes('busy-01')),
    [],
  );
  assert.ok((await askAs('busy-01', prefecture)).ok);
  assert.deepEqual(
    (await cases()).filter((c) => c.includes('busy-01')),
    ['many-searches busy-01'],
  );
  const { asker: _asker, requestId: _request, orgPersonNumber: _person, ...asked } = world.question(prefecture);
  unwrap(
    await world.clients.tokyoPlatform.call(
      orderInquiries,
      'tokyo/intermediate-server',
      {},
      {
        ...asked,
        orderId: world.newId(),
        asker: { system: 'child-chronic', staffId: 'batch-01', caseReference: 'B-1' },
        persons: 2,
        notBefore: '2026-07-01',
      },
    ),
  );
  await cases();
  assert.deepEqual(
    await world.tokyo.t.owner(`select kind, document from log_analysis.use where staff_id = 'batch-01'`),
    [{ kind: 'output', document: 'B-1' }],
  );
});

test('C attack: 分析者は画面で事案を読み、業務上必要には一致する書類を求められ、不適正には事故の番号を求められる', async () => {
  const read = async (path: string): Promise<string> => {
    const response = await world.tokyo.pages.fetch(new Request(`http://x${path}`));
    assert.equal(response.status, 200, path);
    return response.text();
  };
  const list = await read('/log-analysis');
  assert.match(list, /自分または同僚の記録の閲覧/);
  assert.match(list, /注意対象者の記録の閲覧/);
  const { rows } = unwrap(
    await logAnalysis.cases(deps, analyst, { rule: 'watched', staffId: null, open: true, offset: 0, limit: 10 }),
  );
  const { caseId, staffId } = rows[0]!;
  assert.match(await read(`/log-analysis/cases/${caseId}`), new RegExp(staffId));
  const judgement = { caseId, document: '', note: '確認した', comparison: 'no-document' } as const;
  const judge = (more: object) =>
    logAnalysis.judge(deps, analyst, { ...judgement, verdict: 'improper', ...more } as Parameters<
      typeof logAnalysis.judge
    >[2]);
  assert.deepEqual(await judge({ verdict: 'justified' }), err('comparison-differs'));
  assert.deepEqual(await judge({}), err('incident-missing'));
  unwrap(await judge({ incident: 'INC-2026-1' }));
  assert.deepEqual(await judge({ incident: 'INC-2026-1' }), err('already-judged'));
});
