import { err, ok, type Result } from '../result/result.ts';

/** What a person may ask about their own record. Words stand in facts: none is ever renamed. */
export const requestKinds = {
  disclosure: '開示',
  'provision-history': '提供状況の開示',
  correction: '訂正・追加・削除',
  'stop-of-use': '利用停止',
} as const;
export type RequestKind = keyof typeof requestKinds;

export const requesterRoles = { self: '本人', statutory: '法定代理人', appointed: '任意代理人' } as const;
export type RequesterRole = keyof typeof requesterRoles;

/** 本人確認書類. One of the first group, or two of the second, show who stands at the counter. */
export const identityDocuments = {
  'individual-number-card': { label: '個人番号カード', group: 1 },
  'driving-licence': { label: '運転免許証・運転経歴証明書', group: 1 },
  passport: { label: '旅券', group: 1 },
  'residence-card': { label: '在留カード・特別永住者証明書', group: 1 },
  'disability-certificate': { label: '身体障害者手帳等', group: 1 },
  'insurance-confirmation': { label: '健康保険の資格確認書', group: 2 },
  'pension-handbook': { label: '年金手帳・基礎年金番号通知書', group: 2 },
  'employee-card': { label: '社員証・学生証（写真付き）', group: 2 },
} as const;
export type IdentityDocument = keyof typeof identityDocuments;

/** 代理権を証する書類, and for which kind of representative. */
export const proxyProofs = {
  'family-register': { label: '戸籍全部事項証明書', role: 'statutory' },
  'guardianship-certificate': { label: '成年後見登記事項証明書', role: 'statutory' },
  'letter-of-authority': { label: '委任状（本人の自署・実印、印鑑登録証明書添付）', role: 'appointed' },
} as const;
export type ProxyProof = keyof typeof proxyProofs;

/** Reasons for which a request is refused; each is printed in the notice. */
export const refusalReasons = {
  'record-not-held': '開示請求に係る記録が保存されていないため',
  'identity-not-confirmed': '請求者が本人であることを確認できないため',
  'not-identified': '請求書に記載された事項が、保存されている記録と一致しないため',
  'proxy-not-proved': '代理権を証する書類が提示されないため',
  'form-incomplete': '請求書の形式上の不備が、相当の期間を定めて補正を求めても補正されないため',
  'handled-lawfully': '利用停止の理由とされる事実が認められず、法令に従って取り扱われているため',
  // 個人情報の保護に関する法律 第100条ただし書
  'serious-hindrance': '利用停止により、利用目的に係る事務の適正な遂行に著しい支障を及ぼすおそれがあるため',
} as const;
export type RefusalReason = keyof typeof refusalReasons;

/** 調査の結果. Only a notice of the municipality, or an approved correction by hand, changes the record. */
export const findings = {
  'will-be-corrected': '申出のとおり住民票を修正し、通知により本人確認情報を訂正する',
  'register-agrees': '住民票の記載は本人確認情報と一致しており、訂正を要しない',
  'record-to-be-corrected': '住民票は申出のとおりであり、本人確認情報を訂正する',
} as const;
export type Finding = keyof typeof findings;

/** One step of a request, as a fact. `received` is the request's own row. */
export type Step =
  | {
      readonly kind: 'identity-checked';
      readonly documents: readonly IdentityDocument[];
      readonly proxyProof: ProxyProof | null;
    }
  | { readonly kind: 'matched'; readonly personId: string }
  | { readonly kind: 'investigation-sent'; readonly investigationId: string; readonly to: string }
  | {
      readonly kind: 'finding-received';
      readonly investigationId: string;
      readonly finding: Finding;
      readonly note: string;
    }
  | { readonly kind: 'proposed'; readonly decision: Decision; readonly by: string }
  | { readonly kind: 'sent-back'; readonly reason: string }
  | { readonly kind: 'decided'; readonly decision: Decision; readonly proposedBy: string }
  | { readonly kind: 'extended'; readonly untilOn: string; readonly reason: string }
  | {
      readonly kind: 'fee-fixed';
      readonly sheets: number;
      readonly yenPerSheet: number;
      readonly yen: number;
      readonly rateSource: string;
    }
  | { readonly kind: 'paid'; readonly yen: number; readonly slip: string; readonly paidOn: string }
  | { readonly kind: 'handed-over'; readonly serials: readonly string[]; readonly method: HandOver }
  | { readonly kind: 'lift-proposed'; readonly reason: string; readonly by: string }
  | { readonly kind: 'lift-sent-back'; readonly reason: string }
  | { readonly kind: 'lifted'; readonly reason: string; readonly proposedBy: string }
  | { readonly kind: 'closed'; readonly why: 'handed-over' | 'notified' | 'withdrawn' };
