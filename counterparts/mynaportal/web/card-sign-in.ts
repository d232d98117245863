/*
 * Runs in the browser. Opens the training card here and sends the signature alone: neither file nor PIN has a name in the
 * form, so that even without this script they could not be sent.
 */
import { cardKeys, parseCardFile, readChallenge, signWithSealedKey } from '@musubi/contracts/portal/card-file.ts';

const form = document.querySelector<HTMLFormElement>('#card-form')!;
const field = (id: string): HTMLInputElement => form.querySelector<HTMLInputElement>(`#${id}`)!;
const message = document.querySelector<HTMLElement>('#card-message')!;
const button = form.querySelector<HTMLButtonElement>('button')!;
const allowed = cardKeys.userAuthentication;

/** The card's own counter, kept beside it in this browser, as a chip keeps its own. */
const counter = (cardNumber: string): string => `musubi-card-tries-left-${cardNumber}`;
const triesLeft = (cardNumber: string): number =>
  Math.max(0, Math.min(allowed.tries, Number(localStorage.getItem(counter(cardNumber)) ?? allowed.tries)));

function say(text: string, focus?: HTMLInputElement): void {
  message.textContent = text;
  message.hidden = false;
  button.disabled = false;
  button.removeAttribute('aria-busy');
  (focus ?? message).focus();
}

async function signIn(): Promise<void> {
  const file = field('card-file').files?.[0];
  if (file === undefined) return say('カードのファイルを選んでください。', field('card-file'));
  const card = parseCardFile(await file.text());
  if (card === undefined) return say('訓練用カードのファイルではありません。', field('card-file'));
  const pin = field('card-pin').value;
  if (!allowed.pin.test(pin)) return say('暗証番号は数字4桁で入力してください。', field('card-pin'));
  const challenge = new TextDecoder().decode(
    Uint8Array.from(atob(field('card-challenge').value), (c) => c.charCodeAt(0)),
  );
  if (readChallenge(challenge)?.origin !== location.origin)
    return say('この画面では署名できません。開き直してください。');
  const left = triesLeft(card.cardNumber);
  if (left === 0) return say(locked);
  localStorage.setItem(counter(card.cardNumber), String(left - 1)); // before the trial: closing the page costs it too
  const signature = await signWithSealedKey(card.userAuthentication, pin, challenge);
  field('card-pin').value = '';
  if (signature === undefined)
    return left === 1
      ? say(locked)
      : say(`暗証番号が違います。あと${left - 1}回で使えなくなります。`, field('card-pin'));
  localStorage.removeItem(counter(card.cardNumber));
  field('card-certificate').value = card.userAuthentication.certificate;
  field('card-signature').value = signature;
  form.submit();
}
const locked = '暗証番号を3回誤ったため、このカードは使えません。窓口で初期化してください。';

form.addEventListener('submit', (event) => {
  event.preventDefault();
  button.disabled = true;
  button.setAttribute('aria-busy', 'true');
  signIn().catch(() => say('カードを読み取れませんでした。'));
});
button.disabled = false;
document.querySelector<HTMLElement>('#card-needs-script')!.hidden = true;
