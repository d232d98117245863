import { inquireForOffice } from '@musubi/contracts/juki/office-inquiry.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import type { ResponseOf } from '@musubi/kernel/http/endpoint.ts';
import { IndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../../deps.ts';
import { readReportState } from '../../store/intake-matching.ts';
import { findReport } from '../../store/intake-reports.ts';
import {
  insertNetworkAnswer,
  insertNetworkInquiry,
  investigationsOf,
  type NetworkAnswer,
} from '../../store/investigations.ts';
import { networkInquiry, type OtherBodiesDeps } from './functions.ts';

export type { NetworkAnswer };

/** 事務 of the inquiry: the resident tax stands in the law's table. */
const ground = '住民基本台帳法第30条の10、別表第二（個人住民税の賦課）';
const purpose = 'resident-tax/network-inquiry';
export const inquiryOwner = (inquiryId: string): string => `outside-inquiry:${inquiryId}`;

type AskRefusal = 'no-such-report' | 'not-staff' | 'already-resolved' | 'not-investigated' | 'birth-date-missing';

/** What is asked, noted before anything is asked. */
const beginInquiry = act('resident-tax.begin-network-inquiry', {
  right: networkInquiry,
  async run(
    tx,
    deps: Deps,
    command: { readonly reportId: string; readonly address?: string | undefined },
    actor,
  ): Promise<
    Result<{ inquiryId: string; operator: string; name: string; birthDate: string; address: string }, AskRefusal>
  > {
    if (actor.kind !== 'staff') return err('not-staff');
    const report = await findReport(tx, command.reportId);
    const state = await readReportState(tx, command.reportId);
    if (report === undefined || state === undefined) return err('no-such-report');
    if (state.state !== 'none' && state.state !== 'candidates') return err('already-resolved');
    // The network is asked about one person of one affair, when asking the source did not say who it is (④ before ⑪).
    const asked = await investigationsOf(tx, report.reportId);
    if (!asked.some(({ steps }) => steps.at(-1)?.step === 'answered')) return err('not-investigated');
    if (report.bornOn === null) return err('birth-date-missing');
    const inquiryId = deps.newId();
    const about = { name: report.name, birthDate: report.bornOn, address: command.address ?? report.address };
    await insertNetworkInquiry(tx, {
      inquiryId,
      reportId: report.reportId,
      ...about,
      askedBy: actor.staffId,
      at: deps.machineClock.now(),
    });
    tx.record({
      event: 'network-inquiry.asked',
      ground,
      items: ['氏名', '生年月日', '住所'],
      facts: ['resident_tax.network_inquiry'],
      detail: { inquiry: inquiryId, report: report.reportId },
    });
    return ok({ inquiryId, operator: actor.staffId, ...about });
  },
});

type Answered = {
  readonly result: 'given' | 'not-identified' | 'failed';
  readonly word: string | null;
  readonly person: ResponseOf<typeof inquireForOffice>['person'];
};

/** What came back; the number goes to the vault and nowhere else. */
const keepAnswer = act('resident-tax.keep-network-answer', {
  right: networkInquiry,
  async run(
    tx,
    deps: Deps,
    { inquiryId, answered }: { readonly inquiryId: string; readonly answered: Answered },
  ): Promise<Result<{ readonly result: Answered['result'] }, 'wrong-number'>> {
    const { person, word } = answered;
    const number = person === null ? undefined : IndividualNumber.parse(person.individualNumber);
    if (number !== undefined && !number.ok) return err('wrong-number');
    const numberRef =
      number === undefined ? null : await deps.vault.put(tx, inquiryOwner(inquiryId), number.value, purpose);
    await insertNetworkAnswer(tx, {
      inquiryId,
      result: answered.result,
      word,
      name: person?.name ?? null,
      birthDate: person?.birthDate ?? null,
      sex: person?.sex ?? null,
      address: person?.address ?? null,
      numberRef,
      at: deps.machineClock.now(),
    });
    tx.record({
      event: `network-inquiry.${answered.result}`,
      ground,
      items: person === null ? [] : ['個人番号', '氏名', '生年月日', '性別', '住所'],
      facts: ['resident_tax.network_answer'],
      detail: { inquiry: inquiryId, ...(word === null ? {} : { word }) },
    });
    return ok({ result: answered.result });
  },
});

/**
 * 住基ネット照会 about the person of a document, by name, birth date and address; the answer is one person or nobody. The address may be
 * another than the document's: the one that the source named. What is asked and what came are kept whatever happens.
 * @law 住民基本台帳法 第30条の10; @source requirements 002 W11, AC-05
 */
export async function askNetwork(
  deps: OtherBodiesDeps,
  actor: Actor,
  command: { readonly reportId: string; readonly address?: string | undefined },
): Promise<
  Result<
    { readonly inquiryId: string; readonly result: Answered['result'] },
    AskRefusal | 'not-authorised' | 'wrong-number'
  >
> {
  const begun = await beginInquiry(deps, actor, command);
  if (!begun.ok) return begun;
  const { inquiryId, operator, name, birthDate, address } = begun.value;
  const called = await deps.peers.call(
    inquireForOffice,
    deps.municipalJuki,
    {},
    { inquiryId, ground, document: command.reportId, operator, name, birthDate, address },
    { timeoutMs: 20_000 },
  );
  const answered: Answered = called.ok
    ? { result: called.value.person === null ? 'not-identified' : 'given', word: null, person: called.value.person }
    : { result: 'failed', word: called.error, person: null };
  const kept = await keepAnswer(deps, actor, { inquiryId, answered });
  return kept.ok ? ok({ inquiryId, result: kept.value.result }) : kept;
}
