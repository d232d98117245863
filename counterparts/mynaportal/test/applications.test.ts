import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { after, test } from 'node:test';
import {
  closeApplicationIncident,
  findApplicationIncidents,
  readApplicationIncidents,
} from '@musubi/common-platform/service/application-incidents.ts';
import { takeApplicationOutcome, tellApplicationEnds } from '@musubi/common-platform/service/end-application.ts';
import { readApplications, receiveApplications } from '@musubi/common-platform/service/receive-application.ts';
import { takeResidentChange } from '@musubi/common-platform/service/take-resident-change.ts';
import { aChange, aPlatform, received, staffActor, systemActor } from '@musubi/common-platform/test/world.ts';
import {
  type ApplicationOutcome,
  applicationOutcome,
  type ReceivedApplication,
  receivedApplication,
} from '@musubi/contracts/platform/applications.ts';
import {
  applicationContent,
  applicationEnvelope,
  endApplication,
  fetchApplication,
  listApplications,
  signedApplication,
  takeOverApplication,
} from '@musubi/contracts/portal/applications.ts';
import {
  readWardReturnApplication,
  wardReturnFields,
  wardReturnProcedure,
} from '@musubi/contracts/portal/ward-return-form.ts';
import { filedDocument } from '@musubi/contracts/tax-documents/filing.ts';
import { SoftwareCard } from '@musubi/jpki/card/software-card.ts';
import { issueCard } from '@musubi/jpki/service/issue-card.ts';
import { aJpki, authorities, conductor, hanako as sample } from '@musubi/jpki/test/a-town.ts';
import { createRights } from '@musubi/kernel/access/rights.ts';
import { addOpenDays } from '@musubi/kernel/calendar/open-days.ts';
import { openJwe } from '@musubi/kernel/crypto/jwe.ts';
import { act } from '@musubi/kernel/db/act.ts';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import { modulus11CheckDigit } from '@musubi/kernel/identifiers/check-digits.ts';
import { expectAccessible, screenshot, withPage } from '@musubi/kernel/pages/testing.ts';
import { err, ok, unwrap } from '@musubi/kernel/result/result.ts';
import { unsalted } from '@musubi/kernel/streams/envelope.ts';
import type { SealedId } from '@musubi/kernel/vault/sealed/sealed-store.ts';
import { rights as taxRights } from '@musubi/resident-tax/rights.ts';
import { handOverNext } from '@musubi/resident-tax/service/images/hand-over.ts';
import { finishIntakes } from '@musubi/resident-tax/service/intake/intake-round.ts';
import { receivePortalReturn, tellPortalReturnEnds } from '@musubi/resident-tax/service/intake/portal-returns.ts';
import { readPerson } from '@musubi/resident-tax/service/persons/read-person.ts';
import { anIntake, arrive, changeOf, people } from '@musubi/resident-tax/test/an-intake.ts';
import { drawNext } from '@musubi/tax-documents/service/draw.ts';
import { provideImage } from '@musubi/tax-documents/service/read.ts';
import { anArchive, bring, taxSystem, typesetter } from '@musubi/tax-documents/test/an-archive.ts';
import type { z } from 'zod';
import {
  draftText,
  expireApplications,
  findUnfetched,
  keptOpenDays,
  ownApplications,
  submitApplication,
} from '../service/applications.ts';
import { newChallenge } from '../service/challenge.ts';
import { signInWithCard } from '../service/sign-in.ts';
import { aCard, anAuthority } from './a-card.ts';
import { aPortal, type TestPortal } from './a-portal.ts';

after(() => typesetter.close());
const particulars = { ...sample, name: '目黒　花子' };
const authority = await anAuthority();
const [hanako, taro] = [await aCard(authority, { serial: '41' }), await aCard(authority, { serial: '42' })];
const procedure = {
  organisation: 'meguro',
  platform: 'meguro/common-platform',
  procedure: 'TAX-001',
  formVersion: '2026-04',
  title: '特別区民税の申告',
  purpose: '特別区民税の賦課のために使います。',
  fields: [
    { name: '申告内容', label: '申告する内容', required: true },
    { name: '電話番号', label: '日中の電話番号', required: false },
  ],
};

