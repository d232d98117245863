import { err, ok, type Result } from '../../result/result.ts';
import { type Html, html, idOf, raw } from '../html.ts';
import { tokenField } from '../layout.ts';
import type { PageSession } from '../session.ts';

export interface Option {
  readonly value: string;
  readonly label: string;
  readonly hint?: string;
}

interface FieldBase {
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  /** Default true; what need not be filled says 任意. */
  readonly required?: boolean;
  /** The browser's autofill word, such as `username`. */
  readonly autocomplete?: string;
}

/** One question of a form: how it is asked, and what its answer must be like. */
export type Field = FieldBase &
  (
    | {
        readonly kind: 'text';
        readonly maxLength?: number;
        readonly pattern?: RegExp;
        readonly patternFault?: string;
        readonly width?: 'short' | 'full';
      }
    | { readonly kind: 'secret'; readonly maxLength?: number }
    | { readonly kind: 'lines'; readonly maxLength?: number; readonly rows?: number }
    | { readonly kind: 'yen'; readonly min?: number; readonly max?: number }
    | { readonly kind: 'date'; readonly min?: string; readonly max?: string }
    | { readonly kind: 'select'; readonly options: readonly Option[] }
    | { readonly kind: 'radio'; readonly options: readonly Option[] }
    | { readonly kind: 'checks'; readonly options: readonly Option[] }
    | { readonly kind: 'file'; readonly accept?: string }
  );

/** What was typed, by field name, to show it again; `checks` hold their values in a list. Files and secrets never come back. */
export type FormValues = Readonly<Record<string, string | readonly string[] | undefined>>;
/** A fault per field, as a sentence for the reader. */
export type FormErrors = Readonly<Record<string, string>>;

export interface FormOptions {
  readonly action: string;
  /** undefined only where nobody is signed in yet. */
  readonly session: PageSession | undefined;
  readonly fields: readonly Field[];
  readonly values?: FormValues;
  readonly errors?: FormErrors;
  readonly submit: string;
  readonly cancelHref?: string;
  /** Carried along unseen: a request key, the version that was read. */
  readonly hidden?: Readonly<Record<string, string>>;
  readonly danger?: boolean;
}

/** A POST form with its error summary. Works without scripts; the browser's own checks are off so that all faults show at once. */
export function form(options: FormOptions): Html {
  const errors = options.errors ?? {};
  const files = options.fields.some((field) => field.kind === 'file');
  return html`${errorSummary(options.fields, errors)}
<form class="form" method="post" action="${options.action}" novalidate${files && raw(' enctype="multipart/form-data"')}>
${options.session && tokenField(options.session)}
${Object.entries(options.hidden ?? {}).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
${options.fields.map((f) => field(f, options.values?.[f.name], errors[f.name]))}
<div class="row"><button class="button ${options.danger ? 'button-danger' : 'button-primary'}" type="submit">${options.submit}</button>${
    options.cancelHref && html`<a class="button button-quiet" href="${options.cancelHref}">やめる</a>`
  }</div>
</form>`;
}

/** All faults in one place, first on the page, each leading to its field; it takes the focus when the page opens. */
export function errorSummary(fields: readonly Field[], errors: FormErrors): Html | undefined {
  const faulty = fields.filter((f) => errors[f.name] !== undefined);
  const general = errors[''];
  if (faulty.length === 0 && general === undefined) return undefined;
  return html`<div class="error-summary" role="alert" aria-labelledby="error-summary-title" tabindex="-1" autofocus>
<h2 id="error-summary-title">入力内容を確かめてください</h2>
<ul>${general && html`<li>${general}</li>`}${faulty.map((f) => html`<li><a href="#${firstControl(f)}">${errors[f.name]}</a></li>`)}</ul></div>`;
}

const controlId = (f: Field): string => idOf('f', f.name);
const firstControl = (f: Field): string =>
  f.kind === 'radio' || f.kind === 'checks' ? `${controlId(f)}-0` : controlId(f);

