import type { answerTransfer, TransferRow } from '@musubi/contracts/platform/transfers.ts';
import { act } from '@musubi/kernel/db/act.ts';
import type { RequestOf, ResponseOf } from '@musubi/kernel/http/endpoint.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { decidedTiers, insertTransferAnswer } from '../store/cases.ts';

/** 小児慢性特定疾病医療費の支給認定情報, as other businesses of the prefecture may be told of it by the ordinance list. */
export const tierInformation = 'MED-001';

/**
 * Answers a question of another business that the platform let through: the decided tier of exactly the persons named, and of
 * it the items asked for.
 * @source 001 LNK-X1, LNK-X4; design §4.5
 */
export const answerWithTiers = act('child-chronic.answer-transfer', {
  right: ['child-chronic', 'transfer-answer', 'read'],
  async run(
    tx,
    deps: Deps,
    asked: RequestOf<typeof answerTransfer>,
  ): Promise<Result<ResponseOf<typeof answerTransfer>, 'not-our-information'>> {
    if (asked.information !== tierInformation) return err('not-our-information');
    const found = await decidedTiers(
      tx,
      asked.rows.map((r) => r.orgPersonNumber),
      deps.civilClock.today(),
    );
    const rows = asked.rows.map(({ rowId, orgPersonNumber }): TransferRow => {
      const tier = found.find((f) => f.orgPersonNumber === orgPersonNumber);
      if (!tier) return { rowId, result: '10', items: {} };
      const all = {
        受給有無: true,
        階層区分: tier.tier,
        自己負担上限月額: tier.ceilingYen,
        支給認定日: tier.decidedOn,
      };
      const items = Object.fromEntries(Object.entries(all).filter(([item]) => asked.items.includes(item)));
      return { rowId, result: '00', items };
    });
    await insertTransferAnswer(tx, {
      answerId: deps.newId(),
      transferId: asked.transferId,
      asker: asked.asker,
      ground: asked.ground,
      persons: asked.rows.length,
      held: found.length,
      at: deps.machineClock.now(),
    });
    tx.record({
      event: 'transfer.told',
      subjects: found.map((f) => f.orgPersonNumber),
      ground: asked.ground,
      items: [asked.information, ...asked.items],
      recipient: asked.asker,
      facts: ['child_chronic.transfer_answer'],
      detail: {
        transfer: asked.transferId,
        persons: asked.rows.length,
        held: found.length,
        approved: asked.approvedBy,
      },
    });
    return ok({ rows });
  },
});
