import { fiscalYearOf } from '@musubi/kernel/calendar/fiscal-year.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import type { RefusalWord } from '../domain/refusals.ts';
import {
  type Entry,
  type Group,
  groups,
  type RegisterDefinition,
  type RegisterField,
  type RuleContext,
  type Values,
} from '../domain/register.ts';
import { findRegister } from '../domain/registers.ts';
import { declaredValues, holdsIndividualNumber } from '../domain/values.ts';
import {
  type CurrentEntry,
  choices,
  entriesNaming,
  findCurrent,
  type HistoryRow,
  historyOf,
  insertEntry,
  insertRevision,
  insertStep,
  type ListQuery,
  listCurrent,
  lockRegisters,
  putCurrent,
} from '../store/entries.ts';

export type { CurrentEntry, HistoryRow } from '../store/entries.ts';

export const personOf = (actor: Actor): string =>
  actor.kind === 'staff' ? actor.staffId : actor.kind === 'job' ? actor.name : 'system';

type Writing = Result<{ readonly entryId: string; readonly label: string }, RefusalWord>;

/** The acts of one group of registers: alike for all, each with the group's own right. */
export interface RegisterActs {
  open(
    deps: Deps,
    actor: Actor,
    command: OpenCommand,
  ): Promise<Result<{ entryId: string; label: string }, RefusalWord | 'not-authorised'>>;
  revise(
    deps: Deps,
    actor: Actor,
    command: ReviseCommand,
  ): Promise<Result<{ entryId: string; label: string }, RefusalWord | 'not-authorised'>>;
  take(
    deps: Deps,
    actor: Actor,
    command: StepCommand,
  ): Promise<Result<{ entryId: string; label: string }, RefusalWord | 'not-authorised'>>;
  read(
    deps: Deps,
    actor: Actor,
    command: { readonly entryId: string },
  ): Promise<Result<EntryRecord, 'no-such-entry' | 'not-authorised'>>;
  list(
    deps: Deps,
    actor: Actor,
    query: ListQuery & { readonly purpose: 'screen' | 'print' | 'file' },
  ): Promise<Result<{ rows: CurrentEntry[]; total: number }, 'no-such-entry' | 'not-authorised'>>;
  options(
    deps: Deps,
    actor: Actor,
    query: { readonly fields: readonly RegisterField[] },
  ): Promise<Result<Readonly<Record<string, readonly Choice[]>>, 'not-authorised'>>;
}
export interface Choice {
  readonly entryId: string;
  readonly label: string;
  readonly heading: string;
}
export interface OpenCommand {
  readonly register: string;
  readonly values: Values;
}
export interface ReviseCommand {
  readonly entryId: string;
  readonly values: Values;
  readonly reason: string;
  /** Of the entry that the form was made from; somebody else's change in between is not overwritten. */
  readonly changes: number;
}
export interface StepCommand {
  readonly entryId: string;
  readonly step: string;
  readonly values: Values;
}
export interface EntryRecord {
  readonly entry: CurrentEntry;
  readonly history: readonly HistoryRow[];
  /** Entries that this one names, by field. */
  readonly targets: Readonly<Record<string, Choice & { readonly register: string }>>;
  /** Entries that name this one, by register. */
  readonly naming: Readonly<Record<string, readonly CurrentEntry[]>>;
}

