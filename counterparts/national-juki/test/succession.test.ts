import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { reportSuccession, rootSuccession } from '@musubi/contracts/exchange/linkage-life.ts';
import { openJwe } from '@musubi/kernel/crypto/jwe.ts';
import { route } from '@musubi/kernel/http/server.ts';
import { makeResidentRecordCode } from '@musubi/kernel/identifiers/resident-record-code.ts';
import { systemRandom } from '@musubi/kernel/random/random.ts';
import { err, ok, unwrap } from '@musubi/kernel/result/result.ts';
import { type CodeChange, type Told, tellRoot } from '../clients/linkage-root.ts';
import { tellSuccessions } from '../service/successions.ts';
import { type Chain, startChain } from './chain-world.ts';
import { aPerson, enqueueRaw, loadPersons, noticeOf } from './notices-kit.ts';

/* A changed Resident Record Code reaches the root of linkage codes (番号利用法施行令 第27条). */

const chain: Chain = await startChain();
after(() => chain[Symbol.asyncDispose]());
const jlis = chain.member('jlis/national-juki');
const ward = chain.member('meguro/municipal-juki');
const persons = [aPerson(), aPerson(), aPerson()];
await loadPersons(chain, chain.member('meguro/resident-register'), persons);
const job = { kind: 'job', name: 'successions' } as const;

/** As the counter does after the national server gave a code: what it gave stands in its table, then the notice comes. */
async function changeCode(before: string, person: (typeof persons)[number], sequence: number): Promise<string> {
  const next = makeResidentRecordCode(systemRandom);
  await jlis.t.owner(
    `insert into national_juki.replacement (replacement_id, holder_id, ground, new_code, number_ref, assigned_to, request_id,
       request_digest, assigned_at, event_id)
     select gen_random_uuid(), holder_id, 'code-change', $2, number_ref, 'meguro/municipal-juki', gen_random_uuid(), '\\x00', now(), gen_random_uuid()
       from national_juki.record join national_juki.code_holder using (holder_id) where record.resident_record_code = $1`,
    [before, next],
  );
  const about = { reason: 'code-change', replacesCode: before, sequence } as const;
  await enqueueRaw(ward, 'tokyo/prefectural-juki', [noticeOf(person, about, { residentRecordCode: next })]);
  await chain.pump();
  return next;
}
const told = () =>
  jlis.t.owner<{ ended: string; survivor: string; result: string; bodies: number }>(
    `select ended_code as ended, survivor_code as survivor, result, bodies
       from national_juki.succession join national_juki.succession_told using (succession_id) order by told_at, noted_at`,
  );
const left = async (tell: (change: CodeChange) => Promise<Told>) =>
  unwrap(await tellSuccessions(jlis.deps, job, tell)).left;

test('番号利用法施行令27条 変わった住民票コードは符号の根に一度だけ、根だけに読める形で知らされる', async () => {
  const person = persons[0]!;
  const next = await changeCode(person.residentRecordCode, person, 2);
  const asked: unknown[] = [];
  const root: Awaited<ReturnType<Chain['outsider']>> = await chain.outsider('ins/linkage-root', [
    route(reportSuccession, async ({ body }) => {
      assert.ok(!JSON.stringify(body).includes(next) && !JSON.stringify(body).includes(person.residentRecordCode));
      const opened = unwrap(
        openJwe(body.sealed, { privateKey: root.identity.encryption.key, typ: 'musubi-root-succession' }),
      );
      const { requestId, ...rest } = rootSuccession.parse(JSON.parse(opened.plaintext.toString()));
      assert.equal(requestId, body.requestId);
      asked.push(rest);
      return ok({ told: 2 });
    }),
  ]);
  const tell = tellRoot(jlis.host, 'ins/linkage-root');
  assert.equal(await left(tell), 0);
  assert.equal(await left(tell), 0, 'nothing is told twice');
  const change = { endedCode: person.residentRecordCode, survivorCode: next, on: '2026-05-20' };
  assert.deepEqual(asked, [{ v: 1, kind: 'code-changed', ...change }]);
  assert.deepEqual(await told(), [{ ended: person.residentRecordCode, survivor: next, result: 'taken', bodies: 2 }]);
});

test('根に届かない間は待ち、同じ方の後の変更は先の変更の後に、ほかの方の変更は先に知らされる。拒まれたものは残る', async () => {
  const [, one, two] = persons;
  const first = await changeCode(one!.residentRecordCode, one!, 2);
  const second = await changeCode(first, { ...one!, residentRecordCode: first }, 3);
  const other = await changeCode(two!.residentRecordCode, two!, 2);
  const tried: string[] = [];
  const unreachable = async (change: CodeChange): Promise<Told> => {
    tried.push(change.survivorCode);
    return change.survivorCode === first ? err('later') : ok({ bodies: 1 });
  };
  assert.equal(await left(unreachable), 2);
  assert.deepEqual(tried, [first, other], 'the second change of the same person waits');
  const again: string[] = [];
  const refusing = async (change: CodeChange): Promise<Told> => {
    again.push(change.survivorCode);
    return change.survivorCode === second ? err('goes-in-a-circle') : ok({ bodies: 1 });
  };
  assert.equal(await left(refusing), 0);
  assert.deepEqual(again, [first, second]);
  const results = new Map((await told()).map((t) => [t.survivor, t.result]));
  assert.equal(results.get(first), 'taken');
  assert.equal(results.get(second), 'goes-in-a-circle');
  // Two loops at once: each change has one outcome.
  const last = await changeCode(other, { ...two!, residentRecordCode: other }, 3);
  await Promise.all([1, 2].map(() => left(async () => ok({ bodies: 1 }))));
  assert.equal((await told()).filter((t) => t.survivor === last).length, 1);
});
