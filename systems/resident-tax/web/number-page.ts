import type { Right } from '@musubi/kernel/db/act.ts';
import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { html } from '@musubi/kernel/pages/html.ts';
import { type Field, type FormErrors, form, readForm } from '@musubi/kernel/pages/kit/form.ts';
import { notice } from '@musubi/kernel/pages/kit/marks.ts';
import type { Deps } from '../deps.ts';
import { type NumberReason, numberReasons, showNumber } from '../service/persons/show-number.ts';

export const numberRead: Right = ['resident-tax', 'individual-number', 'read'];
const fields: readonly Field[] = [
  {
    kind: 'radio',
    name: 'reason',
    label: '表示する理由',
    options: Object.entries(numberReasons).map(([value, label]) => ({ value, label })),
  },
  { kind: 'text', name: 'document', label: '書面・案件の番号', maxLength: 60 },
];

/** 個人番号の表示: the number is in the answer to the form alone, under no address and in no other page. */
export function registerNumberPage(app: PageApp, deps: Deps): void {
  const about = (personId: string) => ({
    title: '個人番号の表示',
    gloss: 'Show the Individual Number',
    breadcrumbs: [{ label: '個人の記録', href: `/persons/${personId}` }],
  });
  const asking = (p: PageRequest, personId: string, errors: FormErrors = {}) =>
    p.view(
      { ...about(personId), ...(Object.keys(errors).length > 0 ? { hasErrors: true, status: 422 as const } : {}) },
      html`<div class="stack"><p>表示すると、誰の番号をどの理由で見たかが操作記録に残ります。</p>${form({ action: `/persons/${personId}/number`, session: p.session, fields, errors, submit: '表示する' })}</div>`,
    );

  page(app, 'GET', '/persons/:personId/number', numberRead, (p) =>
    isUuid(p.param('personId')) ? asking(p, p.param('personId')) : p.problem('not-found'),
  );
  page(app, 'POST', '/persons/:personId/number', numberRead, async (p) => {
    const personId = p.param('personId');
    if (!isUuid(personId)) return p.problem('not-found');
    const read = readForm(fields, p.form);
    if (!read.ok) return asking(p, personId, read.error.errors);
    const { reason, document = '' } = read.value.texts;
    const shown = await showNumber(deps, p.session.actor, { personId, reason: reason as NumberReason, document });
    if (!shown.ok) return p.problem(shown.error === 'not-authorised' ? 'not-authorised' : 'not-found');
    const { name, digits } = shown.value;
    return p.view(
      about(personId),
      html`<div class="stack"><dl class="facts"><dt>氏名</dt><dd>${name}</dd><dt>個人番号</dt><dd>${digits.replaceAll(/(\d{4})(?=\d)/g, '$1 ')}</dd></dl>${notice('warning', '書き写したものも特定個人情報です', '用が済んだら画面を閉じてください。')}</div>`,
    );
  });
}
