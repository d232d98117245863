import { makeTerminalKey, terminalKey, trainingKeys } from './key-storage.ts';
import { base64url, createCredential, useCredential } from './training-authenticator.ts';

/** What @simplewebauthn/browser puts into the page. */
declare const SimpleWebAuthnBrowser: {
  startRegistration(options: { optionsJSON: unknown }): Promise<unknown>;
  startAuthentication(options: { optionsJSON: unknown }): Promise<unknown>;
};

const show = (form: HTMLFormElement, words: string): void => {
  const place = form.querySelector('[data-message]');
  if (place) place.textContent = words;
};
const set = (form: HTMLFormElement, name: string, value: string): void => {
  const input = form.querySelector<HTMLInputElement>(`input[name="${name}"]`);
  if (input) input.value = value;
};

/** Password page: an enrolled terminal signs the challenge; where there is no key the fields stay empty. */
async function signAsTerminal(form: HTMLFormElement): Promise<void> {
  const key = await terminalKey();
  if (!key) return;
  const statement = new TextEncoder().encode(
    `musubi terminal 1\n${location.origin}\n${form.dataset.terminalChallenge}`,
  );
  const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, key.pair.privateKey, statement);
  set(form, 'terminalId', key.terminalId);
  set(form, 'terminalSignature', base64url(new Uint8Array(signature)));
}

/** Enrolment page: the public half of this terminal's key goes into the application. */
async function offerTerminal(form: HTMLFormElement): Promise<void> {
  const { terminalId, pair } = await makeTerminalKey();
  const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', pair.publicKey);
  set(form, 'terminalId', terminalId);
  set(form, 'key', JSON.stringify({ kty, crv, x, y }));
}

function askAuthenticator(form: HTMLFormElement): void {
  const options = JSON.parse(form.dataset.options ?? '{}');
  const staffId = form.dataset.staffId ?? '';
  const registering = form.dataset.passkey === 'register';
  form.addEventListener('submit', (event) => {
    const training = (event.submitter as HTMLButtonElement | null)?.value === 'training';
    if (form.querySelector<HTMLInputElement>('input[name="response"]')?.value) return;
    event.preventDefault();
    const ask = async (): Promise<unknown> => {
      if (training)
        return (registering ? createCredential : useCredential)(trainingKeys, staffId, location.origin, options);
      return registering
        ? SimpleWebAuthnBrowser.startRegistration({ optionsJSON: options })
        : SimpleWebAuthnBrowser.startAuthentication({ optionsJSON: options });
    };
    ask().then(
      (answer) => {
        if (answer === undefined) return show(form, 'このブラウザーには、この職員の訓練用の認証器がありません。');
        set(form, 'response', JSON.stringify(answer));
        form.submit();
      },
      () => show(form, '認証器で確認できませんでした。もう一度お試しください。'),
    );
  });
}

for (const form of document.querySelectorAll('form')) {
  if (form.dataset.terminalChallenge) void signAsTerminal(form);
  if (form.dataset.terminalEnrolment !== undefined) void offerTerminal(form);
  if (form.dataset.passkey) askAuthenticator(form);
}
