import { type OneStopRecord, readDonationApplications } from '@musubi/contracts/tax-return/one-stop-notice.ts';
import { act } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../../deps.ts';
import * as store from '../../store/donations.ts';
import { donationUpdate } from './functions.ts';

export type { VoidReason } from '../../store/donations.ts';

const ground = '地方税法 附則第7条第2項・第5項';

/** 受付経路: paper, a linked portal, a portal that gives files. What is not named here cannot be forgotten, because nothing comes by it. */
export const openChannel = act('resident-tax.open-donation-channel', {
  right: donationUpdate,
  async run(
    tx,
    _deps: Deps,
    command: { readonly donationYear: number; readonly channel: string; readonly name: string },
  ): Promise<Result<undefined, 'already-open' | 'wrong-name'>> {
    if (!/^[a-z0-9-]{1,20}$/.test(command.channel) || command.name.trim() === '') return err('wrong-name');
    await store.lockDonationYear(tx, command.donationYear);
    if (!(await store.insertChannel(tx, command))) return err('already-open');
    tx.record({
      event: 'donation-channel.opened',
      facts: ['resident_tax.donation_channel'],
      detail: { donationYear: command.donationYear, channel: command.channel },
    });
    return ok(undefined);
  },
});

/** The channel's own count of its applications, as its operator or the drawer with the papers says. */
export const stateChannelCount = act('resident-tax.state-donation-count', {
  right: donationUpdate,
  async run(
    tx,
    deps: Deps,
    command: { readonly donationYear: number; readonly channel: string; readonly stated: number },
    actor,
  ): Promise<Result<undefined, 'no-such-channel' | 'closed' | 'not-staff'>> {
    if (actor.kind !== 'staff') return err('not-staff');
    await store.lockDonationYear(tx, command.donationYear);
    const { channels, closedOn } = await store.yearStanding(tx, command.donationYear);
    if (!channels.some(({ channel }) => channel === command.channel)) return err('no-such-channel');
    if (closedOn !== null) return err('closed');
    await store.insertChannelCount(tx, { ...command, by: actor.staffId, on: deps.civilClock.today() });
    tx.record({
      event: 'donation-channel.counted',
      facts: ['resident_tax.donation_channel_count'],
      detail: { ...command },
    });
    return ok(undefined);
  },
});

export type TakeRefusal = 'no-such-channel' | 'closed' | 'not-whole' | 'same-number-twice';
export interface Taken {
  readonly added: number;
  readonly repeated: number;
}

/**
 * 申請の取込: a channel's file (ST01 with this ward as the body given to), whole or not at all. What came before under the channel's number is
 * not taken twice.
 */
export const takeApplications = act('resident-tax.take-donation-applications', {
  right: donationUpdate,
  async run(
    tx,
    deps: Deps,
    command: { readonly donationYear: number; readonly channel: string; readonly file: Uint8Array },
  ): Promise<Result<Taken, TakeRefusal>> {
    const { donationYear, channel } = command;
    await store.lockDonationYear(tx, donationYear);
    const { channels, closedOn } = await store.yearStanding(tx, donationYear);
    if (!channels.some((one) => one.channel === channel)) return err('no-such-channel');
    if (closedOn !== null) return err('closed');
    const records: OneStopRecord[] = [];
    const { rejected, fileFaults } = await readDonationApplications([command.file], {
      givenTo: deps.municipality,
      donationYear,
      each: (o) => void (o.accepted && records.push(o.value)),
    });
    if (rejected > 0 || fileFaults.length > 0 || records.length === 0) return err('not-whole');
    const references = records.map(({ noticeNumber }) => noticeNumber);
    if (new Set(references).size !== references.length) return err('same-number-twice');
    const known = await store.knownReferences(tx, { donationYear, channel, references });
    const fresh = records.filter(({ noticeNumber }) => !known.has(noticeNumber));
    const ids = fresh.map(() => deps.newId());
    const puts = await deps.vault.putMany(
      tx,
      fresh.map((r, i) => ({ owner: `donation:${ids[i]}`, number: r.individualNumber! })),
      'resident-tax/donation',
    );
    await store.insertApplications(
      tx,
      fresh.map((r, i) => ({
        applicationId: ids[i]!,
        donationYear,
        channel,
        referenceNo: r.noticeNumber,
        name: r.name,
        kana: r.kana,
        birthDate: r.bornOn.toString(),
        postalCode: r.postalCode ?? null,
        address: r.address,
        municipalityCode: r.municipality,
        numberRef: puts[i]!.ref,
        phone: r.phone ?? null,
        amountYen: r.amountYen,
        donations: r.donations,
        appliedOn: r.appliedOn.toString(),
        changed: r.changed,
      })),
    );
    tx.record({
      event: 'donation-applications.taken',
      ground,
      items: ['個人番号', '4情報', '寄附金'],
      ...(fresh.length > 0 ? { facts: ['resident_tax.donation_application'] } : {}),
      detail: { donationYear, channel, added: fresh.length, repeated: known.size },
    });
    return ok({ added: fresh.length, repeated: known.size });
  },
});

/** An application that is told to nobody, with the reason. One that is on its way or was received is not taken back here. */
export const voidDonation = act('resident-tax.void-donation-application', {
  right: donationUpdate,
  async run(
    tx,
    deps: Deps,
    command: { readonly applicationId: string; readonly reason: store.VoidReason; readonly note: string },
    actor,
  ): Promise<Result<undefined, 'not-staff' | 'note-missing' | 'not-open'>> {
    if (actor.kind !== 'staff') return err('not-staff');
    if (command.note.trim() === '') return err('note-missing');
    const by = { by: actor.staffId, on: deps.civilClock.today() };
    if (!(await store.voidApplication(tx, { ...command, note: command.note.trim(), ...by }))) return err('not-open');
    tx.record({
      event: 'donation-application.voided',
      facts: ['resident_tax.donation_application_void'],
      detail: { application: command.applicationId, reason: command.reason },
    });
    return ok(undefined);
  },
});
