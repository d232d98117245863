import { subjectCheckCode } from '@musubi/kernel/documents/typesetter.ts';
import { type RegisteredText, registered } from '@musubi/kernel/documents/unprintable.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import type { Document } from '../store/documents.ts';

/** A document as far as its page shows it. */
export interface FormContent {
  readonly title: string;
  readonly head: readonly { readonly label: string; readonly text: string }[];
  readonly person: { readonly name: string; readonly kana: string; readonly bornOn: string; readonly address: string };
  readonly numbers: { readonly person: string | null; readonly payer: string | null };
  readonly relatives: readonly {
    readonly kind: string;
    readonly name: string;
    readonly bornOn: string;
    readonly residence: string;
    readonly number: string | null;
  }[];
  readonly lines: readonly { readonly label: string; readonly text: string }[];
}

/** A number box: twelve cells with digits, twelve black ones, or twelve empty ones where nothing was filed. */
export type NumberBox = readonly string[];
const cells = 12;
const black = '■';
const box = (number: string | null, shown: boolean): NumberBox =>
  number === null ? Array<string>(cells).fill('') : shown ? [...number] : Array<string>(cells).fill(black);

export interface FormPage {
  readonly title: string;
  readonly head: FormContent['head'];
  readonly person: {
    readonly name: RegisteredText;
    readonly kana: string;
    readonly bornOn: string;
    readonly address: RegisteredText;
    readonly number: NumberBox;
  };
  readonly payerNumber: NumberBox;
  readonly relatives: readonly {
    readonly kind: string;
    readonly name: RegisteredText;
    readonly bornOn: string;
    readonly residence: string;
    readonly number: NumberBox;
  }[];
  readonly lines: FormContent['lines'];
}

/**
 * What the page is set from. With `numbersShown` false the digits are not in it at all: nothing lies under the black.
 *
 * @law 番号利用法 第9条第1項, 第12条 (安全管理措置)
 */
function formPage(content: FormContent, numbersShown: boolean): FormPage {
  const { person, numbers, relatives, ...rest } = content;
  return {
    ...rest,
    person: {
      ...person,
      name: registered(person.name),
      address: registered(person.address),
      number: box(numbers.person, numbersShown),
    },
    payerNumber: box(numbers.payer, numbersShown),
    relatives: relatives.map(({ number, ...relative }) => ({
      ...relative,
      name: registered(relative.name),
      number: box(number, numbersShown),
    })),
  };
}

export interface SetPage {
  readonly pdf: Uint8Array;
  readonly pages: number;
}

/** Sets the page. The same document gives the same bytes; the error names the places that cannot be drawn. */
export async function setPage(
  deps: Pick<Deps, 'typesetter' | 'imageKey'>,
  document: Document,
  content: FormContent,
  numbersShown: boolean,
): Promise<Result<SetPage, readonly string[]>> {
  const documentId = `${document.receptionNumber}-${document.rowNumber}`;
  const set = await deps.typesetter.render({
    template: 'filed-document.typ',
    data: formPage(content, numbersShown),
    documentId,
    subjectCheck: subjectCheckCode(deps.imageKey, documentId, document.name),
    title: content.title,
    issuedAt: Temporal.Instant.from(document.receivedAt),
    otherShapes: 'flag',
  });
  if (set.ok) return ok(set.value);
  return err([...new Set(set.error.characters.map(({ path }) => path))]);
}
