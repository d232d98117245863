import { announceCopyFile, copyFileStatus, putCopyFilePart } from '@musubi/contracts/exchange/copy-files.ts';
import { addOrderPersons, orderInquiries, orderResults } from '@musubi/contracts/exchange/inquiry-orders.ts';
import { sendNotice, tellNoticeStates } from '@musubi/contracts/portal/notices.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { AnyEndpoint, RequestOf, ResponseOf, WordOf } from '@musubi/kernel/http/endpoint.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { passToServer } from '../clients/peers.ts';
import type { Deps } from '../deps.ts';
import { boundPerson } from '../domain/bound-person.ts';
import { standings } from '../store/persons.ts';
import { findMatter, type MatterKind, noteMatter } from '../store/relayed-matters.ts';
import { checkBinding } from './check-binding.ts';

/*
 * 一括照会、副本ファイル、お知らせ: relayed inside the open request. A matter is begun by the system whose it is, under a binding in force
 * today; what follows names only matters of that system and persons who are surely its own. Nothing of the content is kept.
 * @source 001 LNK-F4, LNK-F5, LNK-X1, LNK-X2; 002 IMS-F12
 */

type Relayed<E extends AnyEndpoint> = Promise<Result<ResponseOf<E>, WordOf<E> | 'not-authorised' | 'internal-error'>>;

/** The system that the certificate names. */
const systemOf = (actor: Actor): string => (actor.kind === 'system' ? actor.system : '');

/** Persons of the organisation by number; undefined where one of them is not surely this system's. */
async function ownPersons(tx: Tx, system: string, numbers: readonly string[]): Promise<string[] | undefined> {
  const known = await standings(tx, numbers);
  const persons: string[] = [];
  for (const number of new Set(numbers)) {
    const bound = boundPerson(known.get(number), system);
    if (!bound.ok) return undefined;
    persons.push(bound.value.personId);
  }
  return persons;
}

interface Begin {
  readonly matterId: string;
  readonly kind: 'inquiry-order' | 'copy-file';
  readonly system: string;
  readonly code: string;
  /** Information, where `code` is the procedure. */
  readonly items: readonly string[];
}

const bindingKind = { 'inquiry-order': 'ask', 'copy-file': 'lodge' } as const;

async function begin(tx: Tx, deps: Deps, actor: Actor, b: Begin): Promise<Result<null, 'not-yours' | 'other-content'>> {
  const bound = await checkBinding(tx, deps, actor, {
    system: b.system,
    kind: bindingKind[b.kind],
    codes: [b.code],
  });
  if (!bound.ok) return err('not-yours');
  const ground = bound.value.get(b.code) ?? '';
  const { matterId, kind, system, code } = b;
  const at = deps.machineClock.now();
  const noted = await noteMatter(tx, { matterId, kind, system, code, ground }, deps.civilClock.today(), at);
  if (noted === 'other-content') return err('other-content');
  tx.record({
    event: `${kind}.relayed`,
    ground,
    items: b.items,
    recipient: deps.settings.intermediateServer,
    ...(noted === 'new' ? { facts: ['common_platform.relayed_matter'] } : {}),
    detail: { matter: matterId, system, repeated: noted === 'repeated' },
  });
  return ok(null);
}

interface Continue {
  readonly matterId: string;
  readonly kind: MatterKind;
  /** What is asked about or lodged for whom; absent where only a state is asked. */
  readonly orgPersonNumbers?: readonly string[];
}

async function goOn(
  tx: Tx,
  deps: Deps,
  actor: Actor,
  c: Continue,
): Promise<Result<null, 'not-yours' | 'unknown-person'>> {
  const matter = await findMatter(tx, c.matterId, c.kind, systemOf(actor));
  if (matter === undefined) return err('not-yours');
  const persons = await ownPersons(tx, matter.system, c.orgPersonNumbers ?? []);
  if (persons === undefined) return err('unknown-person');
  tx.record({
    event: `${c.kind}.continued`,
    ground: matter.ground,
    items: [matter.code],
    subjects: persons,
    recipient: deps.settings.intermediateServer,
    detail: { matter: c.matterId, persons: persons.length },
  });
  return ok(null);
}

const beginOrder = act('common-platform.begin-inquiry-order', {
  right: ['common-platform', 'ask', 'update'],
  run: (tx, deps: Deps, b: Begin, actor) => begin(tx, deps, actor, b),
});
const beginFile = act('common-platform.begin-copy-file', {
  right: ['common-platform', 'lodge', 'update'],
  run: (tx, deps: Deps, b: Begin, actor) => begin(tx, deps, actor, b),
});
const goOnWithOrder = act('common-platform.continue-inquiry-order', {
  right: ['common-platform', 'ask', 'update'],
  run: (tx, deps: Deps, c: Continue, actor) => goOn(tx, deps, actor, c),
});
const goOnWithFile = act('common-platform.continue-copy-file', {
  right: ['common-platform', 'lodge', 'update'],
  run: (tx, deps: Deps, c: Continue, actor) => goOn(tx, deps, actor, c),
});

/* ---- 一括照会 ---- */

export async function relayOrder(
  deps: Deps,
  actor: Actor,
  body: RequestOf<typeof orderInquiries>,
): Relayed<typeof orderInquiries> {
  const begun = await beginOrder(deps, actor, {
    matterId: body.orderId,
    kind: 'inquiry-order',
    system: body.asker.system,
    code: body.procedure,
    items: [body.informationCode, ...body.items],
  });
  if (begun.ok) return passOn(deps, orderInquiries, body);
  if (begun.error === 'not-authorised') return err(begun.error);
  return err(begun.error === 'not-yours' ? 'not-your-business' : 'order-repeated-with-other-content');
}

