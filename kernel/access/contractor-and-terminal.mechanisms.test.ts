import assert from 'node:assert/strict';
import type { Actor } from '../db/act.ts';
import type { Tx } from '../db/sql.ts';
import { mechanismTest } from '../enforcement/testing.ts';
import { createRights, type RightsTable } from './rights.ts';

const table: RightsTable = {
  system: 'prefectural-juki',
  staff: {
    'juki-operator': [
      ['search', 'read'],
      ['bulk', 'update'],
    ],
    'operation-monitor': [['operation', 'read']],
  },
  contractors: [['operation', 'read']],
  terminals: { bulk: ['representative'] },
  peers: [],
  jobs: [],
};
const tx = undefined as unknown as Tx;
const rights = createRights(table, 'tokyo', { rolesOf: async () => ['juki-operator', 'operation-monitor'] });
const staff = (more: object): Actor => ({
  kind: 'staff',
  organisation: 'tokyo',
  staffId: 's-01',
  sessionId: '0190a000-0000-7000-8000-000000000000',
  ...more,
});
const may = (actor: Actor, fn: string, level: 'read' | 'update') =>
  rights.allows(tx, actor, ['prefectural-juki', fn, level]);

mechanismTest(
  'access.contractor-role-limit',
  '003-II.4-A02 受託者は、誤って役割を付与されても記録に触れる機能を使えない',
  async () => {
    const contractor = staff({ affiliation: 'contractor' });
    assert.equal(await may(staff({}), 'search', 'read'), true);
    assert.equal(await may(contractor, 'operation', 'read'), true);
    assert.equal(await may(contractor, 'search', 'read'), false);
    assert.equal(await may(contractor, 'operation', 'update'), false);
  },
);

mechanismTest('media.export-terminal', 'TRM-F1 一括提供は代表端末でだけ行える', async () => {
  const at = (terminalKind: string) => staff({ terminalId: 't-01', terminalKind });
  assert.equal(await may(at('representative'), 'bulk', 'update'), true);
  assert.equal(await may(at('representative'), 'search', 'read'), true);
  assert.equal(await may(at('business'), 'search', 'read'), true, '業務端末 searches');
  assert.equal(await may(at('business'), 'bulk', 'update'), false);
  assert.equal(await may(staff({}), 'bulk', 'update'), false, 'no enrolled terminal');
});
