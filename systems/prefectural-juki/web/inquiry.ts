import { changeReasons } from '@musubi/contracts/juki/codes.ts';
import type { InquiryAnswerItems, InquiryKey } from '@musubi/contracts/juki/inquiry.ts';
import {
  type ProvidedItem,
  permittedItems,
  providedItems,
  providedItemWords,
  type Task,
} from '@musubi/contracts/juki/tasks.ts';
import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { type Html, html, momentText } from '@musubi/kernel/pages/html.ts';
import { type Field, type FormErrors, type FormValues, form, readForm } from '@musubi/kernel/pages/kit/form.ts';
import { facts, notice } from '@musubi/kernel/pages/kit/marks.ts';
import type { Answered, InquiryRefusal } from '../service/answer-inquiry.ts';
import { type InquiryDeps, inquire } from '../service/inquiry.ts';
import { printAnswer } from '../service/provisions.ts';
import { ownTasks } from '../service/tasks.ts';

export const inquiryRight = ['prefectural-juki', 'inquiry', 'read'] as const;
const title = { title: '照会', gloss: 'Inquiry for a registered task' };
const sexes: Readonly<Record<string, string>> = { male: '男', female: '女', other: 'その他' };
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const refusals: Readonly<Record<InquiryRefusal | 'inquiry-repeated' | 'not-authorised', string>> = {
  'no-active-task': 'この事務で照会することはできません。登録・許可・期間・担当を確かめてください。',
  'former-ordinance-route': '区市町村の執行機関への提供は廃止されています。',
  'purpose-missing': '事務と受付・文書番号を入力してください。',
  'key-not-allowed': 'この事務では、個人番号または住民票コードによる照会はできません。',
  'items-not-allowed': '求められた項目は、この事務では提供できません。',
  'too-few-items': '4情報による照会には、氏名（または振り仮名）、生年月日、住所が必要です。',
  'wrong-key': '住民票コードまたは個人番号の検査数字が合いません。',
  'use-entry-needed': '個人番号を扱う照会には、承認された使用簿の番号が必要です。',
  'use-entry-spent': 'この使用簿は、期間または人数を使い切ったか、閉じられています。',
  'national-unavailable': '全国サーバに照会できません。時間をおいて、もう一度照会してください。',
  'inquiry-repeated': 'この照会は既に受け付けています。',
  'not-authorised': 'この照会を行う権限がありません。',
};

const fieldsFor = (tasks: readonly Task[], selected: boolean): Field[] => [
  {
    kind: 'select',
    name: 'task',
    label: '事務',
    hint: '登録され、あなたが担当する事務',
    options: tasks.map((t) => ({ value: t.code, label: `${t.code} ${t.name}（${t.recipient.name}）` })),
  },
  { kind: 'text', name: 'document', label: '受付・文書番号', maxLength: 60 },
  ...(selected ? [] : keyFields),
  {
    kind: 'checks',
    name: 'items',
    label: '求める項目',
    hint: '選ばないときは、個人番号を除き、事務に登録された項目',
    required: false,
    options: providedItemWords.map((item) => ({ value: item, label: providedItems[item] })),
  },
  { kind: 'text', name: 'use', label: '使用簿の番号', hint: '個人番号を扱うとき', required: false, maxLength: 36 },
];
const keyFields: readonly Field[] = [
  {
    kind: 'radio',
    name: 'key',
    label: '照会のキー',
    options: [
      { value: 'four-items', label: '4情報（氏名・生年月日・住所）' },
      { value: 'code', label: '住民票コード' },
      { value: 'number', label: '個人番号' },
    ],
  },
  { kind: 'secret', name: 'code', label: '住民票コードまたは個人番号', required: false, maxLength: 12 },
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
  { kind: 'text', name: 'address', label: '住所', required: false, maxLength: 200 },
];

type Texts = Readonly<Record<string, string>>;
function keyOf({ key, code = '', ...texts }: Texts): InquiryKey | undefined {
  const { name, nameKana, birthDate, sex, address } = texts;
  const stated = {
    ...(name && { name }),
    ...(nameKana && { nameKana }),
    ...(birthDate && { birthDate }),
    ...(sex && { sex: sex as 'male' | 'female' | 'other' }),
    ...(address && { address }),
  };
  const digits = code.normalize('NFKC').replaceAll(/[\s-]/g, '');
  if (key === 'code')
    return /^[0-9]{11}$/.test(digits) ? { kind: 'code', residentRecordCode: digits, ...stated } : undefined;
  if (key === 'number')
    return /^[0-9]{12}$/.test(digits) ? { kind: 'number', individualNumber: digits, ...stated } : undefined;
  return { kind: 'four-items', ...stated };
}

