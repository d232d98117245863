import { type Html, html } from '../html.ts';

export interface ProblemWords {
  readonly status: number;
  readonly title: string;
  readonly gloss: string;
  /** What the reader can do now. */
  readonly advice: string;
  /** A reference number or a reason; never an inner message. */
  readonly detail?: string;
}

/** The problems that any page can meet. A use case's own refusals have their own words in the system. */
export const problemWords = {
  'not-found': {
    status: 404,
    title: 'ページが見つかりません',
    gloss: 'Page not found',
    advice: 'アドレスを確かめるか、メニューから選び直してください。',
  },
  'not-authorised': {
    status: 403,
    title: 'この画面を開く権限がありません',
    gloss: 'You may not open this page',
    advice: '業務に必要な場合は、権限の付与を所属の管理者に申請してください。この操作は記録されました。',
  },
  'signed-out': {
    status: 401,
    title: 'サインインが必要です',
    gloss: 'Please sign in',
    advice: 'サインインし直してから、もう一度操作してください。入力中の内容は登録されていません。',
  },
  'foreign-form': {
    status: 403,
    title: '送信を受け付けられませんでした',
    gloss: 'The form was not accepted',
    advice: '画面の有効期限が切れたか、別の画面から送信されました。画面を開き直して、もう一度入力してください。',
  },
  'unreadable-form': {
    status: 400,
    title: '送信された内容を読み取れませんでした',
    gloss: 'The form could not be read',
    advice: '画面を開き直して、もう一度送信してください。',
  },
  'too-large': {
    status: 413,
    title: '送信された内容が大きすぎます',
    gloss: 'The form is too large',
    advice: 'ファイルを分けて送信してください。',
  },
  broken: {
    status: 500,
    title: '処理を続けられませんでした',
    gloss: 'Something went wrong',
    advice:
      '何も登録されていません。しばらくして同じ操作をしても続く場合は、受付番号をシステム管理者に伝えてください。',
  },
} as const satisfies Record<string, ProblemWords>;

export function problemBody(words: ProblemWords): Html {
  return html`<div class="stack-tight"><p>${words.advice}</p>${words.detail && html`<p class="muted">${words.detail}</p>`}<p class="no-print"><a href="/">最初の画面へ戻る</a></p></div>`;
}
