import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { Decrypter, Encrypter } from 'age-encryption';
import { readStoredZip, storedZip } from '../printing/stored-zip.ts';

/*
 * 納税義務者用 as data: one encrypted file a person, named by 受給者番号, and a sheet that says how to get its password. The payer hands the
 * files on and reads none of them. eLTAX encrypts a ZIP; here it is an age file (age-encryption.org/v1, passphrase), which a standard tool
 * opens.
 * @source formats special-collection §2, §4.1 (own definition)
 */

export const passwordGuideFile = 'password-guide.pdf';
export const employeeFiles = { paper: 'tsuchi.pdf', line: 'tsuchi.csv' } as const;
const suffix = '.zip.age';

export interface EmployeeFile {
  /** Not empty, and of one person of the payer alone. */
  readonly recipientNumber: string;
  readonly pdf: Uint8Array;
  /** One line of TK01. */
  readonly line: string;
  readonly password: string;
}

/** 32 characters that no reader confuses; 20 of them are 100 bits. */
const letters = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';
export const makePassword = (random: { below(below: number): number }): string =>
  Array.from({ length: 20 }, () => letters.charAt(random.below(letters.length))).join('');

/** A password of 100 bits needs no stretching: the lowest sensible work keeps a payer's thousand files in seconds. */
const workFactor = 10;

const nameOf = (recipientNumber: string): string =>
  encodeURIComponent(recipientNumber).replaceAll(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`) +
  suffix;

/** @throws for a recipient number that is empty or there twice: such people are told on paper (T03) */
export async function writeEmployeeFiles(files: readonly EmployeeFile[], guide: Uint8Array): Promise<Buffer> {
  const names = new Set(files.map((file) => nameOf(file.recipientNumber)));
  if (names.size !== files.length || names.has(suffix)) throw new RangeError('recipient numbers that name no one file');
  const entries = [];
  for (const { recipientNumber, pdf, line, password } of files) {
    const encrypter = new Encrypter();
    encrypter.setPassphrase(password);
    encrypter.setScryptWorkFactor(workFactor);
    const content = storedZip([
      { name: employeeFiles.paper, content: pdf },
      { name: employeeFiles.line, content: Buffer.from(line) },
    ]);
    entries.push({ name: nameOf(recipientNumber), content: await encrypter.encrypt(content) });
  }
  return storedZip([...entries, { name: passwordGuideFile, content: guide }]);
}

export interface EmployeeFilesOfPayer {
  /** By 受給者番号, still encrypted: to be handed on. */
  readonly ours: ReadonlyMap<string, Buffer>;
  /** 受給者番号 of files that are for nobody of this payer. They are not given out; the municipality is to be told. */
  readonly notOurs: readonly string[];
  readonly guide: Buffer;
}

/**
 * As a payer's software reads the container: files of its own people, and of nobody else (INC-29).
 * @param own 受給者番号 that the payer gave its people
 */
export function readEmployeeFiles(
  bytes: Uint8Array,
  own: ReadonlySet<string>,
): Result<EmployeeFilesOfPayer, 'not-a-container'> {
  const zip = readStoredZip(bytes);
  const guide = zip.ok ? zip.value.get(passwordGuideFile) : undefined;
  if (!zip.ok || guide === undefined) return err('not-a-container');
  const ours = new Map<string, Buffer>();
  const notOurs: string[] = [];
  for (const [name, content] of zip.value) {
    if (name === passwordGuideFile) continue;
    if (!name.endsWith(suffix)) return err('not-a-container');
    const recipientNumber = decodeURIComponent(name.slice(0, -suffix.length));
    if (own.has(recipientNumber)) ours.set(recipientNumber, content);
    else notOurs.push(recipientNumber);
  }
  return ok({ ours, notOurs, guide });
}

/** As the person opens the own file. */
export async function openEmployeeFile(
  content: Uint8Array,
  password: string,
): Promise<Result<{ readonly pdf: Buffer; readonly line: string }, 'cannot-open'>> {
  const decrypter = new Decrypter();
  decrypter.addPassphrase(password);
  const plain = await decrypter.decrypt(content).catch(() => undefined);
  const zip = plain && readStoredZip(plain);
  const [pdf, line] = zip?.ok ? Object.values(employeeFiles).map((name) => zip.value.get(name)) : [];
  return pdf && line ? ok({ pdf, line: line.toString('utf8') }) : err('cannot-open');
}