/** 業務端末の照会: from the list of a search or by key, the answer once on the screen, a print only with its record. */
export function addInquiryPages(app: PageApp, deps: InquiryDeps): void {
  page(app, 'GET', '/inquiry', inquiryRight, async (p) => {
    const person = p.query.get('person') ?? '';
    return ask(p, deps, uuid.test(person) ? person : undefined, {}, {});
  });
  page(app, 'POST', '/inquiry', inquiryRight, async (p) => {
    const person = p.form.get('person');
    const selected = typeof person === 'string' && uuid.test(person) ? person : undefined;
    const given = p.form.get('inquiry');
    const inquiryId = typeof given === 'string' && uuid.test(given) ? given : deps.newId();
    const tasks = await tasksOf(p, deps);
    const read = readForm(fieldsFor(tasks, selected !== undefined), p.form);
    if (!read.ok) return ask(p, deps, selected, read.error.values, read.error.errors);
    const { texts, lists } = read.value;
    const key = selected === undefined ? keyOf(texts) : ({ kind: 'selected', personId: selected } as const);
    const again = (word: keyof typeof refusals) =>
      ask(p, deps, selected, { ...texts, ...lists }, { '': refusals[word] });
    if (key === undefined) return again('wrong-key');
    const task = tasks.find((t) => t.code === texts.task);
    const asked = (lists.items ?? []) as readonly ProvidedItem[];
    const usual = task ? permittedItems(task).filter((item) => item !== 'individualNumber') : [];
    const answered = await inquire(deps, p.session.actor, {
      inquiryId,
      taskCode: texts.task ?? '',
      document: texts.document ?? '',
      operator: '',
      key,
      items: asked.length > 0 ? asked : usual.length > 0 ? usual : null,
      useEntryId: texts.use && uuid.test(texts.use) ? texts.use : null,
    });
    if (!answered.ok) return again(answered.error);
    if (answered.value.kind === 'refused') return again(answered.value.refusal);
    return p.view(
      { title: '照会の結果', gloss: 'Answer', personal: true, breadcrumbs: [{ label: '照会', href: '/inquiry' }] },
      answerOf(p, answered.value),
    );
  });
  page(app, 'POST', '/inquiry/print/:provisionId', inquiryRight, async (p) => {
    const provisionId = p.param('provisionId');
    const printed = uuid.test(provisionId) ? await printAnswer(deps, p.session.actor, { provisionId }) : undefined;
    if (!printed?.ok) return p.problem('not-found');
    const { printId, line, items } = printed.value;
    return p.view(
      {
        title: '照会の結果（印刷）',
        gloss: 'Answer, for print',
        personal: { printRecord: printId },
        breadcrumbs: [{ label: '照会', href: '/inquiry' }],
      },
      html`<div class="stack">${notice('info', 'この印刷は記録されました', `印刷記録番号 ${printId}。個人番号は印刷されません。`)}
${itemFacts(items)}
${facts([
  { label: '事務', value: `${line.taskCode ?? ''} ${line.taskName ?? ''}` },
  { label: '受付・文書番号', value: line.document },
  { label: '根拠', value: line.ground },
  { label: '提供の日時', value: momentText(line.providedAt) },
  { label: '操作者', value: line.operatorId },
])}</div>`,
    );
  });
}

async function tasksOf(p: PageRequest, deps: InquiryDeps): Promise<readonly Task[]> {
  const found = await ownTasks(deps, p.session.actor, undefined);
  return found.ok ? found.value : [];
}

async function ask(
  p: PageRequest,
  deps: InquiryDeps,
  person: string | undefined,
  values: FormValues,
  errors: FormErrors,
): Promise<Response> {
  const hasErrors = Object.keys(errors).length > 0;
  const tasks = await tasksOf(p, deps);
  const view = { ...title, hasErrors, ...(hasErrors ? { status: 422 } : {}) };
  if (tasks.length === 0)
    return p.view(
      view,
      notice('info', '担当する有効な事務がありません', '照会するには、事務の登録と許可、担当者の指定が必要です。'),
    );
  const first = tasks.length === 1 ? { task: tasks[0]!.code } : {};
  return p.view(
    view,
    html`<div class="stack">${person !== undefined && notice('info', '検索結果から選んだ方について照会します', '提供の記録に残ります。')}
${form({
  action: '/inquiry',
  session: p.session,
  fields: fieldsFor(tasks, person !== undefined),
  values: { key: 'four-items', ...first, ...values },
  errors,
  submit: '照会する',
  // A form that is sent twice is one inquiry.
  hidden: { inquiry: deps.newId(), ...(person === undefined ? {} : { person }) },
})}</div>`,
  );
}

function answerOf(p: PageRequest, answer: Exclude<Answered, { kind: 'refused' }>): Html {
  if (answer.kind === 'not-identified')
    return html`<div class="stack">${notice('warning', '特定できません', '条件に合う一人の方を特定できませんでした。照会したことは記録されました。')}<p><a href="/inquiry">続けて照会する</a></p></div>`;
  const { source, items, withheld, provisionId } = answer;
  return html`<div class="stack">${notice('done', '照会に回答がありました', source === 'national' ? '全国サーバの回答です。都の保存には残りません。' : '都の保存する本人確認情報です。')}
${itemFacts(items)}
${withheld.length > 0 && notice('info', '提供できない項目', withheld.map((item) => providedItems[item]).join('、'))}
<div class="row">${
    source === 'prefecture' &&
    form({ action: `/inquiry/print/${provisionId}`, session: p.session, fields: [], submit: '記録して印刷する' })
  }<a class="button button-quiet" href="/inquiry">続けて照会する</a></div></div>`;
}

const itemFacts = (items: InquiryAnswerItems): Html =>
  facts(
    providedItemWords.flatMap((item) => {
      const value = items[item];
      return value === undefined ? [] : [{ label: providedItems[item], value: wordOf(item, value) }];
    }),
  );
function wordOf(item: ProvidedItem, value: string): string {
  if (item === 'sex') return sexes[value] ?? value;
  if (item === 'changeReason') return changeReasons[value as keyof typeof changeReasons] ?? value;
  return value;
}