function actsOf(group: Group): RegisterActs {
  const update = ['governance', group, 'update'] as const;
  const read = ['governance', group, 'read'] as const;
  const definitionOf = (id: string): RegisterDefinition | undefined => {
    const found = findRegister(id);
    return found?.group === group ? found : undefined;
  };
  const entryOf = async (tx: Tx, entryId: string) => {
    const entry = await findCurrent(tx, entryId);
    const definition = entry && definitionOf(entry.register);
    return entry && definition ? { entry, definition } : undefined;
  };

  return {
    open: act(`governance.open-${group}-entry`, {
      right: update,
      async run(tx, deps: Deps, command: OpenCommand, actor): Promise<Writing> {
        const definition = definitionOf(command.register);
        if (definition === undefined) return err('no-such-entry');
        await lockRegisters(tx);
        const opened = await openEntry(tx, deps, definition, command.values, personOf(actor));
        if (!opened.ok) return opened;
        tx.record({
          event: `${definition.id}.opened`,
          facts: ['governance.entry', 'governance.revision'],
          detail: opened.value,
        });
        return opened;
      },
    }),

    revise: act(`governance.revise-${group}-entry`, {
      right: update,
      async run(tx, deps: Deps, command: ReviseCommand, actor): Promise<Writing> {
        await lockRegisters(tx);
        const found = await entryOf(tx, command.entryId);
        if (found === undefined) return err('no-such-entry');
        const { entry, definition } = found;
        if (!definition.states[entry.state]?.open) return err('entry-closed');
        if (command.changes !== entry.changes) return err('step-not-possible');
        const by = personOf(actor);
        const written = await writeValues(tx, deps, definition, { entryId: entry.entryId, given: command.values, by });
        if (!written.ok) return written;
        const stamp = stampOf(deps, by);
        const { entryId } = entry;
        await insertRevision(tx, { entryId, values: written.value, reason: command.reason, ...stamp });
        // What steps stated stays, except where the field itself was rewritten.
        await put(
          tx,
          definition,
          {
            ...entry,
            state: definition.correctedState ?? entry.state,
            values: { ...entry.values, ...written.value },
            lastChangedBy: by,
          },
          stamp.at,
        );
        tx.record({
          event: `${definition.id}.revised`,
          facts: ['governance.revision'],
          detail: { entryId, label: entry.label },
        });
        return ok({ entryId, label: entry.label });
      },
    }),

    take: act(`governance.take-${group}-step`, {
      right: update,
      async run(tx, deps: Deps, command: StepCommand, actor): Promise<Writing> {
        await lockRegisters(tx);
        const found = await entryOf(tx, command.entryId);
        if (found === undefined) return err('no-such-entry');
        const { entry, definition } = found;
        const step = definition.steps.find((s) => s.id === command.step);
        if (step === undefined || !step.from.includes(entry.state)) return err('step-not-possible');
        const by = personOf(actor);
        const own = by === entry.openedBy || by === entry.lastChangedBy;
        if (step.secondPerson && enforced('access.second-person') && own) return err('second-person');
        const given = declaredValues(step.fields, command.values);
        if (given === undefined) return err('values-faulty');
        if (Object.values(given).some(holdsIndividualNumber)) return err('number-in-text');
        const context = await contextOf(
          tx,
          deps,
          definition,
          { entryId: entry.entryId, values: { ...entry.values, ...given }, by },
          [...definition.fields, ...step.fields],
        );
        if (context === undefined) return err('no-such-reference');
        const refused = step.check?.(entry, given, context);
        if (refused !== undefined) return err(refused);
        const { entryId, label } = entry;
        const stamp = stampOf(deps, by);
        await insertStep(tx, { entryId, step: step.id, from: entry.state, to: step.to, values: given, ...stamp });
        const values = { ...entry.values, ...given };
        await put(tx, definition, { ...entry, state: step.to, values, lastChangedBy: by }, stamp.at);
        tx.record({
          event: `${definition.id}.${step.id}`,
          facts: ['governance.step'],
          detail: { entryId, label, to: step.to },
        });
        return ok({ entryId, label });
      },
    }),

    read: act(`governance.read-${group}-entry`, {
      right: read,
      async run(
        tx,
        _deps: Deps,
        { entryId }: { readonly entryId: string },
      ): Promise<Result<EntryRecord, 'no-such-entry'>> {
        const found = await entryOf(tx, entryId);
        if (found === undefined) return err('no-such-entry');
        const { entry, definition } = found;
        const naming: Record<string, readonly CurrentEntry[]> = {};
        for (const { register, field } of definition.reads ?? [])
          naming[register] = await entriesNaming(tx, { register, field, entryId });
        const targets: Record<string, Choice & { readonly register: string }> = {};
        for (const field of refsOf(definition)) {
          const target =
            entry.values[field.name] === undefined ? undefined : await findCurrent(tx, entry.values[field.name]!);
          if (target) targets[field.name] = target;
        }
        const history = await historyOf(tx, entryId);
        tx.record({ event: `${definition.id}.read`, detail: { entryId, label: entry.label } });
        return ok({ entry, history, targets, naming });
      },
    }),

    list: act(`governance.list-${group}`, {
      right: read,
      async run(
        tx,
        _deps: Deps,
        query: ListQuery & { readonly purpose: 'screen' | 'print' | 'file' },
      ): Promise<Result<{ rows: CurrentEntry[]; total: number }, 'no-such-entry'>> {
        if (!query.registers.every((id) => definitionOf(id) !== undefined)) return err('no-such-entry');
        const found = await listCurrent(tx, query);
        tx.record({
          event: 'register.listed',
          detail: { registers: query.registers.join(' '), count: found.rows.length, purpose: query.purpose },
        });
        return ok(found);
      },
    }),

    options: act(`governance.options-${group}`, {
      right: read,
      async run(
        tx,
        _deps: Deps,
        { fields }: { readonly fields: readonly RegisterField[] },
      ): Promise<Result<Readonly<Record<string, readonly Choice[]>>, never>> {
        const found: Record<string, readonly Choice[]> = {};
        for (const field of fields)
          if (field.kind === 'ref') found[field.name] = await choices(tx, field.register, 200);
        tx.record({ event: 'register.choices-listed', detail: { fields: Object.keys(found).join(' ') } });
        return ok(found);
      },
    }),
  };
}

