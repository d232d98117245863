import type { FuhyoReturn } from '@musubi/contracts/fuhyo/notices.ts';
import { type FuhyoNotice, fuhyoChanges, fuhyoLoads } from '@musubi/contracts/fuhyo/notices.ts';
import { act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { parseLocalGovernmentCode } from '@musubi/kernel/identifiers/local-government-code.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Received } from '@musubi/kernel/streams/inbox.ts';
import type { AfterChange, Deps, WrittenChange } from '../deps.ts';
import { followed, type ResidentNow, type Supplement, type Ward } from '../domain/fuhyo.ts';
import {
  type FuhyoReturnRow,
  type FuhyoRow,
  fuhyoOf,
  fuhyoVersions,
  insertFuhyoReturned,
  listFuhyoReturned,
  personOfFuhyoChange,
  writeFuhyo,
} from '../store/fuhyo.ts';
import { lockResident, type ResidentRow, residentNow } from '../store/residents.ts';
import { withheldAddress } from './read-residents.ts';
import { operatorOf } from './write-change.ts';

type FuhyoDeps = Pick<Deps, 'outbox' | 'municipalJuki' | 'municipalityCode' | 'machineClock' | 'newId'>;

const facts = ['resident_register.fuhyo'];
const gaiji = /[\uE000-\uF8FF\u{F0000}-\u{10FFFD}]/gu;
const countGaiji = (text: string | null): number => text?.match(gaiji)?.length ?? 0;

/**
 * 附票 follows the resident register in the same transaction: each change that concerns it makes the next version and its
 * notice to the network. A load goes as a bulk message, so that no clerk's act waits behind it.
 */
export const followingFuhyo =
  (deps: FuhyoDeps, wardName: string): AfterChange =>
  async (tx, changes) => {
    const ward: Ward = { municipalityCode: deps.municipalityCode, name: wardName };
    const known = await fuhyoOf(
      tx,
      changes.map(({ row }) => row.person_id),
    );
    const rows = changes.flatMap((change) => nextRow(deps, ward, change, known.get(change.row.person_id)));
    if (rows.length === 0) return [];
    await writeFuhyo(tx, rows, deps.machineClock.now());
    await notify(tx, deps, rows);
    return facts;
  };

function nextRow(deps: FuhyoDeps, ward: Ward, { row }: WrittenChange, before: FuhyoRow | undefined): FuhyoRow[] {
  const next = followed(before && supplementOf(before), residentOf(row), ward);
  if (!next) return [];
  return [rowOf(next, row.person_id, before, { operatorId: row.operator_id, document: null, changeId: deps.newId() })];
}

const residentOf = (row: ResidentRow): ResidentNow => ({
  residentRecordCode: row.resident_record_code,
  name: row.name,
  nameKana: row.name_kana,
  birthDate: row.birth_date,
  sex: row.sex,
  address: row.address,
  status: row.status,
  movedTo: row.moved_to,
  nationality: row.nationality,
  registeredDomicile: row.registered_domicile,
  reason: row.reason,
  changedOn: row.changed_on,
});

const supplementOf = (row: FuhyoRow): Supplement => ({
  residentRecordCode: row.resident_record_code,
  formerCode: row.former_code,
  name: row.name,
  nameKana: row.name_kana,
  birthDate: row.birth_date,
  sex: row.sex,
  address: row.address,
  addressMunicipalityCode: row.address_municipality_code,
  lastAddress: row.last_address,
  recordState: row.record_state,
  noticeKind: row.notice_kind,
  changedOn: row.changed_on,
});

const rowOf = (
  s: Supplement,
  personId: string,
  before: FuhyoRow | undefined,
  by: { readonly operatorId: string; readonly document: string | null; readonly changeId: string },
): FuhyoRow => ({
  person_id: personId,
  sequence: (before?.sequence ?? 0) + 1,
  resident_record_code: s.residentRecordCode,
  former_code: s.formerCode,
  name: s.name,
  name_kana: s.nameKana,
  birth_date: s.birthDate,
  sex: s.sex,
  address: s.address,
  address_municipality_code: s.addressMunicipalityCode,
  last_address: s.lastAddress,
  record_state: s.recordState,
  notice_kind: s.noticeKind,
  changed_on: s.changedOn,
  operator_id: by.operatorId,
  ground_document: by.document,
  change_id: by.changeId,
});

/** 附票本人確認情報: the 18 items, no number among them (requirement 003 §4.2). */
export function fuhyoNoticeOf(deps: Pick<FuhyoDeps, 'municipalityCode'>, row: FuhyoRow): FuhyoNotice {
  const inName = countGaiji(row.name) > 0;
  const inAddress = countGaiji(row.address) + countGaiji(row.last_address) > 0;
  return {
    changeId: row.change_id,
    sequence: row.sequence,
    items: {
      residentRecordCode: row.resident_record_code,
      name: row.name,
      nameGaijiCount: countGaiji(row.name),
      nameKana: row.name_kana,
      birthDate: row.birth_date,
      sex: row.sex,
      addressMunicipalityCode: row.address_municipality_code,
      address: row.address,
      addressGaijiCount: countGaiji(row.address),
      lastAddress: row.last_address,
      lastAddressGaijiCount: countGaiji(row.last_address),
      changedOn: row.changed_on,
      formerResidentRecordCode: row.former_code,
      managingMunicipalityCode: deps.municipalityCode,
      recordState: row.record_state,
      gaijiFlag: inName || inAddress,
      gaijiPattern: inName ? (inAddress ? 'both' : 'name') : inAddress ? 'address' : 'none',
      noticeKind: row.notice_kind,
    },
  };
}

async function notify(tx: Tx, deps: FuhyoDeps, rows: readonly FuhyoRow[]): Promise<void> {
  const notices = rows.map((row) => fuhyoNoticeOf(deps, row));
  if (notices.length === 1) {
    const [message] = notices;
    const subject = rows[0]!.person_id;
    await deps.outbox.enqueue(tx, { receiver: deps.municipalJuki, family: fuhyoChanges, subject, message: message! });
    return;
  }
  const loadId = deps.newId();
  await deps.outbox.enqueueBulk(tx, deps.municipalJuki, fuhyoLoads, [
    { subject: loadId, message: { loadId, notices } },
  ]);
}

export interface AddressNotice {
  readonly personId: string;
  /** The version that the clerk read. */
  readonly version: number;
  readonly address: string;
  readonly municipalityCode: string;
  readonly changedOn: Temporal.PlainDate;
  /** Number of the other municipality's notice. */
  readonly document: string;
}
export type FuhyoRefusal = 'no-such-person' | 'changed-meanwhile' | 'removed' | 'wrong-municipality' | 'in-the-future';

/** 住所地の市町村からの通知による修正: the person lives elsewhere now. @law 住民基本台帳法 第19条第1項 */
export const recordAddressNotice = act('resident-register.record-address-notice', {
  right: ['resident-register', 'fuhyo', 'update'],
  subjectOf: (command: AddressNotice) => command.personId,
  async run(tx, deps: Deps, command: AddressNotice, actor): Promise<Result<{ sequence: number }, FuhyoRefusal>> {
    await lockResident(tx, command.personId);
    const before = (await fuhyoOf(tx, [command.personId])).get(command.personId);
    if (!before) return err('no-such-person');
    if (before.sequence !== command.version) return err('changed-meanwhile');
    if (before.record_state === 'removed') return err('removed');
    const { municipalityCode, changedOn } = command;
    const isOther = municipalityCode !== deps.municipalityCode && parseLocalGovernmentCode(municipalityCode).ok;
    if (!isOther) return err('wrong-municipality');
    if (Temporal.PlainDate.compare(changedOn, deps.civilClock.today()) > 0) return err('in-the-future');
    const next: Supplement = {
      ...supplementOf(before),
      formerCode: null,
      address: command.address,
      addressMunicipalityCode: municipalityCode,
      lastAddress: null,
      recordState: 'domestic',
      noticeKind: 'correction',
      changedOn: changedOn.toString(),
    };
    const by = { operatorId: operatorOf(actor).operator_id, document: command.document, changeId: deps.newId() };
    const row = rowOf(next, command.personId, before, by);
    await writeFuhyo(tx, [row], deps.machineClock.now());
    await notify(tx, deps, [row]);
    tx.record({
      event: 'fuhyo.address-noticed',
      subject: command.personId,
      facts,
      ground: '住民基本台帳法第19条',
      items: ['address'],
      recipient: deps.municipalJuki,
      detail: { changeId: row.change_id, sequence: row.sequence, document: command.document },
    });
    return ok({ sequence: row.sequence });
  },
});

export type FuhyoVersions = Awaited<ReturnType<typeof fuhyoVersions>>;

export const readFuhyo = act('resident-register.read-fuhyo', {
  right: ['resident-register', 'fuhyo', 'read'],
  subjectOf: (command: { readonly personId: string }) => command.personId,
  async run(
    tx,
    deps: Deps,
    { personId }: { readonly personId: string },
    actor,
  ): Promise<Result<FuhyoVersions, 'no-such-person'>> {
    const stored = await fuhyoVersions(tx, personId);
    if (stored.length === 0) return err('no-such-person');
    // 支援措置 (INC-44): the supplement tells where someone lives no more than the record does.
    const isProtected = (await residentNow(tx, personId))?.address_protected === true;
    const mayUnveil = isProtected && (await deps.rights.allows(tx, actor, ['resident-register', 'protection', 'read']));
    const withheld = isProtected && !mayUnveil && enforced('access.support-measure-block');
    const versions = withheld ? stored.map(withoutAddress) : stored;
    tx.record({
      event: 'fuhyo.read',
      subject: personId,
      ground: '住民基本台帳法第16条',
      items: ['supplement', 'history'],
      detail: { versions: versions.length },
    });
    return ok(versions);
  },
});

const withoutAddress = (version: FuhyoVersions[number]): FuhyoVersions[number] => ({
  ...version,
  row: {
    ...version.row,
    address: withheldAddress,
    address_municipality_code: '',
    last_address: version.row.last_address === null ? null : withheldAddress,
  },
});

/** What the servers above refused: for the counter's work list. */
export const takeFuhyoReturn = act('resident-register.take-fuhyo-return', {
  right: ['resident-register', 'return', 'update'],
  async run(tx, deps: Deps, { message }: Received<FuhyoReturn>): Promise<Result<undefined, 'not-ours'>> {
    if (message.municipalityCode !== deps.municipalityCode) return err('not-ours');
    const personId = (await personOfFuhyoChange(tx, message.changeId)) ?? null;
    await insertFuhyoReturned(tx, { ...message, personId }, deps.machineClock.now());
    tx.record({
      event: 'fuhyo-return.taken',
      ...(personId === null ? {} : { subject: personId }),
      facts: ['resident_register.fuhyo_returned'],
      detail: { returnId: message.returnId, changeId: message.changeId, rule: message.rule },
    });
    return ok(undefined);
  },
});

export const readFuhyoReturned = act('resident-register.read-fuhyo-returned', {
  right: ['resident-register', 'fuhyo', 'read'],
  async run(
    tx,
    _deps: Deps,
    query: { readonly offset: number; readonly limit: number },
  ): Promise<Result<{ rows: (FuhyoReturnRow & { readonly returnedAt: Temporal.Instant })[]; total: number }, never>> {
    const found = await listFuhyoReturned(tx, query);
    tx.record({ event: 'fuhyo-returned.read', detail: { count: found.rows.length } });
    return ok(found);
  },
});
