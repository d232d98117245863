import type { CertificateContent } from '@musubi/contracts/certificates/content.ts';
import type { ActDeps } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { Typesetter } from '@musubi/kernel/documents/typesetter.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { SealedStore } from '@musubi/kernel/vault/sealed/sealed-store.ts';
import { certificateFigures } from '../../domain/certificate.ts';
import { levyDateOf, stateOn } from '../../domain/levy-date.ts';
import { getAssessments } from '../../store/assessments.ts';
import { type PersonState, personStates } from '../../store/persons.ts';
import { assessOne } from '../assessment/assess-one.ts';
import { agrees } from '../assessment/read.ts';
import type { GuardDeps } from '../persons/guarded.ts';

export interface CertificateDeps extends ActDeps, GuardDeps {
  readonly sealed: SealedStore;
  /** Sets the form of the certificates; see contracts/certificates. */
  readonly certificateTypesetter: Typesetter;
  readonly subjectCheckKey: Uint8Array;
  readonly office: { readonly ward: string; readonly issuer: { readonly title: string; readonly name: string } };
  /** 手数料 a sheet, yen. */
  readonly certificateFeeYen: number;
}

export type Issuer = CertificateContent['issuer'];
export const issuerOf = ({ office }: Pick<CertificateDeps, 'office'>): Issuer => ({
  ward: office.ward,
  title: office.issuer.title,
  name: office.issuer.name,
});

/** Which facts a certificate is made from: never "the newest", always these. */
export interface CertificateSources {
  readonly assessmentId: string;
  readonly personVersion: number;
  readonly levyDateVersion: number;
  readonly addressShown: boolean;
  readonly issuer: Issuer;
}

/** Made from the facts named; the same facts give the same content, whenever. */
export async function contentOf(
  tx: Tx,
  sources: CertificateSources,
): Promise<Result<CertificateContent, 'does-not-agree-with-reasons'>> {
  const [assessment] = await getAssessments(tx, [sources.assessmentId]);
  if (!assessment) throw new Error('a certificate of no levy');
  const explained = assessOne(assessment.input);
  if (!agrees(assessment, explained)) return err('does-not-agree-with-reasons');
  const states = await personStates(tx, assessment.personId);
  const at = (version: number): PersonState => {
    const found = states.find((state) => state.version === version);
    if (!found) throw new Error('a certificate of no state of the person');
    return found;
  };
  const [now, then] = [at(sources.personVersion), at(sources.levyDateVersion)];
  const { remarks, ...figures } = certificateFigures(explained.result);
  return ok({
    ...figures,
    incomes: [...figures.incomes],
    deductions: [...figures.deductions],
    bases: [...figures.bases],
    levy: [...figures.levy],
    remarks: [...remarks],
    fiscalYear: assessment.fiscalYear,
    person: {
      name: now.name,
      birthDate: now.birthDate.toString(),
      addressOnLevyDate: sources.addressShown ? then.address : null,
      address: sources.addressShown ? now.address : null,
    },
    issuer: sources.issuer,
  });
}

/** The states of the person that count by then: today's and that of 1 January, of what was recorded by that moment. */
export async function statesFor(
  tx: Tx,
  personId: string,
  fiscalYear: number,
  until: Temporal.Instant | null = null,
): Promise<{ readonly now: PersonState; readonly then: PersonState } | undefined> {
  const known = (await personStates(tx, personId)).filter(
    ({ recordedAt }) => until === null || Temporal.Instant.compare(recordedAt, until) <= 0,
  );
  const now = known
    .toSorted((a, b) => Temporal.PlainDate.compare(a.changedOn, b.changedOn) || a.version - b.version)
    .at(-1);
  const then = stateOn(known, levyDateOf(fiscalYear));
  return now === undefined || then === undefined ? undefined : { now, then };
}
