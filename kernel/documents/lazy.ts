import { createTypesetter, type Typesetter, type TypesetterOptions } from './typesetter.ts';

/** A typesetter that starts its threads with the first document; an instance that prints nothing today holds no fonts. */
export function lazyTypesetter(options: TypesetterOptions): Typesetter {
  let started: Promise<Typesetter> | undefined;
  const start = (): Promise<Typesetter> => {
    started ??= createTypesetter(options);
    return started;
  };
  const close = async (): Promise<void> => {
    await (await started)?.close();
  };
  return {
    render: async (request) => (await start()).render(request),
    check: async (document) => (await start()).check(document),
    renderPart: async (part) => (await start()).renderPart(part),
    close,
    [Symbol.asyncDispose]: close,
  };
}
