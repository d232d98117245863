import { createHash } from 'node:crypto';
import { decideApproval, requestApproval, useApproval } from '../access/approvals/approvals.ts';
import type { DecideError, ExecuteError } from '../access/approvals/domain.ts';
import { type BackupLine, readBackups } from '../backup/book.ts';
import { formatEra } from '../calendar/eras.ts';
import { type ActDeps, type Actor, act, look } from '../db/act.ts';
import { json, type Tx } from '../db/sql.ts';
import type { Typesetter } from '../documents/typesetter.ts';
import { enforced } from '../enforcement/enforcement.ts';
import type { BatchDefinition } from '../jobs/definition.ts';
import { err, ok, type Result } from '../result/result.ts';
import { orderErasure } from '../vault/sealed/erasure.ts';
import type { SealedId, SealedStore } from '../vault/sealed/sealed-store.ts';

/** A retention class as the law sets it. `keptUntil` of a row: the day on which the years have passed. */
export interface RetentionClass {
  /** `register-150y` */
  readonly id: string;
  /** 住民基本台帳法施行令第30条の6 */
  readonly ground: string;
  /** What `ending` reckons with. */
  readonly years: number;
  /**
   * Every rule that the class has had and is to have; one alone, from 1868 on, where the law never changed. A release adds the next
   * version and tells the earlier ones as they were told before.
   */
  readonly rules?: readonly RetentionRule[];
}

/** One wording of the law. A row is kept to the longest end by any rule in force since it was filed (INC-68). */
export interface RetentionRule {
  /** From 1, in the order in which they come into force. */
  readonly version: number;
  readonly years: number;
  readonly ground: string;
  /** 施行日, ISO. */
  readonly inForceFrom: string;
}

/** A row whose term ends, whole, as it goes into the seal. */
export interface EndingRow {
  readonly table: string;
  /** As the audit log keys it: the key columns joined by `/`. */
  readonly key: string;
  readonly subject: string;
  /** The event that wrote it. */
  readonly eventId: string;
  readonly keptUntil: string;
  readonly record: object;
  /** Why it stays although its term ends, as the system knows it (an appeal); holds by hand are the kernel's. */
  readonly heldFor?: string;
}

export interface RetentionDeps extends ActDeps {
  readonly sealed: SealedStore;
}

export interface RetentionSetup<D extends RetentionDeps> {
  readonly system: string;
  readonly class: RetentionClass;
  /** Days before the end at which rows are sealed; more than the days for which backups of the database are kept. */
  readonly leadDays: number;
  readonly databaseBackupDays: number;
  /** Days between approval and erasure, in which somebody may still object; 7 where nothing is said. */
  readonly coolingDays?: number;
  count(tx: Tx, until: Temporal.PlainDate): Promise<number>;
  /** Rows that end up to `until`, all of a subject together, subjects in order after `after`; at most `subjects` of them. */
  ending(tx: Tx, until: Temporal.PlainDate, after: string | null, subjects: number): Promise<readonly EndingRow[]>;
  /** Individual Numbers that no row will name any more once these are gone, by reference; they go into the seal. */
  numbers(tx: Tx, deps: D, rows: readonly EndingRow[]): Promise<Readonly<Record<string, string>>>;
  /** Takes the rows out of their tables, numbers and search keys with them. Refused by the database where one is not sealed. */
  remove(tx: Tx, deps: D, rows: readonly EndingRow[], numberRefs: readonly string[]): Promise<void>;
  /** Sealed objects that go with the rows, asked after their removal: their keys are destroyed with the erasure. */
  objects?(tx: Tx, rows: readonly EndingRow[]): Promise<readonly string[]>;
}

const subjectsAtOnce = 200;
const usualCoolingDays = 7;
const beforeAnyRule = '1868-01-01';
const staffOf = (actor: Actor): string =>
  actor.kind === 'staff' ? actor.staffId : actor.kind === 'job' ? `job:${actor.name}` : actor.kind;

