import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { Party, Purpose } from '@musubi/kernel/pki/party.ts';

export const certificateStates = ['standing', 'ending', 'replaced', 'ended', 'revoked'] as const;
/**
 * `standing`; `ending`: within the days asked for, and nothing newer was issued to its holder; `replaced`: something newer was, it
 * stands until its own end; `ended`; `revoked`.
 */
export type CertificateState = (typeof certificateStates)[number];

export interface CertificateLine extends Party {
  readonly serial: string;
  readonly fingerprint: string;
  readonly purpose: Purpose;
  readonly validFrom: string;
  readonly validUntil: string;
  readonly revokedAt: string | null;
  readonly reason: string | null;
  readonly state: CertificateState;
}

interface At {
  readonly at: Temporal.Instant;
  readonly endingDays: number;
}

/** By the end of their term, the first to end first; `party` is the beginning of `organisation/system`. */
export async function certificateLines(
  tx: Tx,
  query: At & {
    readonly state?: CertificateState;
    readonly party?: string;
    readonly limit: number;
    readonly offset: number;
  },
): Promise<{ readonly rows: CertificateLine[]; readonly total: number }> {
  const { at, endingDays, state = null, party = '', limit, offset } = query;
  const rows = await tx<CertificateLine & { total: number }>`
    select *, count(*) over ()::int as total from (
      select c.organisation, c.system, c.serial, c.fingerprint, c.purpose, to_json(c.valid_from)#>>'{}' as "validFrom",
             to_json(c.valid_until)#>>'{}' as "validUntil", to_json(r.revoked_at)#>>'{}' as "revokedAt", r.reason,
             case when r.serial is not null then 'revoked'
                  when c.valid_until <= ${at}::timestamptz then 'ended'
                  when exists (select 1 from government_pki.certificate n
                                where n.organisation = c.organisation and n.system = c.system and n.purpose = c.purpose
                                  and n.valid_from > c.valid_from
                                  and not exists (select 1 from government_pki.revocation x where x.serial = n.serial)) then 'replaced'
                  when c.valid_until <= ${at}::timestamptz + make_interval(days => ${endingDays}) then 'ending'
                  else 'standing' end as state
        from government_pki.certificate c left join government_pki.revocation r using (serial)) as lines
     where (${state}::text is null or state = ${state}::text)
       and starts_with(organisation || '/' || system, ${party})
     order by "validUntil", organisation, system, purpose, serial limit ${limit} offset ${offset}`;
  return { rows: rows.map(({ total: _total, ...line }) => line), total: rows[0]?.total ?? 0 };
}

export async function certificateCounts(tx: Tx, { at, endingDays }: At): Promise<Record<CertificateState, number>> {
  const counts = {} as Record<CertificateState, number>;
  for (const state of certificateStates)
    counts[state] = (await certificateLines(tx, { at, endingDays, state, limit: 1, offset: 0 })).total;
  return counts;
}

/** Holders with a certificate that ends within the days without a newer one, and how many. */
export const endingHolders = (tx: Tx, { at, endingDays }: At): Promise<{ holder: string; count: number }[]> => tx<{
  holder: string;
  count: number;
}>`
  select c.organisation || '/' || c.system as holder, count(*)::int as count
    from government_pki.certificate c
   where c.valid_until <= ${at}::timestamptz + make_interval(days => ${endingDays}) and c.valid_until > ${at}::timestamptz
     and not exists (select 1 from government_pki.revocation r where r.serial = c.serial)
     and not exists (select 1 from government_pki.certificate n
                      where n.organisation = c.organisation and n.system = c.system and n.purpose = c.purpose
                        and n.valid_from > c.valid_from
                        and not exists (select 1 from government_pki.revocation x where x.serial = n.serial))
   group by 1 order by 1`;

/** All certificates of a holder that were neither revoked nor have ended, the newest first. */
export const standingOf = (tx: Tx, party: Party, at: Temporal.Instant): Promise<{ serial: string }[]> => tx<{
  serial: string;
}>`
  select c.serial from government_pki.certificate c
   where c.organisation = ${party.organisation} and c.system = ${party.system} and c.valid_until > ${at}
     and not exists (select 1 from government_pki.revocation r where r.serial = c.serial)
   order by c.valid_from desc, c.serial`;

/** When the newest list was made and until when it is believed; enrolments still expected. */
export async function authorityState(
  tx: Tx,
  at: Temporal.Instant,
): Promise<
  | { readonly listNumber: number; readonly thisUpdate: string; readonly nextUpdate: string; readonly expected: number }
  | undefined
> {
  const [row] = await tx<{ listNumber: number; thisUpdate: string; nextUpdate: string; expected: number }>`
    select l.list_number as "listNumber", to_json(l.this_update)#>>'{}' as "thisUpdate", to_json(l.next_update)#>>'{}' as "nextUpdate",
           (select count(*)::int from government_pki.enrolment_token t
             where t.expires_at > ${at} and not exists (select 1 from government_pki.enrolment e where e.token_hash = t.token_hash)) as expected
      from government_pki.revocation_list l order by l.list_number desc limit 1`;
  return row;
}
