import type { RightsTable } from '@musubi/kernel/access/rights.ts';

/* document (課税資料), return-conversion (申告データの変換), image (イメージ), number (個人番号欄), filing (資料の受入れ). */

export const documentRead = ['tax-documents', 'document', 'read'] as const;
export const numberRead = ['tax-documents', 'number', 'read'] as const;
/** NTL-F4: returns leave the screen as a file. */
export const returnConversion = ['tax-documents', 'return-conversion', 'update'] as const;
export const imageRead = ['tax-documents', 'image', 'read'] as const;
export const imageUpdate = ['tax-documents', 'image', 'update'] as const;
export const filingUpdate = ['tax-documents', 'filing', 'update'] as const;

/** The tax system brings documents and looks at images; people look, and some of them at numbers, with a purpose. */
export const rights: RightsTable = {
  system: 'tax-documents',
  staff: {
    'document-clerk': [
      ['document', 'read'],
      ['number', 'read'],
      ['return-conversion', 'update'],
    ],
    'document-viewer': [['document', 'read']],
  },
  peers: [
    {
      organisation: 'own',
      system: 'resident-tax',
      may: [
        ['filing', 'update'],
        ['image', 'read'],
      ],
    },
  ],
  jobs: [['image', 'update']],
};
