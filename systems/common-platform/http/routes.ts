import { announceCopyFile, copyFileStatus, putCopyFilePart } from '@musubi/contracts/exchange/copy-files.ts';
import { askAnotherBody, deferredInquiry, lodgeCopies } from '@musubi/contracts/exchange/endpoints.ts';
import { addOrderPersons, orderInquiries, orderResults } from '@musubi/contracts/exchange/inquiry-orders.ts';
import { numberOutsidePerson as outsideEndpoint } from '@musubi/contracts/platform/outside-persons.ts';
import { registerPerson as registerEndpoint } from '@musubi/contracts/platform/persons.ts';
import { askProtections, compareProtections } from '@musubi/contracts/platform/protections.ts';
import { transferInside } from '@musubi/contracts/platform/transfers.ts';
import { sendNotice, tellNoticeStates } from '@musubi/contracts/portal/notices.ts';
import { type Route, route } from '@musubi/kernel/http/server.ts';
import { err, ok } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { numberOutsidePerson } from '../service/outside-persons.ts';
import { answerProtections, takeComparison } from '../service/protections.ts';
import { registerPerson } from '../service/register-person.ts';
import { relay, relayCopies, relayDeferred } from '../service/relay.ts';
import {
  relayFile,
  relayFilePart,
  relayFileStatus,
  relayNotice,
  relayNoticeStates,
  relayOrder,
  relayOrderPersons,
  relayOrderResults,
} from '../service/relay-matters.ts';
import { transfer } from '../service/transfers.ts';

/** What business systems of the organisation may ask of the platform. */
export const routes = (deps: Deps): readonly Route[] => [
  route(registerEndpoint, async ({ body, actor }) => {
    const done = await registerPerson(deps, actor, body);
    if (!done.ok) return done;
    // The record that it is held stands; the sender is told only that a clerk must look.
    return done.value.kind === 'held' ? err('particulars-disagree') : ok(done.value.person);
  }),
  route(outsideEndpoint, async ({ body, actor }) => {
    const done = await numberOutsidePerson(deps, actor, body);
    if (!done.ok) return done;
    return done.value.kind === 'held' ? err('particulars-disagree') : ok(done.value.person);
  }),
  route(askAnotherBody, ({ body, actor }) => relay(deps, actor, body)),
  route(deferredInquiry, ({ body, actor }) => relayDeferred(deps, actor, body)),
  route(askProtections, ({ body, actor }) => answerProtections(deps, actor, body)),
  route(compareProtections, ({ body, actor }) => takeComparison(deps, actor, body)),
  route(transferInside, ({ body, actor }) => transfer(deps, actor, body)),
  route(lodgeCopies, ({ body, actor }) => relayCopies(deps, actor, body)),
  route(orderInquiries, ({ body, actor }) => relayOrder(deps, actor, body)),
  route(addOrderPersons, ({ body, actor }) => relayOrderPersons(deps, actor, body)),
  route(orderResults, ({ body, actor }) => relayOrderResults(deps, actor, body)),
  route(announceCopyFile, ({ body, actor }) => relayFile(deps, actor, body)),
  route(putCopyFilePart, ({ body, actor }) => relayFilePart(deps, actor, body)),
  route(copyFileStatus, ({ body, actor }) => relayFileStatus(deps, actor, body)),
  route(sendNotice, ({ body, actor }) => relayNotice(deps, actor, body)),
  route(tellNoticeStates, ({ body, actor }) => relayNoticeStates(deps, actor, body)),
];
