import { type Html, html, time } from '../html.ts';
import { facts, notice } from './marks.ts';

export interface ViewedDocument {
  readonly title: string;
  /** A page of this system that answers with the PDF (`PageRequest.file`). */
  readonly href: string;
  readonly documentId: string;
  readonly pages: number;
  readonly issuedOn: Temporal.PlainDate;
  readonly bytes: number;
  readonly sha256: string;
  /** Characters that were printed with another shape than registered, by policy; see `kernel/documents`. */
  readonly replaced?: readonly string[];
}

export const documentViewer = (document: ViewedDocument): Html =>
  html`<div class="stack">${
    (document.replaced?.length ?? 0) > 0 &&
    notice('warning', '登録された字形で印字できない文字があります', document.replaced?.join('、'))
  }<div class="row no-print"><a class="button button-primary" href="${document.href}">PDFを開く</a><span class="muted">PDF、${document.pages}ページ、${Math.ceil(document.bytes / 1024)}KB</span></div>
<object class="paper no-print" data="${document.href}" type="application/pdf" aria-label="${document.title}"><p>このブラウザーは文書を画面内に表示できません。<a href="${document.href}">PDFを開く</a></p></object>
${facts([
  { label: '文書番号', gloss: 'Document id', value: html`<code>${document.documentId}</code>` },
  { label: '発行日', gloss: 'Issued on', value: time(document.issuedOn) },
  { label: 'ハッシュ値', gloss: 'SHA-256', value: html`<code>${document.sha256}</code>` },
])}</div>`;