/** The acts of each group. */
export const registerActs = Object.fromEntries(groups.map((group) => [group, actsOf(group)])) as Readonly<
  Record<Group, RegisterActs>
>;

const stampOf = (deps: Deps, by: string) => ({
  by,
  on: deps.civilClock.today().toString(),
  at: deps.machineClock.now(),
});

const refsOf = ({ fields, steps }: RegisterDefinition) =>
  [...fields, ...steps.flatMap((s) => s.fields)].filter((f) => f.kind === 'ref');

/** Opens an entry inside an act that holds the lock and records. */
export async function openEntry(
  tx: Tx,
  deps: Deps,
  definition: RegisterDefinition,
  given: Values,
  by: string,
): Promise<Writing> {
  const entryId = deps.newId();
  const checked = await writeValues(tx, deps, definition, { entryId, given, by });
  if (!checked.ok) return checked;
  const written = await withOpened(tx, deps, definition, checked.value, by);
  if (!written.ok) return written;
  const stamp = stampOf(deps, by);
  const fiscalYear = fiscalYearOf(deps.civilClock.today());
  const number = await insertEntry(tx, { entryId, register: definition.id, fiscalYear, ...stamp });
  await insertRevision(tx, { entryId, values: written.value, reason: '登録', ...stamp });
  const label = `${fiscalYear}-${definition.mark}-${`${number}`.padStart(4, '0')}`;
  const entry = { entryId, register: definition.id, label, values: written.value, openedBy: by, openedOn: stamp.on };
  await put(tx, definition, { ...entry, state: definition.initial, lastChangedBy: by, changes: 0 }, stamp.at);
  return ok({ entryId, label });
}

/** Opens what comes into being with the entry, and names it in its values. */
async function withOpened(
  tx: Tx,
  deps: Deps,
  definition: RegisterDefinition,
  values: Values,
  by: string,
): Promise<Result<Values, RefusalWord>> {
  const other = definition.opensWith?.(values, deps.civilClock.today());
  const register = other && findRegister(other.register);
  if (other === undefined || register === undefined) return ok(values);
  const opened = await openEntry(tx, deps, register, other.values, by);
  return opened.ok ? ok({ ...values, [other.field]: opened.value.entryId }) : opened;
}

async function writeValues(
  tx: Tx,
  deps: Deps,
  definition: RegisterDefinition,
  { entryId, given, by }: { readonly entryId: string; readonly given: Values; readonly by: string },
): Promise<Result<Values, RefusalWord>> {
  const values = declaredValues(definition.fields, given);
  if (values === undefined) return err('values-faulty');
  if (Object.values(values).some(holdsIndividualNumber)) return err('number-in-text');
  const context = await contextOf(tx, deps, definition, { entryId, values, by }, definition.fields);
  if (context === undefined) return err('no-such-reference');
  const refused = definition.check?.(values, context);
  return refused === undefined ? ok({ ...values, ...definition.derive?.(values, context) }) : err(refused);
}

/** Loads what the rules may look at; undefined where a reference names nothing, or an entry of another register. */
async function contextOf(
  tx: Tx,
  deps: Deps,
  definition: RegisterDefinition,
  { entryId, values, by }: { readonly entryId: string; readonly values: Values; readonly by: string },
  fields: readonly RegisterField[],
): Promise<RuleContext | undefined> {
  const targets = new Map<string, Entry>();
  for (const field of fields) {
    const named = values[field.name];
    if (field.kind !== 'ref' || named === undefined) continue;
    const target = await findCurrent(tx, named);
    if (target?.register !== field.register) return undefined;
    targets.set(field.name, target);
  }
  const naming = new Map<string, readonly Entry[]>();
  for (const { register, field } of definition.reads ?? [])
    naming.set(register, await entriesNaming(tx, { register, field, entryId }));
  return {
    today: deps.civilClock.today(),
    by,
    target: (field) => targets.get(field),
    naming: (register) => naming.get(register) ?? [],
    isDeclared: (system) => deps.declared.some((d) => d.system === system && d.items.length > 0),
  };
}

/** Where the entry stands after a change, from its facts alone. */
export const standing = (
  definition: RegisterDefinition,
  entry: Omit<CurrentEntry, 'heading' | 'isOpen' | 'dueOn' | 'dueWhat'>,
): CurrentEntry => {
  const due = definition.due?.(entry);
  return {
    ...entry,
    heading: definition.heading(entry.values).slice(0, 200),
    isOpen: definition.states[entry.state]?.open ?? false,
    dueOn: due?.on.toString() ?? null,
    dueWhat: due?.what ?? null,
  };
};

const put = (
  tx: Tx,
  definition: RegisterDefinition,
  entry: Omit<CurrentEntry, 'heading' | 'isOpen' | 'dueOn' | 'dueWhat'>,
  at: Temporal.Instant,
): Promise<void> => putCurrent(tx, standing(definition, { ...entry, changes: entry.changes + 1 }), at);
