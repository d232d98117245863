import type { ActDeps } from '../db/act.ts';
import type { Tx } from '../db/sql.ts';
import type { Typesetter } from '../documents/typesetter.ts';
import type { RegisteredText } from '../documents/unprintable.ts';
import type { Result } from '../result/result.ts';
import type { SealedStore } from '../vault/sealed/sealed-store.ts';
import type { RequestKind } from './case.ts';
import type { StopScope } from './stop-words.ts';
import type { FeeRate } from './terms.ts';

/** 帳票の種類. Each sheet that leaves has a serial of its type in the ledger. */
export const formTypes = {
  'request-paper': '請求書（受付した書面）',
  'record-disclosure': '開示書',
  'provision-history': '提供状況開示書',
  'decision-notice': '開示決定通知書',
  'refusal-notice': '不開示決定通知書',
  'extension-notice': '期限延長通知書',
  'payment-slip': '納付書',
  'correction-result': '訂正等調査結果通知書',
  'stop-decision': '利用停止決定通知書',
} as const;
export type FormType = keyof typeof formTypes;
/** The types as this system's sheets are called: the sheets of the record bear the name of its information. */
export const formNames = ({ information }: { readonly information: string }): Readonly<Record<FormType, string>> => ({
  ...formTypes,
  'record-disclosure': `${information}開示書`,
  'provision-history': `${information}提供状況開示書`,
});

/** Whose record is asked for, as the form says: the four items and nothing more. */
export interface Claimed {
  readonly name: string;
  readonly nameKana: string;
  readonly birthDate: string;
  readonly sex: 'male' | 'female' | 'other';
  readonly address: string;
}

/** One item said to be wrong. `item` is a word of the system's own list. */
export interface Claim {
  readonly item: string;
  readonly claimed: string;
}

type Printed = string | RegisteredText;

/**
 * A part of an extract. `about` names the person of each row: the extract is refused where it is another one than was
 * decided about.
 */
export interface ExtractPart {
  readonly heading: string;
  readonly about: readonly string[];
  readonly facts?: readonly { readonly label: string; readonly value: Printed }[];
  readonly table?: { readonly columns: readonly string[]; readonly rows: readonly (readonly Printed[])[] };
  /** Said where the part is empty. */
  readonly none?: string;
}

export interface DisclosureDeps extends ActDeps {
  readonly sealed: SealedStore;
  readonly typesetter: Typesetter;
  /** Key of the check code that stands on each page. */
  readonly subjectCheckKey: Uint8Array;
}

export interface KindRule {
  /** Name and number of the form by which it is asked. */
  readonly formName: string;
  /** Article on which the answer rests; stands in the notice and in the log. */
  readonly ground: string;
  /** Term in days, the day of receipt included. */
  readonly termDays: number;
  /** By how many days it may be extended once, with reason and notice. */
  readonly extensionDays: number;
}

/**
 * What a system says about its own disclosure: words, law, terms, fees, and the four places where only it knows what to do.
 * The steps, the ledger, the sheets and the pages are the same for all.
 */
export interface DisclosureSetup<D extends DisclosureDeps> {
  /** First word of its rights and of the names of its acts. */
  readonly system: string;
  /** 本人確認情報, 附票本人確認情報 */
  readonly information: string;
  /** First letters of receipt numbers and serials. */
  readonly prefix: string;
  readonly authority: { readonly title: string; readonly name: string };
  readonly office: { readonly name: string; readonly telephone: string; readonly address: string };
  readonly kinds: Readonly<Record<RequestKind, KindRule>>;
  readonly fees: readonly FeeRate[];
  /** Whether the record may be inspected at the counter (閲覧): then no copy leaves and nothing is paid. Default no. */
  readonly inspection?: boolean;
  /** Years for which papers are kept, from the fiscal year after the case was closed. */
  readonly paperKeepYears: number;
  /** Open days before the term's end from which a request stands among the reminders. */
  readonly remindOpenDays: number;
  /**
   * Types of sheets that carry the Individual Number, each with its article. What is not here never gets the number.
   * @law 番号利用法 第19条, 第20条
   */
  readonly carriesNumber: Partial<Readonly<Record<FormType, string>>>;
  /** Items that a correction may be asked for, with what they are called. */
  readonly items: Readonly<Record<string, string>>;
  /**
   * 利用停止: what may be stopped, and whether a task exists to which it may be limited. That the words are heeded wherever
   * data is used or leaves is the system's own duty: `isStopped` over `disclosure.use_stop_now`.
   */
  readonly stops: {
    readonly scopes: Readonly<Record<string, StopScope>>;
    hasTask(tx: Tx, deps: D, task: string): Promise<boolean>;
  };
  /** The one person whose present record agrees with all that is claimed. Several or none is no match. */
  find(tx: Tx, deps: D, claimed: Claimed): Promise<Result<{ readonly personId: string }, 'no-match' | 'ambiguous'>>;
  /** All that is held about the person, history included. `withNumber`: the article by which the number may be on it. */
  extract(tx: Tx, deps: D, personId: string, withNumber: string | undefined): Promise<readonly ExtractPart[]>;
  /** To whom it was provided, refused attempts marked apart. */
  provisionHistory(tx: Tx, deps: D, personId: string): Promise<readonly ExtractPart[]>;
  /** Sends the claims to whoever keeps the source, in this transaction. */
  investigate(
    tx: Tx,
    deps: D,
    asked: {
      readonly investigationId: string;
      readonly personId: string;
      readonly claims: readonly Claim[];
      readonly answerBy: Temporal.PlainDate;
    },
  ): Promise<Result<{ readonly to: string }, 'source-unknown'>>;
}

export const levels = {
  /** Register, check, print, take payment, hand over. */
  handle: (system: string) => [system, 'disclosure', 'update'] as const,
  see: (system: string) => [system, 'disclosure', 'read'] as const,
  decide: (system: string) => [system, 'disclosure-decision', 'update'] as const,
  ledger: (system: string) => [system, 'form-ledger', 'update'] as const,
};
