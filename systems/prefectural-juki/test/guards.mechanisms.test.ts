import assert from 'node:assert/strict';
import { after } from 'node:test';
import { everyoneAllowed } from '@musubi/kernel/db/testing.ts';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { clerk, startChain } from '@musubi/national-juki/test/chain-world.ts';
import { aPerson, loadPersons, noticeOf } from '@musubi/national-juki/test/notices-kit.ts';
import pg from 'pg';
import type { Deps } from '../deps.ts';
import { applyLoad, applyNotices } from '../service/apply-notice.ts';
import { updateStatistics } from '../service/statistics.ts';

/* How a record comes to stand in the register: by a municipality's server, and by nothing else. */

const chain = await startChain();
after(() => chain[Symbol.asyncDispose]());
const tokyo = chain.member('tokyo/prefectural-juki');
const recordsOf = async (code: string): Promise<number> =>
  (await tokyo.t.owner('select 1 from prefectural_juki.identification where resident_record_code = $1', [code])).length;

mechanismTest('input.machine-only', '003-III.2-R4-A04 どの職員の権限でも、通知を受け付けることはできない', async () => {
  const [one, other] = [aPerson(), aPerson()];
  const deps = {
    ...(tokyo.deps as Deps),
    rights: everyoneAllowed,
    findings: new Map(),
    delivery: { accepted: 0, rejected: 0, items: [] },
  };
  const received = {
    messageId: tokyo.newId(),
    sender: 'meguro/municipal-juki',
    family: 'juki.resident-change',
    number: 1,
    digest: Buffer.alloc(32),
    bytes: 1,
  };
  const refused = { ok: false, error: 'not-a-server' };
  const messages = [{ ...received, message: noticeOf(one) }];
  assert.deepEqual(await applyNotices(deps, clerk('tokyo'), { messages, refuse: () => {} } as never), refused);
  const load = { ...received, message: { loadId: tokyo.newId(), notices: [noticeOf(other)] } };
  assert.deepEqual(await applyLoad(deps, clerk('tokyo'), load as never), refused);
  assert.deepEqual([await recordsOf(one.residentRecordCode), await recordsOf(other.residentRecordCode)], [0, 0]);
});

mechanismTest(
  'input.single-write-path',
  '003-III.2-R1-A01 記録は通知の適用でだけ替わり、書き換え・履歴の変更・提供の記録の削除の道はない',
  async (_t, point) => {
    const person = aPerson();
    await loadPersons(chain, chain.member('meguro/resident-register'), [person]);
    assert.equal(await recordsOf(person.residentRecordCode), 1);
    const app = new URL(tokyo.t.url).username;
    await point.whenOff('systems/prefectural-juki/store/schema/0001_identification.sql#grants', () =>
      tokyo.t.owner(
        `grant update on prefectural_juki.identification to "${app}";
         grant update, delete on prefectural_juki.identification_history, prefectural_juki.provision_record to "${app}"`,
      ),
    );
    const client = new pg.Client({ connectionString: tokyo.t.url });
    await client.connect();
    try {
      for (const [statement, code] of [
        [`update prefectural_juki.identification set name_kanji = 'x'`, '42501'],
        [`update prefectural_juki.identification_history set name_kanji = 'x'`, '42501'],
        ['delete from prefectural_juki.identification_history', '42501'],
        ['delete from prefectural_juki.provision_record', '42501'],
        // A row leaves only for the history, in the statement that writes the next.
        ['delete from prefectural_juki.identification', 'MR001'],
      ] as const) {
        await client.query('begin');
        await assert.rejects(client.query(statement), { code }, statement);
        await client.query('rollback');
      }
    } finally {
      await client.end();
    }
  },
);

mechanismTest(
  'access.statistics-only',
  '003 JPS-X10 統計は件数だけを示し、十件に満たない区分とそれを逆算できる合計は示さない',
  async () => {
    await loadPersons(chain, chain.member('meguro/resident-register'), [aPerson()]);
    const deps = { ...(tokyo.deps as Deps), rights: everyoneAllowed };
    const period = { from: '1900-01-01', until: '9999-12-31' };
    const { rows, cells, rowTotals, columnTotals, total } = unwrap(
      await updateStatistics(deps, clerk('tokyo'), period),
    );
    assert.deepEqual(rows, ['131105']);
    const small = [...cells.flat(), ...rowTotals, ...columnTotals, total].filter((n) => n !== null && n > 0 && n < 10);
    assert.deepEqual(small, []);
  },
);
