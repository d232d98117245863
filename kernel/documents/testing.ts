import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs';

/** What a reader of the file finds, page after page. */
export const textOfPdf = async (pdf: Uint8Array): Promise<string> => (await pagesOf(pdf)).join('');

/** The same, each page by itself. */
export async function pagesOf(pdf: Uint8Array): Promise<readonly string[]> {
  const document = await getDocument({ data: Uint8Array.from(pdf), verbosity: 0 }).promise;
  const pages: string[] = [];
  for (let n = 1; n <= document.numPages; n++) {
    const content = await (await document.getPage(n)).getTextContent();
    pages.push(content.items.map((item) => ('str' in item ? item.str : '')).join(''));
  }
  return pages;
}
