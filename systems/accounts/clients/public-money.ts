import { askAnotherBody } from '@musubi/contracts/exchange/endpoints.ts';
import { canonicalJson } from '@musubi/kernel/crypto/canonical-json.ts';
import type { PeerClient } from '@musubi/kernel/http/client.ts';
import { err, ok } from '@musubi/kernel/result/result.ts';
import type { PublicMoney, PublicMoneyAnswer } from '../deps.ts';

/** Where the inquiry goes and under which row of the permission list. From the settings. */
export interface PublicMoneyRow {
  readonly platform: string;
  readonly provider: string;
  readonly procedure: string;
  readonly informationCode: string;
}
/** 公的給付支給等口座, as the row of the list names its items. */
const items = {
  bank: '金融機関コード',
  branch: '支店コード',
  accountKind: '預金種目',
  accountNumber: '口座番号',
  holderKana: '口座名義カナ',
} as const;
const kinds = { 普通: 'ordinary', 当座: 'current', 貯蓄: 'savings', その他: 'other' } as const;

/** 公金受取口座の照会 by the organisation's platform. */
export function publicMoney(
  peers: Pick<PeerClient, 'call'>,
  row: PublicMoneyRow,
  today: () => Temporal.PlainDate,
): PublicMoney {
  return {
    async ask({ requestId, personNumber, staffId }) {
      const done = await peers.call(
        askAnotherBody,
        row.platform,
        {},
        {
          requestId,
          asker: { system: 'accounts', staffId, caseReference: `refund-account ${requestId}` },
          orgPersonNumber: personNumber,
          procedure: row.procedure,
          informationCode: row.informationCode,
          items: Object.values(items),
          condition: { asOf: today().toString() },
          provider: row.provider,
        },
        { timeoutMs: 60_000 },
      );
      if (!done.ok) {
        if (done.error === 'congested' || done.error === 'overloaded') return err('network-busy');
        if (Object.hasOwn(askAnotherBody.errors, done.error)) return err('inquiry-refused');
        throw new Error(`public-money account: ${done.error}`);
      }
      const { inquiryNumber, result, items: told } = done.value;
      const account = result === '00' ? accountOf(told) : undefined;
      return ok({ inquiryNumber, result, told: canonicalJson(told), account });
    },
  };
}

function accountOf(told: Readonly<Record<string, unknown>>): PublicMoneyAnswer['account'] {
  const of = (name: string): string => (typeof told[name] === 'string' ? told[name] : '');
  const kind = of(items.accountKind);
  if (!Object.hasOwn(kinds, kind)) return undefined;
  const [bank, branch, accountNumber, holderKana] = [
    items.bank,
    items.branch,
    items.accountNumber,
    items.holderKana,
  ].map(of) as [string, string, string, string];
  return { bank, branch, accountKind: kinds[kind as keyof typeof kinds], accountNumber, holderKana };
}
