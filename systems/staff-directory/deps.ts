import type { Passing } from '@musubi/kernel/access/passing.ts';
import type { PasswordPolicy } from '@musubi/kernel/access/password.ts';
import type { ActDeps } from '@musubi/kernel/db/act.ts';
import type { Outbox } from '@musubi/kernel/streams/outbox.ts';
import type { Alarms } from '@musubi/kernel/streams/ports.ts';

/** What the directory's use cases need. */
export interface Deps extends ActDeps {
  readonly outbox: Outbox;
  readonly alarms: Alarms;
  readonly passing: Passing;
  readonly organisation: string;
  /** Systems of this organisation that take grants, without the directory itself. */
  readonly systems: readonly string[];
  /** All that people of a contractor may be given: roles that read and change no record. */
  readonly contractorRoles: readonly { readonly system: string; readonly role: string }[];
  readonly policy: PasswordPolicy;
  readonly webauthn: WebAuthnSettings;
  /** A town: invented people, the software authenticator is allowed. */
  readonly town: boolean;
  /** Whether a sign-in needs an enrolled terminal. */
  readonly terminals: 'required' | 'recorded';
}

export interface WebAuthnSettings {
  /** Host name of the directory. */
  readonly rpId: string;
  readonly rpName: string;
  readonly origin: string;
}
