import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type MechanismId, mechanismIds } from '@musubi/kernel/enforcement/mechanism-ids.ts';

/** Files of product code, from the root, that hold an `enforced('…')` of the mechanism. */
export type Points = ReadonlyMap<MechanismId, ReadonlySet<string>>;

/**
 * Reads where the enforcement points really are. The declared places of a mechanism are intentions; what counts is the
 * call in the source, so that a point which moved, vanished or was added is seen without anybody noting it.
 */
export function findPoints(root: string): Points {
  const points = new Map<MechanismId, Set<string>>(mechanismIds.map((id) => [id, new Set()]));
  const files = globSync('{kernel,systems,counterparts,town,cli}/**/*.ts', {
    cwd: root,
    exclude: ['**/node_modules/**'],
  });
  for (const file of files) {
    if (!isProductCode(file)) continue;
    for (const [, id] of withoutComments(readFileSync(path.join(root, file), 'utf8')).matchAll(
      /\benforced\(\s*['"]([a-z0-9.-]+)['"]/g,
    )) {
      points.get(id as MechanismId)?.add(file);
    }
  }
  return points;
}

/** A comment that speaks of a point is none. Strings that hold comment marks lose their rest, which hides a point at worst. */
function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '');
}

/** Tests and their helpers are no place where anything is kept; nor is the module that documents the call itself. */
export function isProductCode(file: string): boolean {
  return !/\.test\.ts$|(^|\/)test\/|(^|\/)testing\.ts$|^kernel\/enforcement\//.test(file);
}

export interface PointDrift {
  readonly mechanism: MechanismId;
  /** Declared for the mechanism, without a call in that file. */
  readonly planned: readonly string[];
  /** In the sources, but not among the declared places. */
  readonly undeclared: readonly string[];
}

/** Where intention and source differ. Declared SQL points are compared by the file alone. */
export function pointDrift(
  declared: ReadonlyMap<MechanismId, readonly string[]>,
  points: Points,
  exists: (file: string) => boolean,
): readonly PointDrift[] {
  return mechanismIds.flatMap((mechanism) => {
    const found = points.get(mechanism) ?? new Set<string>();
    const places = (declared.get(mechanism) ?? []).map((point) => point.replace(/#.*$/, ''));
    const isThere = (place: string) =>
      place.startsWith('{system}/')
        ? [...found].some((file) => /^(systems|counterparts)\//.test(file))
        : place.endsWith('.sql')
          ? exists(place)
          : found.has(place);
    const planned = places.filter((place) => !isThere(place));
    const undeclared = [...found].filter(
      (file) => !places.includes(file) && !places.some((place) => place.startsWith('{system}/')),
    );
    return planned.length + undeclared.length === 0 ? [] : [{ mechanism, planned, undeclared }];
  });
}
