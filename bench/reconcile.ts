import { rounded, step, withRegister } from './register/home.ts';
import { municipalitiesOf } from './register/people.ts';
import { run as runReconcile } from './register/reconcile.ts';

/**
 * 整合性確認 of one municipality by itself: `--residents` people (300,000) who all live in one place, in a prefecture that has no others.
 * The whole register's bench compares the municipality that is nearest to that size.
 */
export async function run({ residents = 300_000 }: { readonly residents?: number | undefined } = {}) {
  const [somewhere] = municipalitiesOf(residents);
  const only = { name: 'one', places: [{ ...somewhere!, from: 0, to: residents }] };
  return withRegister({ residents, only }, async (register, load) => {
    const figures = await step('reconciliation', () => runReconcile(register));
    return {
      name: 'reconcile',
      figures: rounded({ ...figures }),
      floor: {},
      checks: {
        everyone_loaded: load.counts.rows === residents,
        everyone_compared: Math.abs(figures.records - residents) < 50,
        reconcile_exact: figures.reconcile_found === 50 && figures.reconcile_false === 0,
      },
    };
  });
}
