import { particularsOf } from '@musubi/contracts/portal/application-signature.ts';
import { applicationContent, applicationStatusWords } from '@musubi/contracts/portal/applications.ts';
import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { type Html, html, time } from '@musubi/kernel/pages/html.ts';
import { badge, facts, notice, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import { tokenField } from '@musubi/kernel/pages/layout.ts';
import type { Deps, Procedure } from '../deps.ts';
import {
  type ApplicationLine,
  draftText,
  keptOpenDays,
  ownApplications,
  submitApplication,
} from '../service/applications.ts';
import type { Resident } from '../service/session.ts';
import { bodyName } from './words.ts';

const read = ['mynaportal', 'own-application', 'read'] as const;
const update = ['mynaportal', 'own-application', 'update'] as const;

const refusals = {
  unreadable: '申請の内容を読み取れませんでした。最初からやり直してください。',
  'unknown-procedure': '現在受け付けていない様式です。',
  'field-missing': '必須の項目が入力されていないか、様式にない項目があります。',
  'particulars-differ': '申請者の氏名・住所等がカードの記載と一致しません。',
  'certificate-refused': '署名用電子証明書として受け付けられません。',
  'certificate-expired': '署名用電子証明書の有効期間外です。',
  'signature-wrong': '署名が申請の内容と一致しません。',
  'particulars-missing': '署名用電子証明書に氏名・住所等がありません。',
  'certificate-revoked': '署名用電子証明書が失効しています。',
  'status-unavailable': '電子証明書の有効性を確かめられません。時間をおいてやり直してください。',
  'receipt-number-used': 'この申請はすでに送信されています。',
  'not-yours': 'この操作の権限がありません。',
  'not-authorised': 'この操作の権限がありません。',
} as const;

const top = { label: 'トップ', href: '/' };
const own = { label: '電子申請', href: '/applications' };

/** What the card holder applied for, and the way from a form to a signed application. */
export function addApplicationPages(app: PageApp, deps: Deps): void {
  page(app, 'GET', '/applications', read, async (p) => {
    const { actor } = p.session;
    if (actor.kind !== 'resident') return p.problem('not-authorised');
    const found = await ownApplications(deps, actor, { accountId: actor.subject });
    if (!found.ok) return p.problem('not-authorised');
    const words = p.query.get('q')?.normalize('NFKC').trim().slice(0, 60) ?? '';
    const offered = servicesFor(deps, words);
    return p.view(
      { title: '電子申請', gloss: 'Applications on line', breadcrumbs: [top], personal: true },
      html`<div class="stack"><section aria-labelledby="offers">${sectionTitle('申請できる手続', 'What you can apply for', 'offers')}${
        deps.procedures.length > 0 &&
        html`<form class="row" role="search" method="get" action="/applications"><label for="q">手続や自治体の名前</label><input class="input" type="search" id="q" name="q" maxlength="60" value="${words}"><button class="button" type="submit">探す</button></form>`
      }${
        offered.length === 0
          ? html`<p class="muted">${words === '' ? '現在、申請できる手続はありません。' : `「${words}」に当てはまる手続はありません。`}</p>`
          : html`<ul>${offered.map((x) => html`<li><a href="/applications/new/${x.organisation}/${x.procedure}">${x.title}</a>（${bodyName(deps, x.organisation)}）</li>`)}</ul>`
      }</section>
<section aria-labelledby="own">${sectionTitle('申請したもの', 'What you applied for', 'own')}${
        found.value.length === 0 ? html`<p class="muted">まだ申請していません。</p>` : listOf(deps, found.value)
      }</section></div>`,
    );
  });

  page(app, 'GET', '/applications/new/:organisation/:procedure', update, (p) => {
    const procedure = find(deps, p.param('organisation'), p.param('procedure'));
    return procedure ? showForm(p, procedure) : p.problem('not-found');
  });

  page(app, 'POST', '/applications/draft', update, async (p) => {
    const procedure = find(deps, textOf(p.form, 'organisation'), textOf(p.form, 'procedure'));
    if (!procedure) return p.problem('not-found');
    const values = Object.fromEntries(procedure.fields.map((f) => [f.name, textOf(p.form, `field-${f.name}`)]));
    const missing = procedure.fields.filter((f) => f.required && values[f.name] === '');
    if (missing.length > 0)
      return showForm(p, procedure, values, `${missing.map((f) => f.label).join('、')}を入力してください。`);
    if (p.form.get('noticed') !== 'yes')
      return showForm(p, procedure, values, '利用目的と注意事項を確かめ、確認の欄に印を付けてください。');
    const applicant = particularsOf(textOf(p.form, 'certificate', 16_384));
    if (applicant === undefined)
      return showForm(p, procedure, values, 'カードの署名用電子証明書を読み取れませんでした。');
    const filled = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''));
    const content = draftText({
      v: 1,
      receiptNumber: deps.newId(),
      organisation: procedure.organisation,
      procedure: procedure.procedure,
      formVersion: procedure.formVersion,
      applicant,
      fields: filled,
      at: deps.machineClock.now().toString(),
    });
    return showConfirm(p, deps, procedure, content);
  });

  page(app, 'POST', '/applications', update, async (p) => {
    const content = Buffer.from(textOf(p.form, 'content', 60_000), 'base64').toString('utf8');
    const { actor } = p.session;
    if (actor.kind !== 'resident') return p.problem('not-authorised');
    const done = await submitApplication(deps, actor as Resident, {
      content,
      certificate: textOf(p.form, 'certificate', 16_384),
      signature: textOf(p.form, 'signature', 2_000),
    });
    if (done.ok)
      return p.redirect('/applications', {
        kind: 'done',
        text: '申請を送信しました。自治体が受け取るまで、内容は自治体だけが開ける形で預かります。',
      });
    const again = readBack(deps, content);
    return again
      ? showConfirm(p, deps, again, content, refusals[done.error])
      : p.redirect('/applications', { kind: 'error', text: refusals[done.error] });
  });
}

