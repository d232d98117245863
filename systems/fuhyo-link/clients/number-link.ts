import {
  type EmigrantNumber,
  emigrantNumber,
  emigrantNumberType,
  obtainNumber,
} from '@musubi/contracts/fuhyo/number-link.ts';
import { parseCanonicalJsonBytes } from '@musubi/kernel/crypto/canonical-json.ts';
import { openJwe } from '@musubi/kernel/crypto/jwe.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Host } from '@musubi/kernel/serve/host.ts';

export interface NumberRequest {
  readonly inquiryId: string;
  /** The asker's signed text, as it came. */
  readonly inquiry: string;
  readonly residentRecordCode: string;
}
export type ObtainNumber = (request: NumberRequest) => Promise<Result<EmigrantNumber | 'linked-later', string>>;

/** 取得: the first of the two operations with the prefecture's register. */
export const obtainNumberFrom =
  (host: Pick<Host, 'peers' | 'identity'>, register: string): ObtainNumber =>
  async (request) => {
    const answered = await host.peers.call(obtainNumber, register, {}, request);
    if (!answered.ok) return answered;
    if (answered.value.outcome === 'linked-later') return ok('linked-later');
    return openNumber(host, answered.value.sealed);
  };

/** The number as the register sealed it for this server; `unusable-answer` says no more. */
export function openNumber(host: Pick<Host, 'identity'>, sealed: string): Result<EmigrantNumber, 'unusable-answer'> {
  const opened = openJwe(sealed, {
    privateKey: host.identity.encryption.key,
    typ: emigrantNumberType,
    members: ['inq'],
  });
  if (!opened.ok) return err('unusable-answer');
  const text = parseCanonicalJsonBytes(opened.value.plaintext);
  const read = emigrantNumber.safeParse(text.ok ? text.value : undefined);
  return read.success && read.data.inquiryId === opened.value.members.inq ? ok(read.data) : err('unusable-answer');
}
