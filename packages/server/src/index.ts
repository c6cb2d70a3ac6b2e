export { SETTING_NAMES } from "./settings.ts";
