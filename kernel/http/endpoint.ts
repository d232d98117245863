import type { z } from 'zod';
import type { Right } from '../db/act.ts';

/** One operation that a system offers to peers. Stands in contracts/, where both sides take it from. */
export interface Endpoint<
  Request extends z.ZodType = z.ZodType,
  Response extends z.ZodType = z.ZodType,
  Word extends string = string,
  Params extends z.ZodType = z.ZodType,
> {
  /** `information-providing-network.request-permit` */
  readonly id: string;
  readonly method: 'GET' | 'POST';
  /** `/inquiries/:inquiryNumber`; never carries a personal value. */
  readonly path: string;
  /** Values of the path's names, as text. */
  readonly params?: Params;
  /** The JSON body; for GET the query, each value a text. */
  readonly request: Request;
  readonly response: Response;
  readonly errors: Readonly<Record<Word, ErrorMeaning>>;
  /** Which right the act behind it asks for; shown in the OpenAPI document. */
  readonly right: Right;
  /** The caller must send a UUIDv7 in `Idempotency-Key` (design §4.0); the client may then try again. */
  readonly idempotent: boolean;
  /** `anyone`: answered without a client certificate too (enrolment, the public repository). */
  readonly callers: 'peers' | 'anyone';
  /** Bytes of a request's body; the server's own limit where none is given. */
  readonly maxBodyBytes?: number;
}

export interface ErrorMeaning {
  readonly status: 400 | 403 | 404 | 409 | 410 | 422 | 429 | 503;
  /** Japanese; says what happened, never with a value. */
  readonly title: string;
}

/** Some endpoint. */
export type AnyEndpoint = Endpoint<z.ZodType, z.ZodType, string, z.ZodType>;

export interface EndpointDefinition<
  Request extends z.ZodType,
  Response extends z.ZodType,
  Word extends string,
  Params extends z.ZodType,
> {
  readonly id: string;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly params?: Params;
  readonly request: Request;
  readonly response: Response;
  /** Words with status and Japanese title; a bare list of words gets 422 and a general title. */
  readonly errors?: readonly Word[] | Readonly<Record<Word, ErrorMeaning>>;
  readonly right: Right;
  readonly idempotent?: boolean;
  readonly callers?: 'peers' | 'anyone';
  readonly maxBodyBytes?: number;
}

/** @throws where the definition contradicts itself */
export function defineEndpoint<
  Request extends z.ZodType,
  Response extends z.ZodType,
  const Word extends string = never,
  Params extends z.ZodType = z.ZodType<Record<string, never>>,
>(definition: EndpointDefinition<Request, Response, Word, Params>): Endpoint<Request, Response, Word, Params> {
  const { id, path, errors = [], ...rest } = definition;
  if (!/^[a-z0-9]+(?:[.-][a-z0-9]+)*$/.test(id)) throw new Error(`endpoint id: ${id}`);
  if (!/^(?:\/(?::[a-zA-Z]+|[a-z0-9._-]+))+$/.test(path)) throw new Error(`${id}: path`);
  if (path.includes(':') && definition.params === undefined) throw new Error(`${id}: params without a schema`);
  const meanings = Array.isArray(errors)
    ? Object.fromEntries(errors.map((word: Word) => [word, { status: 422, title: '要求を受け付けられません' }]))
    : errors;
  return {
    idempotent: false,
    callers: 'peers',
    ...rest,
    id,
    path,
    errors: meanings as Readonly<Record<Word, ErrorMeaning>>,
  };
}

export type RequestOf<E extends AnyEndpoint> = z.infer<E['request']>;
export type ResponseOf<E extends AnyEndpoint> = z.infer<E['response']>;
export type ParamsOf<E extends AnyEndpoint> =
  E extends Endpoint<z.ZodType, z.ZodType, string, infer P> ? z.infer<P> : never;
export type WordOf<E extends AnyEndpoint> = E extends { readonly errors: Readonly<Record<infer W, ErrorMeaning>> }
  ? W & string
  : never;
