import type { PersonRecord } from '@musubi/contracts/portal/records.ts';
import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { type Html, html, time } from '@musubi/kernel/pages/html.ts';
import { badge, facts, notice, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import type { Deps } from '../deps.ts';
import type { Exchange } from '../domain/pairs.ts';
import { checkProof, type ProofVerdict } from '../service/check-proof.ts';
import { type Shown, shownInSession } from '../service/show-records.ts';
import { networkDown, periodOf, type Whose, whoseField, withWhose } from './whose.ts';
import { agreementWords, bodyName, informationName, memberWords, proofFaultWords, resultText } from './words.ts';

const right = ['mynaportal', 'record', 'read'] as const;
const entrances = [
  { href: '/records', label: 'やりとり履歴', about: 'どの機関があなたの情報を照会したか、その証明' },
  { href: '/information', label: '自己情報', about: '各機関が他の機関に提供するために登録しているあなたの情報' },
  { href: '/notices', label: 'お知らせ', about: '各機関からのお知らせ' },
  { href: '/applications', label: '電子申請', about: '手続の申請と、その状況' },
  { href: '/agents', label: '代理人', about: '家族などに見てもらう設定、代理人が見た履歴' },
];

export function addRecordPages(app: PageApp, deps: Deps): void {
  page(app, 'GET', '/', 'signed-in', (p) =>
    p.view(
      { title: 'マイナポータル', gloss: 'Your portal' },
      html`<div class="stack">
<p>あなたの特定個人情報を、どの機関が、いつ、何の根拠で照会し、どの機関が提供したかを確かめられます。</p>
<ul class="stack-tight">${entrances.map((e) => html`<li><a href="${e.href}">${e.label}</a><span class="muted">: ${e.about}</span></li>`)}</ul>
<section aria-labelledby="about">${sectionTitle('この画面が知っていること', 'What this portal knows', 'about')}
<p>ポータルはあなたの氏名・住所・個人番号を持ちません。カードの電子証明書から得た専用の符号だけで各機関に問い合わせ、届いた記録はサインイン中だけ表示し、保存しません。</p></section></div>`,
    ),
  );

  page(app, 'GET', '/records', right, (p) =>
    withShown(p, deps, async (shown, whose) =>
      p.view(
        {
          title: 'やりとり履歴',
          gloss: 'Who asked for your information',
          breadcrumbs: [{ label: 'トップ', href: '/' }],
        },
        html`${whose.banner}${list(deps, shown, whose, await proofBadges(deps, shown))}`,
      ),
    ),
  );

  page(app, 'GET', '/records/:inquiryNumber', right, (p) =>
    withExchange(p, deps, async (exchange, whose) => {
      const verdicts = await Promise.all(exchange.records.map((record) => checkProof(deps, record)));
      return p.view(
        {
          title: 'やりとりの記録',
          gloss: 'One exchange and its proof',
          breadcrumbs: [
            { label: 'トップ', href: '/' },
            { label: 'やりとり履歴', href: `/records${whose.suffix}` },
          ],
        },
        html`${whose.banner}${detail(deps, exchange, verdicts, whose)}`,
      );
    }),
  );

  page(app, 'GET', '/records/:inquiryNumber/proofs/:place', right, (p) =>
    withExchange(p, deps, async (exchange) => {
      const place = p.param('place');
      const record = /^[0-9]{1,3}$/.test(place) ? exchange.records[Number(place)] : undefined;
      if (record === undefined || record.proof === '') return p.problem('not-found');
      const bundle = await proofBundle(deps, record);
      return p.file(Buffer.from(`${JSON.stringify(bundle, null, 2)}\n`), {
        type: 'application/json',
        name: `musubi-proof-${record.inquiryNumber}-${record.toldBy}.json`,
        inline: false,
      });
    }),
  );
}

const withShown = (
  p: PageRequest,
  deps: Deps,
  show: (shown: Shown, whose: Whose) => Promise<Response>,
): Promise<Response> =>
  withWhose(p, deps, 'records', async (whose) => {
    const shown = await shownInSession(deps, whose.resident, whose, periodOf(p.query));
    if (shown.ok) return show(shown.value, whose);
    return p.problem(shown.error === 'network-unavailable' ? networkDown : 'not-found');
  });

/** Only what this very session was shown exists here: another person's number is as unknown as a wrong one. */
const withExchange = (
  p: PageRequest,
  deps: Deps,
  show: (exchange: Exchange<PersonRecord>, whose: Whose) => Promise<Response>,
): Promise<Response> =>
  withShown(p, deps, async (shown, whose) => {
    const exchange = shown.exchanges.find((each) => each.inquiryNumber === p.param('inquiryNumber'));
    return exchange === undefined ? p.problem('not-found') : show(exchange, whose);
  });

function list(deps: Deps, shown: Shown, whose: Whose, proofs: ReadonlyMap<string, Html>): Html {
  return html`<div class="stack">
<form class="row no-print" method="get" action="/records">${whoseField(whose)}
<div class="field"><label for="from">期間の初め</label><input class="input input-short" type="date" id="from" name="from" value="${shown.from}"></div>
<div class="field"><label for="until">期間の終わり</label><input class="input input-short" type="date" id="until" name="until" value="${shown.until}"></div>
<button class="button" type="submit">この期間を見る</button></form>
${shown.silent.length > 0 && notice('warning', '回答のない機関があります', html`<p>${shown.silent.map((id) => bodyName(deps, id)).join('、')}の記録は、いま確かめられません。</p>`)}
${shown.exchanges.length === 0 ? html`<p>この期間のやりとりはありません。</p>` : table(deps, shown.exchanges, whose, proofs)}
<p class="muted">${time(shown.askedAt)} に各機関へ照会した内容です。サインアウトすると消えます。</p></div>`;
}

/** Inquiry number → the worst of its records' proofs. */
async function proofBadges(deps: Deps, { exchanges }: Shown): Promise<ReadonlyMap<string, Html>> {
  const badges = exchanges.map(async ({ inquiryNumber, records }) => {
    const states = (await Promise.all(records.map((record) => checkProof(deps, record)))).map(({ state }) => state);
    const worst = (['failed', 'unchecked', 'waiting', 'proven'] as const).find((state) => states.includes(state));
    return [inquiryNumber, proofBadge[worst ?? 'unchecked']] as const;
  });
  return new Map(await Promise.all(badges));
}
const proofBadge = {
  failed: badge('不成立', 'error'),
  unchecked: badge('確認不可', 'warning'),
  waiting: badge('準備中', 'info'),
  proven: badge('成立', 'done'),
} as const satisfies Record<ProofVerdict['state'], Html>;

const table = (
  deps: Deps,
  exchanges: readonly Exchange<PersonRecord>[],
  whose: Whose,
  proofs: ReadonlyMap<string, Html>,
): Html =>
  html`<div class="table-scroll" tabindex="0" role="region" aria-label="やりとりの表"><table class="data-table"><caption>やりとり ${exchanges.length}件</caption>
<thead><tr><th scope="col">日時</th><th scope="col">照会した機関</th><th scope="col">提供した機関</th><th scope="col">情報</th><th scope="col">根拠</th><th scope="col">結果</th><th scope="col">双方の記録</th><th scope="col">証明</th><th scope="col">詳細</th></tr></thead>
<tbody>${exchanges.map((exchange) => {
    const record = (exchange.asker ?? exchange.provider)!;
    const agreement = agreementWords(deps, exchange.agreement);
    return html`<tr><td class="nowrap">${time(Temporal.Instant.from(record.at))}</td><td>${bodyName(deps, record.asker)}</td><td>${bodyName(deps, record.provider)}</td><td>${informationName(record.informationCode)}</td><td>${record.ground}</td><td>${resultText(record.result)}</td><td>${badge(agreement.text, agreement.tone)}</td><td>${proofs.get(exchange.inquiryNumber)}</td><td class="nowrap"><a href="/records/${exchange.inquiryNumber}${whose.suffix}">内容と証明<span class="visually-hidden">: ${record.at} ${bodyName(deps, record.asker)}</span></a></td></tr>`;
  })}</tbody></table></div>`;

function detail(deps: Deps, exchange: Exchange<PersonRecord>, verdicts: readonly ProofVerdict[], whose: Whose): Html {
  const agreement = agreementWords(deps, exchange.agreement);
  const tone = agreement.tone === 'plain' ? 'info' : agreement.tone;
  const broken = verdicts.some(({ state }) => state === 'failed');
  return html`<div class="stack">${broken && notice('error', '成り立たない証明があります', html`<p>示された記録のうち、機関の記録簿と合わないものがあります。下の証明を確かめてください。</p>`)}${notice(tone, agreement.text, html`<p>${agreement.long}</p>`)}
<section aria-labelledby="sides">${sectionTitle('双方の記録', 'Both bodies’ records', 'sides')}${sides(deps, exchange)}</section>
${exchange.records.map((record, place) => proofSection(deps, record, verdicts[place]!, { place, whose }))}
<section aria-labelledby="independent">${sectionTitle('自分で確かめるには', 'How to check independently', 'independent')}${independently}</section></div>`;
}

function sides(deps: Deps, { inquiryNumber, asker, provider, agreement }: Exchange<PersonRecord>): Html {
  const differing = new Set<string>(agreement.kind === 'differ' ? agreement.members : []);
  const cell = (of: PersonRecord | undefined, text: (r: PersonRecord) => string): Html =>
    of === undefined ? html`<td class="muted">記録なし</td>` : html`<td>${text(of)}</td>`;
  const row = (label: string, text: (r: PersonRecord) => string, member = ''): Html =>
    html`<tr><th scope="row">${label}${differing.has(member) && html` ${badge('相違', 'error')}`}</th>${cell(asker, text)}${cell(provider, text)}</tr>`;
  return html`<div class="table-scroll" tabindex="0" role="region" aria-label="双方の記録の表"><table class="data-table"><caption>照会番号 ${inquiryNumber}</caption>
<thead><tr><td></td><th scope="col">照会した機関の記録</th><th scope="col">提供した機関の記録</th></tr></thead><tbody>
${row('記録した時', (r) => Temporal.Instant.from(r.at).toZonedDateTimeISO('Asia/Tokyo').toPlainDateTime().toString({ smallestUnit: 'second' }).replace('T', ' '))}
${row(memberWords.asker, (r) => bodyName(deps, r.asker), 'asker')}
${row(memberWords.provider, (r) => bodyName(deps, r.provider), 'provider')}
${row(memberWords.procedure, (r) => r.procedure, 'procedure')}
${row(memberWords.informationCode, (r) => `${informationName(r.informationCode)}（${r.informationCode}）`, 'informationCode')}
${row(memberWords.items, (r) => r.items.join('、'), 'items')}
${row(memberWords.ground, (r) => r.ground, 'ground')}
${row(memberWords.result, (r) => resultText(r.result), 'result')}</tbody></table></div>`;
}

function proofSection(
  deps: Deps,
  record: PersonRecord,
  verdict: ProofVerdict,
  { place, whose }: { place: number; whose: Whose },
): Html {
  const id = `proof-${place}`;
  const name = bodyName(deps, record.toldBy);
  return html`<section aria-labelledby="${id}">${sectionTitle(`${name}の記録簿による証明`, 'Proof in the body’s log', id)}${verdictNotice(name, verdict)}
${verdict.state === 'proven' && proofFacts(verdict)}
${record.proof !== '' && html`<p class="no-print"><a href="/records/${record.inquiryNumber}/proofs/${place}${whose.suffix}" download>証明をそのまま保存する（JSON）<span class="visually-hidden">: ${name}</span></a></p>`}</section>`;
}

function verdictNotice(name: string, verdict: ProofVerdict): Html {
  switch (verdict.state) {
    case 'waiting':
      return notice(
        'info',
        '証明の準備中です',
        html`<p>記録は次の要約（チェックポイント）に入ると証明できます。しばらくしてから開き直してください。</p>`,
      );
    case 'unchecked':
      return notice('warning', '証明を確かめられません', html`<p>${name}の記録簿の鍵を得られませんでした。</p>`);
    case 'failed':
      return notice(
        'error',
        '証明が成り立ちません',
        html`<p>${proofFaultWords[verdict.fault]}${name}に問い合わせてください。</p>`,
      );
    case 'proven':
      return verdict.witnesses.length > 0
        ? notice(
            'done',
            '証明が成り立ちました',
            html`<p>この記録は${name}の記録簿（後から書き換えると分かるもの）に含まれ、他の機関${verdict.witnesses.length}者が記録簿の要約に連署しています。</p>`,
          )
        : notice(
            'warning',
            '証明が成り立ちました（連署はまだありません）',
            html`<p>この記録は${name}の署名した記録簿に含まれています。他の機関の連署はまだ届いていません。</p>`,
          );
  }
}

function proofFacts({ proof, size, logKey, witnesses }: Extract<ProofVerdict, { state: 'proven' }>): Html {
  return html`${facts([
    { label: '記録簿', gloss: 'Log', value: logKey.name },
    { label: '位置', gloss: 'Leaf of tree', value: `${proof.leafIndex + 1}件目 / ${size}件` },
    { label: '連署した機関', gloss: 'Witnesses', value: witnesses.map(({ name }) => name).join('、') },
  ])}
<details class="mt-4"><summary>包含の道筋・要約・連署</summary>${facts([
    {
      label: '包含の道筋',
      gloss: 'Inclusion path',
      value: html`<ol class="list-decimal pl-6">${proof.path.map((hash) => html`<li><code class="break-all">${hash}</code></li>`)}</ol>`,
    },
    {
      label: '要約',
      gloss: 'Checkpoint',
      value: html`<pre class="whitespace-pre-wrap break-all">${proof.checkpoint}</pre>`,
    },
    {
      label: '連署',
      gloss: 'Cosignatures',
      value: html`<pre class="whitespace-pre-wrap break-all">${proof.cosignatures.join('')}</pre>`,
    },
    {
      label: '出来事の本文',
      gloss: 'Event',
      value: html`<pre class="whitespace-pre-wrap break-all">${proof.body}</pre>`,
    },
  ])}</details>`;
}

const independently = html`<ol class="list-decimal pl-6">
<li>上の「証明をそのまま保存する」で、機関ごとの証明を保存します。</li>
<li>葉: SHA-256（バイト00 ‖ <code>proof.body</code> のUTF-8）を計算します（RFC 6962）。</li>
<li>道筋: <code>proof.leafIndex</code> と要約の2行目の件数に従い、<code>proof.path</code> を順に SHA-256（バイト01 ‖ 左 ‖ 右）で重ねます。結果が要約の3行目（Base64）と一致すれば、記録は記録簿に含まれています。</li>
<li>署名: 要約の本文の Ed25519 署名を、機関の鍵 <code>keys.log</code> で確かめます（C2SP signed-note）。鍵は政府認証基盤の公開の窓口からも得られます。ポータルを信じる必要はありません。</li>
<li>連署: 「cosignature/v1」「time 秒」の2行に要約の本文を続けたものの署名を、他の機関の鍵 <code>keys.witnesses</code> で確かめます（C2SP tlog-cosignature）。</li>
</ol>
<p>Musubi の <code>kernel/audit/event-proof.ts</code> の <code>verifyEventProof</code> は、この手順を外部との通信なしに行います。</p>`;

/** What a person needs to check the record without us: record, proof, and the keys as the PKI gives them now. */
async function proofBundle(deps: Deps, { proof, ...record }: PersonRecord) {
  const verdict = await checkProof(deps, { proof, ...record });
  const keyText = ({ name, publicKey }: { name: string; publicKey: Uint8Array }) => ({
    name,
    publicKey: Buffer.from(publicKey).toString('base64'),
  });
  return {
    record,
    proof: parsed(proof),
    keys:
      verdict.state === 'proven' ? { log: keyText(verdict.logKey), witnesses: verdict.witnesses.map(keyText) } : null,
    checked: verdict.state === 'failed' ? { state: verdict.state, fault: verdict.fault } : { state: verdict.state },
  };
}

/** As it came: a proof that is not even JSON is evidence too. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
