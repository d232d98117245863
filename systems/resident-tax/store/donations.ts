import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { SealedId } from '@musubi/kernel/vault/sealed/sealed-store.ts';
import type { NumberRef } from '@musubi/kernel/vault/vault.ts';

export type VoidReason = 'duplicate' | 'withdrawn' | 'too-late' | 'not-a-person';

/** One writer of a donation year at a time. */
export const lockDonationYear = (tx: Tx, donationYear: number): Promise<unknown> =>
  tx`select pg_advisory_xact_lock(hashtextextended(${`donations ${donationYear}`}, 0))`;

/** @returns whether it is new */
export async function insertChannel(
  tx: Tx,
  c: { readonly donationYear: number; readonly channel: string; readonly name: string },
): Promise<boolean> {
  const rows = await tx`
    insert into resident_tax.donation_channel (donation_year, channel, name, event_id)
    values (${c.donationYear}, ${c.channel}, ${c.name}, ${tx.eventId}) on conflict do nothing returning 1`;
  return rows.length === 1;
}

export async function insertChannelCount(
  tx: Tx,
  c: {
    readonly donationYear: number;
    readonly channel: string;
    readonly stated: number;
    readonly by: string;
    readonly on: Temporal.PlainDate;
  },
): Promise<void> {
  await tx`
    insert into resident_tax.donation_channel_count (donation_year, channel, entry_no, stated, by, on_day, event_id)
    select ${c.donationYear}::int, ${c.channel}::text, coalesce(max(entry_no), 0) + 1, ${c.stated}::int, ${c.by}, ${c.on}::date, ${tx.eventId}::uuid
      from resident_tax.donation_channel_count where donation_year = ${c.donationYear} and channel = ${c.channel}`;
}

export interface Application {
  readonly applicationId: string;
  readonly donationYear: number;
  readonly channel: string;
  readonly referenceNo: string;
  readonly name: string;
  readonly kana: string;
  readonly birthDate: string;
  readonly postalCode: string | null;
  readonly address: string;
  readonly municipalityCode: string;
  readonly numberRef: NumberRef;
  readonly phone: string | null;
  readonly amountYen: number;
  readonly donations: number;
  readonly appliedOn: string;
  readonly changed: boolean;
}

/** Which of these numbers of the channel are there. */
export async function knownReferences(
  tx: Tx,
  q: { readonly donationYear: number; readonly channel: string; readonly references: readonly string[] },
): Promise<Set<string>> {
  const rows = await tx<{ no: string }>`
    select reference_no as no from resident_tax.donation_application
     where donation_year = ${q.donationYear} and channel = ${q.channel} and reference_no = any (${q.references}::text[])`;
  return new Set(rows.map(({ no }) => no));
}

export async function insertApplications(tx: Tx, applications: readonly Application[]): Promise<void> {
  if (applications.length === 0) return;
  await tx`
    insert into resident_tax.donation_application (application_id, donation_year, channel, reference_no, name, kana, birth_date, postal_code,
      address, municipality_code, number_ref, phone, amount_yen, donations, applied_on, changed, event_id)
    select "applicationId", "donationYear", channel, "referenceNo", name, kana, "birthDate", "postalCode", address, "municipalityCode",
           "numberRef", phone, "amountYen", donations, "appliedOn", changed, ${tx.eventId}::uuid
      from jsonb_to_recordset(${JSON.stringify(applications)}::jsonb) as a("applicationId" uuid, "donationYear" int, channel text, "referenceNo" text,
             name text, kana text, "birthDate" date, "postalCode" text, address text, "municipalityCode" text, "numberRef" uuid, phone text,
             "amountYen" bigint, donations int, "appliedOn" date, changed boolean)`;
}

/** Neither void nor in a package that is under way or was received: these are to be told to somebody. */
export async function applicationsToTell(tx: Tx, donationYear: number): Promise<Application[]> {
  return tx<Application>`
    select a.application_id as "applicationId", a.donation_year as "donationYear", a.channel, a.reference_no as "referenceNo", a.name, a.kana,
           a.birth_date::text as "birthDate", a.postal_code as "postalCode", a.address, a.municipality_code as "municipalityCode",
           a.number_ref as "numberRef", a.phone, a.amount_yen as "amountYen", a.donations, a.applied_on::text as "appliedOn", a.changed
      from resident_tax.donation_application a
     where a.donation_year = ${donationYear}
       and not exists (select 1 from resident_tax.donation_application_void v where v.application_id = a.application_id)
       and not exists (select 1 from resident_tax.one_stop_package_item i
                        where i.application_id = a.application_id
                          and not exists (select 1 from resident_tax.one_stop_package_step s
                                           where s.transfer_id = i.transfer_id and s.step = 'returned'))
     order by a.municipality_code, a.channel, a.reference_no`;
}