const returnForm = {
  ...procedure,
  procedure: wardReturnProcedure,
  formVersion: '2026-01',
  title: '特別区民税・都民税の申告',
  fields: wardReturnFields.map(({ name, label, required }) => ({ name, label, required })),
};

/** A signature card as the card service issues it, good at the moment of the test. */
const cardFile = await (async () => {
  await using jpki = await aJpki({ now: Temporal.Now.instant().subtract({ hours: 1 }).toString() });
  const residentRecordCode = `1000000000${modulus11CheckDigit('1000000000')}`;
  return unwrap(await issueCard(jpki.jpki, conductor, { ...particulars, residentRecordCode })).cardFile;
})();
const card = unwrap(SoftwareCard.open(cardFile));

async function aPortalWithForms(): Promise<TestPortal> {
  const portal = await aPortal(authority, { procedures: [procedure, returnForm] });
  portal.state.persons.set('41', 'hanako').set('42', 'taro');
  portal.state.signatureAuthority = authorities.signature.certificate;
  return portal;
}
async function signedIn(portal: TestPortal, holder: typeof hanako) {
  const { text, seal } = newChallenge(portal.deps);
  const assertion = { certificate: holder.certificate, challenge: text, signature: await holder.sign(text) };
  return unwrap(await signInWithCard(portal.deps, { assertion, seal }));
}
async function signed(
  portal: TestPortal,
  more: { applicant?: object; fields?: Record<string, string>; procedure?: string; formVersion?: string } = {},
) {
  const { name, birthDate, sex, address } = particulars;
  const content = draftText(
    applicationContent.parse({
      v: 1,
      receiptNumber: portal.deps.newId(),
      organisation: 'meguro',
      procedure: more.procedure ?? 'TAX-001',
      formVersion: more.formVersion ?? '2026-04',
      applicant: { name, birthDate, sex, address, ...more.applicant },
      fields: more.fields ?? { 申告内容: '給与のみ' },
      at: portal.deps.machineClock.now().toString(),
    }),
  );
  return {
    content,
    certificate: Buffer.from(card.certificate('signature')).toString('base64'),
    signature: unwrap(await card.signChallenge(particulars.signaturePin, content, 'signature')),
  };
}
const own = async (portal: TestPortal, resident: Awaited<ReturnType<typeof signedIn>>['resident']) =>
  unwrap(await ownApplications(portal.deps, resident, { accountId: resident.subject }));

test('MNP-F2 MNP-F3 MNP-F4 署名用電子証明書で署名した申請は提出先だけが開ける形で預かられ、別のカードの人には見えず、別の団体には渡らない', async () => {
  await using portal = await aPortalWithForms();
  const { resident } = await signedIn(portal, hanako);
  const sent = await signed(portal);
  const { receiptNumber } = unwrap(await submitApplication(portal.deps, resident, sent));
  assert.deepEqual(await submitApplication(portal.deps, resident, sent), err('receipt-number-used'));
  assert.deepEqual(
    (await own(portal, resident)).map((a) => [a.receiptNumber, a.status, a.held]),
    [[receiptNumber, '10', true]],
  );
  const other = await signedIn(portal, taro);
  assert.deepEqual(await own(portal, other.resident), []);
  assert.deepEqual(
    await ownApplications(portal.deps, other.resident, { accountId: resident.subject }),
    err('not-yours'),
  );
  const [row] = await portal.owner<{ text: string }>(
    'select (select jsonb_agg(to_jsonb(x))::text from mynaportal.application x) || (select jsonb_agg(to_jsonb(x))::text from mynaportal.application_envelope x) as text',
  );
  for (const clear of ['給与のみ', particulars.name, particulars.address]) assert.ok(!row!.text.includes(clear));

  const at = 'portal/mynaportal';
  assert.deepEqual(
    unwrap(await portal.clients.otherPlatform.call(listApplications, at, {}, { limit: 10 })).applications,
    [],
  );
  assert.deepEqual(
    await portal.clients.otherPlatform.call(fetchApplication, at, {}, { receiptNumber }),
    err('no-such-application'),
  );
  const [waiting] = unwrap(await portal.clients.platform.call(listApplications, at, {}, { limit: 10 })).applications;
  assert.equal(waiting!.receiptNumber, receiptNumber);
  const { envelope } = unwrap(await portal.clients.platform.call(fetchApplication, at, {}, { receiptNumber }));
  const opened = unwrap(
    openJwe(envelope, {
      privateKey: portal.identities.platform.encryption.key,
      typ: applicationEnvelope,
      members: ['rcp'],
    }),
  );
  assert.equal(signedApplication.parse(JSON.parse(opened.plaintext.toString('utf8'))).content, sent.content);
  assert.deepEqual(portal.faults, []);
});

