import type { ActDeps } from '@musubi/kernel/db/act.ts';
import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { html } from '@musubi/kernel/pages/html.ts';
import { type Field, type FormErrors, form, readForm } from '@musubi/kernel/pages/kit/form.ts';
import { notice } from '@musubi/kernel/pages/kit/marks.ts';
import type { RecordSection } from '@musubi/kernel/pages/kit/record-page.ts';
import { noticeUpdate } from '../service/assessment/functions.ts';
import { type Deceased, noteRepresentative, readDeceased, representativeBases } from '../service/persons/heirs.ts';
import { refusalText } from './assessment-words.ts';

const fields: readonly Field[] = [
  { kind: 'text', name: 'name', label: '相続人代表者の氏名', maxLength: 60 },
  {
    kind: 'text',
    name: 'postalCode',
    label: '郵便番号（7桁）',
    maxLength: 7,
    width: 'short',
    pattern: /^[0-9]{7}$/,
    patternFault: '数字7桁で入力してください',
  },
  { kind: 'text', name: 'address', label: '住所', maxLength: 120, width: 'full' },
  {
    kind: 'radio',
    name: 'basis',
    label: '根拠',
    options: Object.entries(representativeBases).map(([value, label]) => ({ value, label })),
  },
  { kind: 'text', name: 'evidence', label: '確認した書類', maxLength: 200, width: 'full' },
];

/** 相続人代表者 on the page of a person who died. */
export const heirSection = (personId: string, dead: Deceased, mayNote: boolean): RecordSection => ({
  title: '相続人代表者',
  gloss: 'Who receives papers for the heirs',
  ...(dead.representative === null
    ? {
        body: html`${notice('warning', '相続人代表者が登録されていません', '登録されるまで、この人の通知書は作られません。')}${mayNote && html`<p><a class="button" href="/persons/${personId}/heirs">相続人代表者を登録する</a></p>`}`,
      }
    : {
        facts: [
          { label: '氏名', value: dead.representative.name },
          { label: '住所', value: `〒${dead.representative.postalCode} ${dead.representative.address}` },
          {
            label: '根拠',
            value: `${representativeBases[dead.representative.basis]}（${dead.representative.evidence}、${dead.representative.notedOn}）`,
          },
          ...(mayNote
            ? [{ label: '変更', value: html`<a href="/persons/${personId}/heirs">相続人代表者を変更する</a>` }]
            : []),
        ],
      }),
});

export function registerHeirPages(app: PageApp, deps: ActDeps): void {
  const asking = async (p: PageRequest, errors: FormErrors = {}, refused?: string) => {
    const personId = p.param('personId');
    if (!isUuid(personId)) return p.problem('not-found');
    const read = await readDeceased(deps, p.session.actor, { personId });
    if (!read.ok) return p.problem('not-authorised');
    if (read.value === undefined) return p.problem('not-found');
    const faulty = refused !== undefined || Object.keys(errors).length > 0;
    return p.view(
      {
        title: '相続人代表者の登録',
        gloss: 'Note who receives papers for the heirs',
        breadcrumbs: [{ label: '個人の記録', href: `/persons/${personId}` }],
        ...(faulty ? { hasErrors: true, status: 422 as const } : {}),
      },
      html`<div class="stack">${refused !== undefined && notice('error', refused)}<p>以後、この人の税の通知書は相続人代表者あてに作られます（地方税法第9条の2）。</p>${form(
        {
          action: `/persons/${personId}/heirs`,
          session: p.session,
          fields,
          errors,
          values: Object.fromEntries(
            fields.map(({ name }) => [
              name,
              faulty
                ? `${p.form.get(name) ?? ''}`
                : `${read.value?.representative?.[name as 'name' | 'postalCode' | 'address' | 'basis'] ?? ''}`,
            ]),
          ),
          hidden: { seen: `${read.value.representative?.version ?? 0}` },
          submit: '登録する',
        },
      )}</div>`,
    );
  };

  page(app, 'GET', '/persons/:personId/heirs', noticeUpdate, (p) => asking(p));
  page(app, 'POST', '/persons/:personId/heirs', noticeUpdate, async (p) => {
    const personId = p.param('personId');
    if (!isUuid(personId)) return p.problem('not-found');
    const read = readForm(fields, p.form);
    if (!read.ok) return asking(p, read.error.errors);
    const { name = '', postalCode = '', address = '', basis, evidence = '' } = read.value.texts;
    const done = await noteRepresentative(deps, p.session.actor, {
      personId,
      name,
      postalCode,
      address,
      basis: basis === 'designated' ? 'designated' : 'told-by-heirs',
      evidence,
      seenVersion: Number(p.form.get('seen')),
    });
    if (!done.ok) return asking(p, {}, refusalText(done.error));
    return p.redirect(`/persons/${personId}`, { kind: 'done', text: '相続人代表者を登録しました。' });
  });
}
