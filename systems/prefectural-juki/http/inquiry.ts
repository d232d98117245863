import { inquireRegister } from '@musubi/contracts/juki/inquiry.ts';
import { type Route, route } from '@musubi/kernel/http/server.ts';
import { err, ok } from '@musubi/kernel/result/result.ts';
import { type InquiryDeps, inquire } from '../service/inquiry.ts';

/** Inquiries of recipients' business systems. Who asks is whom the certificate names, and the answer goes back to it. */
export function inquiryRoute(deps: InquiryDeps): Route {
  return route(inquireRegister, async ({ body, actor }) => {
    const { inquiryId, task, document, operator, key, items = null } = body;
    const answered = await inquire(deps, actor, {
      inquiryId,
      taskCode: task,
      document,
      operator,
      key,
      items,
      useEntryId: null,
    });
    if (!answered.ok) return answered;
    const answer = answered.value;
    switch (answer.kind) {
      case 'refused':
        // The use ledger is the terminals': a system's number use stands in its certificate, task and record.
        if (answer.refusal === 'use-entry-needed' || answer.refusal === 'use-entry-spent') return err('not-authorised');
        return err(answer.refusal);
      case 'not-identified':
        // Where it was looked would tell whether somebody is here of whom nothing is said.
        return ok({ inquiryId, result: 'not-identified', source: 'prefecture', items: {}, withheld: [] });
      case 'given': {
        const { source, items: given, withheld } = answer;
        return ok({ inquiryId, result: 'given', source, items: given, withheld: [...withheld] });
      }
    }
  });
}
