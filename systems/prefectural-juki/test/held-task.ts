import { unwrap } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { assignOperator, type NewTask, permitTask, registerRecipient, registerTask } from '../service/tasks.ts';

const staff = (staffId: string) =>
  ({ kind: 'staff', organisation: 'tokyo', staffId, sessionId: `session-${staffId}`, terminalId: 'T-1' }) as const;

/** A department's task, registered, permitted by another person, and given to this operator. */
export async function heldTask(
  deps: Deps,
  staffId: string,
  { code = 'KAZEI-01', ...change }: Partial<NewTask> = {},
): Promise<{ readonly code: string; readonly taskId: string }> {
  const all = { ...deps, rights: { allows: async () => true } };
  const recipient = { kind: 'department', name: '主税局課税部', peer: null, validFrom: '2015-06-01' } as const;
  const { recipientId } = unwrap(await registerRecipient(all, staff('S-201'), recipient));
  const { taskId } = unwrap(
    await registerTask(all, staff('S-201'), {
      code,
      name: '都税の賦課徴収',
      groundKind: 'schedule-5',
      groundText: '1の項',
      items: ['name', 'birthDate', 'sex', 'address'],
      numberGround: null,
      codeGround: null,
      includesRemoved: false,
      includesOtherPrefectures: false,
      isEmigrantWork: false,
      validFrom: '2016-01-01',
      validUntil: null,
      notificationDocument: '7主課第1号',
      ...change,
      recipientId,
    }),
  );
  unwrap(await permitTask(all, staff('S-202'), { taskId, decision: 'approved' }));
  const held = { taskId, staffId, validFrom: '2016-01-01', validUntil: '2099-12-31' };
  unwrap(await assignOperator(all, staff('S-201'), held));
  return { code, taskId };
}
