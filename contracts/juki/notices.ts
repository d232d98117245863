import { defineFamily } from '@musubi/kernel/streams/family.ts';
import { z } from 'zod';
import { changeReasonWords, noticeRuleWords } from './codes.ts';

/*
 * Notices of the register chain (design §4.1): resident-register → municipal-juki → prefectural-juki → national-juki, and
 * what comes back. A notice carries exactly the declared items; one with a field more is not read at all.
 */

const uuid = z.uuid();
const municipalityCode = z.string().regex(/^[0-9]{6}$/);
const residentRecordCode = z.string().regex(/^[0-9]{11}$/);
const individualNumber = z.string().regex(/^[0-9]{12}$/);
const count = z.int().min(0).max(100);

/** The 28 items of the prefecture's file that a municipality states (requirement 003 §4.1); the others the receiver makes. */
export const identificationItems = z.strictObject({
  residentRecordCode,
  name: z.string().max(100),
  nameGaijiCount: count,
  nameKana: z.string().max(100),
  birthDate: z.iso.date(),
  sex: z.enum(['male', 'female', 'other']),
  address: z.string().max(200),
  addressGaijiCount: count,
  individualNumber,
  municipalityCode,
  azaCode: z.string().regex(/^[0-9]{0,12}$/),
  formerSurname: z.string().max(50).nullable(),
  formerSurnameGaijiCount: count,
  formerSurnameKana: z.string().max(50).nullable(),
});
export type IdentificationItems = z.infer<typeof identificationItems>;

/** One change, as the municipality's register made it. */
export const residentNotice = z.strictObject({
  changeId: uuid,
  reason: z.enum(changeReasonWords),
  /** 異動年月日; for 転出予定 the day on which the person will have moved. */
  changedOn: z.iso.date(),
  /** State after the change. */
  status: z.enum(['resident', 'moving-out', 'removed']),
  becameResidentOn: z.iso.date(),
  /** 更新順番号 within the person's record at this municipality, from 1. */
  sequence: z.int().min(1),
  operatorId: z.string().max(60),
  terminalId: z.string().max(60),
  sourceAt: z.iso.datetime({ offset: true }),
  /** 住民票コード変更 alone: the code that `items.residentRecordCode` takes the place of. */
  replacesCode: residentRecordCode.optional(),
  /** 二重登録 alone: the code of the record that stays; `items.residentRecordCode` is removed because it is the same person. */
  duplicateOf: residentRecordCode.optional(),
  items: identificationItems,
});
export type ResidentNotice = z.infer<typeof residentNotice>;

/** resident-register → municipal-juki and municipal-juki → prefectural-juki. */
export const residentChanges = defineFamily<ResidentNotice>({
  name: 'juki.resident-change',
  class: 'single',
  schema: residentNotice,
});

/** A register that is sent for the first time: many persons a message, each judged alone. */
export const residentLoad = z.strictObject({ loadId: uuid, notices: z.array(residentNotice).min(1).max(200) });
export type ResidentLoad = z.infer<typeof residentLoad>;
export const residentLoads = defineFamily<ResidentLoad>({
  name: 'juki.resident-load',
  class: 'bulk',
  schema: residentLoad,
});

/** prefectural-juki → national-juki: the eight items of 住民基本台帳法 第30条の7 and nothing else about the person. */
export const nationalNotice = z.strictObject({
  changeId: uuid,
  /** The municipality that the notice came from: routing, not an item. */
  fromMunicipality: municipalityCode,
  /** 住民票コード変更 alone: the code that is replaced, by which the record is found. */
  replacesCode: residentRecordCode.optional(),
  /** 二重登録 alone: the code of the record that stays. */
  duplicateOf: residentRecordCode.optional(),
  items: z.strictObject({
    residentRecordCode,
    name: z.string().max(100),
    birthDate: z.iso.date(),
    sex: z.enum(['male', 'female', 'other']),
    address: z.string().max(200),
    individualNumber,
    changeReason: z.enum(changeReasonWords),
    changedOn: z.iso.date(),
  }),
});
export type NationalNotice = z.infer<typeof nationalNotice>;
export const nationalNotices = defineFamily<NationalNotice>({
  name: 'juki.national-notice',
  class: 'single',
  schema: nationalNotice,
});
export const nationalLoad = z.strictObject({ loadId: uuid, notices: z.array(nationalNotice).min(1).max(200) });
export type NationalLoad = z.infer<typeof nationalLoad>;
export const nationalLoads = defineFamily<NationalLoad>({
  name: 'juki.national-load',
  class: 'bulk',
  schema: nationalLoad,
});

/**
 * What comes back down the chain. `refused`: a notice ended at a rule, final. `claimed-elsewhere`: another municipality tried
 * to enter a person who is present here (requirement: both sides must know). `moved-in-elsewhere`: 転入通知, ends a 転出予定.
 */
export const returnNotice = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('refused'),
    returnId: uuid,
    changeId: uuid,
    municipalityCode,
    /** Who refused: `organisation/system`. */
    refusedBy: z.string().max(130),
    rule: z.enum(noticeRuleWords),
    /** Names of the items at fault, where the rule speaks of items. */
    items: z.array(z.string().max(40)).max(30),
    /** Where the person is present, where the rule speaks of that. */
    presentAt: municipalityCode.nullable(),
  }),
  z.strictObject({
    kind: z.enum(['claimed-elsewhere', 'moved-in-elsewhere']),
    returnId: uuid,
    /** Municipality to whose register this goes. */
    municipalityCode,
    residentRecordCode,
    /** Municipality that claimed or entered the person. */
    otherMunicipality: municipalityCode,
    changedOn: z.iso.date(),
  }),
]);
export type ReturnNotice = z.infer<typeof returnNotice>;
export const returnNotices = defineFamily<ReturnNotice>({
  name: 'juki.return-notice',
  class: 'single',
  schema: returnNotice,
});
