import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PeerClient } from '@musubi/kernel/http/client.ts';
import { err, ok } from '@musubi/kernel/result/result.ts';
import { readPaymentsOfPerson } from '../service/persons/read-payments.ts';
import { anIntake, clerk, people, register, type Someone } from './an-intake.ts';

const [hanako] = people(1, 'payments') as [Someone];
const charge = {
  fiscalYear: 2026,
  method: 'ordinary',
  instalment: 1,
  dueOn: '2026-06-30',
  taxYen: 48_700,
  openTaxYen: 0,
  feeYen: 0,
  interestYen: 0,
  preliminary: false,
  settledOn: '2026-06-08',
  collector: null,
  held: false,
} as const;

test('002-COL-F2 納付の状況: asked of collections by the organisation’s number for the member of staff who looks; nothing charged, no answer and no such person differ', async () => {
  await using i = await anIntake();
  const personId = (await register(i.deps, [hanako])).get(hanako.no)!;
  const [known] = await i.t.owner<{ no: string }>('select org_person_number as no from resident_tax.person');
  const asked: unknown[] = [];
  let answer: unknown = ok({ charges: [charge], receipts: [], overpaidYen: 0 });
  const peers = {
    call: async (endpoint: { id: string }, peer: string, _params: unknown, body: unknown) => {
      asked.push([endpoint.id, peer, body]);
      return answer;
    },
  } as unknown as PeerClient;
  const deps = { ...i.deps, peers, collections: 'meguro/collections' };
  const ask = () => readPaymentsOfPerson(deps, clerk, { personId });
  const found = await ask();
  assert.ok(found.ok && found.value.payments?.charges[0]?.settledOn === '2026-06-08');
  assert.deepEqual(asked, [
    [
      'collections.person-payments',
      'meguro/collections',
      { orgPersonNumber: known!.no, staffId: (clerk as { staffId: string }).staffId },
    ],
  ]);
  answer = err('no-such-person');
  const none = await ask();
  assert.ok(none.ok && none.value.payments === undefined);
  answer = err('peer-timeout');
  assert.deepEqual(await ask(), { ok: false, error: 'unreachable' });
  const stranger = await readPaymentsOfPerson(deps, clerk, { personId: deps.newId() });
  assert.deepEqual(stranger, { ok: false, error: 'no-such-person' });
  const without = await readPaymentsOfPerson({ ...deps, collections: undefined }, clerk, { personId });
  assert.deepEqual(without, { ok: false, error: 'no-collections' });
  assert.equal(asked.length, 3, 'nobody is asked about a person who is not here');
});
