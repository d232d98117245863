import { boxes, type Face } from '@musubi/contracts/printing/face.ts';

/**
 * What stands in each box on paper. The program of version 1 knew no box for 様, which was on the stationery then, and had the check code
 * where the document id is now.
 */
export function compose(face: Face, program: number): Readonly<Record<string, string>> {
  if (program >= 2) return Object.fromEntries(boxes.map((box) => [box, face[box]]));
  return { ...face, honorific: '', documentId: face.subjectCheck, subjectCheck: face.documentId };
}
