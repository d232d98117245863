import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { after, test } from 'node:test';
import { serve } from '@hono/node-server';
import { rights as platformRights } from '@musubi/common-platform/rights.ts';
import { readRules } from '@musubi/common-platform/service/change-rules.ts';
import {
  askEmergency,
  confirmReceipt,
  emergencyTransfer,
  printSheet,
  readEmergencies,
} from '@musubi/common-platform/service/emergency-transfer.ts';
import { takeResidentChange } from '@musubi/common-platform/service/take-resident-change.ts';
import { aChange, received, staffActor, systemActor } from '@musubi/common-platform/test/world.ts';
import { emergencyPages } from '@musubi/common-platform/web/emergencies.ts';
import { transferInside, wardTaxInformation } from '@musubi/contracts/platform/transfers.ts';
import { roleMay } from '@musubi/kernel/access/rights.ts';
import type { Actor } from '@musubi/kernel/db/act.ts';
import { createPageApp } from '@musubi/kernel/pages/app.ts';
import { buildStylesheet } from '@musubi/kernel/pages/build-css.ts';
import { trainingTown } from '@musubi/kernel/pages/layout.ts';
import { expectAccessible, screenshot, withPage } from '@musubi/kernel/pages/testing.ts';
import { systemRandom } from '@musubi/kernel/random/random.ts';
import { err, unwrap } from '@musubi/kernel/result/result.ts';
import { rights } from '../rights.ts';
import { askTax } from '../service/ask-tax.ts';
import { addSubject, endSubject, readSubject } from '../service/subjects.ts';
import { subjectPages } from '../web/pages.ts';
import { aSection, clerk, viewer } from './section-world.ts';

const s = await aSection();
after(() => s[Symbol.asyncDispose]());

const platformStaff = (staffId: string) => ({ ...staffActor(staffId), organisation: 'meguro' });

