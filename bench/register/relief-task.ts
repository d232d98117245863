/** 料金の減免: the registered task for which the bench looks up and orders. */
export const reliefTask = {
  name: '料金の減免',
  groundKind: 'schedule-6',
  groundText: '4の項',
  items: ['name', 'birthDate', 'sex', 'address'],
  numberGround: 'number-act-9-1',
  codeGround: 'act-28-2013-supplementary-22-7',
  includesRemoved: false,
  includesOtherPrefectures: false,
  isEmigrantWork: false,
  validFrom: '2016-01-01',
  validUntil: null,
} as const;
