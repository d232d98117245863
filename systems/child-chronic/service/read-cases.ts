import { act } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import {
  type CaseFile,
  type CaseLine,
  countCases,
  type DeclaredTax,
  findCase,
  findDeclaredTax,
  listCases as list,
  type ProposalLine,
  proposals,
  type RegistrationLine,
  registrations,
} from '../store/cases.ts';
import { type CertificateRequest, certificateRequests } from '../store/certificate-requests.ts';
import { type InquiryLine, inquiries } from '../store/inquiries.ts';
import { type RegisterCheck, registerCheckOf } from './applicant-number.ts';

export type { CaseLine, InquiryLine, ProposalLine };

export const listCases = act('child-chronic.list-cases', {
  right: ['child-chronic', 'case', 'read'],
  async run(tx, _deps: Deps, query: { offset: number; limit: number }) {
    const rows = await list(tx, query);
    tx.record({ event: 'cases.listed', subjects: rows.map((r) => r.caseId), detail: { count: rows.length } });
    return ok({ rows, total: await countCases(tx) });
  },
});

export interface CaseView {
  readonly file: CaseFile;
  readonly registrations: readonly RegistrationLine[];
  readonly inquiries: readonly InquiryLine[];
  readonly proposals: readonly ProposalLine[];
  readonly declaredTax: DeclaredTax | undefined;
  readonly certificates: readonly CertificateRequest[];
  readonly register: RegisterCheck;
}

/** A case with all that happened in it. The Individual Number is not in it. */
export const readCase = act('child-chronic.read-case', {
  right: ['child-chronic', 'case', 'read'],
  subjectOf: (query: { readonly caseId: string }) => query.caseId,
  async run(tx, _deps: Deps, { caseId }): Promise<Result<CaseView, 'no-such-case'>> {
    const file = await findCase(tx, { caseId });
    if (!file) return err('no-such-case');
    const view = {
      file,
      registrations: await registrations(tx, caseId),
      inquiries: await inquiries(tx, { caseId }),
      proposals: await proposals(tx, { caseId }),
      declaredTax: await findDeclaredTax(tx, caseId),
      certificates: await certificateRequests(tx, caseId),
      register: await registerCheckOf(tx, file),
    };
    tx.record({ event: 'case.read', subject: caseId });
    return ok(view);
  },
});
