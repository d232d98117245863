import { type answerTransfer, type TransferRow, wardTaxInformation } from '@musubi/contracts/platform/transfers.ts';
import { type ActDeps, act } from '@musubi/kernel/db/act.ts';
import type { RequestOf, ResponseOf } from '@musubi/kernel/http/endpoint.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { getAssessments } from '../../store/assessments.ts';
import { leviesInForce } from '../../store/transfers.ts';
import { assessOne } from '../assessment/assess-one.ts';
import { agrees } from '../assessment/read.ts';
import { copyItems } from '../lodging/copy.ts';

/**
 * 庁内の移転 (別表2): what the ward's platform let through for a section is answered with the newest levy in force of exactly the persons
 * named, and of it the items asked for. Items have the names of the copies that other bodies get.
 * @law 目黒区個人番号の利用に関する条例 第3条第2項; @source requirements 002 §5.4, AC-22
 */
export const answerWithLevies = act('resident-tax.answer-transfer', {
  right: ['resident-tax', 'transfer-answer', 'read'],
  async run(
    tx,
    _deps: ActDeps,
    asked: RequestOf<typeof answerTransfer>,
  ): Promise<Result<ResponseOf<typeof answerTransfer>, 'not-our-information'>> {
    if (asked.information !== wardTaxInformation) return err('not-our-information');
    const found = await leviesInForce(
      tx,
      asked.rows.map((r) => r.orgPersonNumber),
    );
    const levies = await getAssessments(
      tx,
      found.map((f) => f.assessmentId),
    );
    const rows = asked.rows.map(({ rowId, orgPersonNumber }): TransferRow => {
      const at = found.find((f) => f.orgPersonNumber === orgPersonNumber);
      const levy = levies.find((l) => l.assessmentId === at?.assessmentId);
      if (!levy) return { rowId, result: '10', items: {} };
      const explained = assessOne(levy.input);
      if (!agrees(levy, explained))
        throw new Error(`the levy ${levy.assessmentId} does not agree with its facts: no section is told of it`);
      const all = copyItems(explained);
      if (all === null) return { rowId, result: '10', items: {} };
      const items = Object.fromEntries(Object.entries(all).filter(([item]) => asked.items.includes(item)));
      return { rowId, result: '00', items };
    });
    tx.record({
      event: 'transfer.told',
      subjects: found.map((f) => f.personId),
      ground: asked.ground,
      items: [asked.information, ...asked.items],
      recipient: asked.asker,
      detail: { transfer: asked.transferId, task: asked.task, persons: asked.rows.length, held: found.length },
    });
    return ok({ rows });
  },
});
