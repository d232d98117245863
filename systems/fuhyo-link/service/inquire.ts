import type { InquiryAnswer, InquiryRequest } from '@musubi/contracts/fuhyo/inquiry.ts';
import type { Actor } from '@musubi/kernel/db/act.ts';
import { ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import type { SupplementRow } from '../store/supplements.ts';
import { lookUp } from './look-up.ts';
import {
  giveNumber,
  giveNumberAtTerminal,
  keepObtained,
  keepObtainedAtTerminal,
  noteNotObtained,
  noteNotObtainedAtTerminal,
} from './number-keeping.ts';
import {
  type InquiryRefusal,
  type OpenedInquiry,
  openPeerInquiry,
  openTerminalInquiry,
  recordingRefusals,
} from './open-inquiry.ts';

export interface Inquire {
  readonly request: InquiryRequest;
  /** The signed text of the request. */
  readonly signed: string;
  /** SHA-256 of the signed payload. */
  readonly digest: Uint8Array;
}

/** Who asks decides which right each act asks for; what is done is the same. */
const ways = {
  network: {
    open: openPeerInquiry,
    keep: keepObtained,
    note: noteNotObtained,
    give: giveNumber,
  },
  terminal: {
    open: openTerminalInquiry,
    keep: keepObtainedAtTerminal,
    note: noteNotObtainedAtTerminal,
    give: giveNumberAtTerminal,
  },
} as const;
type Way = keyof typeof ways;

/**
 * 照会への回答 (FPS-F2, requirement 003 §3.2.2 and 3): the record; where it is asked for and the Number Act allows it, the number
 * of a person abroad, obtained from the register and handed over out of the temporary area. Each step is an act of its own, so
 * that nothing outside is called in a transaction; a repeat after a crash goes on where it stopped.
 *
 * @param way `terminal`: the number stays in the area until the operator asks for it with `giveNumberAtTerminal`
 */
export async function inquire(
  deps: Deps,
  actor: Actor,
  way: Way,
  { request, signed, digest }: Inquire,
): Promise<Result<InquiryAnswer, InquiryRefusal | 'not-authorised'>> {
  const { open } = ways[way];
  const refusing = recordingRefusals(deps, {
    supplementId: null,
    // The row of a refused inquiry is not there; its number may be anything.
    inquiryId: request.inquiryId,
    recipient: request.asker,
    requester: request.requester,
    task: request.task,
    ground: '',
    method: way,
    withheld: request.wantsNumber ? ['individualNumber'] : [],
  });
  const opened = await open(refusing, actor, { request, digest, method: way });
  if (!opened.ok) return opened;
  const answer = answerOf(request, opened.value);
  if (!opened.value.row && opened.value.isUnknownHere) return ok(await fromNation(deps, actor, way, request, answer));
  const state = await obtain(deps, actor, way, { request, signed, digest }, opened.value);
  if (state !== 'kept') return ok({ ...answer, ...withoutNumber(state, answer.withheld) });
  const { inquiryId, asker } = request;
  if (way === 'terminal') {
    const keptUntil = deps.numbers.keptUntil(inquiryId) ?? deps.machineClock.now();
    return ok({ ...answer, number: 'later', keptUntil: textOf(keptUntil) });
  }
  const given = await ways[way].give(deps, actor, { inquiryId, asker, method: way });
  if (!given.ok) return ok({ ...answer, ...withoutNumber('withheld', answer.withheld) });
  const { number, keptUntil } = given.value;
  return ok({ ...answer, number: 'given', individualNumber: number.digits(), keptUntil: textOf(keptUntil) });
}

/** 取得: asks the register, unless the number is here already. */
async function obtain(
  deps: Deps,
  actor: Actor,
  way: Way,
  { request, signed }: Inquire,
  { row, number }: OpenedInquiry,
): Promise<InquiryAnswer['number'] | 'kept'> {
  if (number !== 'obtain') return number;
  const { inquiryId } = request;
  const { keep, note } = ways[way];
  const residentRecordCode = row!.resident_record_code;
  const obtained = await deps.obtainNumber({ inquiryId, inquiry: signed, residentRecordCode });
  const answer = obtained.ok ? obtained.value : undefined;
  if (answer === 'linked-later') return 'later';
  const kept = answer ? await keep(deps, actor, { inquiryId, answer }) : obtained;
  if (kept.ok) return 'kept';
  await note(deps, actor, { inquiryId, word: kept.error });
  return 'withheld';
}

const withoutNumber = (number: InquiryAnswer['number'], withheld: readonly string[]) => ({
  number,
  withheld: number === 'withheld' ? [...new Set([...withheld, 'individualNumber'])] : [...withheld],
});

const textOf = (at: Temporal.Instant): string => at.toString({ fractionalSecondDigits: 3 });

const answerOf = (
  { inquiryId }: InquiryRequest,
  { row, givesCode, withheld, number }: OpenedInquiry,
): InquiryAnswer => ({
  v: 1,
  inquiryId,
  result: row ? 'identified' : 'not-identified',
  record: row ? recordOf(row, givesCode) : null,
  number: number === 'not-asked' ? 'not-asked' : 'withheld',
  individualNumber: null,
  withheld: [...withheld],
  keptUntil: null,
});

const recordOf = (row: SupplementRow, givesCode: boolean): NonNullable<InquiryAnswer['record']> => ({
  name: row.name_kanji,
  nameKana: row.name_furigana,
  birthDate: row.birth_date,
  sex: row.sex,
  address: row.address_kanji,
  lastAddress: row.last_address_kanji,
  recordState: row.record_state,
  residentRecordCode: givesCode ? row.resident_record_code : null,
});

/** A person whose supplement another prefecture keeps (FPS-F4): answered from the national server, nothing of it stored. */
async function fromNation(
  deps: Deps,
  actor: Actor,
  way: Way,
  request: InquiryRequest,
  nobody: InquiryAnswer,
): Promise<InquiryAnswer> {
  const items = await lookUp(deps, actor, way, request);
  if (!items) return nobody;
  const { name, nameKana, birthDate, sex, address, lastAddress, recordState } = items;
  return {
    ...nobody,
    result: 'identified',
    record: { name, nameKana, birthDate, sex, address, lastAddress, recordState, residentRecordCode: null },
    withheld: [
      ...(request.wantsNumber ? ['individualNumber'] : []),
      ...(request.wantsCode ? ['residentRecordCode'] : []),
    ],
  };
}
