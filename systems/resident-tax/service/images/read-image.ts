import { type Actor, act } from '@musubi/kernel/db/act.ts';
import type { PeerClient } from '@musubi/kernel/http/client.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { fetchImage } from '../../clients/tax-documents.ts';
import type { Deps } from '../../deps.ts';
import { readReportState } from '../../store/intake-matching.ts';
import type { ImageDeps } from './hand-over.ts';

/** Who looks at which document is written here before it is asked for there. */
const noteLook = act('resident-tax.read-document-image', {
  right: ['resident-tax', 'matching', 'read'],
  async run(tx, _deps: Deps, { reportId }: { readonly reportId: string }) {
    const state = await readReportState(tx, reportId);
    if (state === undefined) return err('no-such-report');
    tx.record({
      event: 'document.image-read',
      subjects: [reportId, ...(state.personId === null ? [] : [state.personId])],
      items: ['課税資料のイメージ'],
    });
    return ok(undefined);
  },
});

/** 002-IMG-F3: the image of a document of the tax record, number boxes black. */
export async function readDocumentImage(
  deps: ImageDeps & { readonly peers: PeerClient },
  actor: Actor,
  { reportId }: { readonly reportId: string },
): Promise<Result<Buffer, string>> {
  if (deps.taxDocuments === undefined) return err('no-images');
  const noted = await noteLook(deps, actor, { reportId });
  if (!noted.ok) return noted;
  const lookedAtBy = actor.kind === 'staff' ? actor.staffId : actor.kind;
  return fetchImage(deps.peers, deps.taxDocuments, { documentId: reportId, lookedAtBy });
}
