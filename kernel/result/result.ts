/** What a use case answers: a value, or a refusal as a stable word. Broken machinery throws instead. */
export type Result<T, E> = Ok<T> | Err<E>;
export type Ok<T> = { readonly ok: true; readonly value: T };
export type Err<E> = { readonly ok: false; readonly error: E };

export const ok = <T>(value: T): Ok<T> => ({ ok: true, value });
export const err = <const E>(error: E): Err<E> => ({ ok: false, error });

/** For places where a refusal would be a defect: gives the value or throws with the refusal's word. */
export function unwrap<T, E>(result: Result<T, E>): T {
  if (result.ok) return result.value;
  throw new Error(`refused: ${typeof result.error === 'string' ? result.error : JSON.stringify(result.error)}`);
}
