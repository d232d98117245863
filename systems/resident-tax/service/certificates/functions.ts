import type { Actor, Right } from '@musubi/kernel/db/act.ts';

export const certificateRead: Right = ['resident-tax', 'certificate', 'read'];
export const certificateUpdate: Right = ['resident-tax', 'certificate', 'update'];
/** 支援措置の担当者 alone: for others the act does not exist (INC-49). */
export const protectedCertificateUpdate: Right = ['resident-tax', 'protected-certificate', 'update'];
export const recordRead: Right = ['resident-tax', 'certificate-record', 'read'];
export const recordUpdate: Right = ['resident-tax', 'certificate-record', 'update'];
export const elsewhereUpdate: Right = ['resident-tax', 'certificate-issued-elsewhere', 'update'];

export const publisher: Actor = { kind: 'job', name: 'resident-tax.certificate-records' };
