import type { Html } from '@musubi/kernel/pages/html.ts';
import { html } from '@musubi/kernel/pages/html.ts';

/* The map of the town as one drawing: bodies by level (nation, prefecture, wards), systems where they stand, and the four
   kinds of traffic between them. A kind is told by colour and by the pattern of its line. */

/** What the map needs to know of an instance. */
export interface MapSystem {
  readonly href: string | undefined;
}

type Box = readonly [x: number, y: number, width: number, height: number];
interface Placed {
  readonly box: Box;
  /** Lines of the name; what fits the box. */
  readonly lines: readonly string[];
}

const levels = { nation: 92, prefecture: 262, ward: 508 } as const;
const row = (level: keyof typeof levels, n: 1 | 2 | 3): number => levels[level] + 46 + (n - 1) * 82;
const oneRow = 60;
const twoRows = 142;

const bodies: readonly { readonly box: Box; readonly name: string; readonly gloss: string }[] = [
  { box: [20, 8, 1200, 44], name: '政府認証基盤', gloss: 'Government PKI' },
  { box: [20, levels.nation, 460, 122], name: '地方公共団体情報システム機構', gloss: 'J-LIS' },
  { box: [520, levels.nation, 490, 122], name: '情報提供ネットワークシステム', gloss: 'Information Providing Network' },
  { box: [1050, levels.nation, 170, 122], name: 'マイナポータル', gloss: '' },
  { box: [20, levels.prefecture, 950, 204], name: '東京都', gloss: '' },
  { box: [20, levels.ward, 210, 286], name: '世田谷区', gloss: '' },
  { box: [250, levels.ward, 720, 286], name: '目黒区', gloss: 'Meguro City' },
  { box: [1050, levels.prefecture + 50, 170, 122], name: '国家資格等', gloss: '' },
  { box: [1050, levels.ward + 68, 170, 136], name: '地方税共同機構', gloss: '' },
  { box: [1050, levels.ward + 214, 170, 84], name: '金融・収納機関', gloss: '' },
];

/** Where each instance stands. The directories stand as a word in the head of their body. */
export const places: Readonly<Record<string, Placed>> = {
  'government/government-pki': {
    box: [330, 14, 880, 32],
    lines: ['すべての組織とシステムの証明書 Certificates of all'],
  },
  'jlis/jpki': { box: [40, row('nation', 1), 104, 28], lines: ['公的個人認証'] },
  'jlis/certificate-centre': { box: [40, row('nation', 1) + 32, 104, 28], lines: ['証明書交付'] },
  'jlis/national-fuhyo': { box: [152, row('nation', 1), 136, oneRow], lines: ['附票', '全国サーバ'] },
  'jlis/national-juki': { box: [300, row('nation', 1), 160, oneRow], lines: ['住基全国サーバ'] },
  'ins/linkage-root': { box: [540, row('nation', 1), 200, oneRow], lines: ['符号の生成'] },
  'ins/information-providing-network': { box: [790, row('nation', 1), 200, oneRow], lines: ['コアシステム'] },
  'portal/mynaportal': { box: [1065, row('nation', 1), 140, oneRow], lines: ['利用者の画面'] },
  'tokyo/fuhyo-link': { box: [40, row('prefecture', 1), 140, oneRow], lines: ['附票', '都道府県サーバ'] },
  'tokyo/governance': { box: [40, row('prefecture', 2), 140, oneRow], lines: ['個人情報', '保護の台帳'] },
  'tokyo/prefectural-juki': { box: [200, row('prefecture', 1), 260, twoRows], lines: ['住基都道府県サーバ'] },
  'tokyo/common-platform': { box: [525, row('prefecture', 1), 140, twoRows], lines: ['連携サーバー', '（宛名番号）'] },
  'tokyo/intermediate-server': { box: [750, row('prefecture', 1), 200, oneRow], lines: ['中間サーバー'] },
  'tokyo/child-chronic': { box: [750, row('prefecture', 2), 200, oneRow], lines: ['医療費助成', '（小児慢性）'] },
  'qualification/intermediate-server': {
    box: [1065, row('prefecture', 1) + 50, 140, oneRow],
    lines: ['中間サーバー', '（照会のみ）'],
  },
  'setagaya/municipal-juki': { box: [40, row('ward', 1), 170, oneRow], lines: ['住基区市町村サーバ'] },
  'setagaya/resident-register': { box: [40, row('ward', 2), 170, oneRow], lines: ['住民記録'] },
  'setagaya/other-municipality': { box: [40, row('ward', 3), 170, oneRow], lines: ['税務課（回送）'] },
  'meguro/municipal-juki': { box: [270, row('ward', 1), 190, oneRow], lines: ['住基区市町村サーバ'] },
  'meguro/resident-register': { box: [270, row('ward', 2), 190, oneRow], lines: ['住民記録'] },
  'meguro/common-platform': { box: [525, row('ward', 1), 140, twoRows], lines: ['共通連携基盤', '（宛名番号）'] },
  'meguro/intermediate-server': { box: [750, row('ward', 1), 200, oneRow], lines: ['中間サーバー'] },
  'meguro/resident-tax': { box: [750, row('ward', 2), 104, oneRow], lines: ['個人住民税'] },
  'meguro/tax-documents': { box: [860, row('ward', 2), 90, oneRow], lines: ['課税資料', 'イメージ'] },
  'meguro/collections': { box: [750, row('ward', 3), 90, oneRow], lines: ['収納消込'] },
  'meguro/governance': { box: [850, row('ward', 3), 100, oneRow], lines: ['個人情報', '保護の台帳'] },
  'meguro/convenience-certificates': { box: [270, row('ward', 3), 90, oneRow], lines: ['コンビニ', '交付'] },
  'meguro/ward-sections': { box: [370, row('ward', 3), 90, oneRow], lines: ['児童手当'] },
  'meguro/accounts': { box: [525, row('ward', 3), 140, oneRow], lines: ['口座管理'] },
  'finance/payments': { box: [1056, levels.ward + 250, 76, 20], lines: ['収納機関'] },
  'finance/banks': { box: [1138, levels.ward + 250, 76, 20], lines: ['金融機関'] },
  'finance/pension': { box: [1056, levels.ward + 273, 44, 20], lines: ['年金'] },
  'finance/payers': { box: [1106, levels.ward + 273, 58, 20], lines: ['事業者'] },
  'finance/printing': { box: [1170, levels.ward + 273, 44, 20], lines: ['印刷'] },
  'eltax/eltax': { box: [1065, row('ward', 2) - 4, 94, oneRow - 6], lines: ['地方税ポータル'] },
  'eltax/etax': { box: [1163, row('ward', 2) - 4, 42, oneRow - 6], lines: ['国税庁'] },
};

