import { addOpenDays } from '@musubi/kernel/calendar/open-days.ts';
import type { RegisterDefinition } from '../register.ts';

/**
 * 個人情報ファイル簿. What people say about a file stands here; which items it holds is read from the catalogue with which its
 * system runs, whenever somebody looks (`service/file-register.ts`).
 *
 * @law 個人情報の保護に関する法律 第75条第1項, 同施行令 第21条
 */
export const personalFiles: RegisterDefinition = {
  id: 'personal-file',
  group: 'assurance',
  title: { ja: '個人情報ファイル簿', en: 'Register of personal files' },
  purpose: '公表する個人情報ファイル簿。記録項目はシステムの登録表から作られ、ここには書かない',
  mark: 'ファイル',
  heading: (v) => `${v.name}`,
  fields: [
    { name: 'name', label: 'ファイルの名称', kind: 'text', max: 100 },
    {
      name: 'system',
      label: 'システム',
      hint: '例：prefectural-juki',
      kind: 'text',
      max: 41,
      pattern: /^[a-z][a-z0-9-]{1,40}$/,
      patternFault: 'システムの識別名を書いてください',
    },
    { name: 'office', label: '利用に供される事務をつかさどる組織', kind: 'text', max: 100 },
    { name: 'purpose', label: '利用目的', kind: 'lines', max: 1000 },
    { name: 'subjects', label: '記録される個人の範囲', kind: 'lines', max: 500 },
    { name: 'collection', label: '収集方法', kind: 'lines', max: 500 },
    { name: 'recipients', label: '経常的提供先', hint: '一行に一つ。なければ「なし」', kind: 'lines', max: 1000 },
    {
      name: 'otherItems',
      label: 'システムの外にある記録項目',
      hint: '文書などで持つもの。一行に一つ',
      kind: 'lines',
      max: 1000,
      required: false,
    },
    { name: 'requests', label: '開示請求等を受理する組織', kind: 'text', max: 200 },
    { name: 'ground', label: '根拠となる法令', kind: 'text', max: 200 },
  ],
  initial: 'drafted',
  // What the public reads was decided by two people; a changed text is decided again.
  correctedState: 'drafted',
  states: {
    drafted: { label: '作成中', tone: 'warning', open: true },
    published: { label: '公表中', tone: 'done', open: true },
    ended: { label: '廃止', tone: 'plain', open: false },
  },
  steps: [
    {
      id: 'publish',
      label: '公表する',
      from: ['drafted'],
      to: 'published',
      secondPerson: true,
      fields: [{ name: 'publicationDocument', label: '決裁の文書番号', kind: 'text', max: 60 }],
      check: ({ values }, _given, { isDeclared }) => (isDeclared(values.system ?? '') ? undefined : 'no-such-system'),
    },
    {
      id: 'end',
      label: '廃止する',
      from: ['drafted', 'published'],
      to: 'ended',
      secondPerson: true,
      fields: [{ name: 'endReason', label: '理由', kind: 'text', max: 200 }],
      check: ({ values }, _given, { isDeclared }) => (isDeclared(values.system ?? '') ? 'still-declared' : undefined),
    },
  ],
  due: ({ state, openedOn }) =>
    state === 'drafted'
      ? { on: addOpenDays(Temporal.PlainDate.from(openedOn), 10), what: 'ファイル簿を公表する' }
      : undefined,
};
