import { disagreementOf, type Word } from '@musubi/information-providing-network/domain/compare-records.ts';

/** Reads a place's database behind its back. */
export type Look = <Row extends object>(place: string, statement: string) => Promise<readonly Row[]>;

export interface ExchangePlaces {
  readonly asker: string;
  readonly provider: string;
  readonly network: string;
}

export interface ExchangeViolation {
  readonly kind:
    | 'answer-without-three-records'
    | 'records-disagree'
    | 'no-stated-end'
    | 'key-left'
    | 'double-answer'
    | 'record-without-act'
    | 'unnumbered-event';
  /** Inquiry number or table; never a person. */
  readonly subject: string;
}

interface Standing extends Word {
  readonly number: string;
}

const factTables = {
  server: [
    'inquiry',
    'inquiry_result',
    'inquiry_refused',
    'accepted_permit',
    'provision',
    'exchange_record',
    'lodged_copy',
  ].map((table) => `intermediate_server.${table}`),
  network: ['inquiry', 'outcome', 'refusal'].map((table) => `information_providing_network.${table}`),
};

/**
 * Everything that must not be, once all is calm: an answer that is not on record on all sides, an inquiry without an end, a record
 * without its event, a private key that outlived its inquiry, one permit answered twice.
 */
export async function findExchangeViolations(look: Look, places: ExchangePlaces): Promise<ExchangeViolation[]> {
  const { asker, provider, network } = places;
  const records = (role: string) => `
    select distinct on (inquiry_number) inquiry_number::text as number, result, refusal from intermediate_server.exchange_record
     where role = '${role}' and inquiry_number is not null order by inquiry_number, (result is not null) desc, recorded_at desc`;
  const [asked, given, between, answers, open, keys, doubled] = await Promise.all([
    look<Standing>(asker, records('asker')),
    look<Standing>(provider, records('provider')),
    look<Standing & { has: boolean }>(
      network,
      `select i.inquiry_number::text as number, o.result, o.refusal, o.outcome_id is not null as has
         from information_providing_network.inquiry i left join lateral (
           select * from information_providing_network.outcome o where o.inquiry_number = i.inquiry_number
            order by (o.kind = 'answered') desc, o.outcome_at desc limit 1) o on true`,
    ),
    look<{ number: string }>(
      asker,
      `select inquiry_number::text as number from intermediate_server.inquiry_result where result = '00'`,
    ),
    look<{ number: string }>(
      asker,
      `select inquiry_number::text as number from intermediate_server.inquiry i
        where not exists (select from intermediate_server.inquiry_result r where r.inquiry_number = i.inquiry_number)
          and not exists (select from intermediate_server.inquiry_refused r where r.inquiry_number = i.inquiry_number)
          and not exists (select from intermediate_server.inquiry_held h where h.inquiry_number = i.inquiry_number)`,
    ),
    look<{ number: string }>(
      asker,
      `select k.inquiry_number::text as number from intermediate_server.inquiry_key k
        where exists (select from intermediate_server.inquiry_result r where r.inquiry_number = k.inquiry_number)
           or exists (select from intermediate_server.inquiry_refused r where r.inquiry_number = k.inquiry_number)`,
    ),
    look<{ number: string }>(
      provider,
      `select inquiry_number::text as number from intermediate_server.exchange_record
        where role = 'provider' and result is not null and result <> '60' group by 1 having count(*) > 1`,
    ),
  ]);
  const byNumber = <T extends { readonly number: string }>(rows: readonly T[]) =>
    new Map(rows.map((row) => [row.number, row]));
  const sides = { asker: byNumber(asked), provider: byNumber(given), network: byNumber(between) };
  const found: ExchangeViolation[] = [];
  const add = (kind: ExchangeViolation['kind'], subject: string): void => void found.push({ kind, subject });
  for (const { number } of answers) {
    const agree = [sides.asker, sides.provider, sides.network].every((side) => side.get(number)?.result === '00');
    if (!agree) add('answer-without-three-records', number);
  }
  for (const [number, own] of sides.network) {
    const three = {
      network: own.has ? own : null,
      asker: sides.asker.get(number),
      provider: sides.provider.get(number),
    };
    const disagreement = disagreementOf(three);
    // An answer that nobody took is a stated end; who asks again makes a new inquiry.
    if (disagreement !== undefined && disagreement !== 'not-taken') add('records-disagree', number);
  }
  for (const { number } of open) add('no-stated-end', number);
  for (const { number } of keys) add('key-left', number);
  for (const { number } of doubled) add('double-answer', number);
  for (const [place, tables] of [
    [asker, factTables.server],
    [provider, factTables.server],
    [network, factTables.network],
  ] as const) {
    for (const table of tables) {
      const [row] = await look<{ n: number }>(
        place,
        `select count(*)::int as n from audit.fact_differences('${table}') where erased_event_id is null`,
      );
      if (row!.n > 0) add('record-without-act', table);
    }
    const [left] = await look<{ n: number }>(place, 'select count(*)::int as n from audit.intake_event');
    if (left!.n > 0) add('unnumbered-event', place);
  }
  return found;
}
