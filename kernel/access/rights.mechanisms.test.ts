import assert from 'node:assert/strict';
import type { Actor, Right } from '../db/act.ts';
import type { Tx } from '../db/sql.ts';
import { mechanismTest } from '../enforcement/testing.ts';
import { createRights, peerMay, type RightsTable, roleMay } from './rights.ts';

const table: RightsTable = {
  system: 'resident-tax',
  staff: {
    'tax-clerk': [['assessment', 'update']],
    auditor: [['assessment', 'read']],
    operator: [['counts', 'read']],
  },
  peers: [{ organisation: 'own', system: 'common-platform', may: [['tax-record', 'read']] }],
  jobs: [['assessment', 'update']],
};
const staff = (role: string): Actor => ({ kind: 'staff', organisation: 'meguro', staffId: role, sessionId: 's' });
const rights = createRights(table, 'meguro', { rolesOf: async (_tx, actor) => [actor.staffId] });
/** The table decides without the database; only the roles would be read from it. */
const noTx = undefined as unknown as Tx;
const may = (actor: Actor, ...right: Right): Promise<boolean> => rights.allows(noTx, actor, right);

mechanismTest('access.rights-table', 'design §6 権限表に行のない操作は、どの役割にもできない', async () => {
  assert.equal(await may(staff('tax-clerk'), 'resident-tax', 'assessment', 'update'), true);
  assert.equal(await may(staff('auditor'), 'resident-tax', 'assessment', 'read'), true);
  assert.equal(await may(staff('auditor'), 'resident-tax', 'assessment', 'update'), false);
  assert.equal(await may(staff('tax-clerk'), 'resident-tax', 'collection', 'read'), false);
  assert.equal(await may(staff('nobody'), 'resident-tax', 'assessment', 'read'), false);
  assert.equal(await may({ kind: 'job', name: 'x' }, 'resident-tax', 'counts', 'update'), false);
});

mechanismTest('access.rights-table', 'design §6 印刷する権限表と検査する権限表は同じ行からできる', async () => {
  for (const role of [...Object.keys(table.staff), 'nobody'])
    for (const fn of ['assessment', 'counts', 'collection'])
      for (const level of ['read', 'update'] as const) {
        const printed = (table.staff[role] ?? []).some(([f, l]) => f === fn && (l === level || l === 'update'));
        assert.equal(await may(staff(role), 'resident-tax', fn, level), printed, `${role} ${fn} ${level}`);
        assert.equal(roleMay(table, role, ['resident-tax', fn, level]), printed);
      }
});

mechanismTest('transport.peer-list', 'design §6 一覧にない機関・システムの組は、証明書が正しくても何もできない', () => {
  const right: Right = ['resident-tax', 'tax-record', 'read'];
  const peerOf = (organisation: string, system: string) => peerMay(table, 'meguro', { organisation, system }, right);
  assert.equal(peerOf('meguro', 'common-platform'), true);
  assert.equal(peerOf('setagaya', 'common-platform'), false);
  assert.equal(peerOf('meguro', 'child-chronic'), false);
});

mechanismTest(
  'access.operator-without-data',
  'design §6 運用の役割は件数だけを見られ、保管庫・鍵・記録・消去・媒体の処理を動かせない',
  async () => {
    assert.equal(await may(staff('operator'), 'resident-tax', 'counts', 'read'), true);
    assert.equal(await may(staff('operator'), 'resident-tax', 'assessment', 'read'), false);
    const kernelActs: readonly Right[] = [
      ['vault', 'number', 'update'],
      ['sealed', 'erasure', 'update'],
      ['media', 'hand-over', 'update'],
      ['audit', 'expiry', 'update'],
      ['streams', 'relay', 'update'],
      ['serve', 'civil-date', 'update'],
    ];
    for (const right of kernelActs) {
      assert.equal(await may({ kind: 'job', name: 'housekeeping' }, ...right), true, right.join(' '));
      assert.equal(await may(staff('operator'), ...right), false, right.join(' '));
    }
  },
);
