import type { Actor } from '@musubi/kernel/db/act.ts';
import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { html } from '@musubi/kernel/pages/html.ts';
import { type Field, type FormErrors, type FormValues, form, readForm } from '@musubi/kernel/pages/kit/form.ts';
import { notice } from '@musubi/kernel/pages/kit/marks.ts';
import type { Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { isLate, type Reason } from '../domain/reasons.ts';
import { fileBirth } from '../service/births.ts';
import {
  type Changed,
  cancelMovedOut,
  recordDeath,
  recordMovedOut,
  recordMovedWithin,
} from '../service/change-resident.ts';
import { recordMovedIn } from '../service/enter-resident.ts';
import { refusalText, sexes } from './words.ts';

const right = ['resident-register', 'resident', 'update'] as const;
const sexOptions = Object.entries(sexes).map(([value, label]) => ({ value, label }));
const changedOn: Field = { kind: 'date', name: 'changedOn', label: '異動日' };
const filedOn: Field = { kind: 'date', name: 'filedOn', label: '届出日' };
const address: Field = { kind: 'text', name: 'address', label: '住所', maxLength: 200, width: 'full' };
const postalCode: Field = {
  kind: 'text',
  name: 'postalCode',
  label: '郵便番号',
  hint: '数字7桁',
  pattern: /^[0-9]{7}$/,
  required: false,
  width: 'short',
};
const person: readonly Field[] = [
  { kind: 'text', name: 'name', label: '氏名', maxLength: 100 },
  {
    kind: 'text',
    name: 'nameKana',
    label: '振り仮名',
    hint: '全角カタカナ',
    pattern: /^[ァ-ヶー・　 ]+$/u,
    maxLength: 100,
  },
  { kind: 'date', name: 'birthDate', label: '生年月日' },
  { kind: 'radio', name: 'sex', label: '性別', options: sexOptions },
];

type Texts = Readonly<Record<string, string>>;
const day = (text: string | undefined): Temporal.PlainDate => Temporal.PlainDate.from(text ?? '');
const isId = (text: string): boolean => /^[0-9a-f-]{36}$/.test(text);

interface Filing {
  readonly path: string;
  readonly title: string;
  readonly gloss: string;
  readonly reason: Reason;
  readonly fields: readonly Field[];
  readonly submit: string;
  readonly danger?: boolean;
  /** Takes the form; `personId` and `version` come from path and query where the form is about someone. */
  run(
    actor: Actor,
    texts: Texts,
    about: { readonly personId: string; readonly version: number },
  ): Promise<Result<{ readonly at: string; readonly text: string }, string>>;
}

const changed = (done: Result<Changed, string>, text: string): Result<{ at: string; text: string }, string> =>
  done.ok ? { ok: true, value: { at: `/residents/${done.value.personId}`, text } } : done;

/** 出生届 is finished here at once where the codes come; else it waits in its list. */
export type FinishBirth = (actor: Actor, filingId: string) => Promise<Result<Changed, string>>;

function filings(deps: Deps, finishBirth: FinishBirth): Filing[] {
  const dates = (t: Texts) => ({ changedOn: day(t.changedOn), filedOn: day(t.filedOn) });
  return [
    {
      path: '/residents/:id/moved-within',
      title: '転居届',
      gloss: 'Moving within the ward',
      reason: 'moved-within',
      fields: [changedOn, filedOn, address, postalCode],
      submit: '転居を登録する',
      run: async (actor, t, about) => {
        const command = { ...about, ...dates(t), address: t.address ?? '', postalCode: t.postalCode ?? null };
        return changed(await recordMovedWithin(deps, actor, command), '転居を登録しました。');
      },
    },
    {
      path: '/residents/:id/moved-out',
      title: '転出届',
      gloss: 'Moving out',
      reason: 'moved-out',
      fields: [
        { ...changedOn, label: '転出日', hint: '先の日なら転出予定になります' },
        filedOn,
        { kind: 'text', name: 'movedTo', label: '転出先', maxLength: 200, width: 'full' },
      ],
      submit: '転出を登録する',
      run: async (actor, t, about) =>
        changed(
          await recordMovedOut(deps, actor, { ...about, ...dates(t), movedTo: t.movedTo ?? '' }),
          '転出を登録しました。',
        ),
    },
    {
      path: '/residents/:id/moved-out-cancelled',
      title: '転出取消',
      gloss: 'Cancel a moving-out',
      reason: 'moved-out-cancelled',
      fields: [changedOn, filedOn],
      submit: '転出を取り消す',
      run: async (actor, t, about) =>
        changed(await cancelMovedOut(deps, actor, { ...about, ...dates(t) }), '転出を取り消しました。'),
    },
    {
      path: '/residents/:id/death',
      title: '死亡届',
      gloss: 'Death',
      reason: 'death',
      fields: [{ ...changedOn, label: '死亡日' }, filedOn],
      submit: '死亡を登録する',
      danger: true,
      run: async (actor, t, about) =>
        changed(await recordDeath(deps, actor, { ...about, ...dates(t) }), '死亡を登録しました。'),
    },
    {
      path: '/residents/:id/birth',
      title: '出生届',
      gloss: 'Birth into this household',
      reason: 'birth',
      fields: [
        ...person,
        { kind: 'text', name: 'relationship', label: '続柄', maxLength: 20, width: 'short' },
        filedOn,
      ],
      submit: '出生を登録する',
      run: async (actor, t, about) => {
        const filed = await fileBirth(deps, actor, {
          name: t.name ?? '',
          nameKana: t.nameKana ?? '',
          birthDate: day(t.birthDate),
          sex: t.sex as keyof typeof sexes,
          householdOf: about.personId,
          relationship: t.relationship ?? '',
          filedOn: day(t.filedOn),
        });
        if (!filed.ok) return filed;
        const done = await finishBirth(actor, filed.value.filingId);
        if (done.ok) return changed(done, '出生を登録し、個人番号を付番しました。');
        return { ok: true, value: { at: '/births', text: '出生届を受け付けました。付番を待っています。' } };
      },
    },
    {
      path: '/moved-in',
      title: '転入届',
      gloss: 'Moving in',
      reason: 'moved-in',
      fields: [
        { ...changedOn, label: '転入日' },
        filedOn,
        {
          kind: 'text',
          name: 'residentRecordCode',
          label: '住民票コード',
          hint: '数字11桁',
          pattern: /^[0-9]{11}$/,
          width: 'short',
        },
        {
          kind: 'secret',
          name: 'individualNumber',
          label: '個人番号',
          hint: '転出証明書またはカードの12桁',
          maxLength: 12,
        },
        ...person,
        address,
        postalCode,
        { kind: 'text', name: 'relationship', label: '続柄', maxLength: 20, width: 'short' },
      ],
      submit: '転入を登録する',
      run: async (actor, t) =>
        changed(
          await recordMovedIn(deps, actor, {
            ...dates(t),
            residentRecordCode: t.residentRecordCode ?? '',
            individualNumber: t.individualNumber ?? '',
            name: t.name ?? '',
            nameKana: t.nameKana ?? '',
            birthDate: day(t.birthDate),
            sex: t.sex as keyof typeof sexes,
            address: t.address ?? '',
            postalCode: t.postalCode ?? null,
            relationship: t.relationship ?? '',
          }),
          '転入を登録しました。',
        ),
    },
  ];
}

/** The forms of the counter: each GET shows, each POST does and leads on. */
export function addFilings(app: PageApp, deps: Deps, finishBirth: FinishBirth): void {
  for (const filing of filings(deps, finishBirth)) {
    const hasPerson = filing.path.includes(':id');
    const idOf = (p: PageRequest): string => (hasPerson ? p.param('id') : '');
    const draw = (p: PageRequest, version: string, values: FormValues, errors: FormErrors, status?: number) =>
      p.view(
        { title: filing.title, gloss: filing.gloss, ...(status ? { hasErrors: true, status } : {}) },
        form({
          action: p.path,
          session: p.session,
          fields: filing.fields,
          values,
          errors,
          submit: filing.submit,
          cancelHref: hasPerson ? `/residents/${idOf(p)}` : '/',
          hidden: { version },
          ...(filing.danger ? { danger: true } : {}),
        }),
      );
    page(app, 'GET', filing.path, right, (p) => {
      if (hasPerson && !isId(idOf(p))) return p.problem('not-found');
      const today = deps.civilClock.today().toString();
      const version = /^[0-9]{1,9}$/.exec(p.query.get('version') ?? '')?.[0] ?? '0';
      return draw(p, version, { filedOn: today, changedOn: today }, {});
    });
    page(app, 'POST', filing.path, right, async (p) => {
      if (hasPerson && !isId(idOf(p))) return p.problem('not-found');
      const version = `${p.form.get('version') ?? ''}`;
      const read = readForm(filing.fields, p.form);
      if (!read.ok) return draw(p, version, read.error.values, read.error.errors, 422);
      const { texts } = read.value;
      const about = { personId: idOf(p), version: Number(version) || 0 };
      const done = await filing.run(p.session.actor, texts, about);
      if (!done.ok) {
        const { individualNumber: _, ...shown } = texts;
        return draw(p, version, shown, { '': refusalText(done.error) }, 409);
      }
      const { at, text } = done.value;
      const late = texts.changedOn && texts.filedOn && isLate(filing.reason, day(texts.changedOn), day(texts.filedOn));
      return p.redirect(at, { kind: 'done', text: late ? `${text}（届出期間を過ぎています）` : text });
    });
  }
}

export const filingLinks = (personId: string, version: number) =>
  html`<div class="row">${[
    ['moved-within', '転居届'],
    ['moved-out', '転出届'],
    ['moved-out-cancelled', '転出取消'],
    ['birth', '出生届（この世帯）'],
    ['death', '死亡届'],
  ].map(
    ([path, label]) =>
      html`<a class="button button-quiet" href="/residents/${personId}/${path}?version=${version}">${label}</a>`,
  )}</div>`;

export const tooManyNotice = () => notice('warning', '該当が多すぎます。条件を加えてください。');
