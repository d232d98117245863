import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import fc from 'fast-check';
import { messagesOf } from '../domain/registers/outgoing.ts';
import { keepReminders } from '../jobs/reminders.ts';
import { takeMessages } from '../service/outgoing.ts';
import { raiseOverdue, reminderActor } from '../service/reminders.ts';
import { messageText } from '../web/messages.ts';
import { anIncident, clerk, officer, second, site, third, type World, world } from './world.ts';

const refused = (error: string) => ({ ok: false, error });
const digest = 'c'.repeat(64);
const aNotice = {
  kind: 'mail',
  subject: '住基ネット操作者研修の開催について（通知）',
  body: '下記のとおり開催します。\n日時：6月20日',
  addressees: 'a@example.lg.jp\nb@example.lg.jp\nc@example.lg.jp',
  approvedDigest: digest,
  plannedOn: '2026-06-12',
};
const checked = { outgoingDigest: digest, checkedOn: '2026-06-10' };
const confirmed = { confirmedKind: 'mail', confirmedCount: '3', confirmedFirst: 'a@example.lg.jp' };
async function released(w: World): Promise<string> {
  const notice = await w.made('notice', aNotice);
  await w.done('notice', notice, 'check', checked, second);
  await w.done('notice', notice, 'release', confirmed, third);
  return notice;
}

mechanismTest('access.second-person', '第二者承認: 登録・変更した本人は、二人目の手続を行えない', async () => {
  await using w = await world();
  const ticket = await w.made('copy-ticket', {
    system: 'prefectural-juki',
    what: 'backup',
    reason: '障害',
    plannedOn: '2026-06-12',
    storage: '暗号化',
  });
  const approve = (by = officer) => w.take('copy-ticket', ticket, 'approve', { approvalDocument: '決裁-1' }, by);
  assert.deepEqual(await approve(), refused('second-person'));
  assert.ok((await approve(second)).ok);
});

mechanismTest(
  'dispatch.one-per-addressee',
  '003-III.7-R1-C22 複数の宛先への通知は、宛先ごとに一通ずつになり、他の宛先は見えない',
  async () => {
    await using w = await world();
    const notice = await released(w);
    const messages = await takeMessages(w.deps, officer, { entryId: notice });
    assert.ok(messages.ok);
    assert.deepEqual(
      messages.value.map((m) => m.to),
      ['a@example.lg.jp', 'b@example.lg.jp', 'c@example.lg.jp'],
    );
  },
);

test('003-III.7-R1-C11 送るメールの一通には一つの宛先だけがあり、送付前には受け取れない', async () => {
  await using w = await world();
  await using s = await site(w);
  const draft = await w.made('notice', aNotice);
  assert.deepEqual(await takeMessages(w.deps, officer, { entryId: draft }), refused('step-not-possible'));
  const notice = await released(w);
  const answer = await s.app.fetch(new Request(`${s.url}/notice/${notice}/messages.mbox`));
  const text = await answer.text();
  assert.equal(text.match(/^To: /gm)?.length, 3);
  assert.ok(!/^(To|Cc|Bcc): .*@.*@/m.test(text));
  assert.ok(text.split('\r\n').every((line) => line.length <= 78));
  const body = Buffer.from(/base64\r\n\r\n([A-Za-z0-9+/=\r\n]+?)\r\n\r\n/.exec(text)![1]!, 'base64').toString();
  assert.match(body, /^下記のとおり/);
  assert.deepEqual(
    await w.open('notice', { ...aNotice, addressees: 'a@example.lg.jp, b@example.lg.jp' }),
    refused('not-an-address'),
  );
  assert.deepEqual(
    await w.open('notice', { ...aNotice, addressees: 'a@example.lg.jp\na@example.lg.jp' }),
    refused('addressee-twice'),
  );
});

