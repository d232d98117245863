import assert from 'node:assert/strict';
import type { LoadedPerson } from '@musubi/contracts/juki/load.ts';
import { type ResidentNotice, residentChanges } from '@musubi/contracts/juki/notices.ts';
import { systemMachineClock } from '@musubi/kernel/clocks/clock.ts';
import { act } from '@musubi/kernel/db/act.ts';
import { makeIndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { makeResidentRecordCode } from '@musubi/kernel/identifiers/resident-record-code.ts';
import { systemRandom } from '@musubi/kernel/random/random.ts';
import { ok, unwrap } from '@musubi/kernel/result/result.ts';
import { type Answer, digestOf, encode, readAnswer, salted } from '@musubi/kernel/streams/envelope.ts';
import { httpTransport } from '@musubi/kernel/streams/http.ts';
import { signedCodec } from '@musubi/kernel/streams/signed-codec.ts';
import { loadTown } from '@musubi/resident-register/service/load-town.ts';
import { type Chain, type Member, trust } from './chain-world.ts';

/* People, notices and envelopes for tests of the register chain. */

export const conductor = { kind: 'system', organisation: 'town', system: 'conductor', certificate: 'c' } as const;
export const day = (text: string): Temporal.PlainDate => Temporal.PlainDate.from(text);

export const aPerson = (more: Partial<LoadedPerson> = {}): LoadedPerson => ({
  individualNumber: makeIndividualNumber(systemRandom).digits(),
  residentRecordCode: makeResidentRecordCode(systemRandom),
  name: '佐藤　花子',
  nameKana: 'サトウ　ハナコ',
  birthDate: '1980-04-01',
  sex: 'female',
  address: '東京都目黒区上目黒二丁目1番1号',
  postalCode: null,
  household: 'h',
  relationship: '世帯主',
  becameResidentOn: '2015-04-01',
  ...more,
});

export async function loadPersons(chain: Chain, register: Member, persons: readonly LoadedPerson[]): Promise<void> {
  for (let from = 0, chunk = 0; from < persons.length; from += 200, chunk++) {
    const part = persons.slice(from, from + 200);
    const command = { loadId: register.newId(), chunk, persons: part };
    assert.equal(unwrap(await loadTown(register.deps, conductor, command)).accepted, part.length);
  }
  await chain.pump();
}

export const noticeOf = (
  person: LoadedPerson,
  more: Partial<Omit<ResidentNotice, 'items'>> = {},
  items: Partial<ResidentNotice['items']> = {},
): ResidentNotice => ({
  changeId: crypto.randomUUID(),
  reason: 'moved-within',
  changedOn: '2026-05-20',
  status: 'resident',
  becameResidentOn: '2015-04-01',
  sequence: 2,
  operatorId: 'S-1',
  terminalId: 'T-1',
  sourceAt: '2026-05-20T01:00:00Z',
  ...more,
  items: {
    residentRecordCode: person.residentRecordCode,
    name: person.name,
    nameGaijiCount: 0,
    nameKana: person.nameKana,
    birthDate: person.birthDate,
    sex: person.sex,
    address: person.address,
    addressGaijiCount: 0,
    individualNumber: person.individualNumber,
    municipalityCode: '131105',
    azaCode: '',
    formerSurname: null,
    formerSurnameGaijiCount: 0,
    formerSurnameKana: null,
    ...items,
  },
});

/** A sender that skips its own checks, as a faulty one would; nothing is delivered yet. */
export async function enqueueRaw(from: Member, receiver: string, messages: readonly ResidentNotice[]): Promise<void> {
  const enqueue = act('test.send-raw', {
    right: ['streams', 'relay', 'update'],
    async run(tx) {
      for (const message of messages)
        await from.host.outbox.enqueue(tx, {
          receiver,
          family: residentChanges,
          subject: message.items.residentRecordCode,
          message,
        });
      tx.record({ event: 'test.sent' });
      return ok(undefined);
    },
  });
  unwrap(await enqueue(from.host.deps, { kind: 'job', name: 'test' }, undefined));
}

/** The number that `receiver` awaits of `sender`. */
export async function awaited(receiver: Member, sender: string): Promise<number> {
  const [row] = await receiver.t.owner<{ n: number }>(
    'select next_number::int as n from streams.inbound where sender = $1 and family = $2',
    [sender, residentChanges.name],
  );
  return row?.n ?? 1;
}

/**
 * One envelope by hand, over TLS with a certificate of `sender`'s: what a program that speaks the protocol but does not keep to
 * the rules would send. `messages` may hold anything.
 */
export async function sendEnvelope(
  chain: Chain,
  receiver: Member,
  sender: string,
  messages: readonly { readonly number: number; readonly content: unknown }[],
): Promise<Answer> {
  const { client, identity } = await chain.outsider(sender);
  const codec = signedCodec({
    identity,
    trust,
    machineClock: systemMachineClock,
    encryptionChainOf: async () => receiver.host.identity.encryption.chain,
  });
  const batch = messages.map(({ number, content }) => {
    const body = salted(JSON.stringify(content), systemRandom.bytes(16));
    return { number, messageId: crypto.randomUUID(), digest: digestOf(body).toString('base64url'), body };
  });
  const { name, class: kind } = residentChanges;
  const bytes = encode({ v: 1, from: sender, to: receiver.id, family: name, class: kind, messages: batch });
  const envelope = await codec.seal(bytes, receiver.id);
  const answer = await httpTransport(client).send(receiver.id, envelope, AbortSignal.timeout(5_000));
  return unwrap(readAnswer(await codec.open(answer, receiver.id), envelope));
}

export const inTokyo = async (chain: Chain, code: string) =>
  (
    await chain.member('tokyo/prefectural-juki').t.owner<{
      person_id: string;
      status: string;
      municipality_code: string;
      name_kanji: string;
      address: string;
      change_reason: string;
      change_id: string;
      retroactive: boolean;
      deleted_flag: boolean;
      notice_received_date: string;
      update_sequence_no: number;
    }>(
      `select person_id, status, municipality_code, name_kanji, address, change_reason, change_id, retroactive, deleted_flag,
              notice_received_date::text, update_sequence_no from prefectural_juki.identification where resident_record_code = $1`,
      [code],
    )
  )[0];

export const inCountry = async (chain: Chain, code: string) =>
  (
    await chain
      .member('jlis/national-juki')
      .t.owner<{ status: string; municipality_code: string; change_reason: string; address: string }>(
        'select status, municipality_code, change_reason, address from national_juki.record where resident_record_code = $1',
        [code],
      )
  )[0];

export const journalOf = (chain: Chain, changeId: string) =>
  chain
    .member('tokyo/prefectural-juki')
    .t.owner<{ result: string; rule: string | null; items: string[] }>(
      'select result, rule, items from notice_journal.entry where change_id = $1 order by number',
      [changeId],
    );
