import type { Attachment } from '@musubi/contracts/portal/attachments.ts';
import { gcmSealer, openGcm } from '@musubi/kernel/crypto/aead.ts';
import { canonicalJson } from '@musubi/kernel/crypto/canonical-json.ts';
import { sha256 } from '@musubi/kernel/crypto/digest.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { SealedId } from '@musubi/kernel/vault/sealed/sealed-store.ts';
import type { Deps } from '../deps.ts';
import { insertPage, keyOfPage, type StoredCopy } from '../store/copies.ts';

/*
 * Copies at rest. Every page of copies has a key of its own, an object of the sealed store. What a copy says is sealed under it,
 * bound to the person, the information, the condition and the day; beside it stands SHA-256(salt ‖ content), which tells nothing
 * without the salt and lets the log speak of the content for as long as it is there and no longer.
 */

type Value = string | number | boolean | null;
export type CopyItems = Readonly<Record<string, Value>>;
/** What one copy says: items for other bodies, what is attached for its person, and the last day on which it holds, where it has one. */
export interface CopyContent {
  readonly items: CopyItems;
  readonly attachments: readonly Attachment[];
  readonly lastOn: string | null;
}
/** What is sealed: the items alone, or with what stands beside them. */
type Said = CopyItems | readonly [CopyItems, readonly Attachment[], (string | null)?];

export interface CopyIdentity {
  readonly orgPersonNumber: string;
  readonly informationCode: string;
  readonly condition: string;
  readonly validFrom: string;
}

export interface OpenPage {
  readonly pageId: string;
  /** Seals under the page's key. */
  readonly seal: (content: Uint8Array, aad: Uint8Array) => Buffer;
}

/** Pages whose keys a process keeps at hand; 32 bytes each. */
const keptKeys = 4_096;
const saltBytes = 16;

export const pageKeyObject = { kind: 'copy-page-key', retentionClass: 'lodged-copy', keyUnit: 'object' } as const;

export async function openPage(tx: Tx, deps: Deps): Promise<OpenPage> {
  const key = deps.random.bytes(32);
  const pageId = deps.newId();
  const { ref } = await deps.sealed.seal(tx, key, pageKeyObject);
  await insertPage(tx, { pageId, sealedKey: ref, at: deps.machineClock.now() });
  // Kept at hand only once it was read from what was committed.
  return { pageId, seal: gcmSealer(key) };
}

async function keyOf(tx: Tx, deps: Deps, pageId: string): Promise<Uint8Array> {
  const known = deps.pageKeys.get(pageId);
  if (known !== undefined) return known;
  const opened = await deps.sealed.open(tx, (await keyOfPage(tx, pageId)) as SealedId, 'lodged-copy');
  if (!opened.ok) throw new Error(`the key of copy page ${pageId} was erased, and a copy still stands on it`);
  if (deps.pageKeys.size >= keptKeys) deps.pageKeys.delete(deps.pageKeys.keys().next().value!);
  deps.pageKeys.set(pageId, opened.value);
  return opened.value;
}

const boundTo = ({ orgPersonNumber, informationCode, condition, validFrom }: CopyIdentity): Buffer =>
  Buffer.from(`${orgPersonNumber}\n${informationCode}\n${condition}\n${validFrom}`);

export function sealCopy(
  { seal }: OpenPage,
  identity: CopyIdentity,
  {
    items,
    attachments = [],
    lastOn,
  }: {
    readonly items: CopyItems;
    readonly attachments?: readonly Attachment[] | undefined;
    readonly lastOn?: string | undefined;
  },
  salt: Uint8Array,
): { readonly text: Buffer; readonly commitment: Buffer } {
  const beside = lastOn === undefined ? [items, attachments] : [items, attachments, lastOn];
  const said = attachments.length === 0 && lastOn === undefined ? items : beside;
  const content = Buffer.concat([salt, Buffer.from(canonicalJson(said))]);
  return { text: seal(content, boundTo(identity)), commitment: sha256(content) };
}

/** Salts for many copies at once. */
export const saltsFor = (deps: Pick<Deps, 'random'>, count: number): readonly Uint8Array[] => {
  const bytes = deps.random.bytes(saltBytes * count);
  return Array.from({ length: count }, (_, i) => bytes.subarray(i * saltBytes, (i + 1) * saltBytes));
};

/** What a copy says; null where it ended what stood before. Throws where row, key and commitment do not belong together. */
export async function readWholeCopy(tx: Tx, deps: Deps, copy: StoredCopy): Promise<CopyContent | null> {
  const content = await contentOf(tx, deps, copy);
  if (content === null) return null;
  const said = JSON.parse(content.subarray(saltBytes).toString('utf8')) as Said;
  if (!Array.isArray(said)) return { items: said as CopyItems, attachments: [], lastOn: null };
  const [items, attachments, lastOn = null] = said as Exclude<Said, CopyItems>;
  return { items, attachments, lastOn };
}

export const readCopy = async (tx: Tx, deps: Deps, copy: StoredCopy): Promise<CopyItems | null> =>
  (await readWholeCopy(tx, deps, copy))?.items ?? null;

/** What a copy says on a day (ISO): null, too, where what it says had ended by then. */
export async function readCopyOn(tx: Tx, deps: Deps, copy: StoredCopy, on: string): Promise<CopyItems | null> {
  const content = await readWholeCopy(tx, deps, copy);
  return content === null || (content.lastOn !== null && content.lastOn < on) ? null : content.items;
}

async function contentOf(tx: Tx, deps: Deps, copy: StoredCopy): Promise<Buffer | null> {
  if (copy.sealed === null || copy.pageId === null || copy.commitment === null) return null;
  const key = await keyOf(tx, deps, copy.pageId);
  const opened = openGcm(key, copy.sealed, boundTo({ ...copy, orgPersonNumber: copy.person }));
  if (!opened.ok || !sha256(opened.value).equals(copy.commitment))
    throw new Error(`copy ${copy.copyNo} does not open: row, key and commitment do not belong together`);
  return opened.value;
}

/** The same content, salt and all, under another page's key. */
export async function sealAnew(tx: Tx, deps: Deps, copy: StoredCopy, page: OpenPage): Promise<Buffer> {
  const content = await contentOf(tx, deps, copy);
  if (content === null) throw new Error('nothing is sealed in a copy that ended');
  return page.seal(content, boundTo({ ...copy, orgPersonNumber: copy.person }));
}
