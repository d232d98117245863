import path from 'node:path';
import { inquire, provide } from '@musubi/contracts/exchange/endpoints.ts';
import type { InquiryStatement, Permit } from '@musubi/contracts/exchange/messages.ts';
import { commitmentOf, messageTypes, signMessage } from '@musubi/contracts/exchange/signed.ts';
import { systemMachineClock } from '@musubi/kernel/clocks/clock.ts';
import { sha256Base64url } from '@musubi/kernel/crypto/digest.ts';
import { exportP256, generateP256 } from '@musubi/kernel/crypto/p256.ts';
import { createPeerClient, type PeerClient } from '@musubi/kernel/http/client.ts';
import { uuidV7Maker } from '@musubi/kernel/ids/uuid.ts';
import type { Identity } from '@musubi/kernel/pki/identity.ts';
import { readIdentity } from '@musubi/kernel/pki/identity-files.ts';
import { joinPki } from '@musubi/kernel/pki/join.ts';
import { systemRandom } from '@musubi/kernel/random/random.ts';
import { count, observe } from './observe.ts';
import { eventually, expect, type Step, type WalkContext } from './walk.ts';

const newId = uuidV7Maker(systemMachineClock, systemRandom);
const aNonce = (): string => Buffer.from(systemRandom.bytes(32)).toString('base64url');

interface Rogue extends AsyncDisposable {
  readonly identity: Identity;
  readonly peers: PeerClient;
}

/** What a faithless operator could do who has the key files of an instance: the same keys and certificates, other messages. */
async function rogueAt(context: WalkContext, process: string, organisation: string, system: string): Promise<Rogue> {
  const { plan } = context.town;
  const directory = path.join(plan.home, process, system, 'identity');
  const identity = await readIdentity(directory, { organisation, system });
  const [config] = plan.configs.values();
  if (!identity || !config) throw new Error(`${organisation}/${system} has no identity yet`);
  const { trust, repository } = await joinPki({
    directory,
    party: { organisation, system },
    url: config.pki.url,
    rootFile: plan.rootFile,
    enrolmentToken: undefined,
    machineClock: systemMachineClock,
  });
  const peers = createPeerClient({
    identity,
    trust,
    machineClock: systemMachineClock,
    directory: (peer) => config.directory[peer],
  });
  return {
    identity,
    peers,
    async [Symbol.asyncDispose]() {
      await peers.close();
      await repository[Symbol.asyncDispose]();
    },
  };
}

const codeAt = async (context: WalkContext, organisation: string): Promise<string> => {
  const [row] = await observe<{ code: string }>(
    context.town,
    `${organisation}/intermediate-server`,
    'select linkage_code as code from intermediate_server.linkage order by acquired_on, org_person_number limit 1',
  );
  expect(row, `${organisation} holds no linkage code`);
  return row.code;
};

function aStatement(identity: Identity, linkageCode: string, more: Partial<InquiryStatement> = {}) {
  const nonce = aNonce();
  const said: InquiryStatement = {
    v: 1,
    inquiryNumber: newId(),
    asker: 'tokyo',
    procedure: 'MS2-009',
    informationCode: 'TKX-0001',
    items: ['課税区分'],
    condition: { taxYear: 2026 },
    provider: 'meguro',
    answerKey: exportP256(generateP256().publicKey),
    subjectCommitment: commitmentOf(nonce, linkageCode),
    at: systemMachineClock.now().toString(),
    ...more,
  };
  return { said, statement: signMessage(identity, messageTypes.inquiry, said), linkageCode, nonce };
}

export const refuseWrongInquiries: Step = {
  id: '8',
  title: '許可のない照会、期限切れ・再使用の許可、他機関の符号が拒まれ、その記録が残る',
  async run(context) {
    await using tokyo = await rogueAt(context, 'tokyo', 'tokyo', 'intermediate-server');
    await using network = await rogueAt(context, 'ins', 'ins', 'information-providing-network');
    const [own, foreign] = [await codeAt(context, 'tokyo'), await codeAt(context, 'meguro')];
    const words: Record<string, string> = {};
    const refusedAs = async (
      what: string,
      expected: string,
      answer: { ok: boolean; error?: string },
    ): Promise<void> => {
      expect(
        !answer.ok && answer.error === expected,
        `${what}: expected ${expected}, got ${answer.ok ? 'an answer' : answer.error}`,
      );
      words[what] = expected;
    };
    const ask = (inquiry: ReturnType<typeof aStatement>) =>
      tokyo.peers.call(
        inquire,
        'ins/information-providing-network',
        {},
        { statement: inquiry.statement, linkageCode: inquiry.linkageCode, nonce: inquiry.nonce },
        { idempotencyKey: newId() },
      );
    const give = (order: { statement: string; permit: string; linkageCode: string; nonce: string }) =>
      network.peers.call(provide, 'meguro/intermediate-server', {}, order, { idempotencyKey: newId() });

    await refusedAs(
      'itemNotAllowed',
      'item-not-on-list',
      await ask(aStatement(tokyo.identity, own, { items: ['給与収入金額'] })),
    );
    await refusedAs('otherBodysCode', 'not-your-linkage-code', await ask(aStatement(tokyo.identity, foreign)));

    const sound = aStatement(tokyo.identity, own);
    const permitFor = (more: Partial<Permit>) => {
      const nonce = aNonce();
      const now = systemMachineClock.now();
      const permit: Permit = {
        v: 1,
        permitNumber: newId(),
        inquiryNumber: sound.said.inquiryNumber,
        statement: sha256Base64url(sound.statement),
        provider: 'meguro',
        subjectCommitment: commitmentOf(nonce, foreign),
        listVersion: '2026-04-01',
        listRow: '009-TKX-0001-W',
        issuedAt: now.toString(),
        acceptUntil: now.add({ minutes: 5 }).toString(),
        ...more,
      };
      return {
        statement: sound.statement,
        permit: signMessage(network.identity, messageTypes.permit, permit),
        linkageCode: foreign,
        nonce,
      };
    };
    const past = systemMachineClock.now().subtract({ minutes: 10 });
    await refusedAs(
      'expiredPermit',
      'permit-expired',
      await give(permitFor({ issuedAt: past.toString(), acceptUntil: past.add({ minutes: 5 }).toString() })),
    );

    const used = permitFor({});
    const first = await give(used);
    expect(first.ok, `a sound permit was refused: ${first.ok ? '' : first.error}`);
    await refusedAs('replayedPermit', 'permit-used', await give(used));

    const recorded = await count(
      context.town,
      'ins/information-providing-network',
      `select 1 from information_providing_network.refusal where refusal in ('item-not-on-list', 'not-your-linkage-code')`,
    );
    // The log numbers events a moment after they commit.
    const refusedEvents = await eventually('the refusals in the provider’s log', async () => {
      const n = await count(
        context.town,
        'meguro/intermediate-server',
        `select 1 from audit.entry where body like '%permit-used%' or body like '%permit-expired%'`,
      );
      return n >= 2 ? n : undefined;
    });
    expect(recorded >= 2, 'the network did not record its refusals');
    return { ...words, recordedAtNetwork: recorded, recordedAtProvider: refusedEvents };
  },
};
