export { type Api, createApi } from "./api.ts";
export { type ApiSettings, apiSettings } from "./settings.ts";
