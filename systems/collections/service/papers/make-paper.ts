import { createHash } from 'node:crypto';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import { subjectCheckCode } from '@musubi/kernel/documents/typesetter.ts';
import { registered } from '@musubi/kernel/documents/unprintable.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { insertPaper } from '../../store/papers.ts';
import { whoActs } from '../files/take-file.ts';
import type { PaperDeps } from './paper-deps.ts';

export interface Paper {
  readonly pdf: Uint8Array;
  readonly name: string;
  readonly pages: number;
}
export interface PaperRequest {
  readonly kind:
    | 'slip'
    | 'reminders'
    | 'collector-reminders'
    | 'demand'
    | 'tax-certificate'
    | 'refund-notice'
    | 'debit-notices'
    | 'cash-receipt'
    | 'stop-notice'
    | 'stop-end-notice';
  readonly title: string;
  /** What it was made from: ids only. */
  readonly about: string;
  /** null where one file holds the papers of many. */
  readonly personNumber: string | null;
  readonly data: PaperData;
  readonly name: string;
  /** Whose address stands on it: of each letter, in their order. Empty where none does. */
  readonly addressees: readonly string[];
}
interface PaperData {
  readonly [item: string]: unknown;
  readonly addressee?: { readonly postalCode: string; readonly address: unknown; readonly name: unknown };
  /** Papers of many in one file. */
  readonly letters?: readonly PaperData[];
}

/** What stands in place of an address that may not be printed. */
const addressLeftOut = '（住所の記載を省略しています）';

/** Letters to persons under protection carry no address: they are handed over, not read off the paper by whoever prints and encloses them. */
function withoutAddresses({ data, addressees }: PaperRequest, isProtected: (person: string) => boolean): object {
  const guarded = (one: PaperData, person: string | undefined): PaperData =>
    one.addressee === undefined || person === undefined || !isProtected(person)
      ? one
      : { ...one, addressee: { ...one.addressee, postalCode: '', address: registered(addressLeftOut) } };
  return data.letters !== undefined
    ? { ...data, letters: data.letters.map((one, i) => guarded(one, addressees[i])) }
    : guarded(data, addressees[0]);
}

/** Notes the paper with the digest of its bytes; `right` is that of the act which read what stands on it. */
export const noteOf = (right: readonly [string, string, 'read' | 'update']) =>
  act(`collections.note-paper-${right[1]}`, {
    right: [...right],
    async run(
      tx,
      deps: PaperDeps,
      p: PaperRequest & { readonly paperId: string; readonly sha256: Uint8Array; readonly pages: number },
      actor,
    ): Promise<Result<null, never>> {
      const { paperId, kind, about, personNumber, sha256, pages } = p;
      const on = deps.civilClock.today().toString();
      await insertPaper(tx, { paperId, kind, about, personNumber, sha256, pages, on, by: whoActs(actor) });
      tx.record({
        event: 'paper.made',
        ...(personNumber === null ? {} : { subject: personNumber }),
        facts: ['collections.paper'],
        items: ['収納状況'],
        detail: { paper: paperId, kind, about, pages },
      });
      return ok(null);
    },
  });

/** Sets the paper outside any transaction, notes its digest, and only then gives the bytes. */
export async function makePaper(
  deps: PaperDeps,
  actor: Actor,
  request: PaperRequest,
  note: ReturnType<typeof noteOf>,
): Promise<Result<Paper, 'unprintable-character' | 'not-authorised' | 'protections-unavailable'>> {
  const { addressees } = request;
  const paperId = deps.newId();
  const documentId = `SY-${paperId.slice(0, 8).toUpperCase()}-${paperId.slice(24, 30).toUpperCase()}`;
  // An error means that no address leaves.
  const told = addressees.length > 0 ? await deps.protections?.(addressees) : undefined;
  if (told?.ok === false) return told;
  const data = told === undefined ? request.data : withoutAddresses(request, told.value.isProtected);
  const made = await deps.typesetter.render({
    template: `${request.kind}.typ`,
    title: request.title,
    data,
    documentId,
    subjectCheck: subjectCheckCode(deps.subjectCheckKey, documentId, request.personNumber ?? request.about),
    issuedAt: deps.machineClock.now(),
  });
  if (!made.ok) return err('unprintable-character');
  const { pdf, pages } = made.value;
  const sha256 = createHash('sha256').update(pdf).digest();
  const noted = await note(deps, actor, { ...request, paperId, sha256, pages });
  return noted.ok ? ok({ pdf, pages, name: request.name }) : noted;
}
