import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import {
  type ContractorStanding,
  contractorStanding,
  contractorStandings,
} from '@musubi/contracts/governance/contractor-standing.ts';
import { type TrainingStanding, trainingStanding } from '@musubi/contracts/governance/training.ts';
import { approvalsSchema } from '@musubi/kernel/access/approvals/schema.ts';
import { createRights } from '@musubi/kernel/access/rights.ts';
import { accessSchema } from '@musubi/kernel/access/schema.ts';
import { auditSchema } from '@musubi/kernel/audit/schema-set.ts';
import { auditSink } from '@musubi/kernel/audit/sink.ts';
import type { Actor } from '@musubi/kernel/db/act.ts';
import { testDatabase } from '@musubi/kernel/db/testing.ts';
import { createPageApp } from '@musubi/kernel/pages/app.ts';
import { buildStylesheet } from '@musubi/kernel/pages/build-css.ts';
import { trainingTown } from '@musubi/kernel/pages/layout.ts';
import { seededRandom, systemRandom } from '@musubi/kernel/random/random.ts';
import type { Host } from '@musubi/kernel/serve/host.ts';
import type { Deps } from '../deps.ts';
import { declaredItems } from '../domain/declared-items.ts';
import type { Values } from '../domain/register.ts';
import { findRegister } from '../domain/registers.ts';
import { rights } from '../rights.ts';
import { registerActs } from '../service/registers.ts';
import { governanceSchema } from '../store/schema-set.ts';
import { addPages } from '../web/pages.ts';

export const schemas = [auditSchema, accessSchema, approvalsSchema, governanceSchema];
/** The id says the role: `governance-officer:01`. */
export const staff = (staffId: string): Actor => ({
  kind: 'staff',
  organisation: 'tokyo',
  staffId,
  sessionId: '0190a000-0000-7000-8000-000000000000',
});
export const officer = staff('governance-officer:01');
export const second = staff('governance-officer:02');
export const third = staff('governance-officer:03');
export const clerk = staff('governance-clerk:01');
export const auditor = staff('auditor:01');
/** セキュリティ責任者 */
export const securityManager = staff('security-manager:01');

/** A governance instance with its own table of rights; the log is the real one. */
export async function world(today = '2026-06-10') {
  const t = await testDatabase(schemas, {
    today,
    audit: auditSink({ instance: 'tokyo/governance', random: seededRandom('salts') }),
  });
  const told: TrainingStanding[] = [];
  const contractorsTold: ContractorStanding[] = [];
  const alarms: { code: string; detail: Readonly<Record<string, string | number>> }[] = [];
  const deps: Deps = {
    ...t.deps,
    rights: createRights(rights, 'tokyo', { rolesOf: async (_tx, { staffId }) => [staffId.split(':')[0]!] }),
    outbox: {
      async enqueue(_tx: unknown, { family, message }: { family: { name: string }; message: unknown }) {
        if (family.name === contractorStandings.name) contractorsTold.push(contractorStanding.parse(message));
        else told.push(trainingStanding.parse(message));
        return 'message';
      },
    } as unknown as Deps['outbox'],
    declared: [
      declaredItems('prefectural-juki', {
        'prefectural_juki.identification': {
          columns: { name: 'personal 氏名', number_ref: 'code 個人番号の参照', code: 'number', event_id: 'none' },
        },
      }),
      declaredItems('fuhyo-link', { 'fuhyo_link.record': { columns: { address: 'personal 住所　漢字' } } }),
    ],
    alarms: { raise: (code, detail) => alarms.push({ code, detail }) },
  };
  const acts = (register: string) => registerActs[findRegister(register)!.group];
  const open = (register: string, values: Values, by: Actor = officer) =>
    acts(register).open(deps, by, { register, values });
  const take = (register: string, entryId: string, step: string, values: Values = {}, by: Actor = second) =>
    acts(register).take(deps, by, { entryId, step, values });
  const made = async (register: string, values: Values, by: Actor = officer): Promise<string> => {
    const opened = await open(register, values, by);
    assert.ok(opened.ok, `${register}: ${opened.ok ? '' : opened.error}`);
    return opened.value.entryId;
  };
  const done = async (...step: Parameters<typeof take>): Promise<void> => {
    const taken = await take(...step);
    assert.ok(taken.ok, `${step[0]} ${step[2]}: ${taken.ok ? '' : taken.error}`);
  };
  const read = async (register: string, entryId: string, by: Actor = officer) => {
    const found = await acts(register).read(deps, by, { entryId });
    assert.ok(found.ok);
    return found.value;
  };
  return {
    t,
    deps,
    told,
    contractorsTold,
    alarms,
    acts,
    open,
    take,
    made,
    done,
    read,
    [Symbol.asyncDispose]: () => t[Symbol.asyncDispose](),
  };
}
export type World = Awaited<ReturnType<typeof world>>;

