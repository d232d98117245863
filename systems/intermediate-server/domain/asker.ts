/**
 * Whether a case stands behind a question: something by which an officer can find the file. A dash or blanks are none.
 *
 * @law 番号利用法 第19条第8号, 第22条
 */
export const namesCase = (caseReference: string): boolean => /[\p{L}\p{N}]/u.test(caseReference);
