import { recordStates } from '@musubi/contracts/fuhyo/codes.ts';
import type { InquiryAnswer } from '@musubi/contracts/fuhyo/inquiry.ts';
import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, page } from '@musubi/kernel/pages/app.ts';
import { html, momentText } from '@musubi/kernel/pages/html.ts';
import { type Field, type FormErrors, type FormValues, form, readForm } from '@musubi/kernel/pages/kit/form.ts';
import { badge, facts, notice, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import type { PageSession } from '@musubi/kernel/pages/session.ts';
import type { Deps } from '../deps.ts';
import { confirmNumberAtTerminal, giveNumberAtTerminal } from '../service/number-keeping.ts';
import { inquireAtTerminal, terminalTasks } from '../service/terminal-inquiry.ts';
import { refusalTexts, sexes, sexText, stateTone } from './words.ts';

const right = ['fuhyo-link', 'terminal-inquiry', 'update'] as const;
const title = { title: '照会', gloss: 'Inquiry for emigrant work' };

const fieldsOf = (deps: Deps): readonly Field[] => [
  {
    kind: 'select',
    name: 'task',
    label: '事務',
    hint: '国外転出者に係る、登録された事務だけが選べます',
    options: terminalTasks(deps).map((t) => ({ value: t.task, label: t.name })),
  },
  { kind: 'text', name: 'requester', label: '照会する部署・機関', maxLength: 100 },
  { kind: 'text', name: 'document', label: '受付・文書番号', maxLength: 60 },
  {
    kind: 'text',
    name: 'residentRecordCode',
    label: '住民票コード',
    hint: '分かるときはこれだけで照会します。個人番号では照会できません',
    required: false,
    pattern: /^[0-9]{11}$/,
    patternFault: '住民票コードは11桁の数字です',
    width: 'short',
  },
  { kind: 'text', name: 'name', label: '氏名', required: false, maxLength: 100 },
  { kind: 'text', name: 'nameKana', label: '振り仮名', required: false, maxLength: 100 },
  { kind: 'date', name: 'birthDate', label: '生年月日', required: false },
  {
    kind: 'select',
    name: 'sex',
    label: '性別',
    required: false,
    options: Object.entries(sexes).map(([value, label]) => ({ value, label })),
  },
  { kind: 'text', name: 'address', label: '住所または最終住所', required: false, maxLength: 200 },
  {
    kind: 'checks',
    name: 'wants',
    label: '併せて求める項目',
    required: false,
    options: [
      { value: 'number', label: '個人番号', hint: '番号利用法の根拠のある事務で、国外転出者に限ります' },
      { value: 'code', label: '住民票コード', hint: '経過措置の登録された事務に限ります' },
    ],
  },
];

/** 照会 at the shared terminal: form, answer, and the number only on a further step that is a provision of its own. */
export function addInquiryPages(app: PageApp, deps: Deps): void {
  const inquiryForm = (session: PageSession, hidden: Readonly<Record<string, string>>, more = {}) =>
    form({ action: '/inquiry', session, fields: fieldsOf(deps), hidden, submit: '照会する', ...more });
  const freshHidden = () => ({
    inquiryId: deps.newId(),
    at: deps.machineClock.now().toString({ fractionalSecondDigits: 3 }),
  });
  page(app, 'GET', '/inquiry', right, (p) => p.view(title, inquiryForm(p.session, freshHidden())));
  page(app, 'POST', '/inquiry', right, async (p) => {
    const inquiryId = String(p.form.get('inquiryId') ?? '');
    const at = String(p.form.get('at') ?? '');
    if (!isUuid(inquiryId) || !/^[0-9T:.-]+Z$/.test(at)) return p.problem('not-found');
    const again = (errors: FormErrors, values: FormValues) =>
      p.view({ ...title, hasErrors: true, status: 422 }, inquiryForm(p.session, freshHidden(), { errors, values }));
    const read = readForm(fieldsOf(deps), p.form);
    if (!read.ok) return again(read.error.errors, read.error.values);
    const { texts, lists } = read.value;
    const { task = '', requester = '', document = '', residentRecordCode, ...items } = texts;
    const wants = lists.wants ?? [];
    const sex = items.sex as 'male' | 'female' | 'other' | undefined;
    const answered = await inquireAtTerminal(deps, p.session.actor, {
      inquiryId,
      at,
      task,
      requester,
      document,
      key: residentRecordCode === undefined ? definedOnly({ ...items, sex }) : { residentRecordCode },
      wantsNumber: wants.includes('number'),
      wantsCode: wants.includes('code'),
    });
    if (!answered.ok) return again({ '': refusalTexts[answered.error] ?? answered.error }, { ...texts, wants });
    return p.view(
      { title: '照会の結果', gloss: 'Answer to the inquiry', personal: true },
      answerOf(p.session, answered.value),
    );
  });
  page(app, 'POST', '/inquiries/:id/number', right, async (p) => {
    const inquiryId = p.param('id');
    if (!isUuid(inquiryId)) return p.problem('not-found');
    const given = await giveNumberAtTerminal(deps, p.session.actor, {
      inquiryId,
      asker: deps.self,
      method: 'terminal',
    });
    const handed = { title: '個人番号の引渡し', gloss: 'Number handed over' };
    if (!given.ok)
      return p.view(
        { ...handed, hasErrors: true, status: 409 },
        html`${notice('error', refusalTexts[given.error] ?? given.error)}${backLink}`,
      );
    const { number, keptUntil } = given.value;
    return p.view(
      { ...handed, personal: true },
      html`${notice('warning', '書き写した後、受領を確認してください。確認すると番号は直ちに消去されます。')}
${facts([
  { label: '個人番号', value: number.digits().replaceAll(/(\d{4})(?=\d)/g, '$1 ') },
  { label: '確認のないときの期限', value: momentText(keptUntil) },
])}
${stepForm(p.session, `/inquiries/${inquiryId}/receipt`, '受領を確認し、番号を消去する')}`,
    );
  });
  page(app, 'POST', '/inquiries/:id/receipt', right, async (p) => {
    const inquiryId = p.param('id');
    if (!isUuid(inquiryId)) return p.problem('not-found');
    const command = { inquiryId, asker: deps.self, method: 'terminal' } as const;
    const confirmed = await confirmNumberAtTerminal(deps, p.session.actor, command);
    if (!confirmed.ok) return p.problem('not-found');
    return p.redirect('/inquiry', { kind: 'done', text: '受領を確認し、個人番号を消去しました。' });
  });
}

/** Only what was typed: the schema knows no empty items. */
const definedOnly = <T extends object>(items: T): { [K in keyof T]?: NonNullable<T[K]> } =>
  Object.fromEntries(Object.entries(items).filter(([, value]) => value !== undefined)) as never;

const backLink = html`<p><a class="button button-quiet" href="/inquiry">照会に戻る</a></p>`;

const stepForm = (session: PageSession, action: string, submit: string) =>
  form({ action, session, fields: [], submit });

function answerOf(session: PageSession, answer: InquiryAnswer) {
  const { record, inquiryId } = answer;
  if (!record)
    return html`${notice('info', '該当する方を特定できませんでした。', html`<p>該当がないか、条件に合う方が二人以上います。照会は記録されました。</p>`)}${backLink}`;
  const withheld = [
    ...(answer.withheld.includes('individualNumber') ? ['個人番号'] : []),
    ...(answer.withheld.includes('residentRecordCode') ? ['住民票コード'] : []),
  ];
  return html`<div class="stack">${sectionTitle('附票本人確認情報', 'Supplement')}${facts([
    { label: '状態', value: badge(recordStates[record.recordState], stateTone(record.recordState)) },
    { label: '氏名', value: record.name },
    { label: '振り仮名', value: record.nameKana },
    { label: '生年月日', value: record.birthDate },
    { label: '性別', value: sexText(record.sex) },
    { label: '住所', value: record.address },
    { label: '最終住所', value: record.lastAddress ?? '' },
    ...(record.residentRecordCode === null ? [] : [{ label: '住民票コード', value: record.residentRecordCode }]),
  ])}${
    withheld.length > 0 &&
    notice(
      'warning',
      `提供されない項目: ${withheld.join('、')}`,
      html`<p>事務に根拠がないか、国外転出者でないか、都道府県サーバが断りました。</p>`,
    )
  }${
    answer.number === 'later' &&
    (answer.keptUntil === null
      ? notice('info', '個人番号は都道府県サーバから届きます。', html`<p>届いた後に引き渡せます。</p>`)
      : notice(
          'info',
          '個人番号を一時保存しました。',
          html`<p>期限は ${momentText(Temporal.Instant.from(answer.keptUntil))} です。</p>`,
        ))
  }${answer.number === 'later' && stepForm(session, `/inquiries/${inquiryId}/number`, '個人番号を表示する')}${backLink}</div>`;
}
