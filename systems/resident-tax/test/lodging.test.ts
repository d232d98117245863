import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type announceCopyFile, fileHeaderOf, type putCopyFilePart } from '@musubi/contracts/exchange/copy-files.ts';
import type { lodgeCopies } from '@musubi/contracts/exchange/endpoints.ts';
import { readPart } from '@musubi/intermediate-server/domain/copy-file.ts';
import { readingsOf } from '@musubi/intermediate-server/service/register-copy.ts';
import { sha256 } from '@musubi/kernel/crypto/digest.ts';
import type { RequestOf, ResponseOf } from '@musubi/kernel/http/endpoint.ts';
import { err, ok, unwrap } from '@musubi/kernel/result/result.ts';
import { isBalanced, type LodgingDeps, listLodgingRejects, lodgeNext, releaseCopy } from '../service/lodging/lodge.ts';
import { offerComparison } from '../service/lodging/offer-comparison.ts';
import { aPerson, assessAll, clerk, decideAll, type TaxTest, taxTest } from './assessment-setup.ts';

type Request = RequestOf<typeof lodgeCopies>;
type Response = ResponseOf<typeof lodgeCopies>;

/** The platform as its contract says: answers by `reply`, remembers what it was sent. */
function withPlatform(x: TaxTest, reply: (request: Request, call: number) => Response | string) {
  const sent: Request[] = [];
  const deps: LodgingDeps = {
    ...x.deps,
    commonPlatform: 'meguro/common-platform' as LodgingDeps['commonPlatform'],
    peers: {
      call: async (_endpoint, _peer, _params, body) => {
        sent.push(body as Request);
        const answer = reply(body as Request, sent.length);
        return (typeof answer === 'string' ? err(answer) : ok(answer)) as never;
      },
    },
  };
  return { deps, sent };
}
const all = (request: Request): Response => ({ accepted: request.copies.length, rejected: [] });
const until = async (deps: LodgingDeps): Promise<void> => {
  while ((await lodgeNext(deps)) === 'more');
};

test('002 W09-2 副本登録: 決定した賦課だけが、項目ごとに、団体内統合宛名番号で送られる', async () => {
  await using x = await taxTest();
  const { deps, sent } = withPlatform(x, all);
  const person = unwrap(
    await aPerson(deps, clerk, {
      reports: [{ paidYen: 4_000_000, columns: { socialInsuranceYen: 600_000, dependantsUnder16: 1 } }],
    }),
  );
  await assessAll(deps);
  await until(deps);
  assert.equal(sent.length, 0);
  await decideAll(deps);
  await until(deps);
  await until(deps);
  assert.equal(sent.length, 1);
  const [copy] = sent[0]?.copies ?? [];
  const [row] = await x.t.owner<{ number: string }>(
    'select org_person_number as number from resident_tax.person where person_id = $1',
    [person.personId],
  );
  assert.deepEqual(
    [copy?.row, copy?.orgPersonNumber, copy?.informationCode, copy?.condition, copy?.validFrom],
    [1, row?.number, 'TKX-0001', { taxYear: 2026 }, '2026-06-01'],
  );
  // 103,800 − 1,500 of 調整控除; the whole of what the information has, by hand.
  assert.deepEqual(copy?.items, {
    課税区分: '課税',
    給与収入金額: 4_000_000,
    給与所得金額: 2_760_000,
    合計所得金額: 2_760_000,
    総所得金額等: 2_760_000,
    所得控除合計額: 1_030_000,
    課税総所得金額: 1_730_000,
    調整控除後所得割額: 102_300,
    市町村民税所得割額: 102_300,
    市町村民税均等割額: 3_000,
    都道府県民税所得割額: 68_200,
    都道府県民税均等割額: 1_000,
    扶養親族数: 1,
    控除対象配偶者: false,
  });
});

test('002 W09-2 副本登録: 非課税の人は非課税として、課税権のない人は副本なしとして扱われる', async () => {
  await using x = await taxTest();
  const { deps, sent } = withPlatform(x, all);
  unwrap(await aPerson(deps, clerk, { reports: [{ paidYen: 1_100_000 }] }));
  unwrap(await aPerson(deps, clerk, { becameResidentOn: '2026-02-01', reports: [{ paidYen: 6_000_000 }] }));
  await assessAll(deps);
  await decideAll(deps);
  await until(deps);
  assert.equal(sent.length, 1);
  const [copy, ...others] = sent[0]?.copies ?? [];
  assert.equal(others.length, 0);
  assert.deepEqual([copy?.items?.課税区分, copy?.items?.調整控除後所得割額], ['非課税', 0]);
});

