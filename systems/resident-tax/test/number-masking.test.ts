import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRights } from '@musubi/kernel/access/rights.ts';
import { textOfPdf } from '@musubi/kernel/documents/testing.ts';
import { createTypesetter } from '@musubi/kernel/documents/typesetter.ts';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import { runBatch } from '@musubi/kernel/jobs/run-batch.ts';
import { createPageApp, type PageApp } from '@musubi/kernel/pages/app.ts';
import { trainingTown } from '@musubi/kernel/pages/layout.ts';
import { ok, unwrap } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { rights } from '../rights.ts';
import { worker } from '../service/assessment/functions.ts';
import { orderNoticeRun } from '../service/assessment/order-run.ts';
import { noticeRun } from '../service/notices/notice-run.ts';
import { issueNotice, openNotice } from '../service/notices/notices.ts';
import { showNumber } from '../service/persons/show-number.ts';
import { registerCheckPages } from '../web/check-pages.ts';
import { registerMatchingPages } from '../web/intake-matching-pages.ts';
import { registerIntakePages } from '../web/intake-pages.ts';
import { registerKeyingPages } from '../web/keying-pages.ts';
import { registerLevyInputPages } from '../web/levy-input-pages.ts';
import { registerNumberPage } from '../web/number-page.ts';
import { registerPersonPages } from '../web/persons-pages.ts';
import {
  anIntake,
  arrive,
  changeOf,
  conformanceFile,
  coverOf,
  fileOf,
  fileReports,
  people,
  receive,
  recordOf,
  register,
  sampleColumns,
  staff,
  takeInFile,
} from './an-intake.ts';
import { assessAll, decideAll, nobodyProtected } from './assessment-setup.ts';
import { office } from './notice-office.ts';

/* Every page that a clerk can reach, read as bytes: no Individual Number in any form. */

const everyone = people(12);
const roles = {
  rolesOf: async (_tx: unknown, { staffId }: { readonly staffId: string }) =>
    staffId === 'number-viewer-1' ? ['number-viewer'] : ['levy-clerk', 'levy-chief', 'tax-viewer'],
};
const ruled = (deps: Deps): Deps => ({ ...deps, rights: createRights(rights, 'meguro', roles as never) });