const completion = {
  ...aNotice,
  subject: '手続の完了について',
  addressees: 'R-101 a@example.lg.jp\nR-102 b@example.lg.jp\nR-103 c@example.lg.jp',
  individual: 'R-103 訂正を完了しました\nR-101 開示を決定しました\nR-102 取下げを受け付けました',
};

mechanismTest(
  'matching.notice-binding',
  '003-III.7-R1-C34 処理完了の通知は、宛先と内容が受付番号で結ばれ、行がずれても他の方の内容は届かない',
  async () => {
    await using w = await world();
    const notice = await w.made('notice', completion);
    await w.done('notice', notice, 'check', checked, second);
    await w.done('notice', notice, 'release', confirmed, third);
    const messages = await takeMessages(w.deps, officer, { entryId: notice });
    assert.ok(messages.ok);
    assert.deepEqual(
      messages.value.map((m) => [m.to, m.body.split('\n').slice(0, 2).join(' ')]),
      [
        ['a@example.lg.jp', '受付番号 R-101 開示を決定しました'],
        ['b@example.lg.jp', '受付番号 R-102 取下げを受け付けました'],
        ['c@example.lg.jp', '受付番号 R-103 訂正を完了しました'],
      ],
    );
    // A line too few, one of somebody who is not addressed, one twice: nothing can even be registered.
    for (const individual of [
      'R-101 開示を決定しました\nR-102 取下げを受け付けました',
      `${completion.individual}\nR-104 完了しました`,
      `${completion.individual}\nR-101 完了しました`,
    ])
      assert.deepEqual(await w.open('notice', { ...completion, individual }), refused('not-bound'));
  },
);

mechanismTest(
  'dispatch.second-checker',
  '003-III.7-R1-C02 一斉通知の宛先と内容は、別の職員が確かめるまで送れない',
  async () => {
    await using w = await world();
    const notice = await w.made('notice', aNotice);
    assert.deepEqual(await w.take('notice', notice, 'release', confirmed, third), refused('step-not-possible'));
    assert.deepEqual(await w.take('notice', notice, 'check', checked, officer), refused('second-person'));
    assert.ok((await w.take('notice', notice, 'check', checked, second)).ok);
  },
);

test('a notice that was corrected after its check is checked again', async () => {
  await using w = await world();
  const notice = await w.made('notice', aNotice);
  await w.done('notice', notice, 'check', checked, second);
  const { entry } = await w.read('notice', notice);
  const values = { ...aNotice, addressees: `${aNotice.addressees}\nd@example.com` };
  const revise = { entryId: notice, values, reason: '宛先の追加', changes: entry.changes };
  assert.ok((await w.acts('notice').revise(w.deps, third, revise)).ok);
  assert.deepEqual(
    await w.take('notice', notice, 'release', { ...confirmed, confirmedCount: '4' }, second),
    refused('step-not-possible'),
  );
});

mechanismTest(
  'dispatch.release-comparison',
  '003-III.7-R1-C05 送るものが承認された原稿と一致しなければ送れない',
  async () => {
    await using w = await world();
    const notice = await w.made('notice', aNotice);
    const other = { ...checked, outgoingDigest: 'd'.repeat(64) };
    assert.deepEqual(await w.take('notice', notice, 'check', other, second), refused('content-differs'));
    assert.ok((await w.take('notice', notice, 'check', checked, second)).ok);
  },
);

mechanismTest(
  'dispatch.confirmation',
  '003-III.7-R1-C26 送る前に、種類・宛先の数・最初の宛先を確かめさせる',
  async () => {
    await using w = await world();
    const notice = await w.made('notice', aNotice);
    await w.done('notice', notice, 'check', checked, second);
    const release = (more: object) => w.take('notice', notice, 'release', { ...confirmed, ...more }, third);
    for (const wrong of [{ confirmedCount: '2' }, { confirmedFirst: 'b@example.lg.jp' }, { confirmedKind: 'letter' }])
      assert.deepEqual(await release(wrong), refused('confirmation-differs'));
    assert.ok((await release({})).ok);
  },
);

