import type { PageApp } from '@musubi/kernel/pages/app.ts';
import { type Chain, type Member, startChain } from '@musubi/national-juki/test/chain-world.ts';
import { townPassword, type World, world } from '@musubi/staff-directory/test/world.ts';
import type { Page } from 'playwright-core';
import type { Deps } from '../deps.ts';
import { addLogAnalysisPages } from '../log-analysis-module.ts';
import { definition } from '../main.ts';
import { addPages } from '../web/pages.ts';

/* The register chain, and at the prefecture's server real people who sign in at the real directory in a real browser. */

const person = (staffId: string, role: string | null, kind: 'employee' | 'contractor' = 'employee') => ({
  staffId,
  displayName: '住基 太郎',
  position: '振興企画課',
  kind,
  roles: role === null ? [] : [{ system: role.startsWith('directory') ? 'staff-directory' : 'prefectural-juki', role }],
});

export interface TerminalWorld extends AsyncDisposable {
  readonly chain: Chain;
  readonly tokyo: Member;
  readonly directory: World;
  /** Address of the server's pages. */
  readonly url: string;
  /** Password, then a software authenticator that this browser registers or has. Ends where it is led. */
  signIn(page: Page, staffId: string, path?: string): Promise<void>;
  enterPassword(page: Page, staffId: string, path?: string): Promise<void>;
}

/** @param blankSeconds after which a record screen leaves the screen; the product's own is three minutes */
export async function startTerminalWorld(blankSeconds = 180): Promise<TerminalWorld> {
  const chain = await startChain();
  const tokyo = chain.member('tokyo/prefectural-juki');
  const directory = await world({
    organisation: 'tokyo',
    staff: [
      person('dir-admin-01', 'directory-administrator'),
      person('section-head-01', 'directory-approver'),
      person('juki-operator-01', 'juki-operator'),
      person('juki-operator-02', 'juki-operator'),
      person('log-analyst-01', 'log-analyst'),
      person('jlis-engineer-01', null, 'contractor'),
    ],
    served: {
      system: 'prefectural-juki',
      host: 'juki.tokyo.localhost',
      rights: definition.rights,
      database: tokyo.t,
      session: { ...definition.session, blankMinutes: blankSeconds / 60 },
      async mount(pages, deps): Promise<PageApp> {
        // The chain's own instance with the sign-in's clocks, sessions and rights over it.
        const own = { ...(tokyo.deps as Deps), ...deps };
        const app = await addPages({ pages }, own);
        addLogAnalysisPages(app, own);
        return app;
      },
    },
  });
  const enterPassword = async (page: Page, staffId: string, path = '/'): Promise<void> => {
    await page.goto(`${directory.tax}${path}`);
    await page.getByLabel('職員ID').fill(staffId);
    await page.getByLabel('パスワード').fill(townPassword);
    await page.getByRole('button', { name: '次へ' }).click();
  };
  return {
    chain,
    tokyo,
    directory,
    url: directory.tax,
    enterPassword,
    async signIn(page, staffId, path = '/') {
      await enterPassword(page, staffId, path);
      await page.waitForURL(/\/(register|second-factor)$/);
      if (page.url().endsWith('/second-factor'))
        await page.getByRole('link', { name: 'このブラウザーに訓練用の認証器を作る' }).click();
      await page.getByRole('button', { name: '訓練用の認証器を登録する' }).click();
      await page.waitForURL(`${directory.tax}${path}`);
    },
    async [Symbol.asyncDispose]() {
      await directory[Symbol.asyncDispose]();
      await chain[Symbol.asyncDispose]();
    },
  };
}
