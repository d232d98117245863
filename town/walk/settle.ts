import { createHash } from 'node:crypto';
import { type LoadedPerson, loadPersons } from '@musubi/contracts/juki/load.ts';
import type { Town as People, Person } from '../people/person.ts';
import { makeTown } from '../people/town.ts';
import { registerDate } from '../plan/dates.ts';
import { count } from './observe.ts';
import type { WalkContext } from './walk.ts';
import { eventually } from './walk.ts';

export const wards = [
  { organisation: 'meguro', code: '131105' },
  { organisation: 'setagaya', code: '131121' },
] as const;

/** The people of this town; the same for the same seed and size. */
export const peopleOf = (context: WalkContext): Promise<People> => {
  const { seed, residents } = context.town.plan.state;
  return makeTown({ seed, residents, civilDate: registerDate });
};

/** Names that every register writes alike and that one person bears, at an address that may be shown: no story is about namesakes. */
export function plainIn(people: People): (person: Person) => boolean {
  const names = new Map<string, number>();
  for (const p of people.persons()) names.set(p.name, (names.get(p.name) ?? 0) + 1);
  return (p) => names.get(p.name) === 1 && /^[\u3041-\u30ff\u4e00-\u9fa0々　]+$/.test(p.name) && !p.addressProtected;
}

/** Moves the people into their wards, once, and waits until every register and business system knows them. */
export async function settlePeople(context: WalkContext): Promise<Readonly<Record<string, number>>> {
  const people = await peopleOf(context);
  const counts: Record<string, number> = {};
  for (const { organisation, code } of wards) {
    const chunks = chunksOf(people, code);
    let done = 0;
    for (const [chunk, persons] of chunks.entries()) {
      const loadId = loadIdOf(context.town.plan.state.seed, organisation);
      // A chunk that comes again changes nothing, so a lost answer costs one more try.
      const send = () =>
        context.conductor.peers.call(
          loadPersons,
          `${organisation}/resident-register`,
          {},
          { loadId, chunk, persons },
          { timeoutMs: 60_000 },
        );
      let answer = await send();
      for (let tries = 1; tries < 4 && !answer.ok && answer.error.startsWith('peer-'); tries++) answer = await send();
      if (!answer.ok) throw new Error(`${organisation}: the first load was refused: ${answer.error}`);
      if (answer.value.rejected.length > 0)
        throw new Error(
          `${organisation}: ${answer.value.rejected.length} of the first load were rejected: ${answer.value.rejected[0]!.code}`,
        );
      done += persons.length;
      context.progress(
        done,
        chunks.reduce((n, c) => n + c.length, 0),
        `${organisation} 住民の登録`,
      );
    }
    counts[organisation] = done;
  }
  const all = Object.values(counts).reduce((a, b) => a + b, 0);
  await eventually(
    'the arrival of all residents in the prefectural and national registers and in the tax system',
    async () => {
      const [prefecture, nation, tax] = await Promise.all([
        count(context.town, 'tokyo/prefectural-juki', 'select 1 from prefectural_juki.identification'),
        count(context.town, 'jlis/national-juki', 'select 1 from national_juki.record'),
        count(context.town, 'meguro/resident-tax', 'select 1 from resident_tax.person'),
      ]);
      context.progress(prefecture + nation + tax, 2 * all + counts.meguro!, '各システムへの到達');
      return prefecture >= all && nation >= all && tax >= counts.meguro!;
    },
    600_000,
  );
  return counts;
}

/** Chunks of at most 200 persons that cut no household. */
function chunksOf(people: People, code: string): LoadedPerson[][] {
  const chunks: LoadedPerson[][] = [];
  let current: LoadedPerson[] = [];
  for (const household of people.households()) {
    const members = household.members
      .filter((p) => p.municipalityCode === code && p.status === 'resident')
      .map(loadedPersonOf);
    if (current.length + members.length > 200) {
      chunks.push(current);
      current = [];
    }
    current.push(...members);
  }
  return current.length > 0 ? [...chunks, current] : chunks;
}

function loadedPersonOf(p: Person): LoadedPerson {
  return {
    individualNumber: p.individualNumber.digits(),
    residentRecordCode: p.residentRecordCode,
    name: p.name,
    nameKana: p.nameKana,
    birthDate: p.birthDate.toString(),
    sex: p.sex,
    address: p.address,
    postalCode: p.postalCode,
    household: p.householdNumber,
    relationship: p.relationship,
    becameResidentOn: p.becameResidentOn.toString(),
  };
}

/** The same for the same town, so that a second start loads nothing twice: a UUID made from the seed. */
function loadIdOf(seed: string, organisation: string): string {
  const hex = createHash('sha256').update(`load\0${seed}\0${organisation}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
