import type { OwnInformation } from '@musubi/contracts/portal/own-information.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import type { Deps } from '../deps.ts';
import { type Versioned, versionsInForce } from '../domain/versions-in-force.ts';
import { copiesOf, copyOn, type StoredCopy } from '../store/copies.ts';
import { readWholeCopy } from './copy-pages.ts';

/** Versions looked through for one person, and told in one answer. */
const versionsAtMost = 1_000;
const toldAtMost = 200;
/** Bytes of attachments in one answer; a version whose attachments no longer fit is told without them. */
const attachmentBytes = 2_400_000;

/**
 * 自己情報 (IMS-F11): every version of the person's copies that was in force on a day of the span, the newest first. What is withheld
 * from the person is not told, and that it exists neither.
 */
export async function ownInformation(
  tx: Tx,
  deps: Deps,
  person: string,
  span: { readonly from: string; readonly until: string },
): Promise<OwnInformation[]> {
  const all = await copiesOf(tx, person, versionsAtMost);
  const told: OwnInformation[] = [];
  let attached = 0;
  for (const versions of Map.groupBy(all, (c) => `${c.informationCode} ${c.condition}`).values()) {
    for (const copy of await standing(tx, versions, span)) {
      if (told.length >= toldAtMost) return told;
      if (enforced('exchange.withheld') && copy.withheldFromPerson) continue;
      const content = await readWholeCopy(tx, deps, copy);
      if (content === null || (content.lastOn !== null && content.lastOn < span.from)) continue;
      const bytes = content.attachments.reduce((sum, a) => sum + a.content.length, 0);
      const fits = attached + bytes <= attachmentBytes;
      if (fits) attached += bytes;
      const { informationCode, condition, validFrom } = copy;
      const attachments = fits ? [...content.attachments] : [];
      told.push({ informationCode, condition, validFrom, items: { ...content.items }, attachments });
    }
  }
  return told;
}

/** Of one information and condition. A full file that has nothing of the person ends what stood: the newest must still count. */
async function standing(
  tx: Tx,
  versions: readonly (StoredCopy & Versioned)[],
  { from, until }: { readonly from: string; readonly until: string },
): Promise<readonly StoredCopy[]> {
  const [newest, ...older] = versionsInForce(versions, { from, until });
  if (newest === undefined) return [];
  const counts = await copyOn(tx, { ...newest, on: until });
  return counts?.copyNo === newest.copyNo ? [newest, ...older] : older;
}
