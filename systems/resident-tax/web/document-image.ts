import type { PeerClient } from '@musubi/kernel/http/client.ts';
import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, page } from '@musubi/kernel/pages/app.ts';
import { type Html, html } from '@musubi/kernel/pages/html.ts';
import type { ImageDeps } from '../service/images/hand-over.ts';
import { readDocumentImage } from '../service/images/read-image.ts';

const reading = ['resident-tax', 'matching', 'read'] as const;

/** The image of a document, fetched when it is looked at. */
export function registerImagePage(app: PageApp, deps: ImageDeps & { readonly peers: PeerClient }): void {
  page(app, 'GET', '/matching/:reportId/image', reading, async (p) => {
    const reportId = p.param('reportId');
    if (!isUuid(reportId)) return p.problem('not-found');
    const image = await readDocumentImage(deps, p.session.actor, { reportId });
    if (image.ok) return p.file(image.value, { type: 'application/pdf', name: `${reportId}.pdf` });
    if (image.error === 'not-authorised') return p.problem('not-authorised');
    return p.problem('not-found');
  });
}

/** 課税資料のイメージ beside the data. */
export const imageOf = (reportId: string): Html =>
  html`<object class="paper no-print" data="/matching/${reportId}/image" type="application/pdf" aria-label="課税資料のイメージ"><p>イメージを画面内に表示できません。<a href="/matching/${reportId}/image">イメージ（PDF）を開く</a></p></object>`;
