import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { type Html, html } from '@musubi/kernel/pages/html.ts';
import { comparedTable, compareValues } from '@musubi/kernel/pages/kit/compared-values.ts';
import { badge, notice } from '@musubi/kernel/pages/kit/marks.ts';
import { tokenField } from '@musubi/kernel/pages/layout.ts';
import type { Deps } from '../deps.ts';
import { particularWords } from '../domain/register-answer.ts';
import { changeNumber, decideCandidate } from '../service/applicant-number.ts';
import type { CaseView } from '../service/read-cases.ts';
import { holdWords, registerText, standingWords } from './register-words.ts';
import { sexWords } from './words.ts';

export const registerUse = ['child-chronic', 'register-use', 'update'] as const;
const update = ['child-chronic', 'case', 'update'] as const;

/** What is done about the applicant's number from the case screen. */
export function applicantNumberPages(app: PageApp, deps: Deps): void {
  page(app, 'POST', '/cases/:id/candidate', registerUse, async (p) => {
    const decision = p.form.get('decision');
    if (decision !== 'accept' && decision !== 'reject') return p.problem('unreadable-form');
    const done = await decideCandidate(deps, p.session.actor, {
      caseId: p.param('id'),
      accept: decision === 'accept',
      reason: typed(p, 'reason'),
    });
    return back(
      p,
      done,
      decision === 'accept' ? '個人番号を登録しました。' : '候補を退けました。番号は登録していません。',
    );
  });
  page(app, 'POST', '/cases/:id/applicant-number', update, async (p) => {
    const done = await changeNumber(deps, p.session.actor, {
      caseId: p.param('id'),
      individualNumber: typed(p, 'individualNumber'),
      reason: typed(p, 'reason'),
    });
    return back(p, done, '個人番号を登録しました。住基照会でもう一度確かめてください。');
  });
}

const typed = (p: PageRequest, name: string): string => `${p.form.get(name) ?? ''}`.normalize('NFC').trim();
const back = (p: PageRequest, done: { ok: true } | { ok: false; error: string }, text: string): Response =>
  p.redirect(
    `/cases/${encodeURIComponent(p.param('id'))}`,
    done.ok ? { kind: 'done', text } : { kind: 'error', text: registerText(done.error) },
  );

const sexText = (sex: string | null): string | null => (sex === null ? null : sexWords[sex as keyof typeof sexWords]);

/** 本人確認: how the applicant stands against the register, side by side where they differ, and what can be done about it. */
export function registerPart(
  p: PageRequest,
  { file, register }: CaseView,
  may: { readonly use: boolean; readonly update: boolean },
): Html {
  const { standing, answer, hold } = register;
  const [text, tone] = standingWords[standing];
  const path = `/cases/${file.caseId}`;
  const entered = [file.applicantName, file.applicantBirthOn, sexText(file.applicantSex), file.applicantAddress];
  const said = answer?.result === 'given' ? [answer.name, answer.birthOn, sexText(answer.sex), answer.address] : null;
  const values = (of: readonly (string | null)[]) =>
    Object.fromEntries(Object.values(particularWords).map((label, i) => [label, of[i] ?? undefined]));
  return html`<p>${badge(text, tone)}${answer && html`　${may.use ? html`<a href="/register-uses/${answer.entryId}">使用簿 ${answer.entryNumber}</a>` : html`使用簿 ${answer.entryNumber}`}`}</p>${
    hold && notice('error', holdWords[hold])
  }${
    said &&
    comparedTable(compareValues(Object.values(particularWords), values(entered), values(said)), {
      caption: '申請書と住民基本台帳の比較',
      declaredHead: '申請書',
      answeredHead: '住民基本台帳',
      show: (value) => `${value}`,
    })
  }${
    standing === 'candidate' &&
    may.use &&
    html`<form class="form no-print" method="post" action="${path}/candidate">${tokenField(p.session)}<div class="field"><label for="candidate-reason">確かめた書類<span class="required">必須</span></label><input class="input" id="candidate-reason" name="reason" maxlength="300"></div><div class="row"><button class="button button-primary" type="submit" name="decision" value="accept">候補の番号を登録する</button><button class="button" type="submit" name="decision" value="reject">本人ではない</button></div></form>`
  }${
    hold !== undefined &&
    standing !== 'candidate' &&
    may.update &&
    html`<details class="no-print"><summary>個人番号を登録し直す</summary><form class="form" method="post" action="${path}/applicant-number" autocomplete="off">${tokenField(p.session)}<div class="field"><label for="number-new">書類で確かめた個人番号<span class="required">必須</span></label><input class="input input-short" type="password" id="number-new" name="individualNumber" maxlength="12" inputmode="numeric"></div><div class="field"><label for="number-reason">確かめた書類と理由<span class="required">必須</span></label><input class="input" id="number-reason" name="reason" maxlength="300"></div><button class="button" type="submit">個人番号を登録する</button></form></details>`
  }`;
}
