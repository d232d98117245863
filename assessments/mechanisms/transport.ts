import type { Mechanism } from '../mechanism.ts';

/** The wire. */
export const transportMechanisms = {
  'transport.mtls-both-sides': {
    title: { ja: '相互認証', en: 'Both sides authenticate' },
    enforces:
      'A connection between instances stands only with valid certificates of the government PKI on both sides; unknown, expired or wrong-name peers get nothing and raise an alarm.',
    points: ['kernel/http/tls.ts#tlsOptions', 'kernel/pki/trust.ts#verifyChain'],
    scope: 'shared',
    issue: 'A',
    evidence: 'handshakes-refused',
  },
  'transport.revoked-certificate': {
    title: { ja: '失効証明書の拒否', en: 'Revoked certificates are refused' },
    enforces:
      "A certificate on the issuer's current revocation list, or a list that is too old, ends the connection and invalidates new signatures.",
    points: ['kernel/pki/trust.ts#verifyChain'],
    scope: 'shared',
    issue: 'A',
    evidence: 'revoked-refusals',
  },
  'transport.peer-list': {
    title: { ja: '接続先の限定', en: 'Only listed peers' },
    enforces:
      'An instance talks to, and listens to, the organisation and system pairs of its configuration alone, per route.',
    points: ['kernel/access/rights.ts#peerMay'],
    scope: 'shared',
    issue: 'A',
    evidence: 'peers-and-refusals',
  },
  'transport.tls': {
    title: { ja: '通信の暗号化', en: 'Encrypted connections only' },
    enforces:
      "Plain connections and old protocol versions are refused, in and out, and the server's certificate is always validated.",
    points: ['kernel/http/tls.ts#tlsOptions'],
    scope: 'shared',
    issue: 'A',
    evidence: 'connections-by-protocol',
  },
  'transport.strict-message': {
    title: { ja: '電文の厳格な検査', en: 'Messages have one form' },
    enforces:
      'A message that is not canonical, too large, of an unlisted algorithm or outside its schema is refused before any library reads it.',
    points: ['kernel/crypto/jws.ts#readJws', 'kernel/crypto/jwe.ts#openJwe', 'kernel/http/server.ts#createPeerServer'],
    scope: 'shared',
    issue: 'A',
    evidence: 'messages-refused',
  },
  'transport.signed-message': {
    title: { ja: '電文の署名検証', en: 'Signed by the organisation that sends' },
    enforces:
      "Each message and package carries the sender's signature over its content, with origin, operator and terminal where required; a bad or foreign signature or another addressee is refused.",
    points: ['kernel/crypto/jws.ts#openJws', 'kernel/streams/signed-codec.ts#signedCodec'],
    scope: 'shared',
    issue: 'A',
    evidence: 'signatures-refused',
  },
  'transport.message-encrypted': {
    title: { ja: '電文単位の暗号化', en: 'Encrypted to the receiver' },
    enforces:
      'Payload between instances is encrypted to the receiving instance, besides the connection; a plain payload is refused.',
    points: ['kernel/streams/signed-codec.ts#signedCodec'],
    scope: 'shared',
    issue: 'A',
    evidence: 'payloads-by-protection',
  },
  'transport.message-journal': {
    title: { ja: '通信の記録', en: 'Every message is journalled' },
    enforces: 'Each message sent or received leaves peer, time, number, digest, size and result.',
    points: ['kernel/streams/inbox.ts#createInbox', 'kernel/streams/relay.ts#relayOnce'],
    scope: 'shared',
    issue: 'A',
    evidence: 'message-journal',
  },
  'transport.route-allowed': {
    title: { ja: '提出経路の限定', en: 'One route per kind' },
    enforces:
      'Each kind of report or payload has its one permitted destination and sending function; any other route is refused.',
    points: ['systems/statutory-reports/domain/route-of.ts#routeOf'],
    scope: 'shared',
    issue: 'later',
    evidence: 'routes-and-refusals',
  },
} as const satisfies Record<string, Mechanism>;