test('004 MNP-F3 様式にない項目、必須の項目の欠け、改ざんされた内容、失効した証明書の申請は受け付けない', async () => {
  await using portal = await aPortalWithForms();
  const { resident } = await signedIn(portal, hanako);
  const submit = async (more: Parameters<typeof signed>[1], spoil = (text: string) => text) => {
    const sent = await signed(portal, more);
    return submitApplication(portal.deps, resident, { ...sent, content: spoil(sent.content) });
  };
  assert.deepEqual(await submit({ fields: { 申告内容: 'x', 個人番号: 'y' } }), err('field-missing'));
  assert.deepEqual(await submit({ fields: {} }), err('field-missing'));
  assert.deepEqual(await submit({}, (text) => text.replace('給与のみ', '年金のみ')), err('signature-wrong'));
  assert.deepEqual(await submit({}, (text) => ` ${text}`), err('unreadable'));
  portal.state.jpkiDown = true;
  assert.deepEqual(await submit({}), err('status-unavailable'));
});

mechanismTest(
  'input.card-read-number',
  '004 III.2 申請者の氏名・住所はカードのもので、書き換えた申請は受け付けない',
  async () => {
    await using portal = await aPortalWithForms();
    const { resident } = await signedIn(portal, hanako);
    const sent = await signed(portal, { applicant: { address: '東京都世田谷区太子堂４丁目１番１号' } });
    assert.deepEqual(await submitApplication(portal.deps, resident, sent), err('particulars-differ'));
  },
);

mechanismTest(
  'retention.portal-empty',
  '002 MNP-F3 引き取られた申請も、5開庁日目を過ぎた申請も、ポータルには残らない',
  async () => {
    await using portal = await aPortalWithForms();
    const { resident } = await signedIn(portal, hanako);
    const one = unwrap(await submitApplication(portal.deps, resident, await signed(portal)));
    unwrap(await submitApplication(portal.deps, resident, await signed(portal)));
    const held = async () => (await portal.owner('select 1 from mynaportal.application_envelope')).length;
    const taken = { receiptNumber: one.receiptNumber, status: '20' as const };
    unwrap(await portal.clients.platform.call(takeOverApplication, 'portal/mynaportal', {}, taken));
    assert.equal(await held(), 1);
    const job = { kind: 'job', name: 'application-expiry' } as const;
    const lastDay = addOpenDays(portal.deps.civilClock.today(), keptOpenDays);
    const on = (day: Temporal.PlainDate) => ({ ...portal.deps, civilClock: { today: () => day } });
    assert.equal(unwrap(await expireApplications(on(lastDay), job)).length, 0);
    assert.equal(unwrap(await expireApplications(on(lastDay.add({ days: 1 })), job)).length, 1);
    assert.equal(await held(), 0);
    assert.deepEqual((await own(portal, resident)).map((a) => a.status).sort(), ['20', '90']);
  },
);

