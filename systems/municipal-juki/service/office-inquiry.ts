import type { inquireForOffice } from '@musubi/contracts/juki/office-inquiry.ts';
import { act } from '@musubi/kernel/db/act.ts';
import type { RequestOf } from '@musubi/kernel/http/endpoint.ts';
import { ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';

type Asked = Pick<RequestOf<typeof inquireForOffice>, 'inquiryId' | 'ground' | 'document' | 'operator'>;

/** 利用の記録 before the network is asked: whose affair, for which document, by whom. What is asked passes by and is not kept. */
export const noteOfficeInquiry = act('municipal-juki.note-office-inquiry', {
  right: ['municipal-juki', 'office-inquiry', 'read'],
  async run(tx, deps: Deps, { inquiryId, ground, document, operator }: Asked, actor): Promise<Result<null, never>> {
    tx.record({
      event: 'office-inquiry.asked',
      ground,
      items: ['本人確認情報', '個人番号'],
      recipient: deps.nationalJuki,
      detail: { inquiryId, document, operator, system: actor.kind === 'system' ? actor.system : actor.kind },
    });
    return ok(null);
  },
});

/** What came back, and to whom it went on. */
export const noteOfficeAnswer = act('municipal-juki.note-office-answer', {
  right: ['municipal-juki', 'office-inquiry', 'read'],
  async run(
    tx,
    _deps: Deps,
    { inquiryId, word }: { readonly inquiryId: string; readonly word: string },
    actor,
  ): Promise<Result<null, never>> {
    tx.record({
      event: word === 'given' ? 'office-inquiry.given' : 'office-inquiry.nothing-given',
      recipient: actor.kind === 'system' ? `${actor.organisation}/${actor.system}` : actor.kind,
      detail: { inquiryId, word },
    });
    return ok(null);
  },
});
