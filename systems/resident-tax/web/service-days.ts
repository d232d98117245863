import type { ActDeps } from '@musubi/kernel/db/act.ts';
import type { PageRequest } from '@musubi/kernel/pages/app.ts';
import { html, time } from '@musubi/kernel/pages/html.ts';
import { type Field, form, readForm } from '@musubi/kernel/pages/kit/form.ts';
import { sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import { type NoticesServed, noteServiceDays, type readServiceDay } from '../service/notices/service-days.ts';
import { refusalText } from './assessment-words.ts';

const fields: readonly Field[] = [
  { kind: 'date', name: 'servedOn', label: '送達日' },
  {
    kind: 'text',
    name: 'evidence',
    label: '根拠（差出しの記録、配達証明、受領書など）',
    maxLength: 200,
    width: 'full',
  },
];

type Served = Extract<Awaited<ReturnType<typeof readServiceDay>>, { ok: true }>['value'];

export const serviceText = (served: Served) =>
  served === undefined
    ? '送達の対象ではありません'
    : served.servedOn !== null
      ? time(Temporal.PlainDate.from(served.servedOn))
      : served.returned
        ? '返戻（送達していません）'
        : '記録がありません';

/** 送達日の記録, beneath a notice or a run. */
export const serviceForm = (action: string, session: PageRequest['session']) =>
  html`<section aria-labelledby="service">${sectionTitle('送達日の記録', 'Day of service', 'service')}<p>この日以後に初めて申告された上場株式等の所得は、その年度の賦課に算入しません（地方税法第313条第13項・第15項）。</p>${form(
    { action, session, fields, submit: '送達日を記録する' },
  )}</section>`;

export async function noteService(p: PageRequest, deps: ActDeps, of: NoticesServed, back: string) {
  const read = readForm(fields, p.form);
  if (!read.ok) return p.redirect(back, { kind: 'error', text: Object.values(read.error.errors).join('。') });
  const { servedOn = '', evidence = '' } = read.value.texts;
  const done = await noteServiceDays(deps, p.session.actor, {
    of,
    servedOn: Temporal.PlainDate.from(servedOn),
    evidence,
  });
  return p.redirect(
    back,
    done.ok
      ? { kind: 'done', text: `${done.value.noted}件の送達日を記録しました。` }
      : { kind: 'error', text: refusalText(done.error) },
  );
}
