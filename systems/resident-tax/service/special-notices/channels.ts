import { type ActDeps, act, look } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { NoticeChannel } from '../../domain/number-rule.ts';
import { channelOf, insertChannel, type PayerChannel } from '../../store/notice-channels.ts';
import { nameOf, noticeRead, noticeUpdate } from '../assessment/functions.ts';

export type { PayerChannel } from '../../store/notice-channels.ts';

export const lookAtChannel = look('resident-tax.look-at-notice-channel', {
  right: noticeRead,
  async run(tx, _deps: ActDeps, { designationNumber }: { readonly designationNumber: string }) {
    return (await channelOf(tx, designationNumber)) as PayerChannel | undefined;
  },
});

/** 受取方法: as the payer chose with its reports; notices made from now on follow it. @law 地方税法 第321条の4第7項 */
export const noteChannel = act('resident-tax.note-notice-channel', {
  right: noticeUpdate,
  async run(
    tx,
    deps: ActDeps,
    command: {
      readonly designationNumber: string;
      readonly channel: NoticeChannel;
      readonly evidence: string;
      readonly seenVersion: number;
    },
    actor,
  ): Promise<Result<null, 'no-such-payer' | 'evidence-missing' | 'channel-changed'>> {
    const evidence = command.evidence.trim();
    if (evidence === '') return err('evidence-missing');
    const known = await channelOf(tx, command.designationNumber);
    if (known === undefined) return err('no-such-payer');
    if (known.version !== command.seenVersion) return err('channel-changed');
    const row = { ...command, evidence, version: known.version + 1, by: nameOf(actor), on: deps.civilClock.today() };
    if (!(await insertChannel(tx, row))) return err('channel-changed');
    tx.record({
      event: 'notice-channel.noted',
      recipient: command.designationNumber,
      facts: ['resident_tax.notice_channel'],
      detail: { channel: command.channel, version: row.version },
    });
    return ok(null);
  },
});