/** The ward's platform on its own database, fetching from this portal under its certificate. */
async function aWardThatFetches(portal: TestPortal) {
  const ward = await aPlatform('ward', {
    portal: 'portal/mynaportal',
    procedures: [
      {
        procedure: wardReturnProcedure,
        receiver: 'meguro/resident-tax',
        forms: [{ version: '2026-01', validFrom: '2026-01-01', validUntil: null }],
      },
    ],
  });
  const deps = { ...ward.deps, peers: portal.clients.platform, identity: portal.identities.platform };
  const { name, birthDate, sex, address } = particulars;
  const change = aChange(ward, { state: { name, birthDate, sex, address } });
  unwrap(await takeResidentChange(ward.deps, systemActor('meguro/resident-register'), received(change)));
  return {
    ward,
    fetch: async () => unwrap(await receiveApplications(deps, { kind: 'job', name: 'applications' })),
    /** What left for the tax office, opened as its inbox opens it. */
    async told() {
      const open = act('test.open-application', {
        right: ['common-platform', 'counts', 'read'],
        async run(tx, d: typeof deps, _query: object) {
          const sent = await tx<{ receiver: string; ref: string }>`
            select receiver, payload_ref as ref from streams.outgoing where family = 'platform.application'`;
          const messages = [];
          for (const { receiver, ref } of sent) {
            const opened = unwrap(await d.sealed.open(tx, ref as SealedId, 'test'));
            messages.push({ receiver, message: receivedApplication.parse(JSON.parse(unsalted(opened.toString()))) });
          }
          tx.record({ event: 'test.opened' });
          return ok(messages);
        },
      });
      return unwrap(await open(ward.deps, { kind: 'job', name: 'test' }, {}));
    },
    ended: (message: ApplicationOutcome, sender: string) =>
      takeApplicationOutcome(ward.deps, systemActor('meguro/resident-tax'), received(message, sender)),
    incidents: async () => unwrap(await findApplicationIncidents(deps, { kind: 'job', name: 'applications' })),
    tell: async () => unwrap(await tellApplicationEnds(deps, { kind: 'job', name: 'applications' })),
    lines: () =>
      ward.t.owner<{ receipt: string; state: string; why: string | null; ended: boolean }>(
        'select a.receipt_number as receipt, a.state, a.why, k.receipt_number is not null as ended from common_platform.application a left join common_platform.application_acknowledged k using (receipt_number)',
      ),
    [Symbol.asyncDispose]: () => ward[Symbol.asyncDispose](),
  };
}
/** The ward's tax system and its images, each on its own database and under the rights of the platform's certificate. */
async function aTaxOffice() {
  const i = await anIntake();
  const archive = await anArchive();
  const strict = { ...i.deps, rights: createRights(taxRights, 'meguro', { rolesOf: async () => ['levy-clerk'] }) };
  const clerk = { kind: 'staff', organisation: 'meguro', staffId: 'clerk-1', sessionId: 'clerk-1' } as const;
  const sent = async <M>(family: string, schema: z.ZodType<M>): Promise<M[]> => {
    const open = act('test.open-outgoing', {
      right: ['resident-tax', 'intake', 'read'],
      async run(tx, d: typeof i.deps, _query: object) {
        const rows = await tx<{ ref: string; id: string }>`
          select payload_ref as ref, message_id as id from streams.outgoing where family = ${family} order by message_id`;
        const messages: M[] = [];
        for (const { ref, id } of rows.filter((r) => !opened.has(r.id))) {
          opened.add(id);
          const text = unwrap(await d.sealed.open(tx, ref as SealedId, 'test')).toString();
          messages.push(schema.parse(JSON.parse(unsalted(text))));
        }
        tx.record({ event: 'test.opened' });
        return ok(messages);
      },
    });
    return unwrap(await open(i.deps, clerk, {}));
  };
  const opened = new Set<string>();
  return {
    i,
    clerk,
    /** The register's person of the card under the platform's number. */
    async knows(orgPersonNumber: string): Promise<string> {
      const [someone] = people(1, 'portal');
      const change = changeOf(i.deps, someone!, {
        name: particulars.name,
        birthDate: particulars.birthDate,
        address: particulars.address,
      });
      return unwrap(await arrive(i.deps, { ...change, orgPersonNumber }))!.personId;
    },
    receive: (message: ReceivedApplication) =>
      receivePortalReturn(strict, systemActor('meguro/common-platform'), received(message, 'meguro/common-platform')),
    finish: () =>
      finishIntakes(i.deps as Parameters<typeof finishIntakes>[0], { kind: 'job', name: 'resident-tax.intake' }),
    async image(documentId: string) {
      assert.equal(await handOverNext({ ...i.deps, taxDocuments: 'meguro/tax-documents' }), 'idle');
      for (const filed of await sent('tax-documents.filing', filedDocument)) unwrap(await bring(archive, filed));
      while ((await drawNext(archive.deps)) === 'more');
      return provideImage(archive.deps, taxSystem, { documentId, lookedAtBy: 'clerk-1' });
    },
    async ends() {
      unwrap(
        await tellPortalReturnEnds(strict, { kind: 'job', name: 'resident-tax.intake' }, 'meguro/common-platform'),
      );
      return sent('platform.application-outcome', applicationOutcome);
    },
    async [Symbol.asyncDispose]() {
      await archive[Symbol.asyncDispose]();
      await i[Symbol.asyncDispose]();
    },
  };
}

