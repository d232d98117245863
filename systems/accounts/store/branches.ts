import type { Tx } from '@musubi/kernel/db/sql.ts';

export interface BranchChange {
  readonly changeId: string;
  readonly oldBank: string;
  readonly oldBranch: string;
  readonly newBank: string;
  readonly newBranch: string;
  readonly fromOn: string;
  readonly source: string;
  readonly notedBy: string;
}
export async function lockBranches(tx: Tx): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended('accounts branches', 0))`;
}
/** Mergers, the newest first, each with how many accounts in force follow it. */
export async function branchChanges(tx: Tx): Promise<readonly (BranchChange & { readonly followers: number })[]> {
  return tx<BranchChange & { followers: number }>`
    select c.change_id as "changeId", c.old_bank as "oldBank", c.old_branch as "oldBranch", c.new_bank as "newBank",
           c.new_branch as "newBranch", c.from_on::text as "fromOn", c.source, c.noted_by as "notedBy",
           (select count(*) from accounts.mandate m left join accounts.mandate_end e using (mandate_id)
             where e.mandate_id is null and m.bank = c.old_bank and m.branch = c.old_branch and m.from_on <= c.from_on) as followers
      from accounts.branch_change c order by c.from_on desc, c.old_bank, c.old_branch limit 200`;
}
/** The change by which a code was given up by a day; undefined while it counts. */
export async function replacedBy(tx: Tx, bank: string, branch: string, on: string): Promise<BranchChange | undefined> {
  const [row] = await tx<BranchChange>`
    select change_id as "changeId", old_bank as "oldBank", old_branch as "oldBranch", new_bank as "newBank", new_branch as "newBranch",
           from_on::text as "fromOn", source, noted_by as "notedBy"
      from accounts.branch_change where old_bank = ${bank} and old_branch = ${branch} and from_on <= ${on}::date
     order by from_on desc limit 1`;
  return row;
}
/** Whether following from the new codes would come back to the old ones. */
export async function comesBack(tx: Tx, c: Omit<BranchChange, 'changeId' | 'source' | 'notedBy'>): Promise<boolean> {
  const rows = await tx`
    select from accounts.place_on(${c.newBank}, ${c.newBranch}, '0001-01-01'::date, 'infinity'::date)
     where at_bank = ${c.oldBank} and at_branch = ${c.oldBranch}`;
  return rows.length > 0;
}
export async function insertBranchChange(tx: Tx, c: BranchChange): Promise<boolean> {
  const rows = await tx`
    insert into accounts.branch_change (change_id, old_bank, old_branch, new_bank, new_branch, from_on, source, noted_by, event_id)
    values (${c.changeId}, ${c.oldBank}, ${c.oldBranch}, ${c.newBank}, ${c.newBranch}, ${c.fromOn}::date, ${c.source}, ${c.notedBy},
      ${tx.eventId})
    on conflict do nothing returning change_id`;
  return rows.length === 1;
}