export async function relayOrderPersons(
  deps: Deps,
  actor: Actor,
  body: RequestOf<typeof addOrderPersons>,
): Relayed<typeof addOrderPersons> {
  const { orderId: matterId, orgPersonNumbers } = body;
  const admitted = await goOnWithOrder(deps, actor, { matterId, kind: 'inquiry-order', orgPersonNumbers });
  if (admitted.ok) return passOn(deps, addOrderPersons, body);
  return admitted.error === 'not-yours' ? err('no-such-order') : err(admitted.error);
}

export async function relayOrderResults(
  deps: Deps,
  actor: Actor,
  body: RequestOf<typeof orderResults>,
): Relayed<typeof orderResults> {
  const admitted = await goOnWithOrder(deps, actor, { matterId: body.orderId, kind: 'inquiry-order' });
  if (admitted.ok) return passOn(deps, orderResults, body);
  return err(admitted.error === 'not-authorised' ? admitted.error : 'no-such-order');
}

/* ---- 副本ファイル ---- */

export async function relayFile(
  deps: Deps,
  actor: Actor,
  body: RequestOf<typeof announceCopyFile>,
): Relayed<typeof announceCopyFile> {
  const { fileId: matterId, system, informationCode: code } = body;
  const begun = await beginFile(deps, actor, { matterId, kind: 'copy-file', system, code, items: [code] });
  if (begun.ok) return passOn(deps, announceCopyFile, body);
  if (begun.error === 'not-authorised') return err(begun.error);
  return err(begun.error === 'not-yours' ? 'not-your-information' : 'file-repeated-with-other-content');
}

/** The first column of each row behind the header. @source contracts/exchange/copy-files.ts `leadingColumns` */
export const personsOfPart = (content: string): string[] =>
  content
    .split('\r\n')
    .slice(1)
    .filter((line) => line !== '')
    .map((line) => line.slice(0, line.indexOf(',')).replaceAll('"', ''));

export async function relayFilePart(
  deps: Deps,
  actor: Actor,
  body: RequestOf<typeof putCopyFilePart>,
): Relayed<typeof putCopyFilePart> {
  const orgPersonNumbers = personsOfPart(body.content);
  const admitted = await goOnWithFile(deps, actor, { matterId: body.fileId, kind: 'copy-file', orgPersonNumbers });
  if (admitted.ok) return passOn(deps, putCopyFilePart, body);
  return admitted.error === 'not-yours' ? err('no-such-file') : err(admitted.error);
}

export async function relayFileStatus(
  deps: Deps,
  actor: Actor,
  body: RequestOf<typeof copyFileStatus>,
): Relayed<typeof copyFileStatus> {
  const admitted = await goOnWithFile(deps, actor, { matterId: body.fileId, kind: 'copy-file' });
  if (admitted.ok) return passOn(deps, copyFileStatus, body);
  return err(admitted.error === 'not-authorised' ? admitted.error : 'no-such-file');
}

/* ---- お知らせ ---- */

type Notice = Pick<RequestOf<typeof sendNotice>, 'noticeId' | 'system' | 'orgPersonNumber' | 'kind'>;

const admitNotice = act('common-platform.admit-person-notice', {
  right: ['common-platform', 'person-notice', 'update'],
  async run(
    tx,
    deps: Deps,
    n: Notice,
    actor,
  ): Promise<Result<null, 'not-your-business' | 'unknown-person' | 'notice-id-used'>> {
    if (systemOf(actor) !== n.system) return err('not-your-business');
    const persons = await ownPersons(tx, n.system, [n.orgPersonNumber]);
    if (persons === undefined) return err('unknown-person');
    const matter = { matterId: n.noticeId, kind: 'person-notice', system: n.system, code: n.kind, ground: '' } as const;
    const noted = await noteMatter(tx, matter, deps.civilClock.today(), deps.machineClock.now());
    if (noted === 'other-content') return err('notice-id-used');
    tx.record({
      event: 'person-notice.relayed',
      subjects: persons,
      recipient: deps.settings.intermediateServer,
      ...(noted === 'new' ? { facts: ['common_platform.relayed_matter'] } : {}),
      detail: { notice: n.noticeId, system: n.system, repeated: noted === 'repeated' },
    });
    return ok(null);
  },
});

export async function relayNotice(
  deps: Deps,
  actor: Actor,
  body: RequestOf<typeof sendNotice>,
): Relayed<typeof sendNotice> {
  const { noticeId, system, orgPersonNumber, kind } = body;
  const admitted = await admitNotice(deps, actor, { noticeId, system, orgPersonNumber, kind });
  return admitted.ok ? passOn(deps, sendNotice, body) : admitted;
}

const admitStates = act('common-platform.admit-notice-states', {
  right: ['common-platform', 'person-notice', 'read'],
  async run(
    tx,
    _deps: Deps,
    asked: { system: string; notices: number },
    actor,
  ): Promise<Result<null, 'not-your-business'>> {
    if (systemOf(actor) !== asked.system) return err('not-your-business');
    tx.record({ event: 'notice-states.asked', detail: asked });
    return ok(null);
  },
});

export async function relayNoticeStates(
  deps: Deps,
  actor: Actor,
  body: RequestOf<typeof tellNoticeStates>,
): Relayed<typeof tellNoticeStates> {
  const admitted = await admitStates(deps, actor, { system: body.system, notices: body.noticeIds.length });
  return admitted.ok ? passOn(deps, tellNoticeStates, body) : admitted;
}

const passOn = <E extends AnyEndpoint>(deps: Deps, endpoint: E, body: RequestOf<E>) =>
  passToServer(deps.peers, deps.settings.intermediateServer, endpoint, body);
