import type { ActDeps } from '@musubi/kernel/db/act.ts';
import type { Typesetter } from '@musubi/kernel/documents/typesetter.ts';
import type { PeerClient } from '@musubi/kernel/http/client.ts';
import type { Trust } from '@musubi/kernel/pki/trust.ts';
import type { SealedStore } from '@musubi/kernel/vault/sealed/sealed-store.ts';
import type { Vault } from '@musubi/kernel/vault/vault.ts';
import { z } from 'zod';

const instance = z.string().regex(/^[a-z0-9-]+\/[a-z0-9-]+$/);

/** `config.settings`. What is left out is as in the town. */
export const settings = z.strictObject({
  /** Default: the organisation's own. */
  commonPlatform: instance.optional(),
  /** Who decides, as it stands on papers. */
  issuer: z.string().min(1).max(60).default('東京都知事'),
  /** 住基ネットで確かめた方だけを宛名に登録し照会する: the register confirms number and particulars first (001 Ⅲ2). */
  confirmFirst: z.boolean().default(false),
  /** Who signs permits. */
  network: instance.default('ins/information-providing-network'),
  /** Bodies that can be asked for tax information, and the system that signs for them. */
  providers: z
    .array(z.strictObject({ organisation: z.string(), name: z.string(), signer: instance }))
    .min(1)
    .default([
      { organisation: 'meguro', name: '目黒区', signer: 'meguro/intermediate-server' },
      { organisation: 'setagaya', name: '世田谷区', signer: 'setagaya/intermediate-server' },
    ]),
  /** 開示請求の窓口: payment data is asked for at 医療助成課 (001 Ⅴ1). */
  disclosure: z
    .strictObject({
      authority: z.strictObject({ title: z.string().min(1), name: z.string() }),
      office: z.strictObject({ name: z.string().min(1), telephone: z.string(), address: z.string() }),
    })
    .default({
      authority: { title: '東京都知事', name: '' },
      office: { name: '医療助成課', telephone: '03-0000-0000', address: '東京都新宿区西新宿二丁目8番1号' },
    }),
  /** 住基照会: the task under which the prefecture's register is asked, our office as media are lent to it, and the office that keeps the register. */
  register: z
    .strictObject({ task: z.string().min(1).max(40), department: z.string().min(1), office: z.string().min(1) })
    .default({ task: 'SHONI-01', department: '家庭支援課', office: '振興企画課' }),
});
export interface Settings extends z.infer<typeof settings> {
  readonly commonPlatform: string;
}

export interface Deps extends ActDeps {
  readonly settings: Settings;
  readonly vault: Vault;
  readonly sealed: SealedStore;
  readonly peers: PeerClient;
  readonly trust: Trust;
}

/** What printing needs besides. */
export interface PaperDeps extends Deps {
  readonly typesetter: Typesetter;
  /** Of the check codes on papers. */
  readonly subjectCheckKey: Uint8Array;
}
