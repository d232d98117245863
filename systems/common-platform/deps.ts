import type { ActDeps } from '@musubi/kernel/db/act.ts';
import type { PeerClient } from '@musubi/kernel/http/client.ts';
import type { Identity } from '@musubi/kernel/pki/identity.ts';
import type { Party } from '@musubi/kernel/pki/party.ts';
import type { Outbox } from '@musubi/kernel/streams/outbox.ts';
import type { SealedStore } from '@musubi/kernel/vault/sealed/sealed-store.ts';
import type { Vault } from '@musubi/kernel/vault/vault.ts';
import { z } from 'zod';

const day = z.iso.date();
const instance = z.string().regex(/^[a-z0-9-]+\/[a-z0-9-]+$/);

/** One row of 業務 × 事務手続 (`ask`) or 業務 × 特定個人情報 (`lodge`). */
export const taskBinding = z.strictObject({
  system: z.string().min(1),
  kind: z.enum(['ask', 'lodge']),
  code: z.string().regex(/^(MS2-[0-9]{3}[0-9-]{0,6}|TKX-[0-9]{4})$/),
  ground: z.string().min(1),
  validFrom: day,
  validUntil: day.nullable().default(null),
});
export type TaskBinding = z.infer<typeof taskBinding>;

/** One row of 利用者 × 事務: a clerk of the business may ask under this 事務 (`MS2-…` outside, `ORD-…`, `TRN-…` inside). */
export const userBinding = z.strictObject({
  system: z.string().min(1),
  staffId: z.string().min(1).max(40),
  code: z.string().regex(/^[A-Z0-9]{2,4}-[0-9-]{3,10}$/),
  validFrom: day,
  validUntil: day.nullable().default(null),
});
const time = z.string().regex(/^([01][0-9]|2[0-3]):[0-5][0-9]$/);

/** One row of the ordinance list 条例別表 with which the platform is set up; later rows come by drafts and approvals. */
export const transferRule = z.strictObject({
  asker: z.string().min(1),
  task: z.string().regex(/^[A-Z]{2,4}-[0-9]{3}$/),
  source: z.string().min(1),
  information: z.string().regex(/^[A-Z]{2,4}-[0-9]{3}$/),
  items: z.array(z.string().min(1)).min(1),
  ground: z.string().min(1),
  lawRevision: z.string().min(1),
  approval: z.enum(['rule', 'person']),
  validFrom: day,
  validUntil: day.nullable().default(null),
});

/** `config.settings` of an instance. */
export const settings = z.strictObject({
  /** A ward takes persons from its register; a prefecture knows only whom its business systems register. */
  mode: z.enum(['ward', 'prefecture']),
  /** The register whose changes are taken; a ward's only. */
  register: instance.optional(),
  /** Business systems that get every person of the register. */
  subscribers: z.array(instance).default([]),
  /** A system that works on the persons of another one (collections on those of resident-tax): whose they are for 支援措置. */
  personsOf: z.record(z.string(), z.string()).default({}),
  /** Business systems that are told when it is corrected who is who. */
  correctionReceivers: z.array(instance).default([]),
  intermediateServer: instance,
  /** Where requests for linkage codes go: the ward's municipal-juki, the prefecture's prefectural-juki. */
  linkageVia: instance,
  /** Who alone can read them. */
  nationalJuki: instance,
  taskBindings: z.array(taskBinding).default([]),
  /** Once a business has one row here, each of its clerks asks only under a row of their own. */
  userBindings: z.array(userBinding).default([]),
  /** Outside of it nobody works here and nothing is relayed; absent: always open. */
  serviceHours: z.strictObject({ from: time, until: time, days: z.enum(['open-days', 'every-day']) }).optional(),
  /** Where applications on line are fetched; absent: none are. */
  portal: instance.optional(),
  /** Who says whether a card's certificate stands. */
  jpki: instance.default('jlis/jpki'),
  /** Procedures that are taken on line: to which business each goes (without one it waits here), and which versions of its form, by day. */
  procedures: z
    .array(
      z.strictObject({
        procedure: z.string().regex(/^[A-Z]{2,4}-[0-9]{3}$/),
        receiver: instance.optional(),
        forms: z
          .array(
            z.strictObject({
              version: z.string().regex(/^[0-9]{4}-[0-9]{2}$/),
              validFrom: day,
              validUntil: day.nullable().default(null),
            }),
          )
          .min(1),
      }),
    )
    .default([]),
  transferRules: z.array(transferRule).default([]),
  /** Offices without a line: whose files come and go on media (design §4.6), and to which department media are lent for it. */
  mediumOffices: z
    .array(z.strictObject({ system: z.string().min(1), department: z.string().min(1).max(80) }))
    .default([]),
  /** Whether 移転先一覧 (別表2) of the ward stands above the rules: tasks `TRN-…` go only under a row of it that is settled, electronic and in force. */
  wardTransferList: z.boolean().default(false),
  /** Years after which a person who is no resident any more has nothing to do with the organisation. */
  linkageKeptYears: z.int().min(1).max(100).default(7),
});
export type Settings = z.infer<typeof settings>;

export interface Deps extends ActDeps {
  readonly settings: Settings;
  /** A town takes training cards, and only those; nothing else does. */
  readonly town: boolean;
  readonly vault: Vault;
  readonly sealed: SealedStore;
  readonly outbox: Outbox;
  readonly peers: PeerClient;
  readonly identity: Identity;
  certificateOf(peer: Party, purpose: 'encryption'): Promise<readonly Buffer[]>;
}
