/* 本人確認の措置: which papers show the number, which the person, which a proxy's authority. */

export const numberDocuments = {
  card: '個人番号カード',
  certificate: '個人番号の記載のある住民票の写し等',
  'notification-card': '通知カード（記載が現在のもの）',
} as const;
export const identityDocuments = {
  card: '個人番号カード',
  licence: '運転免許証・旅券など（写真付き、一点）',
  insurance: '資格確認書など（写真なし）',
  pension: '年金手帳・児童扶養手当証書など（写真なし）',
} as const;
export const authorityDocuments = {
  'family-register': '戸籍謄本など（法定代理人）',
  'power-of-attorney': '委任状（任意代理人）',
} as const;

export interface IdentityCheck {
  readonly numberDocument: keyof typeof numberDocuments | null;
  /** Of whoever stands at the counter. */
  readonly identityDocuments: readonly (keyof typeof identityDocuments)[];
  readonly proxy: { readonly authority: keyof typeof authorityDocuments | null } | null;
}

const alone = new Set(['card', 'licence']);

/** One paper with a photograph, or two without. */
const showsPerson = (documents: IdentityCheck['identityDocuments']): boolean => {
  const different = new Set(documents);
  return [...different].some((d) => alone.has(d)) || different.size >= 2;
};

/**
 * Whether an accepted combination of papers showed the number and the person. Without it nothing of a filing is kept.
 * @law 番号利用法 第16条, 同施行令 第12条, 同施行規則 第1条〜第3条
 */
export const identityShown = (check: IdentityCheck): boolean => check.numberDocument !== null && personShown(check);

/** Whether the papers showed the person; enough where no number is handed in. */
export const personShown = (check: Pick<IdentityCheck, 'identityDocuments'>): boolean =>
  showsPerson(check.identityDocuments);

/** Whether a proxy, where there is one, showed the authority. */
export const authorityShown = ({ proxy }: IdentityCheck): boolean => proxy === null || proxy.authority !== null;
