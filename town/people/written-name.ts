import { layoutFromReiwa7 } from '@musubi/contracts/wage-report/layout.ts';
import { encodeText } from '@musubi/kernel/records/charset.ts';

const reductions = new Map([['\u{20BB7}', '吉']]);

/**
 * A name as a payroll office's machine holds it: 髙 and 𠮷 become the common form, a character that it cannot write at
 * all becomes 〓, which no folding brings back.
 */
export function writtenName(name: string): string {
  const encoded = encodeText(name, { ...layoutFromReiwa7.policy, outside: 'reduce-or-geta', reductions });
  if (!encoded.ok) throw new Error(`a name of the town cannot be written: ${encoded.error.word}`);
  return encoded.value.text;
}
