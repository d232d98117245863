export interface Found<T> {
  readonly value: T;
  readonly params: Readonly<Record<string, string>>;
}

/**
 * Finds what stands at a method and path. Paths without names are looked up whole, those with names (`/a/:b`) are tried in
 * their order. A name that is no valid percent-encoding stands for itself; the endpoint's schema judges it.
 */
export function routerOf<T>(
  routes: readonly (readonly [{ readonly method: string; readonly path: string }, T])[],
): (method: string, path: string) => Found<T> | undefined {
  const whole = new Map<string, Found<T>>();
  const named: { readonly method: string; readonly parts: readonly string[]; readonly value: T }[] = [];
  for (const [{ method, path }, value] of routes) {
    if (path.includes('/:')) named.push({ method, parts: path.split('/'), value });
    else if (!whole.has(`${method} ${path}`)) whole.set(`${method} ${path}`, { value, params: {} });
  }
  return (method, path) => {
    const found = whole.get(`${method} ${path}`);
    if (found !== undefined) return found;
    const parts = path.split('/');
    for (const route of named) {
      if (route.method !== method || route.parts.length !== parts.length) continue;
      if (!route.parts.every((part, i) => (part.startsWith(':') ? parts[i] !== '' : part === parts[i]))) continue;
      const names = route.parts.flatMap((part, i) =>
        part.startsWith(':') ? [[part.slice(1), decoded(parts[i]!)] as const] : [],
      );
      return { value: route.value, params: Object.fromEntries(names) };
    }
    return undefined;
  };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
