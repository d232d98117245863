import type { Actor, Right } from '@musubi/kernel/db/act.ts';

/** Functions of this half of the system; the table of who may what stands in `assessment-module.ts`. */
export const assessmentRead: Right = ['resident-tax', 'assessment', 'read'];
export const assessmentUpdate: Right = ['resident-tax', 'assessment', 'update'];
export const approvalRead: Right = ['resident-tax', 'assessment-approval', 'read'];
export const approvalUpdate: Right = ['resident-tax', 'assessment-approval', 'update'];
export const noticeRead: Right = ['resident-tax', 'notice', 'read'];
export const noticeUpdate: Right = ['resident-tax', 'notice', 'update'];
/** 電子交付: lets notices go to payers; who ordered the run never does. */
export const noticeRelease: Right = ['resident-tax', 'notice-release', 'update'];
/** What the line to the portal does by itself. */
export const noticeDelivery: Right = ['resident-tax', 'notice-delivery', 'update'];
export const lodgingRead: Right = ['resident-tax', 'lodging', 'read'];
export const lodgingUpdate: Right = ['resident-tax', 'lodging', 'update'];
/** 調定, done by the instance's own work alone. */
export const chargeUpdate: Right = ['resident-tax', 'charge', 'update'];
/** What only the instance's own work does. */
export const batchWork: Right = ['resident-tax', 'assessment-batch', 'update'];

/** Staff id, or the job's name: what stands in `drafted_by` and its like. */
export const nameOf = (actor: Actor): string =>
  actor.kind === 'staff' ? actor.staffId : actor.kind === 'job' ? `job:${actor.name}` : actor.kind;

export const worker: Actor = { kind: 'job', name: 'resident-tax.orders' };
