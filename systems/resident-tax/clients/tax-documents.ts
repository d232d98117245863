import { readTaxImage } from '@musubi/contracts/tax-documents/filing.ts';
import type { PeerClient } from '@musubi/kernel/http/client.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';

/** The image of a document, number boxes black; the words of the error are the other side's or those of the way there. */
export async function fetchImage(
  peers: PeerClient,
  taxDocuments: string,
  asked: { readonly documentId: string; readonly lookedAtBy: string },
): Promise<Result<Buffer, string>> {
  const answer = await peers.call(readTaxImage, taxDocuments, {}, asked, { timeoutMs: 10_000 });
  return answer.ok ? ok(Buffer.from(answer.value.pdf, 'base64')) : err(answer.error);
}
