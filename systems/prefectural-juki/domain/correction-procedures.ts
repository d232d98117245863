/** 手作業補正の手順 (003-III.2-R3-A07). Own numbering, replaceable. */
export const correctionProcedures = [
  {
    no: '補正-1',
    title: '区市町村サーバの障害等により通知できない異動の入力',
    kinds: ['enter', 'correct', 'remove'],
    effectiveFrom: '2015-10-05',
  },
  {
    no: '補正-2',
    title: '訂正等の申出に係る調査の結果による訂正',
    kinds: ['correct'],
    effectiveFrom: '2015-10-05',
  },
  {
    no: '補正-3',
    title: '整合性確認の相違の訂正',
    kinds: ['enter', 'correct', 'remove'],
    effectiveFrom: '2015-10-05',
  },
] as const;