const aLot = {
  name: '住民票コード通知票',
  maker: '住民基本台帳係',
  pieces: '120',
  printOn: '2026-06-11',
  postOn: '2026-06-12',
};
const printed = { printed: '120', enclosed: '120', firstChecker: 'S-1' };
const posted = { posted: '120', postedOn: '2026-06-12', receipt: '引受-1', receiptPieces: '120' };

mechanismTest(
  'dispatch.lot-counts',
  '003-III.7-R1-C12 印刷・封入・発送の数が一致し、二人が宛名と住所を照合するまで発送できない',
  async () => {
    await using w = await world();
    const lot = await w.made('lot', aLot, clerk);
    const take = (step: string, values: Record<string, string>) => w.take('lot', lot, step, values, clerk);
    assert.deepEqual(await take('enclose', { ...printed, enclosed: '119' }), refused('counts-differ'));
    assert.ok((await take('enclose', printed)).ok);
    assert.deepEqual(await take('post', posted), refused('step-not-possible'), 'nobody compared yet');
    assert.deepEqual(await take('compare', { secondChecker: 'S-1' }), refused('second-person'));
    assert.ok((await take('compare', { secondChecker: 'S-2' })).ok);
    assert.deepEqual(await take('post', { ...posted, posted: '121' }), refused('counts-differ'));
    assert.ok((await take('post', posted)).ok);
  },
);

mechanismTest(
  'dispatch.postal-receipt',
  '003-III.7-R1-C16 郵便局の受領証は課長代理と課長の二人が確かめ、作成した係へ渡す',
  async () => {
    await using w = await world();
    const lot = await w.made('lot', aLot, clerk);
    const take = (step: string, values: Record<string, string>) => w.take('lot', lot, step, values, clerk);
    await take('enclose', printed);
    await take('compare', { secondChecker: 'S-2' });
    assert.ok((await take('post', posted)).ok);
    const close = (manager: string) => take('close', { manager, handedTo: '住民基本台帳係' });
    assert.deepEqual(await close('M-1'), refused('receipt-unconfirmed'));
    assert.ok((await take('deputy', { deputy: 'D-1' })).ok);
    assert.deepEqual(await close('D-1'), refused('receipt-unconfirmed'), 'two people');
    assert.ok((await close('M-1')).ok);
  },
);

mechanismTest(
  'dispatch.progress',
  '003-III.7-R1-C14 発送の予定と進み具合は全員に見え、遅れはその日のうちに知らされる',
  async () => {
    await using w = await world('2026-06-10');
    const lot = await w.made('lot', aLot, clerk);
    w.t.deps.civilClock.set('2026-06-12');
    assert.deepEqual(await raiseOverdue(w.deps, reminderActor, null), { ok: true, value: 1 });
    await w.done('lot', lot, 'enclose', printed, clerk);
    assert.equal((await w.read('lot', lot, clerk)).entry.dueOn, '2026-06-12');
    w.t.deps.civilClock.set('2026-06-13');
    assert.deepEqual(await raiseOverdue(w.deps, reminderActor, null), { ok: true, value: 1 });
  },
);

