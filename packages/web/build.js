import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { build, defaultClientConditions } from "vite";
import { buildEmoji } from "./build-emoji.js";
import { checkSizes } from "./build-sizes.js";
import { buildWorkers } from "./build-workers.js";

const root = fileURLToPath(new URL(".", import.meta.url));

const target = `${root}public`;

const common = {
  configFile: false,
  root,
  // The server may stand below a path: every address is relative.
  base: "./",
  mode: "production",
  logLevel: "warn",
  plugins: [react()],
  resolve: {
    conditions: ["@hubbub/source", ...defaultClientConditions],
    alias: { "react-remove-scroll": `${root}src/ui/overlay/no-scroll-lock.tsx` },
  },
};
const made = {
  outDir: target,
  target: "es2022",
  cssTarget: ["chrome123", "firefox121", "safari17.5"],
  cssCodeSplit: false,
  assetsInlineLimit: 0,
  modulePreload: { polyfill: false },
  rolldownOptions: { checks: { bundlerTimings: false } },
  // Beside the scripts, not named in them and not served.
  sourcemap: "hidden",
};

/** The page, ready to be served: index.html, its scripts and styles, and everything in page/ as it is. */
const { output } = await build({ ...common, publicDir: "page", build: { ...made, emptyOutDir: true } });
// The page of operators shares nothing with it, so that it adds nothing to what others load.
const { checks } = made.rolldownOptions;
const names = { entryFileNames: "assets/admin-[hash].js", assetFileNames: "assets/admin-[hash][extname]" };
const admin = { input: `${root}admin.html`, output: names, checks };
await build({ ...common, publicDir: false, build: { ...made, emptyOutDir: false, rolldownOptions: admin } });
await checkSizes(target, output);
await buildEmoji(target);
await buildWorkers(root, target);