function field(f: Field, value: string | readonly string[] | undefined, error: string | undefined): Html {
  const id = controlId(f);
  const described = [f.hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ');
  const need =
    f.required === false ? html`<span class="optional">任意</span>` : html`<span class="required">必須</span>`;
  const around = html`${f.hint && html`<span class="hint" id="${id}-hint">${f.hint}</span>`}${error && html`<span class="error" id="${id}-error">${error}</span>`}`;
  const aria = html`${described && html` aria-describedby="${described}"`}${error && raw(' aria-invalid="true"')}${f.required !== false && raw(' aria-required="true"')}`;
  if (f.kind === 'radio' || f.kind === 'checks') {
    const chosen = typeof value === 'string' ? [value] : (value ?? []);
    return html`<fieldset class="field"${described && html` aria-describedby="${described}"`}><legend>${f.label}${need}</legend>${around}${f.options.map(
      (option, i) =>
        html`<div class="choice"><input type="${f.kind === 'radio' ? 'radio' : 'checkbox'}" id="${id}-${i}" name="${f.name}" value="${option.value}"${
          chosen.includes(option.value) && raw(' checked')
        }${option.hint && html` aria-describedby="${id}-${i}-hint"`}><div><label for="${id}-${i}">${option.label}</label>${option.hint && html`<div class="hint" id="${id}-${i}-hint">${option.hint}</div>`}</div></div>`,
    )}</fieldset>`;
  }
  return html`<div class="field"><label for="${id}">${f.label}${need}</label>${around}${control(f, id, typeof value === 'string' ? value : '', aria)}</div>`;
}

type SingleField = Exclude<Field, { kind: 'radio' | 'checks' }>;

function control(f: SingleField, id: string, value: string, aria: Html): Html {
  const same = html`id="${id}" name="${f.name}"${f.autocomplete && html` autocomplete="${f.autocomplete}"`}${aria}`;
  switch (f.kind) {
    case 'text':
      return html`<input class="input${f.width === 'short' && ' input-short'}" type="text" ${same} value="${value}"${f.maxLength && html` maxlength="${f.maxLength}"`}>`;
    case 'secret':
      return html`<input class="input" type="password" ${same}>`;
    case 'lines':
      return html`<textarea class="input" ${same} rows="${f.rows ?? 4}">
${value}</textarea>`;
    case 'yen':
      return html`<span class="with-unit"><input class="input input-number" type="text" inputmode="numeric" ${same} value="${value}"><span>円</span></span>`;
    case 'date':
      return html`<input class="input input-short" type="date" ${same} value="${value}"${f.min && html` min="${f.min}"`}${f.max && html` max="${f.max}"`}>`;
    case 'select':
      return html`<select class="input" ${same}><option value="">選んでください</option>${optionList(f.options, value)}</select>`;
    case 'file':
      return html`<input class="input" type="file" ${same}${f.accept && html` accept="${f.accept}"`}>`;
  }
}

export const optionList = (options: readonly Option[], chosen: string): Html =>
  html`${options.map((o) => html`<option value="${o.value}"${o.value === chosen && raw(' selected')}>${o.label}</option>`)}`;

/** What a form gave: trimmed texts, lists for `checks`, files. A field left empty is absent. */
export interface ReadForm {
  readonly texts: Readonly<Record<string, string>>;
  readonly lists: Readonly<Record<string, readonly string[]>>;
  readonly files: Readonly<Record<string, File>>;
}

/**
 * Reads a posted form by the same definition that drew it. Unknown fields are ignored; yen come as plain digits
 * (full-width digits and commas are understood), dates as ISO text.
 *
 * @returns on refusal the errors by field and the texts as typed, ready to show the form again
 */
export function readForm(
  fields: readonly Field[],
  data: FormData,
): Result<ReadForm, { readonly errors: FormErrors; readonly values: FormValues }> {
  const texts: Record<string, string> = {};
  const lists: Record<string, readonly string[]> = {};
  const files: Record<string, File> = {};
  const errors: Record<string, string> = {};
  const values: Record<string, string | readonly string[]> = {};
  for (const f of fields) {
    const given = data.getAll(f.name);
    if (f.kind === 'file') {
      const file = given.find((item) => typeof item !== 'string' && item.size > 0);
      if (file instanceof File) files[f.name] = file;
      else if (f.required !== false) errors[f.name] = `${f.label}を選んでください`;
      continue;
    }
    const words = given.filter((item) => typeof item === 'string').map((item) => item.trim());
    if (f.kind === 'checks') {
      values[f.name] = words;
      lists[f.name] = words;
      const fault =
        words.length === 0
          ? missing(f)
          : words.every((w) => f.options.some((o) => o.value === w))
            ? undefined
            : `${f.label}は一覧から選んでください`;
      if (fault) errors[f.name] = fault;
      continue;
    }
    const typed = words[0] ?? '';
    if (f.kind !== 'secret') values[f.name] = typed;
    const text = f.kind === 'yen' ? typed.normalize('NFKC').replaceAll(',', '') : typed;
    const fault = words.length > 1 ? `${f.label}が二つ送られました` : text === '' ? missing(f) : faultOf(f, text);
    if (fault) errors[f.name] = fault;
    else if (text !== '') texts[f.name] = text;
  }
  return Object.keys(errors).length > 0 ? err({ errors, values }) : ok({ texts, lists, files });
}

const missing = (f: Field): string | undefined => {
  if (f.required === false) return undefined;
  return `${f.label}を${f.kind === 'select' || f.kind === 'radio' || f.kind === 'checks' ? '選んで' : '入力して'}ください`;
};

function faultOf(f: Exclude<Field, { kind: 'checks' | 'file' }>, text: string): string | undefined {
  switch (f.kind) {
    case 'text':
    case 'secret':
    case 'lines': {
      if (f.maxLength !== undefined && [...text].length > f.maxLength)
        return `${f.label}は${f.maxLength}文字以内で入力してください`;
      if (f.kind === 'text' && f.pattern && !f.pattern.test(text))
        return f.patternFault ?? `${f.label}の形式が正しくありません`;
      return undefined;
    }
    case 'yen': {
      const amount = Number(text);
      if (!/^-?[0-9]{1,15}$/.test(text) || !Number.isSafeInteger(amount)) return `${f.label}は数字で入力してください`;
      if (amount < (f.min ?? 0)) return `${f.label}は${(f.min ?? 0).toLocaleString('ja-JP')}円以上で入力してください`;
      if (f.max !== undefined && amount > f.max)
        return `${f.label}は${f.max.toLocaleString('ja-JP')}円以下で入力してください`;
      return undefined;
    }
    case 'date': {
      if (!isDate(text)) return `${f.label}は正しい日付を入力してください`;
      if (f.min !== undefined && text < f.min) return `${f.label}は${f.min}以後の日付を入力してください`;
      if (f.max !== undefined && text > f.max) return `${f.label}は${f.max}以前の日付を入力してください`;
      return undefined;
    }
    case 'select':
    case 'radio':
      return f.options.some((o) => o.value === text) ? undefined : `${f.label}は一覧から選んでください`;
  }
}

function isDate(text: string): boolean {
  if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text)) return false;
  try {
    Temporal.PlainDate.from(text);
    return true;
  } catch {
    return false;
  }
}
