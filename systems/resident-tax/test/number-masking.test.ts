import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRights } from '@musubi/kernel/access/rights.ts';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import { createPageApp, type PageApp } from '@musubi/kernel/pages/app.ts';
import { trainingTown } from '@musubi/kernel/pages/layout.ts';
import { ok, unwrap } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { rights } from '../rights.ts';
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
  conformanceFile,
  coverOf,
  fileOf,
  people,
  receive,
  recordOf,
  register,
  sampleColumns,
  staff,
  takeInFile,
} from './an-intake.ts';

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
