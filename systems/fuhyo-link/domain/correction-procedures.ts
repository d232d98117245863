/** 手作業補正の手順 (003-III.2-R3-B09). Own numbering, replaceable. */
export const correctionProcedures = [
  {
    no: '附補-1',
    title: '区市町村サーバの障害等により通知できない異動の入力',
    kinds: ['enter', 'correct', 'remove'],
    effectiveFrom: '2024-05-27',
  },
  {
    no: '附補-2',
    title: '訂正等の申出に係る調査の結果による訂正',
    kinds: ['correct'],
    effectiveFrom: '2024-05-27',
  },
  {
    no: '附補-3',
    title: '整合性確認の相違の訂正',
    kinds: ['enter', 'correct', 'remove'],
    effectiveFrom: '2024-05-27',
  },
] as const;
