/*
 * Runs in the browser. Step one reads the signature certificate from the training card (no PIN), so that the applicant's
 * particulars are the card's and not typed. Step two signs the text that the page shows. File and PIN have no name in the form.
 */
import { cardKeys, parseCardFile, signWithSealedKey } from '@musubi/contracts/portal/card-file.ts';

const form = document.querySelector<HTMLFormElement>('#application-form')!;
const field = (id: string): HTMLInputElement => form.querySelector<HTMLInputElement>(`#${id}`)!;
const message = document.querySelector<HTMLElement>('#card-message')!;
const button = form.querySelector<HTMLButtonElement>('button')!;
const signs = form.dataset.step === 'sign';
const allowed = cardKeys.signature;
const counter = (cardNumber: string): string => `musubi-card-signature-tries-left-${cardNumber}`;

function say(text: string, focus?: HTMLInputElement): void {
  message.textContent = text;
  message.hidden = false;
  button.disabled = false;
  (focus ?? message).focus();
}

async function go(): Promise<void> {
  const file = field('card-file').files?.[0];
  if (file === undefined) return say('カードのファイルを選んでください。', field('card-file'));
  const card = parseCardFile(await file.text());
  if (card === undefined) return say('訓練用カードのファイルではありません。', field('card-file'));
  field('card-certificate').value = card.signature.certificate;
  if (!signs) return form.submit();
  const pin = field('card-pin').value;
  if (!allowed.pin.test(pin)) return say('署名用の暗証番号は英大文字と数字6～16文字です。', field('card-pin'));
  const tries = Number(localStorage.getItem(counter(card.cardNumber)) ?? allowed.tries);
  if (!(tries > 0)) return say(locked);
  localStorage.setItem(counter(card.cardNumber), String(tries - 1)); // before the trial: closing the page costs it too
  const text = new TextDecoder().decode(
    Uint8Array.from(atob(field('application-content').value), (c) => c.charCodeAt(0)),
  );
  const signature = await signWithSealedKey(card.signature, pin, text);
  field('card-pin').value = '';
  if (signature === undefined)
    return tries <= 1
      ? say(locked)
      : say(`暗証番号が違います。あと${tries - 1}回で使えなくなります。`, field('card-pin'));
  localStorage.removeItem(counter(card.cardNumber));
  field('card-signature').value = signature;
  form.submit();
}
const locked = '署名用の暗証番号を5回誤ったため、このカードでは署名できません。窓口で初期化してください。';

form.addEventListener('submit', (event) => {
  event.preventDefault();
  button.disabled = true;
  go().catch(() => say('カードを読み取れませんでした。'));
});
button.disabled = false;
document.querySelector<HTMLElement>('#card-needs-script')!.hidden = true;
