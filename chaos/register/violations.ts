import type { TestDatabase } from '@musubi/kernel/db/testing.ts';

export interface RegisterViolation {
  readonly kind: /** A ward has someone present whom the prefecture has not, or not as the ward's last accepted change says. */
    | 'ward-and-prefecture'
    /** The prefecture has someone present at a ward that has not. */
    | 'prefecture-and-ward'
    | 'prefecture-and-country'
    /** The national server refused what the prefecture had applied. */
    | 'refused-by-country'
    /** A change stands twice in the prefecture's register or was judged twice. */
    | 'applied-twice'
    /** A ward's change was neither applied nor refused. */
    | 'lost'
    /** A refusal that the ward's register was never told. */
    | 'refusal-unknown'
    /** Still on its way when all was calm. */
    | 'not-settled';
  readonly subject: string;
}

interface Version {
  code: string;
  changeId: string;
  sequence: number;
  status: string;
  name: string;
  address: string;
}
interface Standing extends Version {
  municipality: string;
}
interface Judged {
  changeId: string;
  peer: string;
  result: string;
}

export interface Places {
  /** By municipality code: the ward's register and its server of the network. */
  readonly wards: Readonly<
    Record<string, { readonly register: TestDatabase; readonly server: TestDatabase; readonly serverId: string }>
  >;
  readonly prefecture: TestDatabase;
  readonly country: TestDatabase;
}

const versions = `
  select resident_record_code as code, change_id as "changeId", sequence, status, name, address from resident_register.resident
  union all select resident_record_code, change_id, sequence, status, name, address from resident_register.resident_history`;
const standing = `
  select lpad(resident_record_code::text, 11, '0') as code, change_id as "changeId", update_sequence_no as sequence, status::text as status,
         name_kanji as name, address, municipality_code as municipality from prefectural_juki.identification`;
const everApplied = `
  select change_id as "changeId" from prefectural_juki.identification
  union all select change_id from prefectural_juki.identification_history`;
const judged = `select change_id as "changeId", peer, result from notice_journal.entry where change_id is not null`;
const records = `
  select resident_record_code as code, change_id as "changeId", status, name, address, municipality_code as municipality
    from national_juki.record`;

/** register-violations: the wards, the prefecture and the national server agree record by record; each notice was applied once; each refusal came back. */
export async function findRegisterViolations(places: Places): Promise<readonly RegisterViolation[]> {
  const { prefecture, country } = places;
  const found: RegisterViolation[] = [];
  const add = (kind: RegisterViolation['kind'], subject: string): void => void found.push({ kind, subject });
  const here = new Map((await prefecture.owner<Standing & object>(standing)).map((r) => [r.code, r]));
  const journal = await prefecture.owner<Judged & object>(judged);
  for (const { key } of await prefecture.owner<{ key: string }>(
    `select change_id || ' ' || rule as key from prefectural_juki.national_refusal`,
  ))
    add('refused-by-country', key);
  for (const changeId of repeated((await prefecture.owner<{ changeId: string }>(everApplied)).map((r) => r.changeId)))
    add('applied-twice', changeId);
  for (const key of repeated(journal.map((j) => `${j.peer} ${j.changeId}`))) add('applied-twice', key);
  for (const [code, ward] of Object.entries(places.wards)) await wardAgrees(code, ward, here, journal, add);
  const there = new Map((await country.owner<Standing & object>(records)).map((r) => [r.code, r]));
  for (const row of here.values()) {
    const other = there.get(row.code);
    const same = (['changeId', 'status', 'name', 'address', 'municipality'] as const).every(
      (k) => other?.[k] === row[k],
    );
    if (!same) add('prefecture-and-country', row.code);
  }
  const all = [prefecture, country, ...Object.values(places.wards).flatMap((w) => [w.register, w.server])];
  for (const t of all)
    for (const { id } of await t.owner<{ id: string }>(
      `select message_id as id from streams.outgoing where state not in ('applied', 'refused') and family like 'juki.%'`,
    ))
      add('not-settled', id);
  return found;
}

async function wardAgrees(
  municipality: string,
  { register, server, serverId }: Places['wards'][string],
  here: ReadonlyMap<string, Standing>,
  journal: readonly Judged[],
  add: (kind: RegisterViolation['kind'], subject: string) => void,
): Promise<void> {
  const told = new Set(
    (
      await register.owner<{ changeId: string }>(
        `select change_id as "changeId" from resident_register.returned_notice where kind = 'refused' and rule not like 'N-%'`,
      )
    ).map((r) => r.changeId),
  );
  const stopped = new Set(
    (
      await server.owner<{ changeId: string }>(
        `select change_id as "changeId" from municipal_juki.returned where kind = 'refused'`,
      )
    ).map((r) => r.changeId),
  );
  // 転出取消 that crossed 転入: refused, and the 転入通知 stands in the clerk's work list. The registers differ, and the ward knows.
  const crossed = new Set(
    (
      await register.owner<{ code: string }>(
        `select distinct r.resident_record_code as code from resident_register.returned_notice n join resident_register.resident r using (person_id)
          where n.kind = 'moved-in-elsewhere' and r.status <> 'removed'`,
      )
    ).map((r) => r.code),
  );
  const own = journal.filter((j) => j.peer === serverId);
  for (const j of own)
    if (j.result === 'refused' && !(told.has(j.changeId) && stopped.has(j.changeId)))
      add('refusal-unknown', j.changeId);
  const known = new Set(own.map((j) => j.changeId));
  const latest = new Map<string, Version>();
  for (const v of await register.owner<Version & object>(versions)) {
    if (told.has(v.changeId)) continue;
    if ((latest.get(v.code)?.sequence ?? 0) < v.sequence) latest.set(v.code, v);
  }
  for (const v of latest.values()) {
    const row = here.get(v.code);
    if (v.status !== 'removed' && !crossed.has(v.code)) {
      const same =
        row?.municipality === municipality &&
        row.changeId === v.changeId &&
        row.status === v.status &&
        row.name === v.name &&
        row.address === v.address;
      if (!same) add('ward-and-prefecture', v.code);
    }
  }
  for (const row of here.values())
    if (row.municipality === municipality && row.status !== 'removed' && latest.get(row.code)?.status !== row.status)
      add('prefecture-and-ward', row.code);
  // First loads travel many to a message and stand in no journal row of their own.
  const single = await register.owner<{ changeId: string }>(
    `select change_id as "changeId" from resident_register.resident where reason not in ('initial-load', 'removed-ex-officio')
       and not (reason = 'moved-out-completed')
     union all select change_id from resident_register.resident_history where reason not in ('initial-load', 'removed-ex-officio', 'moved-out-completed')`,
  );
  for (const { changeId } of single) if (!known.has(changeId) && !told.has(changeId)) add('lost', changeId);
}

function repeated(values: readonly string[]): string[] {
  const seen = new Set<string>();
  return values.filter((value) => seen.has(value) || !seen.add(value));
}
