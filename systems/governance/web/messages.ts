import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, page } from '@musubi/kernel/pages/app.ts';
import type { Deps } from '../deps.ts';
import { type OutgoingMessage, takeMessages } from '../service/outgoing.ts';

/** RFC 2047: no line of a header is longer than 75 characters, whatever the subject. */
const encodedWord = (text: string): string =>
  [...text]
    .reduce<string[]>((words, character) => {
      const last = words.at(-1);
      if (last !== undefined && Buffer.byteLength(last + character) <= 42) words[words.length - 1] = last + character;
      else words.push(character);
      return words;
    }, [])
    .map((word) => `=?UTF-8?B?${Buffer.from(word).toString('base64')}?=`)
    .join('\r\n ');

/** One message as RFC 5322 text: exactly one addressee. */
export const messageText = ({ to, subject, body }: OutgoingMessage): string =>
  [
    `To: ${to}`,
    `Subject: ${encodedWord(subject)}`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: base64',
    '',
    ...(Buffer.from(body.replaceAll(/\r?\n/g, '\r\n'))
      .toString('base64')
      .match(/.{1,76}/g) ?? []),
    '',
  ].join('\r\n');

/** The released messages in one mbox file (RFC 4155), a message for each addressee. */
export function mountMessages(app: PageApp, deps: Deps): void {
  page(app, 'GET', '/notice/:entry/messages.mbox', ['governance', 'storage', 'update'], async (p) => {
    const id = p.param('entry');
    const taken = isUuid(id) ? await takeMessages(deps, p.session.actor, { entryId: id }) : undefined;
    if (!taken?.ok) return p.problem('not-found');
    const text = taken.value.map((m) => `From governance Thu Jan  1 00:00:00 1970\r\n${messageText(m)}\r\n`).join('');
    return p.file(Buffer.from(text), { type: 'application/mbox', name: `${id}.mbox`, inline: false });
  });
}
