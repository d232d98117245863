/** What a levy may need from other offices of the ward. */
export const levyInputs = {
  'public-assistance': '生活保護（生活福祉課）',
} as const;
export type LevyInput = keyof typeof levyInputs;

export interface OfficeList {
  readonly asOf: Temporal.PlainDate;
  /** 宛名番号 */
  readonly addressees: readonly string[];
}
export type OfficeListFault =
  | 'empty-file'
  | 'wrong-head-line'
  | 'other-input'
  | 'other-date'
  | 'count-differs'
  | 'unreadable-line'
  | 'person-twice'
  | 'nobody-without-statement';

/**
 * An office's list: head line `OL01,INPUT,YYYY-MM-DD,COUNT`, then an 宛名番号 a line. Of last year, cut, or with a count that does not
 * fit, it is refused whole; a list of nobody needs the office's word that there is nobody (INC-17).
 */
export function readOfficeList(
  text: string,
  wanted: { readonly input: LevyInput; readonly asOf: Temporal.PlainDate; readonly statement: string },
): { readonly ok: true; readonly value: OfficeList } | { readonly ok: false; readonly error: OfficeListFault } {
  const refuse = (error: OfficeListFault) => ({ ok: false, error }) as const;
  if (text.trim() === '') return refuse('empty-file');
  const [head = '', ...lines] = text.replace(/\r?\n$/, '').split(/\r?\n/);
  const match = /^OL01,([a-z-]{1,40}),([0-9]{4}-[0-9]{2}-[0-9]{2}),([0-9]{1,7})$/.exec(head);
  if (match === null) return refuse('wrong-head-line');
  const [, input, asOf, count] = match;
  if (input !== wanted.input) return refuse('other-input');
  if (asOf !== wanted.asOf.toString()) return refuse('other-date');
  if (lines.some((line) => !/^[0-9]{1,15}$/.test(line))) return refuse('unreadable-line');
  if (lines.length !== Number(count)) return refuse('count-differs');
  if (new Set(lines).size !== lines.length) return refuse('person-twice');
  if (lines.length === 0 && wanted.statement.trim() === '') return refuse('nobody-without-statement');
  return { ok: true, value: { asOf: wanted.asOf, addressees: lines } };
}