/** @returns false where it is none, void already or on its way */
export async function voidApplication(
  tx: Tx,
  v: {
    readonly applicationId: string;
    readonly reason: VoidReason;
    readonly note: string;
    readonly by: string;
    readonly on: Temporal.PlainDate;
  },
): Promise<boolean> {
  const rows = await tx`
    insert into resident_tax.donation_application_void (application_id, reason, note, by, on_day, event_id)
    select a.application_id, ${v.reason}, ${v.note}, ${v.by}, ${v.on}::date, ${tx.eventId}::uuid
      from resident_tax.donation_application a
     where a.application_id = ${v.applicationId}
       and not exists (select 1 from resident_tax.one_stop_package_item i
                        where i.application_id = a.application_id
                          and not exists (select 1 from resident_tax.one_stop_package_step s
                                           where s.transfer_id = i.transfer_id and s.step = 'returned'))
    on conflict do nothing returning 1`;
  return rows.length === 1;
}

export interface NewPackage {
  readonly transferId: string;
  readonly targetCode: string;
  readonly sealedRef: SealedId;
  readonly applicationIds: readonly string[];
}

export async function insertBatch(
  tx: Tx,
  b: {
    readonly batchId: string;
    readonly donationYear: number;
    readonly madeBy: string;
    readonly madeOn: Temporal.PlainDate;
  },
  packages: readonly NewPackage[],
): Promise<void> {
  await tx`
    insert into resident_tax.one_stop_batch (batch_id, donation_year, made_by, made_on, event_id)
    values (${b.batchId}, ${b.donationYear}, ${b.madeBy}, ${b.madeOn}, ${tx.eventId})`;
  await tx`
    insert into resident_tax.one_stop_package (transfer_id, batch_id, target_code, records, sealed_ref, event_id)
    select t, ${b.batchId}::uuid, c, n, r, ${tx.eventId}::uuid
      from unnest(${packages.map((p) => p.transferId)}::uuid[], ${packages.map((p) => p.targetCode)}::text[],
                  ${packages.map((p) => p.applicationIds.length)}::int[], ${packages.map((p) => p.sealedRef)}::uuid[]) as u(t, c, n, r)`;
  const items = packages.flatMap((p) => p.applicationIds.map((id) => [p.transferId, id] as const));
  await tx`
    insert into resident_tax.one_stop_package_item (transfer_id, application_id, event_id)
    select t, a, ${tx.eventId}::uuid from unnest(${items.map(([t]) => t)}::uuid[], ${items.map(([, a]) => a)}::uuid[]) as u(t, a)`;
}

export interface Batch {
  readonly batchId: string;
  readonly donationYear: number;
  readonly madeBy: string;
  readonly madeOn: string;
  readonly approvedBy: string | null;
  readonly packages: number;
  readonly records: number;
}

export async function batchesOf(
  tx: Tx,
  by: { readonly donationYear?: number; readonly batchId?: string },
): Promise<Batch[]> {
  return tx<Batch>`
    select b.batch_id as "batchId", b.donation_year as "donationYear", b.made_by as "madeBy", b.made_on::text as "madeOn", v.by as "approvedBy",
           (select count(*)::int from resident_tax.one_stop_package p where p.batch_id = b.batch_id) as packages,
           (select sum(p.records)::int from resident_tax.one_stop_package p where p.batch_id = b.batch_id) as records
      from resident_tax.one_stop_batch b left join resident_tax.one_stop_batch_approval v using (batch_id)
     where (${by.donationYear ?? null}::int is null or b.donation_year = ${by.donationYear ?? null})
       and (${by.batchId ?? null}::uuid is null or b.batch_id = ${by.batchId ?? null}) order by b.batch_id`;
}

/** @returns whether it was this approval: of two at once one counts */
export async function approveBatch(
  tx: Tx,
  a: { readonly batchId: string; readonly by: string; readonly on: Temporal.PlainDate },
): Promise<boolean> {
  const rows = await tx`
    insert into resident_tax.one_stop_batch_approval (batch_id, by, on_day, event_id)
    values (${a.batchId}, ${a.by}, ${a.on}, ${tx.eventId}) on conflict do nothing returning 1`;
  return rows.length === 1;
}

export interface Package {
  readonly transferId: string;
  readonly donationYear: number;
  readonly targetCode: string;
  readonly records: number;
  readonly sealedRef: SealedId;
}

