import { type Actor, act } from '@musubi/kernel/db/act.ts';
import { noteIrregular } from '@musubi/kernel/irregular/irregular.ts';
import { err, ok } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../../deps.ts';
import { type LevyInput, readOfficeList } from '../../domain/office-list.ts';
import {
  type DeclaredInput,
  declaredInputs,
  insertDeclared,
  insertOfficeList,
  insertWaiver,
  personsOfAddressees,
} from '../../store/levy-inputs.ts';
import { irregularKinds } from '../irregular/irregular.ts';

export type { DeclaredInput, LevyInput };

const nameOf = (actor: Actor): string => (actor.kind === 'staff' ? actor.staffId : actor.kind);

/** What a year's levy needs from other offices, and what of it is there. */
export const readLevyInputs = act('resident-tax.read-levy-inputs', {
  right: ['resident-tax', 'intake', 'read'],
  async run(tx, _deps: Deps, { fiscalYear }: { readonly fiscalYear: number }) {
    const inputs = await declaredInputs(tx, fiscalYear);
    tx.record({ event: 'levy-input.read', detail: { fiscalYear, inputs: inputs.length } });
    return ok(inputs);
  },
});

/** 必要資料の宣言: from now on no levy of the year starts without it. The date is the levy date unless the law says another. */
export const declareLevyInput = act('resident-tax.declare-levy-input', {
  right: ['resident-tax', 'intake', 'update'],
  async run(
    tx,
    _deps: Deps,
    command: { readonly fiscalYear: number; readonly input: LevyInput; readonly asOf: Temporal.PlainDate },
    actor,
  ) {
    if (!(await insertDeclared(tx, { ...command, by: nameOf(actor) }))) return err('already-declared');
    tx.record({
      event: 'levy-input.declared',
      facts: ['resident_tax.levy_input'],
      detail: { fiscalYear: command.fiscalYear, input: command.input, asOf: command.asOf.toString() },
    });
    return ok(undefined);
  },
});

export interface ReceiveOfficeList {
  readonly fiscalYear: number;
  readonly input: LevyInput;
  readonly text: string;
  /** The office's word where nobody stands in the list; empty otherwise. */
  readonly statement: string;
}

/**
 * 名簿の受領: another office's list, whole or not at all. A person whom nobody knows here stops it: the list or the register is wrong.
 * @law 地方税法 第295条第1項第1号; 番号利用法 第9条第2項 (庁内連携)
 */
export const receiveOfficeList = act('resident-tax.receive-office-list', {
  right: ['resident-tax', 'intake', 'update'],
  async run(tx, deps: Deps, command: ReceiveOfficeList, actor) {
    const declared = (await declaredInputs(tx, command.fiscalYear)).find(({ input }) => input === command.input);
    if (declared === undefined) return err('not-declared');
    const read = readOfficeList(command.text, { ...command, asOf: declared.asOf });
    if (!read.ok) return err(read.error);
    const personIds = await personsOfAddressees(tx, read.value.addressees);
    if (personIds.length !== read.value.addressees.length) return err('unknown-person');
    await insertOfficeList(tx, {
      listId: deps.newId(),
      fiscalYear: command.fiscalYear,
      input: command.input,
      asOf: declared.asOf,
      personIds,
      statement: command.statement.trim() === '' ? null : command.statement.trim(),
      by: nameOf(actor),
      at: deps.machineClock.now(),
    });
    tx.record({
      event: 'levy-input.received',
      ground: '地方税法第295条第1項第1号',
      subjects: personIds,
      facts: ['resident_tax.office_list', ...(personIds.length > 0 ? ['resident_tax.office_list_person'] : [])],
      detail: { fiscalYear: command.fiscalYear, input: command.input, rows: personIds.length },
    });
    return ok({ rows: personIds.length });
  },
});

/** 免除: the head of the section lets a levy start without a declared list, with the reason. */
export const waiveLevyInput = act('resident-tax.waive-levy-input', {
  right: ['resident-tax', 'assessment-approval', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { readonly fiscalYear: number; readonly input: LevyInput; readonly reason: string },
    actor,
  ) {
    const declared = (await declaredInputs(tx, command.fiscalYear)).find(({ input }) => input === command.input);
    if (declared === undefined) return err('not-declared');
    if (command.reason.trim() === '') return err('no-reason');
    if (declared.state === 'received') return err('already-received');
    const at = deps.machineClock.now();
    const by = nameOf(actor);
    const added = await insertWaiver(tx, { ...command, reason: command.reason.trim(), by, at });
    if (!added) return err('already-waived');
    const { reason } = command;
    const noted = await noteIrregular(tx, deps, { kind: irregularKinds.withoutList, subject: null, reason, by });
    if (!noted.ok) return noted;
    tx.record({
      event: 'levy-input.waived',
      facts: ['irregular.entry', 'resident_tax.levy_input_waiver'],
      detail: { fiscalYear: command.fiscalYear, input: command.input },
    });
    return ok(undefined);
  },
});
