export { announce } from "./admin/announce.ts";
export { type Api, createApi } from "./api.ts";
export { announceRevoked } from "./auth/announce-revoked.ts";
export { isUpload } from "./files/upload-path.ts";
export { type ApiSettings, apiSettings } from "./settings.ts";
export type { SecretKey } from "./signin/secret-box.ts";