test('AC-22 TRN-34の列だけが対象者についてだけ返り、名簿にない方・列にない項目・期間外は断られ、TRN-30は受領書つきの紙だけになる', async () => {
  const hanako = await s.taxpayer('目黒 花子', 'メグロ ハナコ', 4_000_000);
  const stranger = await s.taxpayer('目黒 良子', 'メグロ ヨシコ', 3_000_000);
  await s.levyAll();
  const { subjectId } = unwrap(await addSubject(s.deps, clerk, s.subjectOf(hanako, '児手-0001')));

  // Only those columns return.
  const request = { requestId: s.deps.newId(), subjectId, items: [] };
  const answer = unwrap(await askTax(s.deps, clerk, request));
  assert.equal(answer.state, 'answered');
  assert.deepEqual(
    Object.keys(answer.items).sort(),
    ['合計所得金額', '所得控除合計額', '控除対象配偶者', '扶養親族数', '総所得金額等', '課税区分'].sort(),
  );
  assert.deepEqual([answer.items.課税区分, answer.items.合計所得金額], ['課税', 2_760_000]);
  assert.deepEqual(unwrap(await askTax(s.deps, clerk, request)), answer);

  // The record: terminal, staff, resident, time.
  const [record] = await s.platform.t.owner<{ staff: string; terminal: string; asked: Date; persons: number }>(
    'select staff_id as staff, terminal, asked_at as asked, persons from common_platform.transfer',
  );
  assert.deepEqual([record!.staff, record!.terminal, record!.persons], ['m-6001', 'kosodate-01', 1]);
  assert.ok(record!.asked);
  const events = await s.platform.t.owner<{ event: { event: string; subjects?: unknown[]; detail: object } }>(
    'select body::jsonb as event from audit.intake_event',
  );
  const admitted = events.map((e) => e.event).find((e) => e.event === 'transfer.admitted');
  assert.ok(admitted, 'the relay has an event of its own');

  // A person who is not on the section's list: its own system has no such subject, and the platform knows no binding.
  assert.deepEqual(
    await askTax(s.deps, clerk, { requestId: s.deps.newId(), subjectId: s.deps.newId(), items: [] }),
    err('no-such-subject'),
  );
  const [other] = await s.platform.t.owner<{ n: string }>(
    "select p.org_person_number as n from common_platform.person p join common_platform.particulars using (person_id) where name = '目黒 良子'",
  );
  const direct = (task: string, items: string[], orgPersonNumber: string) =>
    s.deps.peers.call(
      transferInside,
      'meguro/common-platform',
      {},
      {
        requestId: s.deps.newId(),
        asker: { system: 'ward-sections', staffId: 'm-6001', caseReference: '児手-0001' },
        source: 'resident-tax',
        task,
        information: wardTaxInformation,
        items,
        rows: [{ rowId: '1', orgPersonNumber }],
      },
    );
  assert.deepEqual(await direct('TRN-034', ['課税区分'], other!.n), err('unknown-person'));
  assert.equal(stranger.state.name, '目黒 良子');

  // A column outside the set, a day outside the row's time, rows whose text is not known, a row of the past.
  const [own] = await s.t.owner<{ n: string }>('select org_person_number as n from ward_sections.subject');
  const before = s.told.length;
  for (const [task, items, word] of [
    ['TRN-034', ['市町村民税所得割額'], 'item-not-on-row'],
    ['TRN-035', ['課税区分'], 'no-rule-row'],
    ['TRN-001', ['課税区分'], 'row-not-settled'],
    ['TRN-046', ['課税区分'], 'row-not-settled'],
    ['OLD-005', ['課税区分'], 'no-rule-row'],
    ['TRN-049', ['課税区分'], 'no-rule-row'],
    ['TRN-030', ['課税区分'], 'paper-only'],
  ] as const)
    assert.deepEqual(await direct(task, [...items], own!.n), err(word), task);
  assert.equal(s.told.length, before, 'nothing of it reached the tax office');
  const refusedHere = unwrap(
    await askTax(s.deps, clerk, { requestId: s.deps.newId(), subjectId, items: ['市町村民税所得割額'] }),
  );
  assert.deepEqual([refusedHere.state, refusedHere.word], ['refused', 'item-not-on-row']);

  // TRN-30: printed once, with a receipt slip, on the list until the section has confirmed.
  const [person] = await s.platform.t.owner<{ id: string }>(
    'select person_id as id from common_platform.person where org_person_number = $1',
    [own!.n],
  );
  const { rules } = unwrap(await readRules(s.platform.deps, platformStaff('c1'), {}));
  const { emergencyId } = unwrap(
    await askEmergency(s.platform.deps, platformStaff('c1'), {
      ruleId: rules.find((r) => r.task === 'TRN-030' && r.asker === 'welfare-support')!.ruleId,
      personId: person!.id,
      medium: 'paper',
      ledgerEntry: '授受簿 2026-30',
      reason: '別表2 30の項は紙による',
    }),
  );
  unwrap(await emergencyTransfer(s.platform.deps, platformStaff('a1'), { emergencyId, approve: true }));
  const sheet = unwrap(await printSheet(s.platform.deps, platformStaff('c1'), { emergencyId }));
  assert.deepEqual(sheet.items, [['課税区分', '課税']]);
  const open = async () => unwrap(await readEmergencies(s.platform.deps, platformStaff('c1'), {}))[0]!.state;
  assert.equal(await open(), 'printed');
  unwrap(await confirmReceipt(s.platform.deps, platformStaff('e1'), { emergencyId }));
  assert.equal(await open(), 'received');
  assert.deepEqual(s.platform.faults, []);
});

