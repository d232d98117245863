export function verifyBundle(
  text: string,
  options?: { readonly pinned?: ReadonlyMap<string, string>; readonly checkpoints?: readonly string[] },
): {
  readonly faults: readonly string[];
  readonly summary: {
    readonly origin?: string;
    readonly events?: number;
    readonly checkpoints?: number;
    readonly cosignatures?: number;
    readonly unpinned?: readonly string[];
  };
};