/** 手続の検索 (MNP-F1): every word must stand in the title, the purpose or the body's name. */
function servicesFor(deps: Deps, words: string): readonly Procedure[] {
  const wanted = words.split(/\s+/).filter((w) => w !== '');
  return deps.procedures.filter((x) => {
    const text = `${x.title} ${x.purpose} ${bodyName(deps, x.organisation)}`.normalize('NFKC');
    return wanted.every((w) => text.includes(w));
  });
}

const find = (deps: Deps, organisation: string, procedure: string): Procedure | undefined =>
  deps.procedures.find((x) => x.organisation === organisation && x.procedure === procedure);

function readBack(deps: Deps, content: string): Procedure | undefined {
  try {
    const read = applicationContent.safeParse(JSON.parse(content));
    return read.success ? find(deps, read.data.organisation, read.data.procedure) : undefined;
  } catch {
    return undefined;
  }
}

const textOf = (form: FormData, name: string, max = 400): string => {
  const value = form.get(name);
  return typeof value === 'string' ? value.normalize('NFC').trim().slice(0, max) : '';
};

function listOf(deps: Deps, rows: readonly ApplicationLine[]): Html {
  const titleOf = (r: ApplicationLine): string => find(deps, r.organisation, r.procedure)?.title ?? r.procedure;
  const tone = { '10': 'info', '20': 'info', '40': 'done', '50': 'error', '90': 'error' } as const;
  return html`<div class="table-scroll" tabindex="0" role="region" aria-label="申請の表"><table class="data-table"><caption class="visually-hidden">申請したもの</caption>
<thead><tr><th scope="col">手続</th><th scope="col">提出先</th><th scope="col">受付</th><th scope="col">受付番号</th><th scope="col">状況</th><th scope="col">ポータルに残る内容</th></tr></thead>
<tbody>${rows.map(
    (r) =>
      html`<tr><th scope="row">${titleOf(r)}</th><td>${bodyName(deps, r.organisation)}</td><td class="nowrap">${time(Temporal.Instant.from(r.acceptedAt))}</td><td><code>${r.receiptNumber}</code></td><td>${badge(applicationStatusWords[r.status], tone[r.status])}</td><td>${r.held ? html`${time(Temporal.PlainDate.from(r.eraseAfter))}に消去` : '消去済み'}</td></tr>`,
  )}</tbody></table></div>`;
}

