import { act } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { type CaseFile, findCase } from '../store/cases.ts';
import { type Consent, consents } from '../store/office.ts';

/** A case's consents to ask an insurer, the newest first. */
export const readConsents = act('child-chronic.read-consents', {
  right: ['child-chronic', 'insurer-inquiry', 'read'],
  async run(
    tx,
    _deps: Deps,
    { caseId }: { caseId: string },
  ): Promise<Result<{ file: CaseFile; consents: readonly Consent[] }, 'no-such-case'>> {
    const file = await findCase(tx, { caseId });
    if (!file) return err('no-such-case');
    tx.record({ event: 'consents.read', subject: caseId });
    return ok({ file, consents: await consents(tx, { caseId }) });
  },
});
