import { correctable } from '@musubi/kernel/corrections/correction.ts';
import { addCorrectionPages, type CorrectionForm } from '@musubi/kernel/corrections/pages.ts';
import type { PageApp } from '@musubi/kernel/pages/app.ts';
import type { Field } from '@musubi/kernel/pages/kit/form.ts';
import type { Deps } from '../deps.ts';
import { correctionProcedures } from '../domain/correction-procedures.ts';
import {
  approveCorrection,
  correctableItems,
  correctSupplement,
  type EnteredSupplement,
  proposeCorrection,
  readCorrections,
  reviewCorrection,
} from '../service/correct-supplement.ts';

const fields: readonly Field[] = [
  { kind: 'text', name: 'name_kanji', label: '氏名', required: false, maxLength: 100 },
  { kind: 'text', name: 'name_furigana', label: '振り仮名', required: false, maxLength: 100 },
  { kind: 'date', name: 'birth_date', label: '生年月日', required: false },
  {
    kind: 'select',
    name: 'sex',
    label: '性別',
    required: false,
    options: [
      { value: 'male', label: '男' },
      { value: 'female', label: '女' },
      { value: 'other', label: 'その他' },
    ],
  },
  { kind: 'text', name: 'address_kanji', label: '住所', required: false, maxLength: 200 },
  { kind: 'text', name: 'last_address_kanji', label: '最終住所', required: false, maxLength: 200 },
  {
    kind: 'text',
    name: 'resident_record_code',
    label: '住民票コード',
    hint: '入力のとき',
    required: false,
    maxLength: 11,
  },
  {
    kind: 'text',
    name: 'managing_municipality_code',
    label: '附票管理市町村コード',
    hint: '入力のとき',
    required: false,
    maxLength: 6,
  },
  {
    kind: 'text',
    name: 'address_municipality_code',
    label: '住所の市町村コード',
    hint: '入力のとき',
    required: false,
    maxLength: 6,
  },
];

const proposal = ({ kind, procedureNo, document, reason, recordId, items }: CorrectionForm) => {
  const common = { kind, procedureNo, document, reason };
  if (kind !== 'enter') return { ...common, supplementId: recordId, set: correctable(items, correctableItems) };
  return { ...common, entered: items as unknown as EnteredSupplement };
};

export function addSupplementCorrectionPages(app: PageApp, deps: Deps): void {
  addCorrectionPages(app, {
    system: 'fuhyo-link',
    procedures: correctionProcedures,
    fields,
    itemNames: {
      ...correctableItems,
      record_state: '状態',
      resident_record_code: '住民票コード',
      address_municipality_code: '住所の市町村コード',
      managing_municipality_code: '附票管理市町村コード',
    },
    words: { 'already-present': 'この住民票コードの記録があります' },
    list: (actor, query) => readCorrections(deps, actor, query),
    propose: (actor, given) => proposeCorrection(deps, actor, proposal(given)),
    decide: (actor, of) => approveCorrection(deps, actor, of),
    carryOut: (actor, of) => correctSupplement(deps, actor, of),
    review: (actor, of) => reviewCorrection(deps, actor, of),
  });
}
