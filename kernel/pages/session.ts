import type { Actor, Right } from '../db/act.ts';

/** Who is looking at the page. Made by the sign-in (`kernel/access`); the page kit only reads it. */
export interface PageSession {
  readonly actor: Actor;
  /** The name shown in the header. */
  readonly displayName: string;
  /** 所属 or role, shown under the name. */
  readonly position?: string;
  /** At least 32 random bytes, kept on the server, new with every sign-in. Form tokens and flash messages hang on it. */
  readonly csrfSecret: Uint8Array;
}

export interface SessionReader {
  /** The session that the request's cookie names, or undefined where there is none or it has ended. */
  read(request: Request): Promise<PageSession | undefined>;
}

/**
 * What a page asks before it opens: a right that the actor must hold, any signed-in actor (the start page), or nobody
 * in particular (sign-in, problem pages). A page that declares none does not exist: `page` refuses it.
 */
export type PageRight = Right | 'signed-in' | 'public';

/** Whether this actor holds the right now. The act behind the page asks again in its own transaction. */
export type MayOpen = (actor: Actor, right: Right) => Promise<boolean>;

/** Whether this actor may open the page that is asked for; a refusal is recorded. `page` is method and pattern: `GET /persons/:id`. */
export type OpensPage = (actor: Actor, right: Right, page: string) => Promise<boolean>;