export const aContract: Values = {
  contractor: '地方公共団体情報システム機構',
  subject: '都道府県サーバの運用・監視',
  specification: '8総行振第12号',
  from: '2026-04-01',
  until: '2027-03-31',
  place: '集約センター',
  contact: '運用管理室（24時間）',
  records: 'none',
  subcontracting: 'consent',
  monthly: 'yes',
};

export const fileDocuments = async (w: World, contract: string): Promise<void> => {
  for (const kind of ['oath', 'chart', 'contacts'])
    await w.made('contract-document', { contract, kind, document: `${kind}-1`, datedOn: '2026-04-01' });
  const mark = { certificate: '10820001', expiresOn: '2026-09-30' };
  await w.made('contract-document', {
    contract,
    kind: 'privacy-mark',
    document: 'pm-1',
    datedOn: '2026-04-01',
    ...mark,
  });
};

/** A contract in force with all its documents. */
export async function anActiveContract(w: World, more: Values = {}): Promise<string> {
  const contract = await w.made('contract', { ...aContract, ...more });
  await fileDocuments(w, contract);
  await w.done('contract', contract, 'activate', { checkedDocument: '8総行振第20号' });
  return contract;
}

/** A worker of a contract, admitted to work, with an id of the directory. */
export async function anAdmittedWorker(w: World, contract: string, more: Values = {}): Promise<string> {
  const oath = await w.made('oath', anOath);
  const worker = await w.made('worker', {
    contract,
    company: '株式会社データ入力',
    name: '入力 三一',
    workplace: '作業室',
    staffId: 'c-31',
    oath,
    ...more,
  });
  const rule = await confirmedRules(w, worker);
  await w.done('worker', worker, 'admit', { admittedOn: w.deps.civilClock.today().toString(), rule });
  return worker;
}

/** An order to work, issued by a second officer. */
export async function anIssuedOrder(w: World, contract: string, worker: string, more: Values = {}): Promise<string> {
  const today = w.deps.civilClock.today();
  const order = await w.made('work-order', {
    contract,
    worker,
    system: 'resident-tax',
    kind: 'entry',
    task: '給与支払報告書のデータ入力',
    from: today.toString(),
    until: today.add({ days: 4 }).toString(),
    attendant: 'tax-clerk-01',
    ...more,
  });
  await w.done('work-order', order, 'issue', { orderDocument: '指示-1' });
  return order;
}

export const anOath: Values = {
  person: '運用 一郎',
  company: '機構',
  affiliation: 'contractor',
  signedOn: '2026-04-01',
  document: '誓約-001',
  textVersion: '2026-1',
};

export const anIncident: Values = {
  title: '端末の画面の放置',
  detectedOn: '2026-06-10',
  source: 'report',
  kind: 'leak',
  malice: 'no',
  system: 'prefectural-juki',
  logRange: '1200～1240',
  description: '窓口で他人に見える状態だった',
};

/** The rules in force, and that this worker confirmed them; gives the id of the version. */
export async function confirmedRules(w: World, worker: string): Promise<string> {
  const rule = await w.made('rule', {
    name: '個人情報取扱手順書',
    version: '3',
    document: '手順-3',
    effectiveOn: '2026-04-01',
  });
  await w.made('acknowledgement', {
    worker,
    rule,
    confirmedOn: w.deps.civilClock.today().toString(),
    document: '確認-1',
  });
  return rule;
}

/** The pages on a loopback port; `as` says who is looking. */
export async function site(w: World) {
  const state = { as: officer };
  const app = await addPages(
    {
      async pages(options: Parameters<Host['pages']>[0] = {}) {
        return createPageApp({
          system: { id: 'governance', name: '個人情報保護管理システム', gloss: 'Governance registers' },
          organisation: { id: 'tokyo', name: '東京都', gloss: 'Tokyo Metropolis' },
          environment: trainingTown,
          session: {
            read: async () => ({ actor: state.as, displayName: '保護 花子', csrfSecret: new Uint8Array(32).fill(7) }),
          },
          mayOpen: (actor, right) => w.deps.rights.allows(undefined as never, actor, right),
          stylesheet: await buildStylesheet({
            sources: [new URL('../web/', import.meta.url).pathname],
            cacheFolder: '.musubi/governance-css',
          }),
          random: systemRandom,
          onError: (error) => console.error(error),
          ...options,
        });
      },
    },
    w.deps,
  );
  const server = createServer(getRequestListener(app.fetch, { overrideGlobalObjects: false }));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(state, {
    app,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  });
}

/** 個人情報ファイル簿 of a system that the world's catalogues know. */
export const aPersonalFile: Values = {
  name: '本人確認情報ファイル',
  system: 'prefectural-juki',
  office: '総務局行政部',
  purpose: '本人確認情報の保存・提供',
  subjects: '区市町村の住民',
  collection: '区市町村からの通知',
  recipients: '国の機関等\n区市町村',
  otherItems: '通知票の写し',
  requests: '都民情報課',
  ground: '住民基本台帳法第30条の8',
};
