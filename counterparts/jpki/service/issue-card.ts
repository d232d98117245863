import type { KeyObject } from 'node:crypto';
import {
  type CardCertificateKind,
  cardCertificateKind,
  type issueTrainingCard,
} from '@musubi/contracts/portal/card.ts';
import { sha256Hex } from '@musubi/kernel/crypto/digest.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import type { RequestOf, ResponseOf, WordOf } from '@musubi/kernel/http/endpoint.ts';
import { parseResidentRecordCode } from '@musubi/kernel/identifiers/resident-record-code.ts';
import { newSerial } from '@musubi/kernel/pki/identity.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { newCardKey } from '../ca/authorities.ts';
import { issueCardCertificate } from '../ca/certificate.ts';
import { particularsExtension } from '../ca/particulars-extension.ts';
import { profiles } from '../ca/profile.ts';
import { writeCardFile } from '../card/software-card.ts';
import type { Deps } from '../deps.ts';
import { validUntil } from '../domain/four-particulars.ts';
import { holderOf, insertCertificate, lockCode, revokeStanding } from '../store/cards.ts';

type Command = RequestOf<typeof issueTrainingCard>;
type Keys = Readonly<Record<CardCertificateKind, KeyObject>>;

interface Issued {
  readonly cardNumber: string;
  readonly userAuthenticationSerial: string;
  readonly certificates: Readonly<Record<CardCertificateKind, Buffer>>;
}

const enterCard = act('jpki.issue-training-card', {
  right: ['jpki', 'card', 'update'],
  async run(
    tx,
    deps: Deps,
    { command, keys }: { command: Command; keys: Keys },
  ): Promise<Result<Issued, WordOf<typeof issueTrainingCard>>> {
    if (!deps.town) return err('not-a-town');
    const code = parseResidentRecordCode(command.residentRecordCode);
    if (!code.ok) return err('not-a-code');
    const at = deps.machineClock.now();
    const birthDate = Temporal.PlainDate.from(command.birthDate);
    // Whole seconds, as X.509 writes them; one minute back for clocks that differ a little.
    const from = at.subtract({ minutes: 1 }).round({ smallestUnit: 'second', roundingMode: 'floor' });
    const until = validUntil(at.toZonedDateTimeISO('Asia/Tokyo').toPlainDate(), birthDate);

    await lockCode(tx, code.value);
    const { holderId, isNew } = await holderOf(tx, code.value, deps.newId());
    const superseded = await revokeStanding(tx, { holderId }, 'superseded', at);
    const cardNumber = deps.newId();
    const certificates = {} as Record<CardCertificateKind, Buffer>;
    const serials = {} as Record<CardCertificateKind, string>;
    for (const kind of cardCertificateKind.options) {
      const profile = profiles[kind];
      serials[kind] = newSerial();
      certificates[kind] = await issueCardCertificate(deps.authorities[kind], {
        profile,
        publicKey: keys[kind],
        serial: serials[kind],
        commonName: `T${serials[kind].toUpperCase()}`,
        from,
        until,
        training: true,
        ...(profile.particulars ? { particulars: particularsExtension({ ...command, birthDate }) } : {}),
      });
      const fingerprint = sha256Hex(certificates[kind]);
      const row = {
        serial: serials[kind],
        kind,
        cardNumber,
        holderId,
        fingerprint,
        validFrom: from,
        validUntil: until,
      };
      await insertCertificate(tx, row);
    }
    tx.record({
      event: 'card.issued',
      subject: holderId,
      ground: '公的個人認証法第3条・第22条',
      facts: [
        'jpki.card_certificate',
        ...(isNew ? ['jpki.holder'] : []),
        ...(superseded > 0 ? ['jpki.revocation'] : []),
      ],
      recipient: 'card-holder',
      detail: { cardNumber, superseded },
    });
    return ok({ cardNumber, userAuthenticationSerial: serials['user-authentication'], certificates });
  },
});

/**
 * 訓練用カードの発行. The keys are made here, leave with the file and are not kept; the same order again makes a new card and
 * ends the one before, so that an answer lost on the way leaves no second card that stands.
 *
 * @law 公的個人認証法 第3条, 第22条 (発行), 第11条, 第30条 (失効)
 */
export async function issueCard(
  deps: Deps,
  actor: Actor,
  command: Command,
): Promise<Result<ResponseOf<typeof issueTrainingCard>, WordOf<typeof issueTrainingCard> | 'not-authorised'>> {
  const [signature, userAuthentication] = await Promise.all([newCardKey(2048), newCardKey(2048)]);
  const keys: Keys = { signature, 'user-authentication': userAuthentication };
  const entered = await enterCard(deps, actor, { command, keys });
  if (!entered.ok) return entered;
  const { cardNumber, userAuthenticationSerial, certificates } = entered.value;
  const cardFile = await writeCardFile({
    cardNumber,
    keys: {
      userAuthentication: {
        key: userAuthentication,
        certificate: certificates['user-authentication'],
        pin: command.userAuthenticationPin,
      },
      signature: { key: signature, certificate: certificates.signature, pin: command.signaturePin },
    },
  });
  return ok({ cardNumber, userAuthenticationSerial, cardFile });
}
