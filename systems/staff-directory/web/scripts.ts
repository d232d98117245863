import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire, stripTypeScriptTypes } from 'node:module';
import type { PageApp } from '@musubi/kernel/pages/app.ts';
import { type Html, html, raw } from '@musubi/kernel/pages/html.ts';

const names = ['training-authenticator', 'key-storage', 'sign-in'] as const;

/** The scripts of the sign-in pages: the only pages of the product that need any (design §5). */
export interface Scripts {
  mount(app: PageApp): void;
  readonly tags: Html;
}

/** Reads the browser's part, takes the types off, and names the folder by the digest of it all. */
export function browserScripts(): Scripts {
  const webauthn = readFileSync(
    createRequire(import.meta.url)
      .resolve('@simplewebauthn/browser')
      .replace(/(dist|script|esm)\/.*$/, 'dist/bundle/index.umd.min.js'),
    'utf8',
  );
  const own = names.map((name) => {
    const source = readFileSync(new URL(`browser/${name}.ts`, import.meta.url), 'utf8');
    return { name, code: stripTypeScriptTypes(source).replaceAll(/(from '\.\/[a-z-]+)\.ts'/g, "$1.js'") };
  });
  const digest = createHash('sha256').update(webauthn);
  for (const { code } of own) digest.update(code);
  const folder = `/-/sign-in-${digest.digest('hex').slice(0, 12)}`;
  const files = [{ name: 'webauthn', code: webauthn }, ...own];
  return {
    mount(app) {
      for (const { name, code } of files) {
        app.hono.get(
          `${folder}/${name}.js`,
          () =>
            new Response(code, {
              headers: {
                'content-type': 'text/javascript; charset=utf-8',
                'cache-control': 'public, max-age=31536000, immutable',
                'x-content-type-options': 'nosniff',
              },
            }),
        );
      }
    },
    tags: html`<script src="${folder}/webauthn.js" defer></script><script type="module" src="${folder}/sign-in.js"></script>`,
  };
}

/** Puts data attributes on the form that the kit drew. */
export const withData = (drawn: Html, data: Readonly<Record<string, string>>): Html => {
  const attributes = Object.entries(data).map(([name, value]) => html` data-${name}="${value}"`);
  return raw(`${drawn}`.replace('<form ', `<form${attributes.join('')} `));
};
