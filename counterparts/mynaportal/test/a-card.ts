import { X509Certificate } from 'node:crypto';
import { cardFileFormat, pinKey, textOf } from '@musubi/contracts/portal/card-file.ts';
import * as x509 from '@musubi/kernel/pki/x509.ts';

/* Cards made with another library than jpki's own writer, so that the portal's reading is checked against a second hand. */

const algorithm = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
};
const newKeys = () => crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);

/** The library takes Date alone; one is borrowed from a certificate and moved. */
const dateOf = (() => {
  let borrowed: X509Certificate | undefined;
  return async (at: Temporal.Instant) => {
    borrowed ??= new X509Certificate(
      Buffer.from((await x509.X509CertificateGenerator.createSelfSigned({ keys: await newKeys() })).rawData),
    );
    const date = structuredClone(borrowed.validFromDate);
    date.setTime(at.epochMilliseconds);
    return date;
  };
})();

export interface TestAuthority {
  readonly keys: CryptoKeyPair;
  readonly certificate: Buffer;
}

const issuer = 'C=JP, O=JPKI, OU=JPKI for user authentication, OU=Japan Agency for Local Authority Information Systems';

export async function anAuthority(): Promise<TestAuthority> {
  const keys = await newKeys();
  const now = Temporal.Now.instant();
  const made = await x509.X509CertificateGenerator.createSelfSigned({
    name: issuer,
    keys,
    signingAlgorithm: algorithm,
    notBefore: await dateOf(now.subtract({ hours: 9_000 })),
    notAfter: await dateOf(now.add({ hours: 90_000 })),
    extensions: [new x509.BasicConstraintsExtension(true, 0, true)],
  });
  return { keys, certificate: Buffer.from(made.rawData) };
}

export interface TestCardOrder {
  readonly serial: string;
  readonly pin?: string;
  readonly from?: Temporal.Instant;
  readonly until?: Temporal.Instant;
  readonly policy?: string;
  readonly usage?: number;
  readonly withSan?: boolean;
}

export interface TestCard {
  readonly serial: string;
  /** Base64. */
  readonly certificate: string;
  /** The text of a card file. */
  readonly file: string;
  sign(text: string): Promise<string>;
}

const shared = new Map<string, CryptoKeyPair>();
/** RSA keys take their time: one a serial. */
async function keysOf(serial: string): Promise<CryptoKeyPair> {
  const keys = shared.get(serial) ?? (await newKeys());
  shared.set(serial, keys);
  return keys;
}

export async function aCard(authority: TestAuthority, order: TestCardOrder): Promise<TestCard> {
  const keys = await keysOf(order.serial);
  const now = Temporal.Now.instant();
  const made = await x509.X509CertificateGenerator.create({
    serialNumber: order.serial,
    subject: `C=JP, O=JPKI, CN=T${order.serial}`,
    issuer,
    signingAlgorithm: algorithm,
    signingKey: authority.keys.privateKey,
    publicKey: keys.publicKey,
    notBefore: await dateOf(order.from ?? now.subtract({ hours: 1 })),
    notAfter: await dateOf(order.until ?? now.add({ hours: 1_000 })),
    extensions: [
      new x509.KeyUsagesExtension(order.usage ?? x509.KeyUsageFlags.digitalSignature, true),
      new x509.CertificatePolicyExtension([order.policy ?? '1.2.392.200149.8.5.1.3.30'], true),
      ...(order.withSan ? [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: 'x.example' }])] : []),
    ],
  });
  const certificate = textOf(made.rawData);
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const sealer = await pinKey(order.pin ?? '1234', salt, 10_000);
  const pkcs8 = await crypto.subtle.exportKey('pkcs8', keys.privateKey);
  const sealedKey = textOf(await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, sealer, pkcs8));
  const key = { certificate, salt: textOf(salt), iterations: 10_000, iv: textOf(iv), sealedKey };
  return {
    serial: order.serial,
    certificate,
    file: JSON.stringify({
      format: cardFileFormat,
      notice: '訓練用',
      cardNumber: `00000000-0000-7000-8000-${order.serial.padStart(12, '0')}`,
      userAuthentication: key,
      signature: key,
    }),
    sign: async (text) =>
      textOf(await crypto.subtle.sign(algorithm.name, keys.privateKey, new TextEncoder().encode(text))),
  };
}