const wardReturn = { procedure: wardReturnProcedure, formVersion: '2026-01' };
const income = { 申告する年分: '2025', 給与の収入: '4,000,000', 給与の所得: '2,760,000', 所得の合計: '2,760,000' };
const envelopes = async (portal: TestPortal) =>
  (await portal.owner('select 1 from mynaportal.application_envelope')).length;

test('AC-09 月曜に署名した目黒花子の申告は2日目に基盤が取り込み、署名・発行者・失効を確かめて税務へ渡し、税務で本人の資料とイメージになり、5開庁日目にはポータルに残らず、状況が本人に戻る', async () => {
  await using portal = await aPortalWithForms();
  await using office = await aWardThatFetches(portal);
  await using tax = await aTaxOffice();
  const { resident } = await signedIn(portal, hanako);
  const monday = portal.deps.civilClock.today();
  assert.equal(monday.dayOfWeek, 1);
  const sent = await signed(portal, { ...wardReturn, fields: income });
  const { receiptNumber } = unwrap(await submitApplication(portal.deps, resident, sent));
  assert.equal(await envelopes(portal), 1);

  // Day 2: fetched once; signature, chain and revocation stood.
  assert.equal(await office.fetch(), 1);
  assert.equal(await office.fetch(), 0);
  assert.deepEqual(await office.lines(), [{ receipt: receiptNumber, state: 'accepted', why: null, ended: true }]);
  const [told] = await office.told();
  assert.equal(told!.receiver, 'meguro/resident-tax');
  // Byte for byte what the card signed, and of the one person whom the card's particulars name.
  assert.equal(told!.message.content, sent.content);
  const [person] = await office.ward.t.owner<{ n: string }>(
    'select org_person_number as n from common_platform.person',
  );
  assert.equal(told!.message.orgPersonNumber, person!.n);
  assert.deepEqual(unwrap(readWardReturnApplication(applicationContent.parse(JSON.parse(told!.message.content)))), {
    incomeYear: 2025,
    items: { ABB00080: '4000000', ABB00370: '2760000', ABB00410: '2760000' },
    telephone: undefined,
  });

  // RTX: the ledger, then the person's record; the number is the ward's own, and name and birth date agree with it.
  const personId = await tax.knows(told!.message.orgPersonNumber!);
  assert.deepEqual(unwrap(await tax.receive(told!.message)), { repeated: false });
  assert.deepEqual(unwrap(await tax.receive(told!.message)), { repeated: true });
  assert.deepEqual(await tax.finish(), { takenIn: 1, acknowledged: 0, faults: [] });
  const { documents } = unwrap(await readPerson(tax.i.deps, tax.clerk, { personId, fiscalYear: 2026 }));
  assert.deepEqual(
    documents.map((d) => [d.kind, d.use, d.payerName]),
    [['ward-return', 'counted', `電子申告 ${tax.i.deps.civilClock.today().toString().replaceAll('-', '')}P0000001`]],
  );
  const [kept] = await tax.i.t.owner<{ columns: { items: Record<string, string>; receipt: string } }>(
    'select columns from resident_tax.report',
  );
  assert.deepEqual(
    [kept!.columns.receipt, kept!.columns.items.ABB00080, kept!.columns.items.ABB00410],
    [receiptNumber, '4000000', '2760000'],
  );
  // IMG: drawn once, beside the data.
  assert.ok(unwrap(await tax.image(documents[0]!.reportId)).pages >= 1);

  // The clerks' page has states and days: nothing to take away.
  const clerk = { kind: 'staff', organisation: 'meguro', staffId: 'c1', sessionId: 'c1' } as const;
  const { rows } = unwrap(await readApplications(office.ward.deps, clerk, { offset: 0, limit: 10 }));
  assert.equal(rows.length, 1);
  assert.ok(!JSON.stringify(rows).includes('ABB') && !JSON.stringify(rows).includes('4,000,000'));

  // The source copy went with the hand-over; on the fifth open day there is nothing left to erase, and no incident.
  assert.equal(await envelopes(portal), 0);
  const job = { kind: 'job', name: 'application-expiry' } as const;
  const fifth = { ...portal.deps, civilClock: { today: () => addOpenDays(monday, 5) } };
  assert.deepEqual(unwrap(await expireApplications(fifth, job)), []);
  assert.equal((await tax.i.t.owner('select 1 from resident_tax.report')).length, 1);
  const status = async () => (await own(portal, resident)).map((a) => [a.status, a.held]);
  assert.deepEqual(await status(), [['20', false]]);

  // Its end goes back the way it came, once; another system's word about it counts for nothing.
  const [end] = await tax.ends();
  assert.deepEqual(end, { receiptNumber, outcome: 'completed' });
  assert.deepEqual(await office.ended(end!, 'meguro/accounts'), err('no-such-application'));
  assert.deepEqual(unwrap(await office.ended(end!, 'meguro/resident-tax')), { repeated: false });
  assert.deepEqual(unwrap(await office.ended(end!, 'meguro/resident-tax')), { repeated: true });
  assert.deepEqual(
    await office.ended({ receiptNumber, outcome: 'declined' }, 'meguro/resident-tax'),
    err('ended-before'),
  );
  assert.deepEqual([await office.tell(), await office.tell()], [1, 0]);
  assert.deepEqual(await status(), [['40', false]]);
  assert.deepEqual(
    await portal.clients.platform.call(endApplication, 'portal/mynaportal', {}, { receiptNumber, status: '50' }),
    err('ended-before'),
  );
  assert.deepEqual(
    await portal.clients.otherPlatform.call(endApplication, 'portal/mynaportal', {}, { receiptNumber, status: '40' }),
    err('no-such-application'),
  );
  assert.deepEqual(portal.faults, []);
});