const heads: Readonly<Record<string, readonly [x: number, y: number]>> = {
  'government/staff-directory': [1190, 34],
  'ins/staff-directory': [990, levels.nation + 28],
  'tokyo/staff-directory': [950, levels.prefecture + 28],
  'qualification/staff-directory': [1205, levels.prefecture + 78],
  'setagaya/staff-directory': [215, levels.ward + 28],
  'meguro/staff-directory': [950, levels.ward + 28],
  'eltax/staff-directory': [1205, levels.ward + 196],
};

/** True where the map shows the instance. */
export const isOnMap = (instance: string): boolean => instance in places || instance in heads;

interface Kind {
  readonly name: string;
  readonly gloss: string;
  readonly line: string;
  readonly marker: string;
  readonly dash: string;
}
const kinds = {
  register: {
    name: '住民の異動',
    gloss: 'resident changes',
    line: 'stroke-blue-900',
    marker: 'fill-blue-900',
    dash: '',
  },
  tax: {
    name: '課税資料・納付額',
    gloss: 'tax documents, what is to be paid',
    line: 'stroke-orange-800',
    marker: 'fill-orange-800',
    dash: '10 4',
  },
  inquiry: {
    name: '許可証つきの照会・提供、副本',
    gloss: 'inquiries with a permit, lodged copies',
    line: 'stroke-green-900',
    marker: 'fill-green-900',
    dash: '',
  },
  linkage: {
    name: '符号・証明書',
    gloss: 'linkage codes, certificates',
    line: 'stroke-magenta-800',
    marker: 'fill-magenta-800',
    dash: '3 4',
  },
} as const satisfies Readonly<Record<string, Kind>>;
type KindName = keyof typeof kinds;

interface Path {
  readonly kind: KindName;
  readonly d: string;
  readonly both?: true;
  readonly label?: readonly [text: string, x: number, y: number, anchor?: 'start' | 'middle' | 'end'];
}

const nationFoot = row('nation', 1) + oneRow;
const top = (level: 'prefecture' | 'ward'): number => row(level, 1);
const middle = (level: keyof typeof levels, n: 1 | 2 | 3): number => row(level, n) + oneRow / 2;

