import { collectProvision, provide, turnLinkageCode } from '@musubi/contracts/exchange/endpoints.ts';
import type { InquiryRefusal, InquiryStatement } from '@musubi/contracts/exchange/messages.ts';
import { type Actor, act, look } from '@musubi/kernel/db/act.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { findInquiry, type KeptInquiry, withdrawNumber } from '../store/records.ts';
import { isUnderMaintenance } from '../store/windows.ts';
import { type Examined, examineList, examineStatement, type Inquiry } from './examine.ts';
import { issuePermit, peerOf, type Turned } from './issue-permit.ts';
import { type Answered, relayAnswer } from './relay-answer.ts';

/** Milliseconds for the way to the provider and back; the whole chain stays inside the asker's own limit. */
const provideTimeoutMs = 8_000;
const turnTimeoutMs = 4_000;

type Relayed = Answered & { readonly permit: string };

/**
 * 情報照会の中継 (design §4.3): examine, turn the code, sign the permit, relay, record. Each record commits before the next
 * step leaves the house, so that a crash leaves the inquiry known and its answer collectable.
 */
export async function inquire(
  deps: Deps,
  actor: Actor,
  command: Inquiry,
): Promise<Result<Relayed, InquiryRefusal | 'not-authorised'>> {
  const read = examineStatement(deps, actor, command, deps.machineClock.now());
  const number = read.ok ? read.value.payload.inquiryNumber : undefined;
  // Of the same statement twice one is refused, and the other is on its way still.
  if (number === undefined || deps.underWay.has(number)) return relay(deps, actor, command, read);
  deps.underWay.add(number);
  try {
    return await relay(deps, actor, command, read);
  } finally {
    deps.underWay.delete(number);
  }
}

async function relay(
  deps: Deps,
  actor: Actor,
  command: Inquiry,
  read: Examined,
): Promise<Result<Relayed, InquiryRefusal | 'not-authorised'>> {
  const [hasEnded, turned] = await Promise.all([
    read.ok ? isEnded(deps, read.value.chain[0]!) : false,
    read.ok && isWorthTurning(deps, read.value.payload) ? turnFor(deps, command, read.value.payload) : undefined,
  ]);
  const examined = enforced('transport.revoked-certificate') && hasEnded ? err('bad-signature') : read;
  const decided = await issuePermit(deps, actor, { ...command, examined, ...(turned === undefined ? {} : { turned }) });
  if (!decided.ok) return decided;
  const decision = decided.value;
  if (!decision.permitted) return err(decision.refusal);

  const { permit, linkageCode, nonce } = decision;
  const said = await deps.peers.call(
    provide,
    decision.provider,
    {},
    { statement: command.statement, permit, linkageCode, nonce },
    { timeoutMs: provideTimeoutMs },
  );
  const relayed = await relayAnswer(deps, actor, {
    inquiryNumber: decision.statement.inquiryNumber,
    said: said.ok ? said.value : { refusal: said.error },
  });
  if (!relayed.ok) return relayed;
  return 'refusal' in relayed.value ? err(relayed.value.refusal) : ok({ ...relayed.value, permit });
}

/** What the authority says of the asker's certificate now, before any list tells of it. */
async function isEnded({ statuses }: Deps, certificate: Uint8Array): Promise<boolean> {
  const standing = await statuses.standingOf(certificate);
  return standing === 'revoked' || standing === 'unknown';
}

/**
 * The root process is not asked for inquiries that every list we know would refuse. Whether one is permitted is decided in
 * `issuePermit` alone, on the list that counts then.
 */
function isWorthTurning(deps: Deps, statement: InquiryStatement): boolean {
  return deps.lists.size === 0 || deps.lists.values().some(({ rows }) => examineList(deps, statement, rows).ok);
}

