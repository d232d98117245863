import path from 'node:path';
import { act } from '@musubi/kernel/db/act.ts';
import { appUrl, at, provisionDatabase, withClient } from '@musubi/kernel/db/provision.ts';
import { ok, unwrap } from '@musubi/kernel/result/result.ts';
import { kernelSchemas } from '@musubi/kernel/serve/schemas.ts';
import { definition as municipal } from '@musubi/municipal-juki/main.ts';
import { reconcile } from '@musubi/municipal-juki/service/reconcile.ts';
import { definition as register } from '@musubi/resident-register/main.ts';
import { openRegistry, startInstance } from './instances.ts';
import { type LoadedRegister, startPrefecture } from './notices.ts';
import { type Municipality, type Person, personOf } from './people.ts';

export interface ReconcileFigures {
  readonly reconcile_s: number;
  readonly reconcile_found: number;
  readonly reconcile_false: number;
  readonly reconcile_mb: number;
  readonly records: number;
}

const differences = 50;
const wanted = 300_000;

/**
 * 整合性確認 of the municipality that is nearest to 300,000 residents, with fifty planted differences: register, municipal server and
 * prefecture over TLS, from the first call to the result at both ends. Loading the municipality's register is not counted.
 */
export async function run(ctx: LoadedRegister): Promise<ReconcileFigures> {
  const registry = await openRegistry();
  const here = ctx.places
    .toSorted((a, b) => Math.abs(a.to - a.from - wanted) - Math.abs(b.to - b.from - wanted))
    .at(0)!;
  const ward = `ward-${here.code}`;
  const start = async (system: string, definition: typeof municipal, settings: Record<string, unknown>) => {
    const database = `${ctx.database}_${system.replaceAll('-', '_')}`;
    const schemas = [...kernelSchemas, ...definition.schemas];
    await provisionDatabase(ctx.adminUrl, { database, appPassword: ctx.appPassword, schemas });
    const home = path.join(ctx.home, system);
    const id = `${ward}/${system}`;
    const databaseUrl = appUrl(ctx.adminUrl, database, ctx.appPassword);
    const keysDirectory = path.join(home, 'keys');
    const started = await startInstance({
      registry,
      id,
      definition,
      databaseUrl,
      home,
      keysDirectory,
      code: here.code,
      settings,
    });
    return { started, database };
  };
  await using prefecture = await startPrefecture(ctx, registry);
  const server = await start('municipal-juki', municipal, {
    residentRegister: `${ward}/resident-register`,
    prefecturalJuki: prefecture.id,
    nationalJuki: 'jlis/national-juki',
  });
  await using mcs = server.started;
  const own = await start('resident-register', register, { municipalJuki: mcs.id });
  await using ledger = own.started;
  const planted = await fill(ctx, own.database, here, ledger.host.deps);
  const began = performance.now();
  const found = await reconcile(
    mcs.host.peers,
    mcs.deps,
    { kind: 'job', name: 'municipal-juki.reconciliation' },
    'monthly',
  );
  const seconds = (performance.now() - began) / 1_000;
  const codes = found.differences.map((d) => d.residentRecordCode);
  return {
    reconcile_s: Math.round(seconds * 100) / 100,
    reconcile_found: codes.filter((code) => planted.has(code)).length,
    reconcile_false: codes.filter((code) => !planted.has(code)).length,
    reconcile_mb: Math.round(found.bytes / 1e4) / 100,
    records: found.records,
  };
}

/** The municipality's own register as the prefecture has it, but for fifty people. @returns whose codes differ */
async function fill(
  ctx: LoadedRegister,
  database: string,
  here: Municipality,
  deps: Parameters<ReturnType<typeof loader>>[0],
): Promise<Set<string>> {
  const people = Array.from({ length: here.to - here.from }, (_, k) => personOf(here.from + k, here));
  const step = Math.floor(people.length / differences);
  const differing = people.filter((_, k) => k % step === 0).slice(0, differences);
  const codes = new Set(differing.map((p) => p.residentRecordCode));
  // By turns: another address, another reading, nobody here, and one more here than there.
  const rows = people.flatMap((person, k) => {
    if (!codes.has(person.residentRecordCode)) return [person];
    const kind = (k / step) % 3;
    if (kind === 0) return [{ ...person, address: `${person.address}の１` }];
    return kind === 1 ? [{ ...person, nameKana: `${person.nameKana}ー` }] : [];
  });
  unwrap(await loader()(deps, { kind: 'job', name: 'bench' }, rows));
  await withClient(at(ctx.adminUrl, database), async (client) => {
    await client.query('analyze resident_register.resident');
  });
  // Those that the prefecture may differ on for a reason of the bench's own (notices sent before) are brought in step.
  await withClient(at(ctx.adminUrl, ctx.database), async (client) => {
    await client.query(
      `update prefectural_juki.identification set address = split_part(address, '　転居', 1) where municipality_code = $1 and address like '%転居%'`,
      [here.code],
    );
  });
  return codes;
}

const loader = () =>
  act('bench.fill-register', {
    right: ['streams', 'relay', 'update'],
    async run(tx, _deps: Parameters<Parameters<typeof act>[1]['run']>[1], people: readonly Person[]) {
      const quoted = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\t', '\\t');
      const line = (p: Person): string =>
        `${[
          crypto.randomUUID(),
          1,
          p.residentRecordCode,
          p.residentRecordCode,
          crypto.randomUUID(),
          'resident',
          p.name,
          p.nameKana,
          '-',
          '-',
          p.birthDate,
          p.sex,
          p.address,
          p.residentRecordCode,
          '世帯主',
          p.becameResidentOn,
          false,
          'initial-load',
          p.changedOn,
          p.changedOn,
          'S-1',
          'T-1',
          crypto.randomUUID(),
          '2026-06-01T00:00:00Z',
          tx.eventId,
        ]
          .map((value) => quoted(`${value}`))
          .join('\t')}\n`;
      await tx.copyIn(
        `copy resident_register.resident (person_id, sequence, addressee_number, resident_record_code, number_ref, status, name,
           name_kana, name_key, kana_key, birth_date, sex, address, household_number, relationship, became_resident_on,
           address_protected, reason, changed_on, filed_on, operator_id, terminal_id, change_id, recorded_at, event_id) from stdin`,
        people.map(line),
      );
      tx.record({ event: 'bench.filled' });
      return ok(undefined);
    },
  });
