import type { Party, PartyId } from '@musubi/kernel/pki/party.ts';

/** `meguro/resident-tax` → its organisation and system. The settings' schema has checked the form. */
export function partyOfId(id: PartyId): Party {
  const [organisation = '', system = ''] = id.split('/');
  return { organisation, system };
}
