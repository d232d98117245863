import type { CertificateRecord } from '@musubi/contracts/certificates/records.ts';
import { act } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Received } from '@musubi/kernel/streams/inbox.ts';
import type { Deps } from '../deps.ts';
import * as store from '../store/records.ts';

/** 証明書情報の受領 (002-CVS-F1). A record that may not be issued takes the place of one that could. */
export const applyRecord = act('convenience-certificates.apply-record', {
  right: ['convenience-certificates', 'record', 'update'],
  async run(tx, deps: Deps, { message }: Received<CertificateRecord>): Promise<Result<null, never>> {
    const isNew = await store.insertRecord(tx, message, deps.machineClock.now());
    tx.record({
      event: isNew ? 'certificate-record.received' : 'certificate-record.repeated',
      subject: message.orgPersonNumber,
      items: ['地方税関係情報'],
      ...(isNew ? { facts: ['convenience_certificates.certificate_record'] } : {}),
      detail: { fiscalYear: message.fiscalYear, restriction: message.restriction },
    });
    return ok(null);
  },
});

/** 発行番号の登録: one serial, one person; another person with it is refused (INC-54, INC-55). */
export const registerCard = act('convenience-certificates.register-card', {
  right: ['convenience-certificates', 'card', 'update'],
  async run(
    tx,
    deps: Deps,
    { certSerial, addresseeNumber }: { readonly certSerial: string; readonly addresseeNumber: string },
  ): Promise<Result<{ readonly registered: true }, 'no-such-person' | 'serial-held'>> {
    const orgPersonNumber = await store.personOfAddressee(tx, addresseeNumber);
    if (orgPersonNumber === undefined) return err('no-such-person');
    const isNew = await store.insertCard(tx, { certSerial, orgPersonNumber, at: deps.machineClock.now() });
    if (!isNew && (await store.holderOfCard(tx, certSerial)) !== orgPersonNumber) return err('serial-held');
    tx.record({
      event: isNew ? 'card.registered' : 'card.registered-again',
      subject: orgPersonNumber,
      ...(isNew ? { facts: ['convenience_certificates.card'] } : {}),
    });
    return ok({ registered: true });
  },
});
