import type { PersonalFrame, Tokens } from "@hubbub/protocol";
import type { ClientState } from "./client-state.ts";
import type { GetToken } from "./http.ts";
import type { HubbubError } from "./hubbub-error.ts";
import type { PendingMessage } from "./outbox.ts";
import type { OutboxStorage, RefusedEvent } from "./outbox-storage.ts";
import type { StoredTokens, TokenStorage } from "./session.ts";
import type { OpenTransport } from "./transport.ts";

interface ClientBasics {
  /** Base of the server, for example `http://127.0.0.1:8080`. */
  readonly url: string;
  onState?(state: ClientState): void;
  /** What is not acked yet has changed: `client.pending`. To keep unsent words over a restart. */
  onPending?(pending: PendingMessage[]): void;
  /** How connections are made; default: a WebSocket each. See `sharedTransport`. */
  readonly openTransport?: OpenTransport | undefined;
  /** Keeps events that are not acked over the end of the client: `indexedDbOutbox()`, or `fileOutbox(path)` of `@hubbub/client/node`. */
  readonly outbox?: OutboxStorage | undefined;
  /** The outbox does not work. Events go nevertheless, and are lost if the client ends before. */
  onOutboxError?(error: HubbubError): void;
}

/** With `tokens` the client renews them by itself; with `getToken` that is up to the owner. */
export type ClientOptions = ClientBasics &
  (
    | { readonly tokens: Tokens | StoredTokens; readonly storage?: TokenStorage | undefined }
    | { readonly getToken: GetToken }
  );

/** What `client.on` tells, by its name. */
export interface ClientNews {
  readonly personal: PersonalFrame;
  readonly state: ClientState;
  readonly pending: PendingMessage[];
  readonly refused: RefusedEvent;
}
