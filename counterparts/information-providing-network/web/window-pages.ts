import { type PageApp, page } from '@musubi/kernel/pages/app.ts';
import { type Html, html, time } from '@musubi/kernel/pages/html.ts';
import { type Field, form, readForm } from '@musubi/kernel/pages/kit/form.ts';
import { badge } from '@musubi/kernel/pages/kit/marks.ts';
import type { PageSession } from '@musubi/kernel/pages/session.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { closeWindow, planWindow, showWindows } from '../service/windows.ts';

const system = 'information-providing-network';
const head = { title: '計画停止・障害', gloss: 'Maintenance windows and outages' };
const kinds = { planned: '計画停止', outage: '障害' } as const;
type Shown = Awaited<ReturnType<typeof windowsOf>>[number];
const windowsOf = async (deps: Deps, actor: Parameters<typeof showWindows>[1]) =>
  unwrap(await showWindows(deps, actor, null));

/** 計画停止・障害: what is closed and will be; registering one, and ending it before its time. */
export function addWindowPages(app: PageApp, deps: Deps): void {
  page(app, 'GET', '/maintenance', [system, 'maintenance', 'update'], async (p) => {
    const windows = await windowsOf(deps, p.session.actor);
    const now = deps.machineClock.now();
    return p.view(
      head,
      html`<div class="stack">${
        windows.length === 0
          ? html`<p class="muted">予定はありません。</p>`
          : html`<ul class="stack">${windows.map((w) => line(w, now, p.session))}</ul>`
      }${form({ action: '/maintenance', session: p.session, fields: windowFields(deps), submit: '停止を登録する' })}</div>`,
    );
  });

  page(app, 'POST', '/maintenance', [system, 'maintenance', 'update'], async (p) => {
    const fields = windowFields(deps);
    const again = (errors: Record<string, string>, values = {}) =>
      p.view(
        { ...head, hasErrors: true, status: 422 },
        form({ action: '/maintenance', session: p.session, fields, errors, values, submit: '停止を登録する' }),
      );
    const read = readForm(fields, p.form);
    if (!read.ok) return again({ ...read.error.errors }, read.error.values);
    const { from = '', until = '', provider, reason = '', kind } = read.value.texts;
    const fromAt = tokyoMoment(from);
    const untilAt = tokyoMoment(until);
    if (fromAt === undefined || untilAt === undefined)
      return again({ [fromAt === undefined ? 'from' : 'until']: '正しい日時を入力してください' }, read.value.texts);
    const planned = await planWindow(deps, p.session.actor, {
      provider: provider ?? null,
      kind: kind === 'outage' ? 'outage' : 'planned',
      fromAt,
      untilAt,
      reason,
    });
    if (planned.ok) return p.redirect('/maintenance', { kind: 'done', text: '登録しました。各団体に知らされます。' });
    if (planned.error === 'not-authorised') return p.problem('not-authorised');
    return again({ until: faults[planned.error] }, read.value.texts);
  });

  page(app, 'POST', '/maintenance/:window/end', [system, 'maintenance', 'update'], async (p) => {
    const closed = await closeWindow(deps, p.session.actor, { windowId: p.param('window') });
    if (closed.ok) return p.redirect('/maintenance', { kind: 'done', text: '終了を登録しました。' });
    return p.problem(closed.error);
  });
}

const line = (w: Shown, now: Temporal.Instant, session: PageSession): Html => {
  const from = Temporal.Instant.from(w.from);
  const isOpen = Temporal.Instant.compare(from, now) <= 0;
  return html`<li>${badge(kinds[w.kind], w.kind === 'outage' ? 'error' : 'info')} ${isOpen ? badge('停止中', 'warning') : ''} ${time(from)}～${time(Temporal.Instant.from(w.until))} ${w.provider ?? '全機関'}：${w.reason}${form(
    {
      action: `/maintenance/${w.windowId}/end`,
      session,
      fields: [],
      submit: isOpen ? '復旧した（終了する）' : '取りやめる',
    },
  )}</li>`;
};

const faults = {
  'provider-unknown': '登録された機関ではありません',
  'not-a-period': '終わりは始まりより後にしてください',
  'already-over': '終わりがすでに過ぎています',
} as const;

const momentPattern = /^[0-9]{4}-[0-9]{2}-[0-9]{2} ([01][0-9]|2[0-3]):[0-5][0-9]$/;
function tokyoMoment(text: string): Temporal.Instant | undefined {
  try {
    return Temporal.PlainDateTime.from(text.replace(' ', 'T')).toZonedDateTime('Asia/Tokyo').toInstant();
  } catch {
    return undefined;
  }
}

const windowFields = (deps: Deps): Field[] => [
  {
    kind: 'radio',
    name: 'kind',
    label: '種類',
    required: false,
    options: Object.entries(kinds).map(([value, label]) => ({ value, label })),
  },
  {
    kind: 'select',
    name: 'provider',
    label: '停止する機関',
    hint: '選ばないときは全機関',
    required: false,
    options: [...deps.bodies.keys()].map((id) => ({ value: id, label: id })),
  },
  ...(['from', 'until'] as const).map(
    (name): Field => ({
      kind: 'text',
      name,
      label: name === 'from' ? '始まり' : '終わり',
      hint: '例 2026-06-01 22:00',
      pattern: momentPattern,
      width: 'short',
    }),
  ),
  { kind: 'text', name: 'reason', label: '理由', maxLength: 200 },
];
