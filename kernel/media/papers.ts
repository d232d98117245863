import type { Tx } from '../db/sql.ts';
import { enforced } from '../enforcement/enforcement.ts';
import { err, ok, type Result } from '../result/result.ts';
import type { MediaDeps } from './media.ts';

/* 所在管理簿: papers, forms, binders and boxes. Each has a number, place, holder, state and day until which it is kept; each move is an entry. */

export const paperKinds = { document: '文書', form: '帳票', binder: '簿冊', box: '文書箱' } as const;
export type PaperKind = keyof typeof paperKinds;
export const paperStates = { kept: '保管中', out: '持出中', missing: '所在不明', destroyed: '廃棄済' } as const;
export type PaperState = keyof typeof paperStates;

export interface Paper {
  readonly number: string;
  readonly kind: PaperKind;
  readonly title: string;
  readonly keepUntil: Temporal.PlainDate;
  readonly state: PaperState;
  readonly place: string;
  readonly holder: string;
  readonly dueOn: Temporal.PlainDate | undefined;
  readonly moves: number;
  readonly paperId: string;
}

/** Enters a paper at its first place. Facts: media.paper, media.paper_move. */
export async function registerPaper(
  tx: Tx,
  deps: MediaDeps,
  command: {
    readonly number: string;
    readonly kind: PaperKind;
    readonly title: string;
    readonly keepUntil: Temporal.PlainDate;
    readonly place: string;
    readonly holder: string;
    readonly by: string;
  },
): Promise<Result<{ readonly paperId: string }, 'number-not-a-number' | 'number-taken' | 'place-missing'>> {
  if (!/^[A-Z0-9][A-Z0-9-]{2,39}$/.test(command.number)) return err('number-not-a-number');
  if (command.place.trim() === '' || command.holder.trim() === '') return err('place-missing');
  const paperId = deps.newId();
  const made = await tx`
    insert into media.paper (paper_id, number, kind, title, keep_until, registered_by, registered_at, event_id)
    values (${paperId}, ${command.number}, ${command.kind}, ${command.title}, ${command.keepUntil}, ${command.by},
      ${deps.machineClock.now()}, ${tx.eventId})
    on conflict (number) do nothing returning 1`;
  if (made.length === 0) return err('number-taken');
  await insertMove(tx, deps, paperId, 1, { ...command, state: 'kept', dueOn: undefined, reason: '登録' });
  return ok({ paperId });
}

export interface Move {
  readonly number: string;
  /** Where the mover took it from: must be what the register says, so that two people do not move one binder from two places. */
  readonly from: string;
  readonly state: PaperState;
  readonly place: string;
  readonly holder: string;
  /** Day of return, where it goes out. */
  readonly dueOn: Temporal.PlainDate | undefined;
  readonly reason: string;
  readonly by: string;
}
export type MoveError =
  | 'no-such-paper'
  | 'not-at-that-place'
  | 'already-destroyed'
  | 'kept-until-later'
  | 'place-missing'
  | 'due-missing'
  | 'reason-missing';

/** A move as an entry: to another place, out of the house with its day of return, found missing, or destroyed once its term is over. */
export async function movePaper(tx: Tx, deps: MediaDeps, move: Move): Promise<Result<undefined, MoveError>> {
  const paper = await lockPaper(tx, move.number);
  if (!paper) return err('no-such-paper');
  if (enforced('media.location-register')) {
    if (paper.state === 'destroyed') return err('already-destroyed');
    if (paper.place !== move.from) return err('not-at-that-place');
    if (move.state === 'destroyed' && Temporal.PlainDate.compare(deps.civilClock.today(), paper.keepUntil) <= 0)
      return err('kept-until-later');
  }
  if (move.place.trim() === '' || move.holder.trim() === '') return err('place-missing');
  if (move.reason.trim() === '') return err('reason-missing');
  if ((move.state === 'out') !== (move.dueOn !== undefined)) return err('due-missing');
  await insertMove(tx, deps, paper.paperId, paper.moves + 1, move);
  return ok(undefined);
}

async function insertMove(
  tx: Tx,
  deps: MediaDeps,
  paperId: string,
  moveNo: number,
  move: Pick<Move, 'state' | 'place' | 'holder' | 'dueOn' | 'reason' | 'by'>,
): Promise<void> {
  await tx`
    insert into media.paper_move (paper_id, move_no, state, place, holder, due_on, reason, by_staff, at, civil_on, event_id)
    values (${paperId}, ${moveNo}, ${move.state}, ${move.place}, ${move.holder}, ${move.dueOn ?? null}, ${move.reason}, ${move.by},
      ${deps.machineClock.now()}, ${deps.civilClock.today()}, ${tx.eventId})`;
}

type PaperRow = Omit<Paper, 'keepUntil' | 'dueOn'> & { readonly keepUntil: string; readonly dueOn: string | null };
const toPaper = (row: PaperRow): Paper => ({
  ...row,
  keepUntil: Temporal.PlainDate.from(row.keepUntil),
  dueOn: row.dueOn === null ? undefined : Temporal.PlainDate.from(row.dueOn),
});

async function lockPaper(tx: Tx, number: string): Promise<Paper | undefined> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`media:paper:${number}`}, 0))`;
  const [row] = await tx<PaperRow>`
    select p.paper_id as "paperId", p.number, p.kind, p.title, p.keep_until::text as "keepUntil", m.state, m.place, m.holder,
           m.due_on::text as "dueOn", m.move_no as moves
      from media.paper p
      join lateral (select * from media.paper_move x where x.paper_id = p.paper_id order by move_no desc limit 1) m on true
     where p.number = ${number}`;
  return row && toPaper(row);
}

export interface PaperQuery {
  /** Only those missing, or out beyond their day. */
  readonly onlyWanted: boolean;
  readonly offset: number;
  readonly limit: number;
}

/** The register by number; what is wanted (missing, overdue) can be asked for alone. */
export async function listPapers(
  tx: Tx,
  today: Temporal.PlainDate,
  query: PaperQuery,
): Promise<{ rows: readonly Paper[]; total: number }> {
  const rows = await tx<PaperRow & { total: number }>`
    select p.paper_id as "paperId", p.number, p.kind, p.title, p.keep_until::text as "keepUntil", m.state, m.place, m.holder,
           m.due_on::text as "dueOn", m.move_no as moves, count(*) over () as total
      from media.paper p
      join lateral (select * from media.paper_move x where x.paper_id = p.paper_id order by move_no desc limit 1) m on true
     where not ${query.onlyWanted}::boolean or m.state = 'missing' or m.due_on < ${today}::date
     order by p.number limit ${query.limit} offset ${query.offset}`;
  return { rows: rows.map(toPaper), total: rows[0]?.total ?? 0 };
}
