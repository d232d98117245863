import type { ActDeps } from '../db/act.ts';
import { isUuid } from '../ids/uuid.ts';
import type { NavEntry, PageApp, PageRequest } from '../pages/app.ts';
import { type Html, html, time } from '../pages/html.ts';
import { type Field, form, readForm } from '../pages/kit/form.ts';
import { badge, notice, type Tone } from '../pages/kit/marks.ts';
import { recordPage } from '../pages/kit/record-page.ts';
import { readListQuery, type WorkListDefinition, workList } from '../pages/kit/work-list.ts';
import { type MediaUseCases, mediaUseCases } from './acts.ts';
import type { MediaDeps } from './media.ts';
import { type MediumKind, type MediumState, mediumKinds, mediumStates, mediumSteps } from './medium.ts';
import { addKeyPages } from './pages-keys.ts';
import { addLendingPages } from './pages-lending.ts';
import { addPaperPages } from './pages-papers.ts';
import { sections, textField, type Wrong } from './pages-parts.ts';
import { addStockPages } from './pages-stock.ts';
import { refusalText } from './pages-words.ts';
import type { MediaPrinter } from './print.ts';
import type { MediumLine, RegisterLine } from './register.ts';
import { spacedPage } from './spaced-page.ts';

export interface MediaPages {
  /** First word of the system's rights; they are ['media', read | update] and ['media-approval', 'update']. */
  readonly system: string;
  /** Name of the office on printed papers. */
  readonly office: string;
  readonly printer: MediaPrinter;
  /** Offices that media may be lent to, for the form; without it any name can be typed. */
  readonly departments?: (p: PageRequest) => Promise<readonly string[]>;
}

export const mediaNav = (system: string): readonly NavEntry[] => [
  { label: '媒体', href: '/media', right: [system, 'media', 'read'] },
];

const tones: Readonly<Record<MediumState, Tone>> = {
  'in-store': 'done',
  lent: 'info',
  loaded: 'info',
  written: 'warning',
  'handed-over': 'warning',
  received: 'info',
  erased: 'info',
  'to-erase': 'warning',
  missing: 'error',
  destroyed: 'plain',
};

const list: WorkListDefinition<RegisterLine> = {
  caption: '磁気ディスク管理簿',
  filters: [
    {
      kind: 'select',
      name: 'state',
      label: '状態',
      options: Object.entries(mediumStates).map(([value, label]) => ({ value, label })),
    },
    { kind: 'select', name: 'late', label: '期限', options: [{ value: 'yes', label: '期限超過・未消去だけ' }] },
  ],
  columns: [
    {
      key: 'serial',
      label: '番号',
      heading: true,
      cell: (m) => html`<a href="/media/medium/${m.serial}">${m.serial}</a>`,
    },
    { key: 'kind', label: '種類', cell: (m) => mediumKinds[m.kind] },
    {
      key: 'state',
      label: '状態',
      cell: (m) => html`${badge(mediumStates[m.state], tones[m.state])} ${m.overdue && badge('期限超過', 'error')}`,
    },
    { key: 'place', label: '場所', cell: (m) => m.place },
    { key: 'department', label: '貸出先', cell: (m) => m.department },
    { key: 'due', label: '返却期限', cell: (m) => m.dueOn && time(m.dueOn) },
  ],
  defaultSort: { key: 'serial', direction: 'asc' },
  emptyText: '登録された媒体はありません。',
};

const newFields: readonly Field[] = [
  {
    kind: 'text',
    name: 'serial',
    label: '媒体番号',
    hint: '媒体に記した番号。半角英大文字・数字・ハイフン',
    maxLength: 40,
  },
  {
    kind: 'radio',
    name: 'kind',
    label: '種類',
    options: Object.entries(mediumKinds).map(([value, label]) => ({ value, label })),
  },
  { kind: 'text', name: 'place', label: '保管場所', maxLength: 60 },
];