/** Approved packages that were not sent yet, or that were and have no end, in order. */
export async function packagesAt(
  tx: Tx,
  at: 'approved' | 'sent',
  page: { readonly after: string | null; readonly limit: number },
): Promise<Package[]> {
  return tx<Package>`
    select p.transfer_id as "transferId", b.donation_year as "donationYear", p.target_code as "targetCode", p.records, p.sealed_ref as "sealedRef"
      from resident_tax.one_stop_package p join resident_tax.one_stop_batch b using (batch_id)
      join resident_tax.one_stop_batch_approval v using (batch_id)
     where exists (select 1 from resident_tax.one_stop_package_step s where s.transfer_id = p.transfer_id and s.step = 'sent') = (${at} = 'sent')
       and not exists (select 1 from resident_tax.one_stop_package_step s where s.transfer_id = p.transfer_id and s.step <> 'sent')
       and (${page.after}::uuid is null or p.transfer_id > ${page.after})
     order by p.transfer_id limit ${page.limit}`;
}

export interface PackageStep {
  readonly transferId: string;
  readonly step: 'sent' | 'received' | 'returned';
  readonly note: string | null;
  readonly receipt: string | null;
  readonly onDay: string;
}

/** What was noted before stays. @returns how many are new */
export async function addPackageSteps(tx: Tx, steps: readonly PackageStep[]): Promise<number> {
  const rows = await tx`
    insert into resident_tax.one_stop_package_step (transfer_id, step, note, receipt, on_day, event_id)
    select "transferId", step, note, receipt, "onDay", ${tx.eventId}::uuid
      from jsonb_to_recordset(${JSON.stringify(steps)}::jsonb) as s("transferId" uuid, step text, note text, receipt text, "onDay" date)
    on conflict do nothing returning 1`;
  return rows.length;
}

export interface ChannelStanding {
  readonly channel: string;
  readonly name: string;
  /** null: the channel's own count was not entered. */
  readonly stated: number | null;
  readonly taken: number;
  readonly voided: number;
}
export interface YearStanding {
  readonly channels: readonly ChannelStanding[];
  /** Municipalities to be told, and how many of them signed for everything that is for them. */
  readonly destinations: number;
  readonly sent: number;
  readonly received: number;
  readonly applications: number;
  readonly told: number;
  readonly voided: number;
  readonly closedOn: string | null;
}

export async function yearStanding(tx: Tx, donationYear: number): Promise<YearStanding> {
  const channels = await tx<ChannelStanding>`
    select c.channel, c.name,
           (select n.stated from resident_tax.donation_channel_count n
             where n.donation_year = c.donation_year and n.channel = c.channel order by n.entry_no desc limit 1) as stated,
           count(a.application_id)::int as taken, count(v.application_id)::int as voided
      from resident_tax.donation_channel c
      left join resident_tax.donation_application a using (donation_year, channel)
      left join resident_tax.donation_application_void v using (application_id)
     where c.donation_year = ${donationYear} group by c.donation_year, c.channel, c.name order by c.channel`;
  const [row] = await tx<Omit<YearStanding, 'channels'>>`
    with item as (
      select a.application_id, a.municipality_code as code, v.application_id is not null as is_void,
             exists (select 1 from resident_tax.one_stop_package_item i join resident_tax.one_stop_package_step s using (transfer_id)
                      where i.application_id = a.application_id and s.step = 'sent'
                        and not exists (select 1 from resident_tax.one_stop_package_step z where z.transfer_id = i.transfer_id and z.step = 'returned')) as is_sent,
             exists (select 1 from resident_tax.one_stop_package_item i join resident_tax.one_stop_package_step s using (transfer_id)
                      where i.application_id = a.application_id and s.step = 'received') as is_received
        from resident_tax.donation_application a left join resident_tax.donation_application_void v using (application_id)
       where a.donation_year = ${donationYear}),
    place as (select code, bool_and(is_sent) as sent, bool_and(is_received) as received from item where not is_void group by code)
    select (select count(*)::int from place) as destinations, (select count(*)::int from place where sent) as sent,
           (select count(*)::int from place where received) as received, (select count(*)::int from item) as applications,
           (select count(*)::int from item where is_received) as told, (select count(*)::int from item where is_void) as voided,
           (select on_day::text from resident_tax.one_stop_close where donation_year = ${donationYear}) as "closedOn"`;
  return { channels, ...row! };
}

export async function insertClose(
  tx: Tx,
  c: { readonly donationYear: number; readonly by: string; readonly on: Temporal.PlainDate },
): Promise<void> {
  await tx`insert into resident_tax.one_stop_close (donation_year, by, on_day, event_id)
           values (${c.donationYear}, ${c.by}, ${c.on}, ${tx.eventId})`;
}