test('AC-35 賦課期日後の転出は宛名番号で照合され、住所の履歴とその年度の賦課は残り、送付先が変わり、庁内の移転は新しい情報を使う', async () => {
  const jiro = await s.taxpayer('目黒 次郎', 'メグロ ジロウ', 4_000_000);
  await s.levyAll();
  const { subjectId } = unwrap(await addSubject(s.deps, clerk, s.subjectOf(jiro, '児手-0035')));
  const levies = () =>
    s.tax.t.owner<{ n: string; yen: string }>(
      'select a.assessment_id as n, a.annual_yen as yen from resident_tax.assessment a join resident_tax.assessment_decision using (assessment_id) join resident_tax.person using (person_id) where addressee_number = $1',
      [jiro.addresseeNumber],
    );
  const before = await levies();
  assert.equal(before.length, 1);
  const forwarding = '東京都世田谷区太子堂四丁目1番1号';
  await s.change({
    addresseeNumber: jiro.addresseeNumber,
    individualNumber: jiro.individualNumber,
    reason: 'moved-out',
    changedOn: '2026-04-20',
    state: { ...jiro.state, status: 'removed', removedOn: '2026-04-20', address: forwarding },
  });
  // Matched by the addressee number: one person, with the history of addresses.
  const states = await s.tax.t.owner<{ status: string; address: string }>(
    'select status, address from resident_tax.person_state join resident_tax.person using (person_id) where addressee_number = $1 order by version',
    [jiro.addresseeNumber],
  );
  assert.deepEqual(
    states.map((x) => [x.status, x.address]),
    [
      ['resident', jiro.state.address],
      ['removed', forwarding],
    ],
  );
  const [current] = await s.tax.t.owner<{ address: string }>(
    'select s.address from resident_tax.person p join resident_tax.person_state s on s.person_id = p.person_id and s.version = p.current_version where p.addressee_number = $1',
    [jiro.addresseeNumber],
  );
  assert.equal(current!.address, forwarding);
  assert.deepEqual(await levies(), before);
  // The section asks after the change and gets what the tax office holds now.
  const asked = unwrap(await askTax(s.deps, clerk, { requestId: s.deps.newId(), subjectId, items: ['合計所得金額'] }));
  assert.deepEqual([asked.state, asked.items], ['answered', { 合計所得金額: 2_760_000 }]);

  // A change whose number is another person's is no match: it waits for a clerk and the tax office hears nothing of it.
  const sent = async () => (await s.platform.t.owner('select 1 from streams.outgoing')).length;
  const count = await sent();
  const unknown = aChange(s.platform, {
    addresseeNumber: '2999999',
    individualNumber: jiro.individualNumber,
    state: { name: '別人 太郎', nameKana: 'ベツジン タロウ', sex: 'male' },
  });
  const taken = await takeResidentChange(s.platform.deps, systemActor('meguro/resident-register'), received(unknown));
  assert.equal(unwrap(taken), 'held');
  assert.equal(await sent(), count);
});

test('001 LNK-F3 対象者名簿: 番号の誤り、4情報の不一致、二重の登録、外れた方への照会、閲覧者の操作は断られる', async () => {
  const [hanako, another] = [
    await s.change({ addresseeNumber: '2100001', state: { name: '目黒 咲', nameKana: 'メグロ サキ' } }),
    await s.change({ addresseeNumber: '2100002', state: { name: '目黒 咲子', nameKana: 'メグロ サキコ' } }),
  ];
  const form = s.subjectOf(hanako, '児手-0100');
  const wrong = { ...form, individualNumber: `${form.individualNumber.slice(0, 11)}x` };
  assert.deepEqual(await addSubject(s.deps, clerk, wrong), err('invalid-number'));
  assert.deepEqual(
    await addSubject(s.deps, clerk, { ...s.subjectOf(another, '児手-0101'), birthDate: '1988-04-20' }),
    err('particulars-disagree'),
  );
  assert.deepEqual(await addSubject(s.deps, viewer, form), err('not-authorised'));
  const { subjectId } = unwrap(await addSubject(s.deps, clerk, form));
  assert.deepEqual(await addSubject(s.deps, clerk, { ...form, requestId: s.deps.newId() }), err('on-the-list'));
  const question = { requestId: s.deps.newId(), subjectId, items: [] };
  assert.deepEqual(await askTax(s.deps, viewer, question), err('not-authorised'));
  // Nothing decided yet: the tax office holds nothing of the person, and says so.
  assert.equal(unwrap(await askTax(s.deps, clerk, question)).state, 'nothing-held');
  assert.deepEqual(await askTax(s.deps, clerk, { ...question, items: ['課税区分'] }), err('request-id-used'));
  unwrap(await endSubject(s.deps, clerk, { subjectId }));
  assert.deepEqual(await endSubject(s.deps, clerk, { subjectId }), err('ended'));
  assert.deepEqual(await askTax(s.deps, clerk, { ...question, requestId: s.deps.newId() }), err('not-on-the-list'));
  assert.equal(unwrap(await readSubject(s.deps, viewer, { subjectId })).asked.length, 1);
  const [dump] = await s.t.owner<{ text: string }>(
    "select (select jsonb_agg(to_jsonb(x))::text from ward_sections.subject x) || (select string_agg(body, '') from audit.intake_event) as text",
  );
  assert.ok(!dump!.text.includes(hanako.individualNumber));
  assert.deepEqual(s.platform.faults, []);
});

