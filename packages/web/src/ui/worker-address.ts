/** The scripts of workers that the build makes (build-workers.js). */
type WorkerScript = "tabs.js" | "sw.js";

/** The browser's own types do not know trusted types yet. */
interface ScriptPolicy {
  createScriptURL(address: string): string;
}
interface WithTrustedTypes {
  readonly trustedTypes?: { createPolicy(name: string, rules: ScriptPolicy): ScriptPolicy };
}

const base = new URL(".", location.href);
const scripts: ReadonlySet<string> = new Set(["tabs.js", "sw.js"].map((name) => new URL(name, base).href));
/** The only policy that the page may have (`trusted-types` in its CSP). It knows two addresses, and makes no HTML and no scripts. */
const policy = (globalThis as WithTrustedTypes).trustedTypes?.createPolicy("hubbub-workers", {
  createScriptURL(address) {
    if (!scripts.has(address)) throw new TypeError(`not a worker of this page: ${address}`);
    return address;
  },
});

/** For `new SharedWorker` and `register`: an address, which the browser trusts where it checks that. */
export function workerAddress(name: WorkerScript): string {
  const { href } = new URL(name, base);
  return policy?.createScriptURL(href) ?? href;
}
