import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withOperators } from '@musubi/kernel/operations/operators.ts';
import { loadDefinitions, systemNames } from '../../cli/definitions.ts';
import { offices } from './offices.ts';
import { organisations, witnessesOf } from './organisations.ts';

test('design §6: every role of every system has somebody in the offices of the town, and nobody has a role that is none', async () => {
  const definitions = await loadDefinitions(systemNames);
  const faults: string[] = [];
  for (const [organisation, people] of Object.entries(offices)) {
    const systems = organisations.filter((o) => o.organisation === organisation).flatMap((o) => o.instances);
    const there = new Set(
      systems.flatMap(({ system }) =>
        Object.keys(withOperators(definitions.get(system)!.rights).staff).map((role) => `${system} ${role}`),
      ),
    );
    const held = new Set(people.flatMap(({ roles }) => roles.map(({ system, role }) => `${system} ${role}`)));
    for (const role of there.difference(held)) faults.push(`${organisation}: nobody is ${role}`);
    for (const role of held.difference(there)) faults.push(`${organisation}: ${role} is no role there`);
  }
  assert.deepEqual(faults, []);
});

test('the yearly confirmation of ids needs two approvers: nobody confirms their own id', () => {
  for (const [organisation, people] of Object.entries(offices)) {
    const approvers = people.filter(({ roles }) =>
      roles.some(({ system, role }) => system === 'staff-directory' && role === 'directory-approver'),
    );
    assert.ok(approvers.length >= 2, organisation);
  }
});

test('design §4.7: every log of the town is cosigned by two instances of other organisations', () => {
  const instances = new Set(organisations.flatMap((o) => o.instances.map((i) => `${o.organisation}/${i.system}`)));
  for (const organisation of new Set(organisations.map((o) => o.organisation))) {
    const witnesses = witnessesOf(organisation);
    assert.equal(new Set(witnesses.map((w) => w.split('/')[0])).size, 2, organisation);
    for (const witness of witnesses) {
      assert.ok(!witness.startsWith(`${organisation}/`), `${organisation}: ${witness} is its own`);
      assert.ok(instances.has(witness), `${organisation}: ${witness} is not in the town`);
    }
  }
});

test('AC-33 in the town: the network reaches the intermediate servers of the bodies alone, the portal their platforms', () => {
  const bodies = organisations.filter((o) => o.instances.some(({ system }) => system === 'intermediate-server'));
  assert.ok(bodies.length >= 3);
  for (const { organisation, segments } of bodies)
    assert.deepEqual(segments, { ins: ['intermediate-server'], portal: ['common-platform'] }, organisation);
});
