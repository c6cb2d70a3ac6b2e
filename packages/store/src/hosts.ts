const PARTS = /^(postgres(?:ql)?:\/\/(?:[^@/?#]*@)?)([^@/?#]*)([/?#].*)?$/;

/** The valid forms of DATABASE_URL, for messages. */
export const POSTGRES_URL_FORMS = "must be postgres://host:port/database, or postgres://host:port,host:port/database";

/** A URL for each host of `url`, which may name several: `postgres://user@one:5432,two:5432/database`. */
export function urlsOfHosts(url: string): readonly [string, ...string[]] {
  const [, before = "", hosts = "", after = ""] = PARTS.exec(url) ?? [];
  const [first, second, ...others] = hosts.split(",").map((host) => `${before}${host}${after}`);
  return first === undefined || second === undefined ? [url] : [first, second, ...others];
}

export function isPostgresUrl(text: string): boolean {
  return urlsOfHosts(text).every((url) => URL.canParse(url) && /^postgres(ql)?:$/.test(new URL(url).protocol));
}

/** For messages: without user, password and database. */
export function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : "a host";
}

/** Weaker `sslmode` values mean the same to today's driver, which warns that this may change. */
const ANY_TLS = /([?&]sslmode=)(prefer|require|verify-ca)(?=&|$)/;

/** TLS that is asked for is checked, certificate and host name, whatever the word; `no-verify` alone checks nothing. */
export function withCheckedTls(url: string): string {
  return url.includes("uselibpqcompat=true") ? url : url.replace(ANY_TLS, "$1verify-full");
}
