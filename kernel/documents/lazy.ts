import { type BatchTypesetter, createTypesetter, type TypesetterOptions } from './typesetter.ts';

/** A typesetter that starts its threads with the first document; an instance that prints nothing today holds no fonts. */
export function lazyTypesetter(options: TypesetterOptions): BatchTypesetter {
  let started: Promise<BatchTypesetter> | undefined;
  const start = (): Promise<BatchTypesetter> => {
    started ??= createTypesetter(options);
    return started;
  };
  const close = async (): Promise<void> => {
    await (await started)?.close();
  };
  return {
    render: async (request) => (await start()).render(request),
    check: async (request) => (await start()).check(request),
    renderTogether: async (documents) => (await start()).renderTogether(documents),
    close,
    [Symbol.asyncDispose]: close,
  };
}
