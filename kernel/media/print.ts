import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { createTypesetter, type Typesetter } from '../documents/typesetter.ts';
import { mediumKinds, mediumStates } from './medium.ts';
import type { PrintedSlip, RegisterLine } from './register.ts';
import type { StockWeek } from './stock-taking.ts';

/* The media office's papers as PDF: 送付票, 磁気ディスク管理簿, 在庫照合の月次報告. They name offices, serials and counts, no person of a register. */

export interface MediaPrinter extends AsyncDisposable {
  slip(slip: PrintedSlip, sender: string): Promise<Uint8Array>;
  ledger(rows: readonly RegisterLine[], print: Print): Promise<Uint8Array>;
  monthly(month: Temporal.PlainYearMonth, weeks: readonly StockWeek[], print: Print): Promise<Uint8Array>;
}
export interface Print {
  readonly office: string;
  readonly on: Temporal.PlainDate;
  readonly at: Temporal.Instant;
}

const totalLabels: Readonly<Record<string, string>> = { given: '提供', payment_yen: '支払金額' };
const weekWords = { closed: '照合済', due: '未了', missed: '実施なし' } as const;
const japanese = (on: Temporal.PlainDate): string => `${on.year}年${on.month}月${on.day}日`;

/** Fonts are loaded with the first document and not before. */
export function mediaPrinter(): MediaPrinter {
  let made: Promise<Typesetter> | undefined;
  const set = async (template: string, title: string, documentId: string, data: object, at: Temporal.Instant) => {
    made ??= createTypesetter({ templatesFolder: fileURLToPath(new URL('./documents', import.meta.url)) });
    // The check code of a document about no person: of its own content, so that two prints of one state are seen to be one.
    const subjectCheck = createHash('sha256').update(JSON.stringify(data)).digest('hex').slice(0, 8).toUpperCase();
    const result = await (await made).render({
      template,
      data,
      documentId,
      subjectCheck,
      title,
      issuedAt: at,
      otherShapes: 'flag',
    });
    if (!result.ok) throw new Error(`media: ${result.error.word} in ${documentId}`);
    return result.value.pdf;
  };
  return {
    slip: (slip, sender) =>
      set(
        'slip.typ',
        '媒体送付票',
        `MEDIA-${slip.handOverId.slice(0, 8).toUpperCase()}`,
        {
          ...slip,
          serial: slip.serial ?? '―',
          sender,
          settleByOn: japanese(Temporal.PlainDate.from(slip.settleByOn)),
          writtenOn: japanese(slip.writtenOn),
          writtenAt: undefined,
          files: slip.files.map((f) => ({
            ...f,
            digest: [f.sha256.slice(0, 32), f.sha256.slice(32)],
            totals: Object.entries(f.totals).map(([code, value]) => ({ label: totalLabels[code] ?? code, value })),
          })),
        },
        slip.writtenAt,
      ),
    ledger: (rows, { office, on, at }) =>
      set(
        'ledger.typ',
        '磁気ディスク管理簿',
        `LEDGER-${on.toString()}`,
        {
          title: '磁気ディスク管理簿',
          note: '登録した媒体の全て。期限を過ぎたもの、返却後に消去していないものに印をつけています。',
          office,
          printedOn: japanese(on),
          columns: ['番号', '種類', '状態', '場所', '貸出先', '目的', '期限', '最終の記録', ''].map((label) => ({
            label,
            wide: label === '目的',
          })),
          rows: rows.map((m) => [
            m.serial,
            mediumKinds[m.kind],
            mediumStates[m.state],
            m.place,
            m.department ?? '',
            m.purpose ?? '',
            m.dueOn?.toString() ?? '',
            m.since.toString(),
            m.overdue ? '超過' : '',
          ]),
        },
        at,
      ),
    monthly: (month, weeks, { office, on, at }) =>
      set(
        'ledger.typ',
        '在庫照合月次報告',
        `STOCK-${month.toString()}`,
        {
          title: `媒体の在庫照合　${month.year}年${month.month}月`,
          note: '週ごとの照合の結果。差のあった週の理由は照合の記録にあります。',
          office,
          printedOn: japanese(on),
          columns: ['週（月曜日）', '結果', '台帳の数', '数えた数', '差', '確認者'].map((label) => ({
            label,
            wide: label === '結果',
          })),
          rows: weeks.map((w) => [
            w.weekOn.toString(),
            weekWords[w.state],
            `${w.expected}`,
            `${w.counted}`,
            `${w.differences}`,
            w.closedBy ?? '',
          ]),
        },
        at,
      ),
    async [Symbol.asyncDispose]() {
      await (await made)?.close();
    },
  };
}
