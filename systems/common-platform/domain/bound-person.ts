import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';

/** What is known of a person when a business system asks or lodges about them. */
export interface Standing {
  readonly personId: string;
  /** The vault holds a number for them. */
  readonly numberHeld: boolean;
  /** A record about them waits for a clerk: until then nobody may rely on who they are. */
  readonly inDoubt: boolean;
  /** Business systems of which they are a person. */
  readonly systems: readonly string[];
}

/** Only a person whose number is verified and who belongs to the asking business (LNK-F3; 001 scenario 10). */
export function boundPerson(
  standing: Standing | undefined,
  system: string,
): Result<{ readonly personId: string }, 'unknown-person'> {
  if (standing === undefined) return err('unknown-person');
  const bound = standing.numberHeld && !standing.inDoubt && standing.systems.includes(system);
  if (enforced('transfer.bound-person') && !bound) return err('unknown-person');
  return ok({ personId: standing.personId });
}
