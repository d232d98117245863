import { type PageApp, page } from '@musubi/kernel/pages/app.ts';
import { grouped, html, time } from '@musubi/kernel/pages/html.ts';
import { type Field, form } from '@musubi/kernel/pages/kit/form.ts';
import { badge, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import { supportedFiscalYears } from '@musubi/rates/resident-tax/for-year.ts';
import type { Deps } from '../deps.ts';
import { levyDateOf } from '../domain/levy-date.ts';
import { type LevyInput, levyInputs } from '../domain/office-list.ts';
import { declareLevyInput, readLevyInputs, receiveOfficeList, waiveLevyInput } from '../service/intake/levy-inputs.ts';

const reading = ['resident-tax', 'intake', 'read'] as const;
const updating = ['resident-tax', 'intake', 'update'] as const;
const waiving = ['resident-tax', 'assessment-approval', 'update'] as const;

const states = {
  missing: ['未受領', 'warning'],
  received: ['受領済', 'done'],
  waived: ['免除', 'info'],
} as const;
const listFields: readonly Field[] = [
  { kind: 'file', name: 'file', label: '名簿ファイル（OL01）', accept: '.csv' },
  { kind: 'text', name: 'statement', label: '該当者がいないときの送付元の申出', maxLength: 500, required: false },
];
const waiverFields: readonly Field[] = [
  { kind: 'lines', name: 'reason', label: '免除の理由', maxLength: 500, rows: 2 },
];

const refusals: Readonly<Record<string, string>> = {
  'already-declared': 'すでに宣言されています。',
  'not-declared': '必要な資料として宣言されていません。',
  'empty-file': 'ファイルが空です。',
  'wrong-head-line': '見出し行が違います。',
  'other-input': '別の名簿です。',
  'other-date': '基準日の違う名簿です。',
  'count-differs': '見出し行の件数と一致しません。',
  'unreadable-line': '読み取れない行があります。',
  'person-twice': '同じ宛名番号が二度あります。',
  'nobody-without-statement': '該当者のいない名簿には、送付元の申出が必要です。',
  'unknown-person': '登録のない宛名番号があります。',
  'no-reason': '理由を入力してください。',
  'already-received': 'すでに受領しています。',
  'already-waived': 'すでに免除されています。',
};

/** 賦課に必要な資料: what the year's levy waits for besides the reports. */
export function registerLevyInputPages(app: PageApp, deps: Deps): void {
  const yearOf = (text: string | null | undefined): number => {
    const years: readonly number[] = supportedFiscalYears;
    return years.includes(Number(text)) ? Number(text) : Math.min(deps.civilClock.today().year, years.at(-1)!);
  };
  const back = (fiscalYear: number): string => `/levy-inputs?year=${fiscalYear}`;
  const inputOf = (text: string): LevyInput | undefined =>
    Object.hasOwn(levyInputs, text) ? (text as LevyInput) : undefined;

  page(app, 'GET', '/levy-inputs', reading, async (p) => {
    const fiscalYear = yearOf(p.query.get('year'));
    const read = await readLevyInputs(deps, p.session.actor, { fiscalYear });
    if (!read.ok) return p.problem('not-authorised');
    const { session } = p;
    const [mayUpdate, mayWaive] = [await p.may(updating), await p.may(waiving)];
    const sections = Object.entries(levyInputs).map(([input, name]) => {
      const declared = read.value.find((one) => one.input === input);
      const action = `/levy-inputs/${fiscalYear}/${input}`;
      return html`<section aria-labelledby="${input}">${sectionTitle(name, 'List of another office', input)}${
        declared === undefined
          ? html`<p class="muted">この年度には必要な資料として宣言されていません。</p>${mayUpdate && form({ action: `${action}/declare`, session, fields: [], submit: '必要な資料として宣言する' })}`
          : html`<p>${badge(states[declared.state][0], states[declared.state][1])} ${time(declared.asOf)}現在${declared.rows !== null && `　${grouped(declared.rows)}人`}${declared.reason !== null && `　理由: ${declared.reason}`}</p>${mayUpdate && form({ action, session, fields: listFields, submit: '名簿を受け取る' })}${mayWaive && declared.state === 'missing' && form({ action: `${action}/waive`, session, fields: waiverFields, submit: '資料なしで賦課することを認める' })}`
      }</section>`;
    });
    return p.view(
      { title: `賦課に必要な資料（令和${fiscalYear - 2018}年度）`, gloss: 'What the levy waits for' },
      html`<div class="stack"><p>宣言した資料が受領又は免除されるまで、この年度の賦課の計算は始められません。</p>${sections}</div>`,
    );
  });

  page(app, 'POST', '/levy-inputs/:year/:input/declare', updating, async (p) => {
    const [fiscalYear, input] = [yearOf(p.param('year')), inputOf(p.param('input'))];
    if (input === undefined) return p.problem('not-found');
    const asOf = levyDateOf(fiscalYear);
    const done = await declareLevyInput(deps, p.session.actor, { fiscalYear, input, asOf });
    return p.redirect(
      back(fiscalYear),
      done.ok
        ? { kind: 'done', text: '必要な資料として宣言しました。' }
        : { kind: 'error', text: refusals[done.error] ?? '記録できませんでした。' },
    );
  });

  page(app, 'POST', '/levy-inputs/:year/:input', updating, async (p) => {
    const [fiscalYear, input] = [yearOf(p.param('year')), inputOf(p.param('input'))];
    if (input === undefined) return p.problem('not-found');
    const file = p.form.get('file');
    const text = file instanceof File ? await file.text() : '';
    const statement = `${p.form.get('statement') ?? ''}`;
    const done = await receiveOfficeList(deps, p.session.actor, { fiscalYear, input, text, statement });
    return p.redirect(
      back(fiscalYear),
      done.ok
        ? { kind: 'done', text: `名簿を受け取りました（${grouped(done.value.rows)}人）。` }
        : { kind: 'error', text: refusals[done.error] ?? '受け取れませんでした。' },
    );
  });

  page(app, 'POST', '/levy-inputs/:year/:input/waive', waiving, async (p) => {
    const [fiscalYear, input] = [yearOf(p.param('year')), inputOf(p.param('input'))];
    if (input === undefined) return p.problem('not-found');
    const reason = `${p.form.get('reason') ?? ''}`;
    const done = await waiveLevyInput(deps, p.session.actor, { fiscalYear, input, reason });
    return p.redirect(
      back(fiscalYear),
      done.ok
        ? { kind: 'done', text: '資料なしで賦課することを認めました。' }
        : { kind: 'error', text: refusals[done.error] ?? '記録できませんでした。' },
    );
  });
}
