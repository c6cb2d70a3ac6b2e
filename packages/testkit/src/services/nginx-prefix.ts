import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openDataDirectory } from "./data-directory.ts";
import { nginxProgram } from "./nginx.ts";
import { provide } from "./provide.ts";
import { type Service, startService } from "./service.ts";

/** An nginx of somebody else that gives a server a path of one site: `location <path> { proxy_pass <target>/; }`. */
export async function startNginxPrefix(path: string, target: string): Promise<Service> {
  const source = await provide(nginxProgram);
  if (source.kind === "container") throw new Error("the nginx of this test runs on this machine or not at all");
  const directory = await openDataDirectory("nginx-prefix", undefined);
  const config = join(directory.path, "nginx.conf");
  await chmod(directory.path, 0o711);
  return await startService({
    name: "nginx-prefix",
    prepare: (port) => writeFile(config, render(directory.path, port, path, target)),
    launch: () => ({
      name: "nginx-prefix",
      command: join(source.directory, "nginx"),
      args: ["-p", directory.path, "-c", config, "-e", join(directory.path, "error.log"), "-g", "daemon off;"],
      stopSignal: "SIGTERM",
    }),
    probe: async (port) => {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`);
      if (!answer.ok) throw new Error(`nginx answers ${answer.status}`);
    },
    cleanUp: directory.close,
  });
}

function render(directory: string, port: number, path: string, target: string): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  return `
pid ${directory}/nginx.pid;
events {}
http {
  access_log off;
  ${temporary.map((name) => `${name}_temp_path ${directory}/${name};`).join("\n  ")}
  map $http_upgrade $connection_upgrade { default upgrade; "" ""; }
  server {
    listen 127.0.0.1:${port};
    location ${path} {
      proxy_pass ${target}/;
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
    }
  }
}
`;
}
