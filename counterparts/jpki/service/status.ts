import type { CardCertificateKind } from '@musubi/contracts/portal/card.ts';
import { act, look } from '@musubi/kernel/db/act.ts';
import { ok, type Result } from '@musubi/kernel/result/result.ts';
import { issueCardCrl } from '../ca/certificate.ts';
import { profiles } from '../ca/profile.ts';
import type { Deps } from '../deps.ts';
import { kinds, stateOf } from '../store/cards.ts';
import { insertList, newestList, nextListNumber, revokedNow } from '../store/lists.ts';

/** Hours from a list's making to the moment from which nobody believes it. */
export const listHours = 24;

/** 有効性確認. Who asked about which serial is recorded: it shows where a card was used. */
export const certificateState = act('jpki.certificate-state', {
  right: ['jpki', 'status', 'read'],
  async run(
    tx,
    deps: Deps,
    { kind, serial }: { kind: CardCertificateKind; serial: string },
    actor,
  ): Promise<Result<{ state: 'good' | 'revoked' | 'unknown'; checkedAt: string }, never>> {
    const state = await stateOf(tx, kind, serial);
    tx.record({
      event: 'certificate.status-given',
      items: ['certificateStatus'],
      ground: '公的個人認証法第18条・第37条',
      ...(actor.kind === 'system' ? { recipient: `${actor.organisation}/${actor.system}` } : {}),
      detail: { kind, serial, state },
    });
    return ok({ state, checkedAt: deps.machineClock.now().toString() });
  },
});

export const currentList = look('jpki.current-list', {
  right: ['jpki', 'status', 'read'],
  async run(tx, _deps: Deps, { kind }: { kind: CardCertificateKind }) {
    const list = await newestList(tx, kind);
    return list && { number: list.number, crl: list.der.toString('base64') };
  },
});

/** 失効リスト of both kinds, made anew. */
export const publishLists = act('jpki.publish-lists', {
  right: ['jpki', 'list', 'update'],
  async run(tx, deps: Deps, _command: null): Promise<Result<null, never>> {
    const thisUpdate = deps.machineClock.now().round({ smallestUnit: 'second', roundingMode: 'floor' });
    const nextUpdate = thisUpdate.add({ hours: listHours });
    for (const kind of kinds) {
      const number = await nextListNumber(tx, kind);
      const revoked = await revokedNow(tx, kind, thisUpdate);
      const der = await issueCardCrl(profiles[kind], deps.authorities[kind], {
        number,
        thisUpdate,
        nextUpdate,
        revoked,
      });
      await insertList(tx, { kind, number, der, thisUpdate, nextUpdate });
    }
    tx.record({ event: 'revocation-lists.published', facts: ['jpki.revocation_list'] });
    return ok(null);
  },
});
