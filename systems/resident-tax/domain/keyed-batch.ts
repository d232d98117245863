/** What is wrong with a contractor's file before any sheet of it is believed; the contractor delivers again. */
export type BatchFault = 'other-batch' | 'sheet-twice' | 'sheet-missing' | 'sheet-unknown';

/**
 * Control of a keyed batch: every sheet that was handed out comes back exactly once, under the order's number. Lines begin with
 * the form, the order's number and the sheet's, which hold no quotes.
 *
 * @param sheets how many were handed out, numbered from 1
 */
export function batchFault(file: Uint8Array, batchNumber: string, sheets: number): BatchFault | undefined {
  const lines = Buffer.from(file).toString('latin1').split('\r\n').slice(0, -1);
  const seen = new Set<number>();
  for (const line of lines) {
    const [, batch, sheet] = line.split(',', 3);
    if (batch !== batchNumber) return 'other-batch';
    const no = Number(sheet);
    if (!Number.isInteger(no) || no < 1 || no > sheets) return 'sheet-unknown';
    if (seen.has(no)) return 'sheet-twice';
    seen.add(no);
  }
  return seen.size === sheets ? undefined : 'sheet-missing';
}