test('INC-69 受渡しは受領の数が合うまで終わらず、手渡しと交換便はその日のうち、はがきは受領証がそろうまで担当に残り、翌日には知らされる', async () => {
  await using w = await world('2026-06-10');
  const aDispatch = {
    recipient: '税務課',
    content: '申請書 50通',
    pieces: '50',
    method: 'bag',
    tracking: '袋-7',
    sentOn: '2026-06-10',
    checkedBy: 'S-2',
  };
  const bag = await w.made('dispatch', aDispatch, clerk);
  const post = await w.made('dispatch', { ...aDispatch, method: 'tracked', tracking: '引受-9' }, clerk);
  assert.equal((await w.read('dispatch', bag, clerk)).entry.dueOn, '2026-06-10');
  assert.equal((await w.read('dispatch', post, clerk)).entry.dueOn, '2026-06-17');
  const receive = (receivedPieces: string) =>
    w.take('dispatch', bag, 'receive', { receivedOn: '2026-06-10', receivedPieces }, clerk);
  // One is missing: the step does not close, whoever holds the register sees how many went and that none is confirmed.
  assert.deepEqual(await receive('49'), refused('difference-unexplained'));
  const { entry } = await w.read('dispatch', bag, clerk);
  assert.deepEqual([entry.state, entry.dueWhat], ['sent', '受領を確かめる（送付50、受領の記録なし）']);
  // Postcards without the post office's receipt: the lot stays open.
  const lot = await w.made('lot', { ...aLot, name: 'はがき', printOn: '2026-06-10', postOn: '2026-06-10' }, clerk);
  const take = (step: string, values: Record<string, string>) => w.take('lot', lot, step, values, clerk);
  assert.ok((await take('enclose', printed)).ok);
  assert.ok((await take('compare', { secondChecker: 'S-2' })).ok);
  assert.ok((await take('post', { ...posted, postedOn: '2026-06-10', receiptPieces: '119' })).ok);
  assert.ok((await take('deputy', { deputy: 'D-1' })).ok);
  const handed = { manager: 'M-1', handedTo: '住民基本台帳係' };
  assert.deepEqual(await take('close', handed), refused('receipt-unconfirmed'));
  // The next day the office is told of each gap once, and of nothing that is in order.
  w.t.deps.civilClock.set('2026-06-11');
  await keepReminders(w.deps, { on: '' });
  assert.deepEqual(w.alarms, [{ code: 'governance.overdue', detail: { count: 1 } }]);
  await keepReminders(w.deps, { on: '' });
  assert.equal(w.alarms.length, 1);
  // The one that never came is an incident; a bag is never both received and lost.
  const incident = await w.made('incident', anIncident);
  assert.ok((await w.take('dispatch', bag, 'lose', { incident }, clerk)).ok);
  assert.deepEqual(await receive('50'), refused('step-not-possible'));
});

test('INC-75 百人への通知は百通になり、どの一通にも他の宛先がない（件名・本文がどうであっても）', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.emailAddress(), { minLength: 1, maxLength: 100 }),
      fc.string({ unit: 'grapheme', maxLength: 100 }),
      fc.string({ unit: 'grapheme', maxLength: 400 }),
      (addressees, subject, body) => {
        const messages = unwrap(messagesOf({ addressees: addressees.join('\n'), subject, body }));
        assert.equal(messages.length, addressees.length);
        for (const [i, message] of messages.entries()) {
          const text = messageText(message);
          const headers = text.slice(0, text.indexOf('\r\n\r\n'));
          assert.equal(headers.split('\r\n').filter((line) => /^(to|cc|bcc):/i.test(line)).length, 1);
          assert.ok(headers.startsWith(`To: ${addressees[i]}\r\n`));
        }
      },
    ),
    { numRuns: 200 },
  );
});

test('INC-76 性質: どの順で、誰と一緒に送っても、一人に届くものは、その一人だけに送るときと一字も違わない', () => {
  const cases = fc.uniqueArray(fc.nat({ max: 9_999 }), { minLength: 1, maxLength: 50 });
  fc.assert(
    fc.property(cases, fc.string({ maxLength: 200 }), (numbers, body) => {
      const valuesFor = (chosen: readonly number[], order: readonly number[]) => ({
        subject: '手続の完了について',
        body,
        addressees: chosen.map((n) => `R-${n} p${n}@example.lg.jp`).join('\n'),
        individual: order.map((n) => `R-${n} 処理${n}を完了しました`).join('\n'),
      });
      const together = unwrap(messagesOf(valuesFor(numbers, numbers.toReversed()))).map(messageText);
      const alone = numbers.flatMap((n) => unwrap(messagesOf(valuesFor([n], [n]))).map(messageText));
      assert.deepEqual(together, alone);
    }),
    { numRuns: 200 },
  );
});