async function turnFor(
  deps: Deps,
  { linkageCode }: Inquiry,
  { asker, provider, inquiryNumber }: InquiryStatement,
): Promise<Turned | { readonly refusal: InquiryRefusal }> {
  const turned = await deps.peers.call(
    turnLinkageCode,
    deps.root,
    {},
    { from: asker, to: provider, linkageCode, inquiryNumber },
    { timeoutMs: turnTimeoutMs },
  );
  if (turned.ok) return turned.value;
  switch (turned.error) {
    case 'not-your-linkage-code':
      return { refusal: 'not-your-linkage-code' };
    case 'unknown-organisation':
      return { refusal: 'provider-unknown' };
    default:
      return { refusal: 'provider-unavailable' };
  }
}

/** What the records say of an inquiry, without any person. */
const loadInquiry = look('inquiry.load', {
  right: ['information-providing-network', 'inquiry', 'update'],
  async run(
    tx,
    deps: Deps,
    { inquiryNumber }: { inquiryNumber: string },
  ): Promise<(KeptInquiry & { readonly closed: boolean }) | undefined> {
    const found = await findInquiry(tx, inquiryNumber);
    return found && { ...found, closed: await isUnderMaintenance(tx, found.provider, deps.machineClock.now()) };
  },
});

const withdraw = act('inquiry.withdraw', {
  right: ['information-providing-network', 'inquiry', 'update'],
  async run(tx, deps: Deps, { inquiryNumber }: { inquiryNumber: string }, actor): Promise<Result<boolean, never>> {
    const tombstone = { refusalId: deps.newId(), inquiryNumber, peer: peerOf(actor), at: deps.machineClock.now() };
    const done = await withdrawNumber(tx, tombstone);
    tx.record({
      event: done ? 'inquiry.withdrawn' : 'inquiry.not-withdrawn',
      facts: done ? ['information_providing_network.refusal'] : [],
      detail: { inquiryNumber },
    });
    return ok(done);
  },
});

/**
 * The answer that a clerk decided, or that was lost on its way. Only the asker of the inquiry gets it. While we have the inquiry on its way
 * it is not ready; a number whose statement never came is withdrawn, so that the asker may end it and ask anew at once.
 */
export async function collect(
  deps: Deps,
  actor: Actor,
  { inquiryNumber }: { readonly inquiryNumber: string },
): Promise<
  Result<
    Relayed,
    | 'not-ready'
    | 'no-such-inquiry'
    | 'answer-term-over'
    | 'provider-unavailable'
    | 'under-maintenance'
    | 'not-authorised'
  >
> {
  if (deps.underWay.has(inquiryNumber)) return err('not-ready');
  const loaded = await loadInquiry(deps, actor, { inquiryNumber });
  if (!loaded.ok) return loaded;
  const inquiry = loaded.value;
  if (inquiry === undefined) {
    const withdrawn = await withdraw(deps, actor, { inquiryNumber });
    if (!withdrawn.ok) return withdrawn;
    return err(withdrawn.value ? 'no-such-inquiry' : 'not-ready');
  }
  if (actor.kind !== 'system' || actor.organisation !== inquiry.asker) return err('no-such-inquiry');
  if (inquiry.closed) return err('under-maintenance');
  const provider = deps.bodies.get(inquiry.provider);
  if (provider === undefined) return err('no-such-inquiry');
  const { permitNumber, permit } = inquiry;
  const said = await deps.peers.call(
    collectProvision,
    provider.ims,
    {},
    { inquiryNumber, permitNumber },
    { timeoutMs: provideTimeoutMs },
  );
  if (!said.ok) {
    if (said.error === 'not-ready' || said.error === 'no-such-inquiry' || said.error === 'answer-term-over')
      return err(said.error);
    return err('provider-unavailable');
  }
  const relayed = await relayAnswer(deps, actor, { inquiryNumber, said: said.value });
  if (!relayed.ok) return relayed;
  return 'refusal' in relayed.value ? err('provider-unavailable') : ok({ ...relayed.value, permit });
}
