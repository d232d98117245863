import {
  type InquiryKey,
  lookUpNational,
  nationalAnswer,
  nationalAnswerType,
} from '@musubi/contracts/fuhyo/inquiry.ts';
import type { SupplementItems } from '@musubi/contracts/fuhyo/notices.ts';
import { parseCanonicalJsonBytes } from '@musubi/kernel/crypto/canonical-json.ts';
import { openJwe } from '@musubi/kernel/crypto/jwe.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Host } from '@musubi/kernel/serve/host.ts';

export type LookUpNational = (request: {
  readonly lookupId: string;
  readonly task: string;
  readonly key: InquiryKey;
}) => Promise<Result<SupplementItems | undefined, 'unavailable'>>;

/** 附票全国サーバへの照会 (FPS-F4): by code or four items, never by number. */
export const lookUpAt =
  (host: Pick<Host, 'peers' | 'identity'>, national: string): LookUpNational =>
  async (request) => {
    const answered = await host.peers.call(lookUpNational, national, {}, request);
    if (!answered.ok) return err('unavailable');
    const opened = openJwe(answered.value.sealed, {
      privateKey: host.identity.encryption.key,
      typ: nationalAnswerType,
      members: ['inq'],
    });
    const text = opened.ok ? parseCanonicalJsonBytes(opened.value.plaintext) : undefined;
    const read = nationalAnswer.safeParse(text?.ok ? text.value : undefined);
    if (!read.success || read.data.lookupId !== request.lookupId) return err('unavailable');
    return ok(read.data.items ?? undefined);
  };
