/**
 * Why the gate refused. Stable words: they stand in problems, records and other bodies' work lists. None of them says
 * anything about the content, so each may be logged.
 */
export type CryptoRefusal =
  | 'malformed'
  | 'too-long'
  | 'not-canonical-base64url'
  | 'not-canonical-json'
  | 'unknown-header-member'
  | 'missing-header-member'
  | 'wrong-algorithm'
  | 'wrong-type'
  | 'wrong-header-member'
  | 'wrong-length'
  | 'invalid-key'
  | 'unknown-signer'
  | 'wrong-signature'
  | 'cannot-open';