test('design §9 副本登録: 応答のない送信は同じ番号・同じ内容で繰り返され、拒まれた行は職員の確認の後だけ再送される', async () => {
  await using x = await taxTest();
  const { deps, sent } = withPlatform(x, (request, call) => {
    if (call === 1) return 'peer-unreachable';
    if (call === 2) return { accepted: 5, rejected: [] }; // does not add up: not believed
    if (call === 3) return { accepted: request.copies.length - 1, rejected: [{ row: 2, code: 'M04' }] };
    return all(request);
  });
  for (const paidYen of [3_000_000, 4_000_000, 5_000_000])
    unwrap(await aPerson(deps, clerk, { reports: [{ paidYen }] }));
  await assessAll(deps);
  await decideAll(deps);
  assert.equal(await lodgeNext(deps), 'idle');
  assert.equal(await lodgeNext(deps), 'idle'); // within the pause nothing goes out, nor is another batch made of the same levies
  assert.equal(sent.length, 1);
  // The clock of the test moves a second with each reading.
  for (let i = 0; i < 40; i++) deps.machineClock.now();
  await lodgeNext(deps);
  for (let i = 0; i < 40; i++) deps.machineClock.now();
  await until(deps);
  assert.equal(sent.length, 3);
  assert.deepEqual(sent[1], sent[0]);
  assert.deepEqual(sent[2], sent[0]);
  const attempts = await x.t.owner('select attempt_no, word from resident_tax.lodging_attempt order by 1');
  assert.deepEqual(attempts, [
    { attempt_no: 1, word: 'peer-unreachable' },
    { attempt_no: 2, word: 'out-of-balance' },
  ]);
  assert.deepEqual(await x.t.owner('select accepted, rejected from resident_tax.lodging_outcome'), [
    { accepted: 2, rejected: 1 },
  ]);

  const [reject] = unwrap(await listLodgingRejects(deps, clerk, { limit: 10 }));
  assert.equal(reject?.code, 'M04');
  const release = { batchId: reject?.batchId ?? '', rowNo: 2 };
  unwrap(await releaseCopy(deps, clerk, release));
  assert.deepEqual(await releaseCopy(deps, clerk, release), { ok: false, error: 'no-open-reject' });
  await until(deps);
  assert.equal(sent.length, 4);
  assert.deepEqual(sent[3]?.copies[0]?.orgPersonNumber, sent[0]?.copies[1]?.orgPersonNumber);
  assert.notEqual(sent[3]?.batchId, sent[0]?.batchId);
});

test('M04 副本登録の応答: 受理と拒否の合計、行番号の重複と範囲が確かめられる', () => {
  const code = 'M04';
  assert.equal(isBalanced(2, { accepted: 1, rejected: [{ row: 2, code }] }), true);
  assert.equal(isBalanced(2, { accepted: 2, rejected: [{ row: 2, code }] }), false);
  assert.equal(
    isBalanced(2, {
      accepted: 0,
      rejected: [
        { row: 2, code },
        { row: 2, code },
      ],
    }),
    false,
  );
  assert.equal(isBalanced(2, { accepted: 1, rejected: [{ row: 3, code }] }), false);
});

test('002-III.6-R7-04 副本と原本の突合: 決定した賦課が、番号の順に、中間サーバーの読める形で送られ、断られたことも記録に残る', async () => {
  await using x = await taxTest();
  const { deps } = withPlatform(x, all);
  for (const paidYen of [4_000_000, 1_100_000]) unwrap(await aPerson(deps, clerk, { reports: [{ paidYen }] }));
  // Without a right to tax there is no copy, and so no original of one.
  unwrap(await aPerson(deps, clerk, { becameResidentOn: '2026-02-01', reports: [{ paidYen: 6_000_000 }] }));
  await assessAll(deps);
  assert.deepEqual(await offerComparison(deps, clerk, { fiscalYear: 2026 }), err('nothing-to-compare'));
  await decideAll(deps);
  type Announced = RequestOf<typeof announceCopyFile>;
  type Part = RequestOf<typeof putCopyFilePart>;
  const sent: (Announced | Part)[] = [];
  let refusing = false;
  const peers: LodgingDeps['peers'] = {
    call: async (_endpoint, _peer, _params, body) => {
      sent.push(body as unknown as Announced | Part);
      return (refusing ? err('not-your-information') : ok({ parts: 1, missing: 0 })) as never;
    },
  };
  const { fileId, rows } = unwrap(await offerComparison({ ...deps, peers }, clerk, { fiscalYear: 2026 }));
  assert.equal(rows, 2);
  const [file, part] = sent as [Announced, Part];
  assert.deepEqual(
    [file.kind, file.fileId, file.system, file.condition, file.rows],
    ['comparison', fileId, 'resident-tax', { taxYear: 2026 }, 2],
  );
  assert.equal(file.digest, sha256(sha256(part.content).toString('hex')).toString('hex'));
  const read = readPart(part.content, fileHeaderOf('TKX-0001'), readingsOf('TKX-0001')) ?? [];
  const lines = read.flatMap((row) => (typeof row === 'object' && row.items !== null ? [row] : []));
  const told = new Set(lines.map((l) => [l.validFrom, l.items?.課税区分, l.items?.給与収入金額].join(' ')));
  assert.deepEqual(told, new Set(['2026-06-01 課税 4000000', '2026-06-01 非課税 1100000']));
  assert.ok(lines[0]!.orgPersonNumber < lines[1]!.orgPersonNumber);
  refusing = true;
  assert.deepEqual(await offerComparison({ ...deps, peers }, clerk, { fiscalYear: 2026 }), err('not-taken'));
  const events = await x.t.owner<{ event: string }>(
    "select body::jsonb->>'event' as event from audit.intake_event where body::jsonb->>'event' like 'comparison.%' order by 1",
  );
  assert.deepEqual(
    events.map((e) => e.event),
    ['comparison.not-taken', 'comparison.offered'],
  );
});