test('CIP-F1 読み取れない電子申告は消さずに返戻とし、本人に伝わる。宛名を特定できない申告は担当者の突合に回る', async () => {
  await using tax = await aTaxOffice();
  const content = (fields: Record<string, string>, receiptNumber: string) => {
    const { name, birthDate, sex, address } = particulars;
    return draftText({
      v: 1,
      receiptNumber,
      organisation: 'meguro',
      ...wardReturn,
      applicant: { name, birthDate, sex, address },
      fields,
      at: '2026-02-02T00:00:00Z',
    });
  };
  await tax.knows('000000000000001');
  const send = async (fields: Record<string, string>) => {
    const receiptNumber = tax.i.deps.newId();
    const message = receivedApplication.parse({
      receiptNumber,
      ...wardReturn,
      content: content(fields, receiptNumber),
      certificateSerial: '41',
      orgPersonNumber: null,
      acceptedAt: '2026-02-02T00:00:00Z',
    });
    unwrap(await tax.receive(message));
    return receiptNumber;
  };
  const unreadable = await send({ ...income, 給与の収入: '約四百万' });
  const unnamed = await send(income);
  assert.deepEqual(await tax.finish(), { takenIn: 1, acknowledged: 0, faults: [] });
  assert.deepEqual(
    await tax.i.t.owner<object>(
      'select i.delivery_id as receipt, o.outcome, o.refusal from resident_tax.intake i join resident_tax.intake_outcome o using (intake_id) order by o.refusal',
    ),
    [
      { receipt: unreadable, outcome: 'refused', refusal: 'form-unreadable' },
      { receipt: unnamed, outcome: 'taken-in', refusal: null },
    ],
  );
  // Name, birth date and address agree, a number was never shown: nobody is linked by the rule.
  assert.deepEqual(await tax.i.t.owner<object>('select state, person_id as person from resident_tax.report_state'), [
    { state: 'candidates', person: null },
  ]);
  assert.deepEqual(
    (await tax.ends()).toSorted((a, b) => a.outcome.localeCompare(b.outcome)),
    [
      { receiptNumber: unnamed, outcome: 'completed' },
      { receiptNumber: unreadable, outcome: 'declined' },
    ],
  );
  assert.deepEqual(await tax.ends(), []);
});

