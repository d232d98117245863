import { enforced } from '../../enforcement/enforcement.ts';
import { type Html, html } from '../html.ts';

/** A number that a recorded act took out of the vault for this one look. */
export interface ShownNumber {
  readonly digits: string;
  /** The event that recorded the look. */
  readonly eventId: string;
}

/**
 * 個人番号 on a page: masked, unless the reader has the right to numbers and this page answers the recorded act that took this
 * person's out. A mask says nothing of the number, not even its last digits.
 */
export function individualNumber(shown: ShownNumber | undefined, mayReadNumbers: boolean): Html {
  const open = shown !== undefined && (mayReadNumbers || !enforced('vault.no-number-on-screen'));
  return open
    ? html`<span class="number" translate="no">${shown.digits.replace(/^(\d{4})(\d{4})(\d{4})$/, '$1 $2 $3')}</span> <span class="muted">（表示の記録 ${shown.eventId}）</span>`
    : html`<span aria-label="個人番号は表示していません">●●●● ●●●● ●●●●</span>`;
}
