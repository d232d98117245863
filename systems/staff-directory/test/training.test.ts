import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TrainingStanding } from '@musubi/contracts/governance/training.ts';
import { keepTraining } from '@musubi/governance/jobs/training.ts';
import { anOath, world as governanceWorld } from '@musubi/governance/test/world.ts';
import { createRights } from '@musubi/kernel/access/rights.ts';
import type { Actor } from '@musubi/kernel/db/act.ts';
import { expectAccessible, screenshot, withPage } from '@musubi/kernel/pages/testing.ts';
import type { Received } from '@musubi/kernel/streams/inbox.ts';
import { rights } from '../rights.ts';
import { takeTrainingStanding } from '../service/training.ts';
import { townPassword, type World, world } from './world.ts';

/* From the register of trainings through the directory to a system's sign-in: rights rest and return. */

const from = (organisation: string, system: string): Actor => ({
  kind: 'system',
  organisation,
  system,
  certificate: 'test',
});
const governance = from('meguro', 'governance');
const received = (message: TrainingStanding): Received<TrainingStanding> => ({
  message,
  messageId: 'm',
  sender: 'meguro/governance',
  family: 'governance.training-standing',
  number: 1,
  digest: new Uint8Array(32),
  bytes: 1,
});
const take = async (w: World, message: TrainingStanding, by = governance) => {
  const checked = { ...w.useCases, rights: createRights(rights, 'meguro', { rolesOf: async () => [] }) };
  return takeTrainingStanding(checked, by, received(message));
};
const facts = async (w: World): Promise<readonly number[]> => {
  const [row] = await w.directoryDb.owner<{ holds: number; releases: number }>(
    `select (select count(*)::int from staff_directory.training_hold) as holds,
            (select count(*)::int from staff_directory.training_release) as releases`,
  );
  return [row!.holds, row!.releases];
};

test('番号利用法29条の2 研修の失効で権限が停止され、開いていたセッションは終わり、サインインの画面が理由を示し、記録で戻る', async () => {
  await using w = await world();
  await using g = await governanceWorld('2026-03-10');
  const course = await g.made('course', {
    name: '取扱者研修',
    kind: 'handler',
    heldOn: '2026-03-02',
    passMark: '80',
    audience: 'tax-clerk-01',
    material: '教材-1',
  });
  const attendedOn = (day: string) =>
    g.made('attendance', { course, staffId: 'tax-clerk-01', attendedOn: day, score: '90' });
  const oath = await g.made('oath', { ...anOath, signedOn: '2026-03-01' });
  const attendance = await attendedOn('2026-03-02');
  const values = { staffId: 'tax-clerk-01', department: '税務課', duty: '賦課', oath, attendance };
  await g.done('handler', await g.made('handler', values), 'designate', { fiscalYear: '2025' });
  /** What the registers say, through the directory, to the tax system. */
  const spread = async (): Promise<number> => {
    await keepTraining(g.deps, 'meguro/staff-directory');
    const messages = g.told.splice(0);
    for (const message of messages) assert.ok((await take(w, message)).ok);
    await w.deliver();
    return messages.length;
  };

  await withPage(async (page) => {
    const reports = `${w.tax}/reports`;
    const enter = async (): Promise<void> => {
      await page.getByLabel('職員ID').fill('tax-clerk-01');
      await page.getByLabel('パスワード').fill(townPassword);
      await page.getByRole('button', { name: '次へ' }).click();
    };
    await page.goto(reports);
    await enter();
    await page.getByRole('button', { name: '訓練用の認証器を登録する' }).click();
    await page.waitForURL(reports);

    g.t.deps.civilClock.set('2026-06-01');
    assert.equal(await spread(), 1);
    await page.goto(reports);
    // The directory still remembers the sign-in of a moment ago; the system does not let it in.
    await page.getByText('権限を停止しています').first().waitFor();
    assert.ok((await page.textContent('main'))?.includes('研修の受講が記録されていないため'));
    await expectAccessible(page);
    await screenshot(page, 'directory-training-lapsed');
    assert.equal((await page.goto(reports))!.status(), 403);

    await attendedOn('2026-06-01');
    assert.equal(await spread(), 1);
    await page.goto(reports);
    if (page.url() !== reports) {
      await enter();
      await page.getByRole('button', { name: '訓練用の認証器で確認する' }).click();
    }
    await page.waitForURL(reports);
    await page.getByRole('heading', { name: '給与支払報告書' }).waitFor();
  });
  assert.equal(await spread(), 0);
  assert.deepEqual(await facts(w), [1, 1]);
  assert.deepEqual(w.errors, []);
});

test('a standing hold is made once and lifted once, nobody but the own governance may say so, and who is unknown changes nothing', async () => {
  await using w = await world();
  const lapsed = { staffId: 'tax-clerk-02', fiscalYear: 2026, standing: 'lapsed', on: '2026-06-01' } as const;
  const recorded = { ...lapsed, standing: 'recorded' } as const;
  for (const by of [from('setagaya', 'governance'), from('meguro', 'resident-tax')])
    assert.deepEqual(await take(w, lapsed, by), { ok: false, error: 'not-authorised' });
  assert.ok((await take(w, recorded)).ok);
  assert.deepEqual(await facts(w), [0, 0], 'nothing was held');
  const both = await Promise.all([take(w, lapsed), take(w, lapsed)]);
  assert.ok(both.every((r) => r.ok));
  assert.deepEqual(await facts(w), [1, 0]);
  await Promise.all([take(w, recorded), take(w, recorded)]);
  assert.deepEqual(await facts(w), [1, 1]);
  assert.ok((await take(w, lapsed)).ok);
  assert.deepEqual(await facts(w), [2, 1], 'a later lapse is a hold of its own');
  assert.ok((await take(w, { ...lapsed, staffId: 'nobody-01' })).ok);
  assert.deepEqual(await facts(w), [2, 1]);
});
