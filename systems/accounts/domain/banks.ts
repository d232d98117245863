/** Banks and branches as the open data names them; codes 4 and 3 digits, readings in full-width kana. */
export interface BankDirectory {
  find(bank: string, branch: string): { readonly bankName: string; readonly branchName: string } | undefined;
  nameOf(bank: string): string | undefined;
}

export type AccountFault = 'no-such-bank' | 'no-such-branch' | 'not-7-digits' | 'wrong-kind';

/** A kind that may not be used for a purpose: nobody is debited from a savings account, nobody paid to a tax reserve. */
const kindsFor = {
  debit: ['ordinary', 'current', 'tax-reserve', 'other'],
  refund: ['ordinary', 'current', 'savings', 'other'],
} as const;

/** What is wrong with an account, or nothing. */
export function accountFault(
  directory: BankDirectory,
  account: {
    readonly purpose: 'debit' | 'refund';
    readonly bank: string;
    readonly branch: string;
    readonly accountKind: string;
    readonly accountNumber: string;
  },
): AccountFault | undefined {
  if (directory.nameOf(account.bank) === undefined) return 'no-such-bank';
  if (directory.find(account.bank, account.branch) === undefined) return 'no-such-branch';
  if (!/^[0-9]{7}$/.test(account.accountNumber)) return 'not-7-digits';
  return (kindsFor[account.purpose] as readonly string[]).includes(account.accountKind) ? undefined : 'wrong-kind';
}

/**
 * ゆうちょ銀行 記号番号 of a 総合口座 as branch and account number; undefined where the check digit of the 記号 disagrees.
 *
 * @source ゆうちょ銀行「記号番号から振込用の店名・預金種目・口座番号への変換」
 */
export function fromPostalAccount(
  symbol: string,
  number: string,
): { branch: string; accountNumber: string } | undefined {
  if (!/^1[0-9]{4}$/.test(symbol) || !/^[0-9]{2,8}$/.test(number) || !number.endsWith('1')) return undefined;
  const digits = [...`${symbol.slice(0, 3)}0${symbol[4]}${number.padStart(8, '0')}`].map(Number);
  const third = (x: number): number => (x < 5 ? 2 * x : 2 * x - 9);
  const sum = digits.reduce((all, d, i) => all + (i % 3 === 0 ? d : i % 3 === 1 ? 3 * d : third(d)), 0);
  if (sum % 10 !== Number(symbol[3])) return undefined;
  return { branch: `${symbol.slice(1, 3)}8`, accountNumber: number.slice(0, -1).padStart(7, '0') };
}

/** Rule Z13: what a bank may not change, and what it must say. */
export interface Sent {
  readonly caseKey: string;
  readonly bank: string;
  readonly branch: string;
  readonly accountNumber: string;
  readonly amountYen: number;
}
export interface Said {
  readonly customerNumber: string;
  readonly bank: string;
  readonly branch: string;
  readonly accountNumber: string;
  readonly amount: number;
}
export interface ResultFault {
  readonly rule: 'Z13';
  readonly row?: number;
  readonly message: string;
}
/** Holds a result against what was sent, record by record. */
export function resultFaults(sent: readonly Sent[], said: readonly Said[]): readonly ResultFault[] {
  const open = new Map(sent.map((s) => [s.caseKey, s]));
  const faults: ResultFault[] = [];
  for (const [i, s] of said.entries()) {
    const row = i + 2;
    const request = open.get(s.customerNumber);
    if (request === undefined) {
      faults.push({ rule: 'Z13', row, message: '依頼していない、又は2度現れる顧客番号です' });
      continue;
    }
    open.delete(s.customerNumber);
    if (request.amountYen !== s.amount) faults.push({ rule: 'Z13', row, message: '引落金額が依頼と一致しません' });
    if (request.bank !== s.bank || request.branch !== s.branch || request.accountNumber !== s.accountNumber)
      faults.push({ rule: 'Z13', row, message: '口座が依頼と一致しません' });
  }
  if (open.size > 0) faults.push({ rule: 'Z13', message: `依頼したうち${open.size}件の結果がありません` });
  return faults;
}
