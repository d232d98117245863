import type { InquiryAnswerItems } from '@musubi/contracts/juki/inquiry.ts';
import { nationalRegister } from '@musubi/contracts/juki/national-client.ts';
import { inquireForOffice } from '@musubi/contracts/juki/office-inquiry.ts';
import { type Route, route } from '@musubi/kernel/http/server.ts';
import { err, ok } from '@musubi/kernel/result/result.ts';
import type { Host } from '@musubi/kernel/serve/host.ts';
import type { Deps } from '../deps.ts';
import { noteOfficeAnswer, noteOfficeInquiry } from '../service/office-inquiry.ts';

const items = ['individualNumber', 'name', 'birthDate', 'sex', 'address'] as const;

/** 本人確認情報の照会 for the municipality's own offices: asked of the nation's server in this server's name, kept nowhere. */
export function officeInquiryRoute(host: Host, deps: Deps): Route {
  const national = nationalRegister(host, deps.nationalJuki);
  return route(inquireForOffice, async ({ body, actor }) => {
    const noted = await noteOfficeInquiry(deps, actor, body);
    if (!noted.ok) return noted;
    const { inquiryId, ground, name, birthDate, address } = body;
    const key = { kind: 'four-items', name, birthDate, address } as const;
    const { answer, word } = await national.ask({ inquiryId, ground, key, items: [...items] });
    const told = await noteOfficeAnswer(deps, actor, { inquiryId, word });
    if (!told.ok) return told;
    if (word === 'inquiry-repeated') return err('inquiry-repeated');
    if (answer === undefined) return err('national-unavailable');
    return ok({ person: answer.result === 'given' ? personOf(answer.items) : null });
  });
}

/** Of an answer that gave: all that was asked for, or nobody. */
function personOf(given: InquiryAnswerItems) {
  const { individualNumber, name, birthDate, sex, address } = given;
  const isWhole = [individualNumber, name, birthDate, sex, address].every((item) => item !== undefined);
  return isWhole
    ? inquireForOffice.response.shape.person.parse({ individualNumber, name, birthDate, sex, address })
    : null;
}
