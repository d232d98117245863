import { enforced } from '../enforcement/enforcement.ts';
import { err, ok, type Result } from '../result/result.ts';

/** A part of a notice (addressee, content, attachment) with the id of the record that it was taken from. */
export interface NoticePart<T> {
  readonly of: string;
  readonly value: T;
}
export interface BoundNotice<Addressee, Content> {
  readonly recordId: string;
  readonly addressee: Addressee;
  readonly content: Content;
}
export type BindFault = 'part-missing' | 'part-of-another' | 'part-twice';

/**
 * Joins addressees and contents of notices by the id of their record, never by their place in a list: one of each for every
 * record, or nothing goes out. Two lists of which one slipped by a line are the accident that this is for.
 */
export function bindNotices<Addressee, Content>(
  addressees: readonly NoticePart<Addressee>[],
  contents: readonly NoticePart<Content>[],
): Result<readonly BoundNotice<Addressee, Content>[], BindFault> {
  if (!enforced('matching.notice-binding'))
    return ok(
      addressees.map((a, i) => ({ recordId: a.of, addressee: a.value, content: contents[i % contents.length]!.value })),
    );
  const byRecord = new Map(contents.map((c) => [c.of, c.value]));
  const addressed = new Set(addressees.map((a) => a.of));
  if (byRecord.size !== contents.length || addressed.size !== addressees.length) return err('part-twice');
  if (contents.some((c) => !addressed.has(c.of))) return err('part-of-another');
  const bound: BoundNotice<Addressee, Content>[] = [];
  for (const { of, value } of addressees) {
    const content = byRecord.get(of);
    if (content === undefined) return err('part-missing');
    bound.push({ recordId: of, addressee: value, content });
  }
  return ok(bound);
}