interface StepForm {
  readonly title: string;
  readonly fields: readonly Field[];
  readonly submit: string;
  readonly danger?: boolean;
}
/** What a clerk can enter about a medium, by the last part of the address. */
const stepForms = {
  'hand-over': {
    title: '引渡しの記録',
    fields: [textField('handedTo', '引渡しの相手（職員番号）')],
    submit: '引渡しを記録する',
  },
  receipt: {
    title: '受領確認の記録',
    fields: [
      textField('receivedBy', '受領した者（職員番号）'),
      textField('confirmation', '受領書の番号', '書面で受け取ったもの'),
      textField('records', '受領側が数えた件数'),
      {
        kind: 'text',
        name: 'totals',
        label: '受領側の合計',
        hint: '送付票に合計があるとき。例　given=120',
        required: false,
        maxLength: 200,
      },
    ],
    submit: '受領を記録する',
  },
  erase: {
    title: '消去の記録',
    fields: [
      textField('erasedBy', '消去した者'),
      textField('method', '消去の方法'),
      textField('certificate', '消去報告の番号'),
    ],
    submit: '消去を記録する',
  },
  return: {
    title: '返却・回収の記録',
    fields: [
      {
        kind: 'radio',
        name: 'how',
        label: '区分',
        options: [
          { value: 'returned', label: '返却' },
          { value: 'collected', label: '回収' },
        ],
      },
      textField('returnedBy', '返した者'),
      textField('place', '保管場所'),
    ],
    submit: '返却を記録する',
  },
  move: {
    title: '保管場所・所在の記録',
    fields: [
      {
        kind: 'radio',
        name: 'step',
        label: '区分',
        options: [
          { value: 'moved', label: '保管場所の変更' },
          { value: 'missing', label: '所在不明' },
          { value: 'found', label: '発見' },
        ],
      },
      textField('place', '場所'),
      textField('reason', '理由'),
    ],
    submit: '記録する',
  },
  destroy: {
    title: '廃棄の記録',
    fields: [
      textField('instruction', '廃棄の指示（文書番号）'),
      textField('reason', '理由'),
      textField('method', '方法'),
      textField('person', '実施した者'),
      textField('witness', '立会人'),
      textField('certificate', '廃棄証明・記録の番号'),
    ],
    submit: '廃棄を記録する',
    danger: true,
  },
} as const satisfies Record<string, StepForm>;
type StepName = keyof typeof stepForms;

/** Which of them a state allows. */
const stepsIn: Readonly<Record<MediumState, readonly StepName[]>> = {
  'in-store': ['move', 'destroy'],
  lent: ['return', 'move'],
  loaded: ['erase', 'return', 'move'],
  written: ['hand-over', 'erase', 'move'],
  'handed-over': ['receipt', 'move'],
  received: ['erase', 'return', 'move'],
  erased: ['return', 'move'],
  'to-erase': ['erase', 'destroy', 'move'],
  missing: ['move'],
  destroyed: [],
};

/** Mounts the media office under /media: register, one medium, lendings, keys, stock-taking, papers, slips and ledgers as PDF. */
export function addMediaPages(app: PageApp, deps: ActDeps & MediaDeps, options: MediaPages): void {
  const uses = mediaUseCases(options.system);
  addRegisterPages(app, deps, uses, options);
  addMediumPages(app, deps, uses, options);
  addLendingPages(app, deps, uses, options);
  addKeyPages(app, deps, uses);
  addStockPages(app, deps, uses, options);
  addPaperPages(app, deps, uses);
}

function addRegisterPages(app: PageApp, deps: ActDeps & MediaDeps, uses: MediaUseCases, options: MediaPages): void {
  spacedPage(app, 'GET', '/media', uses.read, async (p) => {
    const query = readListQuery(list, p.query);
    const found = await uses.list(deps, p.session.actor, {
      state: (query.filters.state as MediumState) ?? null,
      onlyOverdue: query.filters.late === 'yes',
      offset: query.offset,
      limit: query.size,
    });
    if (!found.ok) return p.problem('not-authorised');
    const weeks = await uses.weeks(deps, p.session.actor, { limit: 12 });
    const missed = weeks.ok ? weeks.value.filter((w) => w.state === 'missed') : [];
    const mayUpdate = await p.may(uses.update);
    return p.view(
      { title: '媒体', gloss: 'Register of media' },
      html`${sections('/media')}
${found.value.overdue > 0 && notice('error', `返却または消去の期限を過ぎた媒体が ${found.value.overdue} 枚あります`, html`<a href="/media?late=yes">期限を過ぎた媒体を見る</a>`)}
${missed.length > 0 && notice('warning', `在庫照合のない週が ${missed.length} 週あります`, html`<a href="/media/stock-taking">在庫照合へ</a>`)}
<p class="row">${mayUpdate && html`<a class="button button-primary" href="/media/new">媒体を登録する</a>`}<a class="button" href="/media/ledger.pdf">管理簿を印刷する（PDF）</a></p>
${workList(list, { path: '/media', query, ...found.value })}`,
    );
  });
  spacedPage(app, 'GET', '/media/ledger.pdf', uses.read, async (p) => {
    const found = await uses.list(deps, p.session.actor, { state: null, onlyOverdue: false, offset: 0, limit: 5_000 });
    if (!found.ok) return p.problem('not-authorised');
    const on = deps.civilClock.today();
    const pdf = await options.printer.ledger(found.value.rows, {
      office: options.office,
      on,
      at: deps.machineClock.now(),
    });
    return p.file(pdf, { type: 'application/pdf', name: `media-ledger-${on}.pdf`, inline: true });
  });
  const newTitle = { title: '媒体を登録する', gloss: 'Register a medium' };
  const newForm = (p: PageRequest, again: Partial<Wrong> = {}) =>
    form({
      action: '/media/new',
      session: p.session,
      fields: newFields,
      submit: '登録する',
      cancelHref: '/media',
      ...again,
    });
  spacedPage(app, 'GET', '/media/new', uses.update, (p) => p.view(newTitle, newForm(p)));
  spacedPage(app, 'POST', '/media/new', uses.update, async (p) => {
    const read = readForm(newFields, p.form);
    if (!read.ok) return p.view({ ...newTitle, hasErrors: true, status: 422 }, newForm(p, read.error));
    const { serial = '', kind = '', place = '' } = read.value.texts;
    const done = await uses.register(deps, p.session.actor, { serial, kind: kind as MediumKind, place });
    if (done.ok) return p.redirect(`/media/medium/${serial}`, { kind: 'done', text: '媒体を登録しました。' });
    return p.view(
      { ...newTitle, hasErrors: true, status: 422 },
      newForm(p, { errors: { serial: refusalText(done.error) }, values: read.value.texts }),
    );
  });
}

