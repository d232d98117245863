import type { KeyObject } from 'node:crypto';
import {
  bytesOf,
  type CardFile,
  type CardKeyName,
  cardFileFormat,
  cardKeys,
  iterations,
  parseCardFile,
  pinKey,
  type SealedCardKey,
  signWithSealedKey,
  textOf,
} from '@musubi/contracts/portal/card-file.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';

export type CardRefusal = 'not-a-card' | 'malformed-pin' | 'wrong-pin' | 'locked';

/** What goes into a card. */
export interface NewCard {
  readonly cardNumber: string;
  readonly keys: Readonly<
    Record<CardKeyName, { readonly key: KeyObject; readonly certificate: Uint8Array; readonly pin: string }>
  >;
}

/** The text of a new card file. Fresh salt and nonce a key, so that equal PINs do not show. */
export async function writeCardFile({ cardNumber, keys }: NewCard): Promise<string> {
  const seal = async (name: CardKeyName): Promise<SealedCardKey> => {
    const { key, certificate, pin } = keys[name];
    if (!cardKeys[name].pin.test(pin)) throw new TypeError(`the PIN of ${name} has the wrong form`);
    const salt = crypto.getRandomValues(new Uint8Array(16));
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const pkcs8 = Uint8Array.from(key.export({ type: 'pkcs8', format: 'der' }));
    const sealer = await pinKey(pin, salt, iterations);
    const sealedKey = textOf(await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, sealer, pkcs8));
    return { certificate: textOf(certificate), salt: textOf(salt), iterations, iv: textOf(iv), sealedKey };
  };
  const card: CardFile = {
    format: cardFileFormat,
    notice: '訓練用のソフトウェアカードです。実在の人のものではなく、訓練用の町の外では使えません。',
    cardNumber,
    userAuthentication: await seal('userAuthentication'),
    signature: await seal('signature'),
  };
  return `${JSON.stringify(card, null, 2)}\n`;
}

/**
 * A card in the reader. Counts wrong PINs as the chip does: 3 for user authentication, 5 for the signature, set back by a
 * right one. The counter lives here, with the card, and nowhere else.
 */
export class SoftwareCard {
  readonly #file: CardFile;
  readonly #left: Record<CardKeyName, number>;

  private constructor(file: CardFile) {
    this.#file = file;
    this.#left = { userAuthentication: cardKeys.userAuthentication.tries, signature: cardKeys.signature.tries };
  }

  static open(text: string): Result<SoftwareCard, 'not-a-card'> {
    const file = parseCardFile(text);
    return file === undefined ? err('not-a-card') : ok(new SoftwareCard(file));
  }

  get cardNumber(): string {
    return this.#file.cardNumber;
  }
  triesLeft(name: CardKeyName): number {
    return this.#left[name];
  }
  /** DER. Reading it needs no PIN for user authentication, as on the chip. */
  certificate(name: CardKeyName = 'userAuthentication'): Uint8Array {
    return bytesOf(this.#file[name].certificate);
  }

  /** The signature over the text, base64. A PIN of the wrong form costs no try. */
  async signChallenge(
    pin: string,
    challenge: string,
    name: CardKeyName = 'userAuthentication',
  ): Promise<Result<string, Exclude<CardRefusal, 'not-a-card'>>> {
    if (this.#left[name] === 0) return err('locked');
    if (!cardKeys[name].pin.test(pin)) return err('malformed-pin');
    // Taken before the trial, so that many at once do not get more tries than the card has.
    this.#left[name] -= 1;
    const signature = await signWithSealedKey(this.#file[name], pin, challenge);
    if (signature === undefined) return err(this.#left[name] === 0 ? 'locked' : 'wrong-pin');
    this.#left[name] = cardKeys[name].tries;
    return ok(signature);
  }
}
