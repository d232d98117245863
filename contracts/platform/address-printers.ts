/**
 * Every system whose documents bear a person's address, and how it learns that a person is under 支援措置 before one leaves. A test of the
 * platform compares this with the templates and document makers of the repository: who prints an address and is not here fails it.
 *
 * - `asks`: the platform, just before each document; without an answer no address is printed (`protection-client.ts`)
 * - `keeps`: the register itself, where 支援措置 is decided, or a system that is told of it with its records and refuses the document whole
 * - `to-the-person`: prints an address to nobody but the person whose it is, or keeps the document in the house
 * @source INC-45, INC-46; 住民基本台帳事務処理要領 第5-10
 */
export const addressPrinters = {
  'resident-tax': { how: 'asks', what: '通知書、証明書、照会文書、公示、印刷データ' },
  collections: { how: 'asks', what: '督促状、催告書、領収書、還付通知、口座振替の通知' },
  'resident-register': { how: 'keeps', what: '住民票の写し' },
  'convenience-certificates': { how: 'keeps', what: 'コンビニ交付の証明書（支援措置の方は交付を止める）' },
  'prefectural-juki': { how: 'to-the-person', what: '本人への開示の書面' },
  'fuhyo-link': { how: 'to-the-person', what: '本人への開示の書面' },
  'child-chronic': { how: 'to-the-person', what: '受給者証、結果通知（申請者本人あて）' },
  'tax-documents': { how: 'to-the-person', what: '提出された申告書の写し（庁内）' },
} as const satisfies Readonly<
  Record<string, { readonly how: 'asks' | 'keeps' | 'to-the-person'; readonly what: string }>
>;