const detailWords: Readonly<Record<string, string>> = {
  document: '文書',
  handedTo: '相手',
  receivedBy: '受領者',
  confirmation: '受領書',
  erasedBy: '消去した者',
  method: '方法',
  certificate: '証明',
  returnedBy: '返した者',
  reason: '理由',
  instruction: '指示',
  person: '実施者',
  witness: '立会人',
  records: '件数',
};
const detailText = (line: MediumLine): string =>
  Object.entries(line.detail)
    .flatMap(([key, value]) => (detailWords[key] ? [`${detailWords[key]}：${value}`] : []))
    .join('、');

function addMediumPages(app: PageApp, deps: ActDeps & MediaDeps, uses: MediaUseCases, options: MediaPages): void {
  const show = async (p: PageRequest, wrong?: Wrong & { readonly step: StepName }) => {
    const found = await uses.show(deps, p.session.actor, { serial: p.param('serial') });
    if (!found.ok) return p.problem('not-authorised');
    if (!found.value) return p.problem('not-found');
    const { medium, lines, handOverId } = found.value;
    const steps = (await p.may(uses.update)) ? stepsIn[medium.state] : [];
    return p.view(
      {
        title: `媒体 ${medium.serial}`,
        gloss: 'A medium and its history',
        ...(wrong ? { hasErrors: true, status: 422 } : {}),
      },
      html`${sections('')}
${recordPage({
  sections: [
    {
      title: '現在',
      gloss: 'Now',
      facts: [
        { label: '状態', value: badge(mediumStates[medium.state], tones[medium.state]) },
        { label: '種類', value: mediumKinds[medium.kind] },
        { label: '場所', value: medium.place },
        { label: '貸出先', value: medium.department },
        { label: '目的', value: medium.purpose },
        { label: '返却期限', value: medium.dueOn && time(medium.dueOn) },
        { label: '送付票', value: handOverId && html`<a href="/media/slips/${handOverId}">送付票（PDF）</a>` },
      ],
    },
  ],
  history: lines.map((line) => ({
    recordedAt: line.at,
    validFrom: line.on,
    what: `${mediumSteps[line.step]}　${line.place}`,
    reason: detailText(line),
    who: line.by,
  })),
})}
${medium.state === 'in-store' && medium.kind === 'designated-dvd-rw' && steps.length > 0 && html`<p><a class="button button-primary" href="/media/medium/${medium.serial}/lend">貸出しを申請する</a></p>`}
${steps.map((name) => stepSection(p, medium.serial, name, wrong?.step === name ? wrong : undefined))}`,
    );
  };
  spacedPage(app, 'GET', '/media/medium/:serial', uses.read, (p) => show(p));
  for (const name of Object.keys(stepForms) as StepName[])
    spacedPage(app, 'POST', `/media/medium/:serial/${name}`, uses.update, async (p) => {
      const read = readForm(prefixed(name), p.form);
      if (!read.ok) return show(p, { step: name, errors: read.error.errors, values: read.error.values });
      const texts = Object.fromEntries(
        Object.entries(read.value.texts).map(([key, value]) => [key.slice(name.length + 1), value]),
      );
      const refused = await takeStep(deps, uses, p, name, texts);
      const here = `/media/medium/${p.param('serial')}`;
      if (refused === undefined)
        return p.redirect(here, { kind: 'done', text: `${stepForms[name].title}をしました。` });
      return show(p, { step: name, errors: { '': refused }, values: read.value.texts });
    });
  spacedPage(app, 'GET', '/media/slips/:id', uses.read, async (p) => {
    const id = p.param('id');
    const found = isUuid(id) ? await uses.slip(deps, p.session.actor, { handOverId: id }) : undefined;
    if (!found?.ok || !found.value) return p.problem('not-found');
    const pdf = await options.printer.slip(found.value, options.office);
    return p.file(pdf, { type: 'application/pdf', name: `slip-${id.slice(0, 8)}.pdf`, inline: true });
  });
}

