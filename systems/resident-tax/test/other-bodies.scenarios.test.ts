import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { serve } from '@hono/node-server';
import { numberOutsidePerson } from '@musubi/common-platform/service/outside-persons.ts';
import { aPlatform, systemActor, type World } from '@musubi/common-platform/test/world.ts';
import {
  forwardedDocument,
  outsideLevyNotice,
  type TransferCover,
  transferCover,
  transferCoverType,
  transferReceipt,
  transferReceiptType,
  transferStatus,
} from '@musubi/contracts/eltax/between-bodies.ts';
import { fetchFromBody, sendToBody, stateReceipt } from '@musubi/contracts/eltax/between-bodies-client.ts';
import { linesOf } from '@musubi/contracts/eltax/between-bodies-lines.ts';
import { readSigned, signMessage } from '@musubi/contracts/exchange/signed.ts';
import { inquireForOffice } from '@musubi/contracts/juki/office-inquiry.ts';
import { numberOutsidePerson as numberEndpoint } from '@musubi/contracts/platform/outside-persons.ts';
import { type OneStopRecord, writeOneStopNotices } from '@musubi/contracts/tax-return/one-stop-notice.ts';
import { aPortal, identity, type Portal } from '@musubi/eltax/test/a-portal.ts';
import { act } from '@musubi/kernel/db/act.ts';
import { checkCatalogue, readCatalogue } from '@musubi/kernel/db/catalogue.ts';
import { textOfPdf } from '@musubi/kernel/documents/testing.ts';
import { createTypesetter } from '@musubi/kernel/documents/typesetter.ts';
import type { PeerClient } from '@musubi/kernel/http/client.ts';
import type { AnyEndpoint } from '@musubi/kernel/http/endpoint.ts';
import { IndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import {
  type LocalGovernmentCode,
  localGovernmentCodeFromFive,
  parseLocalGovernmentCode,
} from '@musubi/kernel/identifiers/local-government-code.ts';
import { findNumbers } from '@musubi/kernel/identifiers/number-forms.ts';
import { createPageApp } from '@musubi/kernel/pages/app.ts';
import { buildStylesheet } from '@musubi/kernel/pages/build-css.ts';
import { trainingTown } from '@musubi/kernel/pages/layout.ts';
import { expectAccessible, screenshot, withPage } from '@musubi/kernel/pages/testing.ts';
import { err, ok, type Result, unwrap } from '@musubi/kernel/result/result.ts';
import type { SealedId } from '@musubi/kernel/vault/sealed/sealed-store.ts';
import { yen } from '@musubi/kernel/yen/yen.ts';
import { receiveRound } from '@musubi/other-municipality/service/receive.ts';
import { sendToOther } from '@musubi/other-municipality/service/send.ts';
import { otherMunicipalitySchema } from '@musubi/other-municipality/store/schema-set.ts';
import { anotherWard, type OtherWard } from '@musubi/other-municipality/test/another-ward.ts';
import { registerOtherBodiesPages } from '../other-bodies-module.ts';
import { openChannel, stateChannelCount, takeApplications, voidDonation } from '../service/donations/applications.ts';
import {
  approveOneStopBatch,
  closeDonationYear,
  makeOneStopBatch,
  oneStopRound,
  readDonationYear,
} from '../service/donations/notices.ts';
import { readReport, readWork } from '../service/intake/read-work.ts';
import { askNetwork } from '../service/other-bodies/ask-network.ts';
import type { OtherBodiesDeps } from '../service/other-bodies/functions.ts';
import { readIncomingNotices } from '../service/other-bodies/incoming.ts';
import {
  answerInvestigation,
  decideInvestigation,
  draftInvestigation,
  readInvestigations,
  readLetter,
  sendInvestigation,
} from '../service/other-bodies/investigate.ts';
import { decideOutgoing, listForwarding, readOutgoing } from '../service/other-bodies/outgoing.ts';
import { registerOutsidePerson } from '../service/other-bodies/register-outside.ts';
import { otherBodiesRound } from '../service/other-bodies/round.ts';
import { readPerson } from '../service/persons/read-person.ts';
import { donationPages } from '../web/donation-pages.ts';
import { registerMatchingPages } from '../web/intake-matching-pages.ts';
import { registerPersonPages } from '../web/persons-pages.ts';
import {
  anIntake,
  arrive,
  changeOf,
  clerk,
  fileReports,
  type IntakeTest,
  meguro,
  people,
  register,
  type Someone,
  staff,
  takeInFile,
} from './an-intake.ts';
import { assessAll, decideAll } from './assessment-setup.ts';
import { office } from './notice-office.ts';

const typesetter = await createTypesetter({ templatesFolder: new URL('../documents', import.meta.url).pathname });
after(() => typesetter.close());

const chief = staff('chief-1');
const inquirer = staff('inquirer-1');
const word = <V, E>(result: Result<V, E>): E | 'ok' => (result.ok ? 'ok' : result.error);
const numberOf = (digits: string): IndividualNumber => unwrap(IndividualNumber.parse(digits));

interface Town extends AsyncDisposable {
  readonly i: IntakeTest;
  readonly deps: OtherBodiesDeps & Parameters<typeof decideInvestigation>[0];
  readonly portal: Portal;
  readonly other: OtherWard;
  readonly platform: World;
  /** What the network knows; asked by name, birth date and address. */
  readonly network: Map<string, { individualNumber: string; sex: 'male' | 'female' }>;
  lost: boolean;
}

/** The ward, the centre over real TLS, another ward, the ward's own platform; the network answers from a list. */
async function aTown(): Promise<Town> {
  const i = await anIntake();
  const portal = await aPortal(undefined, 'setagaya/other-municipality');
  const other = await anotherWard(portal.bodiesLine('otherBody'));
  const platform = await aPlatform();
  const network: Town['network'] = new Map();
  const call = async (endpoint: AnyEndpoint, _peer: string, _params: unknown, body: Record<string, string>) => {
    if (endpoint === numberEndpoint) {
      const done = await numberOutsidePerson(platform.deps, systemActor('meguro/resident-tax'), body as never);
      if (town.lost) return err('timeout');
      return !done.ok ? done : done.value.kind === 'held' ? err('particulars-disagree') : ok(done.value.person);
    }
    assert.equal(endpoint, inquireForOffice);
    const { name = '', birthDate = '', address = '' } = body;
    const found = network.get(`${name} ${birthDate} ${address}`);
    return ok({ person: found === undefined ? null : { ...found, name, birthDate, address } });
  };
  const town: Town = {
    i,
    portal,
    other,
    platform,
    network,
    lost: false,
    deps: {
      ...i.deps,
      line: portal.bodiesLine('meguro'),
      peers: { call: call as unknown as PeerClient['call'] },
      municipalJuki: 'meguro/municipal-juki',
      commonPlatform: 'meguro/common-platform',
      wardName: '目黒区',
      typesetter,
      subjectCheckKey: new Uint8Array(32).fill(3),
      office,
    },
    async [Symbol.asyncDispose]() {
      await platform[Symbol.asyncDispose]();
      await other[Symbol.asyncDispose]();
      await portal[Symbol.asyncDispose]();
      await i[Symbol.asyncDispose]();
    },
  };
  return town;
}

const town = await aTown();
after(() => town[Symbol.asyncDispose]());
const { deps, i } = town;

/** The document of this name that waits for a clerk. */
async function waiting(name: string) {
  const query = { state: null, reasonCode: null, kana: null, payer: null, sort: 'since', descending: true } as const;
  const { rows } = unwrap(await readWork(deps, clerk, { ...query, limit: 50, offset: 0 }));
  const line = rows.find((row) => row.name === name);
  assert.ok(line, name);
  const { state, report } = unwrap(await readReport(deps, clerk, { reportId: line.reportId }));
  return { reportId: line.reportId, seenStep: state.lastStep, report };
}

/** Asks the source by telephone and notes what it said. */
async function telephone(
  reportId: string,
  answer: Omit<Parameters<typeof answerInvestigation>[2], 'investigationId'>,
): Promise<void> {
  const draft = { reportId, channel: 'telephone', addressee: 'payer', question: '住所と勤務の場所' } as const;
  const { investigationId } = unwrap(await draftInvestigation(deps, clerk, { ...draft, answerBy: '2026-03-31' }));
  unwrap(await answerInvestigation(deps, clerk, { investigationId, ...answer }));
}

const stateOf = async (reportId: string): Promise<string> =>
  unwrap(await readReport(deps, clerk, { reportId })).state.state;

test('AC-05 該当者のない給与支払報告書: 勤務先に照会し、住基ネットで特定し、番号は一度だけ付き、住登外課税者として賦課を決定でき、住登外課税通知が送付一覧に載る', async () => {
  const [someone] = people(1, 'saburo') as [Someone];
  const address = '東京都世田谷区太子堂４－１－１';
  const saburo: Someone = {
    ...someone,
    no: 900,
    number: numberOf('300000000039'),
    name: '鈴木　三郎',
    kana: 'ｽｽﾞｷ ｻﾌﾞﾛｳ',
    bornOn: '1975-11-03',
    address,
  };
  await fileReports(i.deps, [saburo]);
  const { reportId, seenStep, report } = await waiting('鈴木　三郎');
  assert.equal(await stateOf(reportId), 'none');

  // Nobody is looked for in the network before the source was asked.
  assert.equal(word(await askNetwork(deps, inquirer, { reportId })), 'not-investigated');
  const said = '目黒区内の事務所に居住。住民登録は世田谷区';
  await telephone(reportId, { finding: 'taxable-here-registered-elsewhere', note: said, municipalityCode: '131121' });
  assert.equal(unwrap(await askNetwork(deps, inquirer, { reportId })).result, 'not-identified');
  const register = {
    reportId,
    seenStep,
    kind: 'lives-here',
    municipalityCode: '131121',
    municipalityName: '世田谷区',
    postalCode: '1540004',
  } as const;
  const nobody = '00000000-0000-7000-8000-000000000000';
  assert.equal(word(await registerOutsidePerson(deps, clerk, { ...register, inquiryId: nobody })), 'not-identified');

  town.network.set(`${report.name} 1975-11-03 ${report.address}`, { individualNumber: '300000000039', sex: 'male' });
  const { inquiryId, result } = unwrap(await askNetwork(deps, inquirer, { reportId }));
  assert.equal(result, 'given');
  const command = { ...register, inquiryId };
  assert.equal(
    word(await registerOutsidePerson(deps, clerk, { ...command, municipalityCode: '131130' })),
    'not-investigated',
  );
  // The answer of the platform is lost; the clerk does it again and the numbers are the same ones.
  town.lost = true;
  assert.equal(word(await registerOutsidePerson(deps, clerk, command)), 'timeout');
  town.lost = false;
  const { personId } = unwrap(await registerOutsidePerson(deps, clerk, command));
  assert.equal(word(await registerOutsidePerson(deps, clerk, command)), 'already-resolved');
  const numbers = await town.platform.t.owner(
    `select (select count(*) from common_platform.outside_number)::int as outside, (select count(*) from common_platform.person)::int as persons`,
  );
  assert.deepEqual(numbers, [{ outside: 1, persons: 1 }]);
  const view = unwrap(await readPerson(deps, clerk, { personId, fiscalYear: 2026 }));
  assert.match(view.person.addresseeNumber, /^9[0-9]{14}$/);
  assert.deepEqual(
    view.outside.map(({ kind, municipalityName }) => [kind, municipalityName]),
    [['lives-here', '世田谷区']],
  );
  assert.deepEqual(
    view.documents.map(({ use }) => use),
    ['counted'],
  );

  // The levy can be decided, and only then the municipality of registration is to be told.
  assert.deepEqual((await otherBodiesRound(deps)).faults, []);
  const listed = async (step: string | null = null) =>
    unwrap(await readOutgoing(deps, clerk, { step, kind: 'outside-levy-notice', limit: 10, offset: 0 })).rows;
  assert.deepEqual(await listed(), []);
  await assessAll(deps);
  const [levy] = await i.t.owner<{ annual: number }>(
    `select annual_yen::int as annual from resident_tax.assessment where person_id = '${personId}'`,
  );
  assert.ok((levy?.annual ?? 0) > 5_000, 'taxed as a resident');
  await decideAll(deps);
  assert.deepEqual((await otherBodiesRound(deps)).faults, []);
  const [notice, ...more] = await listed('listed');
  assert.deepEqual(
    [notice?.name, notice?.targetName, notice?.fiscalYear, more.length],
    ['鈴木　三郎', '世田谷区', 2026, 0],
  );

  // It leaves after a second person has seen it, once, and the other ward has it.
  const outgoingId = notice!.outgoingId;
  assert.equal(word(await decideOutgoing(deps, chief, { outgoingId, decision: 'withdrawn' })), 'note-missing');
  unwrap(await decideOutgoing(deps, chief, { outgoingId, decision: 'approved' }));
  assert.equal(word(await decideOutgoing(deps, chief, { outgoingId, decision: 'approved' })), 'not-listed');
  assert.deepEqual((await otherBodiesRound(deps)).faults, []);
  assert.deepEqual(await receiveRound(town.other.deps), { taken: 1, faults: [] });
  assert.deepEqual((await otherBodiesRound(deps)).faults, []);
  assert.deepEqual(
    (await listed()).map(({ step }) => step),
    ['received'],
  );
  const [told] = await openedAt(town.other, (file) => linesOf(file, outsideLevyNotice));
  assert.deepEqual(
    [told?.individualNumber, told?.name, told?.fiscalYear, told?.ground],
    ['300000000039', '鈴木　三郎', 2026, '地方税法第294条第3項（住登外課税）'],
  );
  for (const table of ['outgoing', 'outgoing_step', 'network_inquiry', 'network_answer', 'investigation_step'])
    assert.deepEqual(
      findNumbers(
        Buffer.from(JSON.stringify(await i.t.owner(`select to_jsonb(t) as row from resident_tax.${table} t`))),
        new Set(['300000000039']),
      ),
      [],
      table,
    );
});

/** What the other ward holds, opened with its own keys. */
async function openedAt<T>(ward: OtherWard, read: (file: Buffer) => readonly (T | undefined)[]): Promise<T[]> {
  const open = act('test.opened', {
    right: ['other-municipality', 'transfer', 'update'],
    async run(tx, of: OtherWard['deps'], _command: undefined) {
      const rows = await tx<{ ref: SealedId }>`
        select sealed_ref as ref from other_municipality.received where outcome = 'received' order by transfer_id desc`;
      const files: Buffer[] = [];
      for (const { ref } of rows) files.push(unwrap(await of.sealed.open(tx, ref, 'test')));
      tx.record({ event: 'test.opened' });
      return ok(files);
    },
  });
  const files = unwrap(await open(ward.deps, { kind: 'job', name: 'test' }, undefined));
  return files.flatMap(read).filter((line) => line !== undefined);
}

test('AC-06 NTL-F2 世田谷区で登録・課税されている人の資料: 回送すると区の賦課から外れ、日付と送付先のある「回送済」になり、相手に一度だけ届き、二度目は断られる', async () => {
  const [who] = people(1, 'forwarded') as [Someone];
  const person: Someone = {
    ...who,
    no: 901,
    name: '世田谷　四郎',
    bornOn: '1981-02-03',
    address: '東京都世田谷区三軒茶屋１－１－１',
  };
  await fileReports(i.deps, [person]);
  const { reportId, seenStep } = await waiting('世田谷　四郎');
  const command = { reportId, seenStep, targetCode: '131121', targetName: '世田谷区' };
  assert.equal(word(await listForwarding(deps, clerk, command)), 'not-investigated');
  await telephone(reportId, { finding: 'taxed-elsewhere', note: '1月1日は世田谷区に居住', municipalityCode: '131121' });
  assert.equal(word(await listForwarding(deps, clerk, { ...command, targetCode: '131130' })), 'not-investigated');
  assert.equal(word(await listForwarding(deps, clerk, { ...command, targetCode: '131105' })), 'is-own-municipality');
  // Two clerks at once: one lists it.
  const both = await Promise.all([clerk, staff('clerk-2')].map((by) => listForwarding(deps, by, command)));
  assert.deepEqual(both.map(word).sort(), ['already-resolved', 'ok']);
  const { outgoingId } = both.find((one) => one.ok)!.value as { outgoingId: string };
  const lister = both[0]?.ok ? clerk : staff('clerk-2');
  assert.equal(word(await decideOutgoing(deps, lister, { outgoingId, decision: 'approved' })), 'approver-is-lister');
  assert.equal(await stateOf(reportId), 'forwarding');
  unwrap(await decideOutgoing(deps, chief, { outgoingId, decision: 'approved' }));

  // The round breaks off after the centre took the package: the next one sends the same package again, and it is one.
  const { line } = deps;
  const cut = {
    ...deps,
    line: {
      ...line,
      peers: {
        call: (async (...args: Parameters<PeerClient['call']>) => {
          const answer = await line.peers.call(...args);
          return args[0].id === 'eltax.send-transfer' ? err('timeout') : answer;
        }) as unknown as PeerClient['call'],
      },
    },
  };
  assert.deepEqual((await otherBodiesRound(cut)).faults, [`${outgoingId}: timeout`]);
  assert.equal(await stateOf(reportId), 'forwarding');
  i.t.deps.civilClock.set('2026-03-03');
  assert.deepEqual((await otherBodiesRound(deps)).faults, []);
  assert.deepEqual(await receiveRound(town.other.deps), { taken: 1, faults: [] });
  assert.deepEqual(await receiveRound(town.other.deps), { taken: 0, faults: [] });

  const { state, steps } = unwrap(await readReport(deps, clerk, { reportId }));
  assert.deepEqual(
    [state.state, steps.at(-1)?.step, steps.at(-1)?.note],
    ['forwarded', 'forwarded', '2026-03-03 世田谷区（131121）'],
  );
  assert.equal(word(await listForwarding(deps, clerk, { ...command, seenStep: state.lastStep })), 'already-resolved');
  const [there] = await openedAt(town.other, (file) => linesOf(file, forwardedDocument));
  assert.deepEqual(
    [there?.documentId, there?.name, there?.individualNumber],
    [reportId, '世田谷　四郎', person.number.digits()],
  );
  const received = await town.other.t.owner(
    `select count(*)::int as n from other_municipality.received where kind = 'forwarded-documents'`,
  );
  assert.deepEqual(received, [{ n: 1 }]);
  await assessAll(deps);
  const levies = await i.t.owner(
    `select 1 from resident_tax.assessment a join resident_tax.person_state s using (person_id) where s.name = '世田谷　四郎'`,
  );
  assert.deepEqual(levies, []);
});

test('W06 NTL-F2 回送先から返戻された資料は「該当者なし」に戻り、突合作業一覧で待つ。返戻の後は別の団体へ回送できる', async () => {
  const [who] = people(1, 'returned') as [Someone];
  const person: Someone = { ...who, no: 902, name: '返戻　五郎', bornOn: '1982-02-03' };
  await fileReports(i.deps, [person]);
  const { reportId, seenStep } = await waiting('返戻　五郎');
  await telephone(reportId, { finding: 'taxed-elsewhere', note: '世田谷区に居住', municipalityCode: '131121' });
  const command = { reportId, seenStep, targetCode: '131121', targetName: '世田谷区' };
  const { outgoingId } = unwrap(await listForwarding(deps, clerk, command));
  unwrap(await decideOutgoing(deps, chief, { outgoingId, decision: 'approved' }));
  await otherBodiesRound(deps);
  const line = town.portal.bodiesLine('otherBody');
  const { cover } = unwrap(await fetchFromBody(line, outgoingId));
  const said = { transferId: outgoingId, fileSha256: cover.fileSha256, by: '131121', on: '2026-03-03' };
  unwrap(await stateReceipt(line, { ...said, outcome: 'returned', reason: 'not-registered-here' }));
  // Another word afterwards is refused, and nobody else may speak for the receiver.
  assert.equal(
    word(await stateReceipt(line, { ...said, outcome: 'received', reason: null })),
    'outcome-already-stated',
  );
  const ours = town.portal.bodiesLine('meguro');
  assert.equal(word(await stateReceipt(ours, { ...said, outcome: 'received', reason: null })), 'no-such-transfer');
  assert.deepEqual((await otherBodiesRound(deps)).faults, []);
  assert.equal(await stateOf(reportId), 'none');
  const again = await waiting('返戻　五郎');
  unwrap(await listForwarding(deps, clerk, { ...command, seenStep: again.seenStep }));
  assert.equal(await stateOf(reportId), 'forwarding');
});

test('W03-9 NTL-F2 他の市区町村から届いた回送資料は丸ごと取り込まれ、三つの一致で本人に結び付き、件数の違う包みは丸ごと返戻される', async () => {
  const [resident] = people(1, 'resident') as [Someone];
  const here: Someone = { ...resident, no: 910, name: '目黒　六子', bornOn: '1990-04-05' };
  const ids = await register(i.deps, [here]);
  const documents = [here, { ...here, name: '読めない　人' }].map((who, at) => ({
    documentId: deps.newId(),
    kind: 'salary-payment-report',
    incomeYear: 2025,
    receptionNumber: '2026020100000001',
    rowNumber: at + 1,
    submissionKind: 'new',
    filedOn: null,
    payer: { name: '世田谷商事株式会社', corporateNumber: '9013201000015', individualNumber: null },
    name: who.name,
    kana: who.kana,
    bornOn: who.bornOn,
    address: who.address,
    individualNumber: at === 0 ? who.number.digits() : '123456789010',
    columns: { paidYen: 3_000_000, incomeAfterDeductionYen: 2_020_000, incomeYearInEra: '07' },
    relatives: [],
  }));
  const sending = { kind: 'forwarded-documents', to: '131105', fiscalYear: 2026, records: documents } as const;
  unwrap(await sendToOther(town.other.deps, sending));
  assert.deepEqual((await otherBodiesRound(deps)).faults, []);
  const [file] = await i.t.owner<{
    id: string;
  }>(`select intake_id as id from resident_tax.intake join resident_tax.announced_delivery using (delivery_id)
    where procedure = 'forwarded-documents'`);
  await takeInFile(i.deps, file!.id);
  const view = unwrap(await readPerson(deps, clerk, { personId: ids.get(910)!, fiscalYear: 2026 }));
  assert.deepEqual(
    view.documents.map(({ payerName, paidYen, use }) => [payerName, paidYen, use]),
    [['世田谷商事株式会社', 3_000_000, 'counted']],
  );
  const [intake] = await i.t.owner(`select o.accepted_count as accepted, o.rejected_count as rejected
    from resident_tax.intake_outcome o join resident_tax.intake f using (intake_id) join resident_tax.announced_delivery d using (delivery_id)
    where d.procedure = 'forwarded-documents'`);
  assert.deepEqual(intake, { accepted: 1, rejected: 1 });

  const wrongYear = { ...sending, records: [{ ...documents[0]!, incomeYear: 2024 }] };
  const transferId = unwrap(await sendToOther(town.other.deps, wrongYear));
  assert.deepEqual((await otherBodiesRound(deps)).faults, []);
  const [outcome] = await town.portal.t.owner(
    `select outcome, reason from eltax.body_transfer_receipt where transfer_id = '${transferId}'`,
  );
  assert.deepEqual(outcome, { outcome: 'returned', reason: 'other-year' });
});

test('RTX-F8 他団体からの住登外課税通知は番号と生年月日の一致する一人に結び付き、その人の画面に出る', async () => {
  const [resident] = people(1, 'taxed elsewhere') as [Someone];
  const here: Someone = { ...resident, no: 911, name: '目黒　七子', bornOn: '1991-05-06' };
  const ids = await register(i.deps, [here]);
  const notice = {
    individualNumber: here.number.digits(),
    name: here.name,
    nameKana: here.kana,
    birthDate: here.bornOn,
    address: here.address,
    ground: '地方税法第294条第3項（住登外課税）',
    fiscalYear: 2026,
    decidedOn: '2026-05-20',
  };
  const records = [notice, { ...notice, birthDate: '1991-05-07' }];
  unwrap(await sendToOther(town.other.deps, { kind: 'outside-levy-notice', to: '131105', fiscalYear: 2026, records }));
  assert.deepEqual((await otherBodiesRound(deps)).faults, []);
  const own = unwrap(await readIncomingNotices(deps, clerk, { personId: ids.get(911)!, limit: 9, offset: 0 })).rows;
  assert.deepEqual(
    own.map(({ fromName, fiscalYear, name }) => [fromName, fiscalYear, name]),
    [['世田谷区', 2026, '目黒　七子']],
  );
  assert.equal(unwrap(await readIncomingNotices(deps, clerk, { personId: null, limit: 9, offset: 0 })).total, 2);
  const view = unwrap(await readPerson(deps, clerk, { personId: ids.get(911)!, fiscalYear: 2026 }));
  assert.deepEqual(view.notices, own);
});

test('002-RTX-F2.3 INC-45 照会文書: 起案者は承認できず、承認して発送し、期限を過ぎると一覧に出て、支援措置対象者かもしれない人の住所は印字されない', async () => {
  const [hidden] = people(1, 'protected') as [Someone];
  const protectedOne: Someone = { ...hidden, no: 920, name: '支援　八子', bornOn: '1992-06-07' };
  await arrive(i.deps, changeOf(i.deps, protectedOne, { addressProtected: true }));
  const elsewhere = { ...protectedOne, number: numberOf('123456789018'), bornOn: '1992-06-08' };
  await fileReports(i.deps, [elsewhere]);
  const { reportId, report } = await waiting('支援　八子');
  const draft = {
    reportId,
    channel: 'letter',
    question: '1月1日現在の住所をお知らせください',
    answerBy: '2026-03-10',
  } as const;
  assert.equal(
    word(await draftInvestigation(deps, clerk, { ...draft, addressee: 'person', question: ' ' })),
    'question-missing',
  );
  assert.equal(
    word(await draftInvestigation(deps, clerk, { ...draft, addressee: 'person', answerBy: '2026-01-10' })),
    'day-is-over',
  );
  const letter = async (addressee: 'person' | 'payer') => {
    const { investigationId } = unwrap(await draftInvestigation(deps, clerk, { ...draft, addressee }));
    assert.equal(word(await sendInvestigation(deps, clerk, { investigationId })), 'not-approved');
    assert.equal(
      word(await decideInvestigation(deps, clerk, { investigationId, decision: 'approved' })),
      'approver-is-drafter',
    );
    unwrap(await decideInvestigation(deps, chief, { investigationId, decision: 'approved' }));
    return { investigationId, text: await textOfPdf(unwrap(await readLetter(deps, clerk, { investigationId }))) };
  };
  const toPerson = await letter('person');
  const flat = (text: string): string => text.replaceAll(/\s/g, '');
  assert.ok(flat(toPerson.text).includes('1月1日現在の住所をお知らせください'));
  assert.ok(!flat(toPerson.text).includes(flat(report.address)), 'no address of a person who may be protected');
  const toPayer = await letter('payer');
  assert.match(flat(toPayer.text), /目黒商事（株）御中/);
  assert.ok(!/[0-9]{12}/.test(flat(toPayer.text)));

  const { investigationId } = toPayer;
  const answer = { investigationId, finding: 'not-known', note: '提出元にも記録がない' } as const;
  assert.equal(word(await answerInvestigation(deps, clerk, answer)), 'not-sent');
  unwrap(await sendInvestigation(deps, clerk, { investigationId }));
  const overdue = async () =>
    unwrap(await readInvestigations(deps, clerk, { state: 'overdue', limit: 9, offset: 0 })).rows.map(
      (r) => r.investigationId,
    );
  assert.deepEqual(await overdue(), []);
  i.t.deps.civilClock.set('2026-03-11');
  assert.deepEqual(await overdue(), [investigationId]);
  const wants = { ...answer, finding: 'taxed-elsewhere' } as const;
  assert.equal(word(await answerInvestigation(deps, clerk, wants)), 'municipality-missing');
  assert.equal(
    word(await answerInvestigation(deps, clerk, { ...wants, municipalityCode: '131105' })),
    'municipality-unknown',
  );
  unwrap(await answerInvestigation(deps, clerk, answer));
  assert.equal(word(await answerInvestigation(deps, clerk, answer)), 'ended-before');
  assert.deepEqual(await overdue(), []);
});

test('RTX-F2.3 RTX-F8 画面: 照会を起案して回答を記録し、送付一覧に載せ、別の職員が承認する', async () => {
  const [who] = people(1, 'on screen') as [Someone];
  await fileReports(i.deps, [{ ...who, no: 930, name: '画面　九子', bornOn: '1993-07-08' }]);
  const { reportId } = await waiting('画面　九子');
  let actor = clerk;
  const app = createPageApp({
    system: { id: 'resident-tax', name: '個人住民税システム', gloss: 'Inhabitant tax on individuals' },
    organisation: { id: 'meguro', name: '目黒区', gloss: 'Meguro City' },
    environment: trainingTown,
    session: {
      read: async () =>
        ({ actor, displayName: '賦課 一郎', position: '税務課', csrfSecret: new Uint8Array(32).fill(1) }) as never,
    },
    mayOpen: async () => true,
    stylesheet: await buildStylesheet({ sources: [fileURLToPath(new URL('../web/', import.meta.url))] }),
    random: deps.random,
    onError: (error) => console.error(error),
  });
  registerMatchingPages(app, deps);
  registerOtherBodiesPages(app, deps);
  registerPersonPages(app, deps);
  donationPages(app, deps);
  const server = serve({ fetch: (request) => app.fetch(request), hostname: '127.0.0.1', port: 0 });
  await new Promise<void>((done) => server.once('listening', done));
  const origin = `http://rtx.meguro.localhost:${(server.address() as AddressInfo).port}`;
  try {
    await withPage(async (page) => {
      const look = async (name: string) => {
        await expectAccessible(page);
        await screenshot(page, `rtx-${name}`);
      };
      const main = async (): Promise<string> => (await page.textContent('body')) ?? '';
      await page.goto(`${origin}/matching/${reportId}`);
      await page.getByRole('link', { name: '照会・住登外課税・回送' }).click();
      await page.getByRole('button', { name: '照会を起案する' }).click();
      assert.match(await main(), /処理できません/);
      await page.getByLabel('電話').check();
      await page.getByLabel('提出元').check();
      await page.getByLabel('照会する事項').fill('住所と勤務の場所');
      await page.locator('input[name=answerBy]').fill('2026-03-31');
      await page.getByRole('button', { name: '照会を起案する' }).click();
      assert.match(await main(), /照会を起案しました/);
      await page.getByRole('button', { name: '住基ネットに照会する' }).click();
      assert.match(await main(), /先に提出元又は本人に照会し/);
      await page.getByLabel('照会の結果').selectOption('taxed-elsewhere');
      await page.getByLabel(/団体コード6桁/).fill('131121');
      await page.getByLabel('回答の内容').fill('世田谷区に居住');
      await page.getByRole('button', { name: '回答を記録する' }).click();
      await look('elsewhere');
      await page.getByLabel('市区町村の名称').fill('世田谷区');
      await page.getByRole('button', { name: '送付一覧に載せる' }).click();
      assert.match(await main(), /回送の手続中/);
      await page.goto(`${origin}/outgoing?step=listed`);
      await look('outgoing');
      await page.getByRole('link', { name: '画面　九子' }).click();
      await page.getByLabel('送付を承認する').check();
      await page.getByRole('button', { name: '確定する' }).click();
      assert.match(await main(), /一覧に載せた本人は承認できません/);
      actor = chief;
      await page.getByLabel('送付を承認する').check();
      await page.getByRole('button', { name: '確定する' }).click();
      assert.match(await main(), /承認しました/);
      await page.goto(`${origin}/outgoing/received`);
      await look('outgoing-received');
      await page.goto(`${origin}/investigations`);
      await look('investigations');
      const [told] = await i.t.owner<{ id: string }>(
        'select person_id as id from resident_tax.incoming_levy_notice where person_id is not null',
      );
      await page.goto(`${origin}/persons/${told?.id}`);
      assert.match(await main(), /世田谷区から住登外課税通知が届いています（令和8年度）/);
      await look('person-told');
      // INC-24: a channel whose file is left out stands on the page of the year, and nobody closes it.
      await page.goto(`${origin}/donations?year=2024`);
      await page.getByText('受付経路を加える').click();
      await page.getByLabel('経路の符号').fill('portal-c');
      await page.getByLabel('名称').fill('ポータルC');
      await page.getByRole('button', { name: '加える', exact: true }).click();
      await page.getByText('ポータルCの取込と件数').click();
      await page.getByLabel('経路の側の件数').fill('6');
      await page.getByRole('button', { name: '件数を記録する' }).click();
      assert.match(await main(), /税務課長の確認が必要です.*ポータルC: 申請 6、取込 0/s);
      await look('donations');
      await page.getByRole('button', { name: 'この年の通知を完了する' }).click();
      assert.match(await main(), /完了できません/);
    });
  } finally {
    server.close();
  }
});

/** Codes of municipalities of which none is this ward. */
const municipalityCodes = (count: number): LocalGovernmentCode[] =>
  Array.from({ length: 400 }, (_, n) =>
    unwrap(localGovernmentCodeFromFive(`${`${(n % 47) + 1}`.padStart(2, '0')}${201 + Math.trunc(n / 47)}`)),
  )
    .filter((code) => code !== '131105' && code !== '131121')
    .slice(0, count);

const applicationOf = (donor: Someone, municipality: LocalGovernmentCode, no: number): OneStopRecord => ({
  formKind: 'ST01',
  version: '1',
  noticeKind: 'new',
  noticeNumber: `${no}`,
  replaces: undefined,
  donationYear: '2026',
  givenTo: meguro,
  municipality,
  kana: donor.kana,
  name: donor.name,
  bornOn: Temporal.PlainDate.from(donor.bornOn),
  postalCode: '1530061',
  address: donor.address,
  individualNumber: donor.number,
  phone: undefined,
  amountYen: yen(10_000 + no),
  donations: 1,
  appliedOn: Temporal.PlainDate.from('2026-12-01'),
  changed: false,
});

/**
 * The centre with 274 municipalities on its list: 世田谷区 is the real one over TLS, the others sign as it does. `limit`: so many packages are
 * taken, then the line is down.
 */
function aWideCentre(codes: readonly string[]) {
  const { line } = deps;
  const taken = new Map<string, TransferCover>();
  const signer = identity('otherBody');
  const centre = { limit: Number.POSITIVE_INFINITY, taken, line };
  const call = async (...args: Parameters<PeerClient['call']>) => {
    const [endpoint, , params, body] = args as [AnyEndpoint, string, { transferId: string }, { cover: string }];
    if (endpoint.id === 'eltax.list-bodies')
      return ok({ bodies: codes.map((municipality) => ({ municipality, party: 'setagaya/other-municipality' })) });
    if (endpoint.id === 'eltax.send-transfer') {
      const cover = unwrap(readSigned(body.cover, transferCoverType, transferCover, line.trust, line.now())).payload;
      if (!taken.has(cover.transferId) && taken.size >= centre.limit) return err('unavailable');
      taken.set(cover.transferId, cover);
      return cover.to === '131121' ? line.peers.call(...args) : ok({ acceptedAt: `${line.now()}` });
    }
    const cover = taken.get(params.transferId);
    if (cover === undefined || cover.to === '131121') return line.peers.call(...args);
    const { transferId, fileSha256, to } = cover;
    const receipt = { v: 1, transferId, fileSha256, by: to, outcome: 'received', reason: null, on: '2027-01-15' };
    return ok({ receipt: signMessage(signer, transferReceiptType, receipt) });
  };
  centre.line = { ...line, peers: { call: call as unknown as PeerClient['call'] } };
  return centre;
}

test('INC-24 ELT-F5 申告特例通知: 274団体のうち81団体で送信が止まり、一つのポータルのCSVが漏れている間は完了できず、20日から担当、28日から課長に挙がり、再開すれば各団体に一度だけ届く', async () => {
  const others = municipalityCodes(273);
  const codes = ['131121' as LocalGovernmentCode, ...others];
  const donors = people(274, 'donors');
  const year = { donationYear: 2026 };
  i.t.deps.civilClock.set('2027-01-15');
  const centre = aWideCentre(codes);
  const sending = { ...deps, line: centre.line };
  const look = async () => unwrap(await readDonationYear(deps, clerk, year));
  const file = (records: readonly OneStopRecord[]) => unwrap(writeOneStopNotices(records));
  const take = (channel: string, records: readonly OneStopRecord[]) =>
    takeApplications(deps, clerk, { ...year, channel, file: file(records) });

  // Three channels: paper, a linked portal, and a portal that gives CSV, whose file is left out.
  const channels = { paper: '紙の申請', linked: '連携ポータル', 'portal-c': 'ポータルC' };
  for (const [channel, name] of Object.entries(channels))
    unwrap(await openChannel(deps, clerk, { ...year, channel, name }));
  const all = codes.map((code, n) => applicationOf(donors[n]!, code, n + 1));
  assert.equal(word(await take('portal-x', all)), 'no-such-channel');
  assert.equal(word(await take('paper', [])), 'not-whole');
  assert.equal(word(await take('paper', [all[0]!, all[0]!])), 'same-number-twice');
  const ofYear = { ...all[0]!, donationYear: '2025' };
  assert.equal(word(await take('paper', [ofYear, all[1]!])), 'not-whole');
  const cut = file(all).subarray(0, 300);
  assert.equal(word(await takeApplications(deps, clerk, { ...year, channel: 'paper', file: cut })), 'not-whole');
  assert.deepEqual(unwrap(await take('paper', all.slice(0, 137))), { added: 137, repeated: 0 });
  assert.deepEqual(unwrap(await take('paper', all.slice(0, 137))), { added: 0, repeated: 137 });
  unwrap(await take('linked', all.slice(137)));
  for (const [channel, stated] of Object.entries({ paper: 137, linked: 137, 'portal-c': 6 }))
    unwrap(await stateChannelCount(deps, clerk, { ...year, channel, stated }));

  const { batchId, packages } = unwrap(await makeOneStopBatch(deps, clerk, year));
  assert.equal(packages, 274);
  assert.equal(word(await makeOneStopBatch(deps, clerk, year)), 'nothing-left');
  assert.deepEqual((await oneStopRound(sending)).faults, [], 'nothing leaves before another person lets it');
  assert.equal(centre.taken.size, 0);
  assert.equal(word(await approveOneStopBatch(deps, clerk, { batchId })), 'approver-is-maker');
  unwrap(await approveOneStopBatch(deps, chief, { batchId }));
  assert.equal(word(await approveOneStopBatch(deps, chief, { batchId })), 'already-approved');

  // H3: the sending stops after 81.
  centre.limit = 81;
  // The round ends after three faults of the line: it does not try the other 190 packages on a line that is down.
  assert.equal((await oneStopRound(sending)).faults.length, 3);
  const stopped = await look();
  assert.equal(stopped.sent, 81);
  assert.ok(stopped.points.some((point) => point.startsWith('送信済 81 / 274')));
  assert.ok(stopped.points.includes('ポータルC: 申請 6、取込 0'));
  assert.equal(word(await closeDonationYear(deps, chief, year)), 'run-incomplete');
  const alarms = [];
  for (const day of ['2027-01-19', '2027-01-20', '2027-01-27', '2027-01-28', '2027-02-02']) {
    i.t.deps.civilClock.set(day);
    alarms.push((await look()).alarm);
  }
  assert.deepEqual(alarms, ['none', 'clerk', 'clerk', 'chief', 'chief']);
  const events = await i.t.owner<{ to: string }>(
    `select body::jsonb->'detail'->>'to' as to from audit.intake_event where body::jsonb->>'event' = 'run.incomplete' and body::jsonb->'detail'->>'donationYear' = '2026'`,
  );
  assert.deepEqual(
    events.map(({ to }) => to),
    ['clerk', 'clerk', 'chief', 'chief'],
  );

  // Resumed, and the file that was left out comes: one of its applications was on paper already and is void.
  centre.limit = Number.POSITIVE_INFINITY;
  assert.deepEqual((await oneStopRound(sending)).faults, []);
  assert.equal(centre.taken.size, 274);
  const late = people(6, 'late donors').map((donor, n) => applicationOf(donor, codes[n]!, n + 1));
  unwrap(await take('portal-c', late));
  const [twice] = await i.t.owner<{ id: string }>(
    `select application_id as id from resident_tax.donation_application where channel = 'portal-c' and reference_no = '6'`,
  );
  const reason = { applicationId: twice!.id, reason: 'duplicate', note: '紙の申請と同じ寄附' } as const;
  assert.equal(word(await voidDonation(deps, clerk, { ...reason, note: ' ' })), 'note-missing');
  unwrap(await voidDonation(deps, clerk, reason));
  assert.equal(word(await voidDonation(deps, clerk, reason)), 'not-open');
  assert.equal(word(await closeDonationYear(deps, chief, year)), 'run-incomplete');
  const second = unwrap(await makeOneStopBatch(deps, clerk, year));
  assert.deepEqual([second.packages, second.records], [5, 5]);
  unwrap(await approveOneStopBatch(deps, chief, { batchId: second.batchId }));
  assert.deepEqual((await oneStopRound(sending)).faults, []);
  // 世田谷区 has not signed yet: sent is not received.
  assert.equal(word(await closeDonationYear(deps, chief, year)), 'run-incomplete');
  assert.deepEqual(await receiveRound(town.other.deps), { taken: 2, faults: [] });
  assert.deepEqual((await oneStopRound(sending)).faults, []);
  const done = await look();
  assert.deepEqual(
    [done.points, done.sent, done.received, done.applications, done.told, done.voided],
    [[], 274, 274, 280, 279, 1],
  );
  unwrap(await closeDonationYear(deps, chief, year));
  assert.equal(word(await closeDonationYear(deps, chief, year)), 'already-closed');
  assert.equal(word(await take('portal-c', late)), 'closed');
  // Each went once, and at 世田谷区 both donors stand with their numbers.
  assert.equal(centre.taken.size, 279);
  const there = await town.other.t.owner<{ n: number }>(
    `select sum(records)::int as n from other_municipality.received where kind = 'one-stop-notices' and outcome = 'received'`,
  );
  assert.deepEqual(there, [{ n: 2 }]);
});

test('002-ELT-F5 W03-10 他の市区町村から届いた申告特例通知は、ポータルからのものと同じ取込に入り、宛先や件数の違うものは丸ごと返る', async () => {
  i.t.deps.civilClock.set('2027-02-10');
  const [donor] = people(1, 'donor here') as [Someone];
  const given = {
    ...applicationOf(donor, meguro, 1),
    givenTo: unwrap(parseLocalGovernmentCode('131121')),
  };
  const send = async (records: number, file: Uint8Array) => {
    const transferId = i.deps.newId();
    const from = { municipality: '131121', name: '世田谷区' };
    const cover = { transferId, kind: 'one-stop-notices', from, to: '131105', fiscalYear: 2027, records } as const;
    unwrap(await sendToBody(town.other.deps.line, { ...cover, sentOn: '2027-01-20' }, file));
    return transferId;
  };
  const file = unwrap(writeOneStopNotices([given]));
  const whole = await send(1, file);
  const wrong = await send(2, file);
  assert.deepEqual((await otherBodiesRound(deps)).faults, []);
  const said = async (transferId: string) => {
    const status = unwrap(await town.other.deps.line.peers.call(transferStatus, 'eltax/eltax', { transferId }, {}));
    return unwrap(
      readSigned(status.receipt!, transferReceiptType, transferReceipt, town.other.deps.line.trust, deps.line.now()),
    ).payload;
  };
  assert.deepEqual([(await said(whole)).outcome, (await said(wrong)).reason], ['received', 'record-count-differs']);
  const [intake] = await i.t.owner<{ id: string; procedure: string }>(
    `select i.intake_id as id, d.procedure from resident_tax.intake i join resident_tax.announced_delivery d using (delivery_id) where i.delivery_id = '${whole}'`,
  );
  assert.equal(intake?.procedure, 'one-stop-notice');
  await takeInFile(i.deps, intake!.id);
  assert.deepEqual(
    await i.t.owner(`select kind, paid_yen::int as paid from resident_tax.report where intake_id = '${intake!.id}'`),
    [{ kind: 'one-stop-notice', paid: 10_001 }],
  );
});

test('design §2.7 他市区町村: every column stands in the catalogue, and nothing else', async () => {
  const client = { query: async (text: string) => ({ rows: await town.other.t.owner(text) }) };
  const faults = await checkCatalogue(client as never, await readCatalogue([otherMunicipalitySchema]));
  assert.deepEqual(
    faults.filter((fault) => fault.startsWith('other_municipality.')),
    [],
  );
});
