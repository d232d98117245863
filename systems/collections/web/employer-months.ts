import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { html, yenText } from '@musubi/kernel/pages/html.ts';
import { type Field, form } from '@musubi/kernel/pages/kit/form.ts';
import { facts, notice } from '@musubi/kernel/pages/kit/marks.ts';
import type { Deps } from '../deps.ts';
import { type MonthView, settleEmployerMonth, showEmployerMonth } from '../service/office/employer-months.ts';
import { day } from './accounts.ts';
import { differenceWords, faultText } from './words.ts';

const read = ['collections', 'suspense', 'read'] as const;
const update = ['collections', 'suspense', 'update'] as const;

/** 特別徴収の差異: an employer's payment beside the people of its month; a clerk shares it out. */
export function employerMonthPages(app: PageApp, deps: Deps): void {
  page(app, 'GET', '/suspense/:no/month', read, (p) => show(p, deps));
  page(app, 'POST', '/suspense/:no/month', update, async (p) => {
    const receiptNo = Number(p.param('no'));
    if (!Number.isSafeInteger(receiptNo)) return p.problem('not-found');
    const entered = [...p.form].flatMap(([name, value]) =>
      name.startsWith('y-') && typeof value === 'string' ? [[name.slice(2), value.replaceAll(',', '').trim()]] : [],
    ) as [string, string][];
    const reason = String(p.form.get('reason') ?? '');
    const values = { ...Object.fromEntries(entered.map(([id, text]) => [`y-${id}`, text])), reason };
    const wrong = entered.filter(([id, text]) => !isUuid(id) || !/^[0-9]{0,10}$/.test(text));
    if (wrong.length > 0)
      return show(
        p,
        deps,
        values,
        Object.fromEntries(wrong.map(([id]) => [`y-${id}`, '円単位の数字で入力してください'])),
      );
    const listId = String(p.form.get('listId') ?? '');
    const done = await settleEmployerMonth(deps, p.session.actor, {
      receiptNo,
      parts: entered.map(([chargeId, text]) => ({ chargeId, yen: Number(text) })),
      listId: isUuid(listId) ? listId : null,
      reason,
    });
    if (!done.ok)
      return done.error === 'no-such-receipt'
        ? p.redirect('/suspense', { kind: 'error', text: faultText(done.error) })
        : show(p, deps, values, { [done.error === 'reason-missing' ? 'reason' : '']: faultText(done.error) });
    const { allocated, overpaid } = done.value;
    return p.redirect('/suspense', {
      kind: 'done',
      text: `消し込みました（${yenText(allocated)}${overpaid > 0 ? `、過誤納 ${yenText(overpaid)}` : ''}）。`,
    });
  });
}

type Texts = Readonly<Record<string, string>>;

const fieldOf = (l: MonthView['lines'][number]): Field => {
  const told =
    l.told &&
    `内訳 ${yenText(l.told.yen)}${l.told.difference === null ? '' : `（${differenceWords[l.told.difference]}）`}`;
  const moved = l.moved ? '現在は別の特別徴収義務者' : undefined;
  return {
    kind: 'yen',
    name: `y-${l.chargeId}`,
    label: `通知書番号 ${l.noticeNumber}`,
    required: false,
    hint: [`税額 ${yenText(l.taxYen)}、未納 ${yenText(l.openYen)}`, told, moved].filter(Boolean).join('、'),
  };
};

async function show(p: PageRequest, deps: Deps, values?: Texts, errors?: Texts): Promise<Response> {
  const receiptNo = Number(p.param('no'));
  if (!Number.isSafeInteger(receiptNo)) return p.problem('not-found');
  const found = await showEmployerMonth(deps, p.session.actor, { receiptNo });
  if (!found.ok) return p.problem(found.error === 'not-authorised' ? 'not-authorised' : 'not-found');
  const { receipt, designationNumber, month, chargedYen, lines, listId } = found.value;
  const fields: readonly Field[] = [
    ...lines.map(fieldOf),
    { kind: 'lines', name: 'reason', label: '理由', hint: '納入内訳書、異動届など', maxLength: 200, rows: 2 },
  ];
  const first = Object.fromEntries(
    lines.map((l) => [`y-${l.chargeId}`, String(l.told?.yen ?? (l.moved ? 0 : l.openYen))]),
  );
  return p.view(
    {
      title: `特別徴収の差異 ${receiptNo}`,
      gloss: "Difference of an employer's month",
      personal: true,
      ...(errors ? { hasErrors: true, status: 422 as const } : {}),
    },
    html`<div class="stack">${facts([
      { label: '指定番号', value: html`<code>${designationNumber}</code>` },
      { label: '納入月', value: month },
      { label: '納入日', value: day(receipt.paidOn) },
      { label: '納入額', value: yenText(receipt.yen) },
      { label: 'この月の未納額', value: yenText(chargedYen) },
      { label: '差異', value: yenText(receipt.yen - chargedYen) },
      { label: '納入内訳', value: listId === null ? '届いていません' : '届いています' },
    ])}${
      lines.length === 0
        ? notice('info', 'この月に対象者はいません。特別徴収義務者への照会が必要です。')
        : (await p.may(update)) &&
          form({
            action: `/suspense/${receiptNo}/month`,
            session: p.session,
            fields,
            values: values ?? first,
            ...(errors ? { errors } : {}),
            hidden: { listId: listId ?? '' },
            submit: '内訳を確定して消し込む',
            cancelHref: '/suspense',
          })
    }</div>`,
  );
}
