import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { certificateForms } from '@musubi/contracts/certificates/content.ts';
import { certificateIssues } from '@musubi/contracts/certificates/records.ts';
import { receivedApplications } from '@musubi/contracts/platform/applications.ts';
import { personChanges, personLoads } from '@musubi/contracts/platform/persons.ts';
import { protectionsNow } from '@musubi/contracts/platform/protection-client.ts';
import type { Actor } from '@musubi/kernel/db/act.ts';
import { disclosureSchema } from '@musubi/kernel/disclosure/schema-set.ts';
import { lazyTypesetter } from '@musubi/kernel/documents/lazy.ts';
import { subjectCheckKeyIn } from '@musubi/kernel/documents/subject-check-key.ts';
import { createTypesetter } from '@musubi/kernel/documents/typesetter.ts';
import { parseLocalGovernmentCode } from '@musubi/kernel/identifiers/local-government-code.ts';
import { addIrregularPages } from '@musubi/kernel/irregular/pages.ts';
import { irregularSchema } from '@musubi/kernel/irregular/schema-set.ts';
import { runBatch } from '@musubi/kernel/jobs/run-batch.ts';
import { migrationSchema } from '@musubi/kernel/migration/schema-set.ts';
import type { NavEntry } from '@musubi/kernel/pages/app.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { retentionSchema } from '@musubi/kernel/retention/schema-set.ts';
import { partyOf } from '@musubi/kernel/serve/certificates.ts';
import { bind, type Host, type Instance, type SystemDefinition } from '@musubi/kernel/serve/host.ts';
import { handle } from '@musubi/kernel/streams/inbox.ts';
import { assessmentLoops, assessmentNav, registerAssessmentPages } from './assessment-module.ts';
import { certificateNav } from './certificate-module.ts';
import { dependantNav } from './dependants-module.ts';
import type { PeerDeps } from './deps.ts';
import { startDisclosure, taxDisclosureNav } from './disclosure-module.ts';
import { donationNav } from './donations-module.ts';
import { routes } from './http/routes.ts';
import { taxIrregularNav } from './irregular-module.ts';
import { certificateLoop } from './jobs/certificate-loop.ts';
import { donationLoop } from './jobs/donation-loop.ts';
import { imageLoop } from './jobs/image-loop.ts';
import { intakeLoop } from './jobs/intake-loop.ts';
import { nationalTaxLoop } from './jobs/national-tax-loop.ts';
import { otherBodiesLoop } from './jobs/other-bodies-loop.ts';
import { pensionLoop } from './jobs/pension-loop.ts';
import { portalReturnLoop } from './jobs/portal-return-loop.ts';
import { startMigration, taxMigrationNav } from './migration-module.ts';
import { otherBodiesNav, registerOtherBodiesPages } from './other-bodies-module.ts';
import { pensionNav } from './pension-module.ts';
import { printingNav, registerPrintingPages } from './printing-module.ts';
import { reductionNav, registerReductionPages } from './reduction-module.ts';
import { startRetention, taxRetentionNav } from './retention-module.ts';
import { rights } from './rights.ts';
import { applyIssuedElsewhere } from './service/certificates/records.ts';
import { finishIntakes, receiveWaiting } from './service/intake/intake-round.ts';
import { receivePortalReturn } from './service/intake/portal-returns.ts';
import { takeIn } from './service/intake/take-in.ts';
import { irregular } from './service/irregular/irregular.ts';
import { applyPersonChange } from './service/persons/apply-person-change.ts';
import { applyPersonLoad } from './service/persons/apply-person-load.ts';
import { readSettings } from './settings.ts';
import { residentTaxSchema } from './store/schema-set.ts';
import { certificatePages } from './web/certificates.ts';
import { registerCheckPages } from './web/check-pages.ts';
import { registerCounterPages } from './web/counter-pages.ts';
import { dependantPages } from './web/dependant-pages.ts';
import { registerImagePage } from './web/document-image.ts';
import { donationPages } from './web/donation-pages.ts';
import { registerMatchingPages } from './web/intake-matching-pages.ts';
import { type IntakeWork, registerIntakePages } from './web/intake-pages.ts';
import { registerStartPage } from './web/intake-start-page.ts';
import { registerKeyingPages } from './web/keying-pages.ts';
import { registerLevyInputPages } from './web/levy-input-pages.ts';
import { registerNumberPage } from './web/number-page.ts';
import { registerPaymentPages } from './web/payments.ts';
import { pensionPages } from './web/pension-collection.ts';
import { registerPersonPages } from './web/persons-pages.ts';

