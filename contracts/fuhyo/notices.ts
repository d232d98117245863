import { defineFamily } from '@musubi/kernel/streams/family.ts';
import { z } from 'zod';
import { fuhyoRuleWords } from './codes.ts';

/*
 * Notices of the supplementary family register: resident-register → municipal-juki → fuhyo-link → national-fuhyo, and what
 * comes back. None of them has a field for an Individual Number, nor for 本籍 and 筆頭者 (requirement 003 §4.2).
 */

const uuid = z.uuid();
const municipalityCode = z.string().regex(/^[0-9]{6}$/);
const residentRecordCode = z.string().regex(/^[0-9]{11}$/);
const count = z.int().min(0).max(200);

/** 附票本人確認情報: the 18 items of requirement 003 §4.2 ア, in their order, and nothing else. */
export const supplementItems = z.strictObject({
  residentRecordCode,
  name: z.string().max(100),
  nameGaijiCount: count,
  nameKana: z.string().max(100),
  birthDate: z.iso.date(),
  sex: z.enum(['male', 'female', 'other']),
  /** Null for a person abroad. */
  addressMunicipalityCode: municipalityCode.nullable(),
  address: z.string().max(200),
  addressGaijiCount: count,
  /** 最終住所: the last one in Japan of a person abroad. */
  lastAddress: z.string().max(200).nullable(),
  lastAddressGaijiCount: count,
  changedOn: z.iso.date(),
  /** The code before this notice changed it. */
  formerResidentRecordCode: residentRecordCode.nullable(),
  managingMunicipalityCode: municipalityCode,
  recordState: z.enum(['domestic', 'abroad', 'removed']),
  gaijiFlag: z.boolean(),
  gaijiPattern: z.enum(['none', 'name', 'address', 'both']),
  noticeKind: z.enum(['entry', 'correction', 'removal']),
});
export type SupplementItems = z.infer<typeof supplementItems>;

export const fuhyoNotice = z.strictObject({
  changeId: uuid,
  /** 更新順番号 within the person's supplement at this municipality, from 1. */
  sequence: z.int().min(1),
  items: supplementItems,
});
export type FuhyoNotice = z.infer<typeof fuhyoNotice>;

/** resident-register → municipal-juki and municipal-juki → fuhyo-link. @law 住民基本台帳法 第30条の41 */
export const fuhyoChanges = defineFamily<FuhyoNotice>({ name: 'fuhyo.change', class: 'single', schema: fuhyoNotice });

/** A municipality's supplements that are sent for the first time; each is judged alone. */
export const fuhyoLoad = z.strictObject({ loadId: uuid, notices: z.array(fuhyoNotice).min(1).max(200) });
export type FuhyoLoad = z.infer<typeof fuhyoLoad>;
export const fuhyoLoads = defineFamily<FuhyoLoad>({ name: 'fuhyo.load', class: 'bulk', schema: fuhyoLoad });

/** fuhyo-link → national-fuhyo, as it was applied. @law 住民基本台帳法 第30条の42 */
export const nationalFuhyoNotices = defineFamily<FuhyoNotice>({
  name: 'fuhyo.national-notice',
  class: 'single',
  schema: fuhyoNotice,
});
export const nationalFuhyoLoads = defineFamily<FuhyoLoad>({
  name: 'fuhyo.national-load',
  class: 'bulk',
  schema: fuhyoLoad,
});

/** A notice ended at a rule, final; goes back to the municipality that sent it. */
export const fuhyoReturn = z.strictObject({
  returnId: uuid,
  changeId: uuid,
  municipalityCode,
  /** Who refused: `organisation/system`. */
  refusedBy: z.string().max(130),
  rule: z.enum(fuhyoRuleWords),
  /** Names of the items at fault, never values. */
  items: z.array(z.string().max(40)).max(20),
  /** Where the supplement is kept, where the rule speaks of that. */
  presentAt: municipalityCode.nullable(),
});
export type FuhyoReturn = z.infer<typeof fuhyoReturn>;
export const fuhyoReturns = defineFamily<FuhyoReturn>({
  name: 'fuhyo.return-notice',
  class: 'single',
  schema: fuhyoReturn,
});
