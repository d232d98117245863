import type { NamedText } from '@musubi/kernel/serve/config.ts';

/** One instance of the town: which system, under which host name people see it, whom it talks to. */
export interface PlannedInstance {
  readonly system: string;
  /** First label of its host name (`rtx` → rtx.meguro.localhost; '' → meguro.localhost); absent where it has no pages. */
  readonly label?: string;
  readonly settings: (town: TownFacts) => Record<string, unknown>;
}

export interface PlannedOrganisation {
  /** Name of the process and of its folder; differs from `organisation` where one has two processes. */
  readonly process: string;
  readonly organisation: string;
  readonly name: NamedText;
  readonly code?: string;
  /** Organisations that reach some of its systems alone. */
  readonly segments?: Readonly<Record<string, readonly string[]>>;
  readonly instances: readonly PlannedInstance[];
}

/** What settings may refer to. */
export interface TownFacts {
  readonly home: string;
  readonly publicPort: number;
  readonly residents: number;
  readonly seed: string;
  readonly authorityDirectory: string;
  readonly originOf: (instance: string) => string;
  /** Who the PKI expects to enrol, by the hash of a one-time token. */
  readonly expected: readonly { organisation: string; system: string; tokenHash: string; expiresAt: string }[];
}