const paths: readonly Path[] = [
  // What people do reaches the nation.
  { kind: 'register', d: `M130 ${row('ward', 2)} V${top('ward') + oneRow + 8}` },
  { kind: 'register', d: `M365 ${row('ward', 2)} V${top('ward') + oneRow + 8}` },
  {
    kind: 'register',
    d: `M130 ${top('ward')} V${levels.ward - 20} H240 V${row('prefecture', 2) + oneRow + 8}`,
    label: ['異動の通知', 250, levels.ward - 20],
  },
  { kind: 'register', d: `M430 ${top('ward')} V${row('prefecture', 2) + oneRow + 8}` },
  {
    kind: 'register',
    d: `M340 ${top('prefecture')} V${nationFoot + 8}`,
    label: ['本人確認情報', 330, levels.prefecture - 18, 'end'],
  },
  {
    kind: 'register',
    d: `M166 ${top('prefecture')} V${nationFoot + 8}`,
    label: ['附票', 156, levels.prefecture - 18, 'end'],
  },
  { kind: 'register', d: `M200 ${middle('prefecture', 1)} H188`, both: true },
  { kind: 'register', d: `M460 ${middle('ward', 2)} H517`, label: ['異動', 488, middle('ward', 2) - 8, 'middle'] },
  {
    kind: 'register',
    d: `M665 ${middle('ward', 2) - 14} H742`,
    label: ['宛名', 703, middle('ward', 2) - 21, 'middle'],
  },
  // Linkage codes: platform → register network → nation → root → intermediate server.
  { kind: 'linkage', d: `M525 ${middle('ward', 1)} H468` },
  { kind: 'linkage', d: `M525 ${middle('prefecture', 1)} H468` },
  {
    kind: 'linkage',
    d: `M400 ${top('prefecture')} V${nationFoot + 8}`,
    label: ['符号の求め', 410, levels.prefecture - 18],
  },
  { kind: 'linkage', d: `M460 ${middle('nation', 1)} H532` },
  { kind: 'linkage', d: `M748 ${middle('nation', 1)} H782`, both: true },
  {
    kind: 'linkage',
    d: `M1195 ${row('nation', 1)} V72 H30 V${middle('nation', 1)} H47`,
    label: ['証明書の確認', 640, 86, 'middle'],
  },
  // Inquiries.
  { kind: 'inquiry', d: `M673 ${middle('ward', 1)} H742`, both: true },
  { kind: 'inquiry', d: `M673 ${middle('prefecture', 1)} H742`, both: true },
  {
    kind: 'inquiry',
    d: `M742 ${middle('prefecture', 2)} H673`,
    both: true,
    label: ['照会', 707, middle('prefecture', 2) - 8, 'middle'],
  },
  {
    kind: 'inquiry',
    d: `M742 ${middle('ward', 2) + 14} H673`,
    both: true,
    label: ['副本', 707, middle('ward', 2) + 30, 'middle'],
  },
  { kind: 'inquiry', d: `M870 ${top('prefecture') - 8} V${nationFoot + 8}`, both: true },
  {
    kind: 'inquiry',
    d: `M958 ${middle('ward', 1)} H1006 V236 H920 V${nationFoot + 8}`,
    both: true,
    label: ['照会・提供', 996, 486, 'end'],
  },
  { kind: 'inquiry', d: `M1057 ${middle('nation', 1)} H998`, both: true },
  { kind: 'inquiry', d: `M1135 254 V${nationFoot + 8}`, label: ['自分の記録を見る', 1127, 240, 'end'] },
  // Tax material.
  {
    kind: 'tax',
    d: `M1065 ${middle('ward', 2)} H958`,
    label: ['報告書', 1010, middle('ward', 2) + 20, 'middle'],
  },
  { kind: 'tax', d: `M1195 556 V${row('ward', 2) - 12}` },
  {
    kind: 'tax',
    d: `M850 ${row('ward', 2) + oneRow} V${row('ward', 3) - 8}`,
    label: ['納付額', 860, row('ward', 3) - 7],
  },
  {
    kind: 'tax',
    d: `M673 ${middle('ward', 3)} H742`,
    both: true,
    label: ['口座振替', 707, middle('ward', 3) - 8, 'middle'],
  },
  {
    kind: 'tax',
    d: `M1050 ${middle('ward', 3) + 10} H958`,
    both: true,
    label: ['納付', 1004, middle('ward', 3) + 2, 'middle'],
  },
];

/** Those who are no system. */
const people: readonly { readonly x: number; readonly y: number; readonly name: string; readonly gloss: string }[] = [
  { x: 1135, y: 274, name: '住民', gloss: 'residents' },
  { x: 1135, y: 536, name: '給与支払者', gloss: 'employers' },
];