const needsScript = html`<div id="card-needs-script">${notice('warning', '署名にはスクリプトが必要です', html`<p>カードの署名をブラウザーの中で行うため、スクリプトを有効にしてください。</p>`)}</div><p class="notice notice-error" id="card-message" role="alert" tabindex="-1" hidden></p>`;
const cardField = html`<div class="field"><label for="card-file">訓練用カードのファイル<span class="required">必須</span></label><input class="input" type="file" id="card-file" accept=".json,application/json" aria-required="true"></div>`;

function showForm(
  p: PageRequest,
  procedure: Procedure,
  values: Readonly<Record<string, string>> = {},
  error?: string,
): Promise<Response> {
  return p.view(
    {
      title: procedure.title,
      gloss: 'Application form',
      breadcrumbs: [top, own],
      personal: true,
      ...(error ? { hasErrors: true, status: 422 as const } : {}),
    },
    html`<div class="stack">${error && notice('error', error)}${notice(
      'info',
      '利用目的と注意事項',
      html`<p>${procedure.purpose}</p><p>氏名・住所・生年月日・性別は、カードの署名用電子証明書から自動で記入されます。入力した内容は、提出先の自治体だけが開ける形で送ります。ポータルは内容を見ることができず、自治体が受け取った後、遅くとも${keptOpenDays}開庁日目の終わりに消去します。</p>`,
    )}${needsScript}
<form class="form" id="application-form" data-step="read" method="post" action="/applications/draft" novalidate autocomplete="off">${tokenField(p.session)}
<input type="hidden" name="organisation" value="${procedure.organisation}"><input type="hidden" name="procedure" value="${procedure.procedure}"><input type="hidden" id="card-certificate" name="certificate" value="">
${procedure.fields.map(
  (f, i) =>
    html`<div class="field"><label for="field-${i}">${f.label}${f.required ? html`<span class="required">必須</span>` : html`<span class="optional">任意</span>`}</label><input class="input" type="text" id="field-${i}" name="field-${f.name}" maxlength="400" value="${values[f.name] ?? ''}"></div>`,
)}
<div class="choice"><input type="checkbox" id="noticed" name="noticed" value="yes"><div><label for="noticed">利用目的と注意事項を確かめました</label></div></div>
${cardField}<div class="row"><button class="button button-primary" type="submit" disabled>内容の確認へ進む</button><a class="button button-quiet" href="/applications">やめる</a></div></form>
<script type="module" src="/sign-in/card-application.js"></script></div>`,
  );
}

const sexWords = { male: '男', female: '女', other: 'その他' } as const;

function showConfirm(
  p: PageRequest,
  deps: Deps,
  procedure: Procedure,
  content: string,
  error?: string,
): Promise<Response> {
  const read = applicationContent.parse(JSON.parse(content));
  return p.view(
    {
      title: '申請の内容の確認',
      gloss: 'Check and sign',
      breadcrumbs: [top, own],
      personal: true,
      ...(error ? { hasErrors: true, status: 422 as const } : {}),
    },
    html`<div class="stack">${error && notice('error', '送信できませんでした', html`<p>${error}</p>`)}${facts([
      { label: '手続', value: procedure.title },
      { label: '提出先', value: bodyName(deps, procedure.organisation) },
      { label: '氏名（カードから）', value: read.applicant.name },
      { label: '生年月日（カードから）', value: time(Temporal.PlainDate.from(read.applicant.birthDate)) },
      { label: '性別（カードから）', value: sexWords[read.applicant.sex] },
      { label: '住所（カードから）', value: read.applicant.address },
      ...procedure.fields.map((f) => ({ label: f.label, value: read.fields[f.name] })),
    ])}${needsScript}
<form class="form" id="application-form" data-step="sign" method="post" action="/applications" novalidate autocomplete="off">${tokenField(p.session)}
<input type="hidden" id="application-content" name="content" value="${Buffer.from(content, 'utf8').toString('base64')}"><input type="hidden" id="card-certificate" name="certificate" value=""><input type="hidden" id="card-signature" name="signature" value="">
${cardField}<div class="field"><label for="card-pin">署名用の暗証番号（英大文字と数字6～16文字）<span class="required">必須</span></label><input class="input input-short" type="password" maxlength="16" id="card-pin" aria-required="true"></div>
<div class="row"><button class="button button-primary" type="submit" disabled>署名して送信する</button><a class="button button-quiet" href="/applications">やめる</a></div></form>
<script type="module" src="/sign-in/card-application.js"></script></div>`,
  );
}
