import { announceCopyFile, putCopyFilePart } from '@musubi/contracts/exchange/copy-files.ts';
import { addOrderPersons, orderInquiries } from '@musubi/contracts/exchange/inquiry-orders.ts';
import { type LinkageFault, type LinkageFile, readLinkageFile } from '@musubi/contracts/platform/file-linkage.ts';
import { sha256Hex } from '@musubi/kernel/crypto/digest.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { type ImportError, importContainer, reopenContainer } from '@musubi/kernel/media/keys.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { passToServer } from '../clients/peers.ts';
import type { Deps } from '../deps.ts';
import { boundPerson } from '../domain/bound-person.ts';
import { endIntake, insertIntake, intakes } from '../store/file-linkage.ts';
import { standings } from '../store/persons.ts';
import { noteMatter } from '../store/relayed-matters.ts';
import { boundToday, userMay } from './check-binding.ts';
import { personsOfPart } from './relay-matters.ts';

/*
 * 媒体によるファイル連携, the way in: a file of inquiries or of copies from a business whose office has no line, read at the media station from
 * the medium lent to that office, checked as what comes over the line is, and passed on inside the open request. What cannot be passed on
 * yet is put in again: nothing of it was kept.
 * @source design §4.6; 001 LNK-F4, LNK-F5, LNK-X8, reading A3
 */

type Sent = Exclude<LinkageFile, { kind: 'results' }>;
/** Why a file that could be opened goes no further: it is refused whole, and the medium still has to be erased. */
export type IntakeFault =
  | LinkageFault
  | 'not-this-business'
  | 'not-your-business'
  | 'not-your-information'
  | 'unknown-person'
  | 'other-content';
interface Taken {
  readonly intakeId: string;
  /** Undefined where the file was refused. */
  readonly file: Sent | undefined;
  readonly fault: IntakeFault | undefined;
  /** Rows that are not surely the business's own. */
  readonly faulty: number;
}
interface Command {
  readonly serial: string;
  readonly system: string;
  readonly bytes: Uint8Array;
}

type TakeError = 'not-staff' | 'not-at-a-station' | 'no-medium-office' | 'not-taken-in-before' | ImportError;

const take = act('common-platform.take-linkage-file', {
  right: ['common-platform', 'media-station', 'update'],
  async run(tx, deps: Deps, { serial, system, bytes }: Command, actor): Promise<Result<Taken, TakeError>> {
    if (actor.kind !== 'staff') return err('not-staff');
    const { terminalId: terminal, staffId: by } = actor;
    if (terminal === undefined) return err('not-at-a-station');
    const office = deps.settings.mediumOffices.find((o) => o.system === system);
    if (office === undefined) return err('no-medium-office');
    const { department } = office;
    const [before] = await intakes(tx, { sha256: sha256Hex(bytes), limit: 1, offset: 0 });
    const isOpen = before !== undefined && before.outcome === null;
    const opened = await (isOpen ? reopenContainer : importContainer)(tx, deps, { serial, department, bytes, by });
    if (!opened.ok) return opened;
    const { sha256 } = opened.value;
    const judged = await judge(tx, deps, system, readLinkageFile(opened.value.content));
    const { file, fault, faulty } = judged;
    const at = deps.machineClock.now();
    const intakeId = before?.intakeId ?? deps.newId();
    const matter = file && matterOf(file);
    if (before === undefined)
      await insertIntake(
        tx,
        {
          intakeId,
          ...{ sha256, serial, system, department, terminal, by },
          matterId: matter?.matterId ?? null,
          kind: file?.kind ?? null,
          persons: judged.persons.length,
        },
        at,
      );
    if (fault !== undefined) await endIntake(tx, { intakeId, outcome: 'refused', word: fault, faulty, by }, at);
    tx.record({
      event: fault === undefined ? 'linkage-file.taken' : 'bulk.refused',
      ...(judged.ground === '' ? {} : { ground: judged.ground }),
      ...(matter ? { items: [matter.code], recipient: deps.settings.intermediateServer } : {}),
      subjects: judged.subjects,
      facts: [
        ...(judged.isNewMatter ? ['common_platform.relayed_matter'] : []),
        ...(before === undefined ? ['common_platform.medium_intake', 'media.import'] : []),
        ...(fault === undefined ? [] : ['common_platform.medium_intake_end']),
        'media.medium_step',
      ].sort(),
      detail: {
        intake: intakeId,
        serial,
        system,
        persons: judged.persons.length,
        faulty,
        word: fault ?? '',
        again: isOpen,
      },
    });
    return ok({ intakeId, file: fault === undefined ? file : undefined, fault, faulty });
  },
});

interface Judged {
  readonly file: Sent | undefined;
  readonly fault: IntakeFault | undefined;
  readonly faulty: number;
  readonly persons: readonly string[];
  readonly subjects: readonly string[];
  readonly ground: string;
  readonly isNewMatter: boolean;
}

const matterOf = (file: Sent) =>
  file.kind === 'inquiry-order'
    ? { matterId: file.order.orderId, code: file.order.procedure, system: file.order.asker.system }
    : { matterId: file.file.fileId, code: file.file.informationCode, system: file.file.system };

