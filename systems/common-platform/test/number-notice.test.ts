import assert from 'node:assert/strict';
import { SettableCivilClock } from '@musubi/kernel/clocks/clock.ts';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import { createPageApp } from '@musubi/kernel/pages/app.ts';
import { trainingTown } from '@musubi/kernel/pages/layout.ts';
import { systemRandom } from '@musubi/kernel/random/random.ts';
import { numberNoticePages, numberNoticePath } from '../web/number-notice.ts';

mechanismTest(
  'input.notice-on-form',
  '002-III.2-R1A-10 個人番号を書く方の案内は誰でも読め、見直しの期限を過ぎた案内は誰にも示さない',
  async () => {
    const civilClock = new SettableCivilClock('2026-06-01');
    const faults: unknown[] = [];
    const app = createPageApp({
      system: { id: 'common-platform', name: '共通連携基盤', gloss: 'Common platform' },
      organisation: { id: 'meguro', name: '目黒区', gloss: 'Meguro City' },
      environment: trainingTown,
      // Nobody is signed in, and nobody could be.
      session: { read: async () => undefined },
      mayOpen: async () => false,
      stylesheet: { href: '/-/style.css', css: '' },
      random: systemRandom,
      onError: (error) => faults.push(error),
    });
    numberNoticePages(app, { civilClock, settings: { mode: 'ward' } });
    const read = async () => {
      const response = await app.fetch(new Request(`http://x${numberNoticePath}`));
      return [response.status, await response.text()] as const;
    };
    const [status, text] = await read();
    assert.equal(status, 200);
    assert.match(text, /給与支払報告書<\/th><td>受給者、その配偶者・扶養親族/);
    assert.match(text, /ほかの方の番号は書かないでください/);
    civilClock.set('2027-04-01');
    const [later, without] = await read();
    assert.equal(later, 503);
    assert.doesNotMatch(without, /給与支払報告書/);
    assert.deepEqual(faults, []);
  },
);
