import type { Settings } from "./settings.ts";

/** What a person who typed `npm start` reads. */
export function welcome(settings: Settings, port: number): string {
  const anywhere = settings.HOST === "0.0.0.0" || settings.HOST === "::";
  const url = `http://${anywhere ? "localhost" : settings.HOST}:${port}`;
  return `
  Hubbub is ready.

  in a browser    ${url}
  in a terminal   npx hubbub chat lobby --create --guest --server ${url}
  the API         ${url}/api/v1/docs

  Everything is kept in ${settings.DATA_DIR}. Ctrl-C stops.

`;
}
