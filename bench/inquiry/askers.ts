import { X509Certificate } from 'node:crypto';
import path from 'node:path';
import { askAnotherBody, beginLinkage, deriveLinkageCode, lodgeCopies } from '@musubi/contracts/exchange/endpoints.ts';
import { sealedTypes } from '@musubi/contracts/exchange/signed.ts';
import { systemMachineClock } from '@musubi/kernel/clocks/clock.ts';
import { canonicalJson } from '@musubi/kernel/crypto/canonical-json.ts';
import { sealJwe } from '@musubi/kernel/crypto/jwe.ts';
import { createPeerClient } from '@musubi/kernel/http/client.ts';
import { uuidV7Maker } from '@musubi/kernel/ids/uuid.ts';
import { joinPki } from '@musubi/kernel/pki/join.ts';
import { systemRandom } from '@musubi/kernel/random/random.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { callers, type Places } from './places.ts';

const newId = uuidV7Maker(systemMachineClock, systemRandom);
/** Connections to the asking body's server; what is offered beyond them waits. */
const connections = 64;

export interface Person {
  readonly ward: string;
  readonly prefecture: string;
  readonly residentRecordCode: string;
  /** 市町村民税所得割額, yen; another for each person, so that a wrong person's answer is seen. */
  readonly levy: number;
}

/** The platforms and the register that the bench plays, each with its own certificate. */
export async function joinAsCallers(home: string, places: Places) {
  const joined = await Promise.all(
    callers.map(async (id) => {
      const [organisation, system] = id.split('/') as [string, string];
      const pki = await joinPki({
        directory: path.join(home, 'callers', organisation),
        party: { organisation, system },
        url: places.directory['government/government-pki']!,
        rootFile: places.rootFile,
        enrolmentToken: places.tokens[id],
        machineClock: systemMachineClock,
      });
      const client = createPeerClient({
        identity: pki.identity,
        trust: pki.trust,
        directory: (peer) => places.directory[peer],
        machineClock: systemMachineClock,
        connections,
      });
      return { client, repository: pki.repository };
    }),
  );
  const [tokyo, meguro, register] = joined as [(typeof joined)[0], (typeof joined)[0], (typeof joined)[0]];
  const [rootLeaf] = await register.repository.fetch({ organisation: 'ins', system: 'linkage-root' }, 'encryption');
  const recipient = new X509Certificate(rootLeaf!).publicKey;

  const link = async (organisation: 'meguro' | 'tokyo', orgPersonNumber: string, code: string): Promise<void> => {
    const platform = organisation === 'meguro' ? meguro.client : tokyo.client;
    const server = `${organisation}/intermediate-server`;
    const begun = unwrap(await platform.call(beginLinkage, server, {}, { requestId: newId(), orgPersonNumber }));
    const plaintext = canonicalJson({ v: 1, processingNumber: begun.processingNumber, residentRecordCode: code });
    const sealed = sealJwe({ recipient, typ: sealedTypes.rootRequest, plaintext: Buffer.from(plaintext) });
    unwrap(await register.client.call(deriveLinkageCode, 'ins/linkage-root', {}, { requestId: newId(), sealed }));
  };

  return {
    /** The ward's platform. */
    meguro: meguro.client,
    /** The prefecture's platform. */
    tokyo: tokyo.client,
    /** Persons known to both bodies, with a lodged copy in the ward: codes by the root process, copies by the platform. */
    async prepare(count: number): Promise<readonly Person[]> {
      const persons = Array.from({ length: count }, (_, i): Person => {
        const number = String(i + 1).padStart(14, '0');
        return {
          ward: `1${number}`,
          prefecture: `2${number}`,
          residentRecordCode: `9${number.slice(-10)}`,
          levy: 100_000 + i * 100,
        };
      });
      const queue = [...persons];
      const worker = async (): Promise<void> => {
        for (let person = queue.pop(); person; person = queue.pop()) {
          await link('meguro', person.ward, person.residentRecordCode);
          await link('tokyo', person.prefecture, person.residentRecordCode);
        }
      };
      await Promise.all([worker(), worker(), worker(), worker()]);
      for (let from = 0; from < count; from += 500) {
        const copies = persons.slice(from, from + 500).map((person, i) => ({
          row: i + 1,
          orgPersonNumber: person.ward,
          informationCode: 'TKX-0001',
          condition: { taxYear: 2026 },
          validFrom: '2026-06-01',
          items: {
            課税区分: '課税',
            市町村民税所得割額: person.levy,
            市町村民税均等割額: 3_000,
            合計所得金額: 4_000_000,
          },
          autoReplyBlocked: false,
          withheldFromPerson: false,
        }));
        const batch = { batchId: newId(), system: 'resident-tax', kind: 'difference' as const, copies };
        const lodged = unwrap(await meguro.client.call(lodgeCopies, 'meguro/intermediate-server', {}, batch));
        if (lodged.accepted !== copies.length) throw new Error(`${lodged.rejected.length} copies were rejected`);
      }
      return persons;
    },
    /** One inquiry of the prefecture about the levy; the word of the fault, or undefined where the answer is right. */
    async ask({ prefecture, levy }: Person): Promise<string | undefined> {
      const answer = await tokyo.client.call(
        askAnotherBody,
        'tokyo/intermediate-server',
        {},
        {
          requestId: newId(),
          asker: { system: 'child-chronic', staffId: 's-7', caseReference: 'C-1' },
          orgPersonNumber: prefecture,
          procedure: 'MS2-009',
          informationCode: 'TKX-0001',
          items: ['市町村民税所得割額', '課税区分'],
          condition: { taxYear: 2026 },
          provider: 'meguro',
        },
        { timeoutMs: 20_000 },
      );
      if (!answer.ok) return answer.error;
      const { result, items } = answer.value;
      const isRight =
        result === '00' &&
        Object.keys(items).length === 2 &&
        items.市町村民税所得割額 === levy &&
        items.課税区分 === '課税';
      return isRight ? undefined : 'wrong-answer';
    },
    async close(): Promise<void> {
      await Promise.all(
        joined.flatMap(({ client, repository }) => [client.close(), repository[Symbol.asyncDispose]()]),
      );
    },
  };
}
