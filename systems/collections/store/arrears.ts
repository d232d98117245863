import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { Particulars } from './charges.ts';

export interface Renewal {
  readonly renewalId: string;
  readonly chargeId: string;
  readonly kind: 'seizure' | 'demand-for-delivery' | 'acknowledgement';
  readonly onDay: string;
  readonly evidence: string;
  readonly endedOn: string | null;
}
export async function insertRenewal(tx: Tx, r: Omit<Renewal, 'endedOn'> & { by: string }): Promise<void> {
  await tx`
    insert into collections.renewal (renewal_id, charge_id, kind, on_day, evidence, noted_by, event_id)
    values (${r.renewalId}, ${r.chargeId}, ${r.kind}, ${r.onDay}::date, ${r.evidence}, ${r.by}, ${tx.eventId})`;
}
/** Ends a seizure; false where there is none of that id or it has ended. */
export async function insertRenewalEnd(
  tx: Tx,
  end: { renewalId: string; on: string; reason: string; by: string },
): Promise<boolean> {
  const rows = await tx`
    insert into collections.renewal_end (renewal_id, ended_on, reason, ended_by, event_id)
    select renewal_id, ${end.on}::date, ${end.reason}, ${end.by}, ${tx.eventId} from collections.renewal
     where renewal_id = ${end.renewalId} and kind = 'seizure'
    on conflict (renewal_id) do nothing returning renewal_id`;
  return rows.length === 1;
}
export async function renewalsOf(tx: Tx, chargeIds: readonly string[]): Promise<readonly Renewal[]> {
  return tx<Renewal>`
    select r.renewal_id as "renewalId", r.charge_id as "chargeId", r.kind, r.on_day::text as "onDay", r.evidence,
           x.ended_on::text as "endedOn"
      from collections.renewal r left join collections.renewal_end x using (renewal_id)
     where r.charge_id = any (${chargeIds}::uuid[]) order by r.on_day, r.renewal_id`;
}

export interface Heir {
  readonly name: string;
  readonly postalCode: string | null;
  readonly address: string;
  readonly numerator: number;
  readonly denominator: number;
  /** 相続人代表者: the papers of all go there. Where nobody is, each gets those of its own part. */
  readonly receives: boolean;
}
export interface Succession {
  readonly diedOn: string;
  readonly heirs: readonly Heir[];
}
/** False where the person's heirs are noted already. */
export async function insertSuccession(
  tx: Tx,
  s: Succession & { successionId: string; personNumber: string; evidence: string; by: string },
): Promise<boolean> {
  const rows = await tx`
    insert into collections.succession (succession_id, person_number, died_on, evidence, noted_by, event_id)
    values (${s.successionId}, ${s.personNumber}, ${s.diedOn}::date, ${s.evidence}, ${s.by}, ${tx.eventId})
    on conflict (person_number) do nothing returning succession_id`;
  if (rows.length === 0) return false;
  for (const [i, h] of s.heirs.entries())
    await tx`
      insert into collections.heir (succession_id, heir_no, name, postal_code, address, share_numerator, share_denominator, receives,
        event_id)
      values (${s.successionId}, ${i + 1}, ${h.name}, ${h.postalCode}, ${h.address}, ${h.numerator}, ${h.denominator}, ${h.receives},
        ${tx.eventId})`;
  return true;
}
export async function successionsOf(tx: Tx, persons: readonly string[]): Promise<ReadonlyMap<string, Succession>> {
  const rows = await tx<Heir & { person: string; diedOn: string }>`
    select s.person_number as person, s.died_on::text as "diedOn", h.name, h.postal_code as "postalCode", h.address,
           h.share_numerator as numerator, h.share_denominator as denominator, h.receives
      from collections.succession s join collections.heir h using (succession_id)
     where s.person_number = any (${persons}::text[]) order by s.person_number, h.heir_no`;
  return new Map(
    [...Map.groupBy(rows, (r) => r.person)].map(([person, heirs]) => [
      person,
      { diedOn: heirs[0]!.diedOn, heirs: heirs.map(({ person: _p, diedOn: _d, ...heir }) => heir) },
    ]),
  );
}

/** To whom papers of a payer go: to the payer, or to who receives for the heirs; where nobody does, to them all at the first one's. */
export function receiverOf(payer: Particulars, succession: Succession | undefined): Particulars {
  const heirs = succession?.heirs ?? [];
  const heir = heirs.find((h) => h.receives) ?? heirs[0];
  if (heir === undefined) return payer;
  const { name, postalCode, address } = heir;
  const others = heirs.length > 1 ? ` 外${heirs.length - 1}名` : '';
  return {
    ...payer,
    name: heir.receives ? `${payer.name} 相続人代表 ${name}` : `${payer.name} 相続人 ${name}${others}`,
    postalCode,
    address,
  };
}

/** The heirs to whom papers go one by one: of those for whom nobody receives. */
export const heirsApart = (succession: Succession | undefined): readonly Heir[] =>
  succession === undefined || succession.heirs.some((h) => h.receives) ? [] : succession.heirs;

/** An heir as the papers of its own part are addressed. */
export const addressOfHeir = (payer: Particulars, { name, postalCode, address }: Heir): Particulars => ({
  ...payer,
  name: `${payer.name} 相続人 ${name}`,
  postalCode,
  address,
});

/** A claim that ends, or may have, without being paid. */
export interface EndingClaim {
  readonly chargeId: string;
  readonly personNumber: string;
  readonly fiscalYear: number;
  readonly instalment: number;
  readonly method: string;
  readonly legalDueOn: string;
  readonly openYen: number;
  /** Since when its execution is stopped without an end. */
  readonly stoppedOn: string | null;
}
/** Open claims that were stopped by `stoppedBy`, or whose 法定納期限 was by `dueBy`; the oldest first, a page of them with their number. */
export async function endingClaims(
  tx: Tx,
  query: {
    readonly stoppedBy: string;
    readonly dueBy: string;
    readonly offset: number;
    readonly limit: number;
  },
): Promise<{ readonly rows: readonly EndingClaim[]; readonly total: number }> {
  const rows = await tx<EndingClaim & { total: number }>`
    with stopped as (
      select h.charge_id, min(h.from_on) as on_day from collections.hold h left join collections.hold_end x using (hold_id)
       where h.kind = 'execution-stopped' and x.hold_id is null and h.from_on <= ${query.stoppedBy}::date group by h.charge_id)
    select c.charge_id as "chargeId", c.person_number as "personNumber", c.fiscal_year as "fiscalYear", c.instalment, c.method,
           c.legal_due_on::text as "legalDueOn",
           (ward_open + metropolitan_open + forest_open + fee_open + interest_open)::bigint as "openYen",
           stopped.on_day::text as "stoppedOn", count(*) over ()::int as total
      from collections.charge_state s join collections.charge c using (charge_id) left join stopped using (charge_id)
     where ward_open + metropolitan_open + forest_open + fee_open + interest_open > 0
       and (stopped.charge_id is not null or c.legal_due_on <= ${query.dueBy}::date)
     order by c.legal_due_on, c.charge_id offset ${query.offset} limit ${query.limit}`;
  return { rows: rows.map(({ total: _total, ...row }) => row), total: rows[0]?.total ?? 0 };
}
