import { setTimeout as delay } from 'node:timers/promises';
import { definition as childChronic } from '@musubi/child-chronic/main.ts';
import { definition as commonPlatform } from '@musubi/common-platform/main.ts';
import { linkageRequest, linkageRequestEnvelope, requestLinkageCode } from '@musubi/contracts/exchange/endpoints.ts';
import { readSigned } from '@musubi/contracts/exchange/signed.ts';
import { registerPerson } from '@musubi/contracts/platform/persons.ts';
import { openJwe } from '@musubi/kernel/crypto/jwe.ts';
import { route } from '@musubi/kernel/http/server.ts';
import { makeIndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { seededRandom } from '@musubi/kernel/random/random.ts';
import { err, ok, unwrap } from '@musubi/kernel/result/result.ts';
import { exchangeWorld, type Placed } from './exchange-world.ts';

const forAll = { validFrom: '2024-05-27' };

/**
 * The exchange with what stands before it in two bodies: the prefecture's 連携サーバー and its subsidy system, the ward's 連携基盤
 * and its tax system's certificate. The register's way to a linkage code ends at one stand-in that opens what is sealed to it.
 */
export async function organisationsWorld(options: Parameters<typeof exchangeWorld>[0] = {}) {
  const world = await exchangeWorld(options);
  const { identities, known, place } = world;
  known.set('jlis/national-juki', identities.register);
  const platform = (organisation: 'meguro' | 'tokyo', juki: string, settings: Record<string, unknown>) =>
    place(commonPlatform, organisation, {
      intermediateServer: `${organisation}/intermediate-server`,
      linkageVia: `${organisation}/${juki}`,
      nationalJuki: 'jlis/national-juki',
      ...settings,
    });
  const ground = '主務省令第2条の表';
  const ward = await platform('meguro', 'municipal-juki', {
    mode: 'ward',
    register: 'meguro/resident-register',
    taskBindings: [
      { system: 'resident-tax', kind: 'ask', code: 'MS2-048', ground, ...forAll },
      { system: 'resident-tax', kind: 'lodge', code: 'TKX-0001', ground, ...forAll },
    ],
  });
  const prefecture = await platform('tokyo', 'prefectural-juki', {
    mode: 'prefecture',
    taskBindings: [
      { system: 'child-chronic', kind: 'ask', code: 'MS2-009', ground, ...forAll },
      { system: 'child-chronic', kind: 'lodge', code: 'TKX-0014', ground, ...forAll },
    ],
  });
  const subsidy = await place(childChronic, 'tokyo', {});
  const residentTax = world.clientOf(await world.identityOf('meguro', 'resident-tax'));

  /** Individual Number → Resident Record Code, as the national register knows them. */
  const register = new Map<string, string>();
  const resolve = route(requestLinkageCode, async ({ body }) => {
    const at = world.machineClock.now();
    const asked = readSigned(body.request, 'musubi-linkage-request-envelope', linkageRequestEnvelope, world.trust, at);
    if (!asked.ok) return err('bad-signature');
    const privateKey = identities.register.encryption.key;
    const opened = unwrap(openJwe(asked.value.payload.sealed, { privateKey, typ: 'musubi-linkage-request' }));
    const content = linkageRequest.parse(JSON.parse(opened.plaintext.toString('utf8')));
    const code = 'individualNumber' in content ? register.get(content.individualNumber) : undefined;
    if (code === undefined) return err('no-such-person');
    unwrap(await world.derive(content.processingNumber, code));
    return ok({ accepted: true as const });
  });
  for (const [organisation, system] of [
    ['meguro', 'municipal-juki'],
    ['tokyo', 'prefectural-juki'],
  ] as const)
    world.directory.set(
      `${organisation}/${system}`,
      await world.serveAs(await world.identityOf(organisation, system), [resolve]),
    );

  const random = seededRandom('organisations world');
  let count = 0;
  const loops = new AbortController();
  const running = [ward, prefecture].map(({ instance }) => instance.loops?.[0]?.(loops.signal));
  const heldAt = async (at: Placed, orgPersonNumber: string): Promise<boolean> =>
    (
      await at.t.owner(
        `select 1 from common_platform.person join common_platform.linkage using (person_id)
          where org_person_number = $1 and state = 'held'`,
        [orgPersonNumber],
      )
    ).length === 1;
  const untilHeld = async (at: Placed, orgPersonNumber: string): Promise<void> => {
    for (let tries = 0; !(await heldAt(at, orgPersonNumber)); tries++) {
      if (tries > 300) throw new Error('the linkage code did not come');
      await delay(20);
    }
  };
  return {
    ...world,
    ward,
    prefecture,
    subsidy,
    residentTax,
    register,
    untilHeld,
    heldAt,
    /** A resident whom the national register knows. */
    resident(name: string, nameKana: string, birthDate = '1988-04-02') {
      const individualNumber = makeIndividualNumber(random).digits();
      count += 1;
      register.set(individualNumber, `8${String(count).padStart(10, '0')}`);
      const address = `東京都目黒区上目黒二丁目${count}番15号`;
      return { individualNumber, name, nameKana, birthDate, sex: 'female', address } as const;
    },
    /** The ward's tax system makes a resident known to the ward's platform, and the code comes. */
    async taxpayer(resident: ReturnType<typeof this.resident>): Promise<string> {
      const { orgPersonNumber } = unwrap(
        await residentTax.call(
          registerPerson,
          'meguro/common-platform',
          {},
          { requestId: world.newId(), system: 'resident-tax', ...resident },
        ),
      );
      await untilHeld(ward, orgPersonNumber);
      return orgPersonNumber;
    },
    async [Symbol.asyncDispose]() {
      loops.abort();
      await Promise.allSettled(running);
      await world[Symbol.asyncDispose]();
    },
  };
}
export type OrganisationsWorld = Awaited<ReturnType<typeof organisationsWorld>>;
