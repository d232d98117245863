import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRights } from '@musubi/kernel/access/rights.ts';
import type { Actor } from '@musubi/kernel/db/act.ts';
import { runBatch } from '@musubi/kernel/jobs/run-batch.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { rights } from '../rights.ts';
import { readOpenIntakes } from '../service/intake/read-intakes.ts';
import { readWork } from '../service/intake/read-work.ts';
import { decideLink, resolveReport } from '../service/intake/resolve-report.ts';
import { takeIn } from '../service/intake/take-in.ts';
import { applyPersonChange } from '../service/persons/apply-person-change.ts';
import { findPersons } from '../service/persons/read-person.ts';
import {
  anIntake,
  changeOf,
  coverOf,
  fileOf,
  job,
  people,
  receive,
  recordOf,
  register,
  sampleColumns,
  staff,
} from './an-intake.ts';

const work = {
  state: null,
  reasonCode: null,
  kana: null,
  payer: null,
  sort: 'since',
  descending: false,
  limit: 9,
  offset: 0,
} as const;

test('design §6 権限の表のとおり: 基盤だけが住民を送り、担当者は提案し、課長は確認し、閲覧者は読むだけ', async () => {
  await using i = await anIntake();
  const deps: Deps = {
    ...i.deps,
    rights: createRights(rights, 'meguro', { rolesOf: async (_tx, actor) => [actor.staffId] }),
  };
  const everyone = people(3);
  const ids = await register(deps, everyone);
  const sample = await sampleColumns();
  const file = fileOf([recordOf(sample, { ...everyone[0]!, name: '目黒　次郎' })]);
  const { intakeId } = unwrap(await receive(deps, coverOf(deps, file, 1), file));
  assert.deepEqual(unwrap(await readOpenIntakes(deps, job, undefined)).open, [intakeId]);
  assert.equal(unwrap(await runBatch(deps, job, takeIn, { intakeId })).state, 'done');

  const [row] = unwrap(await readWork(deps, staff('tax-viewer'), work)).rows;
  const reportId = row!.reportId;
  const decision = { kind: 'link', personId: ids.get(1)!, reason: 'document-checked' } as const;
  const command = { reportId, seenStep: 1, decision, note: '戸籍の写しを確認' };
  const refused = async (call: Promise<{ ok: boolean; error?: string }>) =>
    assert.equal((await call).error, 'not-authorised');
  await refused(resolveReport(deps, staff('tax-viewer'), command));
  await refused(resolveReport(deps, staff('levy-chief'), command));
  unwrap(await resolveReport(deps, staff('levy-clerk'), command));
  await refused(decideLink(deps, staff('levy-clerk'), { reportId, decision: 'approved' }));
  unwrap(await decideLink(deps, staff('levy-chief'), { reportId, decision: 'approved' }));
  await refused(findPersons(deps, staff('nobody'), { kana: 'サ' }));
  await refused(findPersons(deps, { ...staff('levy-clerk'), organisation: 'setagaya' } as Actor, { kana: 'サ' }));

  const stranger: Actor = { kind: 'system', organisation: 'setagaya', system: 'common-platform', certificate: 'x' };
  const message = changeOf(deps, everyone[1]!);
  const received = {
    message,
    messageId: deps.newId(),
    sender: 'setagaya/common-platform',
    family: 'f',
    number: 1,
    digest: new Uint8Array(32),
    bytes: 1,
  };
  await refused(applyPersonChange(deps, stranger, received));
});
