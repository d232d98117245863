import { createHash, randomUUID } from 'node:crypto';
import { askForCertificate, type Kiosk, stateOutcome } from '@musubi/certificate-centre/client/kiosk.ts';
import { registerCard } from '@musubi/contracts/certificates/kofu.ts';
import { issueTrainingCard } from '@musubi/contracts/portal/card.ts';
import { parseCardFile, signWithSealedKey } from '@musubi/contracts/portal/card-file.ts';
import type { Person } from '../people/person.ts';
import { pdfText } from '../search/readable-parts.ts';
import { count, observe } from './observe.ts';
import { peopleOf } from './settle.ts';
import { expect, type Step, type WalkContext } from './walk.ts';

const store = 'meguro/convenience-certificates';
const pin = '4649';

/** A card for the resident, known to the ward's certificates by its serial number. */
async function handOutCard({ conductor, town }: WalkContext, person: Person) {
  const { peers } = conductor;
  const { residentRecordCode, name, sex, address } = person;
  const birthDate = person.birthDate.toString();
  const pins = { userAuthenticationPin: pin, signaturePin: 'MUSUBI4649' };
  const order = { residentRecordCode, name, sex, address, birthDate, ...pins };
  const issued = await peers.call(issueTrainingCard, 'jlis/jpki', {}, order);
  if (!issued.ok) throw new Error(`no card was issued: ${issued.error}`);
  const [holder] = await observe<{ number: string }>(
    town,
    'meguro/resident-tax',
    `select p.addressee_number as number from resident_tax.person p
       join resident_tax.person_state s on s.person_id = p.person_id and s.version = p.current_version
      where s.name = $1 and s.birth_date = $2 and s.address = $3`,
    [name, birthDate, address],
  );
  if (!holder) throw new Error('the resident is not known to the tax system');
  const { userAuthenticationSerial: certSerial, cardFile } = issued.value;
  const registered = await peers.call(registerCard, store, {}, { certSerial, addresseeNumber: holder.number });
  if (!registered.ok) throw new Error(`the card was not registered: ${registered.error}`);
  const card = parseCardFile(cardFile);
  if (!card) throw new Error('the card file cannot be read');
  return card.userAuthentication;
}

/** コンビニ交付: the resident of step 7 gets the tax certificate at a store's machine, and it is that person's. */
export const printAtStore: Step = {
  id: '9b',
  title: '本人がコンビニでカードを使い、自分の課税証明書を受け取る',
  async run(context) {
    const key = context.memory.get('applicant');
    const person = [...(await peopleOf(context)).persons()].find((p) => p.key === key);
    if (!person) throw new Error('step 7 left no applicant');
    const card = await handOutCard(context, person);
    const kiosk: Kiosk = { peers: context.conductor.peers, centre: 'jlis/certificate-centre', kioskId: '7E-0012345' };
    // 26 letters of Crockford's alphabet; hexadecimal digits are among them.
    const requestId = randomUUID().replaceAll('-', '').slice(0, 26).toUpperCase();
    const answer = await askForCertificate(kiosk, {
      requestId,
      municipality: '131105',
      certType: '04',
      taxYear: '2026',
      copies: 1,
      certificate: card.certificate,
      sign: async (challenge) => (await signWithSealedKey(card, pin, challenge)) ?? '',
    });
    if (!answer.ok) throw new Error(`the machine was refused: ${answer.error}`);
    if (answer.value.result !== '00') throw new Error(`no certificate: ${answer.value.result} ${answer.value.text}`);
    const { fee, documentNo, pdfBase64 } = answer.value;
    const pdf = Buffer.from(pdfBase64, 'base64');
    const bare = (text: string): string => text.replaceAll(/\s/g, '');
    const text = bare(await pdfText(pdf));
    expect(/課税証明書/.test(text), 'the paper does not say what it is');
    expect(text.includes(bare(person.name)), 'the paper is not the card holder’s');
    const stated = await stateOutcome(kiosk, requestId, { outcome: 'printed', feeReceived: fee });
    expect(stated.ok, 'the print was not recorded');
    const requests = await count(context.town, store, 'select 1 from convenience_certificates.request');
    return { documentNo, feeYen: fee, requests, pdfSha256: createHash('sha256').update(pdf).digest('hex') };
  },
};