/** The same questions that a message is asked: whose it is, whether it may today, and whether each person is surely the business's own. */
async function judge(tx: Tx, deps: Deps, system: string, read: Result<LinkageFile, LinkageFault>): Promise<Judged> {
  const none = { file: undefined, faulty: 0, persons: [], subjects: [], ground: '', isNewMatter: false };
  if (!read.ok) return { ...none, fault: read.error };
  if (read.value.kind === 'results') return { ...none, fault: 'not-a-linkage-file' };
  const file = read.value;
  const matter = matterOf(file);
  const { code } = matter;
  const persons =
    file.kind === 'inquiry-order'
      ? file.persons.flatMap((p) => p.orgPersonNumbers)
      : file.parts.flatMap((p) => personsOfPart(p.content));
  const about = { ...none, file, persons };
  if (matter.system !== system) return { ...about, fault: 'not-this-business' };
  const kind = file.kind === 'inquiry-order' ? 'ask' : 'lodge';
  const ground = (await boundToday(tx, deps, { system, kind, codes: [code] })).get(code);
  const byUser = file.kind !== 'inquiry-order' || (await userMay(tx, deps, { ...file.order.asker, code }));
  if (ground === undefined || !byUser)
    return { ...about, fault: kind === 'ask' ? 'not-your-business' : 'not-your-information' };
  const known = await standings(tx, persons);
  const bound = [...new Set(persons)].map((n) => boundPerson(known.get(n), system));
  const subjects = bound.flatMap((b) => (b.ok ? [b.value.personId] : []));
  const faulty = bound.length - subjects.length;
  if (faulty > 0) return { ...about, ground, subjects, faulty, fault: 'unknown-person' };
  const noted = await noteMatter(
    tx,
    { matterId: matter.matterId, kind: file.kind, system, code, ground },
    deps.civilClock.today(),
    deps.machineClock.now(),
  );
  if (noted === 'other-content') return { ...about, ground, fault: 'other-content' };
  return { ...about, ground, subjects, fault: undefined, isNewMatter: noted === 'new' };
}

const noteOutcome = act('common-platform.note-linkage-file', {
  right: ['common-platform', 'media-station', 'update'],
  async run(
    tx,
    deps: Deps,
    { intakeId, word }: { readonly intakeId: string; readonly word: string | null },
    actor,
  ): Promise<Result<null, 'not-staff' | 'ended-already'>> {
    if (actor.kind !== 'staff') return err('not-staff');
    const outcome = word === null ? 'passed' : 'refused';
    const by = actor.staffId;
    if (!(await endIntake(tx, { intakeId, outcome, word, faulty: 0, by }, deps.machineClock.now())))
      return err('ended-already');
    tx.record({
      event: word === null ? 'linkage-file.passed' : 'bulk.refused',
      facts: ['common_platform.medium_intake_end'],
      detail: { intake: intakeId, word: word ?? '' },
    });
    return ok(null);
  },
});

export type TakenIn =
  | { readonly outcome: 'passed'; readonly persons: number }
  | { readonly outcome: 'refused'; readonly word: string; readonly faulty: number }
  /** The intermediate server does not answer: the same medium is put in again later. */
  | { readonly outcome: 'not-now' };

/** Takes a container from the medium, passes what it holds on, and says what became of it. A repeat passes on the same matter. */
export async function takeLinkageFile(
  deps: Deps,
  actor: Actor,
  command: Command,
): Promise<Result<TakenIn, TakeError | 'ended-already' | 'not-authorised'>> {
  const taken = await take(deps, actor, command);
  if (!taken.ok) return taken;
  const { intakeId, file, fault, faulty } = taken.value;
  if (file === undefined) return ok({ outcome: 'refused', word: fault ?? '', faulty });
  const passed = await passOn(deps, file);
  if (!passed.ok && passed.error === 'internal-error') return ok({ outcome: 'not-now' });
  const word = passed.ok ? null : passed.error;
  const noted = await noteOutcome(deps, actor, { intakeId, word });
  if (!noted.ok) return noted;
  if (word !== null) return ok({ outcome: 'refused', word, faulty: 0 });
  const persons = file.kind === 'inquiry-order' ? file.order.persons : file.file.rows;
  return ok({ outcome: 'passed', persons });
}

/** One message after the other, as they would have come over the line. */
async function passOn(deps: Deps, file: Sent): Promise<Result<null, string>> {
  const { peers, settings } = deps;
  const server = settings.intermediateServer;
  const begun =
    file.kind === 'inquiry-order'
      ? await passToServer(peers, server, orderInquiries, file.order)
      : await passToServer(peers, server, announceCopyFile, file.file);
  if (!begun.ok) return begun;
  if (file.kind === 'inquiry-order') {
    for (const persons of file.persons) {
      const added = await passToServer(peers, server, addOrderPersons, persons);
      if (!added.ok) return added;
    }
    return ok(null);
  }
  for (const part of file.parts) {
    const put = await passToServer(peers, server, putCopyFilePart, part);
    if (!put.ok) return put;
  }
  return ok(null);
}
