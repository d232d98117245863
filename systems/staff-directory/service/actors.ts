import type { Actor } from '@musubi/kernel/db/act.ts';

/** Whoever is signing in is nobody yet: the directory itself acts. */
export const signInActor: Actor = { kind: 'job', name: 'staff-directory.sign-in' };
export const townActor: Actor = { kind: 'job', name: 'staff-directory.town' };

/** Who stands behind an act, as a fact names it. */
export const nameOf = (actor: Actor): string =>
  actor.kind === 'staff' ? actor.staffId : actor.kind === 'job' ? actor.name : actor.kind;
