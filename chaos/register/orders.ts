import type { LoadedPerson } from '@musubi/contracts/juki/load.ts';

/* What the fault run tells the processes of its servers, and what comes back. */

export interface StartOrder {
  readonly id: string;
  readonly databaseUrl: string;
  readonly home: string;
  /** Where every server answers, and where its identity lies. */
  readonly places: Readonly<Record<string, { readonly port: number; readonly identity: string }>>;
  /** Base64 of DER: what the servers believe. */
  readonly trust: { readonly root: string; readonly list: string; readonly issuer: string };
  /** Of its faults; another one for each process, and after each restart. */
  readonly seed: string;
  readonly troubled: boolean;
  readonly offsetMs: number;
}

/** 届出 that a clerk takes, right or wrong for the person's state. */
export type Filing =
  | { readonly kind: 'moved-in'; readonly person: LoadedPerson; readonly address: string }
  | { readonly kind: 'moved-within'; readonly personId: string; readonly version: number; readonly address: string }
  | {
      readonly kind: 'moved-out' | 'moved-out-cancelled' | 'died';
      readonly personId: string;
      readonly version: number;
    };

export type Order =
  | { readonly do: 'start'; readonly order: StartOrder }
  | { readonly do: 'relay'; readonly streams: readonly { readonly receiver: string; readonly family: string }[] }
  | { readonly do: 'file'; readonly filing: Filing }
  | { readonly do: 'load'; readonly loadId: string; readonly persons: readonly LoadedPerson[] }
  | { readonly do: 'set'; readonly offsetMs: number; readonly troubled: boolean };

export interface Asked {
  readonly no: number;
  readonly order: Order;
}
/** `busy`: something was sent or is still to be sent. */
export type Told = { readonly no: number; readonly busy: boolean; readonly fault?: string } | { readonly hit: string };
