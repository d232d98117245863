import { informationItems } from '@musubi/contracts/exchange/information-items.ts';
import { provisionResults } from '@musubi/contracts/exchange/messages.ts';
import type { Tone } from '@musubi/kernel/pages/kit/marks.ts';
import type { Deps } from '../deps.ts';
import type { Agreement, ComparedMember } from '../domain/pairs.ts';
import type { ProofFault } from '../service/check-proof.ts';
import type { SignInRefusal } from '../service/sign-in.ts';

/** What a refused sign-in says to the card holder, and its status. */
export const signInWords: Readonly<Record<SignInRefusal, { readonly status: number; readonly text: string }>> = {
  'not-a-town': { status: 403, text: '訓練用のカードは、訓練用の町でだけ使えます。' },
  'challenge-unknown': { status: 403, text: '画面の有効期限が切れました。もう一度カードを読み取ってください。' },
  'challenge-expired': { status: 403, text: '画面の有効期限が切れました。もう一度カードを読み取ってください。' },
  'challenge-replayed': { status: 409, text: 'この署名は使用済みです。もう一度カードを読み取ってください。' },
  'certificate-refused': { status: 403, text: '利用者証明用電子証明書として確かめられません。' },
  'certificate-expired': { status: 403, text: '電子証明書の有効期間が過ぎています。窓口で更新してください。' },
  'signature-wrong': { status: 403, text: 'カードの署名を確かめられません。' },
  'certificate-revoked': { status: 403, text: '電子証明書が失効しています。窓口で確認してください。' },
  'status-unavailable': {
    status: 503,
    text: '電子証明書の有効性を確認できません。しばらくしてからやり直してください。',
  },
  'no-such-person': { status: 403, text: '住民票の記録を確かめられません。窓口で確認してください。' },
  'linkage-unavailable': { status: 503, text: '初回の登録を終えられません。しばらくしてからやり直してください。' },
  'not-authorised': { status: 403, text: 'サインインできません。' },
};

export const proofFaultWords: Readonly<Record<ProofFault, string>> = {
  'unreadable-proof': '証明の形式が正しくありません。',
  'not-a-checkpoint': '機関の記録簿のものではない要約が付いています。',
  'wrong-signature': '記録簿の要約の署名が、機関の鍵のものではありません。',
  'not-in-the-log': '示された記録は、署名された記録簿に含まれていません。',
  'wrong-opening': '記録の対象者の証明が合いません。',
  'other-record': '証明は別の出来事のもので、この記録の内容と一致しません。',
};

export const memberWords: Readonly<Record<ComparedMember, string>> = {
  asker: '照会した機関',
  provider: '提供した機関',
  procedure: '事務手続',
  informationCode: '特定個人情報',
  items: '項目',
  ground: '根拠',
  result: '結果',
};

export function agreementWords(
  deps: Pick<Deps, 'bodies'>,
  agreement: Agreement,
): { text: string; tone: Tone; long: string } {
  switch (agreement.kind) {
    case 'agree':
      return { text: '双方一致', tone: 'done', long: '照会した機関と提供した機関の記録は一致しています。' };
    case 'differ': {
      const members = agreement.members.map((member) => memberWords[member]).join('、');
      return { text: '相違あり', tone: 'error', long: `双方の記録が次の点で異なります: ${members}` };
    }
    case 'one-sided':
      return {
        text: '一方のみ',
        tone: 'error',
        long: `${bodyName(deps, agreement.missing)}は回答しましたが、このやりとりの記録がありません。`,
      };
    case 'ended-before':
      return {
        text: '提供前に終了',
        tone: 'plain',
        long: '提供する機関に届く前に終わったため、記録は一方にだけあります。',
      };
    case 'other-silent':
      return {
        text: '確認待ち',
        tone: 'warning',
        long: `${bodyName(deps, agreement.missing)}から回答がなく、双方の記録を比べられません。`,
      };
  }
}

export const bodyName = (deps: Pick<Deps, 'bodies'>, id: string): string => deps.bodies.get(id)?.name ?? id;
export const informationName = (code: string): string =>
  (informationItems as Readonly<Record<string, { readonly name: string } | undefined>>)[code]?.name ?? code;
export const resultText = (result: string): string => {
  const name = (provisionResults as Readonly<Record<string, string>>)[result];
  return name === undefined ? `照会不成立（${result}）` : `${result} ${name}`;
};
