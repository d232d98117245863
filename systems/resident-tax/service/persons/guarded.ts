import type { Protections, ProtectionsRefusal } from '@musubi/contracts/platform/protection-client.ts';
import { ok, type Result } from '@musubi/kernel/result/result.ts';

export interface GuardDeps {
  /** 支援措置 as the platform has it now, asked before an address leaves. */
  readonly protections: (orgPersonNumbers: readonly string[]) => Promise<Result<Protections, ProtectionsRefusal>>;
}

/** Which of these are protected now. Asked outside any transaction; an error means that no address of anybody leaves. */
export async function guardedOf(
  deps: GuardDeps,
  persons: readonly string[],
): Promise<Result<ReadonlySet<string>, 'protections-unavailable'>> {
  if (persons.length === 0) return ok(new Set());
  const told = await deps.protections(persons);
  return told.ok ? ok(new Set(persons.filter((person) => told.value.isProtected(person)))) : told;
}