test('AC-22 対象者の登録、税情報の照会、紙の印刷と受領をキーボードで行える（実ブラウザー、axe違反なし）', async () => {
  const jun = await s.change({ addresseeNumber: '2200001', state: { name: '目黒 純', nameKana: 'メグロ ジュン' } });
  const state = { actor: clerk as Extract<Actor, { kind: 'staff' }> };
  const roles = { m: 'allowance-clerk', v: 'allowance-viewer', c: 'person-clerk', a: 'approver' } as const;
  const app = createPageApp({
    system: { id: 'ward-sections', name: '児童手当システム', gloss: 'Child allowance' },
    organisation: { id: 'meguro', name: '目黒区', gloss: 'Meguro City' },
    environment: trainingTown,
    session: {
      read: async () => ({ actor: state.actor, displayName: '児童 手当子', csrfSecret: new Uint8Array(32).fill(7) }),
    },
    mayOpen: async (actor, right) =>
      actor.kind === 'staff' &&
      [rights, platformRights].some((table) => roleMay(table, roles[actor.staffId[0] as keyof typeof roles], right)),
    stylesheet: await buildStylesheet({ sources: [path.join(import.meta.dirname, '../web')] }),
    random: systemRandom,
    onError: (error) => s.platform.faults.push(error),
  });
  subjectPages(app, s.deps);
  emergencyPages(app, s.platform.deps);
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
  await new Promise<void>((done) => server.once('listening', done));
  const url = `http://jido.meguro.localhost:${(server.address() as AddressInfo).port}`;
  try {
    await withPage(async (page) => {
      const good = async (name: string): Promise<void> => {
        await expectAccessible(page);
        await screenshot(page, `ward-sections-${name}`);
      };
      const press = async (name: string | RegExp): Promise<void> => {
        await page.getByRole('button', { name }).first().focus();
        await page.keyboard.press('Enter');
      };
      await page.goto(`${url}/subjects/new`);
      await press('登録する');
      await page.getByRole('heading', { name: '入力内容を確かめてください' }).waitFor();
      await good('form-errors');
      await page.getByLabel('認定番号').fill('児手-0200');
      await page.getByLabel('受給者の氏名').fill('目黒 純');
      await page.getByLabel('氏名かな').fill('メグロ ジュン');
      await page.getByLabel('生年月日').fill('1988-04-02');
      await page.getByLabel('女').check();
      await page.getByLabel('住所').fill(jun.state.address);
      await page.locator('[name=individualNumber]').fill(jun.individualNumber);
      await press('登録する');
      await page.getByText('対象者に登録しました').waitFor();
      assert.ok(!(await page.content()).includes(jun.individualNumber));
      await press('税情報を照会する');
      await page.getByText('該当する情報はありません').waitFor();
      await good('subject');
      await page.goto(url);
      await page.getByRole('link', { name: '児手-0001' }).focus();
      await page.keyboard.press('Enter');
      await page.getByText('2,760,000').first().waitFor();
      await page.getByText('端末 kosodate-01').first().waitFor();
      await good('subject-answered');
      await page.goto(url);
      await good('subjects');

      // The paper of 30の項, as the platform's office prints it.
      const [own] = await s.platform.t.owner<{ id: string }>(
        "select person_id as id from common_platform.particulars where name = '目黒 花子'",
      );
      const { rules } = unwrap(await readRules(s.platform.deps, platformStaff('c1'), {}));
      const asked = unwrap(
        await askEmergency(s.platform.deps, platformStaff('c1'), {
          ruleId: rules.find((r) => r.task === 'TRN-030' && r.asker === 'welfare-support')!.ruleId,
          personId: own!.id,
          medium: 'paper',
          ledgerEntry: '授受簿 2026-31',
          reason: '別表2 30の項は紙による',
        }),
      );
      unwrap(await emergencyTransfer(s.platform.deps, platformStaff('a1'), { ...asked, approve: true }));
      state.actor = platformStaff('c1');
      await page.goto(`${url}/emergency-transfers`);
      await good('papers');
      await press(/^印刷する/);
      await page.getByRole('heading', { name: '受領書' }).waitFor();
      await good('sheet');
      await page.goto(`${url}/emergency-transfers`);
      await page.getByText('受領待ち').waitFor();
    });
  } finally {
    server.close();
  }
  assert.deepEqual(s.platform.faults, []);
});
