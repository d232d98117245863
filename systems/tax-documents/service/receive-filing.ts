import type { FiledDocument } from '@musubi/contracts/tax-documents/filing.ts';
import { act } from '@musubi/kernel/db/act.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Received } from '@musubi/kernel/streams/inbox.ts';
import { kanaSearchKey, kanjiSearchKey } from '@musubi/kernel/text/search-keys.ts';
import type { Deps } from '../deps.ts';
import { filingUpdate } from '../rights.ts';
import { insertDocument, isKnown, lockDocument } from '../store/documents.ts';

/**
 * 課税資料の受入れ (IMG-F1, IMG-F2): a document of the ward's own tax system is kept sealed and waits to be drawn. What comes twice is
 * one document.
 */
export const receiveFiling = act('tax-documents.receive-filing', {
  right: filingUpdate,
  async run(
    tx,
    deps: Deps,
    { message, sender }: Received<FiledDocument>,
    actor,
  ): Promise<Result<null, 'other-sender'>> {
    const own = actor.kind === 'system' && sender === `${actor.organisation}/resident-tax`;
    if (enforced('input.source-bound') && !own) return err('other-sender');
    await lockDocument(tx, message.documentId);
    const again = await isKnown(tx, message.documentId);
    if (!again) {
      const sealed = await deps.sealed.seal(tx, Buffer.from(JSON.stringify(message)), {
        kind: 'filed-document',
        retentionClass: 'tax-7y',
        // Documents of a month end together: one key for all of them, not one for each of half a million.
        keyUnit: { month: deps.civilClock.today().toPlainYearMonth() },
        purpose: 'tax-documents/receive',
      });
      await insertDocument(tx, {
        documentId: message.documentId,
        kind: message.kind,
        incomeYear: message.incomeYear,
        receptionNumber: message.receptionNumber,
        rowNumber: message.rowNumber,
        returnNumber: message.returnNumber ?? null,
        payerName: message.payer.name,
        name: message.name,
        kana: message.kana,
        bornOn: message.bornOn,
        nameKey: kanjiSearchKey(message.name),
        kanaKey: kanaSearchKey(message.kana),
        contentRef: sealed.ref,
        receivedAt: deps.machineClock.now(),
      });
    }
    tx.record({
      event: again ? 'tax-document.repeated' : 'tax-document.received',
      ground: '地方税法第317条の6',
      subject: message.documentId,
      items: [message.kind],
      ...(again ? {} : { facts: ['tax_documents.document'] }),
    });
    return ok(null);
  },
});
