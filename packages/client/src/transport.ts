/** One WebSocket, the same in a browser and in Node: `#websocket` is resolved to the platform's module. */
export interface Transport {
  send(text: string): void;
  /** Starts the closing handshake; `closed` follows. */
  close(code: number): void;
  /** Lets go at once, for a link that is dead: nothing is reported any more. */
  abort(): void;
}

export interface TransportEvents {
  opened(): void;
  received(text: string): void;
  /** 1006 when there was no closing handshake, or no connection at all. `cause`: why, where the platform says it. */
  closed(code: number, cause?: Error): void;
}

export type OpenTransport = (url: string, subprotocol: string, events: TransportEvents) => Transport;
