import { act } from '@musubi/kernel/db/act.ts';
import { ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { insertRecipients, type Recipient } from '../store/books.ts';

/** 受給権者の登録: who is known already stays as registered. */
export const register = act('pension.register-recipients', {
  right: ['pension', 'recipient', 'update'],
  async run(
    tx,
    _deps: Deps,
    { recipients }: { readonly recipients: readonly Recipient[] },
  ): Promise<Result<{ readonly added: number }, never>> {
    const added = await insertRecipients(tx, recipients);
    tx.record({
      event: 'recipients.registered',
      ...(added > 0 ? { facts: ['pension.recipient'] } : {}),
      detail: { listed: recipients.length, added },
    });
    return ok({ added });
  },
});
