import type { ResidentLoad, ResidentNotice } from '@musubi/contracts/juki/notices.ts';
import { TiedRows } from '@musubi/kernel/audit/tied-rows.ts';
import { act } from '@musubi/kernel/db/act.ts';
import type { ActEvent, Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import type { WithDelivery, WithFindings } from '@musubi/kernel/notice-journal/journalled.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Received, ReceivedMany } from '@musubi/kernel/streams/inbox.ts';
import type { Deps } from '../deps.ts';
import { rulesVersion } from '../domain/change-logic.ts';
import { insertDuplicateLinks } from '../store/duplicate-links.ts';
import { writeRows } from '../store/identification.ts';
import { insertReviews } from '../store/reviews.ts';
import { forwardLoad, forwardNotices } from './forward.ts';
import { type Judged, judgeNotices, lockPersons, wavesOf } from './judge-notices.ts';
import { returnClaim, returnMovedIn, returnRefusal } from './return-notices.ts';

const ground = '住民基本台帳法第30条の6・第30条の7';
type Applied = Extract<Judged, { kind: 'applied' }>;

/** Many rows are tied to the log by a root a table; single ones each by their own digest. */
const tiesOf = () => ({
  rows: new TiedRows('prefectural_juki.identification'),
  provisions: new TiedRows('prefectural_juki.provision_record'),
});
type Ties = ReturnType<typeof tiesOf>;
const batchesOf = ({ rows, provisions }: Ties) => ({
  'prefectural_juki.identification': rows.tie(),
  'prefectural_juki.provision_record': provisions.tie(),
});

/**
 * 本人確認情報の更新 (JPS-F1): logic check, current record and history, notice to the national server, all in one
 * transaction with the stream's numbers. What came in one envelope is judged notice by notice and written together; the
 * event commits to the root over its persons and over each notice's row in the journal (design §4.7).
 *
 * @law 住民基本台帳法 第30条の6, 第30条の7
 */
export const applyNotices = act('prefectural-juki.apply-notices', {
  right: ['prefectural-juki', 'notice', 'update'],
  async run(
    tx,
    deps: WithFindings<Deps>,
    { messages, refuse }: ReceivedMany<ResidentNotice>,
    actor,
  ): Promise<Result<undefined, 'not-a-server'>> {
    if (enforced('input.machine-only') && actor.kind !== 'system') return err('not-a-server');
    const notices = messages.map((m) => m.message);
    const { sender } = messages[0]!;
    const waves = wavesOf(notices);
    if (waves.length > 1) await lockPersons(tx, notices);
    const judged: Judged[] = [];
    const ties = tiesOf();
    for (const wave of waves) {
      const ofWave = await judgeNotices(tx, deps, wave, sender);
      await writeApplied(
        tx,
        deps,
        ofWave.flatMap((j) => (j.kind === 'applied' ? [j] : [])),
        ties,
      );
      judged.push(...ofWave);
    }
    for (const [i, j] of judged.entries()) {
      if (j.kind !== 'refused') continue;
      const { number } = messages[i]!;
      refuse(number, j.refusal.rule);
      deps.findings.set(number, j.refusal);
      await returnRefused(tx, deps, sender, j);
    }
    tx.record(eventOf(deps, judged, ties));
    return ok(undefined);
  },
});

async function writeApplied(tx: Tx, deps: Deps, applied: readonly Applied[], ties: Ties): Promise<void> {
  if (applied.length === 0) return;
  const at = deps.machineClock.now();
  const rows = applied.map((j) => j.row);
  await writeRows(tx, rows, at, ties.rows);
  await insertReviews(
    tx,
    rows.filter((r) => r.retroactive),
    at,
  );
  await insertDuplicateLinks(tx, linksOf(applied), at);
  await forwardNotices(tx, deps, applied, ties.provisions);
  for (const { row, endsMovingOutAt } of applied)
    if (endsMovingOutAt !== undefined) await returnMovedIn(tx, deps, endsMovingOutAt, row);
}

const linksOf = (applied: readonly Applied[]) => applied.flatMap((j) => (j.link === undefined ? [] : [j.link]));

function eventOf(deps: Deps, judged: readonly Judged[], ties: Ties): ActEvent {
  const applied = judged.flatMap((j) => (j.kind === 'applied' ? [j] : []));
  const retroactive = applied.filter((j) => j.row.retroactive).length;
  const persons = judged.flatMap((j) =>
    j.kind === 'applied' ? [j.row.person_id] : j.kind === 'superseded' ? [j.personId] : [],
  );
  const [only] = judged.length === 1 ? judged : [];
  // Few beside the many rows: each tied by its own digest.
  const single = [
    ...(retroactive > 0 ? ['prefectural_juki.notice_review'] : []),
    ...(linksOf(applied).length > 0 ? ['prefectural_juki.duplicate_link'] : []),
  ];
  const facts = ['prefectural_juki.identification', 'prefectural_juki.provision_record', ...single];
  return {
    event: only && only.kind !== 'applied' ? `notice.${only.kind}` : 'notice.applied',
    ...(persons.length === 1 ? { subject: persons[0]! } : persons.length > 1 ? { subjects: persons } : {}),
    ...(applied.length > 0 ? { facts, recipient: deps.nationalJuki } : {}),
    ...(applied.length > 1
      ? { batches: { ...batchesOf(ties), ...Object.fromEntries(single.map((table) => [table, null])) } }
      : {}),
    ground,
    items: Object.keys(judged[0]!.notice.items),
    detail: {
      rules: rulesVersion,
      accepted: persons.length,
      rejected: judged.length - persons.length,
      retroactive,
      ...(only ? { changeId: only.notice.changeId, reason: only.notice.reason } : {}),
    },
  };
}

/** First load of a municipality: each person is judged alone; what is refused goes back by its change. */
export const applyLoad = act('prefectural-juki.apply-load', {
  right: ['prefectural-juki', 'notice', 'update'],
  async run(
    tx,
    deps: WithDelivery<Deps>,
    { message, sender }: Received<ResidentLoad>,
    actor,
  ): Promise<Result<undefined, 'not-a-server'>> {
    if (enforced('input.machine-only') && actor.kind !== 'system') return err('not-a-server');
    const judged = await judgeNotices(tx, deps, message.notices, sender);
    const entered = judged.flatMap((j) => (j.kind === 'applied' ? [j] : []));
    const ties = tiesOf();
    await writeRows(
      tx,
      entered.map((j) => j.row),
      deps.machineClock.now(),
      ties.rows,
    );
    const links = linksOf(entered);
    await insertDuplicateLinks(tx, links, deps.machineClock.now());
    await forwardLoad(tx, deps, message.loadId, entered, ties.provisions);
    for (const j of judged) if (j.kind === 'refused') await returnRefused(tx, deps, sender, j);
    Object.assign(deps.delivery, { accepted: entered.length, rejected: judged.length - entered.length });
    tx.record({
      event: 'load.applied',
      subjects: entered.map((j) => j.row.person_id),
      facts: [
        'prefectural_juki.identification',
        'prefectural_juki.provision_record',
        ...(links.length > 0 ? ['prefectural_juki.duplicate_link'] : []),
      ],
      ...(entered.length > 1
        ? { batches: { ...batchesOf(ties), ...(links.length > 0 ? { 'prefectural_juki.duplicate_link': null } : {}) } }
        : {}),
      ground,
      recipient: deps.nationalJuki,
      detail: { loadId: message.loadId, accepted: entered.length, rejected: judged.length - entered.length },
    });
    return ok(undefined);
  },
});

/** Beside the record of the refusal: the sender learns the rule, and so does the ward where the person is present. */
async function returnRefused(
  tx: Tx,
  deps: Deps,
  sender: string,
  { notice, refusal }: Extract<Judged, { kind: 'refused' }>,
): Promise<void> {
  await returnRefusal(tx, deps, sender, notice, refusal);
  const { rule, presentAt } = refusal;
  if (rule === 'L-01' && presentAt !== null && presentAt !== notice.items.municipalityCode)
    await returnClaim(tx, deps, presentAt, notice);
}
