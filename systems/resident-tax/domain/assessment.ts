import type { Brand } from '@musubi/kernel/ids/brand.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { AssessmentInput } from './assessment-input.ts';
import type { AssessmentResult } from './assessment-result.ts';

export type AssessmentId = Brand<string, 'AssessmentId'>;
export type StaffId = Brand<string, 'StaffId'>;

interface Calculated {
  readonly assessmentId: AssessmentId;
  /** What it was computed from: the trace is regenerated from these and the rates version. */
  readonly input: AssessmentInput;
  readonly result: AssessmentResult;
  readonly draftedBy: StaffId;
}
export interface Drafted extends Calculated {
  readonly state: 'drafted';
  /** Why an approver gave it back, if one did. */
  readonly returnedBecause: string | null;
}
export interface AwaitingApproval extends Calculated {
  readonly state: 'awaiting-approval';
}
export interface Decided extends Calculated {
  readonly state: 'decided';
  readonly approvedBy: StaffId;
  readonly decidedOn: Temporal.PlainDate;
}
export type Assessment = Drafted | AwaitingApproval | Decided;

export const draft = (calculated: Calculated): Drafted => ({ ...calculated, state: 'drafted', returnedBecause: null });

/** 決裁に回す. */
export function submit({ assessmentId, input, result, draftedBy }: Drafted): AwaitingApproval {
  return { assessmentId, input, result, draftedBy, state: 'awaiting-approval' };
}

/** 差戻し: back to the drafter, with a reason. */
export function sendBack(
  { assessmentId, input, result, draftedBy }: AwaitingApproval,
  reason: string,
): Result<Drafted, 'no-reason'> {
  if (reason.trim() === '') return err('no-reason');
  return ok({ assessmentId, input, result, draftedBy, state: 'drafted', returnedBecause: reason.trim() });
}

/** 賦課決定. Only what awaits approval can be decided, and not by the person who drafted it. */
export function decide(
  assessment: AwaitingApproval,
  approver: StaffId,
  on: Temporal.PlainDate,
): Result<Decided, 'approver-is-drafter'> {
  if (approver === assessment.draftedBy) return err('approver-is-drafter');
  return ok({ ...assessment, state: 'decided', approvedBy: approver, decidedOn: on });
}
