import { crc32 } from 'node:zlib';

/** One document of a print file, in the order of the envelopes. */
export interface PrintedDocument {
  readonly position: number;
  readonly documentId: string;
  readonly pages: number;
  readonly subjectCheck: string;
  readonly amountYen: number;
  /** Hex, of the PDF. */
  readonly sha256: string;
  readonly pdf: Uint8Array;
}

/**
 * The package for the printer: the PDFs as they are, one per envelope, and `index.csv`, the envelope plan: position, document,
 * pages, check code, digest; its last line holds the control totals. A ZIP without compression (PKWARE APPNOTE 4.3), the same
 * bytes for the same documents. Names carry positions and document ids only.
 */
export function printFile(documents: readonly PrintedDocument[]): Buffer {
  const entries = [
    { name: 'index.csv', content: Buffer.from(envelopePlan(documents), 'utf8') },
    ...documents.map((document) => ({
      name: `${`${document.position}`.padStart(6, '0')}-${document.documentId}.pdf`,
      content: Buffer.from(document.pdf),
    })),
  ];
  return storedZip(entries);
}

export function envelopePlan(documents: readonly PrintedDocument[]): string {
  const lines = documents.map(({ position, documentId, pages, subjectCheck, amountYen, sha256 }) =>
    [position, documentId, pages, subjectCheck, amountYen, sha256].join(','),
  );
  const pages = documents.reduce((sum, document) => sum + document.pages, 0);
  const yen = documents.reduce((sum, document) => sum + document.amountYen, 0);
  return [
    'position,document_id,pages,subject_check,amount_yen,sha256',
    ...lines,
    `total,${documents.length},${pages},,${yen},`,
    '',
  ].join('\r\n');
}

export interface Entry {
  readonly name: string;
  readonly content: Buffer;
}

// 1980-01-01, the format's first day: a package says when it was made in the register, not here.
const dosDate = 0x0021;

/** A ZIP without compression, the same bytes for the same entries. Names are ASCII. */
export function storedZip(entries: readonly Entry[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content } of entries) {
    const nameBytes = Buffer.from(name, 'ascii');
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0); // version needed
    common.writeUInt16LE(dosDate, 8);
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(content.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(nameBytes.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, nameBytes, content]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), common, rest, nameBytes]));
    parts.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...parts, central, Buffer.from('PK\x05\x06', 'latin1'), end]);
}
