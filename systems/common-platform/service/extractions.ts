import { createEuc, type EucSource } from '@musubi/kernel/euc/euc.ts';
import type { Deps } from '../deps.ts';
import { linkageWords } from '../domain/linkage.ts';
import { inquiryRows, personRows } from '../store/extraction-rows.ts';

const statusChoices = { resident: '住民', 'moving-out': '転出予定', removed: '消除', unregistered: '住登外' } as const;

const persons: EucSource<Deps> = {
  id: 'persons',
  label: '宛名',
  gloss: 'Persons',
  aboutPersons: true,
  columns: [
    { key: 'number', label: '団体内統合宛名番号', kind: 'text', personal: false },
    { key: 'name', label: '氏名', kind: 'text', personal: true },
    { key: 'kana', label: '氏名かな', kind: 'text', personal: true },
    { key: 'born', label: '生年月日', kind: 'date', personal: true },
    {
      key: 'sex',
      label: '性別',
      kind: 'choice',
      choices: { male: '男', female: '女', other: 'その他' },
      personal: true,
    },
    { key: 'address', label: '住所（支援措置の方は空欄）', kind: 'text', personal: true },
    { key: 'postal', label: '郵便番号', kind: 'text', personal: true },
    { key: 'household', label: '世帯番号', kind: 'text', personal: true },
    { key: 'relationship', label: '続柄', kind: 'text', personal: true },
    { key: 'status', label: '状態', kind: 'choice', choices: statusChoices, personal: false },
    { key: 'municipality', label: '市区町村コード', kind: 'text', personal: false },
    { key: 'became', label: '住民となった日', kind: 'date', personal: false },
    { key: 'removed', label: '消除日', kind: 'date', personal: false },
    { key: 'changed', label: '異動日', kind: 'date', personal: false },
    { key: 'source', label: '記録した業務', kind: 'text', personal: false },
    {
      key: 'linkage',
      label: '符号の状況',
      kind: 'choice',
      choices: { ...linkageWords, none: '対象外' },
      personal: false,
    },
  ],
  rows: (tx) => personRows(tx),
  // A list of "the residents" in which those who left stand as well is how 018サポート went wrong (INC-72).
  cautions: [
    { text: '消除者が含まれます', counts: (row) => row.status === 'removed' },
    { text: '転出予定の方が含まれます', counts: (row) => row.status === 'moving-out' },
    { text: '住登外の方が含まれます', counts: (row) => row.status === 'unregistered' },
  ],
};

const inquiries: EucSource<Deps> = {
  id: 'inquiries',
  label: '中継した情報照会',
  gloss: 'Relayed inquiries',
  aboutPersons: false,
  columns: [
    { key: 'system', label: '業務', kind: 'text', personal: false },
    { key: 'procedure', label: '事務手続', kind: 'text', personal: false },
    { key: 'information', label: '特定個人情報', kind: 'text', personal: false },
    { key: 'provider', label: '照会先', kind: 'text', personal: false },
    { key: 'asked', label: '照会日', kind: 'date', personal: false },
    { key: 'outcome', label: '結果', kind: 'text', personal: false },
  ],
  rows: (tx) => inquiryRows(tx),
};

/** @source requirements 002 CIP-F5, flow W25; incidents INC-21, INC-72, INC-73 */
export const extraction = createEuc<Deps>({
  system: 'common-platform',
  sources: [persons, inquiries],
  personal: ['common-platform', 'euc-personal', 'read'],
  freeRows: 100,
});
// The matrix of rights reads the acts that a file exports.
export const { count, save, listSaved, ask, approve, make, handOut, bringBack, list } = extraction;
export const { view, carry, decideCarry, writeOut, listCarried } = extraction;
