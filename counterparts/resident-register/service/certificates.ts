import { createHash } from 'node:crypto';
import { act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { subjectCheckCode } from '@musubi/kernel/documents/typesetter.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { SealedId } from '@musubi/kernel/vault/sealed/sealed-store.ts';
import { numberRef } from '@musubi/kernel/vault/vault.ts';
import type { Deps } from '../deps.ts';
import {
  type Asked,
  type CertificateRefusal,
  feeOf,
  mayIssue,
  mayIssueProtected,
  type OptionalItem,
  type Requester,
} from '../domain/certificates.ts';
import { type CertificateLine, insertCertificate, listCertificates, nextDocumentId } from '../store/certificates.ts';
import { membersOf, type ResidentRow, residentNow } from '../store/residents.ts';
import { once } from './once.ts';
import { operatorOf } from './write-change.ts';

const right = ['resident-register', 'certificate', 'update'] as const;
const release = ['resident-register', 'protection', 'update'] as const;

export interface CertificateRequest {
  readonly personId: string;
  /** The person alone (一部の写し) or the whole household (全部の写し). */
  readonly scope: 'person' | 'household';
  readonly requester: Requester;
  readonly requesterName: string;
  readonly purpose: string;
  /** Which documents showed who asks, and for whom. */
  readonly proof: string;
  readonly items: readonly OptionalItem[];
  readonly requestKey?: string;
}

export interface Issued {
  readonly certificateId: string;
  readonly result: 'issued' | 'refused';
  readonly why: CertificateRefusal | 'unprintable-character' | null;
}

/**
 * 住民票の写しの交付. A request that may not be met is kept as a row with its reason, because who asked for a protected person must be
 * known; nothing is set or rendered for it (INC-49).
 *
 * @law 住民基本台帳法 第12条〜第12条の3
 */
export const issueCertificate = act('resident-register.issue-certificate', {
  right,
  subjectOf: (command: CertificateRequest) => command.personId,
  async run(
    tx,
    deps: Deps,
    command: CertificateRequest,
    actor,
  ): Promise<Result<Issued, 'no-such-person' | 'form-reused' | 'not-staff'>> {
    const { requestKey, ...asked } = command;
    if (actor.kind !== 'staff') return err('not-staff');
    return once(tx, deps, requestKey, asked, async () => {
      const row = await residentNow(tx, asked.personId);
      if (!row) return err('no-such-person');
      const rows = asked.scope === 'person' ? [row] : await householdOf(tx, row);
      const isReleased = await deps.rights.allows(tx, actor, release);
      const allowed = judge(rows, asked, isReleased);
      const made = allowed.ok ? await print(tx, deps, rows, asked) : allowed;
      const certificateId = deps.newId();
      const { requester, requesterName, purpose, proof, items } = asked;
      const why = made.ok ? null : made.error;
      const printed = made.ok ? made.value : { documentId: null, sealedRef: null, sha256: null, pages: null };
      await insertCertificate(
        tx,
        {
          certificateId,
          ...printed,
          personId: row.person_id,
          persons: rows.map((r) => r.person_id),
          requester,
          requesterName,
          purpose,
          proof,
          items,
          result: made.ok ? 'issued' : 'refused',
          why,
          feeYen: made.ok ? feeOf(requester) : 0,
          issuedOn: deps.civilClock.today().toString(),
          by: operatorOf(actor).operator_id,
        },
        deps.machineClock.now(),
      );
      tx.record({
        event: made.ok ? 'certificate.issued' : why === 'protected-person' ? 'address.withheld' : 'certificate.refused',
        subjects: rows.map((r) => r.person_id),
        facts: ['resident_register.certificate'],
        ground: '住民基本台帳法第12条・第12条の3',
        items: made.ok ? ['residentRecord', ...items] : [],
        recipient: requester,
        detail: { certificateId, ...(why === null ? {} : { why }) },
      });
      return ok({ certificateId, result: made.ok ? 'issued' : 'refused', why });
    });
  },
});

function judge(rows: readonly ResidentRow[], asked: Asked, isReleased: boolean): Result<undefined, CertificateRefusal> {
  const anyProtected = rows.some((r) => r.address_protected);
  if (enforced('access.support-measure-block') && !mayIssueProtected(anyProtected, asked.requester, isReleased))
    return err('protected-person');
  if (rows.every((r) => r.status === 'removed')) return err('not-in-the-register');
  return mayIssue(asked);
}

async function householdOf(tx: Tx, row: ResidentRow): Promise<ResidentRow[]> {
  const members = await membersOf(tx, row.household_number);
  const rows: ResidentRow[] = [];
  for (const { personId } of members) {
    const member = await residentNow(tx, personId);
    if (member) rows.push(member);
  }
  return rows;
}

const sexes = { male: '男', female: '女', other: 'その他' } as const;

async function print(
  tx: Tx,
  deps: Deps,
  rows: readonly ResidentRow[],
  asked: CertificateRequest,
): Promise<
  Result<
    { readonly documentId: string; readonly sealedRef: string; readonly sha256: Buffer; readonly pages: number },
    'unprintable-character'
  >
> {
  const has = (item: OptionalItem): boolean => asked.items.includes(item);
  const persons = [];
  for (const row of rows) {
    const number = has('number')
      ? (await deps.vault.reveal(tx, numberRef(row.number_ref), 'resident-register/certificate')).digits()
      : undefined;
    const lines: [string, string | null | undefined][] = [
      ['旧氏', row.former_surname],
      ['通称', row.alias],
      ['生年月日', row.birth_date],
      ['性別', sexes[row.sex]],
      ['住所', row.address],
      ['住民となった年月日', row.became_resident_on],
      ['前住所', row.moved_from],
      ...(has('relationship') ? ([['続柄', row.relationship]] as [string, string][]) : []),
      ...(has('registered-domicile')
        ? ([
            ['本籍', row.registered_domicile],
            ['筆頭者', row.family_register_head],
          ] as [string, string | null][])
        : []),
      ...(has('foreign-items')
        ? ([
            ['国籍・地域', row.nationality],
            ['在留資格', row.residence_status],
            ['在留期間の満了の日', row.residence_until],
          ] as [string, string | null][])
        : []),
      ...(has('code') ? ([['住民票コード', row.resident_record_code]] as [string, string][]) : []),
      ['個人番号', number],
    ];
    persons.push({
      name: { registered: row.name },
      lines: lines.flatMap(([label, value]) =>
        value === null || value === undefined
          ? []
          : [
              {
                label,
                value: { registered: value },
                registered: ['旧氏', '住所', '本籍', '筆頭者', '前住所'].includes(label),
              },
            ],
      ),
    });
  }
  const today = deps.civilClock.today();
  const documentId = await nextDocumentId(tx, today.year);
  const title = asked.scope === 'household' ? '住民票の写し（世帯全員）' : '住民票の写し';
  const statement = 'この写しは、住民票の原本と相違ないことを証明します。';
  const set = await (await deps.typesetter()).render({
    template: 'resident-record.typ',
    data: { title, persons, statement, issuedOn: today.toString(), issuer: `${deps.mayor}（公印省略）` },
    documentId,
    subjectCheck: subjectCheckCode(await deps.subjectCheckKey(), documentId, asked.personId),
    title,
    issuedAt: deps.machineClock.now(),
    otherShapes: 'refuse',
  });
  if (!set.ok) return err('unprintable-character');
  const { pdf, pages } = set.value;
  const sealed = await deps.sealed.seal(tx, pdf, {
    kind: 'resident-certificate',
    retentionClass: 'filing-1y',
    purpose: 'resident-register/issue-certificate',
  });
  return ok({ documentId, sealedRef: sealed.ref, sha256: createHash('sha256').update(pdf).digest(), pages });
}

/** 交付・請求の記録. Names persons; no address. */
export const readCertificates = act('resident-register.read-certificates', {
  right: ['resident-register', 'certificate', 'read'],
  async run(
    tx,
    _deps: Deps,
    query: {
      readonly certificateId: string | null;
      readonly result: string | null;
      readonly offset: number;
      readonly limit: number;
    },
  ): Promise<Result<{ rows: CertificateLine[]; total: number }, never>> {
    const found = await listCertificates(tx, query);
    tx.record({
      event: 'certificates.listed',
      subjects: [...new Set(found.rows.map((r) => r.personId))],
      detail: { count: found.rows.length },
    });
    return ok(found);
  },
});

/** The paper itself, for whoever issued it: opened from the sealed store on the day of its issue, to print. */
export const openCertificate = act('resident-register.open-certificate', {
  right,
  async run(
    tx,
    deps: Deps,
    { certificateId }: { readonly certificateId: string },
    actor,
  ): Promise<
    Result<
      { pdf: Uint8Array; documentId: string },
      'no-such-certificate' | 'not-your-certificate' | 'document-altered' | 'erased'
    >
  > {
    const { rows } = await listCertificates(tx, { certificateId, result: 'issued', offset: 0, limit: 1 });
    const [row] = rows;
    if (!row?.sealedRef || !row.documentId) return err('no-such-certificate');
    const isOwn = row.by === operatorOf(actor).operator_id && row.issuedOn === deps.civilClock.today().toString();
    if (!isOwn) return err('not-your-certificate');
    const opened = await deps.sealed.open(tx, row.sealedRef as SealedId, 'resident-register/open-certificate');
    if (!opened.ok) return opened;
    if (!row.sha256 || !createHash('sha256').update(opened.value).digest().equals(row.sha256))
      return err('document-altered');
    tx.record({ event: 'certificate.opened', subjects: row.persons, items: ['residentRecord', ...row.items] });
    return ok({ pdf: opened.value, documentId: row.documentId });
  },
});
