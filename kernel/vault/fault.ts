export type VaultFaultCode =
  | 'no-such-number'
  | 'no-such-object'
  | 'cannot-open'
  | 'key-missing'
  | 'key-differs'
  | 'key-file-readable-by-others'
  | 'keys-changing'
  | 'purpose-not-a-code';

/** Broken machinery or a defect, never a refusal. Says a code and an internal reference, never a value. */
export class VaultFault extends Error {
  readonly code: VaultFaultCode;
  constructor(code: VaultFaultCode, reference = '') {
    super(`vault: ${code}${reference === '' ? '' : ` (${reference})`}`);
    this.name = 'VaultFault';
    this.code = code;
  }
}

/** `resident-tax/match`, `tax.notice`: what the number or object is used for, as the use case's code. */
export function assertPurpose(purpose: string): void {
  // A run of digits as long as a number has no place in a code.
  if (!/^[a-z0-9][a-z0-9./:-]{0,79}$/.test(purpose) || /[0-9]{11}/.test(purpose))
    throw new VaultFault('purpose-not-a-code');
}
