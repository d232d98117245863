import { registerTransferRules } from '@musubi/common-platform/service/change-rules.ts';
import { takeResidentChange } from '@musubi/common-platform/service/take-resident-change.ts';
import { aChange, aPlatform, received, systemActor, type World } from '@musubi/common-platform/test/world.ts';
import { personChange } from '@musubi/contracts/platform/persons.ts';
import { answerTransfer, wardTaxInformation } from '@musubi/contracts/platform/transfers.ts';
import { wardTransferGround } from '@musubi/contracts/platform/ward-transfer-list.ts';
import { createRights } from '@musubi/kernel/access/rights.ts';
import { auditSchema } from '@musubi/kernel/audit/schema-set.ts';
import { auditSink } from '@musubi/kernel/audit/sink.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import { testDatabase } from '@musubi/kernel/db/testing.ts';
import { route } from '@musubi/kernel/http/server.ts';
import { IndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { systemRandom } from '@musubi/kernel/random/random.ts';
import { ok, unwrap } from '@musubi/kernel/result/result.ts';
import { unsalted } from '@musubi/kernel/streams/envelope.ts';
import type { SealedId } from '@musubi/kernel/vault/sealed/sealed-store.ts';
import { answerWithLevies } from '@musubi/resident-tax/service/transfers/answer-transfer.ts';
import { anIntake, arrive, fileReports } from '@musubi/resident-tax/test/an-intake.ts';
import { assessAll, decideAll } from '@musubi/resident-tax/test/assessment-setup.ts';
import { type Deps, settings } from '../deps.ts';
import { rights } from '../rights.ts';
import { wardSectionsSchema } from '../store/schema-set.ts';

export const clerk: Extract<Actor, { kind: 'staff' }> = {
  kind: 'staff',
  organisation: 'meguro',
  staffId: 'm-6001',
  sessionId: 'm-6001',
  terminalId: 'kosodate-01',
};
export const viewer = { ...clerk, staffId: 'v-6002' };

const columns = ['課税区分', '合計所得金額', '総所得金額等', '所得控除合計額', '扶養親族数', '控除対象配偶者'];
const rule = (task: string, more: { items?: string[]; asker?: string; validUntil?: string } = {}) => ({
  asker: more.asker ?? 'ward-sections',
  task,
  source: 'resident-tax',
  information: wardTaxInformation,
  items: more.items ?? columns,
  ground: `${wardTransferGround}（別表2 ${task}）`,
  lawRevision: '令和7年1月31日',
  approval: 'rule' as const,
  validFrom: '2025-02-01',
  validUntil: more.validUntil ?? null,
});

/** What the register's message of a change became for the tax office, opened as its inbox opens it. */
const lastToTax = act('test.last-person-change', {
  right: ['common-platform', 'counts', 'read'],
  async run(tx, deps: World['deps'], _query: object) {
    const [sent] = await tx<{ ref: string }>`
      select payload_ref as ref from streams.outgoing where family = 'platform.person-change' order by entered desc limit 1`;
    const opened = unwrap(await deps.sealed.open(tx, sent!.ref as SealedId, 'test'));
    tx.record({ event: 'test.opened' });
    return ok(personChange.parse(JSON.parse(unsalted(opened.toString()))));
  },
});

/** A section, the ward's platform and its tax office, each with its own database, over TLS. */
export async function aSection() {
  const platform = await aPlatform('ward', {
    wardTransferList: true,
    transferRules: [
      rule('TRN-034'),
      // What a rule says beyond the list's row is no permission.
      rule('TRN-001'),
      rule('TRN-046'),
      rule('TRN-030', { items: ['課税区分'], asker: 'welfare-support' }),
      rule('TRN-030', { items: ['課税区分'] }),
      rule('TRN-035', { validUntil: '2026-05-31' }),
    ],
  });
  unwrap(await registerTransferRules(platform.deps, { kind: 'job', name: 'start' }, {}));
  const tax = await anIntake();
  const told: unknown[] = [];
  await platform.serve('meguro/resident-tax', [
    route(answerTransfer, async ({ body, actor }) => {
      told.push(body);
      return answerWithLevies(tax.deps, actor, body);
    }),
  ]);
  const t = await testDatabase([auditSchema, wardSectionsSchema], {
    rights: createRights(rights, 'meguro', {
      rolesOf: async (_tx, { staffId }) => [staffId.startsWith('v') ? 'allowance-viewer' : 'allowance-clerk'],
    }),
    audit: auditSink({ instance: 'meguro/ward-sections', random: systemRandom }),
  });
  const { source, task } = settings.parse({});
  const deps: Deps = {
    ...t.deps,
    peers: await platform.client('meguro/ward-sections'),
    commonPlatform: 'meguro/common-platform',
    source,
    task,
  };

  let addressee = 2000000;
  /** A change of a resident goes from the register through the platform to the tax office. */
  const change = async (more: Parameters<typeof aChange>[1]): Promise<ReturnType<typeof aChange>> => {
    const told = aChange(platform, more);
    unwrap(await takeResidentChange(platform.deps, systemActor('meguro/resident-register'), received(told)));
    const message = unwrap(await lastToTax(platform.deps, { kind: 'job', name: 'test' }, {}));
    unwrap(await arrive(tax.deps, message));
    return told;
  };
  return {
    platform,
    tax,
    t,
    deps,
    told,
    change,
    /** A resident with a salary and, where asked, a decided levy of 令和8年度. */
    async taxpayer(name: string, nameKana: string, paidYen: number) {
      addressee += 1;
      const resident = await change({
        addresseeNumber: `${addressee}`,
        state: { name, nameKana, birthDate: '1988-04-02', becameResidentOn: '2020-04-01' },
        changedOn: '2020-04-01',
      });
      const number = unwrap(IndividualNumber.parse(resident.individualNumber));
      const { birthDate: bornOn, address } = resident.state;
      const who = { no: addressee, number, name: name.replace(' ', '　'), kana: 'ﾒｸﾞﾛ ﾊﾅｺ', bornOn, address };
      await fileReports(tax.deps, [who, { paidYen, incomeAfterDeductionYen: undefined } as never]);
      return resident;
    },
    async levyAll() {
      await assessAll(tax.deps);
      await decideAll(tax.deps);
    },
    subjectOf: (resident: ReturnType<typeof aChange>, reference: string) => ({
      requestId: deps.newId(),
      reference,
      individualNumber: resident.individualNumber,
      name: resident.state.name,
      nameKana: resident.state.nameKana,
      birthDate: resident.state.birthDate,
      sex: resident.state.sex,
      address: resident.state.address,
    }),
    async [Symbol.asyncDispose]() {
      await t[Symbol.asyncDispose]();
      await tax[Symbol.asyncDispose]();
      await platform[Symbol.asyncDispose]();
    },
  };
}