export interface SealingLine {
  readonly sealingId: string;
  readonly keptUntil: string;
  readonly ref: string;
  readonly rows: number;
  readonly numbers: number;
  readonly keyDigest: Uint8Array;
  readonly sealedOn: string;
  readonly clearUntil: string;
  readonly held: number;
  /** The longest end by any rule in force; later than `keptUntil` where the rule changed. */
  readonly endsOn: string;
  /** Of the rule by which it ends, as the database knows it. */
  readonly ruleVersion: number | null;
  readonly rule: string | null;
}

export interface ErasureLine {
  readonly erasureId: string;
  readonly keptUntil: string;
  readonly rows: number;
  readonly numbers: number;
  readonly keyDigest: Uint8Array;
  readonly rule: string;
  readonly proposedBy: string;
  readonly approvedBy: string;
  readonly erasedOn: string;
  readonly clearUntil: string;
  /** Null until the key was destroyed. */
  readonly keyBackupsUntil: string | null;
}

/**
 * What ends, ends in three steps: sealed while backups run out, listed and approved on the day, erased by destroying keys.
 */
export function createRetention<D extends RetentionDeps>(setup: RetentionSetup<D>) {
  const { system } = setup;
  const right = [system, 'retention', 'update'] as const;
  const name = (word: string): string => `${system}.retention.${word}`;
  const { class: retained, coolingDays = usualCoolingDays } = setup;
  const rules: readonly RetentionRule[] = retained.rules ?? [
    { version: 1, years: retained.years, ground: retained.ground, inForceFrom: beforeAnyRule },
  ];
  const horizon = (deps: D): Temporal.PlainDate => deps.civilClock.today().add({ days: setup.leadDays });

  /**
   * What this release knows of the law is written down once; what a later one wrote down holds for an older one too.
   * Throws where the two tell a past rule differently: then neither may destroy.
   */
  async function recordRules(tx: Tx): Promise<readonly string[]> {
    const made = await tx`
      insert into retention.rule (retention_class, version, years, ground, in_force_from, event_id)
      select ${retained.id}::text, r.version, r.years, r.ground, r."inForceFrom", ${tx.eventId}::uuid
        from jsonb_to_recordset(${json(rules)}) as r(version int, years int, ground text, "inForceFrom" date)
      on conflict do nothing returning 1`;
    const differing = await tx`
      select 1 from retention.rule k
        join jsonb_to_recordset(${json(rules)}) as r(version int, years int, "inForceFrom" date) using (version)
       where k.retention_class = ${retained.id} and (k.years, k.in_force_from) <> (r.years, r."inForceFrom")`;
    if (differing.length > 0) throw new Error(`retention: a rule of ${retained.id} was written down otherwise before`);
    return made.length > 0 ? ['retention.rule'] : [];
  }

  /** Ends of terms as they were reckoned → the longest end by the rules. */
  async function longestEnds(tx: Tx, deps: D, ends: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const rows = await tx<{ end: string; longest: string }>`
      select e::text as "end", (retention.longest_end(${retained.id}, e, ${retained.years}, ${deps.civilClock.today()}::date)).ends_on::text as longest
        from unnest(${[...new Set(ends)]}::date[]) as e`;
    return new Map(rows.map((r) => [r.end, r.longest]));
  }

  /** Daily. In = sealed + held: what is on hold is a reject, so that somebody looks at it; so is what a changed rule keeps longer. */
  const sealRun: BatchDefinition<D, { readonly on: string }> = {
    name: name('seal'),
    right,
    steps: [
      {
        name: 'seal',
        total: async (tx, deps) => ok(await setup.count(tx, horizon(deps))),
        async chunk(tx, deps, { cursor, chunkNo }) {
          const rows = await setup.ending(tx, horizon(deps), cursor, subjectsAtOnce);
          const held = await heldAmong(tx, [...new Set(rows.map((r) => r.subject))]);
          const ruleFacts = await recordRules(tx);
          const longest = await longestEnds(
            tx,
            deps,
            rows.map((r) => r.keptUntil),
          );
          const last = horizon(deps).toString();
          const isKeptLonger = (r: EndingRow): boolean =>
            enforced('retention.expiry-run') && longest.get(r.keptUntil)! > last;
          const heldFor = (r: EndingRow): string | undefined =>
            held.has(r.subject) ? 'held' : (r.heldFor ?? (isKeptLonger(r) ? 'rule-changed' : undefined));
          const ending = rows.filter((r) => heldFor(r) === undefined);
          for (const [keptUntil, part] of Map.groupBy(ending, (r) => r.keptUntil))
            await sealPart(tx, deps, keptUntil, part);
          const sealings = ending.length > 0;
          tx.record({
            event: 'retention.sealed',
            subjects: [...new Set(ending.map((r) => r.subject))],
            facts: [...ruleFacts, ...(sealings ? ['retention.sealing'] : [])],
            ground: setup.class.ground,
            detail: { class: setup.class.id, rows: ending.length, held: rows.length - ending.length, chunk: chunkNo },
          });
          const lastSubject = rows.at(-1)?.subject ?? null;
          const more = lastSubject !== null && (await setup.ending(tx, horizon(deps), lastSubject, 1)).length > 0;
          return ok({
            next: more ? lastSubject : null,
            in: rows.length,
            out: ending.length,
            rejects: rows.flatMap((r, i) => {
              const code = heldFor(r);
              return code === undefined ? [] : [{ rowNumber: chunkNo * 1_000_000 + i, code, ref: r.subject }];
            }),
          });
        },
      },
      {
        // Listed apart, each day: what would be over by its own reckoning and is not by the rules.
        name: 'rule-changed',
        total: async (tx, deps) => ok((await excludedSealings(tx, deps)).length),
        async chunk(tx, deps, { runId }) {
          const excluded = await excludedSealings(tx, deps);
          const [unsealed] = await tx<{ n: number }>`
            select count(*)::int as n from jobs.reject where run_id = ${runId}::uuid and code = 'rule-changed'`;
          const rows = excluded.reduce((sum, s) => sum + s.rows, unsealed!.n);
          tx.record({
            event: rows > 0 ? 'purge.excluded' : 'purge.none-excluded',
            ground: retained.ground,
            detail: { class: retained.id, rows, sealings: excluded.length },
          });
          return ok({
            next: null,
            in: excluded.length,
            out: 0,
            rejects: excluded.map((s, i) => ({ rowNumber: i + 1, code: 'rule-changed', ref: s.sealingId })),
          });
        },
      },
    ],
  };

  const excludedSealings = async (tx: Tx, deps: D): Promise<readonly SealingLine[]> => {
    const today = deps.civilClock.today();
    return (await readSealings(tx, today, today)).filter((s) => s.endsOn >= today.toString());
  };

  async function sealPart(tx: Tx, deps: D, keptUntil: string, rows: readonly EndingRow[]): Promise<void> {
    const numbers = await setup.numbers(tx, deps, rows);
    const content = Buffer.from(JSON.stringify({ class: setup.class.id, keptUntil, rows, numbers }));
    const sealed = await deps.sealed.seal(tx, content, {
      kind: 'end-of-term',
      retentionClass: setup.class.id,
      purpose: 'retention/seal',
    });
    const today = deps.civilClock.today();
    const sealingId = deps.newId();
    const keys = rows.map((r) => r.key);
    await tx`
      insert into retention.sealing (sealing_id, retention_class, kept_until, rule_years, ref, rows, numbers, key_digest, sealed_on, clear_until, event_id)
      values (${sealingId}, ${setup.class.id}, ${keptUntil}, ${retained.years}, ${sealed.ref}, ${rows.length}, ${Object.keys(numbers).length},
        ${keyDigest(rows)}, ${today}, ${today.add({ days: setup.databaseBackupDays })}, ${tx.eventId})`;
    await tx`
      insert into retention.sealed_row (table_name, row_key, subject, sealing_id)
      select r."table", r.key, r.subject, ${sealingId}::uuid
        from jsonb_to_recordset(${json(rows.map(({ table, key, subject }) => ({ table, key, subject })))}) as r("table" text, key text, subject uuid)`;
    for (const table of new Set(rows.map((r) => r.table)))
      await tx`select audit.facts_erased(${table}::text, ${keys}::text[], ${tx.eventId}::uuid, ${[...new Set(rows.map((r) => r.eventId))]}::uuid[])`;
    await setup.remove(tx, deps, rows, Object.keys(numbers));
    const objects = (await setup.objects?.(tx, rows)) ?? [];
    await tx`
      insert into retention.sealed_object (ref, sealing_id)
      select o, ${sealingId}::uuid from unnest(${objects}::uuid[]) as o on conflict do nothing`;
  }

  /** What ends before a day by its own reckoning, with its end by the rules as they stand today. */
  const readSealings = async (tx: Tx, before: Temporal.PlainDate, today: Temporal.PlainDate): Promise<SealingLine[]> =>
    tx<SealingLine & object>`
      select l.ends_on::text as "endsOn", l.version as "ruleVersion", l.ground as rule, s.sealing_id as "sealingId", s.kept_until::text as "keptUntil", s.ref, s.rows, s.numbers, s.key_digest as "keyDigest",
             s.sealed_on::text as "sealedOn", s.clear_until::text as "clearUntil",
             (select count(*)::int from retention.sealed_row r join retention.hold h on h.subject = r.subject
               where r.sealing_id = s.sealing_id and not exists (select 1 from retention.hold_end e where e.hold_id = h.hold_id)) as held
        from retention.sealing s
       cross join lateral retention.longest_end(s.retention_class, s.kept_until, s.rule_years, ${today}::date) as l
       where s.retention_class = ${setup.class.id} and s.kept_until < ${before}::date
         and not exists (select 1 from retention.erasure e where e.sealing_id = s.sealing_id)
       order by s.kept_until, s.sealing_id`;

  const payloadOf = (sealings: readonly SealingLine[]) => ({
    class: setup.class.id,
    sealings: sealings.map((s) => ({
      sealingId: s.sealingId,
      keptUntil: s.keptUntil,
      rows: s.rows,
      keys: Buffer.from(s.keyDigest).toString('hex'),
    })),
  });

  /** 消去の起案: exactly what is over. */
  const propose = act(name('propose'), {
    right,
    async run(
      tx,
      deps: D,
      _command: null,
      actor,
    ): Promise<Result<{ proposalId: string; approvalId: string; rows: number }, 'nothing-due'>> {
      const today = deps.civilClock.today();
      const ruleFacts = await recordRules(tx);
      const isEnforced = enforced('retention.expiry-run');
      const over = await readSealings(tx, isEnforced ? today : horizon(deps).add({ days: 1 }), today);
      const ended = over.filter((s) => !isEnforced || s.endsOn < today.toString());
      const due = ended.filter((s) => s.held === 0);
      if (due.length === 0) return err('nothing-due');
      const proposalId = deps.newId();
      const by = staffOf(actor);
      const approvalId = await requestApproval(tx, deps, {
        kind: name('erase'),
        subject: proposalId,
        payload: payloadOf(due),
        by,
        validHours: (coolingDays + usualCoolingDays) * 24,
      });
      await tx`
        insert into retention.proposal (proposal_id, retention_class, sealings, approval_id, proposed_by, proposed_on, event_id)
        values (${proposalId}, ${setup.class.id}, ${due.map((s) => s.sealingId)}::uuid[], ${approvalId}, ${by}, ${today}, ${tx.eventId})`;
      const rows = due.reduce((sum, s) => sum + s.rows, 0);
      tx.record({
        event: 'retention.proposed',
        facts: ['retention.proposal', 'approvals.request', ...ruleFacts],
        ground: setup.class.ground,
        detail: {
          proposalId,
          sealings: due.length,
          rows,
          held: ended.length - due.length,
          excluded: over.length - ended.length,
        },
      });
      return ok({ proposalId, approvalId, rows });
    },
  });

  const approve = act(name('approve'), {
    right: [system, 'retention-approval', 'update'],
    async run(
      tx,
      deps: D,
      command: { readonly proposalId: string; readonly decision: 'approved' | 'rejected' },
      actor,
    ): Promise<Result<undefined, 'no-such-request' | DecideError>> {
      const [proposal] = await tx<{ approvalId: string }>`
        select approval_id as "approvalId" from retention.proposal where proposal_id = ${command.proposalId}::uuid`;
      if (!proposal) return err('no-such-request');
      const by = staffOf(actor);
      const done = await decideApproval(tx, deps, { approvalId: proposal.approvalId, decision: command.decision, by });
      if (!done.ok) return done;
      const isApproved = command.decision === 'approved';
      if (isApproved) {
        const today = deps.civilClock.today();
        await tx`
          insert into retention.cooling (proposal_id, approved_on, erasable_from, event_id)
          values (${command.proposalId}, ${today}, ${today.add({ days: coolingDays })}, ${tx.eventId})`;
      }
      tx.record({
        event: `retention.${command.decision}`,
        facts: ['approvals.decision', ...(isApproved ? ['retention.cooling'] : [])],
        detail: { proposalId: command.proposalId },
      });
      return ok(undefined);
    },
  });

  /** 消去: the approved list and nothing else. The keys go in the instance's own upkeep, after this is committed. */
  const erase = act(name('erase'), {
    right,
    async run(
      tx,
      deps: D,
      { proposalId }: { readonly proposalId: string },
      actor,
    ): Promise<
      Result<
        { rows: number; erasures: readonly string[] },
        'no-such-request' | 'term-not-over' | 'cooling' | ExecuteError
      >
    > {
      const [proposal] = await tx<{
        approvalId: string;
        sealings: string[];
        proposedBy: string;
        approvedBy: string | null;
        erasableFrom: string | null;
      }>`
        select c.erasable_from::text as "erasableFrom", p.approval_id as "approvalId", p.sealings, p.proposed_by as "proposedBy", d.decided_by as "approvedBy"
          from retention.proposal p left join approvals.decision d using (approval_id) left join retention.cooling c using (proposal_id)
         where p.proposal_id = ${proposalId}::uuid`;
      if (!proposal) return err('no-such-request');
      const today = deps.civilClock.today();
      const all = await readSealings(tx, today.add({ days: setup.leadDays + 1 }), today);
      const due = all.filter((s) => proposal.sealings.includes(s.sealingId));
      const by = staffOf(actor);
      const { approvalId } = proposal;
      const used = await useApproval(tx, deps, { approvalId, kind: name('erase'), payload: payloadOf(due), by });
      if (enforced('retention.approved-list') && !used.ok) return used;
      if (proposal.erasableFrom === null || proposal.erasableFrom > today.toString()) return err('cooling');
      if (due.some((s) => s.endsOn >= today.toString() || s.held > 0)) return err('term-not-over');
      const erasures: string[] = [];
      for (const s of due) {
        const erasureId = deps.newId();
        erasures.push(erasureId);
        await tx`
          insert into retention.erasure (erasure_id, sealing_id, proposal_id, retention_class, rule, rows, numbers, key_digest, kept_until,
            proposed_by, approved_by, erased_by, erased_on, erased_at, event_id)
          values (${erasureId}, ${s.sealingId}, ${proposalId}, ${setup.class.id}, ${s.rule ?? setup.class.ground}, ${s.rows}, ${s.numbers},
            ${s.keyDigest}, ${s.keptUntil}, ${proposal.proposedBy}, ${proposal.approvedBy}, ${by}, ${today}, ${deps.machineClock.now()}, ${tx.eventId})`;
        await orderErasure(tx, deps, `object:${s.ref}`, `retention/${setup.class.id}`);
        const objects = await tx<{ ref: string }>`
          select ref from retention.sealed_object where sealing_id = ${s.sealingId}::uuid order by ref`;
        for (const { ref } of objects) await orderErasure(tx, deps, `object:${ref}`, `retention/${setup.class.id}`);
      }
      await forgetSubjects(
        tx,
        due.map((s) => s.sealingId),
      );
      const rows = due.reduce((sum, s) => sum + s.rows, 0);
      tx.record({
        event: 'retention.erased',
        facts: ['retention.erasure', 'approvals.execution'],
        ground: setup.class.ground,
        detail: { proposalId, class: setup.class.id, rows, objects: due.length },
      });
      return ok({ rows, erasures });
    },
  });

  /** A subject of whom nothing is left is taken out of the log's index too. */
  async function forgetSubjects(tx: Tx, sealings: readonly string[]): Promise<void> {
    await tx`
      select audit.erase_subject(r.subject::text, ${tx.eventId}::uuid)
        from (select distinct subject from retention.sealed_row where sealing_id = any(${sealings}::uuid[])) as r
       where not exists (select 1 from retention.sealed_row o join retention.sealing s using (sealing_id)
                          where o.subject = r.subject and not exists (select 1 from retention.erasure e where e.sealing_id = s.sealing_id))`;
  }

  const hold = act(name('hold'), {
    right,
    async run(
      tx,
      deps: D,
      command: { readonly subject: string; readonly reason: string },
      actor,
    ): Promise<Result<{ holdId: string }, 'reason-missing'>> {
      if (command.reason.trim() === '') return err('reason-missing');
      const holdId = deps.newId();
      await tx`
        insert into retention.hold (hold_id, subject, reason, placed_by, placed_on, event_id)
        values (${holdId}, ${command.subject}::uuid, ${command.reason}, ${staffOf(actor)}, ${deps.civilClock.today()}, ${tx.eventId})`;
      tx.record({ event: 'retention.held', subject: command.subject, facts: ['retention.hold'], detail: { holdId } });
      return ok({ holdId });
    },
  });
  const release = act(name('release'), {
    right,
    async run(
      tx,
      deps: D,
      command: { readonly holdId: string; readonly reason: string },
      actor,
    ): Promise<Result<undefined, 'no-such-hold' | 'reason-missing'>> {
      if (command.reason.trim() === '') return err('reason-missing');
      const rows = await tx`
        insert into retention.hold_end (hold_id, reason, ended_by, ended_on, event_id)
        select hold_id, ${command.reason}::text, ${staffOf(actor)}::text, ${deps.civilClock.today()}::date, ${tx.eventId}::uuid
          from retention.hold where hold_id = ${command.holdId}::uuid on conflict do nothing returning 1`;
      if (rows.length === 0) return err('no-such-hold');
      tx.record({ event: 'retention.released', facts: ['retention.hold_end'], detail: { holdId: command.holdId } });
      return ok(undefined);
    },
  });

  /** What is sealed, what waits for a decision, what was erased: counts and days, nothing of a person. */
  const overview = act(name('overview'), {
    right: [system, 'retention', 'read'],
    async run(
      tx,
      deps: D,
      _query: null,
    ): Promise<
      Result<{ sealed: SealingLine[]; excludedRows: number; proposals: ProposalLine[]; erasures: ErasureLine[] }, never>
    > {
      const today = deps.civilClock.today();
      const sealed = await readSealings(tx, today.add({ days: setup.leadDays + 1 }), today);
      const excludedRows = await lastExcluded(tx, sealed, today);
      const proposals = await tx<ProposalLine & object>`
        select p.proposal_id as "proposalId", p.proposed_by as "proposedBy", p.proposed_on::text as "proposedOn",
               cardinality(p.sealings) as objects, d.decision, d.decided_by as "decidedBy", c.erasable_from::text as "erasableFrom",
               exists (select 1 from retention.erasure e where e.proposal_id = p.proposal_id) as erased
          from retention.proposal p left join approvals.decision d using (approval_id) left join retention.cooling c using (proposal_id)
         where p.retention_class = ${setup.class.id} order by p.proposed_on desc, p.proposal_id desc limit 50`;
      const erasures = await readErasures(tx, null);
      tx.record({ event: 'retention.read', detail: { sealed: sealed.length, erasures: erasures.length } });
      return ok({ sealed, excludedRows, proposals, erasures });
    },
  });

  const readErasures = (tx: Tx, erasureId: string | null): Promise<ErasureLine[]> =>
    tx<ErasureLine & object>`
      select e.erasure_id as "erasureId", e.kept_until::text as "keptUntil", e.rows, e.numbers, e.key_digest as "keyDigest", e.rule,
             e.proposed_by as "proposedBy", e.approved_by as "approvedBy", e.erased_on::text as "erasedOn",
             s.clear_until::text as "clearUntil", d.backups_until_on::text as "keyBackupsUntil"
        from retention.erasure e join retention.sealing s using (sealing_id)
        left join sealed.erasure x on x.unit = 'object:' || s.ref left join sealed.erasure_done d on d.erasure_id = x.erasure_id
       where e.retention_class = ${setup.class.id} and (${erasureId}::uuid is null or e.erasure_id = ${erasureId}::uuid)
       order by e.erased_at desc, e.erasure_id limit 200`;

  const readErasure = act(name('read-erasure'), {
    right: [system, 'retention', 'read'],
    async run(
      tx,
      _deps: D,
      { erasureId }: { readonly erasureId: string },
    ): Promise<Result<ErasureLine, 'no-such-erasure' | 'not-yet'>> {
      const [line] = await readErasures(tx, erasureId);
      if (!line) return err('no-such-erasure');
      if (line.keyBackupsUntil === null) return err('not-yet');
      tx.record({ event: 'retention.certificate', detail: { erasureId } });
      return ok(line);
    },
  });

  /** 消去証明書. Names the day from which on no copy can be read, backups included. */
  async function certificate(
    deps: D & { readonly typesetter: Typesetter },
    actor: Actor,
    command: { readonly erasureId: string; readonly authority: string },
  ): Promise<
    Result<
      { pdf: Uint8Array; completeFrom: string },
      'no-such-erasure' | 'not-yet' | 'not-authorised' | 'unprintable-character'
    >
  > {
    const read = await readErasure(deps, actor, command);
    if (!read.ok) return read;
    const e = read.value;
    const lastBackup = [e.clearUntil, e.keyBackupsUntil!].toSorted().at(-1)!;
    const completeFrom = Temporal.PlainDate.from(lastBackup).add({ days: 1 });
    const day = (text: string): string => formatEra(Temporal.PlainDate.from(text));
    const set = await deps.typesetter.render({
      template: 'certificate.typ',
      data: {
        issuedOn: formatEra(deps.civilClock.today()),
        authority: command.authority,
        facts: [
          { label: '消去番号', value: e.erasureId },
          { label: '保存区分・根拠', value: `${setup.class.id}（${e.rule}、${setup.class.years}年）` },
          { label: '保存期間の満了日', value: day(e.keptUntil) },
          { label: '消去した記録', value: `${e.rows}件（うち個人番号 ${e.numbers}件）` },
          {
            label: '記録の鍵の要約値',
            value: Buffer.from(e.keyDigest)
              .toString('hex')
              .replaceAll(/.{8}(?=.)/g, '$& '),
          },
          { label: '消去した日', value: day(e.erasedOn) },
          { label: '起案・承認', value: `${e.proposedBy}・${e.approvedBy}` },
          { label: '鍵の控えの最終保存日', value: day(e.keyBackupsUntil!) },
          { label: '封緘前の控えの最終保存日', value: day(e.clearUntil) },
          { label: '消去が完了する日', value: formatEra(completeFrom) },
        ],
      },
      documentId: e.erasureId,
      subjectCheck: '------',
      title: '消去証明書',
      issuedAt: deps.machineClock.now(),
    });
    if (!set.ok) return err(set.error.word);
    return ok({ pdf: set.value.pdf, completeFrom: completeFrom.toString() });
  }

  /** Rows of a subject that stand in the seal: what is kept can still be read, for a purpose, until it is erased. */
  async function sealedRowsOf(tx: Tx, deps: D, subject: string, purpose: string): Promise<EndingRow[]> {
    const refs = await tx<{ ref: SealedId }>`
      select distinct s.ref from retention.sealed_row r join retention.sealing s using (sealing_id)
       where r.subject = ${subject}::uuid and not exists (select 1 from retention.erasure e where e.sealing_id = s.sealing_id)`;
    const rows: EndingRow[] = [];
    for (const { ref } of refs) {
      const opened = await deps.sealed.open(tx, ref, purpose);
      if (!opened.ok) continue;
      const content = JSON.parse(opened.value.toString('utf8')) as { rows: EndingRow[] };
      rows.push(...content.rows.filter((r) => r.subject === subject));
    }
    return rows;
  }

  /** Rows that a changed rule keeps beyond their own reckoning: those in a seal, and those that today's run left where they are. */
  async function lastExcluded(tx: Tx, sealed: readonly SealingLine[], today: Temporal.PlainDate): Promise<number> {
    const inSeal = sealed.filter((s) => s.keptUntil < today.toString() && s.endsOn >= today.toString());
    const [left] = await tx<{ n: number }>`
      select count(*)::int as n from jobs.reject
       where code = 'rule-changed' and step_no = 1
         and run_id = (select run_id from jobs.run where name = ${name('seal')} order by started_at desc limit 1)`;
    return inSeal.reduce((sum, s) => sum + s.rows, left!.n);
  }

  /** 保存期間の改正で除外した件数, for the alarm of the day. */
  const excluded = look(name('count-excluded'), {
    right: [system, 'retention', 'read'],
    async run(tx, deps: D, _query: null): Promise<number> {
      const today = deps.civilClock.today();
      return lastExcluded(tx, await readSealings(tx, today, today), today);
    },
  });

  /** 控えの記録: which backups were read back equal, which drills were made (U25). Counts alone. */
  const backups = look(name('read-backups'), {
    right: [system, 'retention', 'read'],
    run: (tx, _deps: D, { limit }: { readonly limit: number }): Promise<BackupLine[]> => readBackups(tx, limit),
  });

  return {
    setup,
    sealRun,
    propose,
    approve,
    erase,
    hold,
    release,
    overview,
    excluded,
    backups,
    certificate,
    sealedRowsOf,
  };
}
export type Retention<D extends RetentionDeps> = ReturnType<typeof createRetention<D>>;

export interface ProposalLine {
  readonly proposalId: string;
  readonly proposedBy: string;
  readonly proposedOn: string;
  readonly objects: number;
  readonly decision: 'approved' | 'rejected' | null;
  readonly decidedBy: string | null;
  /** First day on which it may be carried out; null until it is approved. */
  readonly erasableFrom: string | null;
  readonly erased: boolean;
}

const keyDigest = (rows: readonly EndingRow[]): Buffer =>
  createHash('sha256')
    .update(
      rows
        .map((r) => `${r.table}\n${r.key}\n`)
        .toSorted()
        .join(''),
    )
    .digest();

async function heldAmong(tx: Tx, subjects: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await tx<{ subject: string }>`
    select distinct h.subject from retention.hold h
     where h.subject = any(${subjects}::uuid[]) and not exists (select 1 from retention.hold_end e where e.hold_id = h.hold_id)`;
  return new Set(rows.map((r) => r.subject));
}

/** Where the template of the certificate is. */
export const retentionTemplates = new URL('./templates/', import.meta.url);
