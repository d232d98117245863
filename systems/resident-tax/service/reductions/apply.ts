import { act } from '@musubi/kernel/db/act.ts';
import { err, ok } from '@musubi/kernel/result/result.ts';
import { type ReductionGroundId, reductionGrounds, remit } from '../../domain/reduction.ts';
import { standingCharges } from '../../store/charges.ts';
import * as store from '../../store/reductions.ts';
import { nameOf } from '../assessment/functions.ts';
import { type ReductionDeps, reductionUpdate } from './functions.ts';

export interface ApplyForReduction {
  readonly personId: string;
  readonly fiscalYear: number;
  readonly ground: string;
  /** What the person says. */
  readonly statement: string;
  /** 申請日, not after today. */
  readonly appliedOn: Temporal.PlainDate;
}

/**
 * 減免申請の受付: of a year that is levied, while something of it is still to fall due.
 * @law 地方税法 第323条
 */
export const applyForReduction = act('resident-tax.apply-for-reduction', {
  right: reductionUpdate,
  async run(tx, deps: ReductionDeps, command: ApplyForReduction, actor) {
    if (!Object.hasOwn(reductionGrounds, command.ground)) return err('unknown-ground');
    if (command.statement.trim() === '') return err('no-statement');
    if (Temporal.PlainDate.compare(command.appliedOn, deps.civilClock.today()) > 0) return err('applied-in-future');
    const charges = (await standingCharges(tx, [command.personId])).filter(
      ({ fiscalYear }) => fiscalYear === command.fiscalYear,
    );
    if (charges.length === 0) return err('no-levy-in-force');
    const open = remit(charges, { tenths: 10, forestExempt: true }, command.appliedOn);
    if (open.length === 0) return err('nothing-left-to-remit');
    const applicationId = deps.newId();
    await store.insertApplication(tx, {
      applicationId,
      personId: command.personId,
      fiscalYear: command.fiscalYear,
      ground: command.ground,
      statement: command.statement.trim(),
      appliedOn: command.appliedOn,
      receivedBy: nameOf(actor),
      receivedAt: deps.machineClock.now(),
    });
    tx.record({
      event: 'reduction.applied',
      subject: command.personId,
      ground: reductionGrounds[command.ground as ReductionGroundId].law,
      facts: ['resident_tax.reduction_application'],
      detail: { application: applicationId, fiscalYear: command.fiscalYear, ground: command.ground },
    });
    return ok({ applicationId });
  },
});