/** `inspection`: shown at the counter, no copy leaves. */
export type HandOver = 'counter' | 'registered-mail' | 'inspection';

/**
 * What a granted stop of use ends: a scope of the system's own list, and within it these tasks alone; without tasks, all.
 * @law 個人情報の保護に関する法律 第98条第1項, 第100条 (必要な限度); 番号利用法 第30条 (読替え)
 */
export interface Stop {
  readonly scope: string;
  readonly tasks: readonly string[];
}
export type Decision =
  /** `stop` where and only where a stop of use is granted. */
  | { readonly word: 'granted'; readonly stop?: Stop | undefined }
  | { readonly word: 'refused'; readonly reason: RefusalReason; readonly note: string };

/** Where a request stands; computed from its steps, never stored. */
export interface CaseState {
  readonly kind: RequestKind;
  readonly role: RequesterRole;
  readonly identityChecked: boolean;
  readonly personId: string | undefined;
  readonly investigationId: string | undefined;
  readonly finding: Finding | undefined;
  readonly proposal: { readonly decision: Decision; readonly by: string } | undefined;
  readonly decision: Decision | undefined;
  readonly extendedTo: string | undefined;
  readonly feeYen: number | undefined;
  readonly paidYen: number | undefined;
  readonly handedOver: boolean;
  readonly closed: boolean;
  /** In force from the decision until it is lifted, whether the request is closed or not. */
  readonly stop: Stop | undefined;
  readonly liftProposal: { readonly reason: string; readonly by: string } | undefined;
  readonly lifted: boolean;
}

export function stateOf(kind: RequestKind, role: RequesterRole, steps: readonly Step[]): CaseState {
  let state: CaseState = {
    kind,
    role,
    identityChecked: false,
    personId: undefined,
    investigationId: undefined,
    finding: undefined,
    proposal: undefined,
    decision: undefined,
    extendedTo: undefined,
    feeYen: undefined,
    paidYen: undefined,
    handedOver: false,
    closed: false,
    stop: undefined,
    liftProposal: undefined,
    lifted: false,
  };
  for (const step of steps) state = { ...state, ...changeOf(step) };
  return state;
}

function changeOf(step: Step): Partial<CaseState> {
  switch (step.kind) {
    case 'identity-checked':
      return { identityChecked: true };
    case 'matched':
      return { personId: step.personId };
    case 'investigation-sent':
      return { investigationId: step.investigationId };
    case 'finding-received':
      return { finding: step.finding };
    case 'proposed':
      return { proposal: { decision: step.decision, by: step.by } };
    case 'sent-back':
      return { proposal: undefined };
    case 'decided':
      return { decision: step.decision, stop: step.decision.word === 'granted' ? step.decision.stop : undefined };
    case 'extended':
      return { extendedTo: step.untilOn };
    case 'fee-fixed':
      return { feeYen: step.yen };
    case 'paid':
      return { paidYen: step.yen };
    case 'handed-over':
      return { handedOver: true };
    case 'lift-proposed':
      return { liftProposal: { reason: step.reason, by: step.by } };
    case 'lift-sent-back':
      return { liftProposal: undefined };
    case 'lifted':
      return { lifted: true };
    case 'closed':
      return { closed: true };
  }
}

export type NotNow =
  | 'already-closed'
  | 'already-done'
  | 'identity-not-checked'
  | 'not-matched'
  | 'finding-missing'
  | 'not-proposed'
  | 'already-decided'
  | 'not-decided'
  | 'was-refused'
  | 'stop-not-stated'
  | 'not-stopped'
  | 'not-for-this-kind';

