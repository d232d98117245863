import { defineEndpoint } from '@musubi/kernel/http/endpoint.ts';
import { z } from 'zod';

/** A person of a town's first load; numbers are synthetic. */
export const loadedPerson = z.strictObject({
  individualNumber: z.string().regex(/^[0-9]{12}$/),
  residentRecordCode: z.string().regex(/^[0-9]{11}$/),
  name: z.string().min(1).max(100),
  nameKana: z.string().min(1).max(100),
  birthDate: z.iso.date(),
  sex: z.enum(['male', 'female', 'other']),
  address: z.string().min(1).max(200),
  postalCode: z
    .string()
    .regex(/^[0-9]{7}$/)
    .nullable(),
  /** Any text that is the same for all persons of one household of the load. */
  household: z.string().min(1).max(60),
  relationship: z.string().min(1).max(20),
  becameResidentOn: z.iso.date(),
});
export type LoadedPerson = z.infer<typeof loadedPerson>;

/** Conductor of a town → resident-register: the first residents, in chunks. A chunk that comes again changes nothing. */
export const loadPersons = defineEndpoint({
  id: 'register.load-persons',
  method: 'POST',
  path: '/town-loads',
  right: ['resident-register', 'load', 'update'],
  request: z.strictObject({
    loadId: z.uuid(),
    chunk: z.int().min(0),
    persons: z.array(loadedPerson).min(1).max(200),
  }),
  response: z.strictObject({
    accepted: z.int(),
    rejected: z.array(z.strictObject({ row: z.int(), code: z.string() })),
    repeated: z.boolean(),
  }),
  errors: {
    'not-a-town': { status: 403, title: '訓練用の町ではないため、初期登録はできません' },
  },
});
