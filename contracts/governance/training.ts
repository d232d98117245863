import { defineFamily } from '@musubi/kernel/streams/family.ts';
import { z } from 'zod';

/* governance → staff-directory of the same organisation: whether a designated handler has the training that the rights stand on. */

export const trainingStanding = z.strictObject({
  staffId: z.string().regex(/^[a-z0-9][a-z0-9-]{1,62}$/),
  /** Fiscal year whose training is meant, named by the year of its April. */
  fiscalYear: z.int().min(2016).max(2200),
  /** `lapsed`: the rights rest from now on; `recorded`: the training stands in the register. */
  standing: z.enum(['lapsed', 'recorded']),
  on: z.iso.date(),
});
export type TrainingStanding = z.infer<typeof trainingStanding>;

/** A repeat of what stands already changes nothing. */
export const trainingStandings = defineFamily<TrainingStanding>({
  name: 'governance.training-standing',
  class: 'single',
  schema: trainingStanding,
});
