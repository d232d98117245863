import type { RightsTable } from '@musubi/kernel/access/rights.ts';
import type { NavEntry } from '@musubi/kernel/pages/app.ts';
import { donationRead } from './service/donations/functions.ts';

/** 申告特例通知 of donations to the ward: who makes the packages never lets them go, and does not close the year. */
export const donationRights: Omit<RightsTable, 'system' | 'residents'> = {
  peers: [],
  staff: {
    'levy-clerk': [['donation', 'update']],
    'levy-chief': [
      ['donation', 'read'],
      ['donation-approval', 'update'],
    ],
    'tax-viewer': [['donation', 'read']],
  },
  jobs: [['one-stop-sending', 'update']],
};

export const donationNav: readonly NavEntry[] = [{ label: '寄附の特例通知', href: '/donations', right: donationRead }];
