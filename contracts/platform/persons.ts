import { defineEndpoint } from '@musubi/kernel/http/endpoint.ts';
import { defineFamily } from '@musubi/kernel/streams/family.ts';
import { z } from 'zod';

/* Persons inside one organisation: the common platform (共通連携基盤 / 連携サーバー) and its business systems. */

const uuid = z.uuid();
export const orgPersonNumber = z.string().regex(/^[0-9]{15}$/);
export const addresseeNumber = z.string().regex(/^[0-9]{1,15}$/);

/** The resident's state as the register of the municipality knows it, without family register data. */
export const residentState = z.strictObject({
  status: z.enum(['resident', 'moving-out', 'removed']),
  name: z.string().min(1).max(100),
  nameKana: z.string().min(1).max(100),
  birthDate: z.iso.date(),
  sex: z.enum(['male', 'female', 'other']),
  address: z.string().min(1).max(200),
  postalCode: z
    .string()
    .regex(/^[0-9]{7}$/)
    .nullable(),
  municipalityCode: z.string().regex(/^[0-9]{6}$/),
  householdNumber: z.string().max(15),
  relationship: z.string().max(20),
  becameResidentOn: z.iso.date(),
  removedOn: z.iso.date().nullable(),
  /** 支援措置: the address goes to nobody outside. */
  addressProtected: z.boolean(),
});
export type ResidentState = z.infer<typeof residentState>;

/**
 * resident-register → common-platform of the ward: the person's whole new state after a change. `addresseeNumber` is the
 * register's own 宛名番号; the Individual Number travels because the platform's vault keeps it for the organisation.
 */
export const platformResidentChange = z.strictObject({
  changeId: uuid,
  reason: z.string().max(40),
  changedOn: z.iso.date(),
  addresseeNumber,
  individualNumber: z.string().regex(/^[0-9]{12}$/),
  state: residentState,
});
export type PlatformResidentChange = z.infer<typeof platformResidentChange>;
export const platformResidentChanges = defineFamily<PlatformResidentChange>({
  name: 'platform.resident-change',
  class: 'single',
  schema: platformResidentChange,
});
/** A register that is sent for the first time: many persons a message, each judged alone. */
export const platformResidentLoad = z.strictObject({
  loadId: uuid,
  persons: z.array(platformResidentChange).min(1).max(200),
});
export type PlatformResidentLoad = z.infer<typeof platformResidentLoad>;
export const platformResidentLoads = defineFamily<PlatformResidentLoad>({
  name: 'platform.resident-load',
  class: 'bulk',
  schema: platformResidentLoad,
});

/** common-platform → each subscribed business system: the same person under the organisation's number. */
export const personChange = z.strictObject({
  changeId: uuid,
  reason: z.string().max(40),
  changedOn: z.iso.date(),
  orgPersonNumber,
  addresseeNumber,
  individualNumber: z.string().regex(/^[0-9]{12}$/),
  state: residentState,
});
export type PersonChange = z.infer<typeof personChange>;
export const personChanges = defineFamily<PersonChange>({
  name: 'platform.person-change',
  class: 'single',
  schema: personChange,
});
/** What the platform could number of one message of the register's load. */
export const personLoad = z.strictObject({ loadId: uuid, persons: z.array(personChange).min(1).max(200) });
export type PersonLoad = z.infer<typeof personLoad>;
export const personLoads = defineFamily<PersonLoad>({
  name: 'platform.person-load',
  class: 'bulk',
  schema: personLoad,
});

/**
 * Business system → platform, for persons whom no register of the organisation knows (the prefecture's applicants): give or
 * find the organisation's number for an Individual Number and the four particulars. A partial agreement is no agreement.
 */
export const registerPerson = defineEndpoint({
  id: 'platform.register-person',
  method: 'POST',
  path: '/persons',
  right: ['common-platform', 'person', 'update'],
  request: z.strictObject({
    requestId: uuid,
    system: z.string(),
    individualNumber: z.string().regex(/^[0-9]{12}$/),
    name: z.string().min(1).max(100),
    nameKana: z.string().min(1).max(100),
    birthDate: z.iso.date(),
    sex: z.enum(['male', 'female', 'other']),
    address: z.string().min(1).max(200),
  }),
  response: z.strictObject({ orgPersonNumber, known: z.boolean(), linkage: z.enum(['none', 'requested', 'held']) }),
  errors: ['particulars-disagree', 'not-your-business', 'invalid-number'],
});