/** The map; `systems` by instance id. */
export function townMap(systems: ReadonlyMap<string, MapSystem>): Html {
  return html`<figure class="rounded-12 border border-solid-gray-420 p-4">
<div class="table-scroll"><svg viewBox="0 0 1240 812" class="block w-full min-w-[64rem] h-auto font-sans" role="group" aria-labelledby="map-title">
<title id="map-title">町の組織、システムと、その間の通信 Organisations and systems of the town, and what passes between them</title>
<defs>${Object.entries(kinds).map(([id, kind]) => arrow(id, kind))}</defs>
${bodies.map(bodyPart)}
${paths.map(pathPart)}
${people.map(personPart)}
${Object.entries(places).map(([id, placed]) => systemPart(placed, systems.get(id)))}
${Object.entries(heads).map(([id, at]) => headPart(at, systems.get(id)))}
</svg></div>
<figcaption class="mt-3 legend">${Object.values(kinds).map(legendPart)}
<span>下線のある名前から、その画面に入れます。点線の枠は画面のないシステムです。 <span lang="en" class="gloss">Underlined names lead to their pages.</span></span></figcaption>
</figure>`;
}

const arrow = (id: string, { marker }: Kind): Html =>
  html`<marker id="arrow-${id}" viewBox="0 0 8 8" refX="1" refY="4" markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse" orient="auto-start-reverse"><path d="M0 0 L8 4 L0 8 z" class="${marker}"/></marker>`;

const bodyPart = ({ box: [x, y, width, height], name, gloss }: (typeof bodies)[number]): Html =>
  html`<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="12" class="fill-solid-gray-50 stroke-solid-gray-420"/>
<text x="${x + 16}" y="${y + 28}" class="fill-solid-gray-900 font-bold text-[0.9375rem]">${name}${gloss && html` <tspan class="fill-solid-gray-700 font-normal text-[0.75rem]" lang="en">${gloss}</tspan>`}</text>`;

const pathPart = ({ kind, d, both, label }: Path): Html => {
  const { line, marker, dash }: Kind = kinds[kind];
  return html`<path d="${d}" class="fill-none stroke-2 ${line}"${dash && html` stroke-dasharray="${dash}"`} marker-end="url(#arrow-${kind})"${both && html` marker-start="url(#arrow-${kind})"`}/>
${
  label &&
  html`<text x="${label[1]}" y="${label[2]}" text-anchor="${label[3] ?? 'start'}" class="text-[0.75rem] ${marker}">${label[0]}</text>`
}`;
};

const personPart = ({ x, y, name, gloss }: (typeof people)[number]): Html =>
  html`<rect x="${x - 78}" y="${y - 20}" width="156" height="40" rx="20" class="fill-white stroke-solid-gray-800"/>
<text x="${x}" y="${y + 5}" text-anchor="middle" class="fill-solid-gray-900 text-[0.875rem]">${name} <tspan class="fill-solid-gray-700 text-[0.75rem]" lang="en">${gloss}</tspan></text>`;

function systemPart({ box: [x, y, width, height], lines }: Placed, system: MapSystem | undefined): Html {
  const href = system?.href;
  const lineHeight = 20;
  const first = y + height / 2 + 5 - ((lines.length - 1) * lineHeight) / 2;
  const words = lines.map((line, n) => html`<tspan x="${x + width / 2}" y="${first + n * lineHeight}">${line}</tspan>`);
  const text = href
    ? html`<text text-anchor="middle" class="fill-blue-1000 underline font-bold text-[0.9375rem]">${words}</text>`
    : html`<text text-anchor="middle" class="fill-solid-gray-800 text-[0.9375rem]">${words}</text>`;
  const frame = html`<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="8" class="fill-white ${
    href ? 'stroke-solid-gray-800' : 'stroke-solid-gray-600'
  }"${!href && html` stroke-dasharray="2 3"`}/>`;
  return href ? html`<a href="${href}" class="[&:hover_rect]:fill-blue-50">${frame}${text}</a>` : html`${frame}${text}`;
}

const headPart = ([x, y]: readonly [number, number], system: MapSystem | undefined): Html | undefined =>
  system?.href === undefined
    ? undefined
    : html`<a href="${system.href}"><text x="${x}" y="${y}" text-anchor="end" class="fill-blue-1000 underline text-[0.8125rem]">職員認証</text></a>`;

const legendPart = ({ name, gloss, line, dash }: Kind): Html =>
  html`<span class="nowrap"><svg viewBox="0 0 36 14" class="!w-9" aria-hidden="true"><path d="M0 7 H36" class="stroke-[3] ${line}"${dash && html` stroke-dasharray="${dash}"`}/></svg>${name} <span class="gloss" lang="en">${gloss}</span></span>`;
