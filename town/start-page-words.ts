import type { NamedText } from '@musubi/kernel/serve/config.ts';

/** What a system does, in one line, for whoever stands before the map for the first time. */
export const purposes: Readonly<Record<string, NamedText>> = {
  'government-pki': {
    ja: '組織とシステムの証明書を発行し、失効を知らせます。',
    en: 'Certificates of organisations and systems.',
  },
  'linkage-root': {
    ja: '符号を生成し、照会のたびに付け替えます。人の表は持ちません。',
    en: 'Makes and turns linkage codes; holds no table of persons.',
  },
  'information-providing-network': {
    ja: '照会許可用照合リストで照会を審査し、許可証に署名して中継します。',
    en: 'Examines inquiries, signs permits, relays what it cannot read.',
  },
  'national-juki': {
    ja: '住民票コードと個人番号を付番し、全国の本人確認情報を持ちます。',
    en: 'Gives codes and numbers; one record per person nationwide.',
  },
  jpki: { ja: 'カードの電子証明書を発行し、有効性を答えます。', en: 'Card certificates and their status.' },
  'certificate-centre': {
    ja: 'コンビニの端末の申請を区へ取り次ぎ、返った証明書が本人のものか比べます。',
    en: 'Passes requests of the stores to the wards.',
  },
  'convenience-certificates': {
    ja: 'コンビニで課税証明書を交付し、障害の間は窓口で交付します。',
    en: 'Tax certificates at stores, and in an outage.',
  },
  'tax-documents': {
    ja: '課税資料をイメージにして一度だけ保管し、個人番号欄を塗りつぶして見せます。',
    en: 'Images of tax documents, numbers blacked out.',
  },
  'prefectural-juki': {
    ja: '都内の本人確認情報を異動事由ごとに審査して持ちます。',
    en: 'Register of all residents of the prefecture.',
  },
  'common-platform': {
    ja: '組織の中の「誰」を一つに結び、業務と中間サーバーの間を中継します。',
    en: 'Who a person is inside one organisation.',
  },
  'intermediate-server': {
    ja: '他の機関への照会と回答。副本と符号を持ちます。',
    en: 'Inquiries to other bodies and answers to them.',
  },
  'child-chronic': {
    ja: '小児慢性特定疾病の医療費助成。所得を他の機関に照会します。',
    en: 'Subsidy cases; asks for tax information.',
  },
  'fuhyo-link': {
    ja: '戸籍の附票の本人確認情報。個人番号は持たず、国外転出者の照会に限り一時だけ預かります。',
    en: 'Supplementary family register; numbers of emigrants for the moment of one inquiry.',
  },
  'national-fuhyo': {
    ja: '附票の本人確認情報を全国で持ちます。',
    en: 'The supplementary register nationwide.',
  },
  governance: {
    ja: '委託・研修・点検・事故・保管の台帳と、その期限。',
    en: 'Registers of contractors, training, inspection, incidents and storage, with their terms.',
  },
  'resident-register': {
    ja: '転入・転出・出生・死亡の届出を受けます。',
    en: 'Births, moves and deaths at the counter.',
  },
  'municipal-juki': {
    ja: '異動の通知を一件ずつ検査して都へ送ります。',
    en: 'Checks each notice and sends it on.',
  },
  'resident-tax': {
    ja: '給与支払報告書を取り込み、突合し、税額を決め、通知書を作ります。',
    en: 'From salary reports to the levy and its notice.',
  },
  accounts: {
    ja: '口座の登録・変更・廃止、銀行ごとの振替依頼と結果、還付の振込依頼。',
    en: 'Accounts to debit and to pay to; files to the banks and what they said.',
  },
  collections: {
    ja: '決まった税額の納付を消し込み、督促・還付・延滞金まで、円の行き先を一つ残らず仕訳で持ちます。',
    en: 'What was charged, paid, owed and paid back, in double entry.',
  },
  payments: {
    ja: 'コンビニ・ペイジー・窓口で納付を受け、速報・確報・取消のファイルを届けます。',
    en: 'Takes payments at tills and delivers the files of each day.',
  },
  pension: {
    ja: '市区町村の依頼どおりに年金から税を徴収し、納めます。',
    en: 'Keeps inhabitant tax back from pensions as wards ask, and pays it over.',
  },
  payers: {
    ja: '従業員の給与から税を徴収し、毎月10日までに納めます。違う額のときは内訳を伝えます。',
    en: 'Keep inhabitant tax back from pay and pay it over each month, with a list where it differs.',
  },
  banks: {
    ja: '口座振替と振込の依頼を厳密に読み、一度だけ実行し、結果を返します。',
    en: 'Debits and pays what the files ask, each order once.',
  },
  eltax: {
    ja: '給与支払者の報告書を審査し、市区町村ごとに届けます。',
    en: 'Takes salary reports and delivers them to each municipality.',
  },
  etax: {
    ja: '国税庁（国税連携）。扶養控除を認めなかった人の通知を、区から毎月受け取ります。',
    en: 'The tax agency: is told each month which dependants were denied.',
  },
  mynaportal: {
    ja: '住民が、誰が何をいつ照会したかを見て、証拠を確かめます。',
    en: 'Residents see who asked for what, with the proof.',
  },
  printing: {
    ja: '通知書の印刷・封入・発送の委託先。見本を確かめ、件数を報告します。',
    en: 'Prints, encloses and posts notices for the ward.',
  },
  'other-municipality': {
    ja: 'ほかの区の税務課。回送された資料と住登外課税通知を受け取り、こちらへも送ります。',
    en: 'Another ward’s tax office: takes what is sent on, and sends.',
  },
  'ward-sections': {
    ja: '子育て支援課の児童手当。対象者の税情報を、条例の表の項目だけ照会します。',
    en: 'A section of the ward: asks for the tax information that the list gives it.',
  },
  'staff-directory': {
    ja: '職員のID、サインイン、権限の付与と承認。',
    en: 'Staff ids, sign-in, grants.',
  },
};