test('AC-10 失効した証明書の申告は隔離され、税務へは何も渡らず、件数だけが残り、申請者に状況が伝わる', async () => {
  await using portal = await aPortalWithForms();
  await using office = await aWardThatFetches(portal);
  const { resident } = await signedIn(portal, hanako);
  const sent = await signed(portal, { ...wardReturn, fields: income });
  const { receiptNumber } = unwrap(await submitApplication(portal.deps, resident, sent));
  // The card was reported lost after it had signed.
  portal.state.revoked.add(
    new X509Certificate(Buffer.from(sent.certificate, 'base64')).serialNumber.toLowerCase().replace(/^0+/, ''),
  );
  assert.equal(await office.fetch(), 1);
  assert.deepEqual(await office.lines(), [
    { receipt: receiptNumber, state: 'quarantined', why: 'certificate-revoked', ended: true },
  ]);
  assert.deepEqual(await office.told(), []);
  assert.equal(await envelopes(portal), 0);
  assert.deepEqual(
    (await own(portal, resident)).map((a) => [a.receiptNumber, a.status, a.held]),
    [[receiptNumber, '50', false]],
  );
  // A card that is revoked already gets no further than the portal.
  const again = await submitApplication(portal.deps, resident, await signed(portal, { ...wardReturn, fields: income }));
  assert.deepEqual(again, err('certificate-revoked'));
});