export const definition: SystemDefinition = {
  system: 'resident-tax',
  name: { ja: '個人住民税システム', en: 'Inhabitant tax on individuals' },
  schemas: [disclosureSchema, retentionSchema, irregularSchema, migrationSchema, residentTaxSchema],
  rights,
  start,
};

async function start(host: Host): Promise<Instance> {
  const settings = readSettings(host);
  const { vault, sealed, outbox, peers, identity, trust, notifications } = host;
  const onError = (error: unknown, where: string): void => host.onError(error, where);
  const typesetter = await createTypesetter({
    templatesFolder: fileURLToPath(new URL('./documents/', import.meta.url)),
  });
  const deps = {
    ...host.deps,
    vault,
    sealed,
    outbox,
    peers,
    identity,
    trust,
    notifications,
    onError,
    typesetter,
    municipality: unwrap(parseLocalGovernmentCode(host.organisation.code ?? '')),
    eltax: settings.eltax,
    commonPlatform: settings.commonPlatform,
    collections: settings.collections,
    convenienceCertificates: settings.convenienceCertificates,
    taxDocuments: settings.taxDocuments,
    network: settings.network,
    inquiryBodies: settings.inquiryBodies,
    certificateFeeYen: settings.certificateFeeYen,
    certificateTypesetter: lazyTypesetter({ templatesFolder: fileURLToPath(certificateForms) }),
    office: settings.office,
    numberRules: settings.noticeNumbers.map((rule) => ({ ...rule, from: Temporal.PlainDate.from(rule.from) })),
    protections: (persons: readonly string[]) =>
      protectionsNow({ peers, platform: settings.commonPlatform, system: 'resident-tax' }, persons),
    subjectCheckKey: await subjectCheckKeyIn(path.join(host.organisation.home, host.config.system)),
  };
  const nav: readonly NavEntry[] = [
    { label: '受領一覧', href: '/intakes', right: ['resident-tax', 'intake', 'read'] },
    { label: '入力委託', href: '/keying', right: ['resident-tax', 'intake', 'read'] },
    { label: '窓口申告', href: '/counter', right: ['resident-tax', 'intake', 'read'] },
    { label: '必要な資料', href: '/levy-inputs', right: ['resident-tax', 'intake', 'read'] },
    { label: '突合作業', href: '/matching', right: ['resident-tax', 'matching', 'read'] },
    ...otherBodiesNav,
    ...dependantNav,
    ...donationNav,
    { label: 'チェックリスト', href: '/checks', right: ['resident-tax', 'check', 'read'] },
    { label: '個人検索', href: '/persons', right: ['resident-tax', 'person', 'read'] },
    ...assessmentNav,
    ...reductionNav,
    ...(settings.printer === undefined ? [] : printingNav),
    ...(settings.pension === undefined ? [] : pensionNav),
    ...certificateNav,
    ...taxIrregularNav,
    ...taxDisclosureNav,
    ...taxRetentionNav,
    ...taxMigrationNav,
  ];
  const pages = await host.pages({ nav });
  registerStartPage(pages, nav);
  const work = workOf(deps, onError);
  registerIntakePages(pages, deps, work);
  registerKeyingPages(pages, deps, work.resume);
  registerCounterPages(pages, deps, work.resume);
  registerLevyInputPages(pages, deps);
  registerMatchingPages(pages, { ...deps, hasImages: settings.taxDocuments !== undefined });
  registerImagePage(pages, deps);
  const { certificateOf } = host;
  const bodiesDeps = {
    ...deps,
    municipalJuki: settings.municipalJuki,
    wardName: host.organisation.name.ja,
    line: { peers, identity, trust, certificateOf, eltax: settings.eltax, now: () => deps.machineClock.now() },
  };
  registerOtherBodiesPages(pages, bodiesDeps);
  dependantPages(pages, deps);
  donationPages(pages, deps);
  registerCheckPages(pages, deps);
  registerPersonPages(pages, deps);
  registerNumberPage(pages, deps);
  registerPaymentPages(pages, deps);
  const assessmentDeps = { ...deps, noticeLine: bodiesDeps.line, restSeconds: settings.intakeRestSeconds };
  registerAssessmentPages(pages, assessmentDeps);
  registerReductionPages(pages, deps);
  unwrap(await irregular.registerFirst(deps, { kind: 'job', name: 'start' }, null));
  addIrregularPages(pages, deps, irregular);
  // Without a contractor in the directory nothing is printed elsewhere, and the menu does not name it.
  const printer = settings.printer ?? '';
  registerPrintingPages(pages, {
    ...deps,
    printer,
    printerCertificate: () => host.certificateOf(partyOf(printer), 'encryption'),
  });
  // Without the tax agency in the directory files are made and wait.
  const agency = settings.nationalTax;
  const agencyCertificate = () => host.certificateOf(partyOf(agency ?? ''), 'encryption');
  // Without an insurer in the directory nothing is sent, and the menu does not name it.
  const pensionDeps = { ...deps, pension: settings.pension ?? '' };
  pensionPages(pages, pensionDeps);
  certificatePages(pages, deps);
  const counter = startDisclosure(host, settings.office);
  counter.addPages(pages);
  const keeping = startRetention(host, settings.office.issuer.title, () => counter.eraseOldCopies());
  keeping.addPages(pages);
  const migrating = startMigration(host);
  migrating.addPages(pages);
  return {
    routes: routes(deps),
    handlers: [
      bind(handle(personChanges, applyPersonChange), deps),
      bind(handle(personLoads, applyPersonLoad), deps),
      bind(handle(certificateIssues, applyIssuedElsewhere), deps),
      bind(handle(receivedApplications, receivePortalReturn), deps),
    ],
    pages,
    loops: [
      (signal) =>
        intakeLoop(deps, {
          signal,
          restSeconds: settings.intakeRestSeconds,
          onError: (error) => onError(error, 'resident-tax.intake'),
        }),
      (signal) => portalReturnLoop(deps, { signal, onError: (error) => onError(error, 'resident-tax.portal-returns') }),
      (signal) => imageLoop(deps, { signal, onError: (error) => onError(error, 'resident-tax.images') }),
      (signal) =>
        otherBodiesLoop(bodiesDeps, {
          signal,
          restSeconds: settings.intakeRestSeconds,
          onError: (error) => onError(error, 'resident-tax.other-bodies'),
        }),
      ...(agency === undefined
        ? []
        : [
            (signal: AbortSignal) =>
              nationalTaxLoop(
                {
                  ...deps,
                  nationalTax: {
                    peers,
                    identity,
                    trust,
                    agency,
                    agencyCertificate,
                    now: () => deps.machineClock.now(),
                  },
                },
                {
                  signal,
                  restSeconds: settings.intakeRestSeconds,
                  onError: (error) => onError(error, 'resident-tax.national-tax'),
                },
              ),
          ]),
      (signal) =>
        donationLoop(bodiesDeps, {
          signal,
          restSeconds: settings.intakeRestSeconds,
          onError: (error) => onError(error, 'resident-tax.donations'),
        }),
      keeping.loop,
      migrating.loop,
      ...assessmentLoops(assessmentDeps),
      ...(settings.pension === undefined
        ? []
        : [
            (signal: AbortSignal) =>
              pensionLoop(pensionDeps, {
                signal,
                restSeconds: settings.intakeRestSeconds,
                onError: (error) => onError(error, 'resident-tax.pension'),
              }),
          ]),
      (signal) => certificateLoop(deps, { signal, onError: (error) => onError(error, 'resident-tax.certificates') }),
    ],
    async stop() {
      await Promise.all([counter.stop(), keeping.stop()]);
      await typesetter[Symbol.asyncDispose]();
      await deps.certificateTypesetter[Symbol.asyncDispose]();
    },
  };
}

/** What clerks start by a button goes on behind the page, under their name and rights. */
function workOf(deps: PeerDeps, onError: (error: unknown, where: string) => void): IntakeWork {
  const report = (error: unknown): void => onError(error, 'resident-tax.intake');
  const behind = (work: Promise<unknown>): void => void work.catch(report);
  return {
    async fetchNow(actor) {
      const received = await receiveWaiting(deps, actor);
      if (received.ok) behind(finishIntakes(deps, actor, { onError: report }));
      return received;
    },
    resume: (actor: Actor, intakeId) => behind(runBatch(deps, actor, takeIn, { intakeId }, { onError: report })),
  };
}