/** Several forms stand on one page: their fields carry the form's name. */
const prefixed = (name: StepName): readonly Field[] =>
  stepForms[name].fields.map((field) => ({ ...field, name: `${name}-${field.name}` }) as Field);

const stepSection = (p: PageRequest, serial: string, name: StepName, wrong: Wrong | undefined): Html => {
  const step: StepForm = stepForms[name];
  return html`<details class="stack"${wrong !== undefined && html` open`}><summary>${step.title}</summary>${form({
    action: `/media/medium/${serial}/${name}`,
    session: p.session,
    fields: prefixed(name),
    submit: step.submit,
    danger: step.danger ?? false,
    ...(wrong ? { errors: wrong.errors, values: wrong.values } : {}),
  })}</details>`;
};

/** The refusal as a sentence, or undefined where it was done. */
async function takeStep(
  deps: ActDeps & MediaDeps,
  uses: MediaUseCases,
  p: PageRequest,
  name: StepName,
  t: Readonly<Record<string, string>>,
): Promise<string | undefined> {
  const { actor } = p.session;
  const serial = p.param('serial');
  const text = (key: string): string => t[key] ?? '';
  const said = (result: { ok: boolean; error?: string }): string | undefined =>
    result.ok ? undefined : refusalText(result.error ?? '');
  switch (name) {
    case 'hand-over':
      return said(await uses.handOver(deps, actor, { serial, handedTo: text('handedTo') }));
    case 'receipt': {
      const found = await uses.show(deps, actor, { serial });
      const handOverId = found.ok ? found.value?.handOverId : undefined;
      const slip = handOverId ? await uses.slip(deps, actor, { handOverId }) : undefined;
      const fileName = slip?.ok ? (slip.value?.files[0]?.fileName ?? '') : '';
      const totals = Object.fromEntries(
        text('totals')
          .split(/[\s,、]+/)
          .filter(Boolean)
          .map((pair) => [pair.split('=')[0] ?? '', Number(pair.split('=')[1])]),
      );
      const counted = [{ fileName, records: Number(text('records')), totals }];
      const done = await uses.confirm(deps, actor, {
        serial,
        receivedBy: text('receivedBy'),
        confirmation: text('confirmation'),
        counted,
      });
      if (!done.ok) return refusalText(done.error);
      const { differences } = done.value;
      return differences.length === 0
        ? undefined
        : `送付票と一致しません：${differences.map((d) => `${d.what === 'records' ? '件数' : d.what} ${d.stated} に対し ${d.counted}`).join('、')}`;
    }
    case 'erase':
      return said(
        await uses.erase(deps, actor, {
          serial,
          erasedBy: text('erasedBy'),
          method: text('method'),
          certificate: text('certificate'),
        }),
      );
    case 'return':
      return said(
        await uses.giveBack(deps, actor, {
          serial,
          how: text('how') as 'returned' | 'collected',
          returnedBy: text('returnedBy'),
          place: text('place'),
        }),
      );
    case 'move':
      return said(
        await uses.move(deps, actor, {
          serial,
          step: text('step') as 'moved' | 'missing' | 'found',
          place: text('place'),
          reason: text('reason'),
        }),
      );
    case 'destroy':
      return said(
        await uses.destroy(deps, actor, {
          serial,
          instruction: text('instruction'),
          reason: text('reason'),
          method: text('method'),
          person: text('person'),
          witness: text('witness'),
          certificate: text('certificate'),
        }),
      );
  }
}
