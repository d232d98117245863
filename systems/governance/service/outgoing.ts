import { act } from '@musubi/kernel/db/act.ts';
import { err, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { messagesOf, type OutgoingMessage } from '../domain/registers/outgoing.ts';
import { findCurrent } from '../store/entries.ts';

export type { OutgoingMessage } from '../domain/registers/outgoing.ts';

/** The messages of a notice that was released, for the mail gateway: one for each addressee. */
export const takeMessages = act('governance.take-messages', {
  right: ['governance', 'storage', 'update'],
  async run(
    tx,
    _deps: Deps,
    { entryId }: { readonly entryId: string },
  ): Promise<Result<readonly OutgoingMessage[], 'no-such-entry' | 'step-not-possible' | 'not-bound'>> {
    const entry = await findCurrent(tx, entryId);
    if (entry?.register !== 'notice') return err('no-such-entry');
    if (entry.state !== 'released' || entry.values.kind !== 'mail') return err('step-not-possible');
    const messages = messagesOf(entry.values);
    if (!messages.ok) return messages;
    const count = messages.value.length;
    tx.record({ event: 'notice.messages-taken', detail: { entryId, label: entry.label, count } });
    return messages;
  },
});
