/**
 * Who may have linkage requests passed on, for which task, from when to when. A request of anyone else, or on another day,
 * is refused: the relay is the one exception to the isolation of the prefecture's server (design §4.2).
 */
export interface LinkageTask {
  readonly task: string;
  readonly asker: { readonly ofOwnOrganisation: true; readonly system: string };
  readonly ground: string;
  readonly validFrom: string;
  readonly validUntil: string | null;
}

export const linkageTasks: readonly LinkageTask[] = [
  {
    task: 'linkage-code-for-prefectural-affairs',
    asker: { ofOwnOrganisation: true, system: 'common-platform' },
    ground: '番号利用法第21条、同法施行令第20条、住民基本台帳法第30条の15',
    validFrom: '2017-07-18',
    validUntil: null,
  },
];

/** ISO dates compare as text. */
export function linkageTaskFor(
  asker: { readonly organisation: string; readonly system: string },
  ownOrganisation: string,
  onDate: string,
  tasks: readonly LinkageTask[] = linkageTasks,
): LinkageTask | undefined {
  return tasks.find(
    (t) =>
      t.asker.system === asker.system &&
      asker.organisation === ownOrganisation &&
      t.validFrom <= onDate &&
      (t.validUntil === null || onDate <= t.validUntil),
  );
}
