import { look } from '@musubi/kernel/db/act.ts';
import type { Deps } from '../deps.ts';
import { type FormId, type FormVersion, formToProduce } from '../domain/forms.ts';

/** 様式の交付: the newest version with its notice of purpose, items and who must answer; without a reviewed notice there is none. */
export const produceForm = look('child-chronic.produce-form', {
  right: ['child-chronic', 'case', 'read'],
  async run(_tx, deps: Deps, { form }: { form: FormId }): Promise<FormVersion | 'no-current-notice'> {
    const made = formToProduce(form, deps.civilClock.today());
    return made.ok ? made.value : made.error;
  },
});