function site(deps: Deps, staffId: string): PageApp {
  const actor = staff(staffId);
  const app = createPageApp({
    system: { id: 'resident-tax', name: '個人住民税システム', gloss: 'Inhabitant tax on individuals' },
    organisation: { id: 'meguro', name: '目黒区', gloss: 'Meguro City' },
    environment: trainingTown,
    session: { read: async () => ({ actor, displayName: '職員', csrfSecret: new Uint8Array(32).fill(1) }) },
    mayOpen: (who, right) => deps.rights.allows(undefined as never, who, right),
    stylesheet: { name: 'x.css', content: '' } as never,
    random: deps.random,
    onError: (error) => assert.fail(`${error}`),
  });
  registerIntakePages(app, deps, { fetchNow: async () => ok({ received: 0, faults: [] }), resume: () => {} });
  registerMatchingPages(app, deps as never);
  registerPersonPages(app, deps);
  registerNumberPage(app, deps);
  registerCheckPages(app, deps);
  registerKeyingPages(app, deps, () => {});
  registerLevyInputPages(app, deps);
  return app;
}
const origin = 'http://rtx.meguro.localhost';
const get = (app: PageApp, path: string) => app.fetch(new Request(`${origin}${path}`));
async function post(app: PageApp, from: string, path: string, fields: Readonly<Record<string, string>>) {
  const token = /name="(_[a-z]+)" value="([^"]+)"/.exec(await (await get(app, from)).text());
  assert.ok(token, `the form of ${from} carries a token`);
  return app.fetch(
    new Request(`${origin}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', origin },
      body: new URLSearchParams({ ...fields, [token[1]!]: token[2]! }),
    }),
  );
}

/** Whether a text holds somebody's number: plain, in groups, in wide digits. */
function assertNoNumber(text: string, where: string): void {
  const flat = text.normalize('NFKC').replaceAll(/(?<=\d)[ \-.](?=\d)/g, '');
  for (const { number } of everyone) assert.ok(!flat.includes(number.digits()), `a number stands in ${where}`);
}

async function filled() {
  const i = await anIntake();
  const ids = await register(i.deps, everyone);
  const sample = await sampleColumns();
  // Agreeing and disagreeing reports, a number with a wrong check digit, a member of a household.
  const filed = everyone.map((who) =>
    recordOf(
      sample,
      who.no === 1 ? { ...who, name: '目黒　次郎' } : who.no === 2 ? { ...who, bornOn: '1999-09-09' } : who,
      who.no === 3 ? { young1Name: everyone[3]!.name, young1Number: everyone[3]!.number } : {},
    ),
  );
  const file = Buffer.concat([fileOf(filed), conformanceFile('invalid/W06-check-digit.txt')]);
  const cover = coverOf(i.deps, file, filed.length + 1);
  const { intakeId } = unwrap(await receive(i.deps, cover, file));
  await takeInFile(i.deps, intakeId);
  return { i, ids, deps: ruled(i.deps), [Symbol.asyncDispose]: () => i[Symbol.asyncDispose]() };
}

test('AC-29 個人番号の権限のない職員には、どの画面・一覧・書出し・エラー・記録にも番号が出ない。権限のある職員が表示すると、誰の番号をなぜ見たかが記録される', async () => {
  await using w = await filled();
  const app = site(w.deps, 'levy-1');
  // From the entries of the menu through every link that a reader could follow, files for saving among them.
  const waiting = [
    '/intakes',
    '/keying',
    '/levy-inputs',
    '/matching',
    '/checks',
    '/persons',
    ...[...w.ids.values()].map((id) => `/persons/${id}`),
  ];
  const seen = new Set<string>();
  let files = 0;
  while (waiting.length > 0 && seen.size < 250) {
    const path = waiting.pop()!;
    if (seen.has(path)) continue;
    seen.add(path);
    const answer = await get(app, path);
    const text = await answer.text();
    assertNoNumber(text, path);
    assert.doesNotMatch(path, /\d{12}(?!\d|[0-9a-f-])/, 'no address carries one');
    if (answer.headers.get('content-disposition')?.startsWith('attachment')) files++;
    for (const [, href = ''] of text.matchAll(/href="(\/[^"#]*)"/g)) {
      const next = href.replaceAll('&amp;', '&');
      if (/^\/(intakes|keying|levy-inputs|matching|checks|persons)/.test(next)) waiting.push(next);
    }
  }
  assert.ok(seen.size > 30 && files > 0, `${seen.size} pages, ${files} files`);
  // What is refused says nothing either, and a search by a number finds nobody.
  const [somebody] = w.ids.values();
  const number = everyone[0]!.number.digits();
  for (const fields of [{ addresseeNumber: number }, { name: number }, { kana: number }, {}]) {
    const answer = await post(app, '/persons', '/persons', fields as Record<string, string>);
    assert.ok(!(await answer.text()).includes(`href="/persons/${somebody}"`));
  }
  assert.equal((await get(app, `/persons/${somebody}/number`)).status, 403);
  assert.equal(
    (await showNumber(w.deps, staff('levy-1'), { personId: somebody!, reason: 'matching', document: 'A-1' })).ok,
    false,
  );
  assert.doesNotMatch(
    await (await get(app, `/persons/${somebody}`)).text(),
    /\/number"/,
    'the function is not offered',
  );

  const viewer = site(w.deps, 'number-viewer-1');
  const path = `/persons/${somebody}/number`;
  assert.match(await (await get(viewer, `/persons/${somebody}`)).text(), /\/number"/);
  const without = await post(viewer, path, path, { reason: 'matching', document: '' });
  assert.equal(without.status, 422);
  assertNoNumber(await without.text(), 'the form that came back');
  const shown = await post(viewer, path, path, { reason: 'matching', document: '突合-12' });
  assert.ok((await shown.text()).replaceAll(' ', '').includes(number));
  assert.match(shown.headers.get('cache-control') ?? '', /no-store/);

  // The log: the showing with person, reason and paper; of numbers nothing, in no event of any act.
  const events = await w.i.t.owner<{ body: string; subject: string | null }>(
    `select e.body, s.subject from audit.intake_event e left join audit.subject s on s.event_id = e.event_id and s.role = 'subject'`,
  );
  const showing = events.filter((e) => e.body.includes('"number.shown"'));
  assert.equal(showing.length, 1);
  assert.equal(showing[0]?.subject, somebody);
  assert.match(showing[0]?.body ?? '', /"reason":"matching"/);
  assert.match(showing[0]?.body ?? '', /突合-12/);
  assert.match(showing[0]?.body ?? '', /number-viewer-1/);
  for (const { body } of events) assertNoNumber(body, 'the log');
});

test('AC-36 死亡: 亡くなった人の番号は同じように隠され、見た記録が残り、同じ期間保存される。通知書は相続人代表者あてに作られ、登録されるまでは作られない', async () => {
  await using i = await anIntake();
  const [dead, alive] = everyone as [(typeof everyone)[0], (typeof everyone)[0]];
  const ids = await register(i.deps, [dead, alive]);
  const columns = { ordinaryCollection: true, paidYen: 4_000_000, incomeAfterDeductionYen: 2_760_000 };
  await fileReports(i.deps, [dead, columns as never], [alive, columns as never]);
  i.t.deps.civilClock.set('2026-06-01');
  const levied = { ...i.deps, collections: undefined };
  await assessAll(levied);
  await decideAll(levied);
  const personId = ids.get(dead.no)!;
  const gone = { status: 'removed', removedOn: '2026-05-28' } as const;
  unwrap(await arrive(i.deps, { ...changeOf(i.deps, dead, gone, '2026-05-28'), reason: 'death' }));

  const typesetter = await createTypesetter({ templatesFolder: new URL('../documents', import.meta.url).pathname });
  const deps = {
    ...levied,
    typesetter,
    subjectCheckKey: new Uint8Array(32).fill(3),
    office,
    protections: nobodyProtected,
  };
  const { orderId } = unwrap(await orderNoticeRun(deps, staff('levy-1'), { fiscalYear: 2026 }));
  unwrap(await runBatch(deps, worker, noticeRun, { orderId, fiscalYear: 2026 }));
  const held = await i.t.owner<{ code: string; ref: string }>('select code, ref from jobs.reject');
  assert.deepEqual(
    held.map(({ code }) => code),
    ['heirs-unknown'],
  );
  const assessmentId = held[0]!.ref;
  assert.equal((await i.t.owner('select 1 from resident_tax.document')).length, 1, 'the living one is told');

  // The clerk notes who receives for the heirs, at the page; nobody's representative while the person lives, and one clerk at a time.
  const app = site(ruled(i.deps), 'levy-1');
  const path = `/persons/${personId}/heirs`;
  assert.match(await (await get(app, `/persons/${personId}`)).text(), /相続人代表者が登録されていません/);
  assert.equal((await get(app, `/persons/${ids.get(alive.no)}/heirs`)).status, 404);
  const heir = {
    name: '目黒　次郎',
    postalCode: '1540001',
    address: '東京都世田谷区池尻1-2-3',
    basis: 'told-by-heirs',
    evidence: '相続人代表者指定届',
  };
  const incomplete = await post(app, path, path, { ...heir, postalCode: '154-0001', seen: '0' });
  assert.equal(incomplete.status, 422);
  assertNoNumber(await incomplete.text(), 'the form that came back');
  assert.equal((await post(app, path, path, { ...heir, seen: '0' })).status, 303);
  const late = await post(app, path, path, { ...heir, name: '他の人', seen: '0' });
  assert.match(await late.text(), /他の職員が先に登録しました/);

  const { documentId } = unwrap(await issueNotice(deps, staff('levy-1'), { assessmentId, allowOtherShapes: false }));
  const { pdf } = unwrap(await openNotice(deps, staff('levy-1'), { documentId }));
  await typesetter.close();
  const paper = (await textOfPdf(pdf)).replaceAll(/\s/g, '');
  assert.ok(paper.includes('相続人代表者目黒次郎') && paper.includes('東京都世田谷区池尻1-2-3'));
  assert.ok(paper.includes(`被相続人${dead.name.replaceAll(/\s/g, '')}に係る税`));
  assert.ok(!paper.includes(dead.address), 'nothing goes to the address of somebody who died');
  assertNoNumber(paper, 'the notice');
  const [face] = await i.t.owner<{ address: string }>(
    'select address from resident_tax.document_face where document_id = $1',
    [documentId],
  );
  assert.equal(face?.address, heir.address, 'the envelope goes the same way');

  // The number: on no page, shown with right and reason alone, each showing on record; its place in the vault is the same.
  for (const shown of [`/persons/${personId}`, path, '/persons'])
    assertNoNumber(await (await get(app, shown)).text(), shown);
  const ask = { personId, reason: 'matching', document: 'A-36' } as const;
  assert.equal((await showNumber(ruled(i.deps), staff('levy-1'), ask)).ok, false);
  const shown = unwrap(await showNumber(ruled(i.deps), staff('number-viewer-1'), ask));
  assert.equal(shown.digits, dead.number.digits());
  const showing = await i.t.owner(
    `select 1 from audit.intake_event e join audit.subject s on s.event_id = e.event_id and s.role = 'subject'
      where e.body like '%"number.shown"%' and s.subject = $1`,
    [personId],
  );
  assert.equal(showing.length, 1);
  // 保存期間: the year of both ends on the same day, with the same rows of the levy.
  const kept = await i.t.owner<{ subject: string; until: string; rows: number }>(
    `select person_id as subject, min(kept_until)::text as until, count(*) filter (where table_name = 'resident_tax.assessment')::int as rows
       from resident_tax.ending_rows('2040-01-01', null, null) group by 1`,
  );
  assert.deepEqual(new Set(kept.map(({ subject }) => subject)), new Set([...ids.values()]));
  assert.equal(new Set(kept.map(({ until, rows }) => `${until} ${rows}`)).size, 1);
});

mechanismTest(
  'access.purpose-stated',
  '002-III.3-R2-06 理由と書面の番号を述べなければ個人番号は表示されない',
  async () => {
    await using w = await filled();
    const [personId = ''] = w.ids.values();
    const viewer = staff('number-viewer-1');
    for (const given of [
      { reason: undefined, document: 'A-1' },
      { reason: 'matching', document: ' ' },
    ] as const)
      assert.deepEqual(await showNumber(w.deps, viewer, { personId, ...given }), {
        ok: false,
        error: 'reason-missing',
      });
  },
);
