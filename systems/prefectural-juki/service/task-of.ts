import type {
  CodeGround,
  GroundKind,
  NumberGround,
  ProvidedItem,
  RecipientKind,
  Task,
} from '@musubi/contracts/juki/tasks.ts';
import type { TaskRow } from '../store/tasks.ts';

/** A stored task in the contract's words; the schema's checks hold the same words. */
export const taskOf = (row: TaskRow): Task => ({
  taskId: row.taskId,
  code: row.code,
  name: row.name,
  recipient: {
    recipientId: row.recipientId,
    kind: row.recipientKind as RecipientKind,
    name: row.recipientName,
    peer: row.peer,
    validFrom: row.recipientFrom,
    validUntil: row.recipientUntil,
  },
  groundKind: row.groundKind as GroundKind,
  groundText: row.groundText,
  items: row.items as readonly ProvidedItem[],
  numberGround: row.numberGround as NumberGround | null,
  codeGround: row.codeGround as CodeGround | null,
  includesRemoved: row.includesRemoved,
  includesOtherPrefectures: row.includesOtherPrefectures,
  isEmigrantWork: row.isEmigrantWork,
  validFrom: row.validFrom,
  validUntil: row.validUntil,
  isPermitted: row.permittedBy !== null,
});
