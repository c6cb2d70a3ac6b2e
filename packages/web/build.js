import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { build, defaultClientConditions } from "vite";
import { buildEmoji } from "./build-emoji.js";
import { checkSizes } from "./build-sizes.js";
import { buildWorkers } from "./build-workers.js";

const root = fileURLToPath(new URL(".", import.meta.url));

const target = `${root}public`;

/** The page, ready to be served: index.html, its scripts and styles, and everything in page/ as it is. */
const { output } = await build({
  configFile: false,
  root,
  // The server may stand below a path: every address is relative.
  base: "./",
  mode: "production",
  publicDir: "page",
  logLevel: "warn",
  plugins: [react()],
  resolve: {
    conditions: ["@hubbub/source", ...defaultClientConditions],
    alias: { "react-remove-scroll": `${root}src/ui/overlay/no-scroll-lock.tsx` },
  },
  build: {
    outDir: target,
    emptyOutDir: true,
    target: "es2022",
    cssTarget: ["chrome123", "firefox121", "safari17.5"],
    cssCodeSplit: false,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { checks: { bundlerTimings: false } },
    // Beside the scripts, not named in them and not served.
    sourcemap: "hidden",
  },
});
await checkSizes(target, output);
await buildEmoji(target);
await buildWorkers(root, target);
