import { TAKE_OVER } from "./model/releases.ts";
import { Shell, type ShellFile } from "./model/shell.ts";

/** Written in by the build. */
declare const SHELL_FILES: readonly ShellFile[];

/** Events and globals of a service worker, as far as they are used: the types of pages and of workers exclude each other. */
interface Extendable extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface Fetching extends Extendable {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
}
interface WorkerScope extends EventTarget {
  readonly caches: CacheStorage;
  readonly registration: { readonly scope: string };
  skipWaiting(): Promise<void>;
}

const scope = globalThis as unknown as WorkerScope;
const shell = new Shell({
  scope: scope.registration.scope,
  files: SHELL_FILES,
  caches: scope.caches,
  fetch: (request) => fetch(request),
});

scope.addEventListener("install", (event) => (event as Extendable).waitUntil(shell.install()));
scope.addEventListener("activate", (event) => (event as Extendable).waitUntil(shell.activate()));
scope.addEventListener("fetch", (event) => {
  const { request } = event as Fetching;
  const answer = shell.answer(request);
  if (answer !== undefined) (event as Fetching).respondWith(answer);
});
scope.addEventListener("message", (event) => {
  if ((event as MessageEvent).data === TAKE_OVER) scope.skipWaiting().catch(reportError);
});