test('AC-11 引き取られない申請は3開庁日目と4開庁日目に一度ずつ警報になり、5開庁日目の後に消え、受付番号だけの事故の記録が残る', async () => {
  await using portal = await aPortalWithForms();
  const { resident } = await signedIn(portal, hanako);
  const { receiptNumber } = unwrap(await submitApplication(portal.deps, resident, await signed(portal)));
  const job = { kind: 'job', name: 'application-expiry' } as const;
  const on = (openDays: number) => {
    const day = addOpenDays(portal.deps.civilClock.today(), openDays);
    return { ...portal.deps, civilClock: { today: () => day } };
  };
  const told = async (openDays: number) => unwrap(await findUnfetched(on(openDays), job));
  assert.deepEqual(await told(2), []);
  const alert = (openDay: 3 | 4) => [{ platform: 'meguro/common-platform', openDay, applications: 1 }];
  assert.deepEqual([await told(3), await told(3)], [alert(3), []]);
  assert.deepEqual([await told(4), await told(4)], [alert(4), []]);
  assert.deepEqual(unwrap(await expireApplications(on(5), job)), []);
  const gone = [{ receiptNumber, platform: 'meguro/common-platform' }];
  assert.deepEqual(unwrap(await expireApplications(on(6), job)), gone);
  assert.deepEqual(unwrap(await expireApplications(on(6), job)), []);
  assert.deepEqual(await told(6), []);
  // The body whose connector was down learns it once it is back, and it is a clerk's work until somebody says what was done.
  await using office = await aWardThatFetches(portal);
  const found = () => office.incidents();
  assert.deepEqual([await found(), await found()], [1, 0]);
  const member = (staffId: string) => ({ ...staffActor(staffId), organisation: 'meguro' });
  const open = async () =>
    unwrap(await readApplicationIncidents(office.ward.deps, member('c1'), { open: true, offset: 0, limit: 10 }));
  const [item] = (await open()).rows;
  assert.deepEqual([item!.receiptNumber, item!.procedure, item!.closedBy], [receiptNumber, 'TAX-001', null]);
  assert.ok(!JSON.stringify(item).includes(particulars.name));
  const close = (who: string, done: string) =>
    closeApplicationIncident(office.ward.deps, member(who), { receiptNumber, done });
  assert.deepEqual(await close('c1', ' '), err('done-missing'));
  assert.deepEqual(await close('e1', '連絡'), err('not-authorised'));
  unwrap(await close('c1', '受付番号で本人に連絡し、再申請を案内'));
  assert.deepEqual(await close('c2', '同じ'), err('closed-before'));
  assert.equal((await open()).total, 0);
  const incidents = await portal.owner<object>('select * from mynaportal.application_incident');
  assert.equal(incidents.length, 1);
  const text = JSON.stringify(incidents);
  assert.ok(text.includes(receiptNumber) && !text.includes('給与のみ') && !text.includes(particulars.name));
  assert.equal(await envelopes(portal), 0);
  assert.deepEqual(
    (await own(portal, resident)).map((a) => [a.receiptNumber, a.status, a.held]),
    [[receiptNumber, '90', false]],
  );
});

test('MNP-F1 ポータル: 手続を探し、様式の記入、カードからの転記、署名と送信をキーボードで行える（実ブラウザー、axe違反なし）', async () => {
  await using portal = await aPortalWithForms();
  await withPage(async (page) => {
    const good = async (name: string): Promise<void> => {
      await expectAccessible(page);
      await screenshot(page, `portal-${name}`);
    };
    const fileOf = (text: string) => ({ name: 'card.json', mimeType: 'application/json', buffer: Buffer.from(text) });
    const sent: string[] = [];
    page.on('request', (request) => sent.push(request.postData() ?? ''));
    await page.goto(`${portal.origin}/applications`);
    await page.setInputFiles('#card-file', fileOf(hanako.file));
    await page.focus('#card-pin');
    await page.keyboard.type('1234');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/applications');
    await good('applications');
    await page.getByLabel('手続や自治体の名前').focus();
    await page.keyboard.type('自動車');
    await page.keyboard.press('Enter');
    await page.getByText('「自動車」に当てはまる手続はありません').waitFor();
    await page.getByLabel('手続や自治体の名前').fill('目黒区 申告');
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: procedure.title, exact: true }).focus();
    await page.keyboard.press('Enter');
    await page.getByLabel('申告する内容').focus();
    await page.keyboard.type('給与のみ');
    await page.setInputFiles('#card-file', fileOf(cardFile));
    await page.getByRole('button', { name: '内容の確認へ進む' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('確認の欄に印を付けてください').waitFor();
    await good('application-form');
    await page.getByLabel('利用目的と注意事項を確かめました').focus();
    await page.keyboard.press('Space');
    await page.setInputFiles('#card-file', fileOf(cardFile));
    await page.getByRole('button', { name: '内容の確認へ進む' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText(particulars.address).waitFor();
    await good('application-confirm');
    await page.setInputFiles('#card-file', fileOf(cardFile));
    await page.focus('#card-pin');
    await page.keyboard.type(particulars.signaturePin);
    await page.keyboard.press('Enter');
    await page.getByText('申請を送信しました').waitFor();
    await good('application-sent');
    assert.ok(sent.every((text) => !text.includes(particulars.signaturePin) && !text.includes('sealedKey')));
  });
  assert.deepEqual(portal.faults, []);
});
