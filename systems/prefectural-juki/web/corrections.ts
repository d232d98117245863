import { correctable } from '@musubi/kernel/corrections/correction.ts';
import { addCorrectionPages, type CorrectionForm } from '@musubi/kernel/corrections/pages.ts';
import type { PageApp } from '@musubi/kernel/pages/app.ts';
import { html } from '@musubi/kernel/pages/html.ts';
import type { Field } from '@musubi/kernel/pages/kit/form.ts';
import { correctionProcedures } from '../domain/correction-procedures.ts';
import {
  approveCorrection,
  type CorrectingDeps,
  correctableItems,
  correctRecord,
  type EnteredRecord,
  proposeCorrection,
  readCorrections,
  reviewCorrection,
} from '../service/correct-record.ts';

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
  { kind: 'text', name: 'address', label: '住所', required: false, maxLength: 200 },
  { kind: 'text', name: 'former_surname_kanji', label: '旧氏', required: false, maxLength: 50 },
  { kind: 'text', name: 'former_surname_furigana', label: '旧氏の振り仮名', required: false, maxLength: 50 },
  {
    kind: 'text',
    name: 'residentRecordCode',
    label: '住民票コード',
    hint: '入力のとき',
    required: false,
    maxLength: 11,
  },
  { kind: 'secret', name: 'individualNumber', label: '個人番号', hint: '入力のとき', required: false, maxLength: 12 },
  { kind: 'text', name: 'municipalityCode', label: '市町村コード', hint: '入力のとき', required: false, maxLength: 6 },
  { kind: 'date', name: 'becameResidentOn', label: '住民となった日', hint: '入力のとき', required: false },
];

const proposal = ({ kind, procedureNo, document, reason, recordId, items, secret }: CorrectionForm) => {
  const common = { kind, procedureNo, document, reason };
  if (kind !== 'enter') return { ...common, personId: recordId, set: correctable(items, correctableItems) };
  return {
    ...common,
    entered: { ...items, individualNumber: secret('individualNumber') } as unknown as EnteredRecord,
  };
};

export function addRecordCorrectionPages(app: PageApp, deps: CorrectingDeps): void {
  addCorrectionPages(app, {
    system: 'prefectural-juki',
    procedures: correctionProcedures,
    fields,
    itemNames: {
      ...correctableItems,
      status: '状態',
      residentRecordCode: '住民票コード',
      municipalityCode: '市町村コード',
      becameResidentOn: '住民となった日',
    },
    words: {
      'already-present': 'この住民票コード又は個人番号の記録があります',
      erased: '封じた番号は消去されています',
    },
    list: (actor, query) => readCorrections(deps, actor, query),
    moreRows: (r) =>
      r.numberSealed !== null && html`<tr><th scope="row">個人番号</th><td></td><td>（封じています）</td></tr>`,
    propose: (actor, given) => proposeCorrection(deps, actor, proposal(given)),
    decide: (actor, of) => approveCorrection(deps, actor, of),
    carryOut: (actor, of) => correctRecord(deps, actor, of),
    review: (actor, of) => reviewCorrection(deps, actor, of),
  });
}
