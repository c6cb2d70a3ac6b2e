/** What a run is told by the environment. Defaults are small: a laptop and a development server carry them. */

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

export function readSettings(defaults) {
  const baseUrl = (__ENV.BASE_URL ?? "http://127.0.0.1:8080").replace(/\/+$/, "");
  refuseStrangers(baseUrl);
  const settings = {
    connections: 50,
    rooms: 1,
    rate: 20,
    durationSeconds: 10,
    vus: 1,
    users: 20,
    textBytes: 200,
    p95Ms: 250,
    p99Ms: 500,
    ...defaults,
  };
  const names = {
    connections: "CONNECTIONS",
    rooms: "ROOMS",
    rate: "RATE",
    durationSeconds: "DURATION",
    vus: "LOAD_VUS",
    users: "USERS",
    textBytes: "TEXT_BYTES",
    p95Ms: "P95_MS",
    p99Ms: "P99_MS",
  };
  for (const [key, name] of Object.entries(names)) {
    if (__ENV[name] !== undefined) settings[key] = positive(name, __ENV[name].replace(/s$/, ""));
  }
  // A room is followed by one VU from its first to its last message: more VUs than rooms have nothing to do.
  settings.vus = Math.min(settings.vus, settings.rooms);
  return { ...settings, baseUrl, wsUrl: `${baseUrl.replace(/^http/, "ws")}/ws` };
}

/** Load is aimed at this machine and nowhere else, unless somebody says that they mean it. */
function refuseStrangers(baseUrl) {
  const host = /^https?:\/\/(\[[^\]]+\]|[^/:]+)(:\d+)?$/.exec(baseUrl)?.[1];
  if (host === undefined) throw new Error(`BASE_URL must be http(s)://host[:port], not ${baseUrl}`);
  if (LOOPBACK.test(host) || __ENV.K6_ALLOW_REMOTE === "1") return;
  throw new Error(`${host} is not this machine: set K6_ALLOW_REMOTE=1 if it is yours and you mean it`);
}

function positive(name, text) {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new Error(`${name} must be a positive number, not ${text}`);
}
