import { err, ok, type Result } from '../../result/result.ts';
import { enforced } from '../enforcement.ts';

/** The smallest guarded thing: stands in for product code in the tests of the harness. */
export function guarded(failures: number): Result<'in', 'locked'> {
  if (enforced('auth.lock-out') && failures >= 5) return err('locked');
  return ok('in');
}

/** The guard was forgotten: the point is passed and nothing depends on it. */
export function forgotten(failures: number): Result<'in', 'locked'> {
  enforced('auth.lock-out');
  return failures >= 5 ? err('locked') : ok('in');
}

export function breaking(failures: number): Result<'in', 'locked'> {
  if (enforced('auth.lock-out') && failures >= 5) return err('locked');
  if (failures >= 5) throw new TypeError('something else noticed');
  return ok('in');
}
