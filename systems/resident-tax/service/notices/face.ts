import type { Face } from '@musubi/contracts/printing/face.ts';
import type { RegisteredDocument } from '../../store/documents.ts';
import type { StoredFace } from '../../store/printing.ts';

/** Stands where the address of a protected person would: such a notice is handed over, not read off by whoever prints and encloses it. */
export const addressLeftOut = '（住所の記載を省略しています）';

/** 宛名面 of a document; without a stored face it has no address, and no job takes it. */
export const faceOf = (
  document: Pick<RegisteredDocument, 'documentId' | 'subjectCheck' | 'pages'>,
  face: StoredFace | undefined,
): Face => ({
  postalCode: face?.postalCode ?? '',
  address: face?.address ?? '',
  name: face?.name ?? '',
  honorific: '様',
  documentId: document.documentId,
  subjectCheck: document.subjectCheck,
  pages: `${document.pages}`,
});
