import type { answerTransfer, TransferRow, transferInside } from '@musubi/contracts/platform/transfers.ts';
import { canonicalJson } from '@musubi/kernel/crypto/canonical-json.ts';
import { fingerprint, sha256 } from '@musubi/kernel/crypto/digest.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import type { RequestOf, ResponseOf, WordOf } from '@musubi/kernel/http/endpoint.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { askSource } from '../clients/peers.ts';
import type { Deps } from '../deps.ts';
import { boundPerson } from '../domain/bound-person.ts';
import { selectTransfer } from '../domain/select-transfer.ts';
import { decideTransfer } from '../domain/transfer-rules.ts';
import { standings } from '../store/persons.ts';
import { insertTransferOutcome, listTransfers, noteTransfer, type Routing, transferRules } from '../store/transfers.ts';
import { userMay } from './check-binding.ts';
import { onWardList } from './ward-list.ts';

type Ask = RequestOf<typeof transferInside>;
type Answer = ResponseOf<typeof transferInside>;
type Word = WordOf<typeof transferInside>;

interface Admitted {
  readonly ground: string;
  readonly state: 'go' | 'held';
  readonly approvedBy: 'rule' | 'person';
  readonly personIds: readonly string[];
}

/** Asker, task, source, items and persons, each checked; nothing has left yet. */
const admitTransfer = act('common-platform.admit-transfer', {
  right: ['common-platform', 'transfer', 'update'],
  async run(
    tx,
    deps: Deps,
    ask: Ask,
    actor,
  ): Promise<
    Result<
      Admitted,
      | 'not-your-business'
      | 'no-rule-row'
      | 'row-not-settled'
      | 'paper-only'
      | 'item-not-on-row'
      | 'unknown-person'
      | 'request-id-used'
      | 'source-refused'
    >
  > {
    const { requestId, asker, source, task, information, items } = ask;
    if (actor.kind !== 'system' || actor.system !== asker.system) return err('not-your-business');
    if (!(await userMay(tx, deps, { ...asker, code: task }))) return err('not-your-business');
    const on = deps.civilClock.today();
    const listed = onWardList(deps, { task, items, on: on.toString() });
    if (enforced('transfer.rule-row') && !listed.ok) return listed;
    const rules = await transferRules(tx, { on, asker: asker.system });
    const decided = decideTransfer(rules, { asker: asker.system, task, source, information, items }, on);
    if (!decided.ok) return decided;
    const rule = decided.value;
    const known = await standings(
      tx,
      ask.rows.map((r) => r.orgPersonNumber),
    );
    const personIds: string[] = [];
    for (const row of ask.rows) {
      const person = boundPerson(known.get(row.orgPersonNumber), asker.system);
      if (!person.ok) return person;
      personIds.push(person.value.personId);
    }
    if (new Set(ask.rows.map((r) => r.rowId)).size !== ask.rows.length) return err('request-id-used');
    const noted = await noteTransfer(tx, {
      requestId,
      asker: asker.system,
      staffId: asker.staffId ?? null,
      terminal: asker.terminalId ?? null,
      source,
      task,
      information,
      items,
      ruleId: rule.ruleId,
      persons: ask.rows.length,
      asked: fingerprint(ask),
      on,
      at: deps.machineClock.now(),
    });
    if (noted === 'other-content') return err('request-id-used');
    const [head] = await listTransfers(tx, { requestId, offset: 0, limit: 1 });
    if (head?.approved === false) return err('source-refused');
    const needsPerson = rule.approval === 'person';
    const held = enforced('transfer.source-approval') && needsPerson && head?.approved !== true;
    tx.record({
      event: held ? 'transfer.held' : noted === 'new' ? 'transfer.admitted' : 'transfer.admitted-again',
      subjects: [...new Set(personIds)],
      ground: rule.ground,
      items: [information, ...items],
      recipient: asker.system,
      detail: {
        request: requestId,
        source,
        task,
        persons: personIds.length,
        rule: rule.ruleId,
        ...(asker.staffId === undefined ? {} : { staff: asker.staffId }),
        ...(asker.terminalId === undefined ? {} : { terminal: asker.terminalId }),
      },
      ...(noted === 'new' ? { facts: ['common_platform.transfer'] } : {}),
    });
    return ok({
      ground: rule.ground,
      state: held ? 'held' : 'go',
      approvedBy: needsPerson ? 'person' : 'rule',
      personIds: [...new Set(personIds)],
    });
  },
});

/** Counts and a digest of what passed; what passed itself is nowhere. */
const noteTransferOutcome = act('common-platform.note-transfer', {
  right: ['common-platform', 'transfer', 'update'],
  async run(
    tx,
    deps: Deps,
    { ask, admitted, came }: { ask: Ask; admitted: Admitted; came: Result<Selected, string> },
  ): Promise<Result<null, never>> {
    const rows = came.ok ? came.value.rows : [];
    const routing: Routing = came.ok
      ? {
          answered: rows.filter((r) => r.result === '00').length,
          empty: rows.filter((r) => r.result === '10').length,
          left_out: came.value.leftOut,
          digest: sha256(canonicalJson(rows)).toString('hex'),
        }
      : { word: came.error };
    await insertTransferOutcome(tx, {
      outcomeId: deps.newId(),
      requestId: ask.requestId,
      routing,
      at: deps.machineClock.now(),
    });
    const { left_out: leftOut, ...counted } = routing;
    tx.record({
      event: came.ok ? 'transfer.answered' : 'transfer.not-answered',
      subjects: admitted.personIds,
      ground: admitted.ground,
      items: [ask.information, ...ask.items],
      recipient: ask.asker.system,
      facts: ['common_platform.transfer_outcome'],
      detail: {
        request: ask.requestId,
        source: ask.source,
        ...counted,
        ...(leftOut === undefined ? {} : { leftOut }),
      },
    });
    return ok(null);
  },
});

interface Selected {
  readonly rows: readonly TransferRow[];
  readonly leftOut: number;
}

/**
 * 庁内データ連携: relays a question to the source inside the open request and the answer back, cut to the persons and items
 * of the question. Where a person of the source must approve, the asker is told `held` and asks again later.
 * @law 番号利用法 第9条第2項; @source design §4.5; 001 LNK-X1 to LNK-X4, LNK-X8; 002 CIP-F2, AC of the ordinance list
 */
export async function transfer(deps: Deps, actor: Actor, ask: Ask): Promise<Result<Answer, Word | 'not-authorised'>> {
  const admitted = await admitTransfer(deps, actor, ask);
  if (!admitted.ok) return admitted;
  const { ground, state, approvedBy } = admitted.value;
  if (state === 'held') return ok({ requestId: ask.requestId, state: 'held', ground, rows: [] });
  const question: RequestOf<typeof answerTransfer> = {
    transferId: ask.requestId,
    asker: ask.asker.system,
    ground,
    approvedBy,
    task: ask.task,
    information: ask.information,
    items: ask.items,
    rows: ask.rows,
  };
  const answered = await askSource(deps.peers, `${deps.identity.organisation}/${ask.source}`, question);
  const came: Result<Selected, string> = answered.ok
    ? ok(selectTransfer({ rowIds: ask.rows.map((r) => r.rowId), items: ask.items }, answered.value.rows))
    : answered;
  const noted = await noteTransferOutcome(deps, actor, { ask, admitted: admitted.value, came });
  if (!noted.ok) return noted;
  if (!came.ok) return err('source-unavailable');
  return ok({ requestId: ask.requestId, state: 'answered', ground, rows: [...came.value.rows] });
}
