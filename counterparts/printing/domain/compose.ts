/** What is to stand in the boxes of a face, by box. */
type Boxes = Readonly<Record<string, string>>;

/**
 * What stands in each box on paper. The program of version 1 knew no box for 様, which was on the stationery then, and had the check code
 * where the document id is now.
 */
export function compose(face: Boxes, program: number): Boxes {
  if (program >= 2) return { ...face };
  return { ...face, honorific: '', documentId: face.subjectCheck ?? '', subjectCheck: face.documentId ?? '' };
}
