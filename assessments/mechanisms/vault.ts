import type { Mechanism } from '../mechanism.ts';

/** Individual Numbers and what carries them. */
export const vaultMechanisms = {
  'vault.number-by-definer-function': {
    title: { ja: '番号の格納関数', en: 'Numbers only by function' },
    enforces:
      "The running system's role can neither read nor write number tables; only put, find and reveal functions of the vault do.",
    points: ['kernel/vault/schema/0001_vault.sql#grants'],
    scope: 'shared',
    issue: 'A',
    evidence: 'vault-grants',
  },
  'vault.reveal-with-event': {
    title: { ja: '番号表示の記録', en: 'A reveal is an event' },
    enforces:
      'A number leaves the vault only in an act with a purpose, whose event is written in the same transaction.',
    points: ['kernel/vault/schema/0001_vault.sql#events'],
    scope: 'shared',
    issue: 'A',
    evidence: 'reveals-by-purpose',
  },
  'vault.sealed-carrier': {
    title: { ja: '番号を含むファイルの封印', en: 'Carriers are sealed' },
    enforces:
      'A file, message, image or outgoing payload that may hold a number is stored only sealed under a key of its own; opening it is a reveal.',
    points: ['kernel/vault/sealed/sealed-store.ts#SealedStore'],
    scope: 'shared',
    issue: 'A',
    evidence: 'sealed-objects',
  },
  'vault.digest-equality': {
    title: { ja: '番号の照合方法', en: 'Equality by keyed digest' },
    enforces: 'Numbers are compared by keyed digests inside the vault; there is no search by part, order or list.',
    points: ['kernel/vault/schema/0001_vault.sql#grant'],
    scope: 'shared',
    issue: 'A',
    evidence: 'vault-lookups',
  },
  'vault.encrypted-at-rest': {
    title: { ja: '番号の暗号化保存', en: 'Encrypted at rest' },
    enforces:
      'Numbers and identifying columns marked so are stored as ciphertext bound to their row, with keys outside the database; a raw copy shows none.',
    points: ['kernel/vault/key-ring.ts#KeyRing'],
    scope: 'shared',
    issue: 'A',
    evidence: 'number-scan',
  },
  'vault.key-rotation': {
    title: { ja: '暗号鍵の管理', en: 'Keys are managed' },
    enforces:
      'Each key has version, purpose and owner body; reading under a retired or foreign key fails, rotation re-seals, every use is counted.',
    points: ['kernel/vault/rotation.ts#rotateChunk'],
    scope: 'shared',
    issue: 'A',
    evidence: 'keys-by-version',
  },
  'vault.no-number-in-logs': {
    title: { ja: 'ログへの番号出力禁止', en: 'No number in logs' },
    enforces:
      'A value that is an Individual Number cannot be turned into text for logs, errors, addresses or JSON; logs carry ids and codes only.',
    points: ['kernel/identifiers/individual-number.ts#IndividualNumber', 'kernel/telemetry/log-value.ts#loggable'],
    scope: 'shared',
    issue: 'A',
    evidence: 'number-scan',
  },
  'vault.no-number-on-screen': {
    title: { ja: '番号のマスキング', en: 'Numbers are masked' },
    enforces:
      'Without the number right every page, print, report and interface shows the number masked and unsearchable; unmasking is one recorded act per person.',
    points: ['kernel/pages/kit/record-page.ts#recordPage'],
    scope: 'shared',
    issue: 'A',
    evidence: 'unmaskings',
  },
  'vault.number-placement': {
    title: { ja: '番号の保存場所の限定', en: 'Numbers have their places' },
    enforces:
      'A column or message field for a number exists only where the placement table allows; the catalogue check refuses any other, and other records use internal keys.',
    points: ['kernel/db/catalogue.ts#checkCatalogue'],
    scope: 'shared',
    issue: 'A',
    evidence: 'number-columns',
  },
  'vault.separate-area': {
    title: { ja: '番号紐付け表の分離', en: 'The link table stands apart' },
    enforces:
      'The table that ties a number to a pseudonym has its own database, role and key and holds nothing else; no view or key joins it, and portal-side callers cannot reach it.',
    points: [
      'systems/qualifications/store/number-link.ts#resolveNumber',
      'systems/fuhyo-link/store/temporary-numbers.ts#putTemporary',
    ],
    scope: 'shared',
    issue: 'later',
    evidence: 'number-link-grants',
  },
} as const satisfies Record<string, Mechanism>;
