/** Whom a certificate names: a system of an organisation. Both are DNS labels (`meguro`, `resident-tax`). */
export interface Party {
  readonly organisation: string;
  readonly system: string;
}

/** `meguro/resident-tax` */
export type PartyId = string;

export const partyId = ({ organisation, system }: Party): PartyId => `${organisation}/${system}`;

export const isPartyName = (name: string): boolean => /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(name);

/** The name that a system's TLS certificate bears; addresses come from configuration, never from this name. */
export const partyDnsName = ({ organisation, system }: Party): string => `${system}.${organisation}.musubi.internal`;

/** What a key is for. Its certificate says so, and no other use is accepted. */
export const purposes = ['tls', 'signing', 'encryption', 'log'] as const;
export type Purpose = (typeof purposes)[number];