/**
 * Whether a step may be taken now. Every use case asks here before it does anything, and the pages offer what passes.
 * @law 住民基本台帳法 第30条の32 (開示), 第30条の35 (訂正等の申出と調査)
 */
export function mayTake(state: CaseState, kind: Step['kind'] | 'print-record'): Result<undefined, NotNow> {
  // A stop outlives the request that asked for it.
  if (kind === 'lift-proposed' || kind === 'lift-sent-back' || kind === 'lifted') return mayLift(state, kind);
  if (state.closed) return err('already-closed');
  const decided = state.decision !== undefined;
  switch (kind) {
    case 'identity-checked':
      return state.identityChecked ? err('already-done') : decided ? err('already-decided') : ok(undefined);
    case 'matched':
      if (!state.identityChecked) return err('identity-not-checked');
      return state.personId !== undefined ? err('already-done') : decided ? err('already-decided') : ok(undefined);
    case 'investigation-sent':
      if (state.kind !== 'correction') return err('not-for-this-kind');
      if (state.personId === undefined) return err('not-matched');
      return state.investigationId !== undefined ? err('already-done') : ok(undefined);
    case 'finding-received':
      if (state.investigationId === undefined) return err('not-for-this-kind');
      return state.finding !== undefined ? err('already-done') : ok(undefined);
    case 'proposed':
      if (decided) return err('already-decided');
      return state.proposal !== undefined ? err('already-done') : ok(undefined);
    case 'sent-back':
    case 'decided':
      if (decided) return err('already-decided');
      return state.proposal === undefined ? err('not-proposed') : ok(undefined);
    case 'extended':
      return decided ? err('already-decided') : state.extendedTo !== undefined ? err('already-done') : ok(undefined);
    case 'print-record':
    case 'fee-fixed':
      if (!decided) return err('not-decided');
      return state.decision?.word === 'refused' ? err('was-refused') : ok(undefined);
    case 'paid':
      if (state.feeYen === undefined) return err('not-decided');
      return state.paidYen !== undefined ? err('already-done') : ok(undefined);
    case 'handed-over':
      if (!decided) return err('not-decided');
      return state.handedOver ? err('already-done') : ok(undefined);
    case 'closed':
      // What is in force is lifted, not withdrawn.
      return state.stop === undefined ? ok(undefined) : err('already-decided');
  }
}

function mayLift(state: CaseState, kind: 'lift-proposed' | 'lift-sent-back' | 'lifted'): Result<undefined, NotNow> {
  if (state.stop === undefined || state.lifted) return err('not-stopped');
  if (kind === 'lift-proposed') return state.liftProposal === undefined ? ok(undefined) : err('already-done');
  return state.liftProposal === undefined ? err('not-proposed') : ok(undefined);
}

/** What a decision needs before it can be proposed: a refusal only its reason, a grant the person and, for 訂正, the finding. */
export function mayPropose(state: CaseState, decision: Decision): Result<undefined, NotNow> {
  const open = mayTake(state, 'proposed');
  if (!open.ok || decision.word === 'refused') return open;
  if (!state.identityChecked) return err('identity-not-checked');
  if (state.personId === undefined) return err('not-matched');
  if (state.kind === 'correction' && state.finding === undefined) return err('finding-missing');
  if (state.kind === 'stop-of-use') return decision.stop === undefined ? err('stop-not-stated') : ok(undefined);
  return decision.stop === undefined ? ok(undefined) : err('not-for-this-kind');
}

/** 本人確認: one document of the first group or two of the second. */
export function showsIdentity(documents: readonly IdentityDocument[]): boolean {
  const groups = [...new Set(documents)].map((d) => identityDocuments[d].group as number);
  return groups.includes(1) || groups.filter((g) => g === 2).length >= 2;
}

/** 代理権の確認: a statutory representative by a public document, an appointed one by the letter of authority. */
export const provesProxy = (role: RequesterRole, proof: ProxyProof | null): boolean =>
  role === 'self' || (proof !== null && proxyProofs[proof].role === role);
