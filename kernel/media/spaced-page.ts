import { type Method, type PageApp, type PageHandler, page } from '../pages/app.ts';
import { html } from '../pages/html.ts';
import type { PageRight, PageSession } from '../pages/session.ts';

/** As `page`, with room between the parts of what it shows. */
export const spacedPage = (
  app: PageApp,
  method: Method,
  path: string,
  right: Exclude<PageRight, 'public'>,
  handler: PageHandler<PageSession>,
): void =>
  page(app, method, path, right, (p) =>
    handler({ ...p, view: (about, body) => p.view(about, html`<div class="stack">${body}</div>`) }),
  );
